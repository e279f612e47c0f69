//! Every message as a customer gets it, to be read before it is accepted.

#[cfg(test)]
mod fixture;

use fixture::{Story, parcel, story};
use posthorn_domain::{
    notification_type::NotificationType,
    status::{DelayReason, Reason, ShipmentStatus},
};
use serde_json::json;

fn check(name: &str, story: &Story) {
    let (email, sms) = (story.email(), story.sms());
    let both = format!(
        "Subject: {}\n\n{}\n=== text message, {} segment(s), {} characters ===\n{}\n",
        email.subject,
        email.text,
        sms.segments,
        sms.text.chars().count(),
        sms.text
    );
    insta::assert_snapshot!(name.replace('.', "_"), both);
}

#[test]
fn every_moment_has_a_mail_and_a_text() {
    for moment in NotificationType::ALL {
        check(moment.as_str(), &story(*moment));
    }
}

#[test]
fn every_moment_has_a_mail_in_html() {
    for moment in NotificationType::ALL {
        insta::assert_snapshot!(format!("{moment}_html"), story(*moment).email().html);
    }
}

#[test]
fn every_reason_that_a_customer_hears_of_has_its_own_words() {
    for reason in Reason::ALL {
        let moment = match reason.to_status() {
            ShipmentStatus::Exception if reason.is_told_to_customer() => {
                NotificationType::Exception
            }
            ShipmentStatus::AttemptFailed => NotificationType::AttemptFailed,
            ShipmentStatus::Delivered => NotificationType::Delivered,
            _ => continue,
        };
        let mut story = story(moment);
        story.shipments = vec![parcel(1, reason.as_str())];
        if moment == NotificationType::Delivered {
            story.shipments[0]["drop_off_location"] = json!(null);
        }
        check(&format!("{moment}-{reason}"), &story);
    }
}

#[test]
fn a_parcel_that_was_scanned_is_on_its_way() {
    let mut story = story(NotificationType::Shipped);
    story.shipments = vec![parcel(1, "picked_up.accepted")];
    check("shipped-scanned", &story);
}

#[test]
fn a_part_that_was_taken_in_is_not_looked_for_at_the_door() {
    for reason in ["delivered.signed", "delivered.neighbor"] {
        let mut story = story(NotificationType::ParcelDelivered);
        story.shipments[0]["reason"] = json!(reason);
        story.shipments[0]["drop_off_location"] = json!(null);
        check(&format!("parcel_delivered-{reason}"), &story);
    }
}

#[test]
fn every_delay_says_why_and_until_when() {
    for reason in DelayReason::ALL {
        let mut story = story(NotificationType::Delayed);
        story.shipments[0]["conditions"] =
            json!([{ "kind": "delayed", "reason": reason, "since": "2026-11-25T13:00:00Z" }]);
        story.shipments[0]["eta_before"] = story.shipments[0]["eta"].clone();
        story.shipments[0]["eta"] =
            json!({ "from": "2026-11-28", "to": "2026-11-28", "source": "carrier" });
        check(&format!("{reason}"), &story);
    }
}

/// The carrier moves its own day from the 26th to the 28th, with this promise of the shop.
fn late_by_two_days(promised: &str) -> Story {
    let mut story = story(NotificationType::Delayed);
    story.order["promised"] = json!(promised);
    let eta = |day: &str, source: &str| json!({ "from": day, "to": day, "source": source });
    let parcel = &mut story.shipments[0];
    parcel["conditions"] = json!([{ "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" }]);
    parcel["eta_first"] = eta(promised, "store");
    parcel["eta_before"] = eta("2026-11-26", "carrier");
    parcel["eta"] = eta("2026-11-28", "carrier");
    story
}

#[test]
fn a_delay_is_measured_by_the_day_that_was_told_last() {
    let late = late_by_two_days("2026-11-27").email();
    assert!(
        late.text
            .contains("on Saturday, 28 November, instead of Thursday, 26 November."),
        "{}",
        late.text
    );
    let in_time = late_by_two_days("2026-11-30");
    assert!(!in_time.email().text.contains("running late"));
    check("delayed-in-time", &in_time);
}

#[test]
fn an_earlier_day_is_no_delay_of_a_later_one() {
    let mut story = late_by_two_days("2026-11-30");
    story.shipments[0]["eta_before"] =
        json!({ "from": "2026-11-29", "to": "2026-11-29", "source": "carrier" });
    let email = story.email();
    assert!(!email.text.contains("instead of"), "{}", email.text);
}

#[test]
fn the_shops_promise_is_no_new_date_of_a_parcel_that_is_late() {
    let mut story = late_by_two_days("2026-11-27");
    story.shipments[0]["eta"] = story.shipments[0]["eta_first"].clone();
    story.shipments[0]["eta_before"] = json!(null);
    let email = story.email();
    assert!(
        email.text.contains("There is no new date yet."),
        "{}",
        email.text
    );
}

#[test]
fn a_delay_without_a_new_date_promises_none() {
    let mut story = story(NotificationType::Delayed);
    story.shipments[0]["conditions"] = json!([{ "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" }]);
    story.shipments[0]["eta"] =
        json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "carrier" });
    check("delayed-no-date", &story);
}

#[test]
fn a_window_is_told_in_hours() {
    let mut story = story(NotificationType::OutForDelivery);
    story.shipments[0]["eta"] = json!({
        "from": "2026-11-25", "to": "2026-11-25", "window": ["10:15:00", "12:15:00"], "source": "carrier",
    });
    check("out_for_delivery-window", &story);
}

#[test]
fn several_days_are_told_as_such() {
    let mut story = story(NotificationType::InTransit);
    story.shipments[0]["eta"] =
        json!({ "from": "2026-11-29", "to": "2026-12-02", "source": "carrier" });
    check("in_transit-range", &story);
}

#[test]
fn a_missed_day_is_named() {
    let mut story = story(NotificationType::EtaMissed);
    let eta = json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "carrier" });
    story.shipments[0]["eta"] = eta.clone();
    story.shipments[0]["conditions"] =
        json!([{ "kind": "eta_missed", "eta": eta, "since": "2026-11-25T03:00:00Z" }]);
    check("eta_missed-day", &story);
}

#[test]
fn a_promise_that_passed_is_told_of_the_order() {
    let mut story = story_of_three(NotificationType::EtaMissed);
    story.order["promised"] = json!("2026-11-24");
    story.shipment = None;
    let promised = json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "store" });
    for parcel in &mut story.shipments {
        parcel["eta"] = promised.clone();
    }
    story.shipments[0]["reason"] = json!("delivered.signed");
    check("eta_missed-of-three", &story);
}

#[test]
fn one_parcel_of_several_is_told_apart() {
    for moment in [
        NotificationType::Shipped,
        NotificationType::ParcelDelivered,
        NotificationType::OutForDelivery,
    ] {
        let mut story = story(moment);
        let mut second = parcel(2, "in_transit.moving");
        second["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
        story.shipments.push(second);
        story.shipment = Some(if moment == NotificationType::Shipped {
            2
        } else {
            1
        });
        check(&format!("{moment}-several"), &story);
    }
}

/// The order in three parcels, each with what is in it, of which the second is
/// in the state of which `moment` tells.
fn story_of_three(moment: NotificationType) -> Story {
    let mut story = story(moment);
    let reason = story.shipments[0]["reason"].clone();
    story.shipments = [1, 2, 3]
        .map(|number| parcel(number, "in_transit.moving"))
        .to_vec();
    story.shipments[1]["reason"] = reason;
    for (parcel, title) in story.shipments.iter_mut().zip(["Tent", "Stove", "Rope"]) {
        parcel["items"] = json!([{ "title": title, "quantity": 1 }]);
    }
    story.order["items"] =
        json!(["Tent", "Stove", "Rope"].map(|title| json!({ "title": title, "quantity": 1 })));
    story.shipment = Some(2);
    story
}

#[test]
fn what_is_told_of_one_parcel_of_three_says_which() {
    for moment in NotificationType::ALL
        .iter()
        .copied()
        .filter(|moment| is_of_a_parcel(*moment))
    {
        let story = story_of_three(moment);
        let (email, sms) = (story.email(), story.sms());
        let subject = email.subject.to_lowercase();
        assert!(subject.contains("parcel 2 of 3"), "{}", email.subject);
        assert!(email.subject.chars().count() <= 78, "{}", email.subject);
        let body = email.text.to_lowercase();
        let body = &body[body.find("\n\nhi anna,").unwrap()..];
        assert!(body.contains("parcel 2 of 3"), "{moment}: {}", email.text);
        assert!(email.text.contains("Stove"), "{moment}: {}", email.text);
        // The others stand in their own rows and nowhere else.
        let beside = email.text.lines().filter(|line| !line.starts_with("- "));
        let has_other = beside.clone().any(|line| line.contains("Tent"));
        assert!(!has_other, "{moment}: {}", email.text);
        assert!(sms.text.contains("parcel 2 of 3"), "{}", sms.text);
    }
    for moment in [
        NotificationType::InTransit,
        NotificationType::Exception,
        NotificationType::AttemptFailed,
        NotificationType::Delayed,
    ] {
        check(&format!("{moment}-of-three"), &story_of_three(moment));
    }
}

#[test]
fn parcels_that_came_at_once_are_told_in_one_message_with_their_numbers() {
    let mut story = story_of_three(NotificationType::Shipped);
    story.shipment = None;
    for parcel in &mut story.shipments {
        parcel["reason"] = json!("info_received.label");
    }
    story.repeat = "2026-11-23T10:00:00Z";
    check("shipped-three-at-once", &story);
    // Of three two came then: it is not the order that is on its way.
    story.shipments[0]["registered_at"] = json!("2026-11-22T10:00:00Z");
    check("shipped-two-of-three", &story);
    assert!(
        story
            .email()
            .subject
            .starts_with("2 parcels of your order #1001 are ready")
    );
}

#[test]
fn two_parcels_on_the_van_are_told_in_one_message() {
    let mut story = story_of_three(NotificationType::OutForDelivery);
    story.shipments[0]["reason"] = json!("out_for_delivery.today");
    check("out_for_delivery-two-of-three", &story);
}

/// Whether messages about it tell of a parcel and not of the order.
fn is_of_a_parcel(moment: NotificationType) -> bool {
    !matches!(
        moment,
        NotificationType::OrderReceived
            | NotificationType::Processing
            | NotificationType::PaymentConfirmed
            | NotificationType::InWarehouse
            | NotificationType::PartiallyShipped
            | NotificationType::Delivered
            | NotificationType::ReviewRequest
            | NotificationType::Cancelled
    )
}

#[test]
fn a_parcel_keeps_its_number_when_another_comes_back() {
    let mut story = story_of_three(NotificationType::OutForDelivery);
    story.shipments[0]["reason"] = json!("returning.to_sender");
    story.shipments[0]["is_return"] = json!(true);
    story.shipments[0]["scans"][0]["meaning"] = json!({ "status": "returning.to_sender" });
    let subject = story.email().subject;
    assert!(subject.contains("parcel 2 of 3"), "{subject}");
    let mut label = parcel(4, "info_received.label");
    label["is_return"] = json!(true);
    story.shipments.push(label);
    let subject = story.email().subject;
    assert!(subject.contains("parcel 2 of 3"), "{subject}");
}

#[test]
fn an_order_that_comes_with_its_parcel_does_not_promise_to_write_when_it_leaves() {
    let mut story = story(NotificationType::OrderReceived);
    story.order["stage"] = json!("handed_to_carrier");
    story.shipments = vec![parcel(1, "info_received.label")];
    check("order_received-with-parcel", &story);
    assert!(!story.email().text.contains("write again"));
}

#[test]
fn a_customer_who_is_asked_for_something_can_send_it_at_once() {
    let mut story = story(NotificationType::Exception);
    let html = story.email().html;
    let ask = "href=\"mailto:help@acme.example?subject=Order%20%231001\"";
    let (button, link) = (html.find(ask).unwrap(), html.find(fixture::LINK).unwrap());
    assert!(button < link, "{html}");
    story.settings.support = Some("https://acme.example/help".to_owned());
    check("exception-support-page", &story);
    story.settings.support = None;
    check("exception-no-support", &story);
}

#[test]
fn no_customer_is_sent_to_a_page_of_the_carrier_that_we_do_not_know() {
    for moment in NotificationType::ALL {
        for reason in Reason::ALL {
            let mut told = story(*moment);
            told.has_page = false;
            for parcel in &mut told.shipments {
                parcel["reason"] = json!(reason);
            }
            let email = told.email();
            assert!(
                !email.text.contains("carrier's page"),
                "{moment} {reason}: {}",
                email.text
            );
        }
    }
    for moment in [
        NotificationType::AvailableForPickup,
        NotificationType::AttemptFailed,
        NotificationType::Appointment,
    ] {
        let mut told = story(moment);
        told.has_page = false;
        check(&format!("{moment}-no-page"), &told);
    }
}

#[test]
fn the_bar_does_not_wait_for_the_roll_up() {
    let mut story = story(NotificationType::OutForDelivery);
    story.order["stage"] = json!("in_transit");
    let html = story.email().html;
    assert!(html.contains("Step 6 of 7, Out for delivery"), "{html}");
}

#[test]
fn all_parcels_of_several_have_come() {
    let mut story = story(NotificationType::Delivered);
    story.shipments.push(parcel(2, "delivered.signed"));
    check("delivered-several", &story);
}

#[test]
fn the_shop_may_add_a_note() {
    let mut story = story(NotificationType::Cancelled);
    story.order["stages"][0]["comment"] =
        json!("We are out of size 42.\nYour refund left us today.");
    story.settings.support = Some("https://acme.example/help".to_owned());
    check("cancelled-note", &story);
    insta::assert_snapshot!("cancelled-note_html", story.email().html);
}

#[test]
fn a_shop_that_says_little_still_writes_well() {
    let mut story = story(NotificationType::Shipped);
    story.settings.support = None;
    story.settings.home_url = None;
    story.name = None;
    story.shipments[0]["eta"] = json!(null);
    story.shipments[0]["eta_first"] = json!(null);
    story.order["promised"] = json!(null);
    story.order["items"] = json!([]);
    check("shipped-bare", &story);
}

#[test]
fn the_languages_that_the_domain_knows_are_those_with_texts() {
    let tags: Vec<&str> = posthorn_channels::locale::LOCALES
        .iter()
        .map(|locale| locale.tag)
        .collect();
    assert_eq!(tags, posthorn_domain::language::WRITTEN);
}
