//! Which facts a change amounts to.

use crate::{
    fixtures::{at, new_shipment, order},
    orders::standing,
};
use jiff::civil::Date;
use posthorn_domain::{
    condition::ShipmentCondition,
    eta::{Eta, EtaSource},
    fact::FactEvent,
    shipment::Shipment,
    stage::{OrderStage as S, StageSource},
    status::{DelayReason, Reason, ShipmentStatus},
    transition::{ItemChange, derive_facts},
};

/// The names of the facts between two states of a shipment.
fn names(old: Option<&Shipment>, new: &Shipment) -> Vec<&'static str> {
    let change = ItemChange::Shipment {
        order: order().key,
        old: old.cloned().map(Box::new),
        new: Box::new(new.clone()),
    };
    let facts = derive_facts(&change, at("23 10:00"));
    assert_eq!(
        facts,
        derive_facts(&change, at("23 10:00")),
        "the same record gives the same facts"
    );
    facts.iter().map(|fact| fact.event.detail_type()).collect()
}

fn eta(day: i8) -> Eta {
    Eta::on_day(Date::constant(2026, 11, day), EtaSource::Carrier)
}

#[test]
fn bookkeeping_is_no_fact() {
    let old = new_shipment(1);
    let mut new = old.clone();
    new.response_hash = Some("another".to_owned());
    new.cadence = None;
    new.service = Some("UPS Ground".to_owned());
    new.version += 1;
    assert_eq!(names(Some(&old), &new), [""; 0]);
}

#[test]
fn a_new_shipment_is_registered_and_tells_how_it_came() {
    assert_eq!(names(None, &new_shipment(1)), ["ShipmentRegistered"]);
    let moving = standing(1, ShipmentStatus::InTransit);
    assert_eq!(
        names(None, &moving),
        ["ShipmentRegistered", "ShipmentStatusChanged"]
    );
}

#[test]
fn the_way_from_depot_to_depot_is_no_fact() {
    let at_reason = |reason| Shipment {
        reason,
        ..standing(1, ShipmentStatus::InTransit)
    };
    let facts = |before, after| names(Some(&at_reason(before)), &at_reason(after));
    assert_eq!(facts(Reason::ArrivalScan, Reason::DepartureScan), [""; 0]);
    assert_eq!(
        facts(Reason::ArrivalScan, Reason::Forwarded),
        ["ShipmentStatusChanged"]
    );
    assert_eq!(
        facts(Reason::Accepted, Reason::ArrivalScan),
        ["ShipmentStatusChanged"]
    );
}

#[test]
fn a_corrected_number_is_one_fact_and_no_step_back() {
    let old = standing(1, ShipmentStatus::InTransit);
    let mut new = new_shipment(1);
    new.tracking_number = new_shipment(2).tracking_number;
    assert_eq!(names(Some(&old), &new), ["TrackingNumberChanged"]);
}

#[test]
fn a_delay_is_a_fact_when_it_begins_and_when_it_changes() {
    let delayed = |reason, eta| Shipment {
        conditions: vec![ShipmentCondition::Delayed {
            reason,
            since: at("23 09:00"),
        }],
        eta: Some(eta),
        ..standing(1, ShipmentStatus::InTransit)
    };
    let moving = Shipment {
        eta: Some(eta(25)),
        ..standing(1, ShipmentStatus::InTransit)
    };
    let weather = delayed(DelayReason::Weather, eta(25));
    assert_eq!(names(Some(&moving), &weather), ["ShipmentDelayed"]);
    assert_eq!(
        names(Some(&moving), &delayed(DelayReason::Weather, eta(26))),
        ["ShipmentDelayed"]
    );
    assert_eq!(
        names(Some(&weather), &delayed(DelayReason::Weather, eta(26))),
        ["ShipmentDelayed"]
    );
    assert_eq!(
        names(Some(&weather), &delayed(DelayReason::Customs, eta(25))),
        ["ShipmentDelayed"]
    );
    assert_eq!(names(Some(&weather), &weather), [""; 0]);
    assert_eq!(names(Some(&weather), &moving), [""; 0]);
}

#[test]
fn another_day_is_a_fact_but_not_the_first_one_known_within_the_promise() {
    let expected = |eta| Shipment {
        eta,
        ..standing(1, ShipmentStatus::InTransit)
    };
    let [unknown, early, late] = [None, Some(eta(25)), Some(eta(26))].map(expected);
    assert_eq!(names(Some(&unknown), &early), [""; 0]);
    assert_eq!(names(Some(&early), &late), ["EtaRevised"]);
    let promised = |day| {
        expected(Some(Eta {
            source: EtaSource::Store,
            ..eta(day)
        }))
    };
    assert_eq!(names(Some(&promised(25)), &early), [""; 0]);
    assert_eq!(names(Some(&promised(26)), &early), [""; 0]);
    assert_eq!(names(Some(&promised(24)), &early), ["EtaRevised"]);
}

#[test]
fn an_order_tells_each_stage_and_who_moved_it() {
    let old = order();
    let mut new = old.clone();
    new.set_stage(S::Processing, StageSource::Shop, None, at("23 10:00"))
        .unwrap();
    let placed = ItemChange::Order {
        old: None,
        new: Box::new(old.clone()),
    };
    let moved = ItemChange::Order {
        old: Some(Box::new(old)),
        new: Box::new(new.clone()),
    };
    let [first, second] = [&placed, &moved].map(|change| derive_facts(change, at("23 10:00")));
    assert!(matches!(
        first[0].event,
        FactEvent::OrderStageChanged { stage: S::New, by: StageSource::Shop, previous } if previous.stage.is_none()
    ));
    assert!(matches!(
        second[0].event,
        FactEvent::OrderStageChanged { stage: S::Processing, previous, .. } if previous.stage == Some(S::New)
    ));
    assert_ne!(first[0].id, second[0].id);
    let mut said = new.clone();
    said.set_stage(
        S::Processing,
        StageSource::Shop,
        Some("soon".to_owned()),
        at("23 11:00"),
    )
    .unwrap();
    let said = ItemChange::Order {
        old: Some(Box::new(new)),
        new: Box::new(said),
    };
    assert!(derive_facts(&said, at("23 11:00")).is_empty());
}

#[test]
fn a_fact_reads_on_the_bus_as_documented() {
    let change = ItemChange::Shipment {
        order: order().key,
        old: Some(Box::new(new_shipment(1))),
        new: Box::new(standing(1, ShipmentStatus::InTransit)),
    };
    let facts = derive_facts(&change, at("23 10:00"));
    insta::assert_json_snapshot!(facts, @r#"
    [
      {
        "version": 1,
        "id": "966f122ccb7c568ffa738d6cf32bfbb4",
        "shop": "acme",
        "order": "1001",
        "at": "2026-11-23T10:00:00Z",
        "item_version": 1,
        "type": "ShipmentStatusChanged",
        "shipment": 1,
        "status": "in_transit",
        "reason": "in_transit.moving",
        "previous": {
          "status": "pending",
          "reason": "pending.no_info"
        }
      }
    ]
    "#);
}

#[test]
fn what_comes_after_a_restore_is_another_fact_though_versions_begin_anew() {
    let id = |time| {
        let change = ItemChange::Shipment {
            order: order().key,
            old: Some(Box::new(standing(1, ShipmentStatus::InfoReceived))),
            new: Box::new(standing(1, ShipmentStatus::InTransit)),
        };
        let facts = derive_facts(&change, at(time));
        facts.first().map(|fact| fact.id.clone()).unwrap()
    };
    assert_eq!(id("22 09:00"), id("22 09:00"));
    assert_ne!(id("22 09:00"), id("24 09:00"));
}
