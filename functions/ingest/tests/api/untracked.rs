//! Shipments without a tracking number: labels whose number follows, and couriers
//! that have none.

use crate::shop::{Answer, Shop};
use http::StatusCode;
use posthorn_domain::settings::Settings;
use serde_json::{Value, json};

const SHIPMENTS: &str = "/v1/orders/1/shipments";
const FIRST: &str = "/v1/orders/1/shipments/1";
const UPS: &str = "1Z5R89390357567127";

async fn shop_with_order() -> Shop {
    let shop = Shop::in_installation(&Settings::default(), "ups").await;
    let taken = shop.post("/v1/orders", json!({"id": "1"})).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
    shop
}

async fn add(shop: &Shop, body: Value) -> Answer {
    let added = shop.post(SHIPMENTS, body).await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    added
}

#[tokio::test]
async fn a_courier_without_tracking_is_followed_by_reports_and_never_polled() {
    let shop = shop_with_order().await;
    let body = json!({"carrier": "manual", "carrier_name": "Bike Courier",
        "items": [{"title": "Boots"}]});
    let added = add(&shop, body).await;
    assert_eq!(added.warned(), ["tracking_number: no_tracking_number"]);
    assert_eq!(added.body.get("tracking_number"), None);
    assert_eq!(added.body["carrier_name"], "Bike Courier");
    assert_eq!(added.body.get("polled_every"), None);
    assert_eq!(shop.shipments("1").await, ["1 manual (untracked) pending"]);
    let report =
        json!({"events": [{"at": "2026-11-22T09:00:00+01:00", "status": "out_for_delivery"}]});
    let moved = shop.post(&format!("{FIRST}/reports"), report).await;
    assert_eq!(moved.body["status"], "out_for_delivery", "{:?}", moved.body);
    assert!(shop.cohorts().await.is_empty());
    assert!(shop.asked_after().is_empty());
}

#[tokio::test]
async fn a_label_gets_its_number_later_and_is_polled_from_then_on() {
    let shop = shop_with_order().await;
    let body = json!({"carrier": "ups", "service": "Ground", "items": [{"title": "Boots"}]});
    let added = add(&shop, body).await;
    assert_eq!(added.body.get("polled_every"), None, "{:?}", added.body);
    assert!(shop.cohorts().await.is_empty() && shop.asked_after().is_empty());

    let changed = shop.patch(FIRST, json!({"tracking_number": UPS})).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    assert_eq!(shop.shipments("1").await, [format!("1 ups {UPS} pending")]);
    assert_eq!(changed.body["items"][0]["title"], "Boots");
    assert_eq!(changed.body.get("former_numbers"), None);
    assert_eq!(changed.warned(), [""; 0]);
    assert_eq!(shop.cohorts().await, ["ups 8h"]);
    assert_eq!(shop.asked_after(), [format!("ups {UPS}")]);
}

#[tokio::test]
async fn a_number_that_follows_is_checked_against_the_carrier_that_was_named() {
    let shop = shop_with_order().await;
    add(&shop, json!({"carrier": "ups"})).await;
    let mistyped = json!({"tracking_number": "1Z5R89390357567128"});
    let refused = shop.patch(FIRST, mistyped).await;
    assert_eq!(refused.faults(), ["tracking_number: wrong_check_digit"]);
    // Carriers have more formats than are written down: the named one is polled.
    let odd = shop
        .patch(FIRST, json!({"tracking_number": "77889900"}))
        .await;
    assert_eq!(odd.status, StatusCode::OK, "{:?}", odd.body);
    assert_eq!(odd.warned(), ["tracking_number: unknown_form"]);
    assert_eq!(shop.shipments("1").await, ["1 ups 77889900 pending"]);
}

#[tokio::test]
async fn a_number_that_follows_tells_the_carrier_where_the_shop_named_none() {
    for (name, number, expected) in [
        (None, UPS, format!("1 ups {UPS} pending")),
        (Some("UPS"), UPS, format!("1 ups {UPS} pending")),
        (None, "77889900", "1 manual 77889900 pending".to_owned()),
        (
            Some("Bike Courier"),
            "77889900",
            "1 manual 77889900 pending".to_owned(),
        ),
    ] {
        let shop = shop_with_order().await;
        add(&shop, json!({"carrier": "manual", "carrier_name": name})).await;
        let changed = shop.patch(FIRST, json!({"tracking_number": number})).await;
        assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
        assert_eq!(shop.shipments("1").await, [expected]);
    }
    let shop = shop_with_order().await;
    add(&shop, json!({"carrier": "manual"})).await;
    let both = json!({"tracking_number": "77889900", "carrier": "manual"});
    let changed = shop.patch(FIRST, both).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
}

#[tokio::test]
async fn neither_number_nor_carrier_is_refused_with_what_to_give() {
    let shop = shop_with_order().await;
    for body in [json!({}), json!({"tracking_number": null, "items": []})] {
        let refused = shop.post(SHIPMENTS, body).await;
        assert_eq!(refused.faults(), ["tracking_number: carrier_required"]);
        let expected = refused.body["errors"][0]["expected"].as_str().unwrap();
        assert!(expected.contains("`carrier`"), "{expected}");
        assert!(expected.contains("manual"), "{expected}");
    }
    // A number that cannot be read is not a missing one.
    let unreadable = json!({"tracking_number": "?", "carrier": "ups"});
    let refused = shop.post(SHIPMENTS, unreadable).await;
    assert_eq!(
        refused.faults(),
        ["tracking_number: invalid_tracking_number"]
    );
    let sandbox = json!({"id": "2", "test": true, "shipments": [{"carrier": "sandbox"}]});
    let refused = shop.post("/v1/orders", sandbox).await;
    assert_eq!(
        refused.faults(),
        ["shipments[0].tracking_number: invalid_tracking_number"]
    );
    add(&shop, json!({"carrier": "manual"})).await;
    let refused = shop.patch(FIRST, json!({"carrier": "sandbox"})).await;
    assert_eq!(
        refused.faults(),
        ["tracking_number: invalid_tracking_number"]
    );
}

#[tokio::test]
async fn without_a_number_a_shipment_is_known_by_its_content() {
    let shop = shop_with_order().await;
    let boots = json!({"carrier": "manual", "items": [{"title": "Boots"}]});
    let socks = json!({"carrier": "manual", "items": [{"title": "Socks"}]});
    add(&shop, boots.clone()).await;
    let again = shop.post(SHIPMENTS, boots.clone()).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.body);
    add(&shop, socks.clone()).await;
    add(&shop, json!({"tracking_number": UPS})).await;
    assert_eq!(shop.shipments("1").await.len(), 3);

    let twice = json!({"id": "2", "shipments": [boots, boots]});
    let refused = shop.post("/v1/orders", twice).await;
    assert_eq!(
        refused.faults(),
        ["shipments[1].tracking_number: duplicate"]
    );
    let order = json!({"id": "2", "shipments": [boots, socks]});
    let taken = shop.post("/v1/orders", order.clone()).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
    // The same order again, though one of its shipments has got its number since.
    shop.patch("/v1/orders/2/shipments/1", json!({"tracking_number": UPS}))
        .await;
    let again = shop.post("/v1/orders", order).await;
    assert_eq!(again.status, StatusCode::OK, "{:?}", again.body);
    let more = json!({"id": "2", "shipments": [boots, socks, {"carrier": "ups"}]});
    let other = shop.post("/v1/orders", more).await;
    assert_eq!(other.code(), "order_exists", "{:?}", other.body);
}
