//! What is late though no carrier is asked: only time tells. A shipment of a
//! carrier that is never asked, and an order that is in no shipment yet, have
//! nothing that is polled and could miss its day.

use crate::{
    eta::{Eta, EtaSource},
    id::ShipmentNumber,
    moment::Moment,
    notice::Occasion,
    shipment::Shipment,
    status::ShipmentStatus,
};
use jiff::{Timestamp, ToSpan as _, civil::Time, tz::TimeZone};

use super::{
    View, hours,
    occasions::{self, Told},
    usefulness,
};

/// That it did not come, to be told on the morning after its day; none if there is
/// no such day, or if a carrier is asked and tells.
pub(super) fn overdue(
    shipment: Option<ShipmentNumber>,
    at: Timestamp,
    view: &View<'_>,
    zone: &TimeZone,
) -> Option<Told> {
    let eta = expected(shipment, view)?;
    let morning = eta.to.checked_add(1.day()).ok()?;
    let not_before = hours::instant(morning.to_datetime(Time::constant(10, 0, 0, 0)), zone)?;
    // An order that is imported when its day is past is no news.
    (not_before > at).then(|| Told {
        occasion: Occasion {
            moment: Moment::EtaMissed,
            shipment,
            repeat: occasions::eta_key(&eta),
        },
        useful_until: usefulness::plus(not_before, usefulness::of(Moment::EtaMissed)),
        not_before: Some(not_before),
    })
}

/// Whether that is no longer so, or has another day.
pub(super) fn is_past(occasion: &Occasion, view: &View<'_>) -> bool {
    let eta = expected(occasion.shipment, view);
    eta.as_ref().map(occasions::eta_key).as_ref() != Some(&occasion.repeat)
}

/// When a shipment that no carrier is asked about, or an order without a
/// shipment, is expected.
fn expected(shipment: Option<ShipmentNumber>, view: &View<'_>) -> Option<Eta> {
    let promised = || Some(Eta::on(view.order.promised?, EtaSource::Store));
    let Some(number) = shipment else {
        let is_in_shipment = |shipment: &Shipment| shipment.status() != ShipmentStatus::Cancelled;
        return promised().filter(|_| {
            !view.order.stage.is_final() && !view.shipments.iter().any(is_in_shipment)
        });
    };
    let mut shipments = view.shipments.iter();
    let shipment = shipments.find(|shipment| shipment.shipment == number)?;
    shipment
        .eta
        .or_else(promised)
        .filter(|_| is_awaited(shipment) && !is_asked(shipment))
}

const fn is_asked(shipment: &Shipment) -> bool {
    !shipment.is_untracked()
        && (shipment.cadence.is_some() || shipment.is_pushed || shipment.subscribed_until.is_some())
}

const fn is_awaited(shipment: &Shipment) -> bool {
    !shipment.is_return
        && matches!(
            shipment.status(),
            ShipmentStatus::Pending
                | ShipmentStatus::InfoReceived
                | ShipmentStatus::PickedUp
                | ShipmentStatus::InTransit
                | ShipmentStatus::Customs
                | ShipmentStatus::OutForDelivery
        )
}
