//! How many messages one customer gets in a while.

use crate::{
    notification::Notification, notification_type::CapPhase, pace::Urgency, settings::MessageCaps,
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
    let row = proposal.trigger.notification_type.table_row();
    if row.urgency == Urgency::Urgent {
        return None;
    }
    let (most, window) = match row.cap {
        CapPhase::BeforeHandover => (
            caps.before_handover_per_minute,
            SignedDuration::from_mins(1),
        ),
        CapPhase::InDelivery => (caps.in_delivery_per_hour, SignedDuration::from_hours(1)),
    };
    let mut told: Vec<Timestamp> = ledger
        .iter()
        .filter(|notification| {
            notification.id != proposal.id && notification.channel == proposal.channel
        })
        .filter(|notification| notification.trigger.notification_type.table_row().cap == row.cap)
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
