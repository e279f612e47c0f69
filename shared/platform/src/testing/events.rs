//! Arbitrary events of API Gateway, for tests of whatever answers them.

use proptest::prelude::*;
use serde_json::{Value, json};

/// Texts as no browser sends them.
const ODD: &str =
    "[a-z0-9<>\"'%&=#?/\\\\\\[\\]{}|^`~ \u{0}-\u{1f}\u{7f}-\u{9f}\u{e9}\u{ffff}\u{1f600}]{0,40}";
/// Headers that the functions look at.
const HEADERS: [&str; 10] = [
    "authorization",
    "content-type",
    "content-length",
    "idempotency-key",
    "accept",
    "host",
    "x-forwarded-proto",
    "cookie",
    "x-shopify-topic",
    "no name: \u{7}",
];

/// Events that are mostly about one of `paths`: raw path and query, headers,
/// cookies, context and body are arbitrary, of other types or missing.
pub fn http_events(paths: &'static [&'static str]) -> impl Strategy<Value = Value> {
    (
        maybe(path(paths)),
        maybe(ODD.prop_map(Value::from)),
        maybe(headers()),
        maybe(proptest::collection::vec(ODD, 0..3).prop_map(Value::from)),
        maybe(context()),
        maybe(body()),
        maybe(any::<bool>().prop_map(Value::from)),
    )
        .prop_map(
            |(path, query, headers, cookies, context, body, is_base64)| {
                let fields = [
                    ("rawPath", path),
                    ("rawQueryString", query),
                    ("headers", headers),
                    ("cookies", cookies),
                    ("requestContext", context),
                    ("body", body),
                    ("isBase64Encoded", is_base64),
                ];
                let given = fields
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)));
                given
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()
            },
        )
}

/// Nine times in ten what it should be, otherwise missing or of another type.
fn maybe(right: impl Strategy<Value = Value>) -> impl Strategy<Value = Option<Value>> {
    let wrong = prop_oneof![
        Just(json!(null)),
        Just(json!(-7)),
        Just(json!([])),
        Just(json!({"a": {}})),
        ODD.prop_map(Value::from),
    ];
    prop_oneof![18 => right.prop_map(Some), 1 => wrong.prop_map(Some), 1 => Just(None)]
}

fn path(paths: &'static [&'static str]) -> impl Strategy<Value = Value> {
    let known = proptest::sample::select(paths);
    prop_oneof![
        4 => known.clone().prop_map(str::to_owned),
        2 => (known, ODD).prop_map(|(path, odd)| format!("{path}{odd}")),
        1 => ODD.prop_map(|odd| format!("/{odd}")),
    ]
    .prop_map(Value::from)
}

fn headers() -> impl Strategy<Value = Value> {
    let value = prop_oneof![
        ODD.prop_map(Value::from),
        Just(json!("application/json")),
        Just(json!("Bearer ph_unknown")),
        Just(json!("18446744073709551616")),
        Just(json!(5)),
    ];
    let named = (proptest::sample::select(&HEADERS[..]), value);
    proptest::collection::vec(named, 0..6).prop_map(|headers| {
        let headers = headers.into_iter();
        headers
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

fn context() -> impl Strategy<Value = Value> {
    let method = prop_oneof![
        Just("GET".to_owned()),
        Just("POST".to_owned()),
        Just("PATCH".to_owned()),
        Just("HEAD".to_owned()),
        Just("CONNECT".to_owned()),
        ODD.boxed(),
    ];
    (method, ODD, ODD).prop_map(|(method, stage, domain)| {
        json!({"stage": stage, "domainName": domain, "http": {"method": method}})
    })
}

fn body() -> impl Strategy<Value = Value> {
    prop_oneof![
        ODD.prop_map(Value::from),
        "[A-Za-z0-9+/=]{0,20}".prop_map(Value::from),
        Just(json!("{}")),
        Just(json!("{\"id\":\"1\"}")),
        Just(json!("eyJpZCI6IjEifQ==")),
    ]
}
