//! What is laid over a shipment's status without moving it.

use crate::{eta::Eta, status::DelayReason};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A circumstance of a shipment. It never moves the progress bar backwards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ShipmentCondition {
    /// The carrier says that it will be late.
    Delayed {
        /// Why.
        reason: DelayReason,
        /// Since we know.
        since: Timestamp,
    },
    /// It was not seen for longer than is usual.
    Stalled {
        /// Since when we call it so.
        since: Timestamp,
    },
    /// The day it was expected has passed.
    EtaMissed {
        /// What was expected.
        eta: Eta,
        /// Since when we call it so.
        since: Timestamp,
    },
    /// Nothing goes on until a person acts.
    ActionRequired {
        /// Who has to act.
        who: crate::status::Actor,
        /// Since we know.
        since: Timestamp,
    },
}
