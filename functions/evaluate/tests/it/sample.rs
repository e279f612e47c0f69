//! An order, its shipment, and their records on the stream.

use jiff::Timestamp;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId, TrackingToken},
    order::{DeliveryMethod, Order, StageChange},
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::Reason,
};
use serde_json::{Value, json};

pub(crate) fn key() -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    }
}

pub(crate) fn placed_at() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

pub(crate) fn order() -> Order {
    Order {
        key: key(),
        number: "#1001".to_owned(),
        token: TrackingToken::from_random([7; 16]),
        stage: OrderStage::New,
        stages: vec![StageChange {
            stage: OrderStage::New,
            at: placed_at(),
            by: StageSource::Shop,
            comment: None,
        }],
        items: Vec::new(),
        promised: None,
        locale: "en".to_owned(),
        delivery_method: DeliveryMethod::Shipping,
        paid_at: None,
        time_zone: None,
        is_test: false,
        n_shipments: 1,
        placed_at: placed_at(),
        created_at: placed_at(),
        as_of: None,
        version: 1,
        has_unreadable_shipments: false,
    }
}

pub(crate) fn new_shipment(reason: Reason, version: u64) -> Shipment {
    let json = json!({
        "shipment": 1,
        "carrier": "ups",
        "tracking_number": "1Z999AA10123456784",
        "reason": reason,
        "status_since": "2026-11-22T09:00:00+01:00",
        "registered_at": placed_at(),
        "changed_at": placed_at(),
        "version": version,
    });
    serde_json::from_value(json).unwrap()
}

/// An image as the stream has it.
fn image(value: &impl serde::Serialize, sk: &str) -> Value {
    let item: serde_dynamo::Item = serde_dynamo::to_item(value).unwrap();
    let mut image = serde_json::to_value(item).unwrap();
    image["pk"] = json!({ "S": "ORDER#acme#1001" });
    image["sk"] = json!({ "S": sk });
    image
}

pub(crate) fn order_item() -> Value {
    image(&order(), "ORDER")
}

pub(crate) fn shipment_item(reason: Reason, version: u64) -> Value {
    image(&new_shipment(reason, version), "SHIPMENT#0001")
}

/// The record of a new item.
pub(crate) fn inserted(sequence_number: &str, new: &Value) -> Value {
    json!({
        "awsRegion": "eu-central-1",
        "eventID": "e",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_341_600,
            "Keys": { "pk": new["pk"], "sk": new["sk"] },
            "NewImage": new,
            "SequenceNumber": sequence_number,
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

/// The record of a changed item.
pub(crate) fn changed(sequence_number: &str, old: &Value, new: &Value) -> Value {
    let mut record = inserted(sequence_number, new);
    record["eventName"] = json!("MODIFY");
    record["dynamodb"]["OldImage"] = old.clone();
    record
}

pub(crate) fn types(facts: &[Value]) -> Vec<&str> {
    facts
        .iter()
        .map(|fact| fact["type"].as_str().unwrap())
        .collect()
}
