//! Events of API Gateway, from which HTTP requests are built.
#![no_main]

use libfuzzer_sys::fuzz_target;
use posthorn_platform::http_event;

fuzz_target!(|text: &str| {
    // What is no JSON is a path, so that the fuzzer gets anywhere without a dictionary.
    let event = serde_json::from_str(text).unwrap_or_else(|_| {
        let (path, query) = text.split_once('?').unwrap_or((text, ""));
        serde_json::json!({
            "rawPath": path, "rawQueryString": query,
            "headers": {path: query, "host": query, "x": path},
            "body": query, "isBase64Encoded": true,
            "requestContext": {"http": {"method": query}, "stage": path, "domainName": query},
        })
    });
    let request = http_event::request(&event);
    assert!(request.uri().path().starts_with('/'));
});
