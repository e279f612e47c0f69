//! What carriers are asked so that they tell by themselves.

use crate::{
    NUMBER, new_shipment, scans, with_ups,
    world::{World, hours_ago},
};
use posthorn_domain::{cadence::Cadence, id::CarrierId, journey, status::ShipmentStatus};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path, path_regex},
};

/// A UPS that can tell by itself and takes every subscription.
pub(crate) async fn with_telling_ups(track: ResponseTemplate) -> (World, MockServer) {
    let (world, server) = with_ups(track).await;
    let credentials = json!({"client_id": "i", "client_secret": "s", "base_url": server.uri()});
    world.gateway.set_credentials("ups", &credentials);
    world.gateway.set_webhook_secret("ups");
    Mock::given(method("POST"))
        .and(path("/api/track/v1/subscription/standard/package"))
        .respond_with(
            ResponseTemplate::new(200).set_body_json(json!({"validTrackingNumbers": [NUMBER]})),
        )
        .mount(&server)
        .await;
    (world, server)
}

/// The subscriptions that UPS was asked for.
async fn subscriptions(ups: &MockServer) -> Vec<Value> {
    let requests = ups.received_requests().await.unwrap();
    requests
        .iter()
        .filter(|request| request.url.path().contains("/subscription/"))
        .map(|request| request.body_json().unwrap())
        .collect()
}

#[tokio::test]
async fn what_is_written_is_subscribed_to_and_asked_after_less_often() {
    let (world, ups) = with_telling_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let asked = subscriptions(&ups).await;
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0]["trackingNumberList"], json!([NUMBER]));
    assert_eq!(
        asked[0]["destination"]["url"],
        "https://api.example.com/v1/push/ups"
    );
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.version, 2, "it is one write");
    assert!(shipment.is_pushed);
    assert!(shipment.subscribed_until.unwrap() > hours_ago(-13 * 24));
    assert_eq!(shipment.cadence, Some(Cadence::EightHours));
    // Nothing new: the carrier is not asked again, and nothing is written.
    let calls = world.gateway.dynamodb_calls();
    world.poll_one(&order).await;
    assert_eq!(subscriptions(&ups).await.len(), 1);
    assert_eq!(world.gateway.dynamodb_calls(), calls);
}

#[tokio::test]
async fn a_subscription_near_its_end_is_renewed_in_one_write() {
    let (world, ups) = with_telling_ups(scans(&[("000200", "P", "PU")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let mut shipment = world.shipment(&order).await;
    shipment.subscribed_until = Some(hours_ago(-47));
    shipment.version += 1;
    world.overwrite(&order, &shipment).await;
    world.poll_one(&order).await;
    assert_eq!(subscriptions(&ups).await.len(), 2);
    let renewed = world.shipment(&order).await;
    assert!(renewed.subscribed_until > shipment.subscribed_until);
    assert_eq!(renewed.cadence, Some(Cadence::EightHours));
    assert_eq!(renewed.version, shipment.version + 1);
}

#[tokio::test]
async fn what_had_to_be_asked_for_ends_the_trust_until_the_next_news() {
    let yesterday = hours_ago(24).strftime("%Y%m%d").to_string();
    let told = json!({"trackResponse": {"shipment": [{"package": [{
        "trackingNumber": NUMBER,
        "activity": [{"date": yesterday, "time": "000200", "gmtOffset": "+00:00",
                      "status": {"type": "P", "code": "PU", "description": "PU"}}],
    }]}]}});
    let (world, ups) = with_telling_ups(ResponseTemplate::new(200).set_body_json(told)).await;
    let order = world.register("ups", NUMBER, hours_ago(48)).await;
    let mut shipment = world.shipment(&order).await;
    shipment.subscribed_until = Some(hours_ago(-10 * 24));
    shipment.version += 1;
    world.overwrite(&order, &shipment).await;
    world.poll_one(&order).await;
    let distrusted = world.shipment(&order).await;
    assert_eq!(distrusted.subscribed_until, None);
    assert_eq!(distrusted.cadence, Some(Cadence::ThreeHours));
    assert!(subscriptions(&ups).await.is_empty());
}

#[tokio::test]
async fn what_is_asked_for_after_a_hint_the_carrier_has_told() {
    let yesterday = hours_ago(24).strftime("%Y%m%d").to_string();
    let told = json!({"trackResponse": {"shipment": [{"package": [{
        "trackingNumber": NUMBER,
        "activity": [{"date": yesterday, "time": "000200", "gmtOffset": "+00:00",
                      "status": {"type": "P", "code": "PU", "description": "PU"}}],
    }]}]}});
    let (world, _ups) = with_telling_ups(ResponseTemplate::new(200).set_body_json(told)).await;
    let order = world.register("ups", NUMBER, hours_ago(48)).await;
    let mut shipment = world.shipment(&order).await;
    shipment.subscribed_until = Some(hours_ago(-10 * 24));
    shipment.version += 1;
    world.overwrite(&order, &shipment).await;
    let mut message = world.message(std::slice::from_ref(&order)).await;
    message["is_hinted"] = json!(true);
    world.poll(&[message]).await;
    let told = world.shipment(&order).await;
    assert_eq!(told.current_status(), ShipmentStatus::PickedUp);
    assert_eq!(told.subscribed_until, shipment.subscribed_until);
}

#[tokio::test]
async fn a_carrier_that_takes_no_subscription_is_asked_as_ever() {
    let (world, ups) = with_telling_ups(scans(&[("000200", "P", "PU")])).await;
    Mock::given(path("/api/track/v1/subscription/standard/package"))
        .respond_with(ResponseTemplate::new(400))
        .with_priority(1)
        .mount(&ups)
        .await;
    let order = new_shipment(&world).await;
    assert_eq!(world.poll_one(&order).await, [""; 0]);
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.subscribed_until, None);
    assert_eq!(shipment.cadence, Some(Cadence::ThreeHours));
}

#[tokio::test]
async fn a_shipment_at_its_end_is_not_subscribed_to() {
    let (world, ups) = with_telling_ups(scans(&[("000200", "D", "FS")])).await;
    let order = new_shipment(&world).await;
    world.poll_one(&order).await;
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::Delivered);
    assert!(subscriptions(&ups).await.is_empty());
}

#[tokio::test]
async fn what_is_subscribed_to_once_stays_so_and_the_carrier_is_named() {
    let (world, server) = (World::start().await, MockServer::start().await);
    let (number, today) = ("9400111899223344556677", hours_ago(0).strftime("%FT%TZ"));
    let status = json!({"status": "TRANSIT", "status_date": today.to_string()});
    let track = json!({"carrier": "usps", "tracking_number": number,
                       "tracking_status": status, "tracking_history": [status]});
    Mock::given(path_regex("^/tracks/"))
        .respond_with(ResponseTemplate::new(200).set_body_json(track))
        .mount(&server)
        .await;
    let credentials = json!({"token": "t", "base_url": server.uri()});
    world.gateway.set_credentials("shippo", &credentials);
    world.gateway.set_webhook_secret("shippo");
    let order = world.register("usps", number, hours_ago(1)).await;
    let mut asked = journey::ask_with(
        world.shipment(&order).await,
        CarrierId::parse("shippo").ok(),
        hours_ago(1),
    );
    asked.version += 1;
    world.overwrite(&order, &asked).await;
    world.poll_one(&order).await;
    let subscribed = world.shipment(&order).await;
    // Longer than any shipment is followed.
    assert!(subscribed.subscribed_until.unwrap() > hours_ago(-200 * 24));
    assert!(subscribed.is_pushed);
    world.poll_one(&order).await;
    let requests = server.received_requests().await.unwrap();
    let made: Vec<Value> = requests
        .iter()
        .filter(|request| request.method.as_str() == "POST")
        .map(|request| request.body_json().unwrap())
        .collect();
    assert_eq!(
        made,
        [json!({"carrier": "usps", "tracking_number": number})]
    );
}
