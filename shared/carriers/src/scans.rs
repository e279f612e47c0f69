//! The scans of one parcel, whoever the carrier is.

use posthorn_domain::{scan::Scan, status::ShipmentStatus};

/// In which order a carrier lists scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The scans from the oldest on, numbered. Where the times at both ends tell
/// another order than the usual one, they are right.
pub(crate) fn in_sequence(mut scans: Vec<Scan>, usual: Order) -> Vec<Scan> {
    let order = match (scans.first(), scans.last()) {
        (Some(first), Some(last)) if first.time < last.time => Order::OldestFirst,
        (Some(first), Some(last)) if first.time > last.time => Order::NewestFirst,
        _ => usual,
    };
    if order == Order::NewestFirst {
        scans.reverse();
    }
    for (index, scan) in scans.iter_mut().enumerate() {
        scan.sequence = u32::try_from(index).unwrap_or(u32::MAX);
    }
    scans
}

/// Whether one of them gives the parcel this status.
pub(crate) fn have(scans: &[Scan], status: ShipmentStatus) -> bool {
    scans
        .iter()
        .any(|scan| scan.meaning.status() == Some(status))
}

/// Whether one of them says that the parcel goes, or went, back to the sender.
pub(crate) fn go_back(scans: &[Scan]) -> bool {
    scans
        .iter()
        .filter_map(|scan| scan.meaning.status())
        .any(ShipmentStatus::is_backward)
}
