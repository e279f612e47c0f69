//! What carriers allow, kept in every window and used nearly to the limit.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{
    CarrierError, CarrierErrorKind, CarrierProfile, TrackingResult,
    profile::{Period, Quota, Unit},
    quota::{
        Acquired, BreakerChange, CircuitBreaker, QuotaUsage, RequestCost, TokenLease,
        shipments_per_message,
    },
};
use proptest::prelude::*;
use std::time::Duration;

const fn calls(limit: u32, period: Period) -> Quota {
    Quota {
        limit,
        unit: Unit::Calls,
        period,
    }
}

const fn rolling(limit: u32, seconds: u64) -> Quota {
    calls(limit, Period::Rolling(Duration::from_secs(seconds)))
}

const fn a_day(limit: u32) -> Quota {
    calls(limit, Period::DayGmt)
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn begin() -> Timestamp {
    at("2026-11-22T00:00:00Z")
}

fn after(milliseconds: i64) -> Timestamp {
    begin() + SignedDuration::from_millis(milliseconds)
}

/// Asks as `times` say (milliseconds, calls wanted at once) and gives when
/// calls went out: each as late as its lease permits.
fn sent(quotas: &[Quota], times: &[(i64, u32)]) -> Vec<i64> {
    let mut ledger = QuotaUsage::default();
    let mut sent = Vec::new();
    for (time, wanted) in times {
        let wanted = RequestCost {
            calls: *wanted,
            numbers: *wanted,
        };
        let lease = ledger.take_lease(quotas, RequestCost::for_request(1), wanted, after(*time));
        if let Ok(lease) = lease {
            let until = lease.until.duration_since(begin()).as_millis();
            let until = i64::try_from(until).unwrap();
            sent.extend((0..lease.cost.calls).map(|n| if n % 2 == 0 { until } else { *time }));
        }
    }
    sent.sort_unstable();
    sent
}

/// The most within any stretch of the quota's period.
fn most(quota: &Quota, sent: &[i64]) -> usize {
    let same = |first: i64, last: i64| match quota.period {
        Period::Rolling(window) => last - first < i64::try_from(window.as_millis()).unwrap(),
        Period::DayGmt => first / 86_400_000 == last / 86_400_000,
    };
    (0..sent.len())
        .map(|first| {
            let stretch = sent[first..].iter();
            stretch.take_while(|last| same(sent[first], **last)).count()
        })
        .max()
        .unwrap_or_default()
}

proptest! {
    #[test]
    fn no_stretch_of_time_sees_more_than_its_quota(
        limit in 1..200_u32,
        seconds in prop::sample::select(vec![1_u64, 5, 10, 60, 900, 3600, 86_400]),
        daily in 1..400_u32,
        gaps in prop::collection::vec((0..200_000_i64, 1..30_u32), 1..300),
    ) {
        let quotas = [rolling(limit, seconds), a_day(daily)];
        let mut time = 80_000_000;
        let times: Vec<(i64, u32)> = gaps
            .into_iter()
            .map(|(gap, wanted)| {
                time += gap;
                (time, wanted)
            })
            .collect();
        let sent = sent(&quotas, &times);
        for quota in &quotas {
            prop_assert!(most(quota, &sent) <= quota.limit as usize);
        }
    }

    #[test]
    fn who_waits_as_told_is_served(
        limit in 1..100_u32,
        seconds in prop::sample::select(vec![1_u64, 5, 60, 3600]),
    ) {
        let quotas = [rolling(limit, seconds), a_day(2000)];
        let (mut ledger, mut now) = (QuotaUsage::default(), begin());
        let least = RequestCost::for_request(1);
        for _ in 0..200 {
            if let Err(wait) = ledger.take_lease(&quotas, least, least, now) {
                now += SignedDuration::try_from(wait).unwrap();
                prop_assert!(ledger.take_lease(&quotas, least, least, now).is_ok());
            }
        }
    }
}

/// Asks for one call each second for `hours`, after one such stretch before it.
#[track_caller]
fn check_use(quotas: &[Quota], hours: i64, allowed: usize) {
    let times: Vec<(i64, u32)> = (0..hours * 3600 * 2)
        .map(|second| (second * 1000, 1))
        .collect();
    let sent = sent(quotas, &times);
    let from = hours * 3_600_000;
    let n_sent = sent.iter().filter(|time| **time >= from).count();
    assert!(n_sent <= allowed, "{n_sent} of {allowed}");
    assert!(n_sent * 100 >= allowed * 95, "{n_sent} of {allowed}");
}

#[test]
fn nearly_all_of_what_is_allowed_can_be_used() {
    check_use(&[rolling(60, 3600)], 6, 360);
    check_use(&[rolling(100, 24 * 3600)], 48, 200);
    check_use(&[rolling(10, 60)], 2, 1200);
    check_use(&[a_day(250), rolling(1, 5)], 24, 250);
}

#[test]
fn a_day_s_quota_is_spread_over_the_day_and_what_is_left_remains() {
    let quotas = [a_day(160)];
    let mut ledger = QuotaUsage::default();
    let mut take = |time: &str| {
        let all = RequestCost {
            calls: 160,
            numbers: 160,
        };
        let lease = ledger.take_lease(&quotas, RequestCost::for_request(1), all, at(time));
        lease.map_or(0, |lease| lease.cost.calls)
    };
    assert_eq!(take("2026-11-22T00:00:00Z"), 10);
    assert_eq!(take("2026-11-22T00:00:01Z"), 0);
    assert_eq!(take("2026-11-22T12:00:00Z"), 75);
    assert_eq!(take("2026-11-22T23:59:59Z"), 74);
    assert_eq!(take("2026-11-23T00:00:00Z"), 10);
}

#[test]
fn a_lease_ends_with_its_day() {
    let lease = QuotaUsage::default()
        .take_lease(
            &[a_day(250)],
            RequestCost::for_request(1),
            RequestCost::for_request(1),
            at("2026-11-22T23:59:59.5Z"),
        )
        .unwrap();
    assert_eq!(lease.until, at("2026-11-22T23:59:59.999Z"));
}

#[test]
fn an_hour_s_quota_is_not_burnt_in_its_first_minute() {
    let mut ledger = QuotaUsage::default();
    let all = RequestCost {
        calls: 60,
        numbers: 60,
    };
    let quotas = [rolling(60, 3600)];
    let lease = ledger
        .take_lease(&quotas, RequestCost::for_request(1), all, begin())
        .unwrap();
    assert_eq!(lease.cost.calls, 15);
    assert!(
        ledger
            .take_lease(&quotas, RequestCost::for_request(1), all, after(1000))
            .is_err()
    );
}

#[test]
fn while_there_is_plenty_a_lease_holds_spare_requests_for_five_minutes() {
    let quotas = [rolling(1400, 10), a_day(100_000)];
    let mut ledger = QuotaUsage::default();
    let noon = at("2026-11-22T12:00:00Z");
    let lease = ledger
        .take_lease(
            &quotas,
            RequestCost::for_request(30),
            RequestCost::for_request(30),
            noon,
        )
        .unwrap();
    assert_eq!(lease.cost.calls, 43);
    assert_eq!(lease.until, noon + SignedDuration::from_mins(5));
    // Half of the ten seconds' quota is leased to others: no more than is wanted.
    for _ in 0..16 {
        ledger
            .take_lease(
                &quotas,
                RequestCost::for_request(30),
                RequestCost::for_request(30),
                noon,
            )
            .unwrap();
    }
    let lease = ledger
        .take_lease(
            &quotas,
            RequestCost::for_request(30),
            RequestCost::for_request(30),
            noon,
        )
        .unwrap();
    assert_eq!(lease.cost.calls, 1);
    assert_eq!(lease.until, noon + SignedDuration::from_millis(250));
}

#[test]
fn numbers_are_counted_where_the_carrier_counts_numbers() {
    let quotas = [Quota {
        unit: Unit::Numbers,
        ..rolling(50, 60)
    }];
    let mut ledger = QuotaUsage::default();
    let cost = RequestCost {
        calls: 2,
        numbers: 40,
    };
    assert_eq!(
        ledger
            .take_lease(&quotas, cost, cost, begin())
            .unwrap()
            .cost
            .numbers,
        40
    );
    let wait = ledger.take_lease(&quotas, cost, cost, begin()).unwrap_err();
    assert!(
        wait > Duration::from_mins(1) && wait < Duration::from_secs(64),
        "{wait:?}"
    );
    assert_eq!(ledger.used_share(&quotas, begin()), 80);
}

#[test]
fn a_quota_that_the_profile_has_no_longer_is_forgotten() {
    let mut ledger = QuotaUsage::default();
    let one = RequestCost::for_request(1);
    ledger
        .take_lease(&[rolling(2, 3600)], one, one, begin())
        .unwrap();
    ledger
        .take_lease(&[rolling(3, 3600)], one, one, begin())
        .unwrap();
    let mut afresh = QuotaUsage::default();
    afresh
        .take_lease(&[rolling(3, 3600)], one, one, begin())
        .unwrap();
    assert_eq!(ledger, afresh);
}

#[test]
fn a_ledger_in_full_use_is_less_than_a_kilobyte() {
    let quotas = [rolling(60, 3600), rolling(1400, 10), a_day(100_000)];
    let mut ledger = QuotaUsage::default();
    for second in 0..7200 {
        let one = RequestCost::for_request(1);
        if let Ok(lease) = ledger.take_lease(&quotas, one, one, after(second * 1000)) {
            assert!(lease.cost.covers_cost(one));
        }
    }
    let stored = serde_json::to_string(&ledger).unwrap();
    assert!(stored.len() < 900, "{stored}");
    assert_eq!(serde_json::from_str::<QuotaUsage>(&stored).unwrap(), ledger);
}

#[test]
fn a_minute_s_allowance_is_what_the_quotas_let_through() {
    let ledger = QuotaUsage::default();
    let each_minute = |quotas: &[Quota], minutes: i64| -> u32 {
        let minute = |n| ledger.minute_allowance(quotas, after(n * 60_000)).calls;
        (0..minutes).map(minute).sum()
    };
    assert_eq!(each_minute(&[rolling(10, 60)], 100), 960);
    assert_eq!(each_minute(&[rolling(1, 5)], 10), 111);
    assert_eq!(each_minute(&[rolling(1, 5), a_day(160)], 1), 10);
    assert_eq!(
        ledger.minute_allowance(&[], begin()),
        RequestCost::UNLIMITED
    );
}

#[test]
fn a_purse_pays_until_its_lease_is_spent_or_over() {
    let quotas = [rolling(60, 60)];
    let mut ledger = QuotaUsage::default();
    let three = RequestCost {
        calls: 3,
        numbers: 3,
    };
    let mut purse = TokenLease::default();
    let one = RequestCost::for_request(1);
    assert_eq!(purse.acquire_tokens(one, begin()), Acquired::Empty);
    let lease = ledger.take_lease(&quotas, one, three, begin()).unwrap();
    purse.add_lease(lease);
    assert_eq!(purse.acquire_tokens(one, begin()), Acquired::Paid);
    assert_eq!(purse.acquire_tokens(one, lease.until), Acquired::Paid);
    assert_eq!(
        purse.acquire_tokens(one, lease.until + SignedDuration::from_millis(1)),
        Acquired::Empty
    );
    purse.close_for(Duration::from_secs(5), begin());
    assert_eq!(
        purse.acquire_tokens(three, after(2000)),
        Acquired::Closed(Duration::from_secs(3))
    );
    assert_eq!(purse.acquire_tokens(three, after(5000)), Acquired::Empty);
}

#[test]
fn a_message_holds_whole_calls() {
    let with = |batch| {
        shipments_per_message(&CarrierProfile {
            batch,
            ..CarrierProfile::with_name("acme", "Acme")
        })
    };
    assert_eq!(
        [1, 10, 20, 25, 30, 40, 500].map(with),
        [25, 20, 20, 25, 30, 40, 100]
    );
}

fn failed(kind: CarrierErrorKind) -> TrackingResult {
    CarrierError::new(kind, "failed").into()
}

fn pause(seconds: i64, consecutive_failures: u32) -> BreakerChange {
    let until = after(seconds * 1000);
    BreakerChange::BackOff {
        until,
        consecutive_failures,
    }
}

#[test]
fn a_carrier_that_fails_three_rounds_in_a_row_is_left_alone() {
    let mut breaker = CircuitBreaker::default();
    let down = [
        failed(CarrierErrorKind::Unavailable),
        failed(CarrierErrorKind::Unavailable),
    ];
    assert_eq!(breaker.note_outcomes(&down, 0, begin()), None);
    assert_eq!(breaker.note_outcomes(&down, 0, begin()), None);
    // One answer among failures, and the count begins anew.
    let mixed = [
        failed(CarrierErrorKind::Unavailable),
        TrackingResult::NotFound,
    ];
    assert_eq!(breaker.note_outcomes(&mixed, 0, begin()), None);
    assert_eq!(breaker.note_outcomes(&down, 0, begin()), None);
    assert_eq!(breaker.note_outcomes(&down, 0, begin()), None);
    assert_eq!(breaker.current_backoff(begin()), None);
    assert_eq!(
        breaker.note_outcomes(&down, 0, begin()),
        Some(pause(120, 1))
    );
    assert_eq!(
        breaker.current_backoff(begin()),
        Some(Duration::from_mins(2))
    );
    assert_eq!(breaker.current_backoff(after(120_000)), None);
}

#[test]
fn a_probe_that_fails_doubles_the_pause_and_one_that_is_answered_ends_it() {
    let refused = [failed(CarrierErrorKind::Unauthorized)];
    let probe = |consecutive_failures| {
        CircuitBreaker::default().note_outcomes(&refused, consecutive_failures, begin())
    };
    assert_eq!(probe(1), Some(pause(240, 2)));
    assert_eq!(probe(2), Some(pause(480, 3)));
    assert_eq!(probe(9), Some(pause(3600, 10)));
    let found = [TrackingResult::NotFound];
    assert_eq!(
        CircuitBreaker::default().note_outcomes(&found, 3, begin()),
        Some(BreakerChange::Resume)
    );
    assert_eq!(
        CircuitBreaker::default().note_outcomes(&found, 0, begin()),
        None
    );
}

#[test]
fn who_asks_us_to_wait_is_left_alone_for_as_long() {
    let note = |after| {
        let limited = [
            TrackingResult::NotFound,
            failed(CarrierErrorKind::RateLimited { after }),
        ];
        CircuitBreaker::default().note_outcomes(&limited, 0, begin())
    };
    assert_eq!(note(Some(Duration::from_secs(7))), Some(pause(7, 0)));
    assert_eq!(note(None), Some(pause(60, 0)));
}

#[test]
fn a_round_that_our_own_count_held_back_says_nothing_of_the_carrier() {
    let mut breaker = CircuitBreaker::default();
    let kind = CarrierErrorKind::OutOfQuota {
        after: Duration::from_mins(1),
    };
    for _ in 0..9 {
        assert_eq!(breaker.note_outcomes(&[failed(kind)], 1, begin()), None);
    }
}
