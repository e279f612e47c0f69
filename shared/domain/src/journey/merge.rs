//! Brings together the scans that are known and those that are told.

use crate::{
    clocks::ScanClocks,
    scan::{Place, Scan, ScanMeaning},
    status::ShipmentStatus,
    time::ScanTime,
};
use jiff::civil::DateTime;
use std::cmp::Ordering;

/// How many scans a shipment keeps: more than any journey needs, and an item of
/// the table stays far below its limit of 400 KB.
pub(super) const KEPT: usize = 120;
/// The same for each source besides its carrier.
pub(super) const KEPT_OF_OTHERS: usize = 60;
const LONGEST_CODE: usize = 64;
const LONGEST_TEXT: usize = 300;
const LONGEST_NAME: usize = 80;
/// How many scans of one report are looked at, the newest.
const MOST_TOLD: usize = 400;

/// Every scan once, oldest first, the newest `kept` of them. The result is
/// the same whatever order the scans came in.
fn merge_scans(known: &[Scan], told: &[Scan], kept: usize) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::with_capacity(known.len() + told.len());
    for scan in known.iter().chain(told) {
        let scan = bound_scan(scan);
        match scans.iter_mut().find(|other| is_same(other, &scan)) {
            Some(other) => {
                other.sequence = other.sequence.max(scan.sequence);
                other.is_inferred &= scan.is_inferred;
            }
            None => scans.push(scan),
        }
    }
    drop_repeated_events(&mut scans, known, told);
    forget_what_is_understood_by_now(&mut scans);
    take_back(&mut scans);
    sort_scans(&mut scans);
    let surplus = scans.len().saturating_sub(kept);
    scans.drain(..surplus);
    scans
}

/// Adds what is `told` to what is `known`; gives how many scans were new.
pub(super) fn add_scans(known: &mut Vec<Scan>, told: &[Scan], kept: usize) -> usize {
    let newest = newest_scans(told);
    let merged = merge_scans(known, newest.as_deref().unwrap_or(told), kept);
    let n_new = new_scans(known, &merged).count();
    *known = merged;
    n_new
}

/// The newest scans of a report that tells more than is needed.
fn newest_scans(told: &[Scan]) -> Option<Vec<Scan>> {
    let surplus = told.len().checked_sub(MOST_TOLD).filter(|n| *n > 0)?;
    let mut scans = told.to_vec();
    sort_scans(&mut scans);
    Some(scans.split_off(surplus))
}

/// Whether two scans are the same: all but the carrier's sequence, which
/// carriers count anew in each answer, and whether we know the code by now.
fn is_same(a: &Scan, b: &Scan) -> bool {
    a.meaning == b.meaning && is_told_alike(a, b)
}

fn is_told_alike(a: &Scan, b: &Scan) -> bool {
    a.time == b.time && a.code == b.code && a.text == b.text && a.place == b.place
}

/// Whether `scan` is older than all of `scans`, of which there are as many as
/// are `kept`.
pub(super) fn is_forgotten(scans: &[Scan], scan: &Scan, kept: usize) -> bool {
    let scan = bound_scan(scan);
    let oldest = scans.first().filter(|_| scans.len() >= kept);
    oldest.is_some_and(|oldest| {
        let clocks = ScanClocks::from_scans(scans.iter().chain([&scan]));
        let place = |scan: &Scan| clocks.moment_of(scan);
        let order = place(&scan).cmp(&place(oldest));
        order.then_with(|| order_key(&scan).cmp(&order_key(oldest))) == Ordering::Less
            && !scans.iter().any(|known| is_same(known, &scan))
    })
}

/// Keeps one of each two scans that tell the same event in different words, the
/// one known and the other told. Two that are told in one answer are two events.
fn drop_repeated_events(scans: &mut Vec<Scan>, known: &[Scan], told: &[Scan]) {
    let is_in =
        |scan: &Scan, list: &[Scan]| list.iter().any(|other| is_same(scan, &bound_scan(other)));
    let (mut olds, mut news): (Vec<Scan>, Vec<Scan>) = (Vec::new(), Vec::new());
    for scan in scans.iter() {
        match (is_in(scan, known), is_in(scan, told)) {
            (true, false) => olds.push(scan.clone()),
            (false, true) => news.push(scan.clone()),
            _ => {}
        }
    }
    for old in olds {
        let Some(at) = news.iter().position(|new| old.is_retold_by(new)) else {
            continue;
        };
        // Whichever came first: the order of arrival must not matter.
        let new = news.swap_remove(at);
        let lesser = if wording_rank(&old) < wording_rank(&new) {
            old
        } else {
            new
        };
        scans.retain(|scan| !is_same(scan, &lesser));
    }
}

/// Those of `after` that tell of an event of which `before` did not.
pub(super) fn new_scans<'a>(
    before: &'a [Scan],
    after: &'a [Scan],
) -> impl Iterator<Item = &'a Scan> {
    let happened = after
        .iter()
        .filter(|scan| scan.meaning != ScanMeaning::Withdrawn);
    happened.filter(move |scan| {
        !before.iter().any(|known| {
            let is_replaced = || !after.iter().any(|kept| is_same(kept, known));
            is_same(known, scan) || (known.is_retold_by(scan) && is_replaced())
        })
    })
}

/// By what the better words are known: a place, and small letters.
fn wording_rank(scan: &Scan) -> (bool, &Place, &str) {
    (scan.place.city.is_some(), &scan.place, &scan.text)
}

/// A code that we have learned since gives the same scan a meaning, or a better
/// founded one; the one without it would be on the page twice.
fn forget_what_is_understood_by_now(scans: &mut Vec<Scan>) {
    if scans.iter().all(Scan::is_understood) {
        return;
    }
    let known: Vec<Scan> = scans
        .iter()
        .filter(|scan| scan.meaning != ScanMeaning::Unknown)
        .cloned()
        .collect();
    let is_better = |known: &Scan, scan: &Scan| {
        (known.is_understood() || scan.meaning == ScanMeaning::Unknown)
            && is_told_alike(scan, known)
    };
    scans.retain(|scan| scan.is_understood() || !known.iter().any(|known| is_better(known, scan)));
}

/// Leaves out what the carrier has taken back, whichever of the two was told first.
fn take_back(scans: &mut Vec<Scan>) {
    let withdrawals: Vec<Scan> = scans
        .iter()
        .filter(|scan| scan.meaning == ScanMeaning::Withdrawn)
        .cloned()
        .collect();
    if !withdrawals.is_empty() {
        scans.retain(|scan| {
            !withdrawals
                .iter()
                .any(|withdrawal| scan.is_taken_back_by(withdrawal))
        });
    }
}

/// Puts the scans of one source into order, oldest first: by when they happened,
/// then by the carrier's sequence.
pub(super) fn sort_scans(scans: &mut Vec<Scan>) {
    let moments = scan_times(scans);
    let mut placed: Vec<(DateTime, Scan)> = moments.into_iter().zip(scans.drain(..)).collect();
    placed.sort_by(|(a_moment, a), (b_moment, b)| {
        let order = a_moment.cmp(b_moment);
        order.then_with(|| order_key(a).cmp(&order_key(b)))
    });
    scans.extend(placed.into_iter().map(|(_, scan)| scan));
}

/// When each is taken to have happened, among the others. Of a day without a time
/// the carrier's own order tells what had happened before on that day.
fn scan_times(scans: &[Scan]) -> Vec<DateTime> {
    let clocks = ScanClocks::from_scans(scans);
    let moment_of = |scan: &Scan| {
        let moment = clocks.moment_of(scan);
        if scan.time.local_time().is_some() {
            return moment;
        }
        let earlier = scans.iter().filter(|other| {
            other.time.local_time().is_some()
                && other.time.local_date() == scan.time.local_date()
                && other.sequence < scan.sequence
        });
        let latest = earlier.map(|other| clocks.moment_of(other)).max();
        latest.map_or(moment, |latest| latest.max(moment))
    };
    scans.iter().map(moment_of).collect()
}

/// What tells which of two scans of one moment is the later one: the carrier's
/// sequence, then which is further along. The rest only makes the order total.
pub(super) fn order_key(scan: &Scan) -> (u32, u8, ScanMeaning, &str, &str, &Place, ScanTime) {
    let rank = scan
        .meaning
        .shipment_status()
        .map_or(0, ShipmentStatus::progress_rank);
    (
        scan.sequence,
        rank,
        scan.meaning,
        &scan.code,
        &scan.text,
        &scan.place,
        scan.time,
    )
}

fn bound_scan(scan: &Scan) -> Scan {
    Scan {
        code: clip_text(&scan.code, LONGEST_CODE),
        text: clip_text(&scan.text, LONGEST_TEXT),
        place: Place {
            city: bound_name(scan.place.city.as_deref()),
            region: bound_name(scan.place.region.as_deref()),
            country: bound_name(scan.place.country.as_deref()),
        },
        ..*scan
    }
}

fn bound_name(name: Option<&str>) -> Option<String> {
    name.map(|name| clip_text(name, LONGEST_NAME))
}

/// The first `most` characters of `text`.
pub(super) fn clip_text(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}
