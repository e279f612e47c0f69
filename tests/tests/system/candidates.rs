//! A number that does not tell its carrier.

use posthorn_tests::{
    World, seventeen_track,
    ups::{self, Mood, Scan},
};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_number_that_the_first_does_not_know_is_found_by_the_next() {
    let world = World::with_settings("candidates", json!({"aggregator": "17track"})).await;
    let access =
        json!({"key": seventeen_track::KEY, "base_url": format!("http://{}", world.stack.ups)});
    let stored = world.stack.secret("carriers/17track", &access).await;
    stored.expect("credentials can be stored");
    let (order, number) = (format!("G-{}", world.serial), ups::waybill(world.serial));
    world.scanned(&number, Scan::Origin, 60, "Rochester");
    world.ups.feel(&number, Mood::Ignorant);
    let body = json!({
        "id": order, "customer": {"email": world.buyer.email, "consent": {"email": true}},
        "shipments": [{"tracking_number": number}],
    });
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    assert_eq!(answer["shipments"][0]["carrier"], json!("ups"));

    // UPS has been asked at once, does not know it, and no customer hears of that.
    world.settle().await;
    let guess = world.order(&order).await;
    let shipment = &guess["shipments"][0];
    assert_eq!(shipment["carrier"], json!("17track"), "{shipment}");
    assert_eq!(shipment["candidates"].as_array().map(Vec::len), Some(2));
    let page = world.page(&guess).await;
    assert!(page.contains(&number) && !page.contains("UPS"), "{page}");
    let told = world.told(&order).await;

    world.poll().await;
    let found = world.order(&order).await;
    let shipment = &found["shipments"][0];
    assert_eq!(shipment["status"], json!("picked_up"), "{shipment}");
    assert_eq!(shipment["carrier"], json!("17track"));
    assert_eq!(shipment["candidates"], Value::Null);
    world.poll().await;
    assert_eq!(world.ups.asked(&number), 1);
    let mut expected = told;
    expected.push("email in_transit".to_owned());
    assert_eq!(world.told(&order).await, expected);

    // Other tests count what asking costs, and 17TRACK has quotas.
    let change = json!({"carrier": "manual"});
    let path = format!("/v1/orders/{order}/shipments/1");
    let (status, answer) = world.call(Method::PATCH, &path, Some(&change)).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert_eq!(answer["polled_every"], Value::Null, "{answer}");
    world.settle().await;
    world.finish().await;
}
