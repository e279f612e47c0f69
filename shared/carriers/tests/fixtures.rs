//! What each recorded answer parses to, and that none of the cases that every
//! carrier meets is missing.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use posthorn_carriers::{ALL, carrier::Carrier, profile::PollMode, recorded::RecordedResponse};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// What can happen with any carrier (CONTRIBUTING.md, "A new carrier").
const CASES: [&str; 7] = [
    "in_transit",
    "delivered",
    "exception",
    "not_found",
    "unauthorized",
    "rate_limited",
    "garbage",
];

fn folder(carrier: &dyn Carrier) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(carrier.carrier_profile().id)
}

/// Carriers that answer over the network.
fn asked() -> impl Iterator<Item = &'static &'static dyn Carrier> {
    ALL.iter().filter(|carrier| {
        let profile = carrier.carrier_profile();
        profile.mode != PollMode::Never && !profile.base_url.is_empty()
    })
}

fn render(carrier: &dyn Carrier, file: &[u8]) -> String {
    let recorded = RecordedResponse::parse(file).unwrap();
    let answer = carrier.parse_response(&recorded.call, &recorded.response);
    let mut text = String::new();
    for (number, outcome) in answer.outcomes {
        let posthorn_carriers::TrackingResult::Found(found) = outcome else {
            write!(text, "{number}\n{outcome:#?}\n").unwrap();
            continue;
        };
        for found in found {
            let report = serde_json::to_string_pretty(&found.report).unwrap();
            write!(text, "{number}\n{report}\n").unwrap();
            if let Some(id) = found.unique_id {
                writeln!(text, "unique id {id}").unwrap();
            }
        }
    }
    for call in answer.next {
        writeln!(text, "then {call:?}").unwrap();
    }
    text
}

#[test]
fn every_recorded_answer_is_read_as_it_was_reviewed() {
    for carrier in asked() {
        let id = carrier.carrier_profile().id;
        let mut files: Vec<PathBuf> = fs::read_dir(folder(*carrier))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| {
                path.extension()
                    .is_some_and(|extension| extension == "http")
            })
            .collect();
        files.sort();
        for file in files {
            let name = file.file_stem().unwrap().to_str().unwrap();
            let text = render(*carrier, &fs::read(&file).unwrap());
            insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
                insta::assert_snapshot!(format!("{id}__{name}"), text);
            });
        }
    }
}

#[test]
fn no_carrier_lacks_one_of_the_cases_that_all_meet() {
    for carrier in asked() {
        for case in CASES {
            let file = folder(*carrier).join(format!("{case}.http"));
            assert!(file.exists(), "{} is missing", file.display());
        }
    }
}

#[test]
fn no_folder_of_recorded_answers_is_left_behind() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    for entry in fs::read_dir(fixtures).unwrap() {
        let name = entry.unwrap().file_name();
        let is_known = asked().any(|carrier| name == carrier.carrier_profile().id);
        assert!(is_known, "{} is no carrier's", name.display());
    }
}
