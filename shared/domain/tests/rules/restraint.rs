//! When a customer is not told, or not yet.

use crate::{
    messages::{check, sent_messages},
    story::{Step, Story, journey},
};
use posthorn_domain::{contact::PhoneNumber, notification_type::Channel};

#[test]
fn at_night_only_mail_is_sent_and_the_text_follows_in_the_morning() {
    check(
        &journey![
            "parcel" @ "22 23:30", "wait" @ "23 07:59",
        ],
        "shipped",
        "",
    );
    check(
        &journey!["parcel" @ "22 23:30", "wait" @ "23 08:00"],
        "shipped",
        "shipped",
    );
    check(
        &journey!["parcel" @ "22 23:30", "out_for_delivery" @ "23 06:00", "wait" @ "23 09:00"],
        "shipped · out_for_delivery",
        "out_for_delivery",
    );
}

#[test]
fn an_address_that_cannot_be_used_is_the_reason_for_silence_on_its_channel() {
    let mut story = Story::new();
    story.contact.phone = None;
    story.contact.unusable = vec![Channel::Sms];
    story.play(&journey!["parcel" @ "22 09:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");
    assert!(
        story
            .fates()
            .contains(&"sms shipped: suppressed: no_usable_address".to_owned()),
        "{:?}",
        story.fates()
    );
    let mut story = Story::new();
    story.contact.phone = None;
    story.play(&journey!["parcel" @ "22 09:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");
    assert!(!story.fates().iter().any(|fate| fate.starts_with("sms")));
}

#[test]
fn what_says_today_is_never_put_off_to_tomorrow() {
    let mut story = Story::new();
    story.play(
        &journey!["parcel" @ "22 09:00", "out_for_delivery" @ "22 21:30", "wait" @ "23 12:00"],
    );
    assert_eq!(sent_messages(&story, "sms"), "shipped");
    assert!(
        story
            .fates()
            .contains(&"sms out_for_delivery: suppressed: too_late".to_owned())
    );
}

#[test]
fn a_review_is_asked_for_at_ten_some_days_later() {
    let mut story = Story::new();
    story.settings.review_url = Some("https://acme.example/review".to_owned());
    story.play(&journey!["parcel" @ "22 09:00", "delivered" @ "22 15:00", "wait" @ "25 09:59"]);
    assert_eq!(sent_messages(&story, "email"), "shipped · delivered");
    story.play(&journey!["wait" @ "25 10:00"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · delivered · review_request"
    );
}

#[test]
fn no_customer_is_asked_how_it_was_when_it_goes_back() {
    let mut story = Story::new();
    story.settings.review_url = Some("https://acme.example/review".to_owned());
    story.play(&journey![
        "parcel" @ "22 09:00", "delivered" @ "22 15:00", "returning" @ "24 09:59", "wait" @ "28 10:00",
    ]);
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · delivered · returning"
    );
}

#[test]
fn a_talkative_shop_is_held_to_two_a_minute_and_a_talkative_carrier_to_two_an_hour() {
    check_unspaced(
        &journey![
            "order" @ "22 09:00:00", "shop processing" @ "22 09:00:10",
            "shop payment_confirmed" @ "22 09:00:20", "wait" @ "22 09:00:59",
        ],
        "order_received · processing",
        "payment_confirmed",
    );
    check_unspaced(
        &journey![
            "order" @ "22 09:00:00", "shop processing" @ "22 09:00:10",
            "shop payment_confirmed" @ "22 09:00:20", "wait" @ "22 09:01:00",
        ],
        "order_received · processing · payment_confirmed",
        "payment_confirmed",
    );
    check_unspaced(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 09:10", "in_transit.forwarded" @ "22 09:20",
            "wait" @ "22 09:59",
        ],
        "shipped · in_transit",
        "shipped",
    );
    check_unspaced(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 09:10", "in_transit.forwarded" @ "22 09:20",
            "wait" @ "22 10:00",
        ],
        "shipped · in_transit · forwarded",
        "shipped",
    );
}

/// The same of a shop that wants its messages one right after the other.
#[track_caller]
fn check_unspaced(steps: &[Step], mails: &str, texts: &str) {
    let mut story = Story::new();
    story.settings.caps.minutes_apart = 0;
    story.play(steps);
    assert_eq!(
        sent_messages(&story, "email"),
        mails,
        "all: {:#?}",
        story.fates()
    );
    assert_eq!(
        sent_messages(&story, "sms"),
        texts,
        "all: {:#?}",
        story.fates()
    );
}

#[test]
fn without_consent_no_text_is_sent_and_the_ledger_says_why() {
    let mut story = Story::new();
    story.contact.consent.sms = false;
    story.play(&journey!["parcel" @ "22 09:00"]);
    assert_eq!(story.told, ["email shipped"]);
    assert_eq!(
        story.fates(),
        ["email shipped: sent", "sms shipped: suppressed: no_consent"]
    );
}

#[test]
fn no_text_is_sent_to_a_landline_and_the_ledger_says_why() {
    let mut story = Story::new();
    story.contact.phone = PhoneNumber::parse("+44 20 7946 0958", None).ok();
    story.play(&journey!["parcel" @ "22 09:00"]);
    assert_eq!(story.told, ["email shipped"]);
    assert_eq!(
        story.fates(),
        [
            "email shipped: sent",
            "sms shipped: suppressed: takes_no_texts"
        ]
    );
}

#[test]
fn a_customer_without_an_address_is_not_told_and_nothing_breaks() {
    let mut story = Story::new();
    story.contact.email = None;
    story.contact.phone = None;
    story.play(&journey!["order" @ "22 09:00", "parcel" @ "22 09:00", "delivered" @ "23 09:00"]);
    assert!(story.ledger.is_empty());
}
