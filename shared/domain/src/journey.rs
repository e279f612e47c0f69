//! How a parcel moves when its carrier says something.

use crate::{report::Report, shipment::Shipment};
use jiff::Timestamp;

/// What a report changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advance {
    /// The shipment as it stands afterwards.
    pub shipment: Shipment,
    /// How many scans were new.
    pub new_scans: usize,
    /// Whether anything at all is different, bookkeeping aside.
    pub is_news: bool,
}

/// What `report`, received `now`, makes of `shipment`.
pub fn advance(_shipment: &Shipment, _report: &Report, _now: Timestamp) -> Advance {
    unreachable!("to be written")
}
