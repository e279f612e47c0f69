//! What a carrier tells by itself: how often it is asked besides, whether it keeps
//! its promise, and one event told twice in different words.

use crate::{
    fixtures::{at, new_shipment, scan},
    journeys::{advanced, report},
};
use jiff::SignedDuration;
use posthorn_domain::{
    cadence::{self, Cadence},
    journey as rules,
    scan::Scan,
    shipment::Shipment,
    subscription::{is_broken, is_reliable},
};

/// A shipment in transit since 22 09:00, of which its carrier tells until 6 December.
fn subscribed() -> Shipment {
    let moving = advanced(
        &new_shipment(1),
        &report(&[scan("in_transit", "22 09:00")]),
        at("22 10:00"),
    );
    let until = at("22 10:00") + SignedDuration::from_hours(14 * 24);
    rules::record_subscription(&moving, Some(until), at("22 10:00"))
}

#[test]
fn who_is_told_asks_less_often_until_shortly_before_the_end() {
    let shipment = subscribed();
    assert_eq!(shipment.cadence, Some(Cadence::EightHours));
    let days = |days: i64| at("22 10:00") + SignedDuration::from_hours(24 * days);
    assert!(is_reliable(shipment.subscribed_until, days(11)));
    assert_eq!(
        cadence::poll_cadence(&shipment, days(3)),
        Some(Cadence::EightHours)
    );
    // The poll sees another cadence than the shipment's, and renews.
    assert!(!is_reliable(shipment.subscribed_until, days(12)));
    assert_eq!(
        cadence::poll_cadence(&shipment, days(12)),
        Some(Cadence::ThreeHours)
    );
    assert!(!is_reliable(None, days(0)));
}

#[test]
fn it_goes_on_asking_whatever_the_state() {
    for (what, expected) in [
        ("out_for_delivery", Cadence::Hour),
        ("exception", Cadence::ThreeHours),
        ("in_transit", Cadence::EightHours),
        ("info_received", Cadence::EightHours),
        ("delivered", Cadence::Day),
    ] {
        let now = at("22 12:00");
        let next = Shipment {
            scans: Vec::new(),
            ..subscribed()
        };
        let next = advanced(&next, &report(&[scan(what, "22 11:00")]), now);
        assert_eq!(cadence::poll_cadence(&next, now), Some(expected), "{what}");
    }
}

#[test]
fn a_scan_that_is_found_by_asking_breaks_the_promise_if_it_is_old() {
    let before = subscribed();
    let after = advanced(
        &before,
        &report(&[scan("in_transit", "22 09:00"), scan("customs", "22 14:00")]),
        at("22 14:30"),
    );
    assert!(!is_broken(&before, &after, at("22 14:30")));
    assert!(!is_broken(&before, &after, at("22 15:00")));
    assert!(is_broken(&before, &after, at("22 15:01")));
    let never_promised = rules::record_subscription(&before, None, at("22 10:00"));
    assert!(!is_broken(&never_promised, &after, at("22 18:00")));
    assert!(!is_broken(&before, &before, at("22 18:00")));
}

fn told(text: &str, city: &str) -> Scan {
    let mut scan = scan("out_for_delivery", "22 11:00");
    text.clone_into(&mut scan.text);
    scan.place.city = Some(city.to_owned());
    scan
}

#[test]
fn an_event_that_is_told_in_other_words_is_one_event() {
    let (pushed, answered) = (
        told("Out for Delivery", "Charlotte"),
        told("Out For Delivery Today", "CHARLOTTE"),
    );
    let now = at("22 12:00");
    let mut results = Vec::new();
    for order in [[&pushed, &answered], [&answered, &pushed]] {
        let first = advanced(&subscribed(), &report(&[order[0].clone()]), now);
        let second = rules::apply_report(&first, &report(&[order[1].clone()]), now);
        assert_eq!(second.new_scans, 0);
        assert_eq!(second.shipment.scans.len(), 2);
        assert!(!is_broken(&first, &second.shipment, at("22 18:00")));
        let again = rules::apply_report(&second.shipment, &report(&[order[0].clone()]), now);
        assert!(!again.is_news);
        results.push(second.shipment.scans);
    }
    assert_eq!(results[0], results[1]);
    assert_eq!(results[0][1].place.city.as_deref(), Some("Charlotte"));
}

#[test]
fn two_events_of_one_moment_in_one_answer_are_two() {
    let scans = [told("Departed", "Albany"), told("Arrived", "Boston")];
    let both = advanced(&subscribed(), &report(&scans), at("22 12:00"));
    assert_eq!(both.scans.len(), 3);
    let first = advanced(&subscribed(), &report(&scans[..1]), at("22 12:00"));
    let then = rules::apply_report(&first, &report(&scans), at("22 12:00"));
    assert_eq!((then.shipment.scans.len(), then.new_scans), (3, 1));
}

#[test]
fn without_a_code_or_a_time_of_day_only_the_same_words_are_the_same() {
    let (mut one, mut other) = (told("Departed", "Albany"), told("Arrived", "Boston"));
    one.code.clear();
    other.code.clear();
    assert!(!one.is_retold_by(&other));
    let (mut one, mut other) = (told("Departed", "Albany"), told("Arrived", "Boston"));
    for scan in [&mut one, &mut other] {
        scan.time = posthorn_domain::time::ScanTime::from_day(scan.time.local_date());
    }
    assert!(!one.is_retold_by(&other));
    assert!(one.is_retold_by(&one.clone()));
}
