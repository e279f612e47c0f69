//! That a shipment has arrived, where no stage of its order says so.

use crate::{
    fact::{Fact, FactEvent},
    moment::NotificationType,
    notification::NotificationTrigger,
    rollup,
    status::ShipmentStatus,
};

use super::{OrderContext, occasions};

/// Whether a parcel's arrival is told by itself: where the shop wants that of
/// each of several, and where nothing else is on its way that would end in a
/// message about the order.
pub(super) fn is_told_alone(view: &OrderContext<'_>) -> bool {
    let is_wanted = view
        .settings
        .notification_types
        .contains_key(&NotificationType::ParcelDelivered);
    (is_wanted && view.shipments.len() > 1)
        || rollup::is_rest_unsent(view.order, view.shipments)
        || rollup::is_over_in_part(view.shipments)
}

/// That the shipment which came last has arrived, to be told when the last of the
/// others ends in a way of which the customer hears nothing, because nothing is told of
/// such an end or because the shop has switched that off. What is told of an end has a
/// row for each shipment, and need not be followed by that.
pub(super) fn arrived_before(fact: &Fact, view: &OrderContext<'_>) -> Option<NotificationTrigger> {
    let FactEvent::ShipmentStatusChanged { reason, .. } = &fact.event else {
        return None;
    };
    if reason.to_status() == ShipmentStatus::Delivered || !rollup::is_over_in_part(view.shipments) {
        return None;
    }
    let arrived = view.shipments.iter().filter(|shipment| {
        shipment.current_status() == ShipmentStatus::Delivered && !shipment.is_return
    });
    let last = arrived.max_by_key(|shipment| shipment.changed_at)?;
    Some(occasions::one_time_trigger(
        NotificationType::ParcelDelivered,
        last.shipment,
    ))
}

/// Whether `end` would be told on no channel, where something else has arrived before.
pub(super) fn is_silent_end(
    end: &NotificationTrigger,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> bool {
    view.settings.channels_for(end.notification_type).is_empty()
        && arrived_before(fact, view).is_some()
}
