//! Whether a later state has overtaken a message. Bus and queues keep no
//! order, so each is judged against the order as it stands.

use crate::{
    moment::Moment,
    notice::Occasion,
    rollup,
    scan::Meaning,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};

use super::{Proposal, View, coverage, occasions, unasked};

/// Whether `proposal` tells what is no longer so.
pub(super) fn is_overtaken(proposal: &Proposal, view: &View<'_>) -> bool {
    let occasion = &proposal.occasion;
    let stage = stage(view);
    if is_silenced(occasion.moment, stage) && !is_about_what_came_since(occasion, stage, view) {
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
fn stage(view: &View<'_>) -> OrderStage {
    rollup::roll_up(view.order, view.shipments).unwrap_or(view.order.stage)
}

/// Whether a message is about shipments that came after the order had ended: its
/// end is not theirs. What was cancelled stays so.
fn is_about_what_came_since(occasion: &Occasion, stage: OrderStage, view: &View<'_>) -> bool {
    let ended = view.order.stage_since();
    let is_new = |shipment: &Shipment| shipment.registered_at > ended;
    stage == view.order.stage
        && stage != OrderStage::Cancelled
        && match (occasion.moment, occasion.shipment) {
            (_, Some(number)) => view
                .shipments
                .iter()
                .any(|shipment| shipment.shipment == number && is_new(shipment)),
            (Moment::Shipped, None) => coverage::registered_at(&occasion.repeat, view).any(is_new),
            _ => false,
        }
}

/// Once the order is over, only what belongs to its end is told.
const fn is_silenced(moment: Moment, stage: OrderStage) -> bool {
    match stage {
        OrderStage::Delivered => !matches!(
            moment,
            Moment::Delivered | Moment::ReviewRequest | Moment::Returning | Moment::Returned
        ),
        OrderStage::Cancelled => !matches!(moment, Moment::Cancelled | Moment::Returned),
        OrderStage::Returning | OrderStage::Returned => {
            !matches!(moment, Moment::Returning | Moment::Returned)
        }
        _ => false,
    }
}

/// Whether the order has left the stage that a message about the order tells.
fn is_stage_left(proposal: &Proposal, stage: OrderStage, view: &View<'_>) -> bool {
    match proposal.occasion.moment {
        Moment::OrderReceived | Moment::PaymentConfirmed => {
            stage.level() >= OrderStage::InTransit.level()
        }
        Moment::Processing => stage.level() > OrderStage::PaymentConfirmed.level(),
        Moment::InWarehouse => stage.level() > OrderStage::InWarehouse.level(),
        Moment::PartiallyShipped => stage != OrderStage::PartiallyShipped,
        Moment::Delivered => stage != OrderStage::Delivered,
        Moment::ReviewRequest => {
            stage != OrderStage::Delivered || view.settings.review_url.is_none()
        }
        Moment::Returning => stage != OrderStage::Returning,
        Moment::Returned => stage != OrderStage::Returned,
        Moment::Cancelled => stage != OrderStage::Cancelled,
        Moment::Shipped => {
            let shipments = coverage::registered_at(&proposal.occasion.repeat, view);
            shipments
                .filter(|shipment| !is_parcel_past(proposal, &proposal.occasion, shipment, view))
                .count()
                == 0
        }
        Moment::TrackingNumberChanged
        | Moment::InTransit
        | Moment::BackOnTheWay
        | Moment::Forwarded
        | Moment::CustomsInfoRequired
        | Moment::OutForDelivery
        | Moment::Appointment
        | Moment::AvailableForPickup
        | Moment::AttemptFailed
        | Moment::Exception
        | Moment::Delayed
        | Moment::EtaRevised
        | Moment::ParcelDelivered => true,
        Moment::EtaMissed => unasked::is_past(&proposal.occasion, view),
    }
}

/// Whether the parcel has passed what a message about it tells.
fn is_parcel_past(
    proposal: &Proposal,
    occasion: &Occasion,
    shipment: &Shipment,
    view: &View<'_>,
) -> bool {
    use ShipmentStatus as S;
    let status = shipment.status();
    let is_on_the_road = coverage::is_on_the_road(status);
    let is_coming = is_on_the_road || matches!(status, S::Pending | S::InfoReceived);
    match occasion.moment {
        Moment::Shipped => {
            let is_corrected = !shipment.former_numbers.is_empty()
                && view
                    .settings
                    .channels(Moment::TrackingNumberChanged)
                    .contains(&proposal.channel);
            let is_numbered = occasion.repeat == occasions::UNTRACKED && !shipment.is_untracked();
            is_corrected || is_numbered || !(is_coming || status == S::Exception)
        }
        Moment::TrackingNumberChanged => {
            let number = shipment.tracking_number.as_ref();
            number.is_none_or(|number| number.as_str() != occasion.repeat) || status.is_final()
        }
        Moment::InTransit => !is_on_the_road || shipment.reason.is_told_to_customer(),
        Moment::BackOnTheWay | Moment::Forwarded => !is_on_the_road,
        Moment::CustomsInfoRequired => shipment.reason != Reason::CustomsInfoRequired,
        Moment::OutForDelivery => !is_on_the_vehicle(shipment, &occasion.repeat),
        Moment::Appointment => shipment.reason != Reason::Appointment,
        Moment::AvailableForPickup => status != S::AvailableForPickup,
        Moment::AttemptFailed => {
            let day = shipment.since.map(|since| since.date().to_string());
            status != S::AttemptFailed || day.is_some_and(|day| day != occasion.repeat)
        }
        Moment::Exception => shipment.reason.as_str() != occasion.repeat,
        Moment::Delayed => shipment.delay().is_none_or(|reason| {
            occasions::delay_key(reason.as_str(), shipment.eta.as_ref()) != occasion.repeat
        }),
        Moment::EtaRevised => {
            let eta = shipment.eta.as_ref().map(occasions::eta_key);
            let is_awaited = is_coming || shipment.reason == Reason::Appointment;
            !is_awaited || eta.as_ref() != Some(&occasion.repeat) || shipment.delay().is_some()
        }
        Moment::EtaMissed => {
            let missed = shipment.missed_eta().as_ref().map(occasions::eta_key);
            missed.as_ref() != Some(&occasion.repeat) && unasked::is_past(occasion, view)
        }
        Moment::ParcelDelivered => status != S::Delivered,
        Moment::Returning => status != S::Returning,
        Moment::Returned => status != S::Returned,
        // These are about an order; a parcel has none of them.
        Moment::OrderReceived
        | Moment::Processing
        | Moment::PaymentConfirmed
        | Moment::InWarehouse
        | Moment::PartiallyShipped
        | Moment::Delivered
        | Moment::ReviewRequest
        | Moment::Cancelled => true,
    }
}

/// Whether it is on the vehicle on `day` and no other day was agreed on since. That
/// the recipient was contacted on that day takes nothing back.
fn is_on_the_vehicle(shipment: &Shipment, day: &str) -> bool {
    let is_of_the_day = |time: ScanTime| time.date().to_string() == day;
    match shipment.reason {
        Reason::Today => shipment.since.is_none_or(is_of_the_day),
        Reason::Contacted => shipment
            .scans
            .iter()
            .any(|scan| scan.meaning == Meaning::Status(Reason::Today) && is_of_the_day(scan.time)),
        _ => false,
    }
}
