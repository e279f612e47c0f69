//! The order of scans with and without an offset, and of days.

use crate::fixtures::{at, new_shipment, scan};
use posthorn_domain::{journey as rules, report::Report, scan::Scan, shipment::Shipment};

/// Scans as they are told, each a meaning and a time, numbered from the oldest.
fn after(scans: &[(&str, &str)]) -> Shipment {
    let scans = scans.iter().zip(0..).map(|((what, time), sequence)| Scan {
        time: time.parse().unwrap(),
        sequence,
        ..scan(what, "17 00:00")
    });
    let report = Report {
        scans: scans.collect(),
        ..Report::default()
    };
    rules::apply_report(&new_shipment(1), &report, at("20 10:00")).shipment
}

fn check(scans: &[(&str, &str)], expected: &str) {
    let shipment = after(scans);
    let order: Vec<&str> = shipment.scans.iter().map(|scan| &*scan.code).collect();
    let told: Vec<&str> = scans.iter().map(|(what, _)| *what).collect();
    assert_eq!(order, told);
    assert_eq!(shipment.reason.as_str(), expected);
}

#[test]
fn an_attempt_that_lacks_its_offset_comes_after_the_van_of_the_same_town() {
    check(
        &[
            ("out_for_delivery.today", "2026-11-17T08:00:00-08:00"),
            ("attempt_failed.access", "2026-11-17T12:05:00"),
        ],
        "attempt_failed.access",
    );
    check(
        &[
            ("out_for_delivery.today", "2026-11-17T08:00:00"),
            ("attempt_failed.access", "2026-11-17T12:05:00+09:00"),
        ],
        "attempt_failed.access",
    );
}

#[test]
fn a_day_without_a_time_comes_after_the_evening_before() {
    check(
        &[
            ("in_transit.departure_scan", "2026-11-16T20:00:00-08:00"),
            ("available_for_pickup.ready", "2026-11-17"),
        ],
        "available_for_pickup.ready",
    );
}

#[test]
fn of_a_day_without_a_time_the_carriers_order_tells_what_came_before() {
    check(
        &[
            ("out_for_delivery.today", "2026-11-17T08:00:00-05:00"),
            ("attempt_failed.not_home", "2026-11-17"),
        ],
        "attempt_failed.not_home",
    );
    check(
        &[
            ("info_received.label", "2026-11-17"),
            ("picked_up.accepted", "2026-11-17T08:00:00-05:00"),
        ],
        "picked_up.accepted",
    );
}
