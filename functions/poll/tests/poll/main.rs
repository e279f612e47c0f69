//! The function with a UPS and a sandbox, from the message to the table.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod alone;
mod asked;
mod subscriptions;
mod world;

use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderKey},
    scan::ScanMeaning,
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};
use world::{World, hours_ago};

const NUMBER: &str = "1Z9X9E030300010015";

/// A UPS that answers `track`, and a world that knows it.
async fn with_ups(track: ResponseTemplate) -> (World, MockServer) {
    let (world, server) = (World::start().await, MockServer::start().await);
    Mock::given(method("POST"))
        .and(path("/security/v1/oauth/token"))
        .respond_with(
            ResponseTemplate::new(200)
                .set_body_json(json!({"access_token": "t", "expires_in": "14399"})),
        )
        .mount(&server)
        .await;
    answer(&server, track).await;
    let credentials = json!({"client_id": "i", "client_secret": "s", "base_url": server.uri()});
    world.gateway.set_credentials("ups", &credentials);
    (world, server)
}

/// From now on UPS answers so.
async fn answer(server: &MockServer, track: ResponseTemplate) {
    Mock::given(path_regex("^/api/track/v1/details/"))
        .respond_with(track)
        .with_priority(1)
        .mount(server)
        .await;
}

fn scans(codes: &[(&str, &str, &str)]) -> ResponseTemplate {
    let today = hours_ago(0).strftime("%Y%m%d").to_string();
    let activity: Vec<Value> = codes
        .iter()
        .rev()
        .map(|(time, kind, code)| {
            json!({"date": today, "time": time, "gmtOffset": "+00:00",
                   "status": {"type": kind, "code": code, "description": code}})
        })
        .collect();
    ResponseTemplate::new(200).set_body_json(json!({"trackResponse": {"shipment": [{
        "package": [{"trackingNumber": NUMBER, "activity": activity}]}]}}))
}

fn not_found() -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"trackResponse": {"shipment": [{"warnings": [{"code": "TW0001"}]}]}}))
}

async fn new_shipment(world: &World) -> OrderKey {
    world.register("ups", NUMBER, hours_ago(1)).await
}

#[tokio::test]
async fn what_ups_says_is_recorded() {
    let (world, _ups) = with_ups(scans(&[("000100", "M", "MP"), ("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::PickedUp);
    assert_eq!(shipment.scans.len(), 2);
    assert_eq!(shipment.version, 2);
    assert!(shipment.response_hash.is_some());
    assert_eq!(shipment.cadence, Some(Cadence::ThreeHours));
}

#[tokio::test]
async fn an_unchanged_poll_does_not_call_dynamodb_at_all() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let (before, calls) = (world.shipment(&order).await, world.gateway.dynamodb_calls());
    assert!(calls > 0);
    world.poll_one(&order).await;
    assert_eq!(world.gateway.dynamodb_calls(), calls);
    assert_eq!(world.shipment(&order).await, before);
}

#[tokio::test]
async fn a_number_that_ups_does_not_know_yet_costs_nothing() {
    let (world, _ups) = with_ups(not_found()).await;
    let order = new_shipment(&world).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    assert_eq!(world.gateway.dynamodb_calls(), 0);
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn a_shipment_of_which_nothing_is_heard_for_days_is_called_stalled() {
    let (world, _ups) = with_ups(not_found()).await;
    let order = world.register("ups", NUMBER, hours_ago(5 * 24)).await;
    world.poll_one(&order).await;
    let stalled = world.shipment(&order).await;
    assert_eq!(stalled.conditions.len(), 1);
    let calls = world.gateway.dynamodb_calls();
    world.poll_one(&order).await;
    assert_eq!(world.gateway.dynamodb_calls(), calls);
}

#[tokio::test]
async fn a_number_that_cannot_be_one_of_ups_is_called_invalid() {
    let invalid = json!({"response": {"errors": [{"code": "TV1002", "message": "Invalid"}]}});
    let (world, _ups) = with_ups(ResponseTemplate::new(400).set_body_json(invalid)).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    assert_eq!(world.shipment(&order).await.reason, Reason::InvalidNumber);
}

#[tokio::test]
async fn an_old_message_changes_nothing_twice() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    let message = world.message(std::slice::from_ref(&order)).await;
    world.poll(std::slice::from_ref(&message)).await;
    let once = world.shipment(&order).await;
    world.poll(&[message.clone(), message]).await;
    assert_eq!(world.shipment(&order).await, once);
}

#[tokio::test]
async fn a_shipment_that_got_another_number_meanwhile_is_left_alone() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    let message = world.message(std::slice::from_ref(&order)).await;
    let mut corrected = world.shipment(&order).await;
    corrected.tracking_number = TrackingNumber::parse("1Z9X9E030300010024").ok();
    corrected.version += 1;
    world.overwrite(&order, &corrected).await;
    assert_eq!(world.poll(&[message]).await, [""; 0]);
    assert_eq!(world.shipment(&order).await, corrected);
}

#[tokio::test]
async fn a_shipment_that_is_gone_is_skipped() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    let mut message = world.message(&[order]).await;
    message["shipments"][0]["order"] = json!("another");
    assert_eq!(world.poll(&[message]).await, [""; 0]);
}

#[tokio::test]
async fn nonsense_leaves_the_last_state() {
    let (world, ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let before = world.shipment(&order).await;
    ups.reset().await;
    let page = ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html");
    answer(&ups, page).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    assert_eq!(world.shipment(&order).await, before);
    assert_eq!(world.gateway.queued(), []);
}

#[tokio::test]
async fn a_rate_limit_sends_the_rest_back_with_a_delay() {
    let limit = ResponseTemplate::new(429).insert_header("retry-after", "120");
    let (world, _ups) = with_ups(limit).await;
    let order = new_shipment(&world).await;
    let mut message = world.message(&[order]).await;
    assert_eq!(world.poll(&[message.clone()]).await, [""; 0]);
    let (rest, delay) = world.gateway.queued().remove(0);
    assert_eq!(delay, 120);
    assert_eq!(rest["returns"], 1);
    assert_eq!(rest["shipments"], message["shipments"]);
    message["returns"] = json!(3);
    world.poll(&[message]).await;
    assert_eq!(world.gateway.queued().len(), 1, "it waits for its slot");
}

#[tokio::test]
async fn a_carrier_that_is_down_is_asked_again_soon() {
    let (world, _ups) = with_ups(ResponseTemplate::new(503)).await;
    let order = new_shipment(&world).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    assert_eq!(world.gateway.queued()[0].1, 60);
}

#[tokio::test]
async fn a_carrier_that_asks_for_patience_is_left_alone_by_all() {
    let limit = ResponseTemplate::new(429).insert_header("retry-after", "120");
    let (world, ups) = with_ups(limit).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let pause = world.schedule.load_schedule().await.unwrap().backoffs;
    let pause = &pause[&CarrierId::parse("ups").unwrap()];
    let left = pause.until.duration_since(hours_ago(0)).as_secs();
    assert!((110..=125).contains(&left), "{left} s");
    assert_eq!(pause.consecutive_failures, 0);
    // What was on its way already goes back unasked.
    let asked = ups.received_requests().await.unwrap().len();
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    assert_eq!(ups.received_requests().await.unwrap().len(), asked);
    assert!((115..=120).contains(&world.gateway.queued()[1].1));
}

#[tokio::test]
async fn a_carrier_without_answer_is_left_alone_until_a_probe_is_answered() {
    let (world, ups) = with_ups(ResponseTemplate::new(403)).await;
    let order = new_shipment(&world).await;
    // A refusal is for the alarm and not for the dead letters: no try helps.
    for _ in 0..3 {
        assert_eq!(world.poll_one(&order).await, [""; 0]);
    }
    let pauses = async || world.schedule.load_schedule().await.unwrap().backoffs;
    assert_eq!(
        pauses().await[&CarrierId::parse("ups").unwrap()].consecutive_failures,
        1
    );
    let asked = ups.received_requests().await.unwrap().len();
    world.poll_one(&order).await;
    assert_eq!(ups.received_requests().await.unwrap().len(), asked);

    let mut probe = world.message(std::slice::from_ref(&order)).await;
    probe["consecutive_failures"] = json!(1);
    assert_eq!(world.poll(&[probe.clone()]).await, [""; 0]);
    assert_eq!(
        pauses().await[&CarrierId::parse("ups").unwrap()].consecutive_failures,
        2
    );

    ups.reset().await;
    answer(&ups, scans(&[("000200", "P", "PU")])).await;
    world.end_pause("ups", 2).await;
    probe["consecutive_failures"] = json!(2);
    assert_eq!(world.poll(&[probe]).await, [""; 0]);
    assert!(pauses().await.is_empty());
    assert_eq!(
        world.shipment(&order).await.current_status(),
        ShipmentStatus::PickedUp
    );
}

#[tokio::test]
async fn a_number_that_ups_keeps_no_longer_is_given_up() {
    let (world, _ups) = with_ups(not_found()).await;
    let order = world.register("ups", NUMBER, hours_ago(121 * 24)).await;
    let mut moving = world.shipment(&order).await;
    moving.reason = Reason::Moving;
    moving.changed_at = hours_ago(24);
    moving.version += 1;
    world.overwrite(&order, &moving).await;
    world.poll_one(&order).await;
    assert_eq!(world.shipment(&order).await.reason, Reason::Silent);
}

#[tokio::test]
async fn refused_credentials_leave_the_shipment_to_its_next_slot() {
    let (world, _ups) = with_ups(ResponseTemplate::new(403)).await;
    let order = new_shipment(&world).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    assert!(world.gateway.queued().is_empty());
}

#[tokio::test]
async fn what_there_is_no_time_to_ask_goes_back_unasked() {
    let (world, ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    let message = world.message(std::slice::from_ref(&order)).await;
    assert_eq!(world.poll_until(&[message], clock_in_ms(10)).await, [""; 0]);
    assert!(ups.received_requests().await.unwrap().is_empty());
    let [(rest, delay)] = world.gateway.queued().try_into().unwrap();
    assert_eq!(rest["shipments"].as_array().unwrap().len(), 1);
    assert!(delay <= 1, "{delay}");
}

/// So many seconds from now, as Lambda tells when an invocation ends.
fn clock_in_ms(seconds: i64) -> u64 {
    let end = hours_ago(0) + jiff::SignedDuration::from_secs(seconds);
    u64::try_from(end.as_millisecond()).unwrap()
}

#[tokio::test]
async fn missing_credentials_are_a_refusal_and_stop_no_other_carrier() {
    let world = World::start().await;
    let ups = new_shipment(&world).await;
    let sandbox = world
        .register("sandbox", "SANDBOX-STRAIGHT-1", hours_ago(1))
        .await;
    let messages = [
        world.message(&[ups]).await,
        world.message(std::slice::from_ref(&sandbox)).await,
    ];
    assert_eq!(world.poll(&messages).await, [""; 0]);
    assert!(world.gateway.queued().is_empty());
    assert_eq!(
        world.shipment(&sandbox).await.current_status(),
        ShipmentStatus::Delivered
    );
}

#[tokio::test]
async fn an_unheard_carrier_and_a_broken_message_fail_alone() {
    let world = World::start().await;
    let sandbox = world
        .register("sandbox", "SANDBOX-LOST-1", hours_ago(1))
        .await;
    let message = world.message(&[sandbox]).await;
    let mut unheard = message.clone();
    unheard["carrier"] = json!("unheard");
    assert_eq!(
        world.poll(&[unheard, json!({"carrier": 1}), message]).await,
        ["0", "1"]
    );
}

#[tokio::test]
async fn two_orders_with_one_number_both_learn() {
    let (world, ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let first = new_shipment(&world).await;
    let mut message = world.message(std::slice::from_ref(&first)).await;
    let shipment = world.shipment(&first).await;
    let second = world::order("second");
    world
        .intake
        .add_shipments(&second, &[shipment], None)
        .await
        .unwrap();
    let another = world.message(std::slice::from_ref(&second)).await;
    let shipments = message["shipments"].as_array_mut().unwrap();
    shipments.push(another["shipments"][0].clone());
    world.poll(&[message]).await;
    for order in [&first, &second] {
        let status = world.shipment(order).await.current_status();
        assert_eq!(status, ShipmentStatus::PickedUp);
    }
    let asked = ups.received_requests().await.unwrap();
    let asked = asked
        .iter()
        .filter(|request| request.method.as_str() == "GET");
    assert_eq!(asked.count(), 1);
}

#[tokio::test]
async fn an_unknown_code_is_kept_and_moves_nothing() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU"), ("000300", "X", "?!")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::PickedUp);
    assert_eq!(shipment.scans[1].meaning, ScanMeaning::Unknown);
    assert_eq!(shipment.scans[1].code, "?!");
}

#[tokio::test]
async fn the_cohort_that_a_shipment_joins_is_known_to_the_sweep() {
    let (world, _ups) = with_ups(scans(&[("000200", "D", "OT")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let cohort = (CarrierId::parse("ups").unwrap(), Cadence::QuarterHour);
    assert_eq!(world.shipment(&order).await.cadence, Some(cohort.1));
    let schedule = world.schedule.load_schedule().await.unwrap();
    assert!(schedule.cohorts.contains_key(&cohort));
}
