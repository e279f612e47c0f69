//! For how long a message is of use.

use crate::{
    fact::{Event, Fact},
    id::ShipmentNumber,
    moment::Moment,
    notice::Occasion,
    status::ShipmentStatus,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{View, hours, occasions};

/// Counted from when it happened, not from when we learned of it: after an
/// outage nobody wants last week's news.
pub(super) fn of_parcel(
    occasion: &Occasion,
    fact: &Fact,
    view: &View<'_>,
    zone: &TimeZone,
) -> Timestamp {
    let since = match (&fact.event, occasion.shipment) {
        (Event::ShipmentStatusChanged { status, .. }, Some(number)) => {
            occasions::standing(number, view, *status).and_then(|shipment| shipment.since)
        }
        _ => None,
    };
    let sent = match &fact.event {
        Event::ShipmentRegistered { shipment, .. } => sent_at(*shipment, fact, view, zone),
        _ => None,
    };
    let happened = since
        .and_then(|since| hours::latest(since, zone))
        .or(sent)
        .map_or(fact.at, |at| at.min(fact.at));
    if occasion.moment == Moment::OutForDelivery {
        // A wall clock without an offset hangs where the recipient lives.
        let day = match since {
            Some(since) if since.instant().is_none() => since.date(),
            _ => zone.to_datetime(happened).date(),
        };
        return hours::end_of(day, zone).unwrap_or(happened);
    }
    plus(happened, of(occasion.moment))
}

/// Orders that are learned of long after they were placed are imported: what the
/// shop did with them at once was done then.
const WITH_ITS_IMPORT: SignedDuration = SignedDuration::from_hours(1);

/// When the shop moved an order to a stage.
pub(super) fn of_stage(fact: &Fact, view: &View<'_>) -> Timestamp {
    let order = view.order;
    if fact.at.duration_since(order.created_at) <= WITH_ITS_IMPORT {
        order.placed_at.min(fact.at)
    } else {
        fact.at
    }
}

/// When a shipment was sent: on the day that the shop says, or with its order, if
/// both were learned of together. None if it is told of as it is sent.
fn sent_at(
    shipment: ShipmentNumber,
    fact: &Fact,
    view: &View<'_>,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let mut shipments = view.shipments.iter();
    let shipment = shipments.find(|known| known.shipment == shipment)?;
    if let Some(day) = shipment.hints.shipped_on {
        return hours::end_of(day, zone);
    }
    let order = view.order;
    let is_imported = shipment.registered_at.duration_since(order.created_at) <= WITH_ITS_IMPORT;
    (is_imported && fact.item_version <= 1).then_some(order.placed_at)
}

pub(super) fn last_arrival(view: &View<'_>, zone: &TimeZone) -> Option<Timestamp> {
    view.shipments
        .iter()
        .filter(|shipment| shipment.status() == ShipmentStatus::Delivered)
        .filter_map(|shipment| hours::latest(shipment.since?, zone))
        .max()
}

/// How long a message is of use; "out for delivery" ends with its day.
pub(super) const fn of(moment: Moment) -> SignedDuration {
    let hours = match moment {
        Moment::EtaRevised => 12,
        Moment::OutForDelivery
        | Moment::Appointment
        | Moment::Processing
        | Moment::PaymentConfirmed
        | Moment::InWarehouse
        | Moment::BackOnTheWay
        | Moment::Delayed
        | Moment::EtaMissed => 24,
        Moment::OrderReceived | Moment::InTransit | Moment::Forwarded | Moment::AttemptFailed => {
            2 * 24
        }
        Moment::Shipped
        | Moment::PartiallyShipped
        | Moment::TrackingNumberChanged
        | Moment::CustomsInfoRequired
        | Moment::AvailableForPickup
        | Moment::Exception
        | Moment::ParcelDelivered
        | Moment::Delivered
        | Moment::Returning => 3 * 24,
        Moment::ReviewRequest | Moment::Returned | Moment::Cancelled => 7 * 24,
    };
    SignedDuration::from_hours(hours)
}

pub(super) fn plus(at: Timestamp, duration: SignedDuration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}
