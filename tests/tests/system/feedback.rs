//! What SES reports back.

use posthorn_tests::{World, wait};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_bounce_suppresses_the_address_for_what_comes_after() {
    let world = World::new("bounce").await;
    let customer = json!({"email": "bounce@simulator.amazonses.com"});
    let (status, answer) = world
        .call(
            Method::POST,
            "/v1/orders",
            Some(&json!({"id": "B-1", "customer": customer})),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    wait::until("the bounce to be recorded", || async {
        let notifications = world.notifications("B-1").await;
        Ok(notifications
            .iter()
            .any(|notification| notification["state"] == json!("bounced"))
            .then_some(()))
    })
    .await;
    let (status, answer) = world
        .call(
            Method::POST,
            "/v1/orders/B-1/status",
            Some(&json!({"stage": "processing"})),
        )
        .await;
    assert!(status.is_success(), "{answer}");
    wait::until("the next mail to be suppressed", || async {
        let notifications = world.notifications("B-1").await;
        let suppressed = notifications.iter().any(|notification| {
            notification["notification_type"] == json!("processing")
                && notification["state"] == json!("suppressed")
                && notification["reason"] == json!("address_suppressed")
        });
        Ok(suppressed.then_some(()))
    })
    .await;
    world.finish().await;
}
