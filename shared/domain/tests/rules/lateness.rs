//! What is late though no carrier is asked: only time tells.

use crate::{
    fixtures::clock,
    messages::sent_messages,
    story::{Step, Story, journey},
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    order::OrderItem,
};

/// What the customer of an order that was promised for the 25th gets by mail.
#[track_caller]
fn check(steps: &[Step], told: &str) {
    let mut story = Story::new();
    story.order.promised = Some(clock("25 00:00").date());
    story.play(steps);
    let mails = story
        .told
        .iter()
        .filter_map(|told| told.strip_prefix("email "));
    assert_eq!(
        mails.collect::<Vec<_>>().join(" · "),
        told,
        "{:?}",
        story.fates()
    );
}

#[test]
fn an_order_without_a_shipment_is_late_on_the_morning_after_its_day() {
    check(
        &journey!["order" @ "22 09:00", "wait" @ "26 07:00"],
        "order_received",
    );
    check(
        &journey!["order" @ "22 09:00", "wait" @ "27 09:00"],
        "order_received · eta_missed",
    );
}

#[test]
fn a_shipment_that_no_carrier_is_asked_about_is_late_too() {
    check(
        &journey!["order" @ "22 09:00", "manual" @ "23 09:00", "wait" @ "27 09:00"],
        "order_received · shipped · eta_missed",
    );
    check(
        &journey!["order" @ "22 09:00", "manual" @ "22 09:00", "wait" @ "23 09:00"],
        "order_received · shipped",
    );
}

#[test]
fn what_came_in_time_was_not_late() {
    check(
        &journey![
            "order" @ "22 09:00", "manual" @ "23 09:00", "delivered" @ "24 15:00", "wait" @ "27 09:00",
        ],
        "order_received · shipped · delivered",
    );
    check(
        &journey!["order" @ "22 09:00", "shop cancelled" @ "24 15:00", "wait" @ "27 09:00"],
        "order_received · cancelled",
    );
}

#[test]
fn a_shipment_whose_carrier_states_no_day_is_late_after_the_promise() {
    check(
        &journey!["order" @ "22 09:00", "parcel" @ "23 09:00", "in_transit" @ "23 20:00", "wait" @ "27 09:00"],
        "order_received · shipped · in_transit · eta_missed",
    );
    // Several of them are late in one message.
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "23 09:00", "parcel" @ "23 10:00", "manual" @ "23 11:00",
            "silence" @ "26 13:00", "2: silence" @ "26 14:00", "wait" @ "27 09:00",
        ],
        "order_received · shipped · shipped · shipped · eta_missed",
    );
    // Also where one of them has arrived.
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "23 09:00", "parcel" @ "23 10:00",
            "delivered" @ "24 11:00", "wait" @ "27 09:00",
        ],
        "order_received · shipped · shipped · eta_missed",
    );
}

#[test]
fn of_a_shipment_whose_carrier_states_a_day_the_carrier_tells() {
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "23 09:00", "in_transit" @ "23 20:00", "eta 24" @ "23 21:00",
            "silence" @ "26 15:00", "wait" @ "27 09:00",
        ],
        "order_received · shipped · in_transit · eta_missed",
    );
    // Its first day is past the promise: that is told, and the promise no more.
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "23 09:00", "in_transit" @ "23 20:00", "eta 28" @ "23 21:00",
            "silence" @ "26 15:00", "wait" @ "27 09:00",
        ],
        "order_received · shipped · in_transit · eta_revised",
    );
}

/// The supplier's or the aggregator's day is the promised one.
#[test]
fn a_day_of_its_own_that_is_the_promised_one_is_told_once_to_be_missed() {
    let mut story = Story::new();
    story.order.promised = Some(clock("25 00:00").date());
    story.play(&journey!["order" @ "22 09:00", "parcel" @ "23 09:00", "in_transit" @ "23 20:00"]);
    story.shipments[0].eta = Some(Eta::on_day(clock("25 00:00").date(), EtaSource::Aggregator));
    story.play(&journey!["silence" @ "26 15:00", "wait" @ "27 20:00"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · in_transit · eta_missed"
    );
}

#[test]
fn a_shipment_that_no_carrier_is_asked_about_is_late_by_the_day_told_since() {
    check(
        &journey!["order" @ "22 09:00", "manual" @ "23 09:00", "eta 28" @ "24 09:00", "wait" @ "30 09:00"],
        "order_received · shipped · eta_revised · eta_missed",
    );
    check(
        &journey!["order" @ "22 09:00", "manual" @ "23 09:00", "eta 24" @ "23 10:00", "wait" @ "28 09:00"],
        "order_received · shipped · eta_missed",
    );
}

#[test]
fn what_comes_today_is_not_told_to_be_late() {
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "23 09:00", "out_for_delivery" @ "26 07:00", "wait" @ "26 18:00",
        ],
        "order_received · shipped · out_for_delivery",
    );
}

#[test]
fn an_order_that_is_imported_after_its_day_is_not_told_to_be_late() {
    check(
        &journey!["order" @ "26 12:00", "wait" @ "29 09:00"],
        "order_received",
    );
}

#[test]
fn what_was_not_sent_is_late_though_the_first_part_came_in_time() {
    let item = |title: &str| OrderItem {
        title: title.to_owned(),
        quantity: 1,
        id: None,
    };
    let mut story = Story::new();
    story.order.promised = Some(clock("25 00:00").date());
    story.order.items = vec![item("Boots"), item("Socks")];
    story.play(&journey!["order" @ "22 09:00"]);
    story.step(&Step {
        what: "parcel",
        at: "23 09:00",
    });
    story.shipments[0].items = vec![item("Boots")];
    story.dispatch();
    story.play(&journey!["delivered" @ "24 15:00", "wait" @ "27 09:00"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · parcel_delivered · eta_missed"
    );
}
