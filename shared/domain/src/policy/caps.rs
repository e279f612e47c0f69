//! How many messages one customer gets in a while.

use crate::{moment::Moment, notice::Notice, settings::Caps};
use jiff::{SignedDuration, Timestamp};

use super::Proposal;

/// From when on the cap lets `proposal` through; none if at once.
///
/// Two buckets per address: what the shop tells before it hands the order over,
/// and what happens in delivery. What is urgent passes, but fills its bucket.
pub(super) fn free_at(
    proposal: &Proposal,
    ledger: &[Notice],
    caps: Caps,
    now: Timestamp,
) -> Option<Timestamp> {
    if is_urgent(proposal.occasion.moment) {
        return None;
    }
    let is_early = is_before_handover(proposal.occasion.moment);
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
        .filter(|notice| notice.id != proposal.id && notice.channel == proposal.channel)
        .filter(|notice| is_before_handover(notice.occasion.moment) == is_early)
        .filter_map(Notice::told_at)
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
pub const fn is_urgent(moment: Moment) -> bool {
    matches!(
        moment,
        Moment::OutForDelivery
            | Moment::AvailableForPickup
            | Moment::AttemptFailed
            | Moment::CustomsInfoRequired
            | Moment::Exception
            | Moment::Delayed
            | Moment::TrackingNumberChanged
            | Moment::Delivered
            | Moment::Cancelled
    )
}

const fn is_before_handover(moment: Moment) -> bool {
    matches!(
        moment,
        Moment::OrderReceived
            | Moment::Processing
            | Moment::PaymentConfirmed
            | Moment::InWarehouse
            | Moment::Cancelled
    )
}
