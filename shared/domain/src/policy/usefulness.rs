//! For how long a message is of use.

use crate::{
    fact::{Fact, FactEvent},
    id::ShipmentIndex,
    notification::NotificationTrigger,
    notification_type::NotificationType,
    status::ShipmentStatus,
    time::ScanTime,
};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

use super::{OrderContext, quiet_hours, triggers};

/// When the change happened, as far as it is known: after an outage it is learned of
/// long after.
pub(super) fn happened_at(
    occasion: &NotificationTrigger,
    fact: &Fact,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Timestamp {
    let sent = match &fact.event {
        FactEvent::ShipmentRegistered { shipment, .. } => sent_at(*shipment, fact, view, zone),
        _ => None,
    };
    status_since(occasion, fact, view)
        .and_then(|since| quiet_hours::latest_instant(since, zone))
        .or(sent)
        .map_or(fact.at, |at| at.min(fact.at))
}

/// Until when a notification about a shipment is useful, counted from when the change
/// happened: an outage makes no old news new.
pub(super) fn of_shipment(
    occasion: &NotificationTrigger,
    happened: Timestamp,
    fact: &Fact,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Timestamp {
    if occasion.notification_type == NotificationType::OutForDelivery {
        // A wall clock without an offset hangs where the recipient lives.
        let day = match status_since(occasion, fact, view) {
            Some(since) if since.to_instant().is_none() => since.local_date(),
            _ => zone.to_datetime(happened).date(),
        };
        return quiet_hours::end_of(day, zone).unwrap_or(happened);
    }
    add_duration(
        happened,
        occasion.notification_type.table_row().useful_for(),
    )
}

/// Since when the shipment has the status that the fact reports.
fn status_since(
    occasion: &NotificationTrigger,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Option<ScanTime> {
    match (&fact.event, occasion.shipment) {
        (FactEvent::ShipmentStatusChanged { status, .. }, Some(number)) => {
            triggers::shipment_with_status(number, view, *status)?.status_since
        }
        _ => None,
    }
}

/// Orders that are learned of long after they were placed are imported: what the
/// shop did with them at once was done then.
const WITH_ITS_IMPORT: SignedDuration = SignedDuration::from_hours(1);

/// When the shop moved an order to a stage.
pub(super) fn of_stage(fact: &Fact, view: &OrderContext<'_>) -> Timestamp {
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
    shipment: ShipmentIndex,
    fact: &Fact,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Option<Timestamp> {
    let mut shipments = view.shipments.iter();
    let shipment = shipments.find(|known| known.shipment == shipment)?;
    if let Some(day) = shipment.query_details.shipped_on {
        return quiet_hours::end_of(day, zone);
    }
    let order = view.order;
    let is_imported = shipment.registered_at.duration_since(order.created_at) <= WITH_ITS_IMPORT;
    (is_imported && fact.item_version <= 1).then_some(order.placed_at)
}

pub(super) fn last_arrival(view: &OrderContext<'_>, zone: &TimeZone) -> Option<Timestamp> {
    view.shipments
        .iter()
        .filter(|shipment| shipment.current_status() == ShipmentStatus::Delivered)
        .filter_map(|shipment| quiet_hours::latest_instant(shipment.status_since?, zone))
        .max()
}

pub(super) fn add_duration(at: Timestamp, duration: SignedDuration) -> Timestamp {
    at.checked_add(duration).unwrap_or(Timestamp::MAX)
}
