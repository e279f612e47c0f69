//! When a shipment is expected, no more precise than it was promised.

use crate::{codes, source::SourceKind};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::Offset,
};
use serde::{Deserialize, Serialize};

codes! {
    /// Who says so.
    pub enum EtaSource: "source of an ETA" {
        /// The shop promised it at checkout.
        Store = "store",
        /// Reckoned from how long other shipments took: those of this shop, or those
        /// that an aggregator has seen.
        Statistics = "statistics",
        /// The shop's people.
        Staff = "staff",
        /// Who sends the goods for the shop.
        Supplier = "supplier",
        /// A service that asks carriers for others.
        Aggregator = "aggregator",
        /// The carrier.
        Carrier = "carrier",
    }
}

impl EtaSource {
    /// How far it is believed: an ETA does not give way to a less trusted one.
    pub const fn trust_level(self) -> u8 {
        match self {
            Self::Store => 0,
            Self::Statistics => 1,
            Self::Staff | Self::Supplier => 2,
            Self::Aggregator => 3,
            Self::Carrier => 4,
        }
    }
}

impl From<SourceKind> for EtaSource {
    fn from(kind: SourceKind) -> Self {
        match kind {
            SourceKind::Carrier => Self::Carrier,
            SourceKind::Aggregator => Self::Aggregator,
            SourceKind::Staff => Self::Staff,
            SourceKind::Supplier => Self::Supplier,
            SourceKind::Store => Self::Store,
        }
    }
}

/// The day or days, and perhaps the hours, in which a shipment is expected, on
/// the recipient's wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Eta {
    /// The first day.
    pub from: Date,
    /// The last day; the same as `from` for a single day.
    pub to: Date,
    /// The window within a single day, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Time, Time)>,
    /// Who says so.
    pub source: EtaSource,
}

impl Eta {
    /// A single day.
    pub const fn on_day(day: Date, source: EtaSource) -> Self {
        Self {
            from: day,
            to: day,
            window: None,
            source,
        }
    }

    /// Whether its last day is over everywhere on Earth. Where the recipient
    /// lives is not known here, and "it did not come" must not be said too early.
    pub fn is_past(&self, now: Timestamp) -> bool {
        self.to < Offset::constant(-12).to_datetime(now).date()
    }

    /// Whether it begins within a day of `now`, wherever the recipient lives.
    pub fn is_near(&self, now: Timestamp) -> bool {
        let tomorrow = Offset::UTC.to_datetime(now).date().saturating_add(1.day());
        self.from <= tomorrow && !self.is_past(now)
    }

    /// Whether both mean the same days; the hours may differ.
    pub fn is_same_days(&self, other: &Self) -> bool {
        self.from == other.from && self.to == other.to
    }
}
