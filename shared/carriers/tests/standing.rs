//! Where a shipment stands by answers that are easily read wrongly: taken back, out of
//! order, solved and still named a problem.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use posthorn_carriers::{
    CarrierErrorKind, Found, TrackingResult, find_carrier, recorded::RecordedResponse,
};
use posthorn_domain::{
    condition::ShipmentCondition,
    id::{CarrierId, ShipmentIndex},
    journey::{self, NewShipment, reconcile},
    shipment::{QueryDetails, Shipment},
    tracking_number::TrackingNumber,
};
use std::{fs, path::Path};

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn outcome(carrier: &str, name: &str) -> TrackingResult {
    let id = CarrierId::parse(carrier).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let file = fixtures.join(carrier).join(format!("{name}.http"));
    let recorded = RecordedResponse::parse(&fs::read(file).unwrap()).unwrap();
    let answer = find_carrier(&id)
        .unwrap()
        .parse_response(&recorded.call, &recorded.response);
    answer.outcomes.into_iter().next().unwrap().1
}

fn kind(carrier: &str, name: &str) -> CarrierErrorKind {
    match outcome(carrier, name) {
        TrackingResult::Failed(failure) => failure.kind,
        other => panic!("{carrier}/{name}: {other:?}"),
    }
}

/// The shipment that is meant by a recorded answer.
fn new_shipment(carrier: &str, name: &str) -> Shipment {
    let TrackingResult::Found(found) = outcome(carrier, name) else {
        panic!("{carrier}/{name} tells of no parcel");
    };
    let announced = NewShipment {
        carrier: CarrierId::parse(carrier).unwrap(),
        carrier_name: None,
        query_details: QueryDetails::default(),
        tracking_number: TrackingNumber::parse("1Z9X9E030300010015").ok(),
        tracking_url: None,
        items: Vec::new(),
        eta: None,
        origins: Vec::new(),
    };
    let registered = journey::register_shipment(ShipmentIndex(1), announced, now());
    let meant = Found::newest_first(found).remove(0);
    journey::apply_report(&registered, &meant.report, now()).shipment
}

/// What happened, oldest first, and where the shipment stands.
fn check(carrier: &str, name: &str, happened: &[&str], stands: &str) {
    let shipment = new_shipment(carrier, name);
    let history = reconcile::merged_history(&shipment);
    let codes: Vec<&str> = history.iter().map(|heard| &*heard.scan.code).collect();
    assert_eq!(codes, happened, "{carrier}/{name}");
    assert_eq!(shipment.reason.as_str(), stands, "{carrier}/{name}");
}

#[test]
fn what_cdek_takes_back_never_happened() {
    check(
        "cdek",
        "withdrawn",
        &["CREATED", "ACCEPTED_AT_PICK_UP_POINT"],
        "available_for_pickup.ready",
    );
}

#[test]
fn what_another_scan_cancels_never_happened() {
    check("ups", "pickup_voided", &["MP", "VP"], "info_received.label");
    let codes = ["1/1", "8/4", "8/3", "8/2", "26/2"];
    check(
        "russian_post",
        "handed_over_by_mistake",
        &codes,
        "available_for_pickup.ready",
    );
}

#[test]
fn cdek_says_why_a_shipment_is_late_and_since_when() {
    let conditions = new_shipment("cdek", "delayed").conditions;
    let [ShipmentCondition::Delayed { reason, since }] = conditions.as_slice() else {
        panic!("{conditions:?}");
    };
    assert_eq!(reason.as_str(), "delayed.weather");
    assert_eq!(since.to_string(), "2026-11-09T06:00:00Z");
}

#[test]
fn times_with_and_without_an_offset_are_in_the_order_of_the_wall() {
    check(
        "usps",
        "offsets_of_some",
        &["OF", "55"],
        "attempt_failed.access",
    );
    check(
        "ups",
        "offsets_of_some",
        &["OT", "48"],
        "attempt_failed.not_home",
    );
    check(
        "canada_post",
        "without_daylight_saving",
        &["0100", "0174"],
        "out_for_delivery.today",
    );
    check(
        "canada_post",
        "time_placeholder",
        &["3000", "0174", "1479"],
        "attempt_failed.generic",
    );
}

#[test]
fn a_solution_beats_the_problem_that_goes_on_being_named() {
    check("ups", "released", &["RZ", "RZ"], "customs.released");
    check(
        "ups",
        "released_and_on_its_way",
        &["PU", "DA"],
        "customs.released",
    );
}

#[test]
fn a_notice_card_is_an_attempt_until_the_post_office_has_the_shipment() {
    check(
        "canada_post",
        "notice_card",
        &["0174", "1479", "1703"],
        "attempt_failed.generic",
    );
    check(
        "canada_post",
        "notice_card_then_ready",
        &["1488", "1703", "1701"],
        "available_for_pickup.ready",
    );
}

#[test]
fn a_category_is_the_same_in_small_letters() {
    check(
        "royal_mail",
        "category_in_small_letters",
        &["EVGPD", "EVXXX"],
        "delivered.generic",
    );
}

#[test]
fn of_two_shipments_under_one_number_the_newest_scan_wins() {
    check(
        "fedex",
        "reused_number_newest_first",
        &["PU", "OD"],
        "out_for_delivery.today",
    );
    check(
        "ups",
        "reused_number",
        &["AR", "OT"],
        "out_for_delivery.today",
    );
}

#[test]
fn a_refusal_says_in_words_what_its_code_does_not() {
    assert_eq!(
        kind("fedex", "unauthorized_by_words"),
        CarrierErrorKind::Unauthorized
    );
    assert_eq!(
        kind("fedex", "unavailable_by_words"),
        CarrierErrorKind::Unavailable
    );
    for (carrier, name) in [
        ("fedex", "unavailable_for_a_number"),
        ("postnl", "unavailable_in_a_success"),
        ("ups", "unavailable_in_a_warning"),
        ("cdek", "unavailable_by_words"),
        ("boxberry", "unavailable_by_words"),
        ("royal_mail", "unavailable_by_words"),
    ] {
        assert_eq!(
            kind(carrier, name),
            CarrierErrorKind::Unavailable,
            "{carrier}"
        );
    }
}
