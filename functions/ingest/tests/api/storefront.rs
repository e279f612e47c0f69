//! What shops do in their storefronts: cancel, send again, send without a number,
//! enter numbers as free text.

use crate::shop::{Answer, Shop};
use jiff::Timestamp;
use posthorn_domain::{
    fact::FactEvent,
    order::OrderItem,
    rollup::roll_up,
    stage::{OrderStage, StageSource},
    transition::{self, ItemChange},
};
use serde_json::{Value, json};

/// A shop in the evening of the day on which the cases happen.
pub(crate) async fn shop() -> Shop {
    let mut shop = Shop::open().await;
    shop.now = "2026-11-30T22:00:00Z".parse().unwrap();
    shop
}

/// Delivers each step of a case; gives what was answered and the order's id.
pub(crate) async fn play(shop: &Shop, case: &str) -> (Vec<String>, String) {
    let case: Value = serde_json::from_str(case).unwrap();
    let (mut outcomes, mut order) = (Vec::new(), String::new());
    for (index, step) in case["steps"].as_array().unwrap().iter().enumerate() {
        let topic = step["shopify_topic"].as_str().unwrap();
        let answer = deliver(shop, topic, &format!("e-{index}"), &step["body"]).await;
        outcomes.push(answer.body["outcome"].as_str().unwrap().to_owned());
        let id = step["body"].get("order_id").unwrap_or(&step["body"]["id"]);
        order = id.to_string();
    }
    (outcomes, order)
}

pub(crate) async fn deliver(shop: &Shop, topic: &str, event: &str, body: &Value) -> Answer {
    shop.deliver_as_it_is(topic, event, 0, body).await
}

/// Where the order stands once its shipments are looked at.
pub(crate) async fn stage(shop: &Shop, order: &str) -> OrderStage {
    let view = shop.stored(order).await.unwrap();
    roll_up(&view.order, &view.shipments).unwrap_or(view.order.stage)
}

/// Writes the stage that follows from the shipments, as `evaluate` does.
pub(crate) async fn evaluate(shop: &Shop, order: &str) {
    let view = shop.stored(order).await.unwrap();
    if let Some(stage) = roll_up(&view.order, &view.shipments) {
        let mut next = view.order.clone();
        next.set_stage(stage, StageSource::Shipments, None, shop.now)
            .unwrap();
        shop.orders
            .set_stage(&next, view.order.version)
            .await
            .unwrap();
    }
}

/// The codes of the warnings in the answer about an order.
async fn warnings(shop: &Shop, order: &str) -> Vec<String> {
    let read = shop.get(&format!("/v1/orders/{order}")).await;
    let warnings = read.body["warnings"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let text = |warning: &Value, name: &str| warning[name].as_str().unwrap().to_owned();
    warnings
        .iter()
        .map(|warning| format!("{}: {}", text(warning, "field"), text(warning, "code")))
        .collect()
}

fn listed(items: &[OrderItem]) -> Vec<String> {
    let items = items.iter();
    items
        .map(|item| format!("{} {}", item.quantity, item.title))
        .collect()
}

pub(crate) fn order(id: u64) -> Value {
    let case: Value =
        serde_json::from_str(include_str!("../fixtures/shop/cancelled.json")).unwrap();
    let mut order = case["steps"][0]["body"].clone();
    order["id"] = json!(id);
    order["name"] = json!(format!("#{id}"));
    order
}

/// A fulfilment of order 7 with both of its lines.
pub(crate) fn fulfillment(id: u64, minute: u32, numbers: &Value) -> Value {
    json!({
        "id": id, "order_id": 7, "status": "success", "name": "#7.1",
        "created_at": "2026-11-30T12:00:00-05:00",
        "updated_at": format!("2026-11-30T12:{minute:02}:00-05:00"),
        "tracking_company": "UPS", "tracking_number": numbers.get(0), "tracking_numbers": numbers,
        "tracking_url": null, "tracking_urls": [], "shipment_status": null,
        "line_items": [
            {"id": 1, "title": "Walking boots", "quantity": 1, "requires_shipping": true},
            {"id": 2, "title": "Laces", "quantity": 2, "requires_shipping": true},
        ],
    })
}

pub(crate) const ONE: &str = "1Z5R89390357567127";
const TWO: &str = "1Z410E7W0392751591";

pub(crate) async fn shop_with_order() -> Shop {
    let shop = shop().await;
    deliver(&shop, "orders/create", "o", &order(7)).await;
    shop
}

#[tokio::test]
async fn a_cancelled_order_is_cancelled_once_and_keeps_what_was_bought() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/cancelled.json");
    let (outcomes, order) = play(&shop, case).await;
    assert_eq!(outcomes, ["recorded", "recorded", "unchanged"]);
    let stored = shop.stored(&order).await.unwrap().order;
    assert_eq!(stored.stage, OrderStage::Cancelled);
    let at: Timestamp = "2026-11-30T16:00:00Z".parse().unwrap();
    assert_eq!((stored.stage_since(), stored.stages.len()), (at, 2));
    assert_eq!(listed(&stored.items), ["1 Walking boots", "2 Laces"]);
}

#[tokio::test]
async fn the_cancellation_alone_cancels_even_if_it_overtakes_its_order() {
    let case: Value =
        serde_json::from_str(include_str!("../fixtures/shop/cancelled.json")).unwrap();
    let body = |step: usize| case["steps"][step]["body"].clone();
    for is_overtaking in [false, true] {
        let shop = shop().await;
        if !is_overtaking {
            deliver(&shop, "orders/create", "o-1", &body(0)).await;
        }
        let taken = deliver(&shop, "orders/cancelled", "o-2", &body(2)).await;
        assert_eq!(taken.body["outcome"], "recorded");
        let taken = deliver(&shop, "orders/create", "o-3", &body(0)).await;
        assert_eq!(taken.body["outcome"], "stale");
        assert_eq!(stage(&shop, "9001").await, OrderStage::Cancelled);
    }
    let mut shop = shop().await;
    shop.now = "2026-12-05T22:00:00Z".parse().unwrap();
    let taken = deliver(&shop, "orders/cancelled", "o-2", &body(2)).await;
    assert_eq!(taken.body["outcome"], "ignored");
}

#[tokio::test]
async fn an_order_that_is_restocked_or_emptied_is_cancelled() {
    let changes: [fn(&mut Value); 2] = [
        |order| order["fulfillment_status"] = json!("restocked"),
        |order| {
            order["financial_status"] = json!("refunded");
            for line in 0..2 {
                order["line_items"][line]["current_quantity"] = json!(0);
            }
        },
    ];
    for change in changes {
        let shop = shop_with_order().await;
        let mut body = order(7);
        body["updated_at"] = json!("2026-11-30T11:00:00-05:00");
        change(&mut body);
        deliver(&shop, "orders/updated", "o-2", &body).await;
        let stored = shop.stored("7").await.unwrap().order;
        assert_eq!(stored.stage, OrderStage::Cancelled);
        assert_eq!(stored.items.len(), 2);
    }
}

#[tokio::test]
async fn shipments_of_a_cancelled_order_that_were_sent_go_on() {
    let shop = shop_with_order().await;
    let sent = fulfillment(1, 0, &json!([ONE]));
    deliver(&shop, "fulfillments/create", "f-1", &sent).await;
    let mut cancelled = order(7);
    cancelled["updated_at"] = json!("2026-11-30T13:00:00-05:00");
    cancelled["cancelled_at"] = json!("2026-11-30T13:00:00-05:00");
    cancelled["fulfillments"] = json!([sent]);
    deliver(&shop, "orders/cancelled", "o-2", &cancelled).await;
    assert_eq!(stage(&shop, "7").await, OrderStage::Cancelled);
    assert_eq!(shop.shipments("7").await, [format!("1 ups {ONE} pending")]);
}

#[tokio::test]
async fn a_number_that_is_fulfilled_again_lives_again() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/refulfilled-same-number.json");
    let (outcomes, order) = play(&shop, case).await;
    assert_eq!(outcomes, ["recorded"; 4]);
    assert_eq!(
        shop.shipments(&order).await,
        [format!("1 ups {ONE} pending")]
    );
    let view = shop.stored(&order).await.unwrap();
    let shipment = &view.shipments[0];
    assert_eq!(shipment.cadence.unwrap().as_str(), "8h");
    let present: Vec<&str> = shipment
        .origins
        .iter()
        .filter(|origin| !origin.is_cancelled)
        .map(|origin| origin.reference.as_str())
        .collect();
    assert_eq!(present, ["9531"]);
    // What comes late of the fulfilment that was cancelled changes nothing.
    let case: Value = serde_json::from_str(case).unwrap();
    let taken = deliver(
        &shop,
        "fulfillments/create",
        "late",
        &case["steps"][1]["body"],
    )
    .await;
    assert_eq!(taken.body["outcome"], "stale");
}

#[tokio::test]
async fn a_cancelled_fulfilment_takes_the_stage_back_and_another_number_is_told_as_changed() {
    let shop = shop_with_order().await;
    let mut first = fulfillment(1, 0, &json!([ONE]));
    deliver(&shop, "fulfillments/create", "f-1", &first).await;
    evaluate(&shop, "7").await;
    assert_eq!(stage(&shop, "7").await, OrderStage::HandedToCarrier);
    first["status"] = json!("cancelled");
    first["updated_at"] = json!("2026-11-30T12:10:00-05:00");
    deliver(&shop, "fulfillments/update", "f-2", &first).await;
    assert_eq!(stage(&shop, "7").await, OrderStage::New);
    let before = shop.stored("7").await.unwrap();
    let second = fulfillment(2, 20, &json!([TWO]));
    deliver(&shop, "fulfillments/create", "f-3", &second).await;
    assert_eq!(shop.shipments("7").await, [format!("1 ups {TWO} pending")]);
    let after = shop.stored("7").await.unwrap();
    let change = ItemChange::Shipment {
        order: after.order.key.clone(),
        old: Some(Box::new(before.shipments[0].clone())),
        new: Box::new(after.shipments[0].clone()),
    };
    let facts = transition::derive_facts(&change, shop.now);
    let is_renumbered =
        |event: &FactEvent| matches!(event, FactEvent::TrackingNumberChanged { .. });
    assert!(facts.iter().any(|fact| is_renumbered(&fact.event)));
    assert_eq!(stage(&shop, "7").await, OrderStage::HandedToCarrier);
}

#[tokio::test]
async fn the_number_field_is_read_as_people_fill_it() {
    let (ups, fedex) = ("1Z5R89390357567127", "254899580324");
    for (case, expected, warned) in [
        (
            include_str!("../fixtures/shop/number-field-comma.json"),
            vec![
                format!("1 ups {ups} pending"),
                "2 ups 1Z1E21800376693932 pending".to_owned(),
            ],
            None,
        ),
        (
            include_str!("../fixtures/shop/number-field-newline.json"),
            vec![
                format!("1 fedex {fedex} pending"),
                "2 fedex 254899580335 pending".to_owned(),
            ],
            None,
        ),
        (
            include_str!("../fixtures/shop/number-field-label.json"),
            vec!["1 manual 1234567890 pending".to_owned()],
            None,
        ),
        (
            include_str!("../fixtures/shop/number-field-word.json"),
            vec!["1 manual (untracked) pending".to_owned()],
            Some("shipments[0].tracking_number: no_tracking_number"),
        ),
    ] {
        let shop = shop().await;
        let (_, order) = play(&shop, case).await;
        assert_eq!(shop.shipments(&order).await, expected);
        assert_eq!(stage(&shop, &order).await, OrderStage::HandedToCarrier);
        let warned: Vec<String> = warned.into_iter().map(str::to_owned).collect();
        assert_eq!(warnings(&shop, &order).await, warned);
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_shown_as_sent_without_tracking_and_the_shop_hears_of_it() {
    let shop = shop_with_order().await;
    let body = fulfillment(1, 0, &json!(["left with Tom 77889900"]));
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    assert_eq!(shop.shipments("7").await, ["1 manual (untracked) pending"]);
    let warned = ["shipments[0].tracking_number: unreadable_number"];
    assert_eq!(warnings(&shop, "7").await, warned);
    // Once it is corrected there is nothing to look at any more.
    let body = fulfillment(1, 1, &json!([ONE]));
    deliver(&shop, "fulfillments/update", "f-2", &body).await;
    assert_eq!(shop.shipments("7").await, [format!("1 ups {ONE} pending")]);
    assert!(warnings(&shop, "7").await.is_empty());
}

#[tokio::test]
async fn a_link_alone_tells_the_number() {
    let shop = shop_with_order().await;
    let mut body = fulfillment(1, 0, &json!([]));
    body["tracking_url"] = json!(format!("https://www.ups.com/track?tracknum={ONE}"));
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    assert_eq!(shop.shipments("7").await, [format!("1 ups {ONE} pending")]);
}

#[tokio::test]
async fn links_are_given_to_the_numbers_that_they_name() {
    let shop = shop_with_order().await;
    let mut body = fulfillment(1, 0, &json!(["AX77100", "AX77200", "AX77300"]));
    body["tracking_company"] = json!("Acme Express");
    body["tracking_urls"] = json!([
        "https://acme.example/AX77200",
        "https://acme.example/ax77300"
    ]);
    deliver(&shop, "fulfillments/create", "f-1", &body).await;
    let view = shop.stored("7").await.unwrap();
    let urls: Vec<Option<&str>> = view
        .shipments
        .iter()
        .map(|shipment| shipment.tracking_url.as_deref())
        .collect();
    let expected = [
        None,
        Some("https://acme.example/AX77200"),
        Some("https://acme.example/ax77300"),
    ];
    assert_eq!(urls, expected);
}

#[tokio::test]
async fn two_fulfilments_in_one_box_and_one_in_two() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/two-fulfilments-one-box.json");
    let (outcomes, order) = play(&shop, case).await;
    assert_eq!(outcomes, ["recorded"; 3]);
    let view = shop.stored(&order).await.unwrap();
    assert_eq!(view.shipments.len(), 1);
    assert_eq!(
        listed(&view.shipments[0].items),
        ["1 Walking boots", "2 Laces"]
    );
    assert_eq!(stage(&shop, &order).await, OrderStage::HandedToCarrier);

    let shop = self::shop().await;
    let case = include_str!("../fixtures/shop/part-in-two-parcels.json");
    let (_, order) = play(&shop, case).await;
    let view = shop.stored(&order).await.unwrap();
    assert_eq!(view.shipments.len(), 2);
    assert_eq!(stage(&shop, &order).await, OrderStage::PartiallyShipped);
}

#[tokio::test]
async fn a_box_that_loses_one_of_its_fulfilments_holds_the_lines_of_the_other() {
    let shop = shop().await;
    let case = include_str!("../fixtures/shop/two-fulfilments-one-box.json");
    let (_, order) = play(&shop, case).await;
    let case: Value = serde_json::from_str(case).unwrap();
    let mut laces = case["steps"][2]["body"].clone();
    laces["status"] = json!("cancelled");
    laces["updated_at"] = json!("2026-11-30T13:00:00-05:00");
    deliver(&shop, "fulfillments/update", "late", &laces).await;
    let view = shop.stored(&order).await.unwrap();
    assert_eq!(listed(&view.shipments[0].items), ["1 Walking boots"]);
    assert_eq!(stage(&shop, &order).await, OrderStage::PartiallyShipped);
}
