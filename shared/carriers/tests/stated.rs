//! Where a shipment stands whose carrier states more than its scans tell.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use posthorn_carriers::{TrackingResult, find_carrier, recorded::RecordedResponse};
use posthorn_domain::{
    id::{CarrierId, ShipmentIndex},
    journey::{self, NewShipment},
    shipment::{QueryDetails, Shipment},
};
use std::{fs, path::Path};

/// The shipment of a recorded answer.
fn new_shipment(carrier: &str, name: &str) -> Shipment {
    let id = CarrierId::parse(carrier).unwrap();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let file = fixtures.join(carrier).join(format!("{name}.http"));
    let recorded = RecordedResponse::parse(&fs::read(file).unwrap()).unwrap();
    let answer = find_carrier(&id)
        .unwrap()
        .parse_response(&recorded.call, &recorded.response);
    let Some((number, TrackingResult::Found(found))) = answer.outcomes.into_iter().next() else {
        panic!("{carrier}/{name} tells of no parcel");
    };
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let announced = NewShipment {
        carrier: id,
        carrier_name: None,
        query_details: QueryDetails::default(),
        tracking_number: Some(number),
        tracking_url: None,
        items: Vec::new(),
        eta: None,
        origins: Vec::new(),
    };
    let registered = journey::register_shipment(ShipmentIndex(1), announced, now);
    journey::apply_report(&registered, &found[0].report, now).shipment
}

/// The shipment stands where its carrier states, since a time that the carrier
/// gives or none.
#[track_caller]
fn check(carrier: &str, name: &str, expected: &str) {
    let shipment = new_shipment(carrier, name);
    let since = shipment
        .status_since
        .map_or_else(|| "no time".to_owned(), |since| since.to_string());
    assert_eq!(format!("{} since {since}", shipment.reason), expected);
}

#[test]
fn a_status_with_a_time_of_its_own_is_a_scan() {
    for (carrier, since) in [
        ("17track", "2026-11-18T11:05:00-05:00"),
        ("dhl_parcel_de", "2026-11-18T10:02:00+01:00"),
        ("dhl_unified", "2026-11-17T11:59:23"),
        ("gls", "2026-11-18T10:02:00+01:00"),
        ("postnl", "2026-11-18T13:36:42"),
        ("royal_mail", "2026-11-18T11:02:00+00:00"),
        ("shippo", "2026-11-18T16:05:00"),
    ] {
        let shipment = new_shipment(carrier, "stated_ahead_of_scans");
        assert!(shipment.statements.is_empty(), "{carrier}");
        let expected = format!("delivered.generic since {since}");
        check(carrier, "stated_ahead_of_scans", &expected);
    }
    check(
        "gls",
        "handed_over",
        "in_transit.moving since 2026-11-16T18:00:52+01:00",
    );
}

#[test]
fn a_status_without_a_time_moves_the_shipment_and_none_is_invented() {
    for (carrier, since) in [
        ("aftership", "no time"),
        ("easypost", "no time"),
        ("fedex", "2026-11-18T10:26:00-05:00"),
        ("shipengine", "no time"),
        ("ups", "2026-11-18T13:44:07"),
        ("usps", "no time"),
    ] {
        let shipment = new_shipment(carrier, "stated_ahead_of_scans");
        assert_eq!(shipment.statements.len(), 1, "{carrier}");
        let reason = if carrier == "aftership" {
            "delivered.signed"
        } else {
            "delivered.generic"
        };
        let expected = format!("{reason} since {since}");
        check(carrier, "stated_ahead_of_scans", &expected);
    }
    check(
        "17track",
        "expired_on_the_way",
        "expired.silent since no time",
    );
}

#[test]
fn a_code_that_is_not_known_is_still_seen_as_one() {
    for carrier in ["royal_mail", "ups", "usps"] {
        let shipment = new_shipment(carrier, "stated_ahead_of_scans");
        let mut scans = shipment.scans.iter();
        assert!(scans.any(|scan| !scan.is_understood()), "{carrier}");
    }
}

#[test]
fn a_coarser_status_of_the_same_moment_does_not_overrule_the_scan() {
    for (name, expected) in [
        ("customs", "exception.payment_due since 2026-11-19T10:31:00"),
        ("exception", "exception.lost since 2026-11-18T09:31:00"),
        ("returned", "returned.received since 2026-11-30T10:31:00"),
    ] {
        check("postnl", name, expected);
    }
}

#[test]
fn a_scan_that_is_inferred_or_taken_back_is_not_made_one_by_the_status() {
    check(
        "ups",
        "logical_scan",
        "out_for_delivery.today since 2026-11-18T08:12:00-05:00",
    );
}

#[test]
fn an_event_beside_the_journey_ends_it_for_no_recipient() {
    check(
        "dhl_unified",
        "signature_at_a_shop",
        "available_for_pickup.ready since 2026-05-21T11:51:50+02:00",
    );
}

#[test]
fn what_dhl_says_in_words_alone_moves_the_shipment_and_is_told_once() {
    for (name, expected, n_scans) in [
        (
            "sentences_attempt",
            "attempt_failed.not_home since 2026-05-08T15:41:00",
            7,
        ),
        (
            "sentences_collection",
            "available_for_pickup.ready since 2026-05-06T13:09:00",
            3,
        ),
        (
            "sentences_hold",
            "in_transit.moving since 2026-11-14T21:25:00",
            5,
        ),
        (
            "sentences_returned",
            "returned.received since 2026-11-17T10:01:00",
            3,
        ),
        (
            "sentences_name_alone",
            "delivered.generic since 2026-11-17T10:01:00",
            2,
        ),
        (
            "words_notice_left",
            "attempt_failed.generic since 2026-11-17T12:05:00",
            4,
        ),
        (
            "words_return",
            "returning.to_sender since 2026-11-20T09:00:00",
            2,
        ),
        (
            "parcel_locker",
            "available_for_pickup.ready since 2026-08-18T14:02:00",
            2,
        ),
        (
            "unknown_code_failed",
            "exception.generic since 2026-11-17T14:02:00",
            2,
        ),
    ] {
        check("dhl_unified", name, expected);
        assert_eq!(
            new_shipment("dhl_unified", name).scans.len(),
            n_scans,
            "{name}"
        );
    }
    let held = new_shipment("dhl_unified", "sentences_hold");
    assert!(!held.conditions.is_empty());
}

#[test]
fn what_australia_post_says_goes_on_and_is_told_once() {
    check(
        "australia_post",
        "longer_texts",
        "available_for_pickup.ready since 2026-11-17T14:55:37+11:00",
    );
    assert_eq!(
        new_shipment("australia_post", "longer_texts").scans.len(),
        4
    );
    let unknown = new_shipment("australia_post", "unknown_words");
    assert_eq!(unknown.scans.len(), 4);
    assert!(!unknown.scans[3].is_understood());
}
