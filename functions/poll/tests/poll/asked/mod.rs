//! Who is asked: an aggregator in the carrier's place, and candidates in turn.

use crate::{
    NUMBER, answer, new_shipment, not_found, scans,
    subscriptions::with_telling_ups,
    with_ups,
    world::{World, hours_ago},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    cadence::Cadence,
    candidates::{Candidates, CarrierCandidate},
    id::{CarrierId, OrderKey},
    journey,
    shipment::Shipment,
    source::Source,
    status::{Reason, ShipmentStatus},
};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

fn carrier(id: &str) -> CarrierId {
    CarrierId::parse(id).unwrap()
}

#[tokio::test]
async fn what_an_aggregator_says_is_recorded_as_its_word() {
    let (world, _ups) = with_ups(scans(&[("000100", "M", "MP"), ("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    // Any carrier that can be asked may stand for an aggregator here.
    let ups = CarrierId::parse("ups").unwrap();
    let mut manual = world.shipment(&order).await;
    manual.carrier = CarrierId::parse("manual").unwrap();
    let mut asked = journey::ask_with(manual, Some(ups.clone()), hours_ago(1));
    asked.version += 1;
    world.overwrite(&order, &asked).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::PickedUp);
    assert!(shipment.scans.is_empty() && shipment.response_hash.is_some());
    assert_eq!(
        shipment.other_sources[0].source,
        Source::from_aggregator(&ups)
    );
    assert_eq!(shipment.other_sources[0].scans.len(), 2);
}

/// A FedEx that answers so about the number, in a world that knows it.
async fn fedex(world: &World, result: Value) -> MockServer {
    let server = MockServer::start().await;
    let token = json!({"access_token": "t", "expires_in": 3599});
    Mock::given(path("/oauth/token"))
        .respond_with(ResponseTemplate::new(200).set_body_json(token))
        .mount(&server)
        .await;
    let mut result = result;
    result["trackingNumberInfo"] = json!({"trackingNumber": NUMBER});
    let told = json!({"output": {"completeTrackResults": [
        {"trackingNumber": NUMBER, "trackResults": [result]}]}});
    Mock::given(method("POST"))
        .and(path("/track/v1/trackingnumbers"))
        .respond_with(ResponseTemplate::new(200).set_body_json(told))
        .mount(&server)
        .await;
    let credentials = json!({"client_id": "i", "client_secret": "s", "base_url": server.uri()});
    world.gateway.set_credentials("fedex", &credentials);
    server
}

fn unknown_to_fedex() -> Value {
    json!({"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "Not found"}})
}

/// What FedEx tells of a shipment that left so many days ago.
fn left(days: i64) -> Value {
    let at = hours_ago(24 * days).strftime("%Y-%m-%dT%H:%M:%S+00:00");
    json!({"scanEvents": [{"date": at.to_string(), "eventType": "DP",
        "eventDescription": "Left FedEx origin facility", "derivedStatusCode": "IT"}]})
}

/// A shipment registered an hour ago that may be of FedEx or, less likely, of UPS.
async fn guessed(world: &World) -> OrderKey {
    of_candidates(world, &[("fedex", 62), ("ups", 28)]).await
}

async fn of_candidates(world: &World, candidates: &[(&str, u8)]) -> OrderKey {
    let order = world.register(candidates[0].0, NUMBER, hours_ago(1)).await;
    let ranked = candidates
        .iter()
        .map(|(id, confidence)| CarrierCandidate::new(carrier(id), *confidence));
    let before = world.shipment(&order).await;
    let guess = Shipment {
        candidates: Candidates::from_ranked(ranked.collect(), hours_ago(1)),
        version: before.version + 1,
        ..before
    };
    world.overwrite(&order, &guess).await;
    order
}

async fn asked(server: &MockServer) -> usize {
    let requests = server.received_requests().await.unwrap();
    let questions = requests
        .iter()
        .filter(|request| request.url.path().contains("track"));
    questions.count()
}

#[tokio::test]
async fn who_does_not_know_the_number_passes_it_on_and_who_knows_it_keeps_it() {
    let (world, ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let fedex = fedex(&world, unknown_to_fedex()).await;
    let order = guessed(&world).await;
    let before = world.shipment(&order).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    let passed_on = world.shipment(&order).await;
    assert_eq!(passed_on.carrier, carrier("ups"));
    assert_eq!(passed_on.version, before.version + 1);
    assert_eq!((asked(&fedex).await, asked(&ups).await), (1, 0));
    let cohort = (carrier("ups"), Cadence::EightHours);
    let schedule = world.schedule.load_schedule().await.unwrap();
    assert!(
        schedule.cohorts.contains_key(&cohort),
        "the sweep looks there"
    );

    world.poll_one(&order).await;
    let found = world.shipment(&order).await;
    assert_eq!((found.carrier.as_str(), &found.candidates), ("ups", &None));
    assert_eq!(found.current_status(), ShipmentStatus::PickedUp);
    assert_eq!((asked(&fedex).await, asked(&ups).await), (1, 1));
}

#[tokio::test]
async fn a_number_that_no_carrier_knows_goes_round_and_rests_with_the_likeliest() {
    let (world, ups) = with_ups(not_found()).await;
    let fedex = fedex(&world, unknown_to_fedex()).await;
    let order = guessed(&world).await;
    for expected in ["ups", "fedex"] {
        world.poll_one(&order).await;
        assert_eq!(world.shipment(&order).await.carrier, carrier(expected));
    }
    // The likeliest has the rest of the day, and those polls write nothing.
    let (before, calls) = (world.shipment(&order).await, world.gateway.dynamodb_calls());
    world.poll_one(&order).await;
    world.poll_one(&order).await;
    assert_eq!(world.gateway.dynamodb_calls(), calls);
    assert_eq!(world.shipment(&order).await, before);
    assert_eq!((asked(&fedex).await, asked(&ups).await), (3, 1));
}

#[tokio::test]
async fn an_older_shipment_under_the_number_is_another_one() {
    for (days, is_it) in [(1, true), (13, true), (16, false), (60, false)] {
        let (world, _ups) = with_ups(not_found()).await;
        let _fedex = fedex(&world, left(days)).await;
        let order = guessed(&world).await;
        world.poll_one(&order).await;
        let shipment = world.shipment(&order).await;
        let carrier = shipment.carrier.as_str();
        let expected = if is_it {
            ("fedex", true)
        } else {
            ("ups", false)
        };
        assert_eq!((carrier, shipment.candidates.is_none()), expected, "{days}");
        assert_eq!(shipment.scans.is_empty(), !is_it, "{days}");
    }
}

#[tokio::test]
async fn a_number_that_cannot_be_the_carriers_is_another_s_and_not_invalid() {
    let invalid = json!({"response": {"errors": [{"code": "TV1002", "message": "Invalid"}]}});
    let (world, _ups) = with_ups(ResponseTemplate::new(400).set_body_json(invalid)).await;
    let _fedex = fedex(&world, unknown_to_fedex()).await;
    let order = of_candidates(&world, &[("ups", 65), ("fedex", 62)]).await;
    world.poll_one(&order).await;
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.carrier, carrier("fedex"));
    assert_eq!(shipment.reason, Reason::NoInfo);
    // It alone is left.
    let version = shipment.version;
    world.poll_one(&order).await;
    assert_eq!(world.shipment(&order).await.version, version);
}

#[tokio::test]
async fn a_message_that_comes_twice_passes_a_shipment_on_once() {
    let (world, ups) = with_ups(not_found()).await;
    let _fedex = fedex(&world, unknown_to_fedex()).await;
    let order = guessed(&world).await;
    let message = world.message(std::slice::from_ref(&order)).await;
    world.poll(&[message.clone(), message]).await;
    assert_eq!(world.shipment(&order).await.carrier, carrier("ups"));
    assert_eq!(asked(&ups).await, 0);
}

#[tokio::test]
async fn without_an_answer_no_other_carrier_is_asked() {
    let (world, ups) = with_ups(ResponseTemplate::new(503)).await;
    let order = of_candidates(&world, &[("ups", 65), ("fedex", 62)]).await;
    for trouble in [
        ResponseTemplate::new(503),
        ResponseTemplate::new(403),
        ResponseTemplate::new(200).set_body_raw("<html></html>", "text/html"),
    ] {
        answer(&ups, trouble).await;
        world.poll_one(&order).await;
        assert_eq!(world.shipment(&order).await.carrier, carrier("ups"));
    }
}

#[tokio::test]
async fn what_was_subscribed_to_is_left_behind_with_its_carrier() {
    let (world, _ups) = with_telling_ups(not_found()).await;
    let _fedex = fedex(&world, unknown_to_fedex()).await;
    let order = of_candidates(&world, &[("ups", 65), ("fedex", 62)]).await;
    let mut pushed = world.shipment(&order).await;
    pushed.is_pushed = true;
    pushed.version += 1;
    world.overwrite(&order, &pushed).await;
    world.poll_one(&order).await;
    let passed_on = world.shipment(&order).await;
    assert_eq!(passed_on.carrier, carrier("fedex"));
    assert!(!passed_on.is_pushed);
    let number = passed_on.tracking_number.as_ref().unwrap();
    for id in ["ups", "fedex"] {
        let orders = &world.intake.orders;
        let found = orders.by_number(&carrier(id), number).await.unwrap();
        assert_eq!(found, [], "{id}");
    }
}

#[tokio::test]
async fn silence_falls_due_at_another_turn_as_at_any() {
    let (world, _ups) = with_ups(not_found()).await;
    let _fedex = fedex(&world, unknown_to_fedex()).await;
    let order = guessed(&world).await;
    let long_ago: Timestamp = hours_ago(0) - SignedDuration::from_hours(5 * 24);
    let mut old = world.shipment(&order).await;
    (old.registered_at, old.changed_at) = (long_ago, long_ago);
    old.version += 1;
    world.overwrite(&order, &old).await;
    world.poll_one(&order).await;
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.carrier, carrier("ups"));
    assert!(shipment.stalled_since().is_some());
    assert_eq!(shipment.version, old.version + 1, "in one write");
}
