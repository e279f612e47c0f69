//! Labels that are voided, used after all, or numbered late.

use crate::{
    fixtures::{at, new_shipment, scan},
    messages::sent_messages,
    story::{Story, journey},
};
use posthorn_domain::{
    cadence::Cadence,
    fact::FactEvent,
    journey::{self as rules, label},
    order::DeliveryMethod,
    report::Report,
    shipment::Shipment,
    source::Source,
    status::ShipmentStatus as P,
    transition::{self, ItemChange},
};

fn told(shipment: &Shipment, source: Option<&Source>, what: &str, time: &str) -> Shipment {
    let report = Report {
        scans: vec![scan(what, time)],
        ..Report::default()
    };
    rules::advance_by(shipment, source, &report, at(time)).shipment
}

fn voided(shipment: &Shipment) -> Option<Shipment> {
    label::void_label(shipment, at("22 12:00")).map(|advance| advance.shipment)
}

#[test]
fn a_label_that_no_carrier_has_scanned_can_be_voided_and_used_after_all() {
    let (store, label) = (Source::from_storefront(), new_shipment(1));
    let printed = told(&label, Some(&store), "info_received.label", "22 09:00");
    let announced = told(&label, None, "info_received.label", "22 09:00");
    for shipment in [label, printed, announced] {
        let void = voided(&shipment).unwrap();
        assert_eq!(void.current_status(), P::Cancelled);
        assert_eq!(void.version, shipment.version + 1);
        assert_eq!(voided(&void), None);
        let again = label::revive_shipment(&void, at("22 13:00")).unwrap();
        assert!(!again.current_status().is_final(), "{}", again.reason);
        assert_eq!(again.cadence, Some(Cadence::EightHours));
        assert_eq!(again.version, void.version + 1);
        assert_eq!(label::revive_shipment(&again, at("22 14:00")), None);
    }
}

#[test]
fn what_a_carrier_has_scanned_goes_on_and_what_only_the_storefront_said_does_not() {
    let (store, staff) = (Source::from_storefront(), Source::from_staff());
    let moved = told(&new_shipment(1), None, "in_transit.moving", "22 09:00");
    let seen = told(
        &new_shipment(1),
        Some(&staff),
        "in_transit.moving",
        "22 09:00",
    );
    assert_eq!(voided(&moved), None);
    assert_eq!(voided(&seen), None);
    let said = told(&new_shipment(1), Some(&store), "delivered", "22 09:00");
    assert_eq!(voided(&said).unwrap().current_status(), P::Cancelled);
}

#[test]
fn a_number_that_comes_late_is_registered_and_what_was_told_remains() {
    let order = crate::fixtures::order().key;
    let untracked = Shipment {
        tracking_number: None,
        ..new_shipment(1)
    };
    let moved = told(
        &untracked,
        Some(&Source::from_storefront()),
        "in_transit",
        "22 09:00",
    );
    let number = new_shipment(1).tracking_number;
    let known = rules::correct_number(
        &moved,
        moved.carrier.clone(),
        number.clone(),
        at("22 10:00"),
    );
    assert_eq!(known.current_status(), P::InTransit);
    assert!(known.former_numbers.is_empty());
    let change = ItemChange::Shipment {
        order,
        old: Some(Box::new(moved)),
        new: Box::new(known),
    };
    let facts = transition::derive_facts(&change, at("22 10:00"));
    let events: Vec<FactEvent> = facts.into_iter().map(|fact| fact.event).collect();
    let [
        FactEvent::ShipmentRegistered {
            tracking_number, ..
        },
    ] = events.as_slice()
    else {
        panic!("{events:?}");
    };
    assert_eq!(*tracking_number, number);
}

#[test]
fn that_there_is_no_number_is_told_once_none_has_followed() {
    let mut story = Story::new();
    story.play(&journey!["untracked" @ "22 09:00", "wait" @ "22 09:14"]);
    assert_eq!(sent_messages(&story, "email"), "");
    story.play(&journey!["wait" @ "22 09:15"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");

    let mut story = Story::new();
    story.play(&journey!["untracked" @ "22 09:00", "number 77889900" @ "22 09:05"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");
    story.play(&journey!["wait" @ "23 12:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped");

    // Who was told that there is none is told the number.
    let mut story = Story::new();
    story.play(&journey!["untracked" @ "22 09:00", "number 77889900" @ "22 12:00"]);
    assert_eq!(sent_messages(&story, "email"), "shipped · shipped");
}

#[test]
fn of_what_is_not_brought_nothing_is_said() {
    for method in DeliveryMethod::ALL {
        let mut story = Story::new();
        story.order.delivery_method = *method;
        story.play(&journey!["order" @ "22 09:00", "shop delivered" @ "22 12:00"]);
        let told = if method.is_without_delivery() {
            ""
        } else {
            "order_received · delivered"
        };
        assert_eq!(sent_messages(&story, "email"), told, "{method}");
    }
    let mut story = Story::new();
    story.order.delivery_method = DeliveryMethod::Digital;
    story.play(&journey!["order" @ "22 09:00", "shop cancelled" @ "22 12:00"]);
    assert_eq!(sent_messages(&story, "email"), "cancelled");
}
