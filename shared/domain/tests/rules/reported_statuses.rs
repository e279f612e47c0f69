//! What a carrier states of a shipment apart from its scans.

use crate::{
    fixtures::{at, clock, new_shipment, scan},
    journeys::{advanced, report},
    sources::source,
    story::{Step, Story},
};
use posthorn_domain::{
    cadence::Cadence,
    journey::{self as rules, reconcile},
    report::{Proof, Report},
    scan::Scan,
    shipment::Shipment,
    source::Source,
    status::Reason,
    time::ScanTime,
    transition::{self, ItemChange},
};

/// A report of scans, each `what @ day time`, and what is stated beside them.
fn told(scans: &[&str], stated: &str) -> Report {
    let scans: Vec<Scan> = scans
        .iter()
        .map(|told| {
            let (what, time) = told.split_once(" @ ").unwrap();
            scan(what, time)
        })
        .collect();
    Report {
        reported_status: Some(stated.parse().unwrap()),
        ..report(&scans)
    }
}

/// Where a shipment stands after each report in turn, and after the first again.
#[track_caller]
fn check(reports: &[Report], expected: &str) {
    let now = at("30 12:00");
    let last = reports.iter().fold(new_shipment(1), |shipment, report| {
        advanced(&shipment, report, now)
    });
    assert_eq!(last.reason.as_str(), expected);
    let again = advanced(&last, &reports[0], now);
    assert_eq!(
        again.reason.as_str(),
        expected,
        "the first report once more"
    );
}

#[test]
fn what_is_ahead_of_the_scans_moves_the_shipment_forward() {
    check(
        &[told(&["out_for_delivery @ 23 08:00"], "delivered.generic")],
        "delivered.generic",
    );
    check(
        &[told(
            &["out_for_delivery @ 23 08:00", "no such code @ 23 11:00"],
            "delivered.generic",
        )],
        "delivered.generic",
    );
    check(
        &[told(&["info_received @ 22 08:00"], "in_transit.moving")],
        "in_transit.moving",
    );
    check(
        &[told(&["in_transit @ 22 08:00"], "exception.lost")],
        "exception.lost",
    );
}

#[test]
fn what_says_less_than_the_scans_moves_nothing() {
    check(
        &[told(&["delivered @ 23 11:00"], "in_transit.moving")],
        "delivered.generic",
    );
    check(
        &[told(
            &["in_transit.arrival_scan @ 22 08:00"],
            "in_transit.moving",
        )],
        "in_transit.arrival_scan",
    );
    check(
        &[told(&["out_for_delivery @ 23 08:00"], "pending.no_info")],
        "out_for_delivery.today",
    );
}

#[test]
fn what_is_not_understood_is_a_problem_if_its_carrier_says_so() {
    let not_understood = ["out_for_delivery @ 23 08:00", "no such code @ 23 11:00"];
    for problem in ["exception.generic", "attempt_failed.generic"] {
        check(&[told(&not_understood, problem)], problem);
    }
    check(
        &[told(
            &["delivered @ 23 08:00", "no such code @ 23 11:00"],
            "exception.generic",
        )],
        "delivered.generic",
    );
    check(
        &[told(&["out_for_delivery @ 23 08:00"], "exception.generic")],
        "out_for_delivery.today",
    );
}

#[test]
fn what_lags_behind_does_not_undo_a_problem_or_a_return() {
    let on_the_van = "out_for_delivery @ 23 08:00";
    check(
        &[told(
            &[on_the_van, "exception.lost @ 23 12:00"],
            "out_for_delivery.today",
        )],
        "exception.lost",
    );
    check(
        &[told(
            &[on_the_van, "attempt_failed.not_home @ 23 12:00"],
            "delivered.generic",
        )],
        "attempt_failed.not_home",
    );
    check(
        &[told(
            &[on_the_van, "returning @ 23 12:00"],
            "delivered.generic",
        )],
        "returning.to_sender",
    );
    check(
        &[told(
            &["returning @ 22 12:00", "returned @ 23 12:00"],
            "delivered.generic",
        )],
        "returned.received",
    );
    // That it is back follows on that it goes back.
    check(
        &[told(&["returning @ 22 12:00"], "returned.received")],
        "returned.received",
    );
}

#[test]
fn delivered_on_the_way_back_is_returned_whichever_source_says_so() {
    check(
        &[told(
            &["returning @ 22 12:00", "in_transit @ 23 12:00"],
            "delivered.generic",
        )],
        "returned.received",
    );
    let sent_back = Report {
        is_return: true,
        ..told(&["in_transit @ 22 12:00"], "delivered.generic")
    };
    check(&[sent_back], "returned.received");
    let arrived = Report {
        is_return: true,
        ..told(
            &["in_transit @ 22 12:00", "delivered @ 23 12:00"],
            "delivered.generic",
        )
    };
    check(std::slice::from_ref(&arrived), "returned.received");
    let arrived = advanced(&new_shipment(1), &arrived, at("30 12:00"));
    assert!(arrived.statements.is_empty(), "the scans say as much");
}

#[test]
fn a_later_report_that_takes_it_back_moves_nothing_back_but_a_scan_may() {
    let delivered = told(&["in_transit @ 22 12:00"], "delivered.generic");
    check(
        &[
            delivered.clone(),
            told(&["in_transit @ 22 12:00"], "in_transit.moving"),
        ],
        "delivered.generic",
    );
    check(
        &[
            delivered.clone(),
            told(
                &["in_transit @ 22 12:00", "in_transit @ 22 18:00"],
                "in_transit.moving",
            ),
        ],
        "delivered.generic",
    );
    check(
        &[
            delivered.clone(),
            told(
                &[
                    "in_transit @ 22 12:00",
                    "attempt_failed.not_home @ 23 12:00",
                ],
                "attempt_failed.not_home",
            ),
        ],
        "attempt_failed.not_home",
    );
    check(
        &[
            delivered,
            told(
                &["in_transit @ 22 12:00", "returning @ 23 12:00"],
                "returning.to_sender",
            ),
        ],
        "returning.to_sender",
    );
}

#[test]
fn a_more_trusted_source_corrects_a_statement_too() {
    let now = at("30 12:00");
    let stated = advanced(
        &new_shipment(1),
        &told(&["in_transit @ 22 12:00"], "delivered.generic"),
        now,
    );
    let lost = report(&[scan("exception.lost", "24 09:00")]);
    let corrected = rules::apply_correction(&stated, &Source::from_staff(), &lost, now).shipment;
    assert_eq!(corrected.reason, Reason::Lost);
    let again = told(&["in_transit @ 22 12:00"], "delivered.generic");
    assert_eq!(advanced(&corrected, &again, now).reason, Reason::Lost);
}

#[test]
fn without_any_scan_the_order_of_arrival_is_all_there_is() {
    check(&[told(&[], "in_transit.moving")], "in_transit.moving");
    let now = at("30 12:00");
    let after = |stated: &[&str]| {
        let reports = stated.iter().map(|stated| told(&[], stated));
        let last = reports.fold(new_shipment(1), |shipment, report| {
            advanced(&shipment, &report, now)
        });
        last.reason.as_str()
    };
    assert_eq!(
        after(&["in_transit.moving", "delivered.generic"]),
        "delivered.generic"
    );
    assert_eq!(
        after(&["delivered.generic", "in_transit.moving"]),
        "delivered.generic"
    );
    assert_eq!(
        after(&[
            "in_transit.moving",
            "exception.bad_address",
            "in_transit.moving"
        ]),
        "in_transit.resolved"
    );
    assert_eq!(
        after(&["pending.invalid_number", "info_received.label"]),
        "info_received.label"
    );
}

#[test]
fn a_statement_has_no_time_but_one_that_is_proved_or_that_a_scan_brings() {
    let now = at("23 12:00");
    let stated = told(&["out_for_delivery @ 23 08:00"], "delivered.signed");
    let shipment = advanced(&new_shipment(1), &stated, now);
    assert_eq!(
        (shipment.reason, shipment.status_since),
        (Reason::Signed, None)
    );
    let scans = [
        "out_for_delivery @ 23 08:00",
        "delivered.generic @ 23 11:00",
    ];
    let scanned = advanced(&shipment, &told(&scans, "delivered.signed"), now);
    let eleven = ScanTime::from_zoned(clock("23 11:00"), jiff::tz::Offset::UTC);
    assert_eq!(
        (scanned.reason, scanned.status_since),
        (Reason::Signed, Some(eleven))
    );
    let proved = Report {
        proof: Some(Proof {
            at: Some(eleven),
            ..Proof::default()
        }),
        ..stated
    };
    assert_eq!(
        advanced(&new_shipment(1), &proved, now).status_since,
        Some(eleven)
    );
    assert_eq!(
        reconcile::merged_history(&shipment).len(),
        1,
        "the history holds what happened at a known time"
    );
}

#[test]
fn a_shipment_stated_delivered_is_asked_after_like_one_scanned_delivered() {
    let now = at("23 12:00");
    let on_the_van = "out_for_delivery @ 23 08:00";
    let stated = advanced(
        &new_shipment(1),
        &told(&[on_the_van], "delivered.generic"),
        now,
    );
    let scans = [on_the_van, "delivered @ 23 11:00"];
    let scanned = advanced(&new_shipment(1), &told(&scans, "delivered.generic"), now);
    assert_eq!(stated.cadence, Some(Cadence::Day));
    assert_eq!(stated.cadence, scanned.cadence);
}

#[test]
fn an_aggregators_word_does_not_hold_against_newer_scans_of_the_carrier() {
    let now = at("30 12:00");
    let stale = told(&["in_transit @ 22 12:00"], "delivered.generic");
    let carrier = report(&[
        scan("in_transit", "22 12:00"),
        scan("out_for_delivery", "23 08:00"),
    ]);
    let aggregator = source("17track");
    let both = |first: (Option<Source>, &Report), second: (Option<Source>, &Report)| {
        [first, second]
            .into_iter()
            .fold(new_shipment(1), |shipment, (source, report)| {
                rules::advance_by(&shipment, source.as_ref(), report, now).shipment
            })
    };
    let late = both((None, &carrier), (aggregator.clone(), &stale));
    assert_eq!(late.reason, Reason::Today);
    let early = both((aggregator.clone(), &stale), (None, &carrier));
    assert_eq!(early.reason, Reason::Today);
    assert_eq!(
        Shipment {
            version: 0,
            ..late.clone()
        },
        Shipment {
            version: 0,
            ..early
        }
    );
    assert_eq!(
        reconcile::standing_by(&late, aggregator.as_ref()),
        Some(Reason::DeliveredGeneric)
    );
    // Of the same event aggregators give rounded times.
    let rounded = told(
        &["in_transit @ 22 12:00", "out_for_delivery @ 23 07:50"],
        "delivered.generic",
    );
    let fresh = both((None, &carrier), (aggregator, &rounded));
    assert_eq!(fresh.reason, Reason::DeliveredGeneric);
}

#[test]
fn the_carriers_own_word_holds_beside_scans_of_others() {
    let now = at("30 12:00");
    let stated = told(&["in_transit @ 22 12:00"], "delivered.generic");
    let shipment = advanced(&new_shipment(1), &stated, now);
    let repeated = report(&[scan("in_transit", "23 18:00")]);
    let shipment =
        rules::advance_by(&shipment, source("17track").as_ref(), &repeated, now).shipment;
    assert_eq!(shipment.reason, Reason::DeliveredGeneric);
}

#[test]
fn a_label_that_the_storefront_voided_stays_void_until_the_shipment_is_seen() {
    let now = at("30 12:00");
    let void = told(&[], "cancelled.voided");
    let voided = rules::advance_by(
        &new_shipment(1),
        Some(&Source::from_storefront()),
        &void,
        now,
    )
    .shipment;
    assert_eq!(voided.reason, Reason::Voided);
    let label = advanced(&voided, &report(&[scan("info_received", "22 12:00")]), now);
    assert_eq!(label.reason, Reason::Voided);
    let seen = advanced(&label, &report(&[scan("picked_up", "23 12:00")]), now);
    assert_eq!(seen.reason, Reason::Accepted);
}

#[test]
fn an_aggregator_that_gave_it_up_is_believed_until_there_is_news() {
    let scans = ["in_transit @ 22 12:00"];
    let expired = told(&scans, "expired.silent");
    check(std::slice::from_ref(&expired), "expired.silent");
    let news = told(
        &["in_transit @ 22 12:00", "in_transit @ 29 12:00"],
        "in_transit.moving",
    );
    check(&[expired.clone(), news], "in_transit.moving");
    let now = at("30 12:00");
    let shipment = advanced(&new_shipment(1), &expired, now);
    let number = shipment.tracking_number.clone();
    let reopened = rules::correct_number(&shipment, shipment.carrier.clone(), number, now);
    assert_eq!(
        reopened.reason,
        Reason::Moving,
        "the shop wants it followed again"
    );
}

#[test]
fn a_shipment_given_up_comes_back_by_a_new_statement_and_not_by_an_old_one() {
    let now = at("22 12:00");
    let stated = told(&["info_received @ 22 08:00"], "in_transit.moving");
    let shipment = advanced(&new_shipment(1), &stated, now);
    let later = now + jiff::SignedDuration::from_hours(24 * 100);
    let given_up = rules::apply_elapsed_time(&shipment, later).shipment;
    assert_eq!(given_up.reason, Reason::Silent);
    let same = rules::apply_report(&given_up, &stated, later).shipment;
    assert_eq!(same.reason, Reason::Silent);
    let delivered = told(&["info_received @ 22 08:00"], "delivered.generic");
    let delivered = rules::apply_report(&given_up, &delivered, later).shipment;
    assert_eq!(delivered.reason, Reason::DeliveredGeneric);
}

#[test]
fn the_customer_hears_once_of_a_delivery_that_is_stated_and_scanned_later() {
    let mut story = Story::new();
    story.play(&[
        Step {
            what: "order",
            at: "22 08:00",
        },
        Step {
            what: "parcel",
            at: "22 08:00",
        },
        Step {
            what: "in_transit",
            at: "22 12:00",
        },
        Step {
            what: "out_for_delivery",
            at: "23 08:00",
        },
        Step {
            what: "stated delivered.generic",
            at: "23 11:00",
        },
        Step {
            what: "wait",
            at: "24 09:00",
        },
        Step {
            what: "delivered.signed",
            at: "24 09:30",
        },
        Step {
            what: "wait",
            at: "29 12:00",
        },
    ]);
    let told = story.told.iter().filter(|told| told.ends_with("delivered"));
    let of_delivery: Vec<&str> = told.map(String::as_str).collect();
    assert_eq!(of_delivery, ["email delivered"], "{:?}", story.told);
}

#[test]
fn the_time_of_a_stated_attempt_is_no_other_attempt() {
    let now = at("30 12:00");
    let on_the_van = "out_for_delivery @ 23 08:00";
    let stated = Shipment {
        status_since: None,
        ..advanced(
            &new_shipment(1),
            &report(&[scan("attempt_failed", "23 12:00")]),
            now,
        )
    };
    let scans = [on_the_van, "attempt_failed.generic @ 23 12:00"];
    let scanned = advanced(
        &new_shipment(1),
        &told(&scans, "attempt_failed.generic"),
        now,
    );
    let change = ItemChange::Shipment {
        order: crate::fixtures::order().key,
        old: Some(Box::new(stated)),
        new: Box::new(scanned),
    };
    assert_eq!(transition::derive_facts(&change, now), []);
}
