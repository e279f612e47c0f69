//! One scan of a shipment, as the carrier told it and as we understand it.

use crate::{
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
};
use serde::{Deserialize, Serialize};

/// Where a scan happened, as far as the public page may know it: never a street.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    /// City or depot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State or province.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 3166-1 alpha-2 where the carrier gives it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
}

/// What a scan says in our words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanMeaning {
    /// The shipment has this status for this reason.
    Status(Reason),
    /// The shipment is late; its status stays what it was.
    Delay(DelayReason),
    /// A known code that says nothing of where the shipment is, as `claim paid`:
    /// the last known status stays.
    Note,
    /// The code is none that we know: the last known status stays, and it is counted.
    Unknown,
    /// The carrier has taken it back: it never happened. It is kept so that the same
    /// event, told late once more, stays void, and is not shown.
    Withdrawn,
}

impl ScanMeaning {
    /// The reason for a status, if it gives one.
    pub const fn status_reason(self) -> Option<Reason> {
        match self {
            Self::Status(reason) => Some(reason),
            Self::Delay(_) | Self::Note | Self::Unknown | Self::Withdrawn => None,
        }
    }

    /// The status that the shipment has by it, if it gives one.
    pub const fn shipment_status(self) -> Option<ShipmentStatus> {
        match self.status_reason() {
            Some(reason) => Some(reason.to_status()),
            None => None,
        }
    }
}

/// One scan. Two scans are the same if all of it but [`Scan::sequence`] and
/// [`Scan::is_inferred`] is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scan {
    /// When, on the wall clock where it happened.
    pub time: ScanTime,
    /// In our words.
    pub meaning: ScanMeaning,
    /// The carrier's code, raw.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub code: String,
    /// The carrier's text, raw. It may name a person: never on the public page.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// Where.
    #[serde(default, skip_serializing_if = "is_nowhere")]
    pub place: Place,
    /// The carrier's own order among scans of equal time: higher is later.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub sequence: u32,
    /// Whether the code is in no table of ours, so that the meaning is what the
    /// carrier says besides it, more coarsely. It moves the shipment like any other,
    /// and counts as not understood.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_inferred: bool,
}

impl Scan {
    /// Whether we know what the carrier's code means.
    pub const fn is_understood(&self) -> bool {
        !self.is_inferred && !matches!(self.meaning, ScanMeaning::Unknown)
    }

    /// Whether `withdrawal` takes this scan back: it tells of the same event, by
    /// its time and code, which together are one event where there is a time of day.
    pub fn is_taken_back_by(&self, withdrawal: &Self) -> bool {
        let instants = self.time.to_instant().zip(withdrawal.time.to_instant());
        let is_same_time = instants.map_or(self.time == withdrawal.time, |(a, b)| a == b);
        let is_same_event = is_same_time && self.code == withdrawal.code;
        let is_certain = !self.code.is_empty() && self.time.local_time().is_some();
        let is_told_alike = self.text == withdrawal.text && self.place == withdrawal.place;
        withdrawal.meaning == ScanMeaning::Withdrawn
            && self.meaning != ScanMeaning::Withdrawn
            && is_same_event
            && (is_certain || is_told_alike)
    }

    /// Whether `other` tells of the same event, be it in other words: carriers
    /// push a scan with another text and another spelling of the place than
    /// they answer with. Only a time of day together with a code tells events
    /// apart well enough to say so.
    pub fn is_retold_by(&self, other: &Self) -> bool {
        let is_told_alike =
            self.code == other.code && self.text == other.text && self.place == other.place;
        let is_certain = !self.code.is_empty() && self.code == other.code;
        self.time == other.time
            && self.meaning == other.meaning
            && (is_told_alike || (is_certain && self.time.local_time().is_some()))
    }
}

fn is_nowhere(place: &Place) -> bool {
    *place == Place::default()
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
fn is_zero(sequence: &u32) -> bool {
    *sequence == 0
}
