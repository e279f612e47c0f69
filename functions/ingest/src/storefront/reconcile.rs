//! What a fulfilment changes about the shipments of its order.

use super::fulfillment::Fulfilled;
use crate::{parse::ParsedShipment, shipments::announced_shipment};
use posthorn_domain::{
    id::ShipmentIndex,
    order::OrderItem,
    shipment::{Shipment, ShipmentOrigin},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};

/// One change of a shipment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Step {
    /// There is another shipment.
    Register(ParsedShipment),
    /// This shipment has another number, carrier, link or content, or is as it was but
    /// as of a later time.
    Change(ShipmentIndex, ParsedShipment),
    /// This shipment will not be sent; its records are these then.
    Void(ShipmentIndex, Vec<ShipmentOrigin>),
}

/// What to do about a fulfilment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Something newer was taken over already: it would be undone.
    Stale,
    /// These changes, none if all is as it says.
    Steps(Vec<Step>),
}

/// What `fulfilled` changes about `shipments`, all shipments of its order.
///
/// Numbers that are the fulfilment's already stay where they are. A number
/// that is new takes the place of one that is gone, or of a label that was voided
/// with a fulfilment of the same lines; further new ones are further shipments, and
/// what is gone without a successor is void. A number that another fulfilment of
/// the same order brought is the same shipment, which holds the lines of both.
pub(crate) fn plan_changes(fulfilled: &Fulfilled, shipments: &[Shipment]) -> Plan {
    let reference = fulfilled.reference.as_str();
    let of_it = |shipment: &Shipment| {
        let mut origins = shipment.origins.iter();
        origins
            .find(|origin| origin.reference == reference)
            .cloned()
    };
    let origins: Vec<ShipmentOrigin> = shipments.iter().filter_map(of_it).collect();
    if origins.iter().any(|origin| origin.as_of > fulfilled.as_of) {
        return Plan::Stale;
    }
    let own: Vec<&Shipment> = shipments
        .iter()
        .filter(|shipment| of_it(shipment).is_some_and(|origin| !origin.is_cancelled))
        .collect();
    if fulfilled.is_cancelled {
        let steps = own
            .iter()
            .map(|shipment| taken_back(shipment, fulfilled, shipments));
        return Plan::Steps(steps.collect());
    }
    let has_numbers = !fulfilled.shipments.is_empty() && !fulfilled.is_untracked();
    if !has_numbers && !own.is_empty() {
        // No number at all is no statement about those that there were.
        let steps = own.iter().filter_map(|shipment| {
            let announced = fulfilled.shipments.first()?;
            let origins = join_origins(shipment, announced);
            let items = shipment_contents(&origins, Some(shipment), shipments, own.len() == 1);
            let announced = ParsedShipment {
                items,
                origins,
                ..announced_shipment(shipment)
            };
            Some(Step::Change(shipment.shipment, announced))
        });
        return Plan::Steps(steps.collect());
    }
    let is_alone = fulfilled.shipments.len() == 1;
    let is_wanted = |number: Option<&TrackingNumber>| {
        let mut wanted = fulfilled.shipments.iter();
        number.is_some() && wanted.any(|announced| announced.tracking_number.as_ref() == number)
    };
    let mut gone = own
        .iter()
        .copied()
        .filter(|shipment| !is_wanted(shipment.tracking_number.as_ref()));
    let mut replaced: Vec<ShipmentIndex> = Vec::new();
    let mut steps = Vec::new();
    for announced in &fulfilled.shipments {
        let number = announced.tracking_number.as_ref();
        let mut all = shipments.iter();
        let present =
            all.find(|shipment| number.is_some() && shipment.tracking_number.as_ref() == number);
        let place = present.or_else(|| gone.next()).or_else(|| {
            let mut all = shipments.iter();
            all.find(|shipment| {
                is_replaced_by(shipment, announced)
                    && !is_wanted(shipment.tracking_number.as_ref())
                    && !replaced.contains(&shipment.shipment)
            })
        });
        steps.push(if let Some(shipment) = place {
            replaced.push(shipment.shipment);
            let origins = join_origins(shipment, announced);
            let items = shipment_contents(&origins, Some(shipment), shipments, is_alone);
            let announced = ParsedShipment {
                items,
                origins,
                ..announced.clone()
            };
            Step::Change(shipment.shipment, announced)
        } else {
            let items = shipment_contents(&announced.origins, None, shipments, is_alone);
            Step::Register(ParsedShipment {
                items,
                ..announced.clone()
            })
        });
    }
    if has_numbers {
        steps.extend(gone.map(|shipment| Step::Void(shipment.shipment, shipment.origins.clone())));
    }
    Plan::Steps(steps)
}

impl Fulfilled {
    /// Whether `steps`, which follow from the shipments of the order that could be read,
    /// hold whatever the others are: each number of the fulfilment was found.
    pub(super) fn is_settled_by(&self, steps: &[Step], shipments: &[Shipment]) -> bool {
        let is_found = |step: &Step| match step {
            Step::Register(_) => false,
            Step::Change(index, parcel) => shipments.iter().any(|shipment| {
                shipment.shipment == *index && shipment.tracking_number == parcel.tracking_number
            }),
            Step::Void(..) => true,
        };
        !self.is_cancelled && steps.iter().all(is_found)
    }
}

/// What becomes of a shipment when a fulfilment is taken back: it goes on with the
/// lines of others that are in it.
fn taken_back(shipment: &Shipment, fulfilled: &Fulfilled, shipments: &[Shipment]) -> Step {
    let mut origins = shipment.origins.clone();
    for origin in &mut origins {
        if origin.reference == fulfilled.reference {
            origin.is_cancelled = true;
            origin.as_of = fulfilled.as_of;
        }
    }
    if origins.iter().all(|origin| origin.is_cancelled) {
        return Step::Void(shipment.shipment, origins);
    }
    let announced = ParsedShipment {
        items: shipment_contents(&origins, Some(shipment), shipments, true),
        origins,
        ..announced_shipment(shipment)
    };
    Step::Change(shipment.shipment, announced)
}

/// Whether a label was voided with its fulfilment, and `announced` sends some of the
/// same lines instead: the customer is told of another number.
fn is_replaced_by(shipment: &Shipment, announced: &ParsedShipment) -> bool {
    let is_taken_back = shipment.reason == Reason::Voided
        && !shipment.origins.is_empty()
        && shipment.origins.iter().all(|origin| origin.is_cancelled);
    let mut old = shipment.origins.iter().flat_map(|origin| &origin.items);
    let new = || announced.origins.iter().flat_map(|origin| &origin.items);
    is_taken_back && old.any(|old| new().any(|new| is_same_line(old, new)))
}

/// The records of a shipment with those of `announced`, each once.
fn join_origins(shipment: &Shipment, announced: &ParsedShipment) -> Vec<ShipmentOrigin> {
    let mut origins = shipment.origins.clone();
    for new in &announced.origins {
        match origins
            .iter_mut()
            .find(|known| known.reference == new.reference)
        {
            Some(known) => known.clone_from(new),
            None => origins.push(new.clone()),
        }
    }
    origins
}

/// What is in a shipment that came with `origins`; nothing if a record of them is sent
/// in several: which line lies in which of these storefronts do not say.
fn shipment_contents(
    origins: &[ShipmentOrigin],
    this: Option<&Shipment>,
    shipments: &[Shipment],
    is_alone: bool,
) -> Vec<OrderItem> {
    let present = origins.iter().filter(|origin| !origin.is_cancelled);
    let is_elsewhere = |origin: &ShipmentOrigin| {
        shipments.iter().any(|other| {
            Some(other.shipment) != this.map(|this| this.shipment)
                && other.current_status() != ShipmentStatus::Cancelled
                && other
                    .origins
                    .iter()
                    .any(|known| known.reference == origin.reference)
        })
    };
    let mut earlier = present.clone();
    // The last record is the one at hand, or one of those that were there.
    if !is_alone || earlier.any(|origin| origins.len() > 1 && is_elsewhere(origin)) {
        return Vec::new();
    }
    let mut items: Vec<OrderItem> = Vec::new();
    for item in present.flat_map(|origin| &origin.items) {
        match items.iter_mut().find(|known| is_same_line(known, item)) {
            Some(known) => known.quantity = known.quantity.saturating_add(item.quantity),
            None => items.push(item.clone()),
        }
    }
    items
}

fn is_same_line(a: &OrderItem, b: &OrderItem) -> bool {
    match (&a.id, &b.id) {
        (Some(a), Some(b)) => a == b,
        _ => a.title == b.title,
    }
}
