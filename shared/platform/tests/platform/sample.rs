//! Things to store.

use jiff::Timestamp;
use posthorn_domain::{
    contact::Contact,
    id::{CarrierId, OrderKey, ShopId},
    notification::Notification,
    order::Order,
    scan::Scan,
    shipment::Shipment,
    stage::{OrderStage, StageSource},
};
use posthorn_platform::{
    store::{
        idempotency::{RequestReceipt, StoredAnswer},
        intake::{Intake, NewOrder},
    },
    testing::{self, Dynamo},
};
use serde_json::json;

pub(crate) const NOW: &str = "2026-11-22T10:15:30.123456789Z";

pub(crate) fn now() -> Timestamp {
    NOW.parse().unwrap()
}

pub(crate) fn shop() -> ShopId {
    ShopId::parse("acme").unwrap()
}

pub(crate) fn carrier(id: &str) -> CarrierId {
    CarrierId::parse(id).unwrap()
}

pub(crate) fn order() -> Order {
    serde_json::from_value(json!({
        "shop": "acme", "order": "1001", "number": "#1001",
        "token": "AAAAAAAAAAAAAAAAAAAAAA",
        "stage": "new",
        "stages": [{"stage": "new", "at": NOW, "by": "shop"}],
        "items": [
            {"title": "Walking boots, brown", "quantity": 1},
            {"title": "Wool socks", "quantity": 2},
        ],
        "locale": "en-US", "is_test": false, "n_shipments": 0,
        "placed_at": NOW, "created_at": NOW, "version": 1,
    }))
    .unwrap()
}

pub(crate) fn key() -> OrderKey {
    order().key
}

pub(crate) fn new_shipment(number: u16) -> Shipment {
    serde_json::from_value(json!({
        "shipment": number, "carrier": "ups",
        "tracking_number": format!("1Z999AA1012345678{number}"),
        "reason": "pending.no_info",
        "cadence": "8h",
        "registered_at": NOW, "changed_at": NOW, "version": 1,
    }))
    .unwrap()
}

/// The scans of a usual journey by road.
pub(crate) fn journey() -> Vec<Scan> {
    [
        (
            "22T10:15",
            "info_received.label",
            "MP",
            "Shipper created a label, UPS has not received the package yet.",
            "Louisville",
        ),
        (
            "22T18:02",
            "picked_up.accepted",
            "XD",
            "Drop-Off",
            "Louisville",
        ),
        (
            "22T21:40",
            "in_transit.departure_scan",
            "DP",
            "Departed from Facility",
            "Louisville",
        ),
        (
            "23T02:11",
            "in_transit.arrival_scan",
            "AR",
            "Arrived at Facility",
            "Lexington",
        ),
        (
            "23T04:31",
            "in_transit.departure_scan",
            "DP",
            "Departed from Facility",
            "Lexington",
        ),
        (
            "23T07:58",
            "in_transit.arrival_scan",
            "AR",
            "Arrived at Facility",
            "Ashland",
        ),
        (
            "23T08:44",
            "out_for_delivery.today",
            "OT",
            "Out For Delivery Today",
            "Ashland",
        ),
        (
            "23T13:17",
            "delivered.generic",
            "FS",
            "DELIVERED",
            "Ashland",
        ),
    ]
    .map(|(time, reason, code, text, city)| {
        serde_json::from_value(json!({
            "time": format!("2026-11-{time}:00-05:00"),
            "meaning": {"status": reason}, "code": code, "text": text,
            "place": {"city": city, "region": "KY", "country": "US"},
        }))
        .unwrap()
    })
    .to_vec()
}

pub(crate) fn contact() -> Contact {
    serde_json::from_value(json!({
        "name": "Ann Example", "email": "ann@example.com", "phone": "+4915112345678",
        "country": "DE", "consent": {"email": true, "sms": true},
    }))
    .unwrap()
}

pub(crate) fn new_order() -> NewOrder {
    NewOrder {
        order: order(),
        contact: Some(contact()),
        shipments: Vec::new(),
    }
}

pub(crate) fn receipt(key: &str) -> RequestReceipt {
    RequestReceipt {
        shop: shop(),
        key: key.to_owned(),
        body_hash: "hash".to_owned(),
        answer: StoredAnswer {
            is_reference: false,
            status: 201,
            body: "{}".to_owned(),
        },
        at: now(),
    }
}

pub(crate) fn notification() -> Notification {
    serde_json::from_value(json!({
        "id": "0123456789abcdef0123456789abcdef", "shop": "acme", "order": "1001",
        "notification_type": "shipped", "shipment": 1, "channel": "email", "recipient": "a***@e***.com",
        "fact": "f", "state": "claimed", "token": "mine", "lease_until": "2026-11-22T10:16:00Z",
        "attempts": 1, "useful_until": "2026-11-24T00:00:00Z", "created_at": NOW,
        "history": [{"at": NOW, "what": "claimed"}],
    }))
    .unwrap()
}

/// The same order, a stage further.
pub(crate) fn moved(order: &Order, stage: OrderStage) -> Order {
    let mut next = order.clone();
    next.set_stage(stage, StageSource::Shipments, None, now())
        .unwrap();
    next
}

/// The same shipment after an answer.
pub(crate) fn answered(shipment: &Shipment, answer: &str) -> Shipment {
    Shipment {
        response_hash: Some(answer.to_owned()),
        version: shipment.version + 1,
        ..shipment.clone()
    }
}

pub(crate) fn intake(dynamo: &Dynamo) -> Intake {
    Intake::new(&dynamo.aws(), &testing::config()).unwrap()
}

/// An intake that loses the answer to the first `operation`.
pub(crate) fn unlucky_intake(dynamo: &Dynamo, operation: &'static str) -> Intake {
    let aws = dynamo.aws_through(testing::losing_an_answer(operation));
    Intake::new(&aws, &testing::config()).unwrap()
}
