//! How many messages one customer gets in a while.

use crate::{
    notification::Notification, notification_type::NotificationType, settings::MessageCaps,
};
use jiff::{SignedDuration, Timestamp};

use super::ProposedNotification;

/// From when on the cap lets `proposal` through; none if at once.
///
/// Two buckets per address: what the shop tells before it hands the order over,
/// and what happens in delivery. What is urgent passes, but fills its bucket.
pub(super) fn free_at(
    proposal: &ProposedNotification,
    ledger: &[Notification],
    caps: MessageCaps,
    now: Timestamp,
) -> Option<Timestamp> {
    if is_urgent(proposal.trigger.notification_type) {
        return None;
    }
    let is_early = is_before_handover(proposal.trigger.notification_type);
    let (most, window) = if is_early {
        (
            caps.before_handover_per_minute,
            SignedDuration::from_mins(1),
        )
    } else {
        (caps.in_delivery_per_hour, SignedDuration::from_hours(1))
    };
    let mut told: Vec<Timestamp> = ledger
        .iter()
        .filter(|notification| {
            notification.id != proposal.id && notification.channel == proposal.channel
        })
        .filter(|notification| {
            is_before_handover(notification.trigger.notification_type) == is_early
        })
        .filter_map(Notification::told_at)
        .filter(|at| now.duration_since(*at) < window)
        .collect();
    told.sort_unstable();
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let nth = told.len().checked_sub(most)?;
    // With a cap of none at all, nothing ever gets free.
    match told.get(nth) {
        Some(at) => Some(at.checked_add(window).unwrap_or(Timestamp::MAX)),
        None => Some(Timestamp::MAX),
    }
}

/// What loses its use by waiting, asks the customer to act, or is the one
/// message that must not be missing.
pub const fn is_urgent(moment: NotificationType) -> bool {
    matches!(
        moment,
        NotificationType::OutForDelivery
            | NotificationType::AvailableForPickup
            | NotificationType::AttemptFailed
            | NotificationType::CustomsInfoRequired
            | NotificationType::Exception
            | NotificationType::Delayed
            | NotificationType::TrackingNumberChanged
            | NotificationType::Delivered
            | NotificationType::Cancelled
    )
}

const fn is_before_handover(moment: NotificationType) -> bool {
    matches!(
        moment,
        NotificationType::OrderReceived
            | NotificationType::Processing
            | NotificationType::PaymentConfirmed
            | NotificationType::InWarehouse
            | NotificationType::Cancelled
    )
}
