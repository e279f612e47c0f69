//! Notifications of an arrived shipment whose order has no stage that says so.

use crate::{
    fact::{Fact, FactEvent},
    notification::NotificationTrigger,
    notification_type::NotificationType,
    rollup,
    status::ShipmentStatus,
};

use super::{OrderContext, triggers};

/// Whether a shipment's arrival is told by itself: where the shop wants that of
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

/// Plans to say that the latest arrived shipment has arrived, when the last of the others
/// ends in a way that the customer is not notified of. A notification of such an end has a
/// row for each shipment, and nothing need follow it.
pub(super) fn plan_earlier_arrival(
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Option<NotificationTrigger> {
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
    Some(triggers::one_time_trigger(
        NotificationType::ParcelDelivered,
        last.shipment,
    ))
}
