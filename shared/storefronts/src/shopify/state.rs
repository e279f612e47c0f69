//! Where an order stands by Shopify's word.

use super::payload::{Order, ShippingLine};
use crate::Cancellation;
use posthorn_domain::order::DeliveryMethod;

/// Returns how Shopify says that nothing of the order will be sent.
///
/// `restocked` says that every line is back in stock and the order cancelled. So it
/// is as well if all is refunded and taken out before anything was sent.
pub(super) fn read_cancellation(order: &Order) -> Option<Cancellation> {
    let is_emptied = !order.line_items.is_empty()
        && order
            .line_items
            .iter()
            .all(|line| line.current_quantity == Some(0));
    let is_refunded = is_any_of(order.financial_status.as_deref(), &["refunded", "voided"]);
    let is_sent = is_any_of(
        order.fulfillment_status.as_deref(),
        &["fulfilled", "partial"],
    ) || !order.fulfillments.is_empty();
    if let Some(at) = &order.cancelled_at {
        return Some(Cancellation::Stated(at.parse().ok()));
    }
    let is_restocked = is_any_of(order.fulfillment_status.as_deref(), &["restocked"]);
    (is_restocked || (is_emptied && is_refunded && !is_sent)).then_some(Cancellation::Inferred)
}

/// Returns whether the order is paid.
pub(super) fn is_paid(order: &Order) -> bool {
    is_any_of(
        order.financial_status.as_deref(),
        &["paid", "partially_refunded", "refunded"],
    )
}

/// Returns whether Shopify has nothing more to do about the order.
pub(super) fn is_done(order: &Order) -> bool {
    is_any_of(order.fulfillment_status.as_deref(), &["fulfilled"]) || order.closed_at.is_some()
}

/// Returns how the order reaches its customer.
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
    } else if is_any_of(order.source_name.as_deref(), &["pos"]) && lines.is_empty() {
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
    let category = spaced_words(line.delivery_category.as_deref());
    if !category.is_empty() {
        return matches!(
            category.as_str(),
            "pickup" | "pick up" | "local pickup" | "retail"
        );
    }
    [&line.code, &line.title].into_iter().any(|text| {
        let text = spaced_words(text.as_deref());
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
    let category = spaced_words(line.delivery_category.as_deref());
    if !category.is_empty() {
        return matches!(category.as_str(), "local" | "local delivery");
    }
    let texts = [&line.code, &line.title];
    texts
        .into_iter()
        .any(|text| spaced_words(text.as_deref()) == "local delivery")
}

/// `Local_Delivery` as `local delivery`.
fn spaced_words(text: Option<&str>) -> String {
    let text = text.unwrap_or_default().to_lowercase();
    let words = text.split(|c: char| c.is_whitespace() || matches!(c, '_' | '-'));
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

fn is_any_of(text: Option<&str>, any: &[&str]) -> bool {
    let text = text.map(str::trim).unwrap_or_default();
    any.iter().any(|known| text.eq_ignore_ascii_case(known))
}
