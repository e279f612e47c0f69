//! Pushes in process: the real routes on an embedded DynamoDB.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod events;
mod push_triggers;
mod refusals;
mod world;

use http::StatusCode;
use posthorn_domain::{
    cadence::Cadence,
    status::{Reason, ShipmentStatus},
};
use serde_json::json;
use world::{NUMBER, SECRET, World, alert};

#[tokio::test]
async fn an_alert_of_ups_moves_the_shipment() {
    let world = World::start().await;
    let order = world.pushed("ups", NUMBER).await;
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({"outcome": "recorded"}));
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::OutForDelivery);
    assert_eq!(shipment.cadence, Some(Cadence::QuarterHour));
    assert_eq!(shipment.scans.len(), 1);
    assert_eq!(shipment.version, 3);
    // The last answer is still the last answer: the next one is compared with it.
    assert_eq!(shipment.response_hash.as_deref(), Some("the-last-answer"));
    assert_eq!(world.cohorts().await, ["ups 15m"]);
    assert!(world.asked_after().is_empty());
}

#[tokio::test]
async fn the_same_again_changes_nothing_and_neither_does_what_comes_late() {
    let world = World::start().await;
    let order = world.pushed("ups", NUMBER).await;
    world.ups(&alert("OT", "091519")).await;
    world.ups(&alert("FS", "115004")).await;
    let delivered = world.shipment(&order).await;
    assert_eq!(delivered.current_status(), ShipmentStatus::Delivered);
    for code in ["OT", "FS"] {
        let time = if code == "OT" { "091519" } else { "115004" };
        let answer = world.ups(&alert(code, time)).await;
        assert_eq!(answer.body, json!({"outcome": "unchanged"}), "{code}");
    }
    assert_eq!(world.shipment(&order).await, delivered);
    // What happened before is told after: it is kept, and moves nothing.
    let answer = world.ups(&alert("DP", "050000")).await;
    assert_eq!(answer.body, json!({"outcome": "recorded"}));
    let after = world.shipment(&order).await;
    assert_eq!(after.reason, delivered.reason);
    assert_eq!(after.scans.len(), 3);
}

#[tokio::test]
async fn an_unknown_number_is_a_success_to_the_sender() {
    let world = World::start().await;
    let order = world.pushed("ups", "1Z9X9E030300010023").await;
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({"outcome": "unknown"}));
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn a_shipment_that_is_not_followed_any_more_is_left_alone() {
    let world = World::start().await;
    let order = world.pushed("ups", NUMBER).await;
    let mut over = world.shipment(&order).await;
    over.cadence = None;
    over.version += 1;
    world.overwrite(&order, &over).await;
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.body, json!({"outcome": "unchanged"}));
    assert_eq!(world.shipment(&order).await, over);
}

#[tokio::test]
async fn two_orders_with_one_number_both_learn() {
    let world = World::start().await;
    let first = world.pushed("ups", NUMBER).await;
    let second = world.pushed_in("second", "ups", NUMBER).await;
    world.ups(&alert("OT", "091519")).await;
    for order in [first, second] {
        let status = world.shipment(&order).await.current_status();
        assert_eq!(status, ShipmentStatus::OutForDelivery);
    }
}

#[tokio::test]
async fn what_a_carrier_signs_and_cannot_be_read_is_a_success_to_the_sender() {
    let world = World::start().await;
    for body in ["", "{}", "<html>", "{\"trackingNumber\": 1}"] {
        let answer = world
            .push("/v1/push/ups", &[("credential", SECRET)], body)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{body}");
        assert_eq!(answer.body, json!({"outcome": "unreadable"}), "{body}");
    }
}

#[tokio::test]
async fn what_tells_that_something_has_happened_but_not_what_has_the_carrier_asked() {
    let world = World::start().await;
    let number = "1Z9X9E030300010017";
    let order = world.pushed("17track", number).await;
    let body = json!({"event": "TRACKING_STOPPED", "data": {"number": number}}).to_string();
    let sign = world::sha256(&format!("{body}/{}", world::KEY));
    let answer = world
        .push("/v1/push/17track", &[("sign", &sign)], &body)
        .await;
    assert_eq!(answer.body, json!({"outcome": "asked"}));
    assert_eq!(world.asked_after(), [format!("17track {number}")]);
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn a_whole_answer_that_17track_pushes_is_taken_over() {
    let world = World::start().await;
    let order = world.pushed("17track", "1Z9X9E030300010017").await;
    let file = include_str!("../../../../shared/carriers/fixtures/17track/push/updated.http");
    let (_, body) = file.split_once("\n\n").unwrap();
    let body = body.trim_end();
    let sign = world::sha256(&format!("{body}/{}", world::KEY));
    let answer = world
        .push("/v1/push/17track", &[("sign", &sign)], body)
        .await;
    assert_eq!(answer.body, json!({"outcome": "recorded"}));
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.current_status(), ShipmentStatus::OutForDelivery);
    assert_eq!(shipment.scans.len(), 4);
}

#[tokio::test]
async fn a_shipment_that_is_stored_unreadably_does_not_keep_another_from_the_news() {
    let world = World::start().await;
    let spoilt = world.pushed("ups", NUMBER).await;
    let good = world.pushed_in("second", "ups", NUMBER).await;
    world.spoil(&spoilt).await;
    let answer = world.ups(&alert("OT", "091500")).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
    assert_eq!(answer.body["outcome"], "recorded");
    assert!(!world.shipment(&good).await.scans.is_empty());
}
