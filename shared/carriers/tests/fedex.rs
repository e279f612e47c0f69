//! What FedEx is asked, and which of several shipments under one number is meant.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier, CarrierAccess, Exchange, Found, RequestContext, TrackingQuery, TrackingResult,
    carriers::fedex::Fedex, recorded::RecordedResponse,
};
use posthorn_domain::tracking_number::TrackingNumber;

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn access() -> CarrierAccess {
    CarrierAccess::parse(
        Fedex.carrier_profile(),
        r#"{"client_id": "an id", "client_secret": "s&cret"}"#,
    )
    .unwrap()
}

fn requests(numbers: &[&str]) -> Vec<Request<Bytes>> {
    let wanted: Vec<TrackingQuery> = numbers
        .iter()
        .map(|number| TrackingQuery::new(TrackingNumber::parse(number).unwrap(), now()))
        .collect();
    let access = access();
    let context = RequestContext {
        access: &access,
        now: now(),
    };
    let calls = Fedex.build_requests(&wanted, &context).into_iter();
    calls
        .map(|call| match call.exchange {
            Exchange::Send(request) => request,
            Exchange::Known(_) => panic!("FedEx is asked"),
        })
        .collect()
}

#[test]
fn thirty_numbers_go_into_one_question() {
    let numbers: Vec<String> = (0..31).map(|n| format!("7946000000{n:02}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    assert_eq!(requests(&numbers).len(), 2);
}

#[test]
fn a_question_names_the_numbers_and_asks_for_every_scan() {
    let request = requests(&["794600000013", "794600000024"]).remove(0);
    assert_eq!(request.method(), "POST");
    assert_eq!(
        request.uri(),
        "https://apis.fedex.com/track/v1/trackingnumbers"
    );
    assert_eq!(request.headers()["x-locale"], "en_US");
    assert_eq!(
        serde_json::from_slice::<serde_json::Value>(request.body()).unwrap(),
        serde_json::json!({
            "includeDetailedScans": true,
            "trackingInfo": [
                {"trackingNumberInfo": {"trackingNumber": "794600000013"}},
                {"trackingNumberInfo": {"trackingNumber": "794600000024"}},
            ],
        })
    );
}

#[test]
fn the_credentials_go_into_a_form() {
    let login = Fedex.login_request(&access()).unwrap().unwrap();
    assert_eq!(login.uri(), "https://apis.fedex.com/oauth/token");
    assert_eq!(
        login.body(),
        "grant_type=client%5Fcredentials&client_id=an%20id&client_secret=s%26cret"
    );
}

fn reused() -> Vec<Found> {
    let file = include_bytes!("../fixtures/fedex/reused_number.http");
    let recorded = RecordedResponse::parse(file).unwrap();
    let mut answer = Fedex.parse_response(&recorded.call, &recorded.response);
    match answer.outcomes.remove(0).1 {
        TrackingResult::Found(found) => found,
        outcome => panic!("{outcome:?}"),
    }
}

#[test]
fn each_shipment_under_a_number_has_its_own_day() {
    let days: Vec<String> = reused()
        .iter()
        .map(|found| found.shipped_on.unwrap().to_string())
        .collect();
    assert_eq!(days, ["2026-11-16", "2026-03-02"]);
}

#[test]
fn of_two_shipments_under_a_number_the_newer_is_meant() {
    let meant = Found::select_meant(reused(), now()).unwrap();
    assert_eq!(
        meant.unique_id.as_deref(),
        Some("2461365000~794600000013~FX")
    );
}
