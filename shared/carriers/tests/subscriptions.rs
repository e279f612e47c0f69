//! Subscriptions to single shipments: what is asked, and what the answer means. Those
//! of UPS have a file of their own.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{Method, Response};
use jiff::Timestamp;
use posthorn_carriers::{
    ALL, Callback, Carrier, CarrierAccess, CarrierError, CarrierErrorKind, CarrierRequest,
    RequestContext, TrackingQuery, carrier::Exchange, carriers::shipengine::ShipEngine,
    carriers::shippo::Shippo,
};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use serde_json::{Value, json};

const NUMBER: &str = "9400111899223344556677";

fn calls(
    carrier: &dyn Carrier,
    fields: &[(&str, &str)],
    wanted: &[TrackingQuery],
) -> Vec<CarrierRequest> {
    let required = carrier.carrier_profile().credentials.iter();
    let required = required.filter(|field| field.is_required);
    let fields = required
        .map(|field| (field.name, "a-key-of-the-test"))
        .chain(fields.iter().copied())
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let access = CarrierAccess::new(carrier.carrier_profile(), fields).unwrap();
    let callback = Callback {
        url: "https://api.example.com/v1/push/acme",
        secret: "a-secret-of-ours",
    };
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    carrier.subscription_requests(wanted, callback, &context)
}

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

/// A shipment of USPS, and one whose carrier is unknown.
fn wanted() -> [TrackingQuery; 2] {
    let mut of_usps = TrackingQuery::new(TrackingNumber::parse(NUMBER).unwrap(), now());
    of_usps.details.carrier = CarrierId::parse("usps").ok();
    let without_carrier = TrackingQuery::new(TrackingNumber::parse("77889900").unwrap(), now());
    [of_usps, without_carrier]
}

fn sent(call: &CarrierRequest) -> &http::Request<Bytes> {
    match &call.exchange {
        Exchange::Send(request) => request,
        Exchange::Known(_) => panic!("nothing is sent"),
    }
}

fn taken(
    carrier: &dyn Carrier,
    call: &CarrierRequest,
    status: u16,
    body: &str,
) -> Result<Vec<TrackingNumber>, CarrierError> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    let response = Response::builder().status(status).body(body).unwrap();
    carrier.parse_subscription(call, &response)
}

#[test]
fn who_says_that_shipments_are_subscribed_to_does_so_and_no_other_carrier() {
    let fields = [("webhook", "on"), ("webhook_secret", "kJ8sQ2v9")];
    let [mut one, _] = wanted();
    one.number = TrackingNumber::parse("1Z9X9E030300010015").unwrap();
    let many: Vec<TrackingQuery> = (0..201)
        .map(|n| TrackingQuery {
            number: TrackingNumber::parse(&format!("1Z9X9E0303{n:08}")).unwrap(),
            ..one.clone()
        })
        .collect();
    for carrier in ALL {
        let profile = carrier.carrier_profile();
        let calls = calls(*carrier, &fields, &many);
        match profile.push.and_then(|push| push.subscribe_batch) {
            None => assert!(calls.is_empty(), "{}", profile.id),
            Some(batch) => {
                assert_eq!(calls.len(), many.len().div_ceil(batch), "{}", profile.id);
                assert!(calls.iter().all(|call| call.queries.len() <= batch));
            }
        }
    }
}

#[test]
fn shipengine_is_told_carrier_and_number_once_there_is_a_webhook() {
    assert!(calls(&ShipEngine, &[], &wanted()).is_empty());
    assert!(calls(&ShipEngine, &[("webhook", "off")], &wanted()).is_empty());
    let calls = calls(&ShipEngine, &[("webhook", "on")], &wanted());
    let [call] = &calls[..] else {
        panic!("one call, for the carrier of the other is unknown");
    };
    assert_eq!(sent(call).method(), Method::POST);
    assert_eq!(
        sent(call).uri(),
        "https://api.shipengine.com/v1/tracking/start?carrier_code=stamps_com&tracking_number=9400111899223344556677"
    );
    assert!(sent(call).body().is_empty());
}

#[test]
fn shipengine_takes_a_number_by_saying_nothing() {
    let call = &calls(&ShipEngine, &[("webhook", "on")], &wanted())[0];
    let number = TrackingNumber::parse(NUMBER).unwrap();
    assert_eq!(taken(&ShipEngine, call, 204, ""), Ok(vec![number]));
    let error = |code: &str| {
        let error = json!({"error_source": "shipengine", "error_type": "business_rules",
                           "error_code": code, "message": "No."});
        json!({"request_id": "r-1", "errors": [error]}).to_string()
    };
    // The specification's own example of a refusal has no code.
    let bare = json!({"errors": [{"message": "No.", "field_name": "carrier_code"}]}).to_string();
    for (status, body, kind) in [
        (400, bare, CarrierErrorKind::Rejected),
        (
            400,
            error("carrier_not_supported"),
            CarrierErrorKind::Rejected,
        ),
        (401, error("unauthorized"), CarrierErrorKind::Unauthorized),
        (
            400,
            error("carrier_not_connected"),
            CarrierErrorKind::Denied,
        ),
        (
            429,
            error("rate_limit_exceeded"),
            CarrierErrorKind::RateLimited { after: None },
        ),
        (500, String::new(), CarrierErrorKind::Unavailable),
    ] {
        let failure = taken(&ShipEngine, call, status, &body).unwrap_err();
        assert_eq!(failure.kind, kind, "{body}");
    }
}

#[test]
fn shippo_is_told_carrier_and_number() {
    let calls = calls(&Shippo, &[], &wanted());
    let [call] = &calls[..] else {
        panic!("one call, for the carrier of the other is unknown");
    };
    assert_eq!(sent(call).method(), Method::POST);
    assert_eq!(sent(call).uri(), "https://api.goshippo.com/tracks/");
    let body: Value = serde_json::from_slice(sent(call).body()).unwrap();
    let expected = json!({"carrier": "usps", "tracking_number": NUMBER});
    assert_eq!(body, expected);
}

#[test]
fn shippo_takes_a_number_by_showing_its_track_known_or_not() {
    let call = &calls(&Shippo, &[], &wanted())[0];
    let number = TrackingNumber::parse(NUMBER).unwrap();
    let track = json!({"carrier": "usps", "tracking_number": NUMBER, "tracking_status": null,
                       "tracking_history": [], "messages": []});
    for status in [200, 201] {
        let subscribed = taken(&Shippo, call, status, &track.to_string());
        assert_eq!(subscribed, Ok(vec![number.clone()]));
    }
    for (status, body, kind) in [
        (400, r#"{"carrier": ["No."]}"#, CarrierErrorKind::Rejected),
        (401, "{}", CarrierErrorKind::Unauthorized),
        (429, "{}", CarrierErrorKind::RateLimited { after: None }),
        (503, "", CarrierErrorKind::Unavailable),
        (201, "<html>", CarrierErrorKind::Unreadable),
    ] {
        let failure = taken(&Shippo, call, status, body).unwrap_err();
        assert_eq!(failure.kind, kind, "{status} {body}");
    }
}
