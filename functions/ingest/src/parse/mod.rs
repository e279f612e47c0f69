//! From bodies to domain types: what comes out of here needs no further check.

mod contact;
mod order;
mod report;
mod shipment;
mod stage;

pub(crate) use contact::correct_contact;
pub(crate) use order::ParsedOrder;
pub(crate) use report::{ParsedReport, parse_eta, parse_event, parse_reporter};
pub(crate) use shipment::{ParsedShipment, ShipmentChange, still_possible};
pub(crate) use stage::ParsedStage;

use crate::{
    body::ItemBody,
    carrier::InUse,
    field::{Field, FieldPath, Issue},
    problem::ProblemCode,
    validate,
};
use jiff::Timestamp;
use posthorn_domain::{order::OrderItem, settings::Settings};

/// The most shipments of an order.
pub(crate) const MAX_SHIPMENTS: usize = 40;
/// The most lines of an order or a shipment.
pub(crate) const MAX_ITEMS: usize = 200;

/// What a body is read against.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reading<'a> {
    /// The carriers of which the installation has credentials.
    pub(crate) in_use: &'a InUse,
    /// The shop's settings.
    pub(crate) settings: &'a Settings,
    /// When it came.
    pub(crate) now: Timestamp,
}

fn parse_item(body: ItemBody, mut place: FieldPath<'_>) -> Option<OrderItem> {
    place.add_ignored(&body.unknown);
    let id = place.read_text("id", body.id, validate::line(64));
    let is_absent = matches!(body.quantity, Field::Absent);
    let quantity = place.read_optional("quantity", body.quantity, |quantity| match quantity {
        1..=100_000 => Ok(quantity),
        _ => {
            Err(Issue::new(ProblemCode::OutOfRange, "is out of range").with_expected("1 to 100000"))
        }
    });
    Some(OrderItem {
        id,
        title: place.required_text("title", body.title, validate::line(200))?,
        quantity: if is_absent { 1 } else { quantity? },
    })
}
