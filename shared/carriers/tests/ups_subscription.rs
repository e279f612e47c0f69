//! Track Alerts: what UPS is asked so that it tells us by itself, and what it answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Method, Response};
use jiff::Timestamp;
use posthorn_carriers::{
    Callback, Carrier as _, CarrierAccess, CarrierError, CarrierErrorKind, CarrierRequest,
    RequestContext, TrackingQuery, carrier::Exchange, carriers::ups::Ups,
};
use posthorn_domain::tracking_number::TrackingNumber;
use serde_json::{Value, json};

const CALLBACK: Callback<'static> = Callback {
    url: "https://api.example.com/v1/push/ups",
    secret: "a-secret-of-ours",
};

fn calls(numbers: &[String]) -> Vec<CarrierRequest> {
    let fields = [("client_id", "i"), ("client_secret", "s")];
    let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let access = CarrierAccess::new(Ups.carrier_profile(), fields).unwrap();
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let wanted: Vec<TrackingQuery> = numbers
        .iter()
        .map(|number| TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now))
        .collect();
    let context = RequestContext {
        access: &access,
        now,
    };
    Ups.subscription_requests(&wanted, CALLBACK, &context)
}

fn numbers(count: usize) -> Vec<String> {
    (0..count).map(|n| format!("1Z9X9E0303{n:08}")).collect()
}

fn taken(
    call: &CarrierRequest,
    status: u16,
    body: &Value,
) -> Result<Vec<TrackingNumber>, CarrierError> {
    let body = Bytes::from(body.to_string());
    let response = Response::builder().status(status).body(body).unwrap();
    Ups.parse_subscription(call, &response)
}

#[test]
fn a_call_holds_a_hundred_numbers_and_says_where_and_with_what_to_tell() {
    let calls = calls(&numbers(201));
    let sizes: Vec<usize> = calls.iter().map(|call| call.queries.len()).collect();
    assert_eq!(sizes, [100, 100, 1]);
    let Exchange::Send(request) = &calls[2].exchange else {
        panic!("nothing is sent");
    };
    assert_eq!(request.method(), Method::POST);
    assert_eq!(
        request.uri(),
        "https://onlinetools.ups.com/api/track/v1/subscription/standard/package"
    );
    assert!(request.headers().contains_key("transId"));
    assert_eq!(request.headers()["transactionSrc"], "posthorn");
    let body: Value = serde_json::from_slice(request.body()).unwrap();
    let expected = json!({
        "locale": "en_US",
        "countryCode": "US",
        "trackingNumberList": ["1Z9X9E030300000200"],
        "destination": {
            "url": "https://api.example.com/v1/push/ups",
            "credentialType": "Bearer",
            "credential": "a-secret-of-ours",
        },
    });
    assert_eq!(body, expected);
    // Nothing of it may stand in a log.
    assert!(!format!("{calls:?}").contains("a-secret-of-ours"));
}

#[test]
fn a_number_that_is_no_1z_would_spoil_the_call_and_is_left_out() {
    let others = ["9400111899223344556677", "1Z9X9E03030001"].map(str::to_owned);
    assert!(calls(&others).is_empty());
    assert!(calls(&[]).is_empty());
}

#[test]
fn ups_takes_some_and_not_others() {
    let call = &calls(&numbers(2))[0];
    let body = json!({
        "validTrackingNumbers": ["1Z9X9E030300000001", "1Z9999999999999999"],
        "invalidTrackingNumbers": ["1Z9X9E030300000000"],
    });
    let subscribed = taken(call, 200, &body).unwrap();
    assert_eq!(subscribed, [call.queries[1].number.clone()]);
}

#[test]
fn a_refusal_is_a_failure_of_its_kind() {
    let call = &calls(&numbers(1))[0];
    let errors = |code: &str| json!({"response": {"errors": [{"code": code, "message": "No."}]}});
    for (status, code, kind) in [
        (400, "VSS210", CarrierErrorKind::Rejected),
        (401, "250002", CarrierErrorKind::Unauthorized),
        (403, "250009", CarrierErrorKind::Denied),
        (429, "10429", CarrierErrorKind::RateLimited { after: None }),
        (500, "10004", CarrierErrorKind::Unavailable),
    ] {
        let failure = taken(call, status, &errors(code)).unwrap_err();
        assert_eq!(failure.kind, kind, "{code}");
    }
    let failure = taken(call, 200, &Value::Null).unwrap_err();
    assert_eq!(failure.kind, CarrierErrorKind::Unreadable);
}
