//! One field, row or setting that is wrong takes nothing else with it.

use crate::shop::Shop;
use aws_sdk_dynamodb::types::AttributeValue;
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// Noncharacters, and control characters that no text has.
const ODD: [char; 6] = [
    '\u{FFFF}',
    '\u{FFFE}',
    '\u{FDD0}',
    '\u{1FFFE}',
    '\u{10FFFF}',
    '\u{1}',
];

#[tokio::test]
async fn a_text_with_a_noncharacter_is_refused_by_its_field() {
    let shop = Shop::open().await;
    for odd in ODD {
        let text = format!("a{odd}b");
        let shipment = json!({"tracking_number": "1Z9X9E030300010015", "service": text});
        let body = json!({
            "id": "1", "number": text, "customer": {"name": text},
            "items": [{"title": text, "quantity": 1}], "shipments": [shipment],
        });
        let answer = shop.post("/v1/orders", body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        let errors = answer.body["errors"].as_array().unwrap();
        let mut fields: Vec<&str> = errors
            .iter()
            .filter(|error| error["code"] == "invalid_text")
            .map(|error| error["field"].as_str().unwrap())
            .collect();
        fields.sort_unstable();
        let expected = [
            "customer.name",
            "items[0].title",
            "number",
            "shipments[0].service",
        ];
        assert_eq!(fields, expected, "{odd:?}: {}", answer.body);
    }
}

#[tokio::test]
async fn a_row_with_a_noncharacter_is_refused_and_the_others_are_taken() {
    let shop = Shop::open().await;
    for id in ["1", "2"] {
        let shipment = json!({"tracking_number": "1Z9X9E030300010015"});
        let order = json!({"id": id, "shipments": [shipment]});
        assert_eq!(
            shop.post("/v1/orders", order).await.status,
            StatusCode::CREATED
        );
    }
    let table = "order,status,at,text\n\
        1,in_transit,2026-11-21T10:00,well\n\
        2,in_transit,2026-11-21T10:00,o\u{FFFF}dd\n\
        2,in_transit,2026-11-21T11:00,well\n";
    let headers = [("content-type", "text/csv")];
    let answer = shop
        .call(Method::POST, "/v1/reports", &headers, table)
        .await;
    let rows = answer.body["rows"].as_array().unwrap();
    let outcomes: Vec<&Value> = rows.iter().map(|row| &row["outcome"]).collect();
    assert_eq!(
        outcomes,
        ["accepted", "rejected", "accepted"],
        "{}",
        answer.body
    );
    assert_eq!(rows[1]["errors"][0]["code"], "invalid_text");
}

#[tokio::test]
async fn a_setting_of_a_wrong_type_stops_no_request_of_the_shop() {
    let shop = Shop::open().await;
    let text = |text: &str| AttributeValue::S(text.to_owned());
    let update = shop.dynamo.aws().dynamodb_client().update_item();
    let update = update
        .table_name("Settings")
        .key("pk", text("SHOP#acme"))
        .key("sk", text("SETTINGS"))
        .update_expression("SET review_after_days = :odd, caps = :odd")
        .expression_attribute_values(":odd", text("seven"));
    update.send().await.unwrap();
    let answer = shop.post("/v1/orders", json!({"id": "1"})).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.body);
    assert_eq!(shop.get("/v1/orders/1").await.status, StatusCode::OK);
}
