//! What reaches the customer otherwise than with a number, what Shopify itself says
//! of it, and payments.

use crate::storefront::{
    ONE, deliver, evaluate, fulfillment, order, play, shop, shop_with_order, stage,
};
use posthorn_domain::stage::OrderStage;
use serde_json::{Value, json};

#[tokio::test]
async fn what_is_sold_over_the_counter_is_finished() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/pos.json");
    let (_, order) = play(&shop, case).await;
    let view = shop.stored(&order).await.unwrap();
    assert_eq!(view.order.stage, OrderStage::Delivered);
    assert!(view.shipments.is_empty());
    let read = shop.get(&format!("/v1/orders/{order}")).await;
    assert_eq!(read.body["delivery_method"], "retail");
}

#[tokio::test]
async fn what_is_downloaded_is_finished_when_it_is_handed_out() {
    let shop = shop().await;
    let mut digital = order(7);
    for line in 0..2 {
        digital["line_items"][line]["requires_shipping"] = json!(false);
    }
    deliver(&shop, "orders/create", "o-1", &digital).await;
    assert_eq!(stage(&shop, "7").await, OrderStage::New);
    let mut done = fulfillment(1, 0, &json!([]));
    for line in 0..2 {
        done["line_items"][line]["requires_shipping"] = json!(false);
    }
    deliver(&shop, "fulfillments/create", "f-1", &done).await;
    let view = shop.stored("7").await.unwrap();
    assert_eq!(view.order.stage, OrderStage::Delivered);
    assert!(view.shipments.is_empty());
}

#[tokio::test]
async fn a_gift_card_beside_boots_is_no_shipment() {
    let shop = shop_with_order().await;
    let mut card = fulfillment(1, 0, &json!([]));
    card["line_items"] = json!([{"id": 3, "title": "Gift card", "quantity": 1,
        "requires_shipping": false, "gift_card": true}]);
    let taken = deliver(&shop, "fulfillments/create", "f-1", &card).await;
    assert_eq!(taken.body["outcome"], "unchanged");
    assert_eq!(stage(&shop, "7").await, OrderStage::New);
}

#[tokio::test]
async fn what_is_sent_without_a_number_is_delivered_when_the_storefront_says_so() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/fulfilled-without-number.json");
    let steps: Value = serde_json::from_str(case).unwrap();
    let mut first = steps.clone();
    first["steps"].as_array_mut().unwrap().pop();
    let (_, order) = play(&shop, &first.to_string()).await;
    assert_eq!(stage(&shop, &order).await, OrderStage::HandedToCarrier);
    let view = shop.stored(&order).await.unwrap();
    assert_eq!(
        view.shipments[0].carrier_name.as_deref(),
        Some("Deutsche Post")
    );
    play(&shop, case).await;
    assert_eq!(stage(&shop, &order).await, OrderStage::Delivered);
}

#[tokio::test]
async fn what_waits_to_be_packed_is_not_sent() {
    for status in ["open", "pending", "error", "failure", "cancelled"] {
        let shop = shop_with_order().await;
        let mut body = fulfillment(1, 0, &json!([]));
        body["status"] = json!(status);
        deliver(&shop, "fulfillments/create", "f-1", &body).await;
        assert_eq!(stage(&shop, "7").await, OrderStage::New, "{status}");
    }
}

#[tokio::test]
async fn what_is_collected_at_the_shop_is_collected_when_it_is_fulfilled() {
    let shop = shop().await;
    let mut pickup = order(7);
    pickup["shipping_lines"] = json!([{"title": "Shop in Bath", "code": "Shop in Bath",
        "delivery_category": "pick_up"}]);
    deliver(&shop, "orders/create", "o-1", &pickup).await;
    let body = fulfillment(1, 0, &json!([]));
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    assert_eq!(stage(&shop, "7").await, OrderStage::Delivered);
    let view = shop.stored("7").await.unwrap();
    assert_eq!(view.shipments[0].reason.as_str(), "delivered.picked_up");
}

#[tokio::test]
async fn the_status_of_a_fulfilment_is_a_report_of_the_store() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/shipment-status.json");
    let (outcomes, order) = play(&shop, case).await;
    assert_eq!(outcomes, ["recorded"; 5]);
    let read = shop.get(&format!("/v1/orders/{order}/shipments/1")).await;
    let reasons: Vec<&str> = read.body["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["reason"].as_str().unwrap())
        .collect();
    let expected = [
        "in_transit.moving",
        "out_for_delivery.today",
        "delivered.generic",
    ];
    assert_eq!(reasons, expected);
    assert_eq!(read.body["sources"][0]["kind"], "store");
}

#[tokio::test]
async fn a_fulfilment_event_is_a_report_of_the_store_and_the_same_again_is_none() {
    let shop = shop_with_order().await;
    let mut body = fulfillment(1, 0, &json!(["77889900"]));
    body["tracking_company"] = json!("Acme Couriers");
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    let event = |status: &str, minute: u32| {
        json!({"id": 5, "order_id": 7, "fulfillment_id": 1, "status": status, "city": "Bath",
            "happened_at": format!("2026-11-30T13:{minute:02}:00-05:00")})
    };
    for (status, minute, expected) in [
        ("confirmed", 0, "unchanged"),
        ("carrier_picked_up", 1, "recorded"),
        ("in_transit", 5, "recorded"),
        ("in_transit", 5, "unchanged"),
        ("attempted_delivery", 20, "recorded"),
        ("delivered", 30, "recorded"),
    ] {
        let name = format!("{status}-{minute}-{expected}");
        let taken = deliver(
            &shop,
            "fulfillment_events/create",
            &name,
            &event(status, minute),
        )
        .await;
        assert_eq!(taken.body["outcome"], expected, "{name}");
    }
    assert_eq!(shop.shipments("7").await, ["1 manual 77889900 delivered"]);
    let mut unknown = event("delivered", 30);
    unknown["fulfillment_id"] = json!(2);
    let taken = deliver(&shop, "fulfillment_events/create", "other", &unknown).await;
    assert_eq!(taken.body["outcome"], "ignored");
}

#[tokio::test]
async fn a_payment_is_written_down_whenever_it_comes() {
    let shop = shop().await;
    let mut unpaid = order(7);
    unpaid["financial_status"] = json!("pending");
    deliver(&shop, "orders/create", "o-1", &unpaid).await;
    let body = fulfillment(1, 0, &json!([ONE]));
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    evaluate(&shop, "7").await;
    let mut paid = order(7);
    paid["updated_at"] = json!("2026-11-30T14:00:00-05:00");
    for (event, expected) in [("o-2", "recorded"), ("o-3", "unchanged")] {
        let taken = deliver(&shop, "orders/updated", event, &paid).await;
        assert_eq!(taken.body["outcome"], expected);
    }
    let stored = shop.stored("7").await.unwrap().order;
    assert_eq!(stored.stage, OrderStage::HandedToCarrier);
    let stages: Vec<&str> = stored
        .stages
        .iter()
        .map(|change| change.stage.as_str())
        .collect();
    assert_eq!(stages, ["new", "handed_to_carrier", "payment_confirmed"]);

    // By the API as well.
    let body = json!({"stage": "payment_confirmed", "comment": "Paid at the door"});
    let set = shop.post("/v1/orders/7/status", body).await;
    assert_eq!(set.status, 200);
    assert_eq!(set.body["stage"], "handed_to_carrier");
}

#[tokio::test]
async fn an_order_that_is_imported_was_placed_when_it_was_processed() {
    let shop = shop().await;
    let mut imported = order(7);
    imported["processed_at"] = json!("2026-10-20T10:00:00-05:00");
    deliver(&shop, "orders/create", "o-1", &imported).await;
    let placed_at = shop.stored("7").await.unwrap().order.placed_at;
    assert_eq!(placed_at, "2026-10-20T15:00:00Z".parse().unwrap());
}

#[tokio::test]
async fn the_api_is_told_what_is_no_number() {
    let shop = shop().await;
    let posted = async |id: &str, number: &str| {
        let body =
            json!({"id": id, "shipments": [{"tracking_number": number, "carrier": "manual"}]});
        shop.post("/v1/orders", body).await
    };
    for (index, text) in [
        "none",
        "n/a",
        "hand delivered",
        "0000000000",
        "77889900 77889901",
        "77889900, 77889901",
        "left with Tom 77889900",
    ]
    .iter()
    .enumerate()
    {
        let refused = posted(&format!("R{index}"), text).await;
        let fault = "shipments[0].tracking_number: invalid_tracking_number";
        assert_eq!(refused.faults(), [fault], "{text}");
    }
    let taken = posted("A1", "AWB# 77889900").await;
    assert_eq!(taken.status, 201);
    assert_eq!(taken.body["shipments"][0]["tracking_number"], "77889900");
    assert_eq!(taken.body["warnings"][0]["code"], "number_with_text");
    let taken = posted("A2", "77 88-99 00").await;
    assert_eq!(taken.body["shipments"][0]["tracking_number"], "77889900");
    assert_eq!(taken.body.get("warnings"), None);
}
