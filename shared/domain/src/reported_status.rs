//! What a source states of a shipment apart from its scans.

use crate::{status::Reason, time::ScanTime};
use serde::{Deserialize, Serialize};

/// A status that a source stated and that is ahead of the scans that were told
/// with it, because one is missing or has a code that we do not know.
///
/// It has no time of its own; its place in the journey is after the newest of
/// those scans (`docs/adr/0022-statements.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ReportedStatus {
    /// When the newest scan happened that was told with it; none if none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ScanTime>,
    /// What the shipment is said to be.
    pub reason: Reason,
    /// When it came to it, where that is proved otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<ScanTime>,
}
