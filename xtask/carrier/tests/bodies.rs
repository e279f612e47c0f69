//! Bare bodies, as an integrator saves them: it is not said what was asked for,
//! nor what the status line was.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use serde_json::{Value, json};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::atomic::{AtomicUsize, Ordering},
};

/// Recorded answers of which the body alone says something else, and why.
const TOLD_APART: &[(&str, &[&str])] = &[
    (
        "only the status line, or a header, tells what is wrong",
        &[
            "17track/garbage_unavailable",
            "australia_post/unauthorized",
            "australia_post/unavailable",
            "canada_post/garbage_unavailable",
            "canada_post/rate_limited_silent",
            "cdek/rate_limited",
            "dhl_express/unauthorized",
            "dhl_parcel_de/unauthorized_gateway",
            "dpd/garbage_unavailable",
            "dpd/rate_limited",
            "easypost/unpaid",
            "fedex/rate_limited_silent",
            "gls/unavailable",
            "laposte/no_such_resource",
            "postnl/no_such_resource",
            "postnl/unavailable",
            "russian_post/garbage_unavailable",
            "russian_post/rate_limited",
            "shipengine/carrier_not_told",
            "shippo/carrier_not_told",
            "shippo/carrier_unknown",
            "shippo/garbage_unavailable",
            "shippo/no_such_page",
            "shippo/rate_limited",
            "shippo/unauthorized",
            "ups/denied",
            "ups/garbage_unavailable",
            "usps/rate_limited_silent",
        ],
    ),
    (
        "the body states another status than the status line",
        &["usps/error_with_200", "usps/gateway_not_found"],
    ),
    (
        "a refusal of several numbers is asked again number by number, and how many there were the body does not say",
        &[
            "australia_post/batch_to_ask_one_by_one",
            "dhl_express/bad_number_in_batch",
            "dhl_parcel_de/batch_refused",
            "fedex/batch_refused",
        ],
    ),
    (
        "a number that was asked for is not in the body, or one that was not is",
        &[
            "17track/batch_mixed",
            "aftership/unregistered",
            "australia_post/batch_mixed",
            "australia_post/garbage_other_number",
            "canada_post/other_number",
            "dhl_express/batch_mixed",
            "dhl_parcel_de/batch_silent",
            "dhl_unified/other_parcel",
            "easypost/another_number",
            "easypost/list_of_trackers",
            "fedex/batch_mixed",
            "gls/batch_mixed",
            "gls/garbage_other_number",
            "gls/own_number",
            "laposte/batch_mixed",
            "laposte/garbage_other_number",
            "postnl/garbage_other_number",
            "royal_mail/garbage_other_number",
            "russian_post/ticket_mixed",
            "sf_express/batch_mixed",
            "ups/two_shipments",
            "usps/other_number",
        ],
    ),
    (
        "the body does not say when it was asked for, and so not that it is new",
        &["easypost/just_created"],
    ),
    (
        "it was asked for by another number than the parcel's own, or by that of one of its pieces",
        &[
            "dhl_express/piece_number",
            "dhl_unified/exception",
            "dhl_unified/several_pieces",
            "gls/several_pieces",
            "royal_mail/other_barcode",
            "ups/lead_number_of_several",
            "ups/several_pieces",
            "usps/with_zip_code",
        ],
    ),
];

/// No answer of theirs names its shipment.
const NAMELESS: [&str; 2] = ["boxberry", "dpd"];

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/carriers/fixtures")
}

fn parse(carrier: &str, file: &Path, more: &[&str]) -> (Vec<Value>, i32) {
    let output = Command::new(env!("CARGO_BIN_EXE_posthorn-carrier"))
        .args(["parse", carrier, file.to_str().unwrap()])
        .args(more)
        .output()
        .unwrap();
    let shown = match serde_json::from_slice(&output.stdout).unwrap() {
        Value::Array(several) => several,
        one => vec![one],
    };
    (shown, output.status.code().unwrap())
}

fn parse_text(carrier: &str, body: &[u8], more: &[&str]) -> (Vec<Value>, i32) {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("posthorn-body-{}-{count}", std::process::id());
    let file = std::env::temp_dir().join(name);
    fs::write(&file, body).unwrap();
    let read = parse(carrier, &file, more);
    fs::remove_file(&file).unwrap();
    read
}

fn check(carrier: &str, body: &Value, more: &[&str], expected: &Value) {
    let (shown, _) = parse_text(carrier, body.to_string().as_bytes(), more);
    let told: Vec<Value> = shown
        .iter()
        .map(|one| {
            let said = one
                .get("error")
                .map_or(&one["reason"], |error| &error["kind"]);
            json!([one["number"], said])
        })
        .collect();
    assert_eq!(json!(told), *expected, "{carrier}");
}

fn body(file: &[u8]) -> &[u8] {
    let gap = [&b"\r\n\r\n"[..], b"\n\n"].into_iter().find_map(|gap| {
        let at = file.windows(gap.len()).position(|window| window == gap)?;
        Some(at + gap.len())
    });
    &file[gap.unwrap_or(file.len())..]
}

/// What is compared: number, status, kind of failure and events. The numbers
/// do not count where the bare body has none.
fn news(shown: &[Value], is_named: bool) -> BTreeSet<String> {
    shown
        .iter()
        .map(|one| {
            let number = if is_named {
                &one["number"]
            } else {
                &Value::Null
            };
            let kind = one.get("error").map(|error| &error["kind"]);
            json!([number, one["status"], one["reason"], kind, one["events"]]).to_string()
        })
        .collect()
}

#[test]
fn every_bare_body_says_the_same_as_the_whole_answer() {
    let mut different = Vec::new();
    for folder in fs::read_dir(fixtures()).unwrap() {
        let folder = folder.unwrap().path();
        let carrier = folder.file_name().unwrap().to_str().unwrap().to_owned();
        for file in fs::read_dir(&folder).unwrap() {
            let file = file.unwrap().path();
            if file.is_dir() {
                continue;
            }
            let case = file.file_stem().unwrap().to_str().unwrap().to_owned();
            let (whole, _) = parse(&carrier, &file, &[]);
            let bytes = fs::read(&file).unwrap();
            let (bare, _) = parse_text(&carrier, body(&bytes), &[]);
            let is_named = bare.iter().all(|one| one["number"].is_string());
            let is_report = bare.iter().any(|one| one.get("error").is_none());
            assert!(
                is_named || !is_report || NAMELESS.contains(&&*carrier),
                "{carrier}/{case} has a report without a number"
            );
            if news(&whole, is_named) != news(&bare, is_named) {
                different.push(format!("{carrier}/{case}"));
            }
        }
    }
    different.sort();
    let mut expected: Vec<&str> = TOLD_APART
        .iter()
        .flat_map(|(_, cases)| *cases)
        .copied()
        .collect();
    expected.sort_unstable();
    assert_eq!(different, expected);
}

#[test]
fn every_push_is_read_in_the_place_of_an_answer() {
    for (carrier, case, expected) in [
        ("17track", "updated", "1Z9X9E030300010017"),
        ("aftership", "updated", "1Z9X9E030300010017"),
        ("cdek", "order_status", "1100000003"),
        ("easypost", "updated", "EZ2000000002"),
        ("shipengine", "updated", "9405500000000000000000"),
        ("shippo", "updated", "9205590164917312751089"),
        ("ups", "delivered", "1Z9X9E030300010302"),
    ] {
        let file = fixtures().join(format!("{carrier}/push/{case}.http"));
        let bytes = fs::read(&file).unwrap();
        let (shown, code) = parse_text(carrier, body(&bytes), &[]);
        assert_eq!((shown.len(), code), (1, 0), "{carrier}");
        assert_eq!(shown[0]["number"], expected, "{carrier}");
        assert!(!shown[0]["events"].as_array().unwrap().is_empty());
        assert_eq!(parse(carrier, &file, &[]).0, shown, "{carrier}");
        let (other, code) = parse_text(carrier, body(&bytes), &["--number", "ZZ99999999"]);
        assert_eq!(
            (&other[0]["error"]["kind"], code),
            (&json!("unreadable"), 1)
        );
    }
}

#[test]
fn several_shipments_are_a_list_in_the_order_of_the_body() {
    let package = |number: &str| json!({"trackingNumber": number, "currentStatus": {"type": "I", "code": "005"}});
    let ups = json!({"trackResponse": {"shipment": [
        {"inquiryNumber": "1Z2", "package": [package("1Z9X9E030300010202"), package("1Z9X9E030300010201")]},
        {"inquiryNumber": "1Z9X9E030300010203", "warnings": [{"code": "TW0001"}]},
    ]}});
    let told = json!([
        ["1Z9X9E030300010202", "in_transit.moving"],
        ["1Z9X9E030300010201", "in_transit.moving"],
        ["1Z9X9E030300010203", "not_found"],
    ]);
    check("ups", &ups, &[], &told);

    let shipment = |id: &str| json!({"id": id, "status": {"statusCode": "delivered", "timestamp": "2026-11-18T10:00:00"}});
    let dhl = json!({"shipments": [shipment("7777777770"), shipment("0034043416109402")]});
    let told = json!([
        ["7777777770", "delivered.generic"],
        ["0034043416109402", "delivered.generic"],
    ]);
    check("dhl_unified", &dhl, &[], &told);

    let tracker =
        |code: &str| json!({"tracking_code": code, "status": "delivered", "tracking_details": []});
    let easypost =
        json!({"trackers": [tracker("EZ4000000004"), tracker("EZ1000000001")], "has_more": false});
    let told = json!([
        ["EZ4000000004", "delivered.generic"],
        ["EZ1000000001", "delivered.generic"],
    ]);
    check("easypost", &easypost, &[], &told);
    let asked = ["--number", "EZ1000000001", "--number", "EZ9"];
    let told = json!([["EZ1000000001", "delivered.generic"]]);
    check("easypost", &easypost, &asked[..2], &told);

    let express = |number: &str| {
        let event = json!({"date": "2026-11-18", "time": "10:00:00", "typeCode": "PU"});
        json!({"shipmentTrackingNumber": number, "status": "Success", "events": [event]})
    };
    let express = json!({"shipments": [express("1234567890"), express("3318810025")]});
    let told = json!([
        ["1234567890", "picked_up.accepted"],
        ["3318810025", "picked_up.accepted"],
    ]);
    check("dhl_express", &express, &[], &told);
}

#[test]
fn a_carrier_that_is_asked_for_one_number_tells_of_each() {
    let tracker = json!({"trackers": [
        {"tracking_code": "EZ4000000004", "status": "delivered"},
        {"tracking_code": "EZ1000000001", "status": "in_transit"},
    ]});
    let asked = ["--number", "EZ1000000001", "--number", "EZ4000000004"];
    let told = json!([
        ["EZ1000000001", "in_transit.moving"],
        ["EZ4000000004", "delivered.generic"],
    ]);
    check("easypost", &tracker, &asked, &told);
}

#[test]
fn what_further_pages_hold_is_missing_from_a_report_that_says_so() {
    let package = json!({"trackingNumber": "1Z9X9E030300010202", "packageCount": 3,
        "currentStatus": {"type": "D", "code": "011"}});
    let ups = json!({"trackResponse": {"shipment": [{"package": [package]}]}}).to_string();
    let lead = ["--number", "1Z9X9E030300010201"];
    let (shown, code) = parse_text("ups", ups.as_bytes(), &lead);
    assert_eq!(shown[0]["status"], "delivered");
    assert_eq!((&shown[0]["complete"], code), (&json!(false), 0));
    let (shown, _) = parse_text("ups", ups.as_bytes(), &[]);
    assert_eq!(shown[0]["complete"], true);
}

#[test]
fn an_error_that_states_its_status_needs_no_status_line() {
    for (carrier, body, kind) in [
        (
            "gls",
            json!({"status": 404, "title": "Not Found"}),
            "rejected",
        ),
        (
            "gls",
            json!({"fault": {"detail": {"errorcode": "steps.jwt.TokenExpired"}}}),
            "unauthorized",
        ),
        (
            "postnl",
            json!({"fault": {"detail": {"errorcode": "policies.ratelimit.SpikeArrestViolation"}}}),
            "rate_limited",
        ),
        (
            "dhl_express",
            json!({"status": "404", "title": "Not data found"}),
            "not_found",
        ),
        (
            "dhl_unified",
            json!({"status": 404, "title": "No result found"}),
            "not_found",
        ),
        (
            "royal_mail",
            json!({"httpCode": "500", "errors": []}),
            "unavailable",
        ),
        (
            "shipengine",
            json!({"errors": [{"error_code": "unauthorized"}]}),
            "unauthorized",
        ),
        (
            "shipengine",
            json!({"errors": [{"message": "Body of request cannot be null."}]}),
            "rejected",
        ),
        (
            "easypost",
            json!({"error": {"code": "TRACKER.NOT_FOUND"}}),
            "not_found",
        ),
    ] {
        check(carrier, &body, &[], &json!([[null, kind]]));
        let asked = json!([["JD0146000001", kind]]);
        check(carrier, &body, &["--number", "JD0146000001"], &asked);
    }
}

#[test]
fn a_status_that_is_given_holds() {
    let body = br#"{"status": 404, "title": "Not Found"}"#;
    let (shown, _) = parse_text("gls", body, &["--status", "503"]);
    assert_eq!(shown[0]["error"]["kind"], "unavailable");
}

#[test]
fn an_offset_that_the_carrier_did_not_give_is_not_shown() {
    for case in [
        "boxberry/delivered",
        "sf_express/delivered",
        "dhl_parcel_de/delivered",
    ] {
        let (carrier, _) = case.split_once('/').unwrap();
        let (shown, _) = parse(carrier, &fixtures().join(format!("{case}.http")), &[]);
        let events = shown[0]["events"].as_array().unwrap();
        assert!(
            events.iter().all(|event| event["offset"].is_null()),
            "{case}"
        );
        assert!(
            events.iter().any(|event| event["time"].is_string()),
            "{case}"
        );
    }
    let (shown, _) = parse("gls", &fixtures().join("gls/delivered.http"), &[]);
    assert!(shown[0]["events"][0]["offset"].is_string());
}

#[test]
fn how_it_was_delivered_and_what_holds_it_up_is_told() {
    let (shown, _) = parse("ups", &fixtures().join("ups/push/delivered.http"), &[]);
    assert_eq!(shown[0]["proof"]["received_by"], "A NAME");
    assert_eq!(shown[0]["proof"]["at"]["time"], "09:50:04");
    let (shown, _) = parse("ups", &fixtures().join("ups/delayed_by_weather.http"), &[]);
    assert_eq!(shown[0]["conditions"][0]["kind"], "delayed");
    assert_eq!(shown[0]["conditions"][0]["reason"], "delayed.weather");
}
