//! What a fulfilment changes about the parcels of its order.

use super::read::Fulfilled;
use crate::parse::NewShipment;
use posthorn_domain::{id::ShipmentNumber, shipment::Shipment};

/// One change of a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is another parcel.
    Register(NewShipment),
    /// This parcel has another number, carrier or link, or is as it was but as
    /// of a later time.
    Change(ShipmentNumber, NewShipment),
    /// This parcel will not be sent.
    Void(ShipmentNumber),
}

/// What to do about a fulfilment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Something newer was taken over already: it would be undone.
    Stale,
    /// These changes, none if all is as it says.
    Steps(Vec<Step>),
}

/// What `fulfilled` changes about `shipments`, all parcels of its order.
///
/// Numbers that are the fulfilment's already stay where they are. A number
/// that is new takes the place of one that is gone; further new ones are
/// further parcels, and what is gone without a successor is void. A number
/// that another fulfilment of the same order brought is the same parcel.
pub(crate) fn plan(fulfilled: Fulfilled, shipments: &[Shipment]) -> Plan {
    let own: Vec<&Shipment> = shipments
        .iter()
        .filter(|shipment| reference(shipment) == Some(fulfilled.reference.as_str()))
        .collect();
    let is_stale = own
        .iter()
        .flat_map(|shipment| &shipment.origins)
        .any(|origin| origin.as_of > fulfilled.as_of);
    if is_stale {
        return Plan::Stale;
    }
    if fulfilled.is_cancelled {
        return Plan::Steps(
            own.iter()
                .map(|shipment| Step::Void(shipment.shipment))
                .collect(),
        );
    }
    let (known, new): (Vec<_>, Vec<_>) = fulfilled.parcels.into_iter().partition(|parcel| {
        shipments
            .iter()
            .any(|shipment| shipment.tracking_number == parcel.tracking_number)
    });
    let mut steps: Vec<Step> = own
        .iter()
        .filter_map(|shipment| {
            let parcel = known
                .iter()
                .find(|parcel| parcel.tracking_number == shipment.tracking_number)?;
            Some(Step::Change(shipment.shipment, parcel.clone()))
        })
        .collect();
    let mut gone = own.iter().filter(|shipment| {
        known
            .iter()
            .all(|parcel| parcel.tracking_number != shipment.tracking_number)
    });
    for parcel in new {
        steps.push(match gone.next() {
            Some(shipment) => Step::Change(shipment.shipment, parcel),
            None => Step::Register(parcel),
        });
    }
    // No number at all is no statement about those that there were.
    if !steps.is_empty() {
        steps.extend(gone.map(|shipment| Step::Void(shipment.shipment)));
    }
    Plan::Steps(steps)
}

fn reference(shipment: &Shipment) -> Option<&str> {
    shipment
        .origins
        .first()
        .map(|origin| origin.reference.as_str())
}
