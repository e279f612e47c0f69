//! Which facts no customer is ever told of, so that they need not be looked at.

use crate::{
    fact::FactEvent,
    notification_type::{NotificationType, TriggerRule},
    stage::{OrderStage, StageSource},
    status::ShipmentStatus,
};

/// Whether [`super::propose`] proposes nothing for `event`, however a shop and
/// an order are set. The rule in infra/template.yaml lets only the rest through
/// to `dispatch`, and a test holds the two together.
pub fn is_silent(event: &FactEvent) -> bool {
    match event {
        // A label is told of with the shipment's number.
        FactEvent::ShipmentStatusChanged { status, .. } => is_silent_status(*status),
        // Shipments speak for themselves, until all have come.
        FactEvent::OrderStageChanged { stage, by, .. } => {
            matches!(by, StageSource::Shipments) && is_silent_stage(*stage)
        }
        FactEvent::ShipmentRegistered { .. }
        | FactEvent::TrackingNumberChanged { .. }
        | FactEvent::ShipmentDelayed { .. }
        | FactEvent::EtaRevised { .. }
        | FactEvent::EtaMissed { .. }
        | FactEvent::ShipmentStalled { .. } => false,
    }
}

/// Whether a shipment may come to `status` without a word.
pub const fn is_silent_status(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::Pending | ShipmentStatus::InfoReceived
    )
}

/// Whether shipments may bring an order to `stage` without a word about the order.
pub fn is_silent_stage(stage: OrderStage) -> bool {
    NotificationType::find_triggered(|trigger| *trigger == TriggerRule::Stage(stage))
        .next()
        .is_none()
}
