//! Where an order stands, given its parcels.

use crate::{order::Order, shipment::Shipment, stage::OrderStage};

/// The stage that follows from the parcels, or none if the order stays where it is.
pub fn roll_up(_order: &Order, _shipments: &[Shipment]) -> Option<OrderStage> {
    unreachable!("to be written")
}
