//! What a message says, as far as others have to know it.

use crate::id::ShipmentIndex;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Which change a message tells of and what it says of which shipment: by this it
/// is judged whether another message of the order is still needed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationBasis {
    /// When the change was recorded that it tells of.
    #[serde(default, rename = "news_at")]
    pub at: Timestamp,
    /// Version of the item that was changed.
    #[serde(default, rename = "news_version")]
    pub version: u64,
    /// Of which shipments it tells the same, besides its own: their rows say so.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub covers: Vec<ShipmentIndex>,
    /// Of which shipments it says that the carrier has scanned them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scanned: Vec<ShipmentIndex>,
}
