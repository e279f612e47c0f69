//! What each body that a carrier pushes is read as, and that none makes it panic.
//!
//! A push is a file `fixtures/<carrier>/push/<case>.http`: a request line, the
//! headers as they came, an empty line, the body.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::{HeaderMap, HeaderName, HeaderValue};
use posthorn_carriers::{ALL, Carrier, CarrierError, TrackingResult};
use posthorn_domain::tracking_number::TrackingNumber;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::{fmt::Write as _, fs, path::Path, sync::LazyLock};

struct Push {
    carrier: &'static dyn Carrier,
    case: String,
    headers: HeaderMap,
    body: Vec<u8>,
}

static PUSHES: LazyLock<Vec<Push>> = LazyLock::new(|| {
    let mut pushes = Vec::new();
    for carrier in ALL.iter().copied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(carrier.carrier_profile().id)
            .join("push");
        let Ok(entries) = fs::read_dir(folder) else {
            continue;
        };
        let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for file in files {
            let case = file.file_stem().unwrap().to_str().unwrap().to_owned();
            pushes.push(push(carrier, case, &fs::read_to_string(file).unwrap()));
        }
    }
    pushes
});

fn push(carrier: &'static dyn Carrier, case: String, file: &str) -> Push {
    let (head, body) = file.split_once("\n\n").unwrap();
    let mut lines = head.lines();
    assert!(lines.next().unwrap().starts_with("POST "), "{case}");
    let headers = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap();
            let name: HeaderName = name.trim().parse().unwrap();
            (name, HeaderValue::from_str(value.trim()).unwrap())
        })
        .collect();
    Push {
        carrier,
        case,
        headers,
        // An editor ends the file with a line break, a carrier does not.
        body: body.trim_end().as_bytes().to_vec(),
    }
}

fn render(read: Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError>) -> String {
    let mut text = String::new();
    let outcomes = match read {
        Ok(outcomes) => outcomes,
        Err(failure) => return format!("{failure:#?}"),
    };
    if outcomes.is_empty() {
        text.push_str("about no parcel");
    }
    for (number, outcome) in outcomes {
        let TrackingResult::Found(found) = outcome else {
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
    text
}

#[test]
fn every_push_is_read_as_it_was_reviewed() {
    for push in PUSHES.iter() {
        let read = push.carrier.parse_push(&push.headers, &push.body);
        let name = format!("push__{}__{}", push.carrier.carrier_profile().id, push.case);
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, render(read));
        });
    }
}

#[test]
fn a_carrier_that_pushes_says_how_it_proves_itself() {
    for push in PUSHES.iter() {
        let profile = push.carrier.carrier_profile();
        assert!(profile.push.is_some(), "{}", profile.id);
    }
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{here}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                places(inner, &format!("{here}/{index}"), found);
            }
        }
        _ => {}
    }
}

proptest! {
    #[test]
    fn no_push_makes_a_carrier_panic(
        which in any::<prop::sample::Index>(),
        place in any::<prop::sample::Index>(),
        junk in prop_oneof![
            Just(Value::Null),
            Just(json!([{}])),
            Just(json!({"a": 1})),
            Just(json!(-1)),
            Just(json!("9999-12-31T23:59:60+99:99")),
            ".{0,12}".prop_map(Value::from),
        ],
        cut in any::<prop::sample::Index>(),
    ) {
        let push = which.get(&PUSHES);
        let cut = cut.index(push.body.len());
        drop(push.carrier.parse_push(&push.headers, &push.body[..cut]));
        if let Ok(mut document) = serde_json::from_slice::<Value>(&push.body) {
            let mut found = Vec::new();
            places(&document, "", &mut found);
            let place: &String = place.get(&found);
            if let Some(target) = document.pointer_mut(place) {
                *target = junk;
            }
            let bent = document.to_string();
            drop(push.carrier.parse_push(&push.headers, bent.as_bytes()));
        }
    }
}
