//! For how long a message is of use.

use crate::{
    fact::{Event, Fact},
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
    let happened = since
        .and_then(|since| hours::latest(since, zone))
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
