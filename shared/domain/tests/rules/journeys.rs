//! Where a shipment stands after what its carrier told, in whatever order.

use crate::{
    fixtures::{at, new_shipment, scan},
    story::{Step, journey},
};
use jiff::Timestamp;
use posthorn_domain::{
    journey as rules,
    report::Report,
    scan::Scan,
    shipment::Shipment,
    status::{Reason, ShipmentStatus},
};

pub(crate) fn report(scans: &[Scan]) -> Report {
    Report {
        scans: scans.to_vec(),
        ..Report::default()
    }
}

/// The shipment after `report`, which given once more must be no news.
pub(crate) fn advanced(shipment: &Shipment, report: &Report, now: Timestamp) -> Shipment {
    let advance = rules::apply_report(shipment, report, now);
    let again = rules::apply_report(&advance.shipment, report, now);
    assert!(!again.is_news, "the same report again is no news");
    assert_eq!(again.shipment, advance.shipment);
    assert_eq!(again.new_scans, 0);
    let is_other = advance.shipment != *shipment;
    assert_eq!(advance.must_write(shipment), is_other);
    assert_eq!(
        advance.shipment.version,
        shipment.version + u64::from(is_other)
    );
    advance.shipment
}

/// Every order in which `scans` can arrive.
fn arrivals(scans: &[Scan]) -> Vec<Vec<Scan>> {
    if scans.len() < 2 {
        return vec![scans.to_vec()];
    }
    let mut orders = Vec::new();
    for first in 0..scans.len() {
        let mut rest = scans.to_vec();
        let scan = rest.remove(first);
        for mut order in arrivals(&rest) {
            order.insert(0, scan.clone());
            orders.push(order);
        }
    }
    orders
}

/// The scans lead to `expected`, `reason since day time [+ delay]`, in one
/// report and in as many reports as there are scans, in every order of these.
#[track_caller]
fn check(steps: &[Step], expected: &str) {
    let scans: Vec<Scan> = steps.iter().map(|step| scan(step.what, step.at)).collect();
    let now = at("30 12:00");
    let at_once = advanced(&new_shipment(1), &report(&scans), now);
    let since = at_once
        .status_since
        .map(|since| since.order_key().strftime("%-d %H:%M").to_string());
    let mut stands = format!("{} since {}", at_once.reason, since.unwrap_or_default());
    if let Some(delay) = at_once.delay_reason() {
        stands = format!("{stands} + {delay}");
    }
    assert_eq!(stands, expected);
    for order in arrivals(&scans) {
        let mut shipment = new_shipment(1);
        for scan in &order {
            shipment = advanced(&shipment, &report(std::slice::from_ref(scan)), now);
        }
        let expected = Shipment {
            version: shipment.version,
            ..at_once.clone()
        };
        assert_eq!(shipment, expected, "arrived as {order:?}");
    }
}

#[test]
fn a_shipment_moves_along_the_line() {
    check(
        &journey!["info_received" @ "22 09:00"],
        "info_received.label since 22 09:00",
    );
    check(
        &journey!["info_received" @ "22 09:00", "picked_up" @ "22 10:00", "in_transit" @ "22 11:00"],
        "in_transit.moving since 22 11:00",
    );
    check(
        &journey!["in_transit" @ "22 11:00", "in_transit.arrival_scan" @ "22 15:00"],
        "in_transit.arrival_scan since 22 11:00",
    );
    check(
        &journey!["out_for_delivery" @ "23 08:00", "delivered.signed" @ "23 11:00"],
        "delivered.signed since 23 11:00",
    );
    check(
        &journey!["customs.processing" @ "22 08:00", "in_transit" @ "22 11:00", "customs.released" @ "22 12:00"],
        "customs.released since 22 12:00",
    );
}

#[test]
fn a_scan_of_a_lower_rank_does_not_move_it_back() {
    check(
        &journey!["out_for_delivery" @ "23 08:00", "in_transit" @ "23 09:00", "info_received" @ "23 10:00"],
        "out_for_delivery.today since 23 08:00",
    );
    check(
        &journey!["in_transit" @ "22 08:00", "picked_up" @ "22 09:00"],
        "in_transit.moving since 22 08:00",
    );
}

#[test]
fn an_unknown_code_or_a_mere_note_keeps_the_last_status() {
    check(
        &journey!["in_transit" @ "22 08:00", "no such code" @ "22 09:00", "note" @ "22 10:00"],
        "in_transit.moving since 22 08:00",
    );
    check(
        &journey!["no such code" @ "22 09:00"],
        "pending.no_info since ",
    );
}

#[test]
fn a_problem_may_follow_and_be_solved() {
    check(
        &journey!["out_for_delivery" @ "22 08:00", "exception.bad_address" @ "22 12:00"],
        "exception.bad_address since 22 12:00",
    );
    check(
        &journey!["exception.bad_address" @ "22 12:00", "in_transit" @ "23 08:00", "in_transit.arrival_scan" @ "23 09:00"],
        "in_transit.resolved since 23 08:00",
    );
    check(
        &journey!["exception.security" @ "22 12:00", "in_transit" @ "23 08:00"],
        "in_transit.moving since 23 08:00",
    );
    check(
        &journey!["exception.bad_address" @ "22 12:00", "in_transit.forwarded" @ "23 08:00", "in_transit" @ "23 12:00"],
        "in_transit.forwarded since 23 08:00",
    );
    check(
        &journey!["exception.bad_address" @ "22 12:00", "exception" @ "22 13:00"],
        "exception.bad_address since 22 12:00",
    );
    check(
        &journey!["exception.bad_address" @ "22 12:00", "out_for_delivery" @ "23 08:00"],
        "out_for_delivery.today since 23 08:00",
    );
}

#[test]
fn the_way_back_to_the_depot_after_a_failed_attempt_is_no_progress() {
    check(
        &journey!["attempt_failed.not_home" @ "22 12:00", "in_transit.arrival_scan" @ "22 18:00"],
        "attempt_failed.not_home since 22 12:00",
    );
    check(
        &journey!["attempt_failed.not_home" @ "22 12:00", "in_transit.departure_scan" @ "23 06:00"],
        "in_transit.resolved since 23 06:00",
    );
    check(
        &journey!["attempt_failed.not_home" @ "22 12:00", "attempt_failed" @ "23 12:00"],
        "attempt_failed.generic since 23 12:00",
    );
    check(
        &journey!["attempt_failed.not_home" @ "22 12:00", "attempt_failed" @ "22 12:30"],
        "attempt_failed.not_home since 22 12:00",
    );
}

#[test]
fn delivered_stays_delivered_unless_it_comes_back_or_the_carrier_takes_it_back() {
    for routing in [
        "in_transit",
        "out_for_delivery",
        "picked_up",
        "customs",
        "available_for_pickup",
        "exception.generic",
        "exception.damaged",
        "cancelled",
        "delayed.weather",
        "delivered.generic",
    ] {
        let scans = [
            scan("delivered.signed", "22 12:00"),
            scan(routing, "22 15:00"),
        ];
        let shipment = advanced(&new_shipment(1), &report(&scans), at("30 12:00"));
        assert_eq!(shipment.reason, Reason::Signed, "after {routing}");
        assert!(shipment.conditions.is_empty(), "after {routing}");
    }
    for correction in [
        "attempt_failed.not_home",
        "exception.bad_address",
        "exception.refused",
        "returning",
        "returned",
    ] {
        let later = [scan("delivered", "22 12:00"), scan(correction, "22 15:00")];
        let shipment = advanced(&new_shipment(1), &report(&later), at("30 12:00"));
        assert_ne!(
            shipment.current_status(),
            ShipmentStatus::Delivered,
            "after {correction}"
        );
        let earlier = [scan("delivered", "22 12:00"), scan(correction, "22 09:00")];
        let shipment = advanced(&new_shipment(1), &report(&earlier), at("30 12:00"));
        assert!(shipment.current_status().is_final(), "before {correction}");
    }
    check(
        &journey!["delivered" @ "22 12:00", "attempt_failed.not_home" @ "22 15:00", "out_for_delivery" @ "23 08:00", "delivered.neighbor" @ "23 11:00"],
        "delivered.neighbor since 23 11:00",
    );
}

#[test]
fn delivered_on_the_way_back_means_returned() {
    check(
        &journey!["returning" @ "22 12:00", "in_transit" @ "23 08:00", "out_for_delivery" @ "24 08:00",
            "attempt_failed" @ "24 10:00", "delivered" @ "25 10:00"],
        "returned.received since 25 10:00",
    );
    check(
        &journey!["delivered" @ "20 12:00", "returning" @ "22 12:00", "delivered" @ "25 10:00"],
        "returned.received since 25 10:00",
    );
    check(
        &journey!["returning" @ "22 12:00", "exception.lost" @ "23 12:00", "in_transit" @ "24 12:00"],
        "returning.to_sender since 24 12:00",
    );
    let way_back = Report {
        is_return: true,
        ..report(&[
            scan("in_transit", "22 09:00"),
            scan("delivered", "23 09:00"),
        ])
    };
    let shipment = advanced(&new_shipment(1), &way_back, at("23 10:00"));
    assert_eq!(shipment.reason, Reason::Received);
    let there_and_back = Report {
        is_return: true,
        ..report(&[scan("delivered", "22 09:00"), scan("returning", "23 09:00")])
    };
    let shipment = advanced(&new_shipment(1), &there_and_back, at("23 10:00"));
    assert_eq!(shipment.reason, Reason::ToSender);
}

#[test]
fn a_voided_label_that_moves_after_all_is_not_void() {
    check(
        &journey!["info_received" @ "22 09:00", "cancelled" @ "22 10:00", "info_received" @ "22 11:00"],
        "cancelled.voided since 22 10:00",
    );
    check(
        &journey!["cancelled" @ "22 10:00", "picked_up" @ "22 12:00"],
        "picked_up.accepted since 22 12:00",
    );
}

#[test]
fn a_delay_lies_over_the_status_until_it_is_over() {
    check(
        &journey!["in_transit" @ "22 09:00", "delayed.weather" @ "22 10:00", "in_transit" @ "23 10:00"],
        "in_transit.moving since 22 09:00 + delayed.weather",
    );
    check(
        &journey!["in_transit" @ "22 09:00", "delayed.weather" @ "22 10:00", "delayed.customs" @ "23 10:00"],
        "in_transit.moving since 22 09:00 + delayed.customs",
    );
    check(
        &journey!["delayed.weather" @ "22 10:00", "out_for_delivery" @ "23 10:00"],
        "out_for_delivery.today since 23 10:00",
    );
    check(
        &journey!["out_for_delivery" @ "22 09:00", "delayed.carrier" @ "22 10:00"],
        "out_for_delivery.today since 22 09:00 + delayed.carrier",
    );
}

#[test]
fn scans_of_the_same_moment_are_ordered_by_the_carrier_and_then_by_rank() {
    check(
        &journey!["delivered" @ "22 09:00", "out_for_delivery" @ "22 09:00", "attempt_failed" @ "22 09:00"],
        "delivered.generic since 22 09:00",
    );
    let mut attempt = scan("attempt_failed", "22 09:00");
    attempt.sequence = 2;
    let mut ready = scan("available_for_pickup", "22 09:00");
    ready.sequence = 1;
    let shipment = advanced(&new_shipment(1), &report(&[attempt, ready]), at("22 10:00"));
    assert_eq!(shipment.current_status(), ShipmentStatus::AttemptFailed);
}
