//! A code that is in no table counts as not understood, whatever the carrier says besides.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use posthorn_carriers::{ALL, Carrier, TrackingResult, recorded::RecordedResponse};
use posthorn_domain::scan::Scan;
use std::{fs, path::Path};

/// The scans of a recorded answer; none if there is no such answer.
fn scans(carrier: &dyn Carrier, name: &str) -> Option<Vec<Scan>> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let file = fixtures
        .join(carrier.carrier_profile().id)
        .join(format!("{name}.http"));
    let recorded = RecordedResponse::parse(&fs::read(file).ok()?).unwrap();
    let answer = carrier.parse_response(&recorded.call, &recorded.response);
    let found = answer.outcomes.into_iter().filter_map(|(_, outcome)| {
        if let TrackingResult::Found(found) = outcome {
            Some(found)
        } else {
            None
        }
    });
    let scans = found.flatten().flat_map(|found| found.report.scans);
    Some(scans.collect())
}

fn find(id: &str) -> &'static dyn Carrier {
    let mut all = ALL.iter().copied();
    all.find(|carrier| carrier.carrier_profile().id == id)
        .unwrap()
}

#[test]
fn codes_that_are_in_no_table_count_whatever_the_carrier() {
    let mut n_carriers = 0;
    for carrier in ALL.iter().copied() {
        let Some(scans) = scans(carrier, "unknown_code") else {
            continue;
        };
        n_carriers += 1;
        let is_counted = scans.iter().any(|scan| !scan.is_understood());
        assert!(is_counted, "{}: {scans:#?}", carrier.carrier_profile().id);
    }
    assert!(n_carriers >= 20, "{n_carriers}");
}

#[test]
fn a_coarser_word_gives_a_meaning_and_no_understanding() {
    for (id, name, code, expected) in [
        ("ups", "code_of_another_type", "S9", "in_transit.moving"),
        (
            "shippo",
            "unknown_substatus",
            "teleported",
            "in_transit.moving",
        ),
        (
            "aftership",
            "unknown_subtag",
            "InTransit_099",
            "in_transit.moving",
        ),
        (
            "easypost",
            "unknown_detail",
            "teleported",
            "in_transit.moving",
        ),
        (
            "shipengine",
            "unknown_detail",
            "TELEPORTED",
            "in_transit.moving",
        ),
        (
            "sf_express",
            "unknown_operation",
            "310",
            "in_transit.moving",
        ),
        ("postnl", "unknown_code_with_status", "", ""),
        (
            "royal_mail",
            "category_in_small_letters",
            "EVXXX",
            "delivered.generic",
        ),
        ("fedex", "unknown_reason", "DE/Q9", "exception.generic"),
        (
            "cdek",
            "unknown_reason",
            "NOT_DELIVERED 99",
            "returning.to_sender",
        ),
    ] {
        let scans = scans(find(id), name).unwrap();
        let inferred: Vec<&Scan> = scans.iter().filter(|scan| scan.is_inferred).collect();
        let [scan] = inferred.as_slice() else {
            panic!("{id}/{name}: {scans:#?}");
        };
        if !code.is_empty() {
            let reason = scan.meaning.status_reason().unwrap().as_str();
            assert_eq!((scan.code.as_str(), reason), (code, expected), "{id}");
        }
        let others = scans.iter().filter(|other| other.code != scan.code);
        assert!(
            others.into_iter().all(Scan::is_understood),
            "{id}: {scans:#?}"
        );
    }
}
