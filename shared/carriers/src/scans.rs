//! The scans of one parcel, whoever the carrier is.

use posthorn_domain::{
    clocks::Clocks,
    scan::{Meaning, Scan},
    status::ShipmentStatus,
};

/// In which order a carrier lists scans.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    OldestFirst,
    NewestFirst,
}

/// The scans from the oldest on, numbered. Where the times at both ends tell
/// another order than the usual one, they are right.
pub(crate) fn in_sequence(mut scans: Vec<Scan>, usual: Order) -> Vec<Scan> {
    let clocks = Clocks::among(scans.iter().map(|scan| scan.time));
    let ends = scans.first().zip(scans.last());
    let ends = ends.map(|(first, last)| (clocks.moment(first.time), clocks.moment(last.time)));
    let order = match ends {
        Some((first, last)) if first < last => Order::OldestFirst,
        Some((first, last)) if first > last => Order::NewestFirst,
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

/// Adds the status that the carrier states with a time of its own, unless the
/// scans tell it: it has a place in the history then, as any scan has. What is
/// stated at the time of the newest scan is mostly what the carrier makes of
/// that scan, which says more; so it must be further along than it, and that no
/// problem or return. Where the newest scan has a code that we do not know, what is
/// stated of its time is what it means.
pub(crate) fn add_stated(scans: &mut Vec<Scan>, stated: Option<Scan>) {
    let Some(stated) = stated else {
        return;
    };
    let Some(status) = stated.meaning.status() else {
        return;
    };
    let times = scans.iter().map(|scan| scan.time);
    let clocks = Clocks::among(times.chain([stated.time]));
    let place = |scan: &Scan| (clocks.moment(scan.time), scan.sequence);
    let since = clocks.moment(stated.time);
    let is_status = |scan: &Scan| scan.meaning.status() == Some(status);
    let mut telling: Vec<&Scan> = scans
        .iter()
        .filter(|scan| scan.meaning.status().is_some())
        .collect();
    telling.sort_by_key(|scan| place(scan));
    let is_newest = telling.last().is_some_and(|scan| {
        let is_at_once = clocks.moment(scan.time) == since;
        is_status(scan) || (is_at_once && !may_follow_at_once(scan, status))
    });
    let is_told = telling
        .iter()
        .any(|scan| is_status(scan) && clocks.moment(scan.time) >= since);
    if is_newest || is_told {
        return;
    }
    let newest = scans.iter_mut().max_by_key(|scan| place(scan));
    if let Some(newest) = newest.filter(|newest| clocks.moment(newest.time) == since)
        && newest.meaning == Meaning::Unknown
    {
        newest.meaning = stated.meaning;
        newest.is_inferred = true;
        return;
    }
    let last = scans.iter().map(|scan| scan.sequence).max();
    scans.push(Scan {
        sequence: last.map_or(0, |last| last.saturating_add(1)),
        ..stated
    });
}

fn may_follow_at_once(scan: &Scan, status: ShipmentStatus) -> bool {
    use ShipmentStatus as S;
    let known = scan.meaning.status().unwrap_or(S::Pending);
    let is_turn = matches!(
        known,
        S::Exception | S::AttemptFailed | S::Returning | S::Returned
    );
    !is_turn && status.rank() > known.rank()
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
