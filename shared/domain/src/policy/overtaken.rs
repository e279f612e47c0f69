//! Whether a later state has overtaken a message. Bus and queues keep no
//! order, so each is judged against the order as it stands.

use crate::{
    moment::Moment,
    notice::Occasion,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

use super::{Proposal, View, occasions};

/// Whether `proposal` tells what is no longer so.
pub(super) fn is_overtaken(proposal: &Proposal, view: &View<'_>) -> bool {
    let occasion = &proposal.occasion;
    if is_silenced(occasion.moment, view.order.stage) {
        return true;
    }
    let Some(number) = occasion.shipment else {
        return is_stage_left(proposal, view);
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
fn is_stage_left(proposal: &Proposal, view: &View<'_>) -> bool {
    let stage = view.order.stage;
    match proposal.occasion.moment {
        // Whoever has bought wants this confirmed, even if a parcel is announced
        // at the same time; but not after it was.
        Moment::OrderReceived => {
            stage.level() >= OrderStage::InTransit.level() || is_parcel_announced(proposal, view)
        }
        Moment::PaymentConfirmed => stage.level() >= OrderStage::InTransit.level(),
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
        Moment::Shipped
        | Moment::TrackingNumberChanged
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
        | Moment::EtaMissed
        | Moment::ParcelDelivered => true,
    }
}

/// Whether the customer has heard of a parcel by the same channel.
fn is_parcel_announced(proposal: &Proposal, view: &View<'_>) -> bool {
    view.ledger.iter().any(|notice| {
        notice.occasion.moment == Moment::Shipped
            && notice.channel == proposal.channel
            && notice.told_at().is_some()
    })
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
    let is_on_the_road = matches!(status, S::PickedUp | S::InTransit | S::Customs);
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
        Moment::OutForDelivery => status != S::OutForDelivery,
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
            !is_coming || eta.as_ref() != Some(&occasion.repeat) || shipment.delay().is_some()
        }
        Moment::EtaMissed => {
            let missed = shipment.missed_eta().as_ref().map(occasions::eta_key);
            missed.as_ref() != Some(&occasion.repeat)
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
