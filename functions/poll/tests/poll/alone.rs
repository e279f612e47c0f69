//! A shipment that makes trouble takes no other of its message with it.

use crate::{NUMBER, scans, with_ups, world::hours_ago};
use posthorn_domain::{id::OrderKey, status::ShipmentStatus};
use serde_json::json;
use wiremock::ResponseTemplate;

use crate::world::World;

const OTHER: &str = "1Z9X9E030300010024";

/// The shipments of two orders that have the same number, so that UPS's one answer
/// is about both.
async fn two(world: &World) -> [OrderKey; 2] {
    let first = world.register("ups", NUMBER, hours_ago(1)).await;
    let second = world.register_in("2002", "ups", NUMBER, hours_ago(1)).await;
    [first, second]
}

#[tokio::test]
async fn one_that_is_stored_unreadably_does_not_keep_the_others_from_being_written() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let [spoilt, good] = two(&world).await;
    let message = world.message(&[spoilt.clone(), good.clone()]).await;
    world.spoil(&spoilt).await;
    assert_eq!(world.poll(&[message]).await, [""; 0], "no try helps");
    assert_eq!(
        world.shipment(&good).await.current_status(),
        ShipmentStatus::PickedUp
    );
}

#[tokio::test]
async fn one_that_cannot_be_read_in_the_message_does_not_keep_the_others_from_being_asked_after() {
    let (world, _ups) = with_ups(scans(&[("000200", "P", "PU")])).await;
    let [odd, good] = two(&world).await;
    let mut message = world.message(&[odd, good.clone()]).await;
    message["shipments"][0]["cadence"] = json!("now and then");
    assert_eq!(world.poll(&[message]).await, [""; 0]);
    assert_eq!(
        world.shipment(&good).await.current_status(),
        ShipmentStatus::PickedUp
    );
}

#[tokio::test]
async fn one_that_the_queue_never_takes_does_not_keep_the_others_from_going_back() {
    let limit = ResponseTemplate::new(429).insert_header("retry-after", "120");
    let (world, _ups) = with_ups(limit).await;
    let good = world.register("ups", NUMBER, hours_ago(1)).await;
    let guilty = world.register("ups", OTHER, hours_ago(1)).await;
    let message = world.message(&[guilty, good]).await;
    world.gateway.never_take(OTHER);
    assert_eq!(world.poll(&[message]).await, [""; 0]);
    let queued = world.gateway.queued();
    assert_eq!(queued.len(), 1);
    assert_eq!(queued[0].0["shipments"].as_array().unwrap().len(), 1);
    assert_eq!(queued[0].0["shipments"][0]["tracking_number"], NUMBER);
    assert_eq!(queued[0].1, 120);
}
