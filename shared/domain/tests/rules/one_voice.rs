//! Which message is sent, which is not, and which instead of another.

use crate::{
    fixtures::{at, scan},
    messages::{check, sent_messages},
    story::{Step, Story, journey},
};
use jiff::{SignedDuration, ToSpan as _, civil::date};

#[test]
fn each_day_on_the_vehicle_is_announced() {
    check(
        &journey![
            "parcel" @ "22 09:00", "out_for_delivery" @ "23 08:30", "out_for_delivery" @ "23 12:00",
            "out_for_delivery" @ "24 08:30", "delivered" @ "24 11:00",
        ],
        "shipped · out_for_delivery · out_for_delivery · delivered",
        "shipped · out_for_delivery · out_for_delivery",
    );
}

#[test]
fn a_second_delivery_day_after_a_failed_attempt_is_announced() {
    check(
        &journey![
            "parcel" @ "22 09:00", "out_for_delivery" @ "23 08:30",
            "attempt_failed.not_home" @ "23 11:00", "in_transit" @ "23 19:00",
            "out_for_delivery" @ "24 08:30",
        ],
        "shipped · out_for_delivery · attempt_failed · out_for_delivery",
        "shipped · out_for_delivery · attempt_failed · out_for_delivery",
    );
}

/// Its versions begin anew from an older one; the ledger knows the higher one.
#[test]
fn what_comes_after_a_shipment_was_restored_from_a_backup_is_told() {
    let mut story = Story::new();
    story.play(&journey![
        "parcel" @ "22 09:00", "out_for_delivery" @ "23 08:30",
        "attempt_failed.not_home" @ "23 11:00", "in_transit" @ "23 19:00",
    ]);
    story.shipments[0].version = 0;
    story.play(&journey!["out_for_delivery" @ "24 08:30"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · out_for_delivery · attempt_failed · out_for_delivery"
    );
}

/// The clock of one machine may be behind that of another.
#[test]
fn versions_order_what_happened_at_almost_the_same_time() {
    let mut story = Story::new();
    story.play(&journey![
        "parcel" @ "22 09:00", "out_for_delivery" @ "23 08:30",
    ]);
    story.step(&Step {
        what: "attempt_failed.not_home",
        at: "23 11:00",
    });
    for fact in &mut story.facts {
        fact.at = at("23 08:30") - SignedDuration::from_secs(1);
    }
    story.dispatch();
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · out_for_delivery · attempt_failed"
    );
}

#[test]
fn that_the_recipient_was_contacted_says_nothing_of_today_and_uses_nothing_up() {
    check(
        &journey![
            "parcel" @ "22 09:00", "out_for_delivery.contacted" @ "23 08:30", "wait" @ "23 12:00",
        ],
        "shipped",
        "shipped",
    );
    for today in ["23 10:00", "24 08:30"] {
        let mut story = Story::new();
        story.play(&journey!["parcel" @ "22 09:00", "out_for_delivery.contacted" @ "23 08:30"]);
        story.deliver(&[scan("out_for_delivery.today", today)], today);
        story.dispatch();
        assert_eq!(
            sent_messages(&story, "email"),
            "shipped · out_for_delivery",
            "{today}"
        );
    }
}

#[test]
fn a_call_on_the_day_does_not_take_back_that_it_comes() {
    let mut story = Story::new();
    story.play(&journey!["parcel" @ "22 09:00"]);
    let scans = ["out_for_delivery.today", "out_for_delivery.contacted"];
    story.deliver(&[scan(scans[0], "23 08:00")], "23 08:01");
    let facts = std::mem::take(&mut story.facts);
    story.deliver(&[scan(scans[1], "23 08:02")], "23 08:02");
    for fact in &facts {
        story.tell(fact);
    }
    assert_eq!(sent_messages(&story, "email"), "shipped · out_for_delivery");
}

#[test]
fn an_appointment_is_told_by_itself_and_its_day_when_it_comes() {
    check(
        &journey![
            "parcel" @ "22 09:00", "out_for_delivery.appointment" @ "23 08:30",
            "out_for_delivery.today" @ "25 08:00", "delivered" @ "25 11:00",
        ],
        "shipped · appointment · out_for_delivery · delivered",
        "shipped · out_for_delivery",
    );
    check(
        &journey![
            "parcel" @ "22 09:00", "eta 25" @ "22 10:00",
            "out_for_delivery.appointment" @ "23 08:30", "eta 27" @ "24 10:00",
        ],
        "shipped · appointment · eta_revised",
        "shipped",
    );
}

#[test]
fn who_has_refused_it_is_not_told_that_it_moves() {
    check(
        &journey![
            "parcel" @ "22 09:00", "attempt_failed.not_home" @ "23 09:00",
            "exception.refused" @ "24 09:00", "in_transit" @ "25 09:00",
        ],
        "shipped · attempt_failed",
        "shipped · attempt_failed",
    );
}

#[test]
fn what_was_collected_is_neither_ready_nor_missed_any_more() {
    let mut story = Story::new();
    story.play(&journey!["parcel" @ "22 09:00"]);
    for step in journey!["available_for_pickup" @ "23 09:00", "delivered.picked_up" @ "23 09:05"] {
        story.step(&step);
    }
    story.dispatch();
    assert_eq!(sent_messages(&story, "email"), "shipped · delivered");
    assert_eq!(sent_messages(&story, "sms"), "shipped");
}

#[test]
fn moving_is_no_news_for_half_a_day_to_who_was_told_that_it_was_scanned() {
    let mut story = Story::new();
    for step in journey!["parcel" @ "22 09:00:00", "picked_up" @ "22 09:00:01"] {
        story.step(&step);
    }
    story.dispatch();
    story.play(&journey!["in_transit" @ "22 18:00", "in_transit.departed_origin" @ "24 09:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");
    // Of a label it was said that it is ready, no more.
    check(
        &journey!["parcel" @ "22 09:00", "in_transit" @ "22 18:00"],
        "shipped · in_transit",
        "shipped",
    );
}

#[test]
fn two_messages_are_a_quarter_of_an_hour_apart_unless_the_second_asks_for_something() {
    let steps =
        journey!["parcel" @ "22 09:00", "out_for_delivery" @ "22 09:10", "wait" @ "22 09:14"];
    check(&steps, "shipped", "shipped");
    let steps =
        journey!["parcel" @ "22 09:00", "out_for_delivery" @ "22 09:10", "wait" @ "22 09:15"];
    check(
        &steps,
        "shipped · out_for_delivery",
        "shipped · out_for_delivery",
    );
    check(
        &journey!["parcel" @ "22 09:00", "exception.bad_address" @ "22 09:05"],
        "shipped · exception",
        "shipped · exception",
    );
    check(
        &journey!["parcel" @ "22 09:00", "exception.lost" @ "22 09:05"],
        "shipped",
        "shipped",
    );
}

#[test]
fn an_order_that_is_imported_late_is_not_thanked_for() {
    let mut story = Story::new();
    story.order.placed_at = at("22 08:00") - (40 * 24).hours();
    story.play(&journey!["order" @ "22 08:00", "parcel" @ "22 08:00"]);
    assert_eq!(sent_messages(&story, "email"), "");
    assert!(
        story.fates().iter().all(|fate| fate.ends_with("too_late")),
        "{:#?}",
        story.fates()
    );
    // What is sent later is sent now.
    story.play(&journey!["parcel" @ "23 09:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");
}

#[test]
fn the_day_on_which_the_shop_sent_it_counts_if_it_says_so() {
    for (day, told) in [(date(2026, 11, 21), "shipped"), (date(2026, 11, 1), "")] {
        let mut story = Story::new();
        story.order.placed_at = at("22 08:00") - (40 * 24).hours();
        story.step(&journey!["parcel" @ "22 08:00"][0]);
        story.shipments[0].query_details.shipped_on = Some(day);
        story.dispatch();
        assert_eq!(sent_messages(&story, "email"), told, "{day}");
    }
}

#[test]
fn an_order_is_told_of_with_its_shipments_in_one_message() {
    let mut story = Story::new();
    for step in journey!["order" @ "22 08:00", "parcel" @ "22 08:00"] {
        story.step(&step);
    }
    story.dispatch();
    assert_eq!(sent_messages(&story, "email"), "shipped");
    let fates = story.fates();
    assert!(
        fates.contains(&"email order_received: suppressed: merged".to_owned()),
        "{fates:#?}"
    );
    // Where customers are not told of shipments, the order is confirmed.
    let mut story = Story::new();
    story.settings.notification_types.insert(
        posthorn_domain::notification_type::NotificationType::Shipped,
        Vec::new(),
    );
    for step in journey!["order" @ "22 08:00", "parcel" @ "22 08:00"] {
        story.step(&step);
    }
    story.dispatch();
    assert_eq!(sent_messages(&story, "email"), "order_received");
}

/// The first mail has a row for each shipment, whichever is polled first.
#[test]
fn shipments_of_one_day_are_told_in_one_mail_though_they_are_polled_minutes_apart() {
    check(
        &journey![
            "parcel" @ "22 09:00", "parcel" @ "22 09:30", "2: in_transit" @ "22 20:00",
            "2: eta 24" @ "23 10:00", "out_for_delivery" @ "24 08:00",
            "2: out_for_delivery" @ "24 08:20", "wait" @ "24 12:00",
        ],
        "shipped · shipped · in_transit · out_for_delivery",
        "shipped · shipped · out_for_delivery",
    );
    // Without a day of its own, that it comes today as well is news.
    check(
        &journey![
            "parcel" @ "22 09:00", "parcel" @ "22 09:30", "2: in_transit" @ "22 20:00",
            "out_for_delivery" @ "24 08:00", "2: out_for_delivery" @ "24 08:20", "wait" @ "24 12:00",
        ],
        "shipped · shipped · in_transit · out_for_delivery · out_for_delivery",
        "shipped · shipped · out_for_delivery · out_for_delivery",
    );
}

#[test]
fn what_waits_at_one_place_is_told_in_one_message() {
    for (place, expected) in [
        ("Lyon", "shipped · shipped · available_for_pickup"),
        (
            "Paris",
            "shipped · shipped · available_for_pickup · available_for_pickup",
        ),
    ] {
        let mut story = Story::new();
        story.play(&journey!["parcel" @ "22 09:00", "parcel" @ "22 09:30"]);
        story.now = at("23 10:00");
        let ready = |city: &str, time| {
            let mut scan = scan("available_for_pickup", time);
            scan.place.city = Some(city.to_owned());
            scan
        };
        story.poll(0, &[ready("Lyon", "23 09:00")]);
        story.poll(1, &[ready(place, "23 09:10")]);
        story.dispatch();
        story.wait_until(at("23 12:00"));
        assert_eq!(sent_messages(&story, "email"), expected, "{place}");
    }
}
