//! What a customer hears of an order's life, and what not.

use crate::{
    fixtures::at,
    story::{Step, Story, journey},
};
use posthorn_domain::{
    notification::NotificationId,
    notification_type::{Channel, NotificationType},
    order::OrderItem,
    policy,
    settings::Settings,
    transition::{self, ItemChange},
};

/// Plays a life and compares what was told by mail and by text.
#[track_caller]
pub(crate) fn check(steps: &[Step], mails: &str, texts: &str) {
    let mut story = Story::new();
    story.play(steps);
    assert_eq!(
        sent_messages(&story, "email"),
        mails,
        "mails; all: {:#?}",
        story.fates()
    );
    assert_eq!(
        sent_messages(&story, "sms"),
        texts,
        "texts; all: {:#?}",
        story.fates()
    );
}

/// What was told on a channel: `shipped · delivered`.
pub(crate) fn sent_messages(story: &Story, channel: &str) -> String {
    let told = story
        .told
        .iter()
        .filter_map(|told| told.strip_prefix(channel));
    told.map(str::trim).collect::<Vec<_>>().join(" · ")
}

#[test]
fn a_straight_life_is_told_moment_by_moment() {
    check(
        &journey![
            "order" @ "22 08:00", "shop processing" @ "22 09:00", "parcel" @ "22 15:00",
            "info_received" @ "22 16:00", "picked_up" @ "22 18:00", "in_transit" @ "23 04:00",
            "in_transit.arrival_scan" @ "23 16:00", "out_for_delivery" @ "24 08:30",
            "delivered.signed" @ "24 11:00",
        ],
        "order_received · processing · shipped · in_transit · out_for_delivery · delivered",
        "shipped · out_for_delivery",
    );
}

#[test]
fn a_plain_shipment_is_told_in_four_mails_and_two_texts() {
    let mut story = Story::new();
    story.settings = Settings::default();
    story.play(&journey![
        "order" @ "22 08:00", "parcel" @ "22 15:00", "info_received" @ "22 16:00",
        "picked_up" @ "22 18:00", "in_transit" @ "23 04:00", "in_transit.arrival_scan" @ "23 16:00",
        "out_for_delivery" @ "24 08:30", "delivered.signed" @ "24 11:00",
    ]);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · out_for_delivery · delivered"
    );
    assert_eq!(sent_messages(&story, "sms"), "shipped · out_for_delivery");
}

#[test]
fn a_life_within_a_minute_lacks_nothing_that_matters() {
    let steps = journey![
        "order" @ "22 09:00:00", "parcel" @ "22 09:00:02", "info_received" @ "22 09:00:10",
        "picked_up" @ "22 09:00:20", "in_transit" @ "22 09:00:30",
        "out_for_delivery" @ "22 09:00:40", "delivered" @ "22 09:00:50",
        "wait" @ "22 10:00",
    ];
    check(&steps, "order_received · delivered", "shipped");
    let mut story = Story::new();
    story.settings.caps.minutes_apart = 0;
    story.play(&steps);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · in_transit · out_for_delivery · delivered"
    );
    assert_eq!(sent_messages(&story, "sms"), "shipped · out_for_delivery");
}

#[test]
fn an_order_is_not_confirmed_once_its_shipment_was_announced() {
    let mut story = Story::new();
    for step in journey!["order" @ "22 09:00:00", "parcel" @ "22 09:00:00"] {
        story.step(&step);
    }
    story.facts.reverse();
    story.dispatch();
    assert_eq!(sent_messages(&story, "email"), "shipped");
    assert!(
        story
            .fates()
            .contains(&"email order_received: suppressed: overtaken".to_owned()),
        "{:#?}",
        story.fates()
    );
}

#[test]
fn a_shipment_found_again_after_an_exception_is_announced_again() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 12:00", "exception.lost" @ "24 11:00",
            "in_transit" @ "25 12:00", "in_transit.arrival_scan" @ "25 18:00",
        ],
        "shipped · in_transit · exception · back_on_the_way",
        "shipped · exception",
    );
}

#[test]
fn two_problems_solved_are_two_times_good_news() {
    check(
        &journey![
            "parcel" @ "22 09:00", "exception.lost" @ "23 11:00", "in_transit" @ "24 12:00",
            "exception.damaged" @ "25 11:00", "in_transit" @ "26 12:00",
        ],
        "shipped · exception · back_on_the_way · exception · back_on_the_way",
        "shipped · exception · exception",
    );
}

#[test]
fn a_problem_that_only_staff_know_of_is_not_solved_for_the_customer() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 12:00", "exception.security" @ "24 11:00",
            "in_transit" @ "25 12:00",
        ],
        "shipped · in_transit",
        "shipped",
    );
}

#[test]
fn a_shipment_first_seen_when_delivered_yields_one_message() {
    let mut story = Story::new();
    for step in journey![
        "order" @ "22 09:00", "parcel" @ "22 09:00", "info_received" @ "22 10:00",
        "in_transit" @ "22 12:00", "out_for_delivery" @ "22 13:00", "delivered" @ "22 14:00",
    ] {
        story.step(&step);
    }
    story.dispatch();
    assert_eq!(story.told, ["email delivered"]);
}

#[test]
fn an_old_shipment_posted_today_is_not_told_of_at_all() {
    let mut story = Story::new();
    for step in journey!["parcel" @ "22 09:00", "delivered" @ "1 14:00", "wait" @ "22 09:05"] {
        story.step(&step);
    }
    let late = transition::derive_facts(
        &ItemChange::Order {
            old: None,
            new: Box::new(story.order.clone()),
        },
        at("22 09:05"),
    );
    story.facts = late;
    story.dispatch();
    assert_eq!(story.fates(), ["email delivered: suppressed: too_late"]);
}

#[test]
fn a_fact_delivered_twice_is_told_once() {
    let steps = journey![
        "order" @ "22 09:00", "parcel" @ "22 10:00", "in_transit" @ "22 12:00",
        "attempt_failed.not_home" @ "23 11:00", "in_transit" @ "24 06:00",
        "out_for_delivery" @ "24 09:00", "delivered" @ "24 12:00",
    ];
    let mut story = Story::new();
    for step in &steps {
        story.wait_until(at(step.at));
        story.step(step);
        let facts = std::mem::take(&mut story.facts);
        for fact in facts.iter().chain(&facts) {
            story.tell(fact);
        }
    }
    let mut once = Story::new();
    once.play(&steps);
    assert_eq!(story.told, once.told);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · in_transit · attempt_failed · back_on_the_way · out_for_delivery · delivered",
    );
}

#[test]
fn each_days_failed_attempt_is_told() {
    check(
        &journey![
            "parcel" @ "22 09:00", "out_for_delivery" @ "23 09:00",
            "attempt_failed.not_home" @ "23 11:00", "in_transit.arrival_scan" @ "23 19:00",
            "attempt_failed.not_home" @ "24 11:00", "attempt_failed.not_home" @ "24 11:30",
        ],
        "shipped · out_for_delivery · attempt_failed · attempt_failed",
        "shipped · out_for_delivery · attempt_failed · attempt_failed",
    );
}

#[test]
fn a_corrected_number_is_told_and_the_wrong_shipment_forgotten() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 10:00", "number 1ZCORRECTED" @ "22 12:00",
            "in_transit" @ "23 10:00",
        ],
        "shipped · in_transit · tracking_number_changed",
        "shipped · tracking_number_changed",
    );
}

#[test]
fn a_wrong_number_that_was_delivered_elsewhere_does_not_end_the_order() {
    check(
        &journey![
            "parcel" @ "22 09:00", "delivered" @ "22 10:00", "number 1ZCORRECTED" @ "22 12:00",
            "out_for_delivery" @ "24 10:00", "delivered" @ "24 12:00",
        ],
        "shipped · delivered · tracking_number_changed · out_for_delivery · delivered",
        "shipped · tracking_number_changed · out_for_delivery",
    );
}

#[test]
fn a_delay_is_told_again_when_it_grows() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 10:00", "eta 25" @ "22 10:05",
            "delayed.weather" @ "23 10:00", "eta 26" @ "23 15:00", "eta 26" @ "23 16:00",
            "delayed.customs" @ "24 10:00", "out_for_delivery" @ "26 10:00",
        ],
        "shipped · in_transit · delayed · delayed · delayed · out_for_delivery",
        "shipped · delayed · delayed · delayed · out_for_delivery",
    );
}

#[test]
fn another_day_is_told_by_mail_only() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 10:00", "eta 25" @ "22 10:05",
            "eta 26" @ "23 10:00",
        ],
        "shipped · in_transit · eta_revised",
        "shipped",
    );
}

#[test]
fn a_missed_day_is_told_once_it_is_over_everywhere() {
    check(
        &journey![
            "parcel" @ "22 09:00", "in_transit" @ "22 10:00", "eta 23" @ "22 10:05",
            "silence" @ "24 01:00", "silence" @ "24 13:00", "silence" @ "24 16:00",
        ],
        "shipped · in_transit · eta_missed",
        "shipped",
    );
}

#[test]
fn after_delivery_there_is_silence_but_for_a_return() {
    check(
        &journey![
            "parcel" @ "22 09:00", "delivered" @ "22 11:00", "in_transit" @ "22 12:00",
            "delayed.weather" @ "22 13:00", "returning" @ "25 10:00", "in_transit" @ "26 10:00",
            "delivered" @ "28 10:00",
        ],
        "shipped · delivered · returning · returned",
        "shipped",
    );
}

#[test]
fn several_shipments_end_in_one_message() {
    check(
        &journey![
            "parcel" @ "22 09:00", "parcel" @ "22 09:30", "delivered" @ "23 11:00",
            "2: out_for_delivery" @ "24 09:00", "2: delivered" @ "24 12:00",
        ],
        "shipped · shipped · out_for_delivery · delivered",
        "shipped · shipped · out_for_delivery",
    );
}

#[test]
fn what_arrived_is_told_though_another_shipment_never_does() {
    for end in ["returned", "returning", "exception.lost", "expired"] {
        let mut story = Story::new();
        story.play(&journey!["parcel" @ "22 09:00", "parcel" @ "22 09:30"]);
        let end: &'static str = Box::leak(format!("2: {end}").into_boxed_str());
        story.step(&Step {
            what: end,
            at: "23 10:00",
        });
        story.dispatch();
        story.play(&journey!["delivered" @ "24 12:00"]);
        let mails = sent_messages(&story, "email");
        assert!(mails.ends_with("parcel_delivered"), "{end}: {mails}");
    }
}

#[test]
fn what_arrived_is_told_when_the_last_of_the_others_is_given_up() {
    check(
        &journey![
            "parcel" @ "22 09:00", "parcel" @ "22 09:30", "delivered" @ "23 11:00",
            "2: expired" @ "24 12:00",
        ],
        "shipped · shipped · parcel_delivered",
        "shipped · shipped",
    );
}

#[test]
fn what_arrived_is_told_where_the_shop_is_silent_about_returns() {
    let mut story = Story::new();
    let types = &mut story.settings.notification_types;
    types.insert(NotificationType::Returned, Vec::new());
    story.play(&journey![
        "parcel" @ "22 09:00", "parcel" @ "22 09:30", "delivered" @ "23 11:00",
        "2: returned" @ "24 12:00",
    ]);
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · shipped · parcel_delivered"
    );
}

#[test]
fn what_arrived_stands_beside_the_shipment_that_comes_back() {
    check(
        &journey![
            "parcel" @ "22 09:00", "parcel" @ "22 09:30", "delivered" @ "23 11:00",
            "2: returned" @ "24 12:00",
        ],
        "shipped · shipped · returned",
        "shipped · shipped",
    );
}

#[test]
fn a_shop_may_want_to_tell_each_shipment() {
    let mut story = Story::new();
    let moments = &mut story.settings.notification_types;
    moments.insert(NotificationType::ParcelDelivered, vec![Channel::Email]);
    moments.insert(NotificationType::Shipped, vec![Channel::Email]);
    story.play(&journey![
        "parcel" @ "22 09:00", "parcel" @ "22 09:30", "delivered" @ "23 11:00",
        "2: delivered" @ "24 12:00",
    ]);
    assert_eq!(
        sent_messages(&story, "email"),
        "shipped · shipped · parcel_delivered · delivered"
    );
    assert!(
        story
            .fates()
            .contains(&"sms shipped: suppressed: switched_off".to_owned())
    );
}

#[test]
fn the_part_that_was_sent_is_told_of_when_it_has_all_arrived() {
    let item = |quantity| {
        vec![OrderItem {
            id: None,
            title: "Socks".to_owned(),
            quantity,
        }]
    };
    let mut story = Story::new();
    story.order.items = item(3);
    story.play(&journey!["order" @ "22 08:00", "parcel" @ "22 09:00"]);
    story.shipments[0].items = item(2);
    story.play(&journey!["out_for_delivery" @ "23 08:00", "delivered" @ "23 11:00"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · out_for_delivery · parcel_delivered"
    );
    // The rest makes it whole, and that is told as such.
    story.play(&journey!["parcel" @ "24 09:00"]);
    story.shipments[1].items = item(1);
    story.play(&journey!["2: in_transit" @ "24 20:00", "2: delivered" @ "25 12:00"]);
    assert_eq!(
        sent_messages(&story, "email"),
        "order_received · shipped · out_for_delivery · parcel_delivered \
         · shipped · in_transit · delivered"
    );
}

#[test]
fn a_cancelled_order_is_told_of_and_then_nothing() {
    check(
        &journey![
            "order" @ "22 09:00", "parcel" @ "22 10:00", "shop cancelled" @ "22 11:00",
            "in_transit" @ "22 12:00", "out_for_delivery" @ "23 12:00",
        ],
        "order_received · shipped · cancelled",
        "shipped",
    );
}

#[test]
fn a_voided_label_or_a_silent_carrier_is_for_staff() {
    check(
        &journey!["parcel" @ "22 09:00", "cancelled.voided" @ "22 10:00"],
        "shipped",
        "shipped",
    );
    check(
        &journey!["parcel" @ "1 09:00", "silence" @ "6 10:00"],
        "shipped",
        "shipped",
    );
}

#[test]
fn a_fact_that_comes_again_leads_to_the_same_messages_though_the_shipment_has_moved_on() {
    let mut story = Story::new();
    story.play(&journey!["parcel" @ "22 09:00"]);
    story.step(&journey!["attempt_failed" @ "22 15:00"][0]);
    let fact = story.facts[0].clone();
    let ids = |story: &Story| -> Vec<NotificationId> {
        let proposals = policy::propose_notifications(&fact, &story.view(), at("23 18:00"));
        proposals.into_iter().map(|proposal| proposal.id).collect()
    };
    let first = ids(&story);
    story.dispatch();
    story.step(&journey!["attempt_failed" @ "23 15:00"][0]);
    assert_eq!(first.len(), 2);
    assert_eq!(ids(&story), first, "or it is told twice");
}
