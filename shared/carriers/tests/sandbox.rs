//! The sandbox walks its scenarios.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{
    Carrier as _, CarrierAccess, CarrierClient, Found, TrackingQuery, TrackingResult,
    carriers::sandbox::Sandbox, client::Timeouts,
};
use posthorn_domain::{report::Report, scan::ScanMeaning, tracking_number::TrackingNumber};

fn registered_at() -> Timestamp {
    "2026-11-16T08:00:00Z".parse().unwrap()
}

/// What it says `hours` of the scenario after registration, at a pace of 3600.
async fn after(number: &str, hours: i64) -> TrackingResult {
    let values = [("pace".to_owned(), "3600".to_owned())];
    let access = CarrierAccess::new(Sandbox.carrier_profile(), values).unwrap();
    let wanted = [TrackingQuery::new(
        TrackingNumber::parse(number).unwrap(),
        registered_at(),
    )];
    let now = registered_at() + SignedDuration::from_secs(hours);
    let client = CarrierClient::new(Timeouts::default()).unwrap();
    let mut outcomes = client
        .track_shipments(&Sandbox, &wanted, &access, now)
        .await;
    outcomes.remove(0).1
}

async fn report(number: &str, hours: i64) -> Report {
    match after(number, hours).await {
        TrackingResult::Found(mut found) => found.remove(0).report,
        outcome => panic!("{outcome:?}"),
    }
}

fn statuses(report: &Report) -> String {
    let mut scans = report.scans.clone();
    scans.sort_by_key(|scan| (scan.time, scan.sequence));
    let names = scans.iter().map(|scan| match scan.meaning {
        ScanMeaning::Status(reason) => reason.to_string(),
        ScanMeaning::Delay(reason) => reason.to_string(),
        ScanMeaning::Note => "note".to_owned(),
        ScanMeaning::Unknown => "unknown".to_owned(),
        ScanMeaning::Withdrawn => "withdrawn".to_owned(),
    });
    names.collect::<Vec<_>>().join(" ")
}

#[tokio::test]
async fn a_straight_shipment_is_delivered_after_fifty_hours() {
    let number = "SANDBOX-STRAIGHT-0001";
    assert_eq!(statuses(&report(number, 0).await), "info_received.label");
    assert_eq!(
        statuses(&report(number, 21).await),
        "info_received.label picked_up.accepted in_transit.departure_scan in_transit.arrival_scan"
    );
    let end = report(number, 50).await;
    assert!(statuses(&end).ends_with("out_for_delivery.today delivered.generic"));
    assert_eq!(end.scans.len(), 8);
    assert_eq!(end.eta, None);
    let eta = report(number, 10).await.eta.unwrap();
    assert_eq!(eta.to.to_string(), "2026-11-18");
}

#[tokio::test]
async fn every_scenario_ends_as_its_name_says() {
    for (name, end) in [
        ("STRAIGHT", "delivered.generic"),
        ("DELAYED", "delivered.generic"),
        ("EXCEPTION", "delivered.generic"),
        ("RETURNED", "delivered.generic"),
        ("LOST", "exception.lost"),
        ("OUTOFORDER", "delivered.generic"),
        ("DUPLICATES", "delivered.generic"),
        ("PICKUP", "delivered.picked_up"),
        ("ATTEMPT", "delivered.generic"),
    ] {
        let report = report(&format!("SANDBOX-{name}-77"), 200).await;
        assert!(statuses(&report).ends_with(end), "{name}");
        assert_eq!(report.is_return, name == "RETURNED");
    }
}

#[tokio::test]
async fn a_delay_moves_the_day_it_is_expected() {
    let before = report("SANDBOX-DELAYED-1", 25).await.eta.unwrap();
    let later = report("SANDBOX-DELAYED-1", 27).await;
    assert!(statuses(&later).ends_with("delayed.weather"));
    assert!(later.eta.unwrap().to > before.to);
}

#[tokio::test]
async fn out_of_order_tells_a_scan_after_later_ones() {
    let before = statuses(&report("SANDBOX-OUTOFORDER-1", 22).await);
    let after = statuses(&report("SANDBOX-OUTOFORDER-1", 24).await);
    assert!(!before.contains("picked_up") && before.contains("departure_scan"));
    assert!(after.starts_with("info_received.label picked_up.accepted in_transit.departure_scan"));
}

#[tokio::test]
async fn no_scan_lies_in_the_future() {
    for hours in 0..100 {
        let now = registered_at() + SignedDuration::from_secs(hours);
        for scan in report("SANDBOX-OUTOFORDER-1", hours).await.scans {
            assert!(scan.time.to_instant().unwrap() <= now);
        }
    }
}

#[tokio::test]
async fn duplicates_make_the_same_hash_only_while_nothing_happens() {
    let answer = |report| Found::new(report).response_hash();
    let first = answer(report("SANDBOX-DUPLICATES-1", 9).await);
    assert_eq!(first, answer(report("SANDBOX-DUPLICATES-1", 19).await));
    assert_ne!(first, answer(report("SANDBOX-DUPLICATES-1", 20).await));
}

#[tokio::test]
async fn an_unheard_scenario_is_not_found() {
    assert_eq!(
        after("SANDBOX-UNHEARD-1", 10).await,
        TrackingResult::NotFound
    );
}

#[tokio::test]
async fn a_number_from_the_future_has_its_label() {
    assert_eq!(
        statuses(&report("SANDBOX-STRAIGHT-1", -10).await),
        "info_received.label"
    );
}

#[tokio::test]
async fn an_old_shipment_under_a_reused_number_is_not_meant() {
    let old = Found::new(report("SANDBOX-STRAIGHT-1", 60).await);
    let registered_later = registered_at() + SignedDuration::from_hours(120 * 24);
    assert_eq!(
        Found::select_meant(vec![old.clone()], registered_later),
        None
    );
    let mut new = old.clone();
    new.shipped_on = Some("2027-03-20".parse().unwrap());
    assert_eq!(
        Found::select_meant(vec![new.clone(), old.clone()], registered_later),
        Some(new)
    );
    assert_eq!(
        Found::select_meant(vec![old.clone()], registered_at()),
        Some(old)
    );
}

#[tokio::test]
async fn where_the_carrier_is_a_guess_an_older_shipment_is_another_one() {
    let told = report("SANDBOX-STRAIGHT-1", 60).await;
    let began = told
        .scans
        .iter()
        .map(|scan| scan.time.local_date())
        .min()
        .unwrap();
    let after = |days: i64| {
        let noon = began.at(12, 0, 0, 0).to_zoned(jiff::tz::TimeZone::UTC);
        noon.unwrap().timestamp() + SignedDuration::from_hours(24 * days)
    };
    let found = Found::new(told);
    let confirms = |found: &Found, days| Found::select_confirmed(vec![found.clone()], after(days));
    assert_eq!(confirms(&found, 0), Some(found.clone()));
    assert_eq!(confirms(&found, 14), Some(found.clone()));
    assert_eq!(confirms(&found, 15), None);
    assert!(Found::select_meant(vec![found.clone()], after(15)).is_some());
    let mut sent_before = found.clone();
    sent_before.shipped_on = Some(began.saturating_sub(jiff::Span::new().days(3)));
    assert_eq!(confirms(&sent_before, 13), None);
    let says_nothing = Found::new(Report::default());
    assert_eq!(confirms(&says_nothing, 0), None);
}
