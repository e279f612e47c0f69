//! What time alone brings: silence, a missed day, an end.

use crate::{
    cadence::{self, LAST_LOOKS},
    condition::ShipmentCondition,
    eta::Eta,
    id::CarrierId,
    status::ShipmentStatus,
};
use jiff::{SignedDuration, Timestamp};

use super::{ElapsedEffect, PollState};

/// Carriers whose shipments may be under way for weeks without a scan.
const POSTS: &[&str] = &[
    "australia_post",
    "canada_post",
    "china_post",
    "correos",
    "japan_post",
    "laposte",
    "postnl",
    "royal_mail",
    "russian_post",
    "singapore_post",
    "swiss_post",
    "usps",
];

/// However much is told of it, no shipment is waited for longer than this.
const LONGEST_JOURNEY: SignedDuration = from_days(90);

/// Within so short a time after news a shipment is not given up, however old it is.
const STILL_ALIVE: SignedDuration = from_days(7);

const fn from_days(days: i64) -> SignedDuration {
    SignedDuration::from_hours(days * 24)
}

/// What is newly due, the weightiest first.
pub(super) fn elapsed_effect(glance: &PollState, now: Timestamp) -> Option<ElapsedEffect> {
    if !cadence::is_asked(glance) {
        return None;
    }
    if glance.reason.to_status().is_final() {
        let is_over = now.duration_since(glance.changed_at) >= LAST_LOOKS;
        return is_over.then_some(ElapsedEffect::Finished);
    }
    if is_given_up(glance, now) {
        return Some(ElapsedEffect::Expired);
    }
    if let Some(eta) = missed_eta(glance, now) {
        return Some(ElapsedEffect::EtaMissed(eta));
    }
    is_stalled(glance, now).then_some(ElapsedEffect::Stalled)
}

fn is_given_up(glance: &PollState, now: Timestamp) -> bool {
    let silence = now.duration_since(glance.changed_at);
    let patience = if is_post(&glance.carrier) {
        from_days(60)
    } else {
        from_days(30)
    };
    let age = now.duration_since(glance.registered_at);
    silence >= patience || (age >= LONGEST_JOURNEY && silence >= STILL_ALIVE)
}

/// The ETA that has been missed and of which nothing was said yet.
fn missed_eta(glance: &PollState, now: Timestamp) -> Option<Eta> {
    let eta = glance.eta.filter(|eta| eta.is_past(now))?;
    let is_said = glance
        .conditions
        .iter()
        .any(|condition| matches!(condition, ShipmentCondition::EtaMissed { .. }));
    (!is_said && can_miss(glance.reason.to_status()) && !glance.is_return).then_some(eta)
}

/// Whether a shipment of this status is still awaited: at a pick-up point it has
/// come, and of a problem the customer was told already.
pub(super) const fn can_miss(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::Pending
            | ShipmentStatus::InfoReceived
            | ShipmentStatus::PickedUp
            | ShipmentStatus::InTransit
            | ShipmentStatus::Customs
            | ShipmentStatus::OutForDelivery
    )
}

fn is_stalled(glance: &PollState, now: Timestamp) -> bool {
    let is_said = glance
        .conditions
        .iter()
        .any(|condition| matches!(condition, ShipmentCondition::Stalled { .. }));
    let silence = now.duration_since(glance.changed_at);
    !is_said && silence >= usual_silence(glance.reason.to_status(), &glance.carrier)
}

/// How long a shipment of this status may go unseen before the shop should look.
fn usual_silence(status: ShipmentStatus, carrier: &CarrierId) -> SignedDuration {
    use ShipmentStatus as S;
    let is_post = is_post(carrier);
    match status {
        S::OutForDelivery => from_days(1),
        S::AttemptFailed | S::Exception => from_days(3),
        S::Pending | S::InfoReceived | S::PickedUp | S::InTransit if !is_post => from_days(4),
        S::Pending | S::InfoReceived => from_days(7),
        S::AvailableForPickup | S::Customs if !is_post => from_days(6),
        S::PickedUp | S::InTransit | S::Customs | S::AvailableForPickup => from_days(12),
        S::Returning => from_days(14),
        S::Returned | S::Delivered | S::Cancelled | S::Expired => SignedDuration::MAX,
    }
}

fn is_post(carrier: &CarrierId) -> bool {
    POSTS.contains(&carrier.as_str())
}
