//! Which facts follow from a change of an item.

use crate::{fact::Fact, id::OrderKey, order::Order, shipment::Shipment};
use jiff::Timestamp;

/// An item before and after, as the table's stream tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum Change {
    /// The order's own item; `old` is none when it is new.
    Order {
        /// Before.
        old: Option<Box<Order>>,
        /// After.
        new: Box<Order>,
    },
    /// A parcel's item; `old` is none when it is new.
    Shipment {
        /// Whose.
        order: OrderKey,
        /// Before.
        old: Option<Box<Shipment>>,
        /// After.
        new: Box<Shipment>,
    },
}

/// The facts that `change`, recorded `at`, amounts to; none if only bookkeeping changed.
pub fn between(_change: &Change, _at: Timestamp) -> Vec<Fact> {
    unreachable!("to be written")
}
