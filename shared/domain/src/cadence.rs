//! How often a carrier is asked about a parcel.

use crate::codes;
use jiff::Timestamp;

codes! {
    /// The period at which a parcel is asked after. A parcel has a fixed slot
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
    pub const fn minutes(self) -> u32 {
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
        let slot = (hash % self.minutes() as u64) as u32;
        slot
    }

    /// The slot that is due in the minute of `now`.
    pub fn slot_at(self, now: Timestamp) -> u32 {
        let minute = u64::try_from(now.as_second().div_euclid(60)).unwrap_or_default();
        self.slot_of(minute)
    }
}
