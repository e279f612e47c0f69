//! Labels that a storefront voids, that are used after all, or that get their
//! number late.

use crate::{
    cadence,
    id::CarrierId,
    report::Report,
    shipment::Shipment,
    source::{Source, SourceKind},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use jiff::Timestamp;

use super::{Advance, advance_by, finish_advance, fold, reconcile, report};

/// What it makes of `shipment` that the storefront takes back the record that it
/// came with; None if that changes nothing. What the storefront itself told of it is
/// taken back as well, but a shipment that another source has seen is on its way,
/// whatever the storefront says.
pub fn void_label(shipment: &Shipment, now: Timestamp) -> Option<Advance> {
    let unsaid = without_the_store(shipment);
    if shipment.reason == Reason::Voided || is_seen(&unsaid) {
        return None;
    }
    let report = Report {
        reported_status: Some(Reason::Voided),
        ..Report::default()
    };
    let advance = advance_by(&unsaid, Some(&Source::from_storefront()), &report, now);
    let (next, is_news) = (advance.shipment, advance.is_news);
    let next = Shipment {
        version: shipment.version,
        ..next
    };
    Some(finish_advance(shipment, next, 0, is_news, now))
}

/// A shipment that the storefront had taken back, sent after all under the same
/// number: it is followed as if it were new. None if it was not taken back, or
/// if its carrier says as well that it will not be sent.
pub fn revive_shipment(shipment: &Shipment, now: Timestamp) -> Option<Shipment> {
    if shipment.reason != Reason::Voided {
        return None;
    }
    let unsaid = without_the_store(shipment);
    let stood = fold::replay(&reconcile::journey_steps(&unsaid), unsaid.is_return);
    if stood.reason == Reason::Voided {
        return None;
    }
    let mut next = Shipment {
        reason: stood.reason,
        status_since: stood.since,
        changed_at: now,
        version: shipment.version + 1,
        ..unsaid
    };
    next.conditions = report::shipment_conditions(&next, stood.delay, now);
    next.cadence = cadence::poll_cadence(&next, now);
    Some(next)
}

/// A shipment that was sent without tracking, once its number is known, or another
/// carrier: it is the same shipment, and what was told of it remains.
pub(super) fn assign_number(
    shipment: &Shipment,
    carrier: CarrierId,
    tracking_number: Option<TrackingNumber>,
    now: Timestamp,
) -> Shipment {
    let is_same_carrier = carrier == shipment.carrier;
    let mut next = Shipment {
        carrier,
        carrier_name: shipment.carrier_name.clone().filter(|_| is_same_carrier),
        tracking_number,
        tracking_url: None,
        candidates: None,
        registered_at: now,
        changed_at: now,
        version: shipment.version + 1,
        ..shipment.clone()
    };
    next.cadence = cadence::poll_cadence(&next, now);
    next
}

/// Whether any carrier has had the shipment in hand.
fn is_seen(shipment: &Shipment) -> bool {
    let stood = fold::replay(&reconcile::journey_steps(shipment), shipment.is_return);
    fold::is_physical(stood.reason.to_status())
        || stood.reason.to_status() == ShipmentStatus::Expired
}

/// The shipment as if its storefront had told nothing of it.
fn without_the_store(shipment: &Shipment) -> Shipment {
    let others = shipment.other_sources.iter();
    let others = others.filter(|telling| telling.source.kind != SourceKind::Store);
    Shipment {
        other_sources: others.cloned().collect(),
        ..shipment.clone()
    }
}
