//! What time alone brings, and how often a shipment is asked after.

use crate::{
    fixtures::{at, new_shipment, scan},
    journeys::{advanced, report},
};
use jiff::SignedDuration;
use posthorn_domain::{
    cadence::{self, Cadence},
    id::CarrierId,
    journey::{self as rules, ElapsedEffect, PollState},
    report::Report,
    shipment::Shipment,
    status::Reason,
};

#[test]
fn silence_becomes_due_once_and_is_broken_by_news() {
    let shipment = advanced(
        &new_shipment(1),
        &report(&[scan("in_transit", "22 09:00")]),
        at("22 10:00"),
    );
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&shipment), at("26 09:59")),
        None
    );
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&shipment), at("26 10:00")),
        Some(ElapsedEffect::Stalled)
    );
    let stalled = rules::apply_elapsed_time(&shipment, at("26 10:00"));
    assert!(stalled.is_news);
    assert_eq!(stalled.shipment.stalled_since(), Some(at("26 10:00")));
    assert_eq!(stalled.shipment.changed_at, shipment.changed_at);
    assert_eq!(stalled.shipment.cadence, Some(Cadence::EightHours));
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&stalled.shipment), at("27 10:00")),
        None
    );
    assert!(!rules::apply_elapsed_time(&stalled.shipment, at("27 10:00")).is_news);
    let moving = advanced(
        &stalled.shipment,
        &report(&[scan("in_transit", "27 09:00")]),
        at("27 10:00"),
    );
    assert_eq!(moving.stalled_since(), None);
    assert_eq!(moving.cadence, Some(Cadence::ThreeHours));
}

#[test]
fn a_number_that_no_carrier_knows_is_given_up_and_any_news_reopens_it() {
    let later = |days: i64| at("22 08:00") + SignedDuration::from_hours(24 * days);
    let waiting = rules::not_found(&new_shipment(1), later(3));
    assert!(!waiting.is_news);
    assert_eq!(waiting.shipment, new_shipment(1));
    let given_up = rules::not_found(&new_shipment(1), later(30)).shipment;
    assert_eq!(given_up.reason, Reason::Silent);
    assert_eq!(given_up.cadence, Some(Cadence::Day));
    assert_eq!(rules::not_found(&given_up, later(36)).shipment, given_up);
    let out = rules::not_found(&given_up, later(37));
    assert_eq!((out.shipment.cadence, out.is_news), (None, false));
    let empty = rules::apply_report(&out.shipment, &Report::default(), later(38));
    assert_eq!(empty.shipment.reason, Reason::Silent);
    let reopened = advanced(
        &out.shipment,
        &report(&[scan("in_transit", "22 09:00")]),
        later(40),
    );
    assert_eq!(reopened.reason, Reason::Moving);
    assert_eq!(reopened.cadence, Some(Cadence::ThreeHours));
}

#[test]
fn the_post_takes_longer_than_an_express_carrier() {
    let mut shipment = new_shipment(1);
    shipment.carrier = CarrierId::parse("usps").unwrap();
    let later = |days: i64| at("22 08:00") + SignedDuration::from_hours(24 * days);
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&shipment), later(5)),
        None
    );
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&shipment), later(59)),
        Some(ElapsedEffect::Stalled)
    );
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&shipment), later(60)),
        Some(ElapsedEffect::Expired)
    );
}

#[test]
fn after_its_end_a_shipment_is_looked_at_for_a_week() {
    let delivered = advanced(
        &new_shipment(1),
        &report(&[scan("delivered", "22 09:00")]),
        at("22 10:00"),
    );
    assert_eq!(delivered.cadence, Some(Cadence::Day));
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&delivered), at("29 09:59")),
        None
    );
    assert_eq!(
        rules::elapsed_effect(&PollState::from(&delivered), at("29 10:00")),
        Some(ElapsedEffect::Finished)
    );
    let out = rules::apply_elapsed_time(&delivered, at("29 10:00"));
    assert_eq!(out.shipment.cadence, None);
    assert!(out.must_write(&delivered) && !out.is_news);
}

#[test]
fn how_often_it_is_asked_follows_where_it_stands() {
    for (what, expected) in [
        ("info_received", Cadence::EightHours),
        ("in_transit", Cadence::ThreeHours),
        ("out_for_delivery", Cadence::QuarterHour),
        ("exception.bad_address", Cadence::Hour),
        ("available_for_pickup", Cadence::ThreeHours),
        ("delivered", Cadence::Day),
    ] {
        let shipment = advanced(
            &new_shipment(1),
            &report(&[scan(what, "22 09:00")]),
            at("22 10:00"),
        );
        assert_eq!(shipment.cadence, Some(expected), "{what}");
        let sandbox = Shipment {
            carrier: CarrierId::parse("sandbox").unwrap(),
            ..shipment.clone()
        };
        let cadence = if what == "delivered" {
            Cadence::Day
        } else {
            Cadence::Minute
        };
        assert_eq!(
            cadence::poll_cadence(&sandbox, at("22 10:00")),
            Some(cadence),
            "{what}"
        );
        let manual = Shipment {
            carrier: CarrierId::parse("manual").unwrap(),
            ..shipment
        };
        assert_eq!(
            cadence::poll_cadence(&manual, at("22 10:00")),
            None,
            "{what}"
        );
    }
}

#[test]
fn a_number_that_its_carrier_no_longer_keeps_is_given_up_at_once() {
    let moving = advanced(
        &new_shipment(1),
        &report(&[scan("in_transit", "22 09:00")]),
        at("22 10:00"),
    );
    let forgotten = rules::expire_tracking(&moving, at("30 10:00"));
    assert!(forgotten.is_news && forgotten.must_write(&moving));
    assert_eq!(forgotten.shipment.reason, Reason::Silent);
    assert_eq!(forgotten.shipment.changed_at, at("30 10:00"));
    assert!(!rules::expire_tracking(&forgotten.shipment, at("30 11:00")).is_news);
    let delivered = advanced(
        &moving,
        &report(&[scan("delivered", "23 09:00")]),
        at("23 10:00"),
    );
    assert!(!rules::expire_tracking(&delivered, at("30 10:00")).is_news);
}

#[test]
fn after_its_end_a_shipment_is_looked_at_on_the_next_day_and_after_a_week() {
    let delivered = advanced(
        &new_shipment(1),
        &report(&[scan("delivered", "01 09:00")]),
        at("01 10:00"),
    );
    let given_up = rules::expire_tracking(&new_shipment(1), at("01 10:00")).shipment;
    let looks = |shipment: &Shipment, slot: i64| -> Vec<i64> {
        let glance = PollState::from(shipment);
        let at = |day: i64| shipment.changed_at + SignedDuration::from_hours(24 * day + slot);
        (0..9)
            .filter(|day| !cadence::is_resting(&glance, at(*day)))
            .collect()
    };
    assert_eq!(looks(&delivered, 0), [1, 7, 8]);
    assert_eq!(looks(&delivered, 11), [1, 7, 8]);
    assert_eq!(looks(&delivered, 12), [0, 7, 8]);
    assert_eq!(looks(&delivered, 23), [0, 7, 8]);
    assert_eq!(looks(&given_up, 5), [7, 8]);
    assert_eq!(looks(&new_shipment(1), 0).len(), 9);
}

#[test]
fn a_shipment_that_was_given_up_is_followed_again_when_the_shop_says_so() {
    let again = |shipment: &Shipment| {
        let (carrier, number) = (shipment.carrier.clone(), shipment.tracking_number.clone());
        rules::correct_number(shipment, carrier, number, at("30 10:00"))
    };
    let moving = advanced(
        &new_shipment(1),
        &report(&[scan("in_transit", "01 09:00")]),
        at("01 10:00"),
    );
    assert_eq!(again(&moving), moving);
    let given_up = rules::expire_tracking(&moving, at("20 10:00")).shipment;
    let reopened = again(&given_up);
    assert_eq!(reopened.reason, Reason::Moving);
    assert_eq!(reopened.cadence, Some(Cadence::ThreeHours));
    assert_eq!(reopened.version, given_up.version + 1);
    assert_eq!(reopened.scans, moving.scans);
    // Its silence counts from then, once.
    let later = at("30 10:00") + SignedDuration::from_hours(30 * 24);
    let out = rules::not_found(&reopened, later).shipment;
    assert_eq!(out.reason, Reason::Silent);
    let unseen = again(&rules::expire_tracking(&new_shipment(1), at("20 10:00")).shipment);
    assert_eq!(unseen.reason, Reason::NoInfo);
}
