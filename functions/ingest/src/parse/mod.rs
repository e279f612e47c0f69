//! From bodies to domain types: what comes out of here needs no further check.

mod contact;
mod order;
mod report;
mod shipment;
mod stage;

pub(crate) use contact::corrected;
pub(crate) use order::NewOrder;
pub(crate) use report::{NewReport, eta, event, reported};
pub(crate) use shipment::{NewShipment, ShipmentChange, still_possible};
pub(crate) use stage::NewStage;

use crate::{
    body::ItemBody,
    carrier::InUse,
    given::{Fault, Given, Place},
    problem::Code,
    text,
};
use jiff::Timestamp;
use posthorn_domain::{order::Item, settings::Settings};

/// The most parcels of an order.
pub(crate) const MAX_SHIPMENTS: usize = 40;
/// The most lines of an order or a parcel.
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

fn item(body: ItemBody, mut place: Place<'_>) -> Option<Item> {
    place.ignored(&body.unknown);
    let id = place.text("id", body.id, text::line(64));
    let is_absent = matches!(body.quantity, Given::Absent);
    let quantity = place.optional("quantity", body.quantity, |quantity| match quantity {
        1..=100_000 => Ok(quantity),
        _ => Err(Fault::new(Code::OutOfRange, "is out of range").expecting("1 to 100000")),
    });
    Some(Item {
        id,
        title: place.required_text("title", body.title, text::line(200))?,
        quantity: if is_absent { 1 } else { quantity? },
    })
}
