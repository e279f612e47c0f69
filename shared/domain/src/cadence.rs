//! How often a carrier is asked about a shipment.

use crate::{
    codes,
    condition::ShipmentCondition,
    journey::PollState,
    shipment::Shipment,
    status::{Reason, ShipmentStatus},
    subscription,
};
use jiff::{SignedDuration, Timestamp};

/// The carrier whose shipments cannot be polled.
pub const MANUAL: &str = "manual";

/// The carrier that walks a scenario: free to ask, and watched by a developer who waits.
pub const SANDBOX: &str = "sandbox";

/// How long after its end a shipment is still looked at: once more then, and out.
pub const LAST_LOOKS: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The look on the day after the end, for what is corrected at once: of a
/// daily slot exactly one falls into these hours.
const NEXT_DAY: std::ops::Range<SignedDuration> =
    SignedDuration::from_hours(12)..SignedDuration::from_hours(36);

codes! {
    /// The period at which a shipment is asked after. A shipment has a fixed slot
    /// (a minute) within the period, so load is even by construction and an
    /// unchanged poll has nothing to write.
    pub enum Cadence: "cadence" {
        /// Each minute: the sandbox carrier.
        Minute = "1m",
        /// Out for delivery.
        QuarterHour = "15m",
        /// Something is wrong, or expected soon.
        Hour = "1h",
        /// In transit.
        ThreeHours = "3h",
        /// Announced, not yet with the carrier.
        EightHours = "8h",
        /// A last look after the end.
        Day = "1d",
    }
}

impl Cadence {
    /// Length of the period in minutes; also the number of its slots.
    pub const fn to_minutes(self) -> u32 {
        match self {
            Self::Minute => 1,
            Self::QuarterHour => 15,
            Self::Hour => 60,
            Self::ThreeHours => 180,
            Self::EightHours => 480,
            Self::Day => 1440,
        }
    }

    /// The slot of something that hashes to `hash`.
    pub const fn slot_of(self, hash: u64) -> u32 {
        // A remainder of a u32 modulus fits a u32.
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the remainder is below 1440"
        )]
        let slot = (hash % self.to_minutes() as u64) as u32;
        slot
    }

    /// Whether a customer waits at the door, or something is wrong: asked first
    /// where a carrier does not let us ask after all.
    pub const fn is_urgent(self) -> bool {
        self.to_minutes() <= Self::Hour.to_minutes()
    }

    /// The slot that is due in the minute of `now`.
    pub fn slot_at(self, now: Timestamp) -> u32 {
        let minute = u64::try_from(now.as_second().div_euclid(60)).unwrap_or_default();
        self.slot_of(minute)
    }
}

/// How often `shipment` is polled from `now` on. None if never again, or not before it
/// has a number.
pub fn poll_cadence(shipment: &Shipment, now: Timestamp) -> Option<Cadence> {
    if shipment.is_untracked() {
        return None;
    }
    of_glance(&PollState::from(shipment), now)
}

/// The same of what an unchanged poll knows: time alone may change it, as when
/// the day comes near on which a shipment is expected.
pub fn of_glance(glance: &PollState, now: Timestamp) -> Option<Cadence> {
    if !is_asked(glance) {
        return None;
    }
    if glance.reason.to_status().is_final() {
        let is_over = now.duration_since(glance.changed_at) >= LAST_LOOKS;
        return (!is_over).then_some(Cadence::Day);
    }
    if glance.carrier.as_str() == SANDBOX {
        return Some(Cadence::Minute);
    }
    let usual = usual_cadence(glance, now);
    let is_stalled = glance
        .conditions
        .iter()
        .any(|condition| matches!(condition, ShipmentCondition::Stalled { .. }));
    let usual = if is_stalled { slow_down(usual) } else { usual };
    // A subscribed shipment need not be polled often: only to notice missing pushes.
    let is_told = subscription::is_reliable(glance.subscribed_until, now);
    Some(if is_told && usual < Cadence::EightHours {
        slow_down(usual)
    } else {
        usual
    })
}

/// Whether a shipment is not worth a question now although its slot has come:
/// after its end there is one look the next day and one after a week, and of a
/// shipment that was given up the latter alone.
pub fn is_resting(glance: &PollState, now: Timestamp) -> bool {
    let since = now.duration_since(glance.changed_at);
    let is_look =
        since >= LAST_LOOKS || (NEXT_DAY.contains(&since) && glance.reason != Reason::Silent);
    glance.reason.to_status().is_final() && !is_look
}

/// Whether such a shipment is polled.
pub fn is_asked(glance: &PollState) -> bool {
    glance.provider.is_some() || glance.carrier.as_str() != MANUAL
}

fn usual_cadence(glance: &PollState, now: Timestamp) -> Cadence {
    use ShipmentStatus as S;
    match glance.reason.to_status() {
        S::OutForDelivery => Cadence::QuarterHour,
        S::Exception if matches!(glance.reason, Reason::Lost | Reason::Disposed) => {
            Cadence::EightHours
        }
        S::Exception | S::AttemptFailed => Cadence::Hour,
        S::PickedUp | S::InTransit | S::Customs
            if glance.eta.is_some_and(|eta| eta.is_near(now)) =>
        {
            Cadence::Hour
        }
        S::PickedUp | S::InTransit | S::Customs | S::AvailableForPickup => Cadence::ThreeHours,
        S::Pending | S::InfoReceived | S::Returning => Cadence::EightHours,
        S::Returned | S::Delivered | S::Cancelled | S::Expired => Cadence::Day,
    }
}

/// A shipment that was not seen for long is worth fewer questions.
const fn slow_down(cadence: Cadence) -> Cadence {
    match cadence {
        Cadence::Minute => Cadence::QuarterHour,
        Cadence::QuarterHour => Cadence::Hour,
        Cadence::Hour => Cadence::ThreeHours,
        Cadence::ThreeHours => Cadence::EightHours,
        Cadence::EightHours | Cadence::Day => Cadence::Day,
    }
}
