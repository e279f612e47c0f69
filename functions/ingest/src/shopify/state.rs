//! Where an order stands by Shopify's word.

use super::payload::{Order, ShippingLine};
use jiff::Timestamp;
use posthorn_domain::{
    order::{self, DeliveryMethod},
    stage::{OrderStage, StageSource},
};

/// What Shopify says of where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderState {
    /// When it was cancelled, if it was.
    cancelled_at: Option<Timestamp>,
    /// Whether it is paid.
    is_paid: bool,
    /// Whether Shopify has nothing more to do about it.
    is_done: bool,
    /// When that was so.
    as_of: Timestamp,
}

impl OrderState {
    /// What `order` says, as of `as_of`.
    pub(super) fn of(order: &Order, as_of: Timestamp) -> Self {
        let cancelled_at = order.cancelled_at.as_deref();
        let cancelled_at = cancelled_at.map(|at| at.parse().unwrap_or(as_of));
        Self {
            cancelled_at: cancelled_at.or_else(|| is_cancelled(order).then_some(as_of)),
            is_paid: is(
                order.financial_status.as_deref(),
                &["paid", "partially_refunded", "refunded"],
            ),
            is_done: is(order.fulfillment_status.as_deref(), &["fulfilled"])
                || order.closed_at.is_some(),
            as_of,
        }
    }

    /// Lays it upon `order`, which Shopify has told of before, or not.
    pub(super) fn apply(self, order: &mut order::Order, is_known: bool) {
        if let Some(at) = self.cancelled_at {
            set(order, OrderStage::Cancelled, at);
            return;
        }
        let is_newly_paid = self.is_paid && order.paid_at.is_none();
        // An order that was paid when it was placed is not told to be paid now.
        if is_newly_paid && is_known {
            set(order, OrderStage::PaymentConfirmed, self.as_of);
        }
        if self.is_done && order.delivery_method.is_without_delivery() {
            set(order, OrderStage::Delivered, self.as_of);
        }
        if is_newly_paid {
            order.paid_at = Some(self.as_of);
        }
    }
}

/// Sets a stage of which Shopify tells; that the order cannot come to it any more,
/// for example a cancellation after the delivery, is of no interest.
fn set(order: &mut order::Order, stage: OrderStage, at: Timestamp) {
    let _: bool = order
        .set_stage(stage, StageSource::Shop, None, at)
        .unwrap_or(false);
}

/// Whether nothing of the order will be sent.
///
/// `restocked` says that every line is back in stock and the order cancelled. So it
/// is as well if all is refunded and taken out before anything was sent.
pub(super) fn is_cancelled(order: &Order) -> bool {
    let is_emptied = !order.line_items.is_empty()
        && order
            .line_items
            .iter()
            .all(|line| line.current_quantity == Some(0));
    let is_refunded = is(order.financial_status.as_deref(), &["refunded", "voided"]);
    let is_sent = is(
        order.fulfillment_status.as_deref(),
        &["fulfilled", "partial"],
    ) || !order.fulfillments.is_empty();
    order.cancelled_at.is_some()
        || is(order.fulfillment_status.as_deref(), &["restocked"])
        || (is_emptied && is_refunded && !is_sent)
}

/// How the order reaches its customer.
pub(super) fn delivery_method(order: &Order) -> DeliveryMethod {
    let lines: Vec<&ShippingLine> = order
        .shipping_lines
        .iter()
        .filter(|line| line.is_removed != Some(true))
        .collect();
    let is_digital =
        !order.line_items.is_empty() && order.line_items.iter().all(|line| !line.is_shipped());
    if is_digital {
        DeliveryMethod::Digital
    } else if is(order.source_name.as_deref(), &["pos"]) && lines.is_empty() {
        DeliveryMethod::Retail
    } else if !lines.is_empty() && lines.iter().all(|line| is_pickup(line)) {
        DeliveryMethod::Pickup
    } else if !lines.is_empty() && lines.iter().all(|line| is_local(line)) {
        DeliveryMethod::LocalDelivery
    } else {
        DeliveryMethod::Shipping
    }
}

/// Collected at the shop. A pick-up point of a carrier is a shipment.
fn is_pickup(line: &ShippingLine) -> bool {
    let category = words(line.delivery_category.as_deref());
    if !category.is_empty() {
        return matches!(
            category.as_str(),
            "pickup" | "pick up" | "local pickup" | "retail"
        );
    }
    [&line.code, &line.title].into_iter().any(|text| {
        let text = words(text.as_deref());
        matches!(
            text.as_str(),
            "pickup"
                | "pick up"
                | "local pickup"
                | "store pickup"
                | "in store pickup"
                | "pickup in store"
                | "click and collect"
                | "click & collect"
        )
    })
}

/// Brought by the shop itself.
fn is_local(line: &ShippingLine) -> bool {
    let category = words(line.delivery_category.as_deref());
    if !category.is_empty() {
        return matches!(category.as_str(), "local" | "local delivery");
    }
    let texts = [&line.code, &line.title];
    texts
        .into_iter()
        .any(|text| words(text.as_deref()) == "local delivery")
}

/// `Local_Delivery` as `local delivery`.
fn words(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn is(text: Option<&str>, any: &[&str]) -> bool {
    let text = text.map(str::trim).unwrap_or_default();
    any.iter().any(|known| text.eq_ignore_ascii_case(known))
}
