//! Where an order stands by its storefront's word.

use jiff::Timestamp;
use posthorn_domain::{
    order::Order,
    stage::{OrderStage, StageSource},
};
use posthorn_storefronts::{Cancellation, StorefrontOrder};

/// What a storefront says of where an order stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct OrderState {
    /// When it was cancelled, if it was.
    cancelled_at: Option<Timestamp>,
    /// Whether it is paid.
    is_paid: bool,
    /// Whether the storefront has nothing more to do about it.
    is_done: bool,
    /// When that was so.
    as_of: Timestamp,
}

impl OrderState {
    /// What `order` says, as of `as_of`.
    pub(super) fn new(order: &StorefrontOrder, as_of: Timestamp) -> Self {
        Self {
            cancelled_at: order.cancellation.map(|cancellation| match cancellation {
                Cancellation::Stated(at) => at.unwrap_or(as_of),
                Cancellation::Inferred => as_of,
            }),
            is_paid: order.is_paid,
            is_done: order.is_done,
            as_of,
        }
    }

    /// Applies it to `order`, which the storefront reported before, or not.
    pub(super) fn apply_to(self, order: &mut Order, is_known: bool) {
        if let Some(at) = self.cancelled_at {
            set_stage(order, OrderStage::Cancelled, at);
            return;
        }
        let is_newly_paid = self.is_paid && order.paid_at.is_none();
        // An order that was paid when it was placed is not told to be paid now.
        if is_newly_paid && is_known {
            set_stage(order, OrderStage::PaymentConfirmed, self.as_of);
        }
        if self.is_done && order.delivery_method.is_without_delivery() {
            set_stage(order, OrderStage::Delivered, self.as_of);
        }
        if is_newly_paid {
            order.paid_at = Some(self.as_of);
        }
    }
}

/// Sets a stage that a storefront reports; that the order cannot come to it any more,
/// for example a cancellation after the delivery, is of no interest.
fn set_stage(order: &mut Order, stage: OrderStage, at: Timestamp) {
    let _: bool = order
        .set_stage(stage, StageSource::Shop, None, at)
        .unwrap_or(false);
}
