//! What a carrier takes back, and what rested on it.

use crate::{
    fixtures::{at, new_shipment, scan},
    story::Story,
};
use posthorn_domain::{
    condition::ShipmentCondition,
    journey::{self as rules, reconcile},
    report::{Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    shipment::Shipment,
    status::{DelayReason, Reason, ShipmentStatus},
};

fn told(scans: &[Scan]) -> Report {
    Report {
        scans: scans.to_vec(),
        ..Report::default()
    }
}

fn ready() -> Scan {
    scan("available_for_pickup.ready", "10 10:00")
}

fn delivered() -> Scan {
    scan("delivered", "10 12:00")
}

/// The delivery, taken back.
fn withdrawn() -> Scan {
    Scan {
        meaning: ScanMeaning::Withdrawn,
        ..delivered()
    }
}

fn after(reports: &[Report]) -> Shipment {
    reports.iter().fold(new_shipment(1), |shipment, report| {
        rules::apply_report(&shipment, report, at("11 10:00")).shipment
    })
}

#[test]
fn a_status_that_is_taken_back_is_lost_with_all_that_rested_on_it() {
    let proof = Proof {
        drop_off_location: Some("front door".to_owned()),
        ..Proof::default()
    };
    let first = Report {
        proof: Some(proof),
        ..told(&[ready(), delivered()])
    };
    let before = after(&[first]);
    assert_eq!(before.current_status(), ShipmentStatus::Delivered);
    assert_eq!(before.drop_off_location.as_deref(), Some("front door"));

    let report = told(&[ready(), withdrawn()]);
    let advance = rules::apply_report(&before, &report, at("11 11:00"));
    let shipment = advance.shipment;
    assert!(advance.is_news);
    assert_eq!(advance.new_scans, 0);
    assert_eq!(shipment.reason, Reason::Ready);
    assert_eq!(shipment.status_since, Some(ready().time));
    assert_eq!(shipment.drop_off_location, None);
    assert_ne!(shipment.cadence, before.cadence);
    let shown: Vec<&Scan> = reconcile::merged_history(&shipment)
        .iter()
        .map(|heard| heard.scan)
        .collect();
    assert_eq!(shown, [&ready()]);
}

#[test]
fn whichever_comes_first_what_is_taken_back_stays_void() {
    let expected = after(&[told(&[ready(), withdrawn()])]);
    for reports in [
        [told(&[ready(), delivered()]), told(&[withdrawn()])],
        [told(&[ready(), withdrawn()]), told(&[delivered()])],
        [told(&[withdrawn()]), told(&[delivered(), ready()])],
        [
            told(&[ready(), delivered(), withdrawn()]),
            told(&[delivered()]),
        ],
    ] {
        let shipment = after(&reports);
        assert_eq!(shipment.reason, Reason::Ready, "{reports:?}");
        assert_eq!(shipment.scans, expected.scans, "{reports:?}");
    }
}

#[test]
fn a_withdrawal_in_other_words_takes_back_the_same_event_and_no_other() {
    // Noon in UTC, on another wall.
    let pushed = Scan {
        time: "2026-11-10T15:00:00+03:00".parse().unwrap(),
        text: "DELIVERED (DELETED)".to_owned(),
        place: Place {
            city: Some("Tver".to_owned()),
            ..Place::default()
        },
        ..withdrawn()
    };
    let shipment = after(&[
        told(&[ready(), delivered()]),
        told(std::slice::from_ref(&pushed)),
    ]);
    assert_eq!(shipment.reason, Reason::Ready);

    let later = scan("delivered", "10 18:00");
    let shipment = after(&[
        told(&[ready(), delivered()]),
        told(&[pushed, later.clone()]),
    ]);
    assert_eq!(shipment.current_status(), ShipmentStatus::Delivered);
    assert_eq!(shipment.status_since, Some(later.time));
}

#[test]
fn a_return_that_is_taken_back_leaves_a_delivery_one() {
    let back = scan("returning.to_sender", "10 11:00");
    let returning = Report {
        is_return: true,
        ..told(&[ready(), back.clone()])
    };
    let shipment = after(std::slice::from_ref(&returning));
    assert!(shipment.is_return);
    let void = Scan {
        meaning: ScanMeaning::Withdrawn,
        ..back
    };
    let shipment = after(&[returning, told(&[ready(), void]), told(&[delivered()])]);
    assert_eq!(shipment.current_status(), ShipmentStatus::Delivered);
    assert!(!shipment.is_return);
}

#[test]
fn an_order_whose_delivery_is_taken_back_is_not_delivered_and_then_is() {
    let mut story = Story::new();
    for (what, at) in [("order", "09 08:00"), ("parcel", "09 09:00")] {
        story.step(&crate::story::Step { what, at });
    }
    story.dispatch();
    story.deliver(&[ready()], "10 10:05");
    story.dispatch();
    story.deliver(&[delivered()], "10 12:05");
    let stage = |story: &Story| story.order.stage.as_str();
    assert_eq!(stage(&story), "delivered");
    story.deliver(&[withdrawn()], "10 13:00");
    assert_ne!(stage(&story), "delivered");
    assert_eq!(story.shipments[0].reason, Reason::Ready);
    story.deliver(&[scan("delivered", "10 18:00")], "10 18:05");
    assert_eq!(stage(&story), "delivered");
}

#[test]
fn a_delay_lasts_since_the_carrier_says() {
    let late = scan("delayed.weather", "09 06:00");
    let on_its_way = scan("in_transit", "08 07:00");
    let shipment = after(&[told(&[on_its_way, late])]);
    let expected = ShipmentCondition::Delayed {
        reason: DelayReason::Weather,
        since: at("09 06:00"),
    };
    assert_eq!(shipment.conditions, [expected]);
}
