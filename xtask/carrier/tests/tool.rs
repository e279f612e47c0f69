//! The program as an integrator meets it.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn run(arguments: &[&str]) -> (String, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_posthorn-carrier"))
        .args(arguments)
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (text, output.status.code().unwrap())
}

fn parsed(arguments: &[&str]) -> (Value, i32) {
    let (text, code) = run(arguments);
    (serde_json::from_str(&text).unwrap(), code)
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/carriers/fixtures")
}

#[test]
fn each_number_gets_a_line_of_json() {
    let (text, code) = run(&["recognise", "1z 999AA1 0123456784", "ABCD"]);
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(
        lines,
        [
            json!({"number": "1Z999AA10123456784", "candidates": [{
                "carrier": "ups", "format": "UPS 1Z", "confidence": 99, "checksum": true,
                "reasons": ["shape", "checksum"],
            }], "rejected": []}),
            json!({"number": "ABCD", "candidates": [], "rejected": []}),
        ]
    );
    assert_eq!(code, 0);
}

#[test]
fn what_else_is_known_counts() {
    let clues = [
        "--hint",
        "Deutsche Post",
        "--country",
        "DE",
        "--mix",
        "ups=5,gls=1",
    ];
    let (text, code) = run(&[&["recognise", "201298452277"][..], &clues].concat());
    let line: Value = serde_json::from_str(&text).unwrap();
    let best = &line["candidates"][0];
    assert_eq!(best["carrier"], "dhl_parcel_de");
    assert_eq!(
        best["reasons"],
        json!(["shape", "checksum", "carrier_name", "country"])
    );
    assert_eq!(code, 0);
}

#[test]
fn a_carrier_that_was_named_is_not_passed_over_because_of_a_check_digit() {
    let (line, code) = parsed(&["recognise", "3318810010", "--hint", "DHL Express"]);
    let candidates = line["candidates"].as_array().unwrap();
    assert!(
        candidates
            .iter()
            .all(|found| found["carrier"] != "dhl_express")
    );
    let expected = json!([{"carrier": "dhl_express", "format": "DHL Express waybill",
                           "checksum": false, "reasons": ["shape", "carrier_name"]}]);
    assert_eq!(line["rejected"], expected);
    assert_eq!(code, 0);
}

#[test]
fn an_impossible_number_is_a_failure() {
    let (value, code) = parsed(&["recognise", "1Z!"]);
    assert_eq!(value["error"]["kind"], "invalid_number");
    assert_eq!(code, 1);
}

#[test]
fn every_carrier_is_listed() {
    let (value, code) = parsed(&["list", "--json"]);
    let ids: Vec<&str> = value
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["id"].as_str().unwrap())
        .collect();
    assert!(ids.contains(&"ups") && ids.contains(&"manual"));
    let (text, _) = run(&["list"]);
    assert_eq!(text.lines().count(), ids.len() + 1);
    assert_eq!(code, 0);
}

#[test]
fn a_recorded_answer_is_reported_oldest_event_first() {
    let file = fixtures().join("ups/delivered.http");
    let (value, code) = parsed(&["parse", "ups", file.to_str().unwrap()]);
    assert_eq!(value["status"], "delivered");
    assert_eq!(value["delivered"], true);
    let events = value["events"].as_array().unwrap();
    let stamps: Vec<(&str, &str)> = events
        .iter()
        .map(|event| {
            (
                event["date"].as_str().unwrap(),
                event["time"].as_str().unwrap(),
            )
        })
        .collect();
    assert!(stamps.is_sorted() && stamps.len() > 1, "{stamps:?}");
    assert_eq!(code, 0);
}

#[test]
fn a_failure_is_its_kind_and_a_message() {
    for (case, kind) in [
        ("not_found", "not_found"),
        ("rate_limited", "rate_limited"),
        ("unauthorized", "unauthorized"),
        ("garbage", "unreadable"),
    ] {
        let file = fixtures().join(format!("ups/{case}.http"));
        let (value, code) = parsed(&["parse", "ups", file.to_str().unwrap()]);
        assert_eq!(value["error"]["kind"], kind);
        assert!(value["error"]["message"].is_string());
        let is_known = kind == "not_found";
        assert_eq!(value["status"] == "pending", is_known);
        assert_eq!(value["reason"] == "pending.no_info", is_known);
        assert_eq!(code, 1);
    }
    for arguments in [
        ["parse", "unheard_of", "x"],
        ["parse", "ups", "no/such/file"],
    ] {
        let (value, code) = parsed(&arguments);
        assert_eq!((value["error"]["kind"].as_str(), code), (Some("usage"), 1));
    }
}

/// What every object has, be it a report or a failure.
fn check_shape(shown: &Value, file: &Path) {
    let file = file.display();
    let number = &shown["number"];
    assert!(number.is_string() || number.is_null(), "{file}");
    let mut statuses = ["status", "reason"].map(|name| &shown[name]).into_iter();
    let is_failure = shown.get("error").is_some();
    assert!(
        statuses.all(|status| status.is_string() || (is_failure && status.is_null())),
        "{file}"
    );
    assert_eq!(
        shown["delivered"],
        json!(shown["status"] == "delivered"),
        "{file}"
    );
    assert!(shown["eta"].is_object() || shown["eta"].is_null(), "{file}");
    assert!(shown["complete"].is_boolean(), "{file}");
    let events = shown["events"].as_array().unwrap();
    assert!(!is_failure || events.is_empty(), "{file}");
    for event in events {
        let has = |name: &str, length: usize| {
            event[name]
                .as_str()
                .map_or(event[name].is_null(), |text| text.len() == length)
        };
        assert!(event["date"].is_string() && has("date", 10), "{file}");
        assert!(has("time", 8) && has("offset", 6), "{file}");
        assert!(
            event["code"].is_string() && event["text"].is_string(),
            "{file}"
        );
        assert_eq!(event["place"].as_object().unwrap().len(), 3, "{file}");
    }
}

#[test]
fn every_recorded_answer_of_every_carrier_has_the_shape_of_a_report() {
    for folder in fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        let carrier = folder.file_name().unwrap().to_str().unwrap();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            if file
                .extension()
                .is_some_and(|extension| extension == "http")
            {
                let (shown, code) = parsed(&["parse", carrier, file.to_str().unwrap()]);
                let shown = match shown {
                    Value::Array(several) => several,
                    one => vec![one],
                };
                let is_report = |one: &Value| one.get("error").is_none();
                assert_eq!(
                    code,
                    i32::from(!shown.iter().any(is_report)),
                    "{}",
                    file.display()
                );
                for one in &shown {
                    check_shape(one, &file);
                }
            }
        }
    }
}
