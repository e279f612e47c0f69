//! What USPS is asked, what its tokens may do, and what it tells by itself.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier, CarrierAccess, CarrierErrorKind, Exchange, QueryHints, RequestContext, TrackingQuery,
    TrackingResult, carriers::usps::Usps, recorded::RecordedResponse,
};
use posthorn_domain::{scan::ScanMeaning, status::Reason, tracking_number::TrackingNumber};
use serde_json::{Value, json};

const NUMBER: &str = "9400100000000000000017";

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn access() -> CarrierAccess {
    CarrierAccess::parse(
        Usps.carrier_profile(),
        r#"{"client_id": "an id", "client_secret": "s&cret"}"#,
    )
    .unwrap()
}

fn url(hints: QueryHints) -> String {
    let wanted = TrackingQuery {
        details: hints,
        ..TrackingQuery::new(TrackingNumber::parse(NUMBER).unwrap(), now())
    };
    let access = access();
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    match Usps.build_requests(&[wanted], &context).remove(0).exchange {
        Exchange::Send(request) => request.uri().to_string(),
        Exchange::Known(_) => panic!("USPS is asked"),
    }
}

#[test]
fn a_question_asks_for_every_event() {
    assert_eq!(
        url(QueryHints::default()),
        format!("https://apis.usps.com/tracking/v3/tracking/{NUMBER}?expand=DETAIL")
    );
}

#[test]
fn a_question_tells_what_tells_shipments_apart() {
    let hints = |postal_code: &str| QueryHints {
        postal_code: Some(postal_code.to_owned()),
        shipped_on: Some("2026-11-16".parse().unwrap()),
        ..QueryHints::default()
    };
    for (postal_code, expected) in [
        ("12203", "&destinationZIPCode=12203&mailingDate=2026-11-16"),
        (
            "12203-0042",
            "&destinationZIPCode=12203&mailingDate=2026-11-16",
        ),
        ("SW1A 1AA", "&mailingDate=2026-11-16"),
        ("122030", "&mailingDate=2026-11-16"),
        ("é€", "&mailingDate=2026-11-16"),
    ] {
        let url = url(hints(postal_code));
        assert!(
            url.ends_with(&format!("?expand=DETAIL{expected}")),
            "{postal_code}: {url}"
        );
    }
}

#[test]
fn the_credentials_go_into_json_with_the_scope() {
    let login = Usps.login_request(&access()).unwrap().unwrap();
    assert_eq!(login.uri(), "https://apis.usps.com/oauth2/v3/token");
    assert_eq!(
        serde_json::from_slice::<Value>(login.body()).unwrap(),
        json!({
            "grant_type": "client_credentials",
            "scope": "tracking",
            "client_id": "an id",
            "client_secret": "s&cret",
        })
    );
}

fn token(scope: Option<&str>) -> Response<Bytes> {
    let mut body = json!({"access_token": "t", "token_type": "Bearer", "expires_in": 28799});
    if let Some(scope) = scope {
        body["scope"] = scope.into();
    }
    Response::new(Bytes::from(body.to_string()))
}

#[test]
fn a_token_that_may_not_track_is_told_at_once() {
    for scope in [None, Some(""), Some("tracking"), Some("addresses tracking")] {
        let session = Usps.parse_login(&token(scope)).unwrap();
        assert_eq!(session.lifetime.as_secs(), 28799);
    }
    let scope = "domestic-prices addresses subscriptions-tracking locations";
    let failure = Usps.parse_login(&token(Some(scope))).unwrap_err();
    assert_eq!(failure.kind, CarrierErrorKind::Denied);
    assert!(failure.to_string().contains("`tracking`"));
}

#[test]
fn a_number_used_again_is_told_apart_by_its_id_and_day() {
    let file = include_bytes!("../fixtures/usps/reused_number.http");
    let recorded = RecordedResponse::parse(file).unwrap();
    let answer = Usps.parse_response(&recorded.call, &recorded.response);
    let [(_, TrackingResult::Found(found))] = answer.outcomes.as_slice() else {
        panic!("{answer:?}");
    };
    assert_eq!(found[0].unique_id.as_deref(), Some("220000017"));
    assert_eq!(found[0].shipped_on, Some("2026-11-16".parse().unwrap()));
}

fn push(envelope: &Value) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierErrorKind> {
    Usps.parse_push(&HeaderMap::new(), envelope.to_string().as_bytes())
        .map_err(|failure| failure.kind)
}

fn envelope(kind: &str, payload: &Value) -> Value {
    json!({
        "subscriptionId": "00000000-0000-4000-8000-000000000017",
        "subscriptionType": kind,
        "timestamp": "2026-11-18T19:00:00Z",
        "payload": payload.to_string(),
        "links": [],
    })
}

#[test]
fn a_push_holds_an_answer_as_a_text() {
    let payload = json!({
        "trackingNumber": NUMBER,
        "statusCategory": "Delivered",
        "trackingEvents": [{
            "eventType": "Delivered, In/At Mailbox",
            "eventCode": "01",
            "eventTimestamp": "2026-11-18T13:58:00",
            "GMTTimestamp": "2026-11-18T18:58:40Z",
            "GMTOffset": "-05:00",
        }],
    });
    let told = push(&envelope("TRACKING", &payload)).unwrap();
    let [(number, TrackingResult::Found(found))] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(number.as_str(), NUMBER);
    let scan = &found[0].report.scans[0];
    assert_eq!(scan.meaning, ScanMeaning::Status(Reason::DeliveredGeneric));
    assert_eq!(scan.time.to_string(), "2026-11-18T13:58:00-05:00");
}

#[test]
fn a_push_may_tell_only_a_status() {
    let payload = json!({"trackingNumber": NUMBER, "status": "Out for Delivery"});
    let told = push(&envelope("TRACKING", &payload)).unwrap();
    let [(_, TrackingResult::Found(found))] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(found[0].report.reported_status, Some(Reason::Today));
}

#[test]
fn a_push_that_tells_nothing_is_none() {
    let status = json!({"trackingNumber": NUMBER, "status": "Delivered"});
    for (envelope, expected) in [
        (envelope("SCAN_EVENT", &status), CarrierErrorKind::Rejected),
        (json!({"challenge": "x"}), CarrierErrorKind::Unreadable),
        (json!("x"), CarrierErrorKind::Unreadable),
        (json!({"payload": status}), CarrierErrorKind::Unreadable),
        (
            envelope("TRACKING", &json!({"status": "Delivered"})),
            CarrierErrorKind::Unreadable,
        ),
        (
            envelope("TRACKING", &json!({"trackingNumber": NUMBER})),
            CarrierErrorKind::Unreadable,
        ),
    ] {
        assert_eq!(push(&envelope), Err(expected), "{envelope}");
    }
}
