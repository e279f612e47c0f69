//! When a parcel is expected, no more precise than somebody promised it.

use crate::codes;
use jiff::civil::{Date, Time};
use serde::{Deserialize, Serialize};

codes! {
    /// Who says so. Later ones outrank earlier ones.
    pub enum EtaSource: "source of an ETA" {
        /// The shop promised it at checkout.
        Store = "store",
        /// Statistics of this shop's own parcels.
        Statistics = "statistics",
        /// The carrier.
        Carrier = "carrier",
    }
}

/// The day or days, and perhaps the hours, in which a parcel is expected, on
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
    pub const fn on(day: Date, source: EtaSource) -> Self {
        Self {
            from: day,
            to: day,
            window: None,
            source,
        }
    }
}
