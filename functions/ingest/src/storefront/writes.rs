//! From the steps of a plan to the shipments as they will be written.

use super::{progress::Progress, reconcile::Step};
use crate::{
    carrier::{self, Rules},
    field::Issue,
    orders::register_shipment,
    parse::{MAX_SHIPMENTS, ParsedShipment},
    request::{WarningSource, count_warnings},
    shipments::changed_shipment,
};
use jiff::Timestamp;
use posthorn_domain::{
    id::ShipmentIndex,
    journey::label,
    shipment::{Shipment, ShipmentOrigin},
    status::Reason,
};
use posthorn_platform::store::orders::OrderWithShipments;
use tracing::warn;

/// What is to be written about the shipments of an order.
pub(super) struct Writes {
    /// Shipments, and the versions that they were made from.
    pub(super) changed: Vec<(Shipment, u64)>,
    /// New shipments.
    pub(super) added: Vec<Shipment>,
}

impl Writes {
    /// What `steps` come to for the shipments of `view`, of which the storefront says that
    /// they have come as far as `progress`.
    pub(super) fn from_steps(
        steps: Vec<Step>,
        progress: Option<&Progress>,
        view: &OrderWithShipments,
        rules: Rules<'_>,
        source: WarningSource,
        now: Timestamp,
    ) -> Self {
        let mut writes = Self {
            changed: Vec::new(),
            added: Vec::new(),
        };
        let is_alone = steps.len() == 1;
        // Of several shipments that can be asked after their carriers know better.
        let moved = |shipment: Shipment| {
            let is_told = is_alone || !carrier::can_be_asked(shipment.provider());
            let next = progress
                .filter(|_| is_told)
                .and_then(|progress| progress.applied_to(&shipment, now));
            next.unwrap_or(shipment)
        };
        let mut free = view.next_shipment();
        for step in steps {
            let number = match &step {
                Step::Register(new) if usize::from(free.0) <= MAX_SHIPMENTS => {
                    let new = register_shipment(free, new.clone(), &view.order, now);
                    let new = carrier::route_via(new, rules, now);
                    count_doubts(source, None, &new, rules);
                    writes.added.push(Shipment {
                        version: 1,
                        ..moved(new)
                    });
                    free = ShipmentIndex(free.0 + 1);
                    continue;
                }
                Step::Register(_) => {
                    let key = &view.order.key;
                    warn!(order.id = %key, "Left out a shipment: order {key} has {MAX_SHIPMENTS}");
                    continue;
                }
                Step::Change(number, _) | Step::Void(number, _) => *number,
            };
            let mut shipments = view.shipments.iter();
            let Some(present) = shipments.find(|shipment| shipment.shipment == number) else {
                continue;
            };
            let next = match step {
                Step::Change(_, new) => moved(correct_shipment(present, new, rules, now)),
                Step::Void(_, origins) => void_shipment(present, origins, now),
                Step::Register(_) => continue,
            };
            let next = Shipment {
                version: present.version,
                ..next
            };
            if next != *present {
                count_doubts(source, Some(present), &next, rules);
                let next = Shipment {
                    version: present.version + 1,
                    ..next
                };
                writes.changed.push((next, present.version));
            }
        }
        writes
    }

    /// Whether all is as it is to be.
    pub(super) fn is_empty(&self) -> bool {
        self.changed.is_empty() && self.added.is_empty()
    }
}

/// The shipment as `parcel` says that it is. A label that was voided and is used after
/// all is followed as if it were new.
fn correct_shipment(
    present: &Shipment,
    shipment: ParsedShipment,
    rules: Rules<'_>,
    now: Timestamp,
) -> Shipment {
    let is_same = shipment.tracking_number == present.tracking_number;
    let is_sent = shipment.origins.iter().any(|origin| !origin.is_cancelled);
    let revived = label::revive_shipment(present, now).filter(|_| is_same && is_sent);
    let present = revived.unwrap_or_else(|| present.clone());
    match changed_shipment(&present, shipment.settled_by(&present), now) {
        Some(next) => carrier::route_via(next, rules, now),
        None => present,
    }
}

/// The shipment once its label is void; unchanged if it has been scanned.
fn void_shipment(present: &Shipment, origins: Vec<ShipmentOrigin>, now: Timestamp) -> Shipment {
    match label::void_label(present, now) {
        Some(advance) => Shipment {
            origins,
            ..advance.shipment
        },
        None if present.reason == Reason::Voided => Shipment {
            origins,
            ..present.clone()
        },
        None => present.clone(),
    }
}

/// Counts what the shop has to look at that was not so before.
fn count_doubts(
    source: WarningSource,
    before: Option<&Shipment>,
    after: &Shipment,
    rules: Rules<'_>,
) {
    let attention = carrier::attention_issue(after);
    let is_known = before.is_some_and(|before| {
        carrier::attention_issue(before).map(|fault| fault.problem_code())
            == attention.as_ref().map(Issue::problem_code)
    });
    let doubts = carrier::list_doubts(after, rules);
    let doubts = doubts.into_iter().filter(|_| before.is_none());
    let attention = attention.filter(|_| !is_known);
    for (field, doubt) in doubts.chain(attention.map(|fault| ("tracking_number", fault))) {
        count_warnings(source, &[doubt.into_field_error(field)]);
    }
}
