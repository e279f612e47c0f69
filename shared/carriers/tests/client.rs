//! The client at the wire, against a UPS that we run ourselves.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use futures::future::{BoxFuture, ready};
use jiff::Timestamp;
use posthorn_carriers::{
    Carrier as _, CarrierAccess, CarrierClient, CarrierError, CarrierErrorKind, TrackingQuery,
    TrackingResult,
    carriers::ups::Ups,
    client::Timeouts,
    quota::{RateLimiter, out_of_quota},
};
use posthorn_domain::tracking_number::TrackingNumber;
use serde_json::json;
use std::{sync::Mutex, time::Duration};
use tokio::{io::AsyncReadExt as _, net::TcpListener};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{header, method, path, path_regex},
};

fn now() -> Timestamp {
    "2026-11-18T20:00:00Z".parse().unwrap()
}

fn number(text: &str) -> TrackingNumber {
    TrackingNumber::parse(text).unwrap()
}

fn access(base_url: &str) -> CarrierAccess {
    let json = json!({"client_id": "id", "client_secret": "s:cret", "base_url": base_url});
    CarrierAccess::parse(Ups.carrier_profile(), &json.to_string()).unwrap()
}

fn client() -> CarrierClient {
    CarrierClient::new(Timeouts::default()).unwrap()
}

async fn ask(client: &CarrierClient, base_url: &str, numbers: &[&str]) -> Vec<TrackingResult> {
    ask_at(client, base_url, numbers, now()).await
}

async fn ask_at(
    client: &CarrierClient,
    base_url: &str,
    numbers: &[&str],
    now: Timestamp,
) -> Vec<TrackingResult> {
    let wanted: Vec<TrackingQuery> = numbers
        .iter()
        .map(|text| TrackingQuery::new(number(text), now))
        .collect();
    let outcomes = client
        .track_shipments(&Ups, &wanted, &access(base_url), now)
        .await;
    let asked: Vec<_> = wanted.into_iter().map(|wanted| wanted.number).collect();
    assert!(outcomes.iter().map(|(number, _)| number).eq(&asked));
    outcomes.into_iter().map(|(_, outcome)| outcome).collect()
}

async fn ask_one(base_url: &str) -> TrackingResult {
    ask(&client(), base_url, &["1Z11"]).await.remove(0)
}

fn kind(outcome: &TrackingResult) -> CarrierErrorKind {
    match outcome {
        TrackingResult::Failed(failure) => failure.kind,
        outcome => panic!("{outcome:?}"),
    }
}

fn token(text: &str, expires_in: &str) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"access_token": text, "expires_in": expires_in}))
}

fn shipment(number: &str) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"trackResponse": {"shipment": [{"package": [{
        "trackingNumber": number,
        "activity": [{"date": "20261118", "time": "081200", "status": {"type": "D", "code": "OT"}}],
    }]}]}}))
}

fn token_endpoint() -> wiremock::MockBuilder {
    Mock::given(method("POST"))
        .and(path("/security/v1/oauth/token"))
        .and(header("authorization", "Basic aWQ6czpjcmV0"))
}

fn track_endpoint() -> wiremock::MockBuilder {
    Mock::given(method("GET")).and(path_regex("^/api/track/v1/details/"))
}

/// A UPS whose token endpoint works.
async fn ups(track: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("good", "14399"))
        .mount(&server)
        .await;
    track_endpoint().respond_with(track).mount(&server).await;
    server
}

async fn calls(server: &MockServer, path: &str) -> usize {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| request.url.path().starts_with(path))
        .count()
}

#[tokio::test]
async fn one_token_serves_many_questions() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("good", "14399"))
        .expect(1)
        .mount(&server)
        .await;
    track_endpoint()
        .and(header("authorization", "Bearer good"))
        .and(header("transactionsrc", "posthorn"))
        .respond_with(shipment("1Z11"))
        .expect(7)
        .mount(&server)
        .await;
    let client = client();
    let numbers = ["1Z11", "1Z12", "1Z13", "1Z14", "1Z15", "1Z16"];
    for outcome in ask(&client, &server.uri(), &numbers).await {
        assert!(matches!(outcome, TrackingResult::Found(_)));
    }
    ask(&client, &server.uri(), &["1Z17"]).await;
}

#[tokio::test]
async fn a_token_that_ended_before_its_time_is_renewed_once() {
    renewed_after(ResponseTemplate::new(401)).await;
}

#[tokio::test]
async fn a_token_that_is_refused_in_words_alone_is_renewed_once() {
    let words = r#"{"message": "The given JWT is invalid."}"#;
    renewed_after(ResponseTemplate::new(400).set_body_string(words)).await;
}

/// The token is renewed once after the carrier has answered so to the old one.
async fn renewed_after(refusal: ResponseTemplate) {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("old", "14399"))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    token_endpoint()
        .respond_with(token("new", "14399"))
        .expect(1)
        .mount(&server)
        .await;
    track_endpoint()
        .and(header("authorization", "Bearer old"))
        .respond_with(refusal)
        .mount(&server)
        .await;
    track_endpoint()
        .and(header("authorization", "Bearer new"))
        .respond_with(shipment("1Z11"))
        .mount(&server)
        .await;
    for outcome in ask(&client(), &server.uri(), &["1Z11", "1Z12", "1Z13"]).await {
        assert!(matches!(outcome, TrackingResult::Found(_)), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_token_is_renewed_shortly_before_it_ends() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("short", "600"))
        .expect(2)
        .mount(&server)
        .await;
    track_endpoint()
        .respond_with(shipment("1Z11"))
        .mount(&server)
        .await;
    let client = client();
    for seconds in [0, 539, 541] {
        let now = now() + Duration::from_secs(seconds);
        ask_at(&client, &server.uri(), &["1Z11", "1Z12"], now).await;
    }
}

#[tokio::test]
async fn a_token_for_ever_is_not_believed() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("eternal", "18446744073709551615"))
        .expect(2)
        .mount(&server)
        .await;
    track_endpoint()
        .respond_with(shipment("1Z11"))
        .mount(&server)
        .await;
    let client = client();
    ask(&client, &server.uri(), &["1Z11"]).await;
    let tomorrow = now() + Duration::from_hours(24);
    ask_at(&client, &server.uri(), &["1Z11"], tomorrow).await;
}

#[tokio::test]
async fn a_token_shorter_than_the_margin_still_serves_a_round() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("short", "30"))
        .expect(1)
        .mount(&server)
        .await;
    track_endpoint()
        .respond_with(shipment("1Z11"))
        .mount(&server)
        .await;
    ask(&client(), &server.uri(), &["1Z11", "1Z12", "1Z13"]).await;
}

#[tokio::test]
async fn wrong_credentials_are_told_after_one_try() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(ResponseTemplate::new(401))
        .mount(&server)
        .await;
    let outcomes = ask(&client(), &server.uri(), &["1Z11", "1Z12", "1Z13"]).await;
    for outcome in &outcomes {
        assert_eq!(kind(outcome), CarrierErrorKind::Unauthorized);
    }
    assert_eq!(calls(&server, "/security").await, 1);
    assert_eq!(calls(&server, "/api").await, 0);
}

#[tokio::test]
async fn a_token_that_stays_refused_is_not_renewed_for_ever() {
    let server = ups(ResponseTemplate::new(401)).await;
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::Unauthorized
    );
    assert_eq!(calls(&server, "/security").await, 2);
    assert_eq!(calls(&server, "/api").await, 2);
}

#[tokio::test]
async fn a_rate_limit_says_for_how_long_and_ends_the_round() {
    let limit = ResponseTemplate::new(429).insert_header("retry-after", "30");
    let server = ups(limit).await;
    let numbers: Vec<String> = (10..40).map(|index| format!("1Z{index}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    let after = Some(Duration::from_secs(30));
    for outcome in ask(&client(), &server.uri(), &numbers).await {
        assert_eq!(kind(&outcome), CarrierErrorKind::RateLimited { after });
    }
    let asked = calls(&server, "/api").await;
    assert!(
        asked <= Ups.carrier_profile().concurrency,
        "asked {asked} times"
    );
}

#[tokio::test]
async fn a_rate_limit_may_name_a_date_or_nothing() {
    let dated =
        ResponseTemplate::new(429).insert_header("retry-after", "Wed, 18 Nov 2026 20:02:00 GMT");
    let server = ups(dated).await;
    let after = Some(Duration::from_mins(2));
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::RateLimited { after }
    );
    let server = ups(ResponseTemplate::new(429)).await;
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::RateLimited { after: None }
    );
}

#[tokio::test]
async fn a_page_for_browsers_is_no_report() {
    let server = ups(ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html")).await;
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::Unreadable
    );
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = MockServer::start().await;
    let server = ups(ResponseTemplate::new(302).insert_header("location", elsewhere.uri())).await;
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::Unreadable
    );
    assert!(elsewhere.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn an_error_in_passing_is_tried_again() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("good", "14399"))
        .mount(&server)
        .await;
    track_endpoint()
        .respond_with(ResponseTemplate::new(500))
        .up_to_n_times(1)
        .mount(&server)
        .await;
    track_endpoint()
        .respond_with(shipment("1Z11"))
        .mount(&server)
        .await;
    let outcome = ask_one(&server.uri()).await;
    assert!(matches!(outcome, TrackingResult::Found(_)), "{outcome:?}");
}

#[tokio::test]
async fn an_error_that_stays_ends_the_round() {
    let server = ups(ResponseTemplate::new(503)).await;
    let numbers: Vec<String> = (10..40).map(|index| format!("1Z{index}")).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    for outcome in ask(&client(), &server.uri(), &numbers).await {
        assert_eq!(kind(&outcome), CarrierErrorKind::Unavailable);
    }
    assert!(calls(&server, "/api").await <= 3 * (Ups.carrier_profile().concurrency + 2));
}

#[tokio::test]
async fn a_carrier_that_does_not_answer_is_given_up() {
    let late = shipment("1Z11").set_delay(Duration::from_hours(1));
    let server = ups(late).await;
    let timeouts = Timeouts {
        connect: Duration::from_millis(200),
        total: Duration::from_millis(200),
    };
    let client = CarrierClient::new(timeouts).unwrap();
    let outcome = ask(&client, &server.uri(), &["1Z11"]).await.remove(0);
    assert_eq!(kind(&outcome), CarrierErrorKind::Unavailable);
    assert_eq!(calls(&server, "/api").await, 1);
}

#[tokio::test]
async fn a_connection_that_breaks_is_tried_again_and_then_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    let carrier = tokio::spawn(async move {
        for attempt in 1.. {
            let Ok((mut stream, _)) = listener.accept().await else {
                return attempt;
            };
            let mut some = [0; 16];
            stream.read_exact(&mut some).await.unwrap();
            drop(stream);
            if attempt == 3 {
                return attempt;
            }
        }
        0
    });
    let outcome = ask_one(&base_url).await;
    assert_eq!(kind(&outcome), CarrierErrorKind::Unavailable);
    assert_eq!(carrier.await.unwrap(), 3);
}

#[tokio::test]
async fn an_address_without_a_server_is_told() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base_url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    assert_eq!(
        kind(&ask_one(&base_url).await),
        CarrierErrorKind::Unavailable
    );
}

#[tokio::test]
async fn an_endless_answer_is_cut() {
    let body = vec![b' '; 5 * 1024 * 1024];
    let server = ups(ResponseTemplate::new(200).set_body_bytes(body)).await;
    assert_eq!(
        kind(&ask_one(&server.uri()).await),
        CarrierErrorKind::Unreadable
    );
}

#[tokio::test]
async fn the_pages_of_a_large_shipment_are_followed_to_the_number() {
    let server = MockServer::start().await;
    token_endpoint()
        .respond_with(token("good", "14399"))
        .mount(&server)
        .await;
    let page = |numbers: &[&str]| {
        let packages: Vec<_> = numbers
            .iter()
            .map(|number| {
                json!({"trackingNumber": number, "packageCount": 3, "activity": [
                {"date": "20261118", "time": "081200", "status": {"type": "I", "code": "AR"}}]})
            })
            .collect();
        ResponseTemplate::new(200)
            .set_body_json(json!({"trackResponse": {"shipment": [{"package": packages}]}}))
    };
    track_endpoint()
        .respond_with(page(&["1Z92", "1Z93"]))
        .mount(&server)
        .await;
    Mock::given(path("/api/track/v1/shipment/details/1Z91"))
        .and(wiremock::matchers::query_param("offset", "2"))
        .respond_with(page(&["1Z91"]))
        .expect(1)
        .mount(&server)
        .await;
    let outcome = ask(&client(), &server.uri(), &["1Z91"]).await.remove(0);
    let TrackingResult::Found(found) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(found[0].report.pieces, Some(3));
}

/// Lets so many requests through, and notes for how many numbers.
#[derive(Debug)]
struct Allowed(Mutex<(usize, Vec<usize>)>);

impl RateLimiter for Allowed {
    fn acquire(&self, numbers: usize) -> BoxFuture<'_, Result<(), CarrierError>> {
        let (left, paid) = &mut *self.0.lock().unwrap();
        let answer = if paid.len() < *left {
            paid.push(numbers);
            Ok(())
        } else {
            Err(out_of_quota(Duration::from_secs(90)))
        };
        Box::pin(ready(answer))
    }
}

#[tokio::test]
async fn every_request_is_paid_for_and_none_goes_out_that_is_not() {
    let server = ups(ResponseTemplate::new(503)).await;
    let toll = Allowed(Mutex::new((3, Vec::new())));
    let wanted = [TrackingQuery::new(number("1Z11"), now())];
    let outcomes = client()
        .track_within(&Ups, &wanted, &access(&server.uri()), &toll, now())
        .await;
    let after = Duration::from_secs(90);
    assert_eq!(kind(&outcomes[0].1), CarrierErrorKind::OutOfQuota { after });
    // The login, and two of the three attempts that a faulty answer is worth.
    assert_eq!(toll.0.lock().unwrap().1, [0, 1, 1]);
    assert_eq!(server.received_requests().await.unwrap().len(), 3);
}
