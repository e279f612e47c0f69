//! From the steps of a plan to the parcels as they will be written.

use super::reconcile::Step;
use crate::{
    carrier::{self, Rules},
    orders::register,
    parse::MAX_SHIPMENTS,
    request::{Source, count_warnings},
    shipments::changed,
};
use jiff::Timestamp;
use posthorn_domain::{id::ShipmentNumber, journey::label, shipment::Shipment};
use posthorn_platform::store::orders::OrderView;
use tracing::warn;

/// What is to be written about the parcels of an order.
pub(super) struct Writes {
    /// Parcels, and the versions that they were made from.
    pub(super) changed: Vec<(Shipment, u64)>,
    /// New parcels.
    pub(super) added: Vec<Shipment>,
}

impl Writes {
    /// What `steps` come to for the parcels of `view`.
    pub(super) fn of(steps: Vec<Step>, view: &OrderView, rules: Rules<'_>, now: Timestamp) -> Self {
        let mut writes = Self {
            changed: Vec::new(),
            added: Vec::new(),
        };
        let mut free = view.next_shipment();
        for step in steps {
            let (number, next) = match step {
                Step::Register(parcel) if usize::from(free.0) <= MAX_SHIPMENTS => {
                    let new = register(free, parcel, &view.order, now);
                    let new = carrier::asked(new, rules, now);
                    for (field, doubt) in carrier::doubts(&new, rules) {
                        count_warnings(Source::Shopify, &[doubt.at(field)]);
                    }
                    writes.added.push(new);
                    free = ShipmentNumber(free.0 + 1);
                    continue;
                }
                Step::Register(_) => {
                    let key = &view.order.key;
                    warn!(order.id = %key, "Left out a parcel: order {key} has {MAX_SHIPMENTS}");
                    continue;
                }
                Step::Change(number, parcel) => (number, Some(parcel)),
                Step::Void(number) => (number, None),
            };
            let shipments = view.shipments.iter();
            for shipment in shipments.filter(|shipment| shipment.shipment == number) {
                let next = match &next {
                    Some(parcel) => changed(shipment, parcel.clone().settled_by(shipment), now)
                        .map(|next| carrier::asked(next, rules, now)),
                    None => label::void(shipment, now)
                        .filter(|advance| advance.must_write(shipment))
                        .map(|advance| advance.shipment),
                };
                writes
                    .changed
                    .extend(next.map(|next| (next, shipment.version)));
            }
        }
        writes
    }

    /// Whether all is as it is to be.
    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty()
    }
}
