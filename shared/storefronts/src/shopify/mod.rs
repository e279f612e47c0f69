//! Shopify: orders, fulfilments and what happens to these.
//!
//! Deliveries come late, twice and out of order. Newer ones have the same header
//! names without `X-`.

mod payload;
mod read;
mod state;

use crate::{
    Delivery, HeaderNames, Profile, Storefront, StorefrontEvent, Topic, UnreadableBody,
    is_signed_by_hmac_sha256, wire::parse_body,
};
use http::HeaderMap;
use jiff::SignedDuration;
use payload::{Fulfillment, FulfillmentEvent, Order};
use posthorn_domain::id::OrderId;

/// Shopify.
#[derive(Debug)]
pub(crate) struct Shopify;

static PROFILE: Profile = Profile {
    id: "shopify",
    name: "Shopify",
    signature_format: "Base64 of HMAC-SHA256 over the raw body",
    headers: HeaderNames {
        signature: &["x-shopify-hmac-sha256", "shopify-hmac-sha256"],
        topic: &["x-shopify-topic", "shopify-topic"],
        event_id: &[
            "x-shopify-event-id",
            "shopify-event-id",
            "x-shopify-webhook-id",
            "shopify-webhook-id",
        ],
        triggered_at: &["x-shopify-triggered-at", "shopify-triggered-at"],
    },
    topics: &[
        Topic {
            name: "orders/create",
            purpose: "a new order",
        },
        Topic {
            name: "orders/updated",
            purpose: "a correction of an order, its cancellation included",
        },
        Topic {
            name: "orders/paid",
            purpose: "the payment of an order",
        },
        Topic {
            name: "orders/fulfilled",
            purpose: "the end of an order that is handed out",
        },
        Topic {
            name: "orders/partially_fulfilled",
            purpose: "the fulfilments of an order",
        },
        Topic {
            name: "orders/cancelled",
            purpose: "the cancellation of an order",
        },
        Topic {
            name: "fulfillments/create",
            purpose: "new shipments",
        },
        Topic {
            name: "fulfillments/update",
            purpose: "a correction of shipments",
        },
        Topic {
            name: "fulfillment_events/create",
            purpose: "where a shipment is by Shopify's word",
        },
    ],
    // Shopify tries eight times within four hours, with the headers of the first
    // try; a delivery that waited longer waited at Shopify.
    max_age: SignedDuration::from_hours(24),
};

impl Storefront for Shopify {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn verify_signature(&self, headers: &HeaderMap, body: &[u8], secret: &[u8]) -> bool {
        is_signed_by_hmac_sha256(headers, PROFILE.headers.signature, body, secret)
    }

    fn read_delivery(
        &self,
        delivery: &Delivery,
        body: &[u8],
    ) -> Result<Option<StorefrontEvent>, UnreadableBody> {
        let event = match delivery.topic.as_str() {
            topic @ ("orders/create"
            | "orders/updated"
            | "orders/paid"
            | "orders/fulfilled"
            | "orders/partially_fulfilled"
            | "orders/cancelled") => {
                let order: Order = parse_body(body, "order")?;
                let id = order_id(order.id.as_deref(), "id")?;
                let order = Box::new(read::read_order(&order, id));
                if topic == "orders/create" {
                    StorefrontEvent::OrderPlaced(order)
                } else {
                    StorefrontEvent::OrderChanged(order)
                }
            }
            "fulfillments/create" | "fulfillments/update" => {
                let fulfillment: Fulfillment = parse_body(body, "fulfillment")?;
                let order = order_id(fulfillment.order_id.as_deref(), "order_id")?;
                let fulfillment =
                    read::read_fulfillment(&fulfillment).ok_or(UnreadableBody::Missing("id"))?;
                StorefrontEvent::FulfillmentChanged {
                    order,
                    fulfillment: Box::new(fulfillment),
                }
            }
            "fulfillment_events/create" => {
                let event: FulfillmentEvent = parse_body(body, "fulfillment_event")?;
                let order = order_id(event.order_id.as_deref(), "order_id")?;
                let progress = read::read_progress(&event).map(Box::new);
                let reference = event.fulfillment_id;
                StorefrontEvent::FulfillmentProgressed {
                    order,
                    reference: reference.ok_or(UnreadableBody::Missing("fulfillment_id"))?,
                    progress,
                }
            }
            _ => return Ok(None),
        };
        Ok(Some(event))
    }
}

fn order_id(id: Option<&str>, field: &'static str) -> Result<OrderId, UnreadableBody> {
    id.and_then(|id| OrderId::parse(id).ok())
        .ok_or(UnreadableBody::Missing(field))
}
