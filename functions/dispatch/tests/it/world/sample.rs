//! An order, its shipment, its customer and what happens to it.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    contact::{Consent, Contact, EmailAddress, PhoneNumber},
    fact::{Fact, FactEvent, PreviousStatus},
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId, TrackingToken},
    notification::Notification,
    order::{DeliveryMethod, Order, StageChange},
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::Reason,
    tracking_number::TrackingNumber,
};
use serde_json::{Value, json};

/// Noon in New York, where the customer lives.
pub(crate) const NOON: &str = "2026-11-24T17:00:00Z";

pub(crate) fn noon() -> Timestamp {
    NOON.parse().unwrap()
}

pub(crate) fn order() -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    }
}

pub(crate) fn contact() -> Contact {
    Contact {
        name: Some("Jane Doe".to_owned()),
        email: Some(EmailAddress::parse("jane.doe@example.com").unwrap()),
        phone: Some(PhoneNumber::parse("+12125550123", None).unwrap()),
        postcode: None,
        region: None,
        country: Some("US".to_owned()),
        time_zone: Some("America/New_York".to_owned()),
        consent: Consent {
            email: true,
            sms: true,
        },
        ..Contact::default()
    }
}

/// The fact that the order's shipment has come to `reason`.
pub(crate) fn fact(reason: Reason, at: Timestamp) -> Fact {
    let event = FactEvent::ShipmentStatusChanged {
        shipment: ShipmentIndex(1),
        status: reason.to_status(),
        reason,
        previous: PreviousStatus {
            status: Reason::Moving.to_status(),
            reason: Reason::Moving,
        },
    };
    Fact::new(order(), 3, at, event)
}

/// A message of the queue with the fact in EventBridge's envelope.
pub(crate) fn told(fact: &Fact) -> Value {
    json!({ "detail-type": fact.event.detail_type(), "source": "posthorn", "detail": fact })
}

/// A message of the queue with a notification that is due.
pub(crate) fn due(notification: &Notification) -> Value {
    let OrderKey { shop, order } = &notification.order;
    json!({ "notification": { "shop": shop, "order": order, "id": notification.id } })
}

pub(crate) fn placed() -> Order {
    let placed_at = noon() - SignedDuration::from_hours(48);
    Order {
        key: order(),
        number: "#1001".to_owned(),
        token: TrackingToken::from_random([7; 16]),
        stage: OrderStage::OutForDelivery,
        stages: vec![
            StageChange {
                stage: OrderStage::New,
                at: placed_at,
                by: StageSource::Shop,
                comment: None,
            },
            StageChange {
                stage: OrderStage::OutForDelivery,
                at: noon(),
                by: StageSource::Shipments,
                comment: None,
            },
        ],
        items: Vec::new(),
        promised: None,
        locale: "en".to_owned(),
        delivery_method: DeliveryMethod::Shipping,
        paid_at: None,
        time_zone: None,
        is_test: false,
        n_shipments: 1,
        placed_at,
        created_at: placed_at,
        as_of: None,
        version: 2,
        has_unreadable_shipments: false,
    }
}

pub(crate) fn new_shipment(reason: Reason) -> Shipment {
    let learned = noon() - SignedDuration::from_hours(24);
    let json = json!({
        "shipment": 1,
        "carrier": CarrierId::parse("ups").unwrap(),
        "tracking_number": TrackingNumber::parse("1Z999AA10123456784").unwrap(),
        "reason": reason,
        "status_since": "2026-11-24T11:59:00-05:00",
        "registered_at": learned,
        "changed_at": noon(),
        "version": 1,
    });
    serde_json::from_value(json).unwrap()
}
