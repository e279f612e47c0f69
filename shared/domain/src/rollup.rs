//! Where an order stands, given its shipments.

use crate::{
    line_items,
    order::Order,
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::{Reason, ShipmentStatus},
};
use jiff::Timestamp;

/// The stage that follows from the shipments, or none if the order stays where it is.
///
/// It never moves back along the line. Only what the shipments themselves had
/// ended they may reopen: a delivery that the carrier takes back, a number that
/// was wrong, a shipment that follows later. What the shop has ended stays so,
/// but for goods that come back from a delivery. Where the only shipments are
/// taken back, the order stands again where the shop had left it. While a stored
/// shipment cannot be read, the order stays where it is.
pub fn roll_up(order: &Order, shipments: &[Shipment]) -> Option<OrderStage> {
    if order.has_unreadable_shipments {
        return None;
    }
    let Some(derived) = derive_stage(order, shipments) else {
        return taken_back(order, shipments);
    };
    let may_follow = match (order.stage, order.moved_by()) {
        (OrderStage::Cancelled, _) | (OrderStage::Returned, StageSource::Shop) => false,
        (OrderStage::Returning, StageSource::Shop) => derived == OrderStage::Returned,
        (OrderStage::Delivered, StageSource::Shop) => {
            matches!(derived, OrderStage::Returning | OrderStage::Returned)
        }
        (OrderStage::Delivered, StageSource::Shipments) => !is_partly_sent_back(shipments),
        (OrderStage::Returning | OrderStage::Returned, StageSource::Shipments) => true,
        (stage, _) => derived.progress_level() >= stage.progress_level(),
    };
    (may_follow && derived != order.stage).then_some(derived)
}

/// The stage at which the shop had left an order that nothing is on its way of any
/// more; None if its shipments had not moved it, or had brought something already.
fn taken_back(order: &Order, shipments: &[Shipment]) -> Option<OrderStage> {
    let is_on_its_way = matches!(
        order.stage,
        OrderStage::HandedToCarrier
            | OrderStage::PartiallyShipped
            | OrderStage::InTransit
            | OrderStage::OutForDelivery
            | OrderStage::AvailableForPickup
    );
    if shipments.is_empty() || !is_on_its_way || order.moved_by() != StageSource::Shipments {
        return None;
    }
    order.stage_by_shop()
}

/// The stage to which a change of one shipment moves the order, if it does.
///
/// Changes may be read late, when the shipment has changed again since. Then it
/// counts as it was after the change, which happened `at`, so that the history holds
/// the steps in between; and only if that leads forward, for the later changes are
/// read as well.
pub fn roll_up_change(
    order: &Order,
    shipments: &[Shipment],
    changed: &Shipment,
    at: Timestamp,
) -> Option<OrderStage> {
    let is_stale = |present: &Shipment| {
        present.version > changed.version
            && (present.current_status() != changed.current_status()
                || !present.has_same_content(changed))
    };
    let mut then = shipments.to_vec();
    let present = then
        .iter_mut()
        .find(|shipment| shipment.shipment == changed.shipment)
        .filter(|present| is_stale(present));
    let Some(present) = present else {
        return roll_up(order, shipments);
    };
    present.clone_from(changed);
    let is_later = order.stages.last().is_none_or(|last| last.at < at);
    roll_up(order, &then).filter(|stage| {
        let (then, now) = (stage.progress_level(), order.stage.progress_level());
        then > now || then == now && is_later
    })
}

/// The stage by the shipments alone; none without a shipment that counts.
fn derive_stage(order: &Order, shipments: &[Shipment]) -> Option<OrderStage> {
    use ShipmentStatus as S;
    let sent: Vec<&Shipment> = shipments
        .iter()
        .filter(|shipment| shipment.current_status() != S::Cancelled)
        .collect();
    let all = |wanted: &[S]| {
        sent.iter()
            .all(|shipment| wanted.contains(&shipment.current_status()))
    };
    let any = |wanted: &[S]| {
        sent.iter()
            .any(|shipment| wanted.contains(&shipment.current_status()))
    };
    if sent.is_empty() {
        return None;
    }
    let is_complete = line_items::are_all_sent(order, sent.iter().copied());
    Some(if is_complete && all(&[S::Returned]) {
        OrderStage::Returned
    } else if is_complete && all(&[S::Returned, S::Returning]) {
        OrderStage::Returning
    } else if is_complete && all(&[S::Delivered]) {
        OrderStage::Delivered
    } else if any(&[S::Delivered]) {
        OrderStage::PartiallyDelivered
    } else if any(&[S::AvailableForPickup]) {
        OrderStage::AvailableForPickup
    } else if any(&[S::OutForDelivery]) {
        OrderStage::OutForDelivery
    } else if any(&[S::InTransit, S::Customs, S::AttemptFailed]) {
        OrderStage::InTransit
    } else if is_complete {
        OrderStage::HandedToCarrier
    } else {
        OrderStage::PartiallyShipped
    })
}

/// Whether the shipments that were sent, and not called back, hold all that was
/// bought; so they do if either does not list what it holds.
pub fn is_all_sent(order: &Order, shipments: &[Shipment]) -> bool {
    let counts = |shipment: &&Shipment| {
        shipment.current_status() != ShipmentStatus::Cancelled
            && (!shipment.is_return || shipment.current_status().is_backward())
    };
    line_items::are_all_sent(order, shipments.iter().filter(counts))
}

/// Whether what was sent has all arrived, and something that was bought was not sent.
pub fn is_rest_unsent(order: &Order, shipments: &[Shipment]) -> bool {
    let mut sent = shipments.iter().filter(|shipment| {
        shipment.current_status() != ShipmentStatus::Cancelled && !shipment.is_return
    });
    !line_items::are_all_sent(order, sent.clone())
        && sent.all(|shipment| shipment.current_status() == ShipmentStatus::Delivered)
}

/// Whether nothing is on its way to the customer any more and some of it, but not
/// all, has arrived: the rest came back, is lost or is not heard of any more, so that
/// no stage of the order will say that something was delivered.
pub fn is_over_in_part(shipments: &[Shipment]) -> bool {
    use ShipmentStatus as S;
    let mut outbound = shipments
        .iter()
        .filter(|shipment| shipment.current_status() != S::Cancelled && !shipment.is_return);
    let is_lost = |shipment: &Shipment| {
        shipment.current_status().is_backward()
            || shipment.current_status() == S::Expired
            || matches!(shipment.reason, Reason::Lost | Reason::Disposed)
    };
    let is_delivered = |shipment: &&Shipment| shipment.current_status() == S::Delivered;
    let n_delivered = outbound.clone().filter(is_delivered).count();
    n_delivered > 0
        && n_delivered < outbound.clone().count()
        && outbound.all(|shipment| is_delivered(&shipment) || is_lost(shipment))
}

/// Whether each shipment has arrived and some, but not all, have come back or are
/// coming: the order was delivered and remains so.
fn is_partly_sent_back(shipments: &[Shipment]) -> bool {
    use ShipmentStatus as S;
    let mut statuses = shipments.iter().map(Shipment::current_status);
    let is_kept = statuses.clone().any(|status| status == S::Delivered);
    is_kept
        && statuses.all(|status| {
            matches!(
                status,
                S::Delivered | S::Returning | S::Returned | S::Cancelled
            )
        })
        && shipments
            .iter()
            .any(|shipment| matches!(shipment.current_status(), S::Returning | S::Returned))
}
