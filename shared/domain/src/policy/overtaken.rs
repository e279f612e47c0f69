//! Whether a later state has overtaken a message. Bus and queues keep no
//! order, so each is judged against the order as it stands.

use crate::{
    notification::NotificationTrigger,
    notification_type::NotificationType,
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
        Some(shipment) => is_parcel_past(proposal, occasion, shipment, view),
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
        && match (occasion.notification_type, occasion.shipment) {
            (_, Some(number)) => view
                .shipments
                .iter()
                .any(|shipment| shipment.shipment == number && is_new(shipment)),
            (NotificationType::Shipped, None) => {
                coverage::registered_at(&occasion.repeat, view).any(is_new)
            }
            _ => false,
        }
}

/// Once the order is over, only what belongs to its end is told.
const fn is_silenced(moment: NotificationType, stage: OrderStage) -> bool {
    match stage {
        OrderStage::Delivered => !matches!(
            moment,
            NotificationType::Delivered
                | NotificationType::ReviewRequest
                | NotificationType::Returning
                | NotificationType::Returned
        ),
        OrderStage::Cancelled => !matches!(
            moment,
            NotificationType::Cancelled | NotificationType::Returned
        ),
        OrderStage::Returning | OrderStage::Returned => !matches!(
            moment,
            NotificationType::Returning | NotificationType::Returned
        ),
        _ => false,
    }
}

/// Whether the order has left the stage that a message about the order tells.
fn is_stage_left(
    proposal: &ProposedNotification,
    stage: OrderStage,
    view: &OrderContext<'_>,
) -> bool {
    match proposal.trigger.notification_type {
        NotificationType::OrderReceived | NotificationType::PaymentConfirmed => {
            stage.progress_level() >= OrderStage::InTransit.progress_level()
        }
        NotificationType::Processing => {
            stage.progress_level() > OrderStage::PaymentConfirmed.progress_level()
        }
        NotificationType::InWarehouse => {
            stage.progress_level() > OrderStage::InWarehouse.progress_level()
        }
        NotificationType::PartiallyShipped => stage != OrderStage::PartiallyShipped,
        NotificationType::Delivered => stage != OrderStage::Delivered,
        NotificationType::ReviewRequest => {
            stage != OrderStage::Delivered || view.settings.review_url.is_none()
        }
        NotificationType::Returning => stage != OrderStage::Returning,
        NotificationType::Returned => stage != OrderStage::Returned,
        NotificationType::Cancelled => stage != OrderStage::Cancelled,
        NotificationType::Shipped => {
            let shipments = coverage::registered_at(&proposal.trigger.repeat, view);
            shipments
                .filter(|shipment| !is_parcel_past(proposal, &proposal.trigger, shipment, view))
                .count()
                == 0
        }
        NotificationType::TrackingNumberChanged
        | NotificationType::InTransit
        | NotificationType::BackOnTheWay
        | NotificationType::Forwarded
        | NotificationType::CustomsInfoRequired
        | NotificationType::OutForDelivery
        | NotificationType::Appointment
        | NotificationType::AvailableForPickup
        | NotificationType::AttemptFailed
        | NotificationType::Exception
        | NotificationType::Delayed
        | NotificationType::EtaRevised
        | NotificationType::ParcelDelivered => true,
        NotificationType::EtaMissed => lateness::is_past(&proposal.trigger, view),
    }
}

/// Whether the parcel has passed what a message about it tells.
fn is_parcel_past(
    proposal: &ProposedNotification,
    occasion: &NotificationTrigger,
    shipment: &Shipment,
    view: &OrderContext<'_>,
) -> bool {
    use ShipmentStatus as S;
    let status = shipment.current_status();
    let is_on_the_road = coverage::is_on_the_road(status);
    let is_coming = is_on_the_road || matches!(status, S::Pending | S::InfoReceived);
    match occasion.notification_type {
        NotificationType::Shipped => {
            let is_corrected = !shipment.former_numbers.is_empty()
                && view
                    .settings
                    .channels_for(NotificationType::TrackingNumberChanged)
                    .contains(&proposal.channel);
            let is_numbered = occasion.repeat == triggers::UNTRACKED && !shipment.is_untracked();
            is_corrected || is_numbered || !(is_coming || status == S::Exception)
        }
        NotificationType::TrackingNumberChanged => {
            let number = shipment.tracking_number.as_ref();
            number.is_none_or(|number| number.as_str() != occasion.repeat) || status.is_final()
        }
        NotificationType::InTransit => !is_on_the_road || shipment.reason.is_told_to_customer(),
        NotificationType::BackOnTheWay | NotificationType::Forwarded => !is_on_the_road,
        NotificationType::CustomsInfoRequired => shipment.reason != Reason::CustomsInfoRequired,
        NotificationType::OutForDelivery => !is_on_the_vehicle(shipment, &occasion.repeat),
        NotificationType::Appointment => shipment.reason != Reason::Appointment,
        NotificationType::AvailableForPickup => status != S::AvailableForPickup,
        NotificationType::AttemptFailed => {
            let day = shipment
                .status_since
                .map(|since| since.local_date().to_string());
            status != S::AttemptFailed || day.is_some_and(|day| day != occasion.repeat)
        }
        NotificationType::Exception => shipment.reason.as_str() != occasion.repeat,
        NotificationType::Delayed => shipment.delay_reason().is_none_or(|reason| {
            triggers::delay_key(reason.as_str(), shipment.eta.as_ref()) != occasion.repeat
        }),
        NotificationType::EtaRevised => {
            let eta = shipment.eta.as_ref().map(triggers::eta_key);
            let is_awaited = is_coming || shipment.reason == Reason::Appointment;
            !is_awaited
                || eta.as_ref() != Some(&occasion.repeat)
                || shipment.delay_reason().is_some()
        }
        NotificationType::EtaMissed => {
            let missed = shipment.missed_eta().as_ref().map(triggers::eta_key);
            missed.as_ref() != Some(&occasion.repeat) && lateness::is_past(occasion, view)
        }
        NotificationType::ParcelDelivered => status != S::Delivered,
        NotificationType::Returning => status != S::Returning,
        NotificationType::Returned => status != S::Returned,
        // These are about an order; a parcel has none of them.
        NotificationType::OrderReceived
        | NotificationType::Processing
        | NotificationType::PaymentConfirmed
        | NotificationType::InWarehouse
        | NotificationType::PartiallyShipped
        | NotificationType::Delivered
        | NotificationType::ReviewRequest
        | NotificationType::Cancelled => true,
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
