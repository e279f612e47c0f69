//! How fast messages go out: a queue, a provider, and the rule between them.

use crate::fixtures::at;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::pace::{ChannelRate, SlotGrant, SlotRequest, Urgency};
use std::collections::BTreeMap;

/// What a burst came to.
struct Drained {
    /// When each message went out: urgent or not.
    sent: Vec<(Timestamp, Urgency)>,
    /// How often a message had to go back to the queue.
    n_returns: usize,
    /// How often the shared state was written.
    n_writes: usize,
}

impl Drained {
    /// Seconds until so many were out.
    fn seconds(&self, n: usize) -> f64 {
        self.sent[n - 1]
            .0
            .duration_since(at("22 08:00"))
            .as_secs_f64()
    }

    fn last(&self, urgency: Urgency) -> f64 {
        let of = self.sent.iter().filter(|(_, sent)| *sent == urgency);
        let last = of.map(|(at, _)| *at).max().unwrap();
        last.duration_since(at("22 08:00")).as_secs_f64()
    }

    /// The most within any second.
    fn busiest(&self) -> usize {
        let times: Vec<Timestamp> = self.sent.iter().map(|(at, _)| *at).collect();
        let within = |from: &Timestamp| {
            let until = *from + SignedDuration::from_secs(1);
            times
                .iter()
                .filter(|at| (*from..until).contains(at))
                .count()
        };
        times.iter().map(within).max().unwrap()
    }
}

/// Lets messages come in at their seconds. A message that gets a place goes back to
/// a queue that knows whole seconds and is late by up to `late_ms`, and workers take
/// ten at a time.
fn drain(arrivals: &[(i64, Urgency, usize)], per_second: f64, late_ms: u64) -> Drained {
    let begin = at("22 08:00");
    let mut queue: BTreeMap<Timestamp, Vec<SlotRequest>> = BTreeMap::new();
    for (second, urgency, n) in arrivals {
        let want = SlotRequest {
            urgency: *urgency,
            place: None,
        };
        let at = begin + SignedDuration::from_secs(*second);
        queue.entry(at).or_default().extend(vec![want; *n]);
    }
    let mut pace = ChannelRate::default();
    let mut drained = Drained {
        sent: Vec::new(),
        n_returns: 0,
        n_writes: 0,
    };
    let mut chance = 1_u64;
    while let Some((now, wants)) = queue.pop_first() {
        for batch in wants.chunks(10) {
            drained.n_writes += 1;
            for (want, slot) in batch.iter().zip(pace.grant_slots(batch, per_second, now)) {
                match slot {
                    SlotGrant::At(at) => drained.sent.push((at, want.urgency)),
                    SlotGrant::Place(turn) => {
                        drained.n_returns += 1;
                        let seconds = turn.duration_since(now).as_secs().clamp(1, 900);
                        chance = chance
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1);
                        let late = i64::try_from((chance >> 33) % late_ms.max(1)).unwrap();
                        let back = now
                            + SignedDuration::from_secs(seconds)
                            + SignedDuration::from_millis(late);
                        queue.entry(back).or_default().push(SlotRequest {
                            place: Some(turn),
                            ..*want
                        });
                    }
                }
            }
        }
    }
    drained.sent.sort_by_key(|(at, _)| *at);
    drained
}

#[test]
fn a_burst_is_out_within_a_fifth_more_than_the_ideal_time_and_never_too_fast() {
    for (n, per_second) in [
        (300, 2.0),
        (500, 14.0),
        (5_000, 14.0),
        (5_000, 200.0),
        (40, 1.0),
    ] {
        for late_ms in [0, 1_000, 2_500] {
            let drained = drain(&[(0, Urgency::Usual, n)], per_second, late_ms);
            let ideal = f64::from(u32::try_from(n).unwrap()) / per_second;
            let case = format!("{n} at {per_second}, late by {late_ms} ms");
            assert_eq!(drained.sent.len(), n, "{case}");
            let took = drained.seconds(n);
            assert!(took <= 1.2 * ideal, "{case}: {took:.1} s of {ideal:.1}");
            // The last ones may have to come once more; until then nothing is idle.
            let nearly = drained.seconds(n * 9 / 10);
            assert!(nearly <= ideal, "{case}: nine tenths took {nearly:.1} s");
            let most = drained.busiest();
            let allowed = per_second.ceil() + 1.0;
            assert!(
                f64::from(u32::try_from(most).unwrap()) <= allowed,
                "{case}: {most} in a second"
            );
            assert!(
                drained.n_returns < 2 * n,
                "{case}: {} returns",
                drained.n_returns
            );
        }
    }
}

#[test]
fn what_is_urgent_goes_first_even_if_it_comes_last() {
    let arrivals = [(0, Urgency::Usual, 600), (5, Urgency::Urgent, 60)];
    let drained = drain(&arrivals, 14.0, 1_000);
    let urgent = drained.last(Urgency::Urgent);
    assert!(urgent <= 5.0 + 1.6 * 60.0 / 14.0, "{urgent:.1} s");
    let all = drained.last(Urgency::Usual);
    assert!(all <= 1.2 * 660.0 / 14.0, "{all:.1} s");
}

/// Shops with more urgent messages than the account may send, for five minutes.
#[test]
fn what_is_usual_gets_a_tenth_of_the_rate_however_much_is_urgent() {
    for (rate, late_ms) in [(2_u32, 1_000), (14, 0), (14, 2_500)] {
        let per_second = f64::from(rate);
        let n_urgent = 2 * usize::try_from(rate).unwrap();
        let n_usual = n_urgent / 4 + 1;
        let arrivals: Vec<(i64, Urgency, usize)> = (0..300)
            .flat_map(|second| {
                [
                    (second, Urgency::Urgent, n_urgent),
                    (second, Urgency::Usual, n_usual),
                ]
            })
            .collect();
        let drained = drain(&arrivals, per_second, late_ms);
        let until = at("22 08:05");
        let sent = |urgency| {
            let of = drained.sent.iter();
            let n = of
                .filter(|(at, sent)| *at < until && *sent == urgency)
                .count();
            f64::from(u32::try_from(n).unwrap())
        };
        let (urgent, usual) = (sent(Urgency::Urgent), sent(Urgency::Usual));
        let (all, case) = (300.0 * per_second, format!("{per_second}, {late_ms} ms"));
        assert!(usual >= 0.08 * all, "{case}: {usual} usual of {all}");
        assert!(urgent >= 0.8 * all, "{case}: {urgent} urgent of {all}");
        let most = f64::from(u32::try_from(drained.busiest()).unwrap());
        assert!(
            most <= per_second.ceil() + 1.0,
            "{case}: {most} in a second"
        );
    }
}

#[test]
fn what_comes_one_by_one_goes_at_once() {
    let arrivals: Vec<(i64, Urgency, usize)> = (0..50).map(|n| (n, Urgency::Usual, 1)).collect();
    let drained = drain(&arrivals, 14.0, 1_000);
    assert_eq!(drained.n_returns, 0);
    assert!(drained.n_writes <= 50);
    for (n, (sent, _)) in drained.sent.iter().enumerate() {
        let came = at("22 08:00") + SignedDuration::from_secs(i64::try_from(n).unwrap());
        assert_eq!(*sent, came);
    }
}

/// The account may send two a second and says that it may send fourteen.
#[test]
fn a_provider_that_takes_less_than_it_says_is_not_refused_by_for_long() {
    let mut pace = ChannelRate::default();
    let (mut now, mut taken, mut refused) = (at("22 08:00"), Vec::new(), 0);
    let mut turn = None;
    while now < at("22 08:10") {
        let urgency = Urgency::Usual;
        match pace.grant_slots(
            &[SlotRequest {
                urgency,
                place: turn,
            }],
            14.0,
            now,
        )[0]
        {
            SlotGrant::At(slot) => {
                let recent =
                    |at: &&Timestamp| slot.duration_since(**at) < SignedDuration::from_secs(1);
                if taken.iter().filter(recent).count() < 2 {
                    taken.push(slot);
                } else {
                    refused += 1;
                    pace.slow_down(slot);
                }
                now = slot;
                // There is always another one whose place has come.
                turn = Some(slot);
            }
            SlotGrant::Place(at) => {
                now = at.max(now + SignedDuration::from_millis(1));
                turn = Some(at);
            }
        }
    }
    assert!(refused < 60, "refused {refused} times");
    assert!(taken.len() > 1_000, "only {} taken", taken.len());
}

#[test]
fn what_the_provider_told_is_believed_for_a_while() {
    let mut pace = ChannelRate::default();
    let hour = SignedDuration::from_hours(1);
    assert_eq!(pace.account_rate(hour, at("22 08:00")), None);
    pace.was_told(14.0, at("22 08:00"));
    assert_eq!(pace.account_rate(hour, at("22 08:59")), Some(14.0));
    assert_eq!(pace.account_rate(hour, at("22 09:00")), None);
    let stored = serde_json::to_string(&pace).unwrap();
    assert_eq!(serde_json::from_str::<ChannelRate>(&stored).unwrap(), pace);
}
