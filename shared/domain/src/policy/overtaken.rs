//! Whether a later state has overtaken a message. Bus and queues keep no
//! order, so each is judged against the order as it stands.

use crate::{
    notification::NotificationTrigger,
    notification_type::{Coverage, NotificationType, OrderValidity, ShipmentValidity},
    rollup,
    scan::ScanMeaning,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};

use super::{OrderContext, ProposedNotification, coverage, lateness, triggers};

/// Whether `proposal` tells what is no longer so.
pub(super) fn is_overtaken(proposal: &ProposedNotification, view: &OrderContext<'_>) -> bool {
    let occasion = &proposal.trigger;
    let stage = stage_by_shipments(view);
    if is_silenced(occasion.notification_type, stage)
        && !is_about_what_came_since(occasion, stage, view)
    {
        return true;
    }
    let Some(number) = occasion.shipment else {
        return is_stage_left(proposal, stage, view);
    };
    let shipment = view
        .shipments
        .iter()
        .find(|shipment| shipment.shipment == number);
    match shipment {
        Some(shipment) => is_shipment_past(proposal, occasion, shipment, view),
        None => true,
    }
}

/// Where the order stands by its shipments, though the roll-up that follows each of
/// their changes may be a moment behind.
fn stage_by_shipments(view: &OrderContext<'_>) -> OrderStage {
    rollup::roll_up(view.order, view.shipments).unwrap_or(view.order.stage)
}

/// Whether a message is about shipments that came after the order had ended: its
/// end is not theirs. What was cancelled stays so.
fn is_about_what_came_since(
    occasion: &NotificationTrigger,
    stage: OrderStage,
    view: &OrderContext<'_>,
) -> bool {
    let ended = view.order.stage_since();
    let is_new = |shipment: &Shipment| shipment.registered_at > ended;
    stage == view.order.stage
        && stage != OrderStage::Cancelled
        && match (
            occasion.notification_type.table_row().coverage,
            occasion.shipment,
        ) {
            (_, Some(number)) => view
                .shipments
                .iter()
                .any(|shipment| shipment.shipment == number && is_new(shipment)),
            (Coverage::SameWrite, None) => {
                coverage::registered_at(&occasion.repeat, view).any(is_new)
            }
            _ => false,
        }
}

/// Whether the order is over, and this is not among what is sent after such an end.
fn is_silenced(moment: NotificationType, stage: OrderStage) -> bool {
    let is_end = stage.is_final() || stage == OrderStage::Returning;
    is_end && !moment.table_row().outlives.contains(&stage)
}

/// Whether the order has left the stage that a message about the order tells.
fn is_stage_left(
    proposal: &ProposedNotification,
    stage: OrderStage,
    view: &OrderContext<'_>,
) -> bool {
    match proposal
        .trigger
        .notification_type
        .table_row()
        .order_validity
    {
        OrderValidity::Before(end) => stage.progress_level() >= end.progress_level(),
        OrderValidity::UpTo(last) => stage.progress_level() > last.progress_level(),
        OrderValidity::At(present) => stage != present,
        OrderValidity::Reviewable(present) => {
            stage != present || view.settings.review_url.is_none()
        }
        OrderValidity::AnyShipment => {
            let mut shipments = coverage::registered_at(&proposal.trigger.repeat, view);
            shipments.all(|shipment| is_shipment_past(proposal, &proposal.trigger, shipment, view))
        }
        OrderValidity::Overdue => lateness::is_past(&proposal.trigger, view),
        OrderValidity::Never => true,
    }
}

/// Whether the shipment has passed what a message about it tells.
fn is_shipment_past(
    proposal: &ProposedNotification,
    occasion: &NotificationTrigger,
    shipment: &Shipment,
    view: &OrderContext<'_>,
) -> bool {
    use ShipmentStatus as S;
    let status = shipment.current_status();
    let is_on_the_road = coverage::is_on_the_road(status);
    let is_coming = is_on_the_road || matches!(status, S::Pending | S::InfoReceived);
    match occasion.notification_type.table_row().shipment_validity {
        ShipmentValidity::NotYetArriving => {
            let is_corrected = !shipment.former_numbers.is_empty()
                && view
                    .settings
                    .channels_for(NotificationType::TrackingNumberChanged)
                    .contains(&proposal.channel);
            let is_numbered = occasion.repeat == triggers::UNTRACKED && !shipment.is_untracked();
            is_corrected || is_numbered || !(is_coming || status == S::Exception)
        }
        ShipmentValidity::SameNumber => {
            let number = shipment.tracking_number.as_ref();
            number.is_none_or(|number| number.as_str() != occasion.repeat) || status.is_final()
        }
        ShipmentValidity::OnTheRoadUntroubled => {
            !is_on_the_road || shipment.reason.is_told_to_customer()
        }
        ShipmentValidity::OnTheRoad => !is_on_the_road,
        ShipmentValidity::Reason(reason) => shipment.reason != reason,
        ShipmentValidity::OnTheVehicle => !is_on_the_vehicle(shipment, &occasion.repeat),
        ShipmentValidity::Status(present) => status != present,
        ShipmentValidity::StatusOfDay(present) => {
            let day = shipment
                .status_since
                .map(|since| since.local_date().to_string());
            status != present || day.is_some_and(|day| day != occasion.repeat)
        }
        ShipmentValidity::SameReason => shipment.reason.as_str() != occasion.repeat,
        ShipmentValidity::SameDelay => shipment.delay_reason().is_none_or(|reason| {
            triggers::delay_key(reason.as_str(), shipment.eta.as_ref()) != occasion.repeat
        }),
        ShipmentValidity::SameEta => {
            let eta = shipment.eta.as_ref().map(triggers::eta_key);
            let is_awaited = is_coming || shipment.reason == Reason::Appointment;
            !is_awaited
                || eta.as_ref() != Some(&occasion.repeat)
                || shipment.delay_reason().is_some()
        }
        ShipmentValidity::Overdue => {
            let missed = shipment.missed_eta().as_ref().map(triggers::eta_key);
            missed.as_ref() != Some(&occasion.repeat) && lateness::is_past(occasion, view)
        }
        ShipmentValidity::Never => true,
    }
}

/// Whether it is on the vehicle on `day` and no other day was agreed on since. That
/// the recipient was contacted on that day takes nothing back.
fn is_on_the_vehicle(shipment: &Shipment, day: &str) -> bool {
    let is_of_the_day = |time: ScanTime| time.local_date().to_string() == day;
    match shipment.reason {
        Reason::Today => shipment.status_since.is_none_or(is_of_the_day),
        Reason::Contacted => shipment.scans.iter().any(|scan| {
            scan.meaning == ScanMeaning::Status(Reason::Today) && is_of_the_day(scan.time)
        }),
        _ => false,
    }
}
