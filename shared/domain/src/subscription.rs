//! A carrier's promise to tell us by itself, and whether it keeps it.

use crate::{journey, shipment::Shipment};
use jiff::{SignedDuration, Timestamp};

/// How long before its end a subscription is renewed: long enough for a day on
/// which the carrier takes none.
pub const RENEWED_BEFORE: SignedDuration = SignedDuration::from_hours(48);

/// How long a carrier may take to tell what it knows.
const MAY_TAKE: SignedDuration = SignedDuration::from_hours(1);

/// Whether a subscription until `until` can be relied on `now`: not one that is
/// near its end, nor none.
pub fn is_reliable(until: Option<Timestamp>, now: Timestamp) -> bool {
    until.is_some_and(|until| until.duration_since(now) > RENEWED_BEFORE)
}

/// Whether we had to ask for a scan, between `before` and `after`, of which the
/// carrier should have told us by itself. A scan without an offset could be of
/// any hour and proves nothing.
pub fn is_broken(before: &Shipment, after: &Shipment, now: Timestamp) -> bool {
    let is_late = |at: Timestamp| now.duration_since(at) > MAY_TAKE;
    is_reliable(before.subscribed_until, now)
        && journey::new_scans(before, after)
            .filter_map(|scan| scan.time.to_instant())
            .any(is_late)
}
