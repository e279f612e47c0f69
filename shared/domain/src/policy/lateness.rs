//! What is late though no carrier says so: only time tells. A shipment of a carrier
//! that is never asked, one whose carrier states no day, and an order that is in no
//! shipment yet have no ETA that could be missed.

use crate::{
    eta::{Eta, EtaSource},
    id::ShipmentIndex,
    notification::NotificationTrigger,
    notification_type::NotificationType,
    rollup,
    shipment::Shipment,
    status::ShipmentStatus,
};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{
    OrderContext, quiet_hours,
    triggers::{self, PlannedNotification},
    usefulness,
};

/// That it did not come, to be told on the morning after its day; none if there is
/// no such day, or if a carrier is asked and tells.
pub(super) fn plan_overdue(
    shipment: Option<ShipmentIndex>,
    at: Timestamp,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Option<PlannedNotification> {
    let eta = expected_arrival(shipment, view)?;
    let morning = eta.to.checked_add(1.day()).ok()?;
    let not_before =
        quiet_hours::to_instant(morning.to_datetime(Time::constant(10, 0, 0, 0)), zone)?;
    // An order that is imported when its day is past is no news.
    (not_before > at).then(|| PlannedNotification {
        trigger: NotificationTrigger {
            notification_type: NotificationType::EtaMissed,
            shipment,
            repeat: triggers::eta_key(&eta),
        },
        useful_until: usefulness::add_duration(
            not_before,
            NotificationType::EtaMissed.table_row().useful_for(),
        ),
        not_before: Some(not_before),
    })
}

/// Whether that is no longer so, or has another day.
pub(super) fn is_past(occasion: &NotificationTrigger, view: &OrderContext<'_>) -> bool {
    let eta = expected_arrival(occasion.shipment, view);
    eta.as_ref().map(triggers::eta_key).as_ref() != Some(&occasion.repeat)
}

/// Returns the day on which a shipment is expected that no carrier is polled for; or,
/// without a shipment, the promised day of an order of which something is awaited that
/// no other day is known of. The promise is the order's: one message says that it was
/// not kept, however many shipments there are.
fn expected_arrival(shipment: Option<ShipmentIndex>, view: &OrderContext<'_>) -> Option<Eta> {
    let Some(number) = shipment else {
        let promised = view.order.promised?;
        let mut sent = view
            .shipments
            .iter()
            .filter(|shipment| shipment.current_status() != ShipmentStatus::Cancelled)
            .peekable();
        let is_unsent = sent.peek().is_none() || !rollup::is_all_sent(view.order, view.shipments);
        let is_awaited = !view.order.stage.is_final()
            && (is_unsent && !view.order.has_unreadable_shipments
                || sent.any(|shipment| is_late_by_promise(shipment, promised)));
        return is_awaited.then(|| Eta::on_day(promised, EtaSource::Store));
    };
    let mut shipments = view.shipments.iter();
    let shipment = shipments.find(|shipment| shipment.shipment == number)?;
    shipment
        .eta
        .filter(|eta| is_awaited(shipment) && !is_asked(shipment) && !is_promised_day(eta, view))
}

/// Whether an ETA is the day that the shop had promised for the whole order.
pub(super) fn is_promised_day(eta: &Eta, view: &OrderContext<'_>) -> bool {
    eta.from == eta.to && Some(eta.to) == view.order.promised
}

/// Whether a shipment is late once the promised day is over, and no other message says
/// so: neither that of a day of its own, nor that it is delayed or on a later vehicle.
fn is_late_by_promise(shipment: &Shipment, promised: Date) -> bool {
    let has_own_day = shipment.eta.is_some_and(|eta| {
        let is_before = eta.to < promised && !is_asked(shipment);
        eta.to != promised && !is_before
    });
    let is_on_a_later_vehicle = shipment.current_status() == ShipmentStatus::OutForDelivery
        && shipment
            .status_since
            .is_some_and(|since| since.local_date() > promised);
    is_awaited(shipment)
        && !has_own_day
        && !is_on_a_later_vehicle
        && shipment.delay_reason().is_none()
}

const fn is_asked(shipment: &Shipment) -> bool {
    !shipment.is_untracked()
        && (shipment.cadence.is_some() || shipment.is_pushed || shipment.subscribed_until.is_some())
}

const fn is_awaited(shipment: &Shipment) -> bool {
    !shipment.is_return
        && matches!(
            shipment.current_status(),
            ShipmentStatus::Pending
                | ShipmentStatus::InfoReceived
                | ShipmentStatus::PickedUp
                | ShipmentStatus::InTransit
                | ShipmentStatus::Customs
                | ShipmentStatus::OutForDelivery
        )
}
