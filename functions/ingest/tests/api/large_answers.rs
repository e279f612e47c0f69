//! Answers that are too large to be kept for a repetition of their request.

use crate::shop::Shop;
use http::StatusCode;
use serde_json::{Value, json};

/// The most bytes of an item that a repetition is recognised by.
const LARGEST_RECEIPT: usize = 40_000;

fn large_order() -> Value {
    let items = |n: usize| -> Value { (0..n).map(|n| json!({"title": format!("{n}")})).collect() };
    let shipments = (0..40).map(|n| {
        json!({"tracking_number": format!("77{n:04}"), "carrier": "manual", "items": items(200)})
    });
    json!({"id": "1", "items": items(200), "shipments": shipments.collect::<Value>()})
}

async fn receipt(shop: &Shop, key: &str) -> Value {
    let pk = format!("{}#key:{key}", shop.id);
    let receipt = shop.dynamo.item("Idempotency", &pk, "").await;
    receipt.expect("the request is remembered")
}

#[tokio::test]
async fn a_large_answer_is_given_again_as_the_order_stands() {
    let shop = Shop::open().await;
    let first = shop.post_once("/v1/orders", "k", large_order()).await;
    assert_eq!(first.status, StatusCode::CREATED);
    let kept = receipt(&shop, "k").await.to_string().len();
    assert!(kept < LARGEST_RECEIPT, "{kept}");
    let again = shop.post_once("/v1/orders", "k", large_order()).await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(again.body, first.body);
    let other = shop.post_once("/v1/orders", "k", json!({"id": "2"})).await;
    assert_eq!(other.code(), "idempotency_key_reused");
    // The order is what is read, not what was answered first.
    shop.post("/v1/orders/1/status", json!({"stage": "processing"}))
        .await;
    let later = shop.post_once("/v1/orders", "k", large_order()).await;
    assert_eq!(later.body["stage"], "processing");
}

#[tokio::test]
async fn a_large_answer_about_a_shipment_or_a_stage_is_given_again_in_its_shape() {
    let shop = Shop::open().await;
    shop.post("/v1/orders", json!({"id": "1"})).await;
    let title = "x".repeat(200);
    let items: Value = (0..200).map(|_| json!({ "title": title })).collect();
    let body = json!({"tracking_number": "778899", "carrier": "manual", "items": items});
    let path = "/v1/orders/1/shipments";
    let first = shop.post_once(path, "s", body.clone()).await;
    assert_eq!(first.status, StatusCode::CREATED, "{:?}", first.body);
    let again = shop.post_once(path, "s", body).await;
    assert_eq!((again.status, &again.body), (first.status, &first.body));
    assert!(receipt(&shop, "s").await.to_string().len() < LARGEST_RECEIPT);

    for n in 0..35 {
        let comment = format!("{n}{}", "ü".repeat(990));
        let body = json!({"stage": "processing", "comment": comment});
        shop.post("/v1/orders/1/status", body).await;
    }
    let body = json!({"stage": "in_warehouse"});
    let first = shop
        .post_once("/v1/orders/1/status", "t", body.clone())
        .await;
    let again = shop.post_once("/v1/orders/1/status", "t", body).await;
    assert_eq!(again.headers["idempotency-replayed"], "true");
    for (name, value) in first.body.as_object().unwrap() {
        assert_eq!(&again.body[name], value, "{name}");
    }
    assert!(receipt(&shop, "t").await.to_string().len() < LARGEST_RECEIPT);
}
