//! An order of which one stored shipment, or the contact, cannot be read.

use crate::{
    shop::{Answer, Shop},
    storefront,
};
use http::{Method, StatusCode};
use serde_json::{Value, json};

const SHIPMENTS: &str = "/v1/orders/1/shipments";
const FIRST: &str = "1Z5R89390357567127";
const SECOND: &str = "1Z410E7W0392751591";
const THIRD: &str = "1Z1E21800376693932";

/// A shop with an order of two shipments, of which the second cannot be read.
async fn shop() -> Shop {
    let shop = Shop::open().await;
    let taken = shop.post("/v1/orders", order(&[FIRST, SECOND])).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
    spoil(&shop, "Orders", "SHIPMENT#0002", "reason").await;
    shop
}

fn order(numbers: &[&str]) -> Value {
    let shipments = numbers
        .iter()
        .map(|number| json!({"tracking_number": number}));
    json!({
        "id": "1",
        "customer": {"email": "ann@shopper.example"},
        "shipments": shipments.collect::<Value>(),
    })
}

async fn spoil(shop: &Shop, table: &str, sk: &str, attribute: &str) {
    let pk = format!("ORDER#{}#1", shop.id);
    shop.dynamo
        .set_text(table, [&pk, sk], attribute, "beamed up")
        .await;
}

async fn table(shop: &Shop, table: &'static str) -> Answer {
    let headers = [("content-type", "text/csv")];
    shop.call(Method::POST, "/v1/reports", &headers, table)
        .await
}

#[tokio::test]
async fn the_order_and_its_other_shipment_are_answered_and_it_says_what_is_missing() {
    let shop = shop().await;
    let read = shop.get("/v1/orders/1").await;
    assert_eq!(read.status, StatusCode::OK, "{:?}", read.body);
    assert_eq!(read.body["shipments"].as_array().unwrap().len(), 1);
    assert_eq!(read.warned(), ["shipments: unreadable_shipment"]);
    let first = shop.get(&format!("{SHIPMENTS}/1")).await;
    assert_eq!(first.status, StatusCode::OK);
    let changed = json!({"service": "Express"});
    let changed = shop.patch(&format!("{SHIPMENTS}/1"), changed).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    // It is there, though it cannot be read.
    let second = format!("{SHIPMENTS}/2");
    let read = shop.get(&second).await;
    assert_eq!(read.status, StatusCode::SERVICE_UNAVAILABLE);
    let changed = shop.patch(&second, json!({"service": "Express"})).await;
    assert_eq!(changed.status, StatusCode::SERVICE_UNAVAILABLE);
}

#[tokio::test]
async fn a_shipment_that_comes_again_is_not_taken_for_a_new_one() {
    let shop = shop().await;
    let known = shop
        .post(SHIPMENTS, json!({"tracking_number": FIRST}))
        .await;
    assert_eq!(known.status, StatusCode::OK, "{:?}", known.body);
    for number in [SECOND, THIRD] {
        let again = shop
            .post(SHIPMENTS, json!({"tracking_number": number}))
            .await;
        assert_eq!(again.status, StatusCode::SERVICE_UNAVAILABLE, "{number}");
    }
    let renumbered = json!({"tracking_number": SECOND});
    let renumbered = shop.patch(&format!("{SHIPMENTS}/1"), renumbered).await;
    assert_eq!(renumbered.status, StatusCode::SERVICE_UNAVAILABLE);
    // The order as it was posted is no other order.
    let posted = shop.post("/v1/orders", order(&[FIRST, SECOND])).await;
    assert_eq!(posted.status, StatusCode::SERVICE_UNAVAILABLE);
    let posted = shop.post("/v1/orders", order(&[FIRST])).await;
    assert_eq!(posted.status, StatusCode::OK, "{:?}", posted.body);
}

#[tokio::test]
async fn a_row_of_a_table_is_taken_for_no_other_shipment() {
    let shop = shop().await;
    let answer = table(
        &shop,
        "order,shipment,tracking_number,status,at\n\
         1,1,,in_transit,2026-11-21T10:00\n\
         1,2,,in_transit,2026-11-21T10:00\n\
         1,,1Z410E7W0392751591,in_transit,2026-11-21T10:00\n\
         1,,,in_transit,2026-11-21T10:00\n",
    )
    .await;
    let rows = answer.body["rows"].as_array().unwrap();
    let outcomes: Vec<&Value> = rows.iter().map(|row| &row["outcome"]).collect();
    let expected = ["accepted", "rejected", "rejected", "rejected"];
    assert_eq!(outcomes, expected, "{}", answer.body);
    for row in &rows[1..] {
        assert_eq!(row["errors"][0]["code"], "unavailable", "{row}");
    }
}

#[tokio::test]
async fn a_contact_that_cannot_be_read_whole_is_shown_and_never_written_over() {
    let shop = shop().await;
    spoil(&shop, "Contacts", "CONTACT", "consent").await;
    let read = shop.get("/v1/orders/1").await;
    let consent = json!({"email": false, "sms": false});
    assert_eq!(read.body["customer"]["consent"], consent, "{:?}", read.body);
    let path = "/v1/orders/1/contact";
    let changed = shop.patch(path, json!({"name": "Ann"})).await;
    assert_eq!(changed.status, StatusCode::SERVICE_UNAVAILABLE);
    let read = shop.get("/v1/orders/1/notifications").await;
    assert_eq!(read.status, StatusCode::OK, "{:?}", read.body);
}

/// A shop whose storefront has sent two fulfilments of order 7, of which the second's
/// shipment cannot be read.
async fn shop_with_fulfillments() -> Shop {
    let shop = storefront::shop().await;
    storefront::deliver(&shop, "orders/create", "o-1", &storefront::order(7)).await;
    for (id, number) in [(1, FIRST), (2, SECOND)] {
        let sent = storefront::fulfillment(id, 0, &json!([number]));
        let event = format!("f-{id}");
        let taken = storefront::deliver(&shop, "fulfillments/create", &event, &sent).await;
        assert_eq!(taken.status, StatusCode::OK, "{:?}", taken.body);
    }
    let pk = format!("ORDER#{}#7", shop.id);
    let table = "Orders";
    shop.dynamo
        .set_text(table, [&pk, "SHIPMENT#0002"], "reason", "beamed up")
        .await;
    shop
}

#[tokio::test]
async fn a_fulfilment_of_another_shipment_is_taken_over() {
    let shop = shop_with_fulfillments().await;
    let mut again = storefront::fulfillment(1, 5, &json!([FIRST]));
    again["shipment_status"] = json!("in_transit");
    let taken = storefront::deliver(&shop, "fulfillments/update", "f-3", &again).await;
    assert_eq!(taken.status, StatusCode::OK, "{:?}", taken.body);
    assert_eq!(taken.body["outcome"], "recorded");
    assert_eq!(
        shop.shipments("7").await,
        [format!("1 ups {FIRST} in_transit")]
    );
    // What may be about the one that cannot be read is to be sent again.
    for (event, id, number) in [("f-4", 2, SECOND), ("f-5", 3, THIRD), ("f-6", 1, THIRD)] {
        let sent = storefront::fulfillment(id, 6, &json!([number]));
        let taken = storefront::deliver(&shop, "fulfillments/update", event, &sent).await;
        assert_eq!(taken.status, StatusCode::SERVICE_UNAVAILABLE, "{event}");
    }
    assert_eq!(shop.shipments("7").await.len(), 1);
}

#[tokio::test]
async fn a_cancellation_voids_what_can_be_read_and_is_to_be_sent_again() {
    let shop = shop_with_fulfillments().await;
    let mut cancelled = storefront::fulfillment(1, 5, &json!([FIRST]));
    cancelled["status"] = json!("cancelled");
    let taken = storefront::deliver(&shop, "fulfillments/update", "f-3", &cancelled).await;
    assert_eq!(taken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        shop.shipments("7").await,
        [format!("1 ups {FIRST} cancelled")]
    );
}

#[tokio::test]
async fn an_order_is_taken_over_with_those_of_its_fulfilments_that_can_be() {
    let shop = shop_with_fulfillments().await;
    let mut order = storefront::order(7);
    order["updated_at"] = json!("2026-11-30T13:00:00-05:00");
    let mut moved = storefront::fulfillment(1, 5, &json!([FIRST]));
    moved["shipment_status"] = json!("in_transit");
    // The one that cannot be read comes first, and does not stop the other.
    order["fulfillments"] = json!([storefront::fulfillment(2, 5, &json!([SECOND])), moved]);
    let taken = storefront::deliver(&shop, "orders/updated", "o-2", &order).await;
    assert_eq!(taken.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        shop.shipments("7").await,
        [format!("1 ups {FIRST} in_transit")]
    );
}
