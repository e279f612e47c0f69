//! What holds for every journey, whatever a carrier tells.

use crate::{
    fixtures::{at, new_shipment, scan},
    story::{Step, Story},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    journey as rules,
    report::Report,
    scan::{Scan, ScanMeaning},
    shipment::Shipment,
    status::{DelayReason, Reason, ShipmentStatus},
};
use proptest::prelude::*;

fn any_meaning() -> impl Strategy<Value = ScanMeaning> {
    prop_oneof![
        8 => prop::sample::select(Reason::ALL).prop_map(ScanMeaning::Status),
        1 => prop::sample::select(DelayReason::ALL).prop_map(ScanMeaning::Delay),
        1 => Just(ScanMeaning::Unknown),
        1 => Just(ScanMeaning::Withdrawn),
    ]
}

/// Scans of some days, many of them at the same moment.
fn any_scans() -> impl Strategy<Value = Vec<Scan>> {
    let any_scan =
        (0..4u8, 0..6u8, any_meaning(), 0..3u32).prop_map(|(day, hour, meaning, sequence)| Scan {
            meaning,
            sequence,
            ..scan("x", &format!("{} {:02}:00", 20 + day, 4 * hour))
        });
    prop::collection::vec(any_scan, 0..14)
}

/// Scans of which one is a delivery, mostly the last.
fn delivered_scans() -> impl Strategy<Value = Vec<Scan>> {
    (any_scans(), 0..4u8).prop_map(|(mut scans, day)| {
        scans.push(scan("delivered", &format!("{} 22:00", 20 + day)));
        scans
    })
}

fn any_reason() -> impl Strategy<Value = Reason> {
    prop::sample::select(Reason::ALL)
}

/// Reports of scans and of what is stated beside them; each has a scan, for
/// without one only the order of arrival tells what is later.
fn any_reports() -> impl Strategy<Value = Vec<Report>> {
    let any_report =
        (any_scans(), prop::option::of(any_reason())).prop_map(|(scans, stated)| Report {
            reported_status: stated.filter(|_| !scans.is_empty()),
            ..report(&scans)
        });
    prop::collection::vec(any_report, 0..5)
}

fn after_all(reports: &[Report], now: Timestamp) -> Shipment {
    reports.iter().fold(new_shipment(1), |shipment, report| {
        rules::apply_report(&shipment, report, now).shipment
    })
}

fn report(scans: &[Scan]) -> Report {
    Report {
        scans: scans.to_vec(),
        ..Report::default()
    }
}

fn after(scans: &[Scan], now: Timestamp) -> Shipment {
    rules::apply_report(&new_shipment(1), &report(scans), now).shipment
}

const fn may_step_back(from: ShipmentStatus, to: ShipmentStatus) -> bool {
    use ShipmentStatus as S;
    matches!(
        to,
        S::Exception | S::AttemptFailed | S::Returning | S::Returned
    ) || matches!(
        from,
        S::Exception | S::AttemptFailed | S::Cancelled | S::Expired
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_same_report_again_is_no_news(scans in any_scans()) {
        let first = after(&scans, at("25 10:00"));
        let second = rules::apply_report(&first, &report(&scans), at("25 11:00"));
        prop_assert!(!second.is_news);
        prop_assert_eq!(second.new_scans, 0);
        prop_assert_eq!(second.shipment, first);
    }

    #[test]
    fn the_order_of_arrival_does_not_matter(
        (scans, shuffled, split) in any_scans().prop_flat_map(|scans| {
            let n_scans = scans.len();
            (Just(scans.clone()), Just(scans).prop_shuffle(), 0..=n_scans)
        }),
    ) {
        let now = at("25 10:00");
        let at_once = after(&scans, now);
        let (early, late) = shuffled.split_at(split);
        let first = after(late, now);
        let both = rules::apply_report(&first, &report(early), now).shipment;
        let resent = rules::apply_report(&both, &report(&shuffled), now).shipment;
        prop_assert_eq!(&resent.reason, &at_once.reason);
        prop_assert_eq!(Shipment { version: 0, ..resent }, Shipment { version: 0, ..at_once });
    }

    #[test]
    fn a_shipment_moves_back_only_for_a_problem_or_a_return(mut scans in any_scans()) {
        // What is taken back takes the shipment back.
        scans.retain(|scan| scan.meaning != ScanMeaning::Withdrawn);
        // Of two scans of one moment and place in the carrier's order, the one that
        // comes second may belong before the first.
        scans.sort_by_key(|scan| (scan.time, scan.sequence));
        scans.dedup_by_key(|scan| (scan.time, scan.sequence));
        let now = at("25 10:00");
        let mut shipment = new_shipment(1);
        for index in 0..scans.len() {
            let before = shipment.current_status();
            shipment = rules::apply_report(&shipment, &report(&scans[..=index]), now).shipment;
            let status = shipment.current_status();
            prop_assert!(
                status.progress_rank() >= before.progress_rank() || may_step_back(before, status),
                "{} after {}", status, before
            );
        }
    }

    #[test]
    fn delivered_is_left_only_towards_a_problem_or_a_return(scans in delivered_scans(), late in any_meaning()) {
        let now = at("25 10:00");
        let before = after(&scans, now);
        if before.current_status() != ShipmentStatus::Delivered {
            return Ok(());
        }
        let late = Scan { meaning: late, ..scan("late", "24 23:00") };
        let status = rules::apply_report(&before, &report(&[late]), now).shipment.current_status();
        prop_assert!(status == ShipmentStatus::Delivered || may_step_back(before.current_status(), status));
    }

    #[test]
    fn what_is_stated_again_is_no_news(reports in any_reports()) {
        let now = at("25 10:00");
        let first = after_all(&reports, now);
        let again = reports.iter().fold(first.clone(), |shipment, report| {
            rules::apply_report(&shipment, report, now).shipment
        });
        prop_assert_eq!(again, first);
    }

    #[test]
    fn the_order_in_which_statements_arrive_does_not_matter(
        (reports, shuffled) in any_reports()
            .prop_flat_map(|reports| (Just(reports.clone()), Just(reports).prop_shuffle())),
    ) {
        let now = at("25 10:00");
        let (first, other) = (after_all(&reports, now), after_all(&shuffled, now));
        prop_assert_eq!(Shipment { version: 0, ..first }, Shipment { version: 0, ..other });
    }

    #[test]
    fn a_statement_of_progress_moves_nothing_back(scans in any_scans(), told in any_scans(), stated in any_reason()) {
        // After a problem or an end that is none, later scans count anew.
        prop_assume!(!matches!(
            stated.to_status(),
            ShipmentStatus::Exception
                | ShipmentStatus::AttemptFailed
                | ShipmentStatus::Cancelled
                | ShipmentStatus::Expired
        ));
        let now = at("25 10:00");
        let before = after(&scans, now);
        let silent = rules::apply_report(&before, &report(&told), now).shipment.current_status();
        let stating = Report { reported_status: Some(stated), ..report(&told) };
        let status = rules::apply_report(&before, &stating, now).shipment.current_status();
        prop_assert!(
            status.progress_rank() >= silent.progress_rank() || may_step_back(silent, status),
            "{} and not {}, for {}", status, silent, stated
        );
        let is_final = matches!(silent, ShipmentStatus::Delivered | ShipmentStatus::Returned);
        prop_assert!(!is_final || status == silent || stated.to_status().is_backward());
    }

    #[test]
    fn time_alone_comes_to_rest(scans in any_scans(), days in 0..200i64) {
        let shipment = after(&scans, at("25 10:00"));
        let now = at("25 10:00") + SignedDuration::from_hours(24 * days);
        let reminded = rules::apply_elapsed_time(&shipment, now);
        let again = rules::apply_elapsed_time(&reminded.shipment, now);
        prop_assert!(!again.is_news && !again.must_write(&reminded.shipment));
        prop_assert!(rules::apply_report(&reminded.shipment, &report(&scans), now).shipment.reason == reminded.shipment.reason);
    }

    #[test]
    fn a_shipment_first_seen_when_delivered_yields_one_message(scans in delivered_scans(), at_night in any::<bool>()) {
        let stands = after(&scans, at("24 12:00"));
        if stands.current_status() != ShipmentStatus::Delivered {
            return Ok(());
        }
        let mut story = Story::new();
        for what in ["order", "parcel"] {
            story.step(&Step { what, at: "23 23:59" });
        }
        story.deliver(&scans, if at_night { "24 02:00" } else { "24 12:00" });
        story.dispatch();
        story.wait_until(at("29 12:00"));
        prop_assert!(story.told.len() <= 1, "{:?}", story.told);
        prop_assert!(story.told.iter().all(|told| told == "email delivered"));
    }
}
