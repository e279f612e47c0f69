//! DPD's login, which travels in SOAP envelopes, at the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use jiff::Timestamp;
use posthorn_carriers::{
    Carrier as _, CarrierAccess, CarrierClient, CarrierErrorKind, TrackingQuery, TrackingResult,
    carriers::dpd::Dpd, client::Timeouts,
};
use posthorn_domain::tracking_number::TrackingNumber;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string_contains, header, path},
};

const LOGIN: &str = "/soap/services/LoginService/V2_1";
const TRACK: &str = "/soap/services/ParcelLifeCycleService/V2_0";

fn xml(status: u16, content: &str) -> ResponseTemplate {
    let body = format!("<s:Envelope xmlns:s=\"s\"><s:Body>{content}</s:Body></s:Envelope>");
    ResponseTemplate::new(status).set_body_raw(body, "text/xml; charset=utf-8")
}

fn token(text: &str) -> ResponseTemplate {
    xml(
        200,
        &format!(
            "<getAuthResponse><return><authToken>{text}</authToken>\
             <authTokenExpires>2099-01-01T00:00:00.06</authTokenExpires></return></getAuthResponse>"
        ),
    )
}

fn fault(code: &str) -> ResponseTemplate {
    xml(
        500,
        &format!(
            "<s:Fault><faultcode>s:Server</faultcode><detail><a:authenticationFault>\
             <errorCode>{code}</errorCode></a:authenticationFault></detail></s:Fault>"
        ),
    )
}

fn shipment() -> ResponseTemplate {
    xml(
        200,
        "<getTrackingDataResponse><trackingresult><statusInfo><status>Courier</status>\
         <statusHasBeenReached>true</statusHasBeenReached>\
         <date><content>11/18/2026 7:34:34 AM</content></date></statusInfo></trackingresult>\
         </getTrackingDataResponse>",
    )
}

async fn ask(server: &MockServer, numbers: &[&str]) -> Vec<TrackingResult> {
    let now: Timestamp = "2026-11-18T20:00:00Z".parse().unwrap();
    let json = format!(
        r#"{{"delis_id": "KD&1", "password": "p<w", "base_url": "{}"}}"#,
        server.uri()
    );
    let access = CarrierAccess::parse(Dpd.carrier_profile(), &json).unwrap();
    let wanted: Vec<TrackingQuery> = numbers
        .iter()
        .map(|text| TrackingQuery::new(TrackingNumber::parse(text).unwrap(), now))
        .collect();
    let client = CarrierClient::new(Timeouts::default()).unwrap();
    let outcomes = client.track_shipments(&Dpd, &wanted, &access, now).await;
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

#[tokio::test]
async fn one_login_serves_many_questions() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN))
        .and(body_string_contains(
            "<delisId>KD&amp;1</delisId><password>p&lt;w</password>",
        ))
        .respond_with(token("T1"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(TRACK))
        .and(header("content-type", "text/xml; charset=utf-8"))
        .and(body_string_contains(
            "<delisId>KD&amp;1</delisId><authToken>T1</authToken>",
        ))
        .respond_with(shipment())
        .expect(3)
        .mount(&server)
        .await;
    for outcome in ask(
        &server,
        &["05222835000017", "05222835000018", "05222835000019"],
    )
    .await
    {
        assert!(matches!(outcome, TrackingResult::Found(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_token_that_ended_is_renewed_once() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN))
        .respond_with(token("OLD"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    Mock::given(path(LOGIN))
        .respond_with(token("NEW"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(TRACK))
        .and(body_string_contains("OLD"))
        .respond_with(fault("ERR_DELICOM_TOKEN_EXPIRED"))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(TRACK))
        .and(body_string_contains("NEW"))
        .respond_with(shipment())
        .expect(1)
        .mount(&server)
        .await;
    let outcomes = ask(&server, &["05222835000017"]).await;
    assert!(
        matches!(outcomes[0], TrackingResult::Found(_)),
        "{outcomes:?}"
    );
}

#[tokio::test]
async fn a_refused_login_says_so_and_is_not_repeated() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN))
        .respond_with(fault("DELICOM_ERR_AUTHENTICATION"))
        .expect(1)
        .mount(&server)
        .await;
    let outcomes = ask(&server, &["05222835000017"]).await;
    let TrackingResult::Failed(failure) = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(failure.kind, CarrierErrorKind::Unauthorized);
}

#[tokio::test]
async fn a_login_that_is_down_is_no_refusal() {
    let server = MockServer::start().await;
    Mock::given(path(LOGIN))
        .respond_with(ResponseTemplate::new(503).set_body_string("busy"))
        .mount(&server)
        .await;
    let outcomes = ask(&server, &["05222835000017"]).await;
    let TrackingResult::Failed(failure) = &outcomes[0] else {
        panic!("{outcomes:?}");
    };
    assert_eq!(failure.kind, CarrierErrorKind::Unavailable);
}
