//! Every message as a customer gets it, to be read before it is accepted.

#[cfg(test)]
mod fixture;

use fixture::{Story, parcel, story};
use posthorn_domain::{
    moment::Moment,
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
    for moment in Moment::ALL {
        check(moment.as_str(), &story(*moment));
    }
}

#[test]
fn every_moment_has_a_mail_in_html() {
    for moment in Moment::ALL {
        insta::assert_snapshot!(format!("{moment}_html"), story(*moment).email().html);
    }
}

#[test]
fn every_reason_that_a_customer_hears_of_has_its_own_words() {
    for reason in Reason::ALL {
        let moment = match reason.status() {
            ShipmentStatus::Exception if reason.is_told_to_customer() => Moment::Exception,
            ShipmentStatus::AttemptFailed => Moment::AttemptFailed,
            ShipmentStatus::Delivered => Moment::Delivered,
            _ => continue,
        };
        let mut story = story(moment);
        story.shipments = vec![parcel(1, reason.as_str())];
        if moment == Moment::Delivered {
            story.shipments[0]["left_at"] = json!(null);
        }
        check(&format!("{moment}-{reason}"), &story);
    }
}

#[test]
fn a_parcel_that_was_scanned_is_on_its_way() {
    let mut story = story(Moment::Shipped);
    story.shipments = vec![parcel(1, "picked_up.accepted")];
    check("shipped-scanned", &story);
}

#[test]
fn a_part_that_somebody_took_in_is_not_looked_for_at_the_door() {
    for reason in ["delivered.signed", "delivered.neighbor"] {
        let mut story = story(Moment::ParcelDelivered);
        story.shipments[0]["reason"] = json!(reason);
        story.shipments[0]["left_at"] = json!(null);
        check(&format!("parcel_delivered-{reason}"), &story);
    }
}

#[test]
fn every_delay_says_why_and_until_when() {
    for reason in DelayReason::ALL {
        let mut story = story(Moment::Delayed);
        story.shipments[0]["conditions"] =
            json!([{ "kind": "delayed", "reason": reason, "since": "2026-11-25T13:00:00Z" }]);
        story.shipments[0]["eta"] =
            json!({ "from": "2026-11-28", "to": "2026-11-28", "source": "carrier" });
        check(&format!("{reason}"), &story);
    }
}

#[test]
fn a_delay_without_a_new_date_promises_none() {
    let mut story = story(Moment::Delayed);
    story.shipments[0]["conditions"] = json!([{ "kind": "delayed", "reason": "delayed.weather", "since": "2026-11-25T13:00:00Z" }]);
    story.shipments[0]["eta"] =
        json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "carrier" });
    check("delayed-no-date", &story);
}

#[test]
fn a_window_is_told_in_hours() {
    let mut story = story(Moment::OutForDelivery);
    story.shipments[0]["eta"] = json!({
        "from": "2026-11-25", "to": "2026-11-25", "window": ["10:15:00", "12:15:00"], "source": "carrier",
    });
    check("out_for_delivery-window", &story);
}

#[test]
fn several_days_are_told_as_such() {
    let mut story = story(Moment::InTransit);
    story.shipments[0]["eta"] =
        json!({ "from": "2026-11-29", "to": "2026-12-02", "source": "carrier" });
    check("in_transit-range", &story);
}

#[test]
fn a_missed_day_is_named() {
    let mut story = story(Moment::EtaMissed);
    let eta = json!({ "from": "2026-11-24", "to": "2026-11-24", "source": "carrier" });
    story.shipments[0]["eta"] = eta.clone();
    story.shipments[0]["conditions"] =
        json!([{ "kind": "eta_missed", "eta": eta, "since": "2026-11-25T03:00:00Z" }]);
    check("eta_missed-day", &story);
}

#[test]
fn one_parcel_of_several_is_told_apart() {
    for moment in [
        Moment::Shipped,
        Moment::ParcelDelivered,
        Moment::OutForDelivery,
    ] {
        let mut story = story(moment);
        let mut second = parcel(2, "in_transit.moving");
        second["items"] = json!([{ "title": "Wool socks", "quantity": 3 }]);
        story.shipments.push(second);
        story.shipment = Some(if moment == Moment::Shipped { 2 } else { 1 });
        check(&format!("{moment}-several"), &story);
    }
}

#[test]
fn all_parcels_of_several_have_come() {
    let mut story = story(Moment::Delivered);
    story.shipments.push(parcel(2, "delivered.signed"));
    check("delivered-several", &story);
}

#[test]
fn the_shop_may_add_a_note() {
    let mut story = story(Moment::Cancelled);
    story.order["stages"][0]["comment"] =
        json!("We are out of size 42.\nYour refund left us today.");
    story.settings.support = Some("https://acme.example/help".to_owned());
    check("cancelled-note", &story);
    insta::assert_snapshot!("cancelled-note_html", story.email().html);
}

#[test]
fn a_shop_that_says_little_still_writes_well() {
    let mut story = story(Moment::Shipped);
    story.settings.support = None;
    story.settings.home_url = None;
    story.name = None;
    story.shipments[0]["eta"] = json!(null);
    story.shipments[0]["eta_first"] = json!(null);
    story.order["promised"] = json!(null);
    story.order["items"] = json!([]);
    check("shipped-bare", &story);
}
