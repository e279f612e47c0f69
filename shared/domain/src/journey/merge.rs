//! Brings together the scans that are known and those that are told.

use crate::{
    scan::{Meaning, Place, Scan},
    status::ShipmentStatus,
    time::ScanTime,
};

/// How many scans a parcel keeps: more than any journey needs, and an item of
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
fn merge(known: &[Scan], told: &[Scan], kept: usize) -> Vec<Scan> {
    let mut scans: Vec<Scan> = Vec::with_capacity(known.len() + told.len());
    for scan in known.iter().chain(told) {
        let scan = bounded(scan);
        match scans.iter_mut().find(|other| is_same(other, &scan)) {
            Some(other) => other.sequence = other.sequence.max(scan.sequence),
            None => scans.push(scan),
        }
    }
    retell(&mut scans, known, told);
    forget_what_is_understood_by_now(&mut scans);
    scans.sort_by(|a, b| order_key(a).cmp(&order_key(b)));
    let surplus = scans.len().saturating_sub(kept);
    scans.drain(..surplus);
    scans
}

/// Adds what is `told` to what is `known`; gives how many scans were new.
pub(super) fn add(known: &mut Vec<Scan>, told: &[Scan], kept: usize) -> usize {
    let newest = newest(told);
    let merged = merge(known, newest.as_deref().unwrap_or(told), kept);
    let n_new = new(known, &merged).count();
    *known = merged;
    n_new
}

/// The newest scans of a report that tells more than anybody reads.
fn newest(told: &[Scan]) -> Option<Vec<Scan>> {
    let surplus = told.len().checked_sub(MOST_TOLD).filter(|n| *n > 0)?;
    let mut scans: Vec<&Scan> = told.iter().collect();
    scans.sort_by(|a, b| order_key(a).cmp(&order_key(b)));
    Some(scans.into_iter().skip(surplus).cloned().collect())
}

/// Whether two scans are the same: all but the carrier's sequence, which
/// carriers count anew in each answer.
fn is_same(a: &Scan, b: &Scan) -> bool {
    a.meaning == b.meaning && is_told_alike(a, b)
}

fn is_told_alike(a: &Scan, b: &Scan) -> bool {
    a.time == b.time && a.code == b.code && a.text == b.text && a.place == b.place
}

/// Whether `scan` is older than all of `scans`, of which there are as many as
/// are `kept`.
pub(super) fn is_forgotten(scans: &[Scan], scan: &Scan, kept: usize) -> bool {
    let scan = bounded(scan);
    let oldest = scans.first().filter(|_| scans.len() >= kept);
    oldest.is_some_and(|oldest| {
        order_key(&scan) < order_key(oldest) && !scans.iter().any(|known| is_same(known, &scan))
    })
}

/// Keeps one of each two scans that tell the same event in different words, the
/// one known and the other told. Two that are told in one answer are two events.
fn retell(scans: &mut Vec<Scan>, known: &[Scan], told: &[Scan]) {
    let is_in =
        |scan: &Scan, list: &[Scan]| list.iter().any(|other| is_same(scan, &bounded(other)));
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
        let lesser = if words(&old) < words(&new) { old } else { new };
        scans.retain(|scan| !is_same(scan, &lesser));
    }
}

/// Those of `after` that tell of an event of which `before` did not.
pub(super) fn new<'a>(before: &'a [Scan], after: &'a [Scan]) -> impl Iterator<Item = &'a Scan> {
    after.iter().filter(move |scan| {
        !before.iter().any(|known| {
            let is_replaced = || !after.iter().any(|kept| is_same(kept, known));
            is_same(known, scan) || (known.is_retold_by(scan) && is_replaced())
        })
    })
}

/// By what the better words are known: a place, and small letters.
fn words(scan: &Scan) -> (bool, &crate::scan::Place, &str) {
    (scan.place.city.is_some(), &scan.place, &scan.text)
}

/// A code that we have learned since gives the same scan a meaning; the one
/// without it would be on the page twice.
fn forget_what_is_understood_by_now(scans: &mut Vec<Scan>) {
    if scans.iter().all(|scan| scan.meaning != Meaning::Unknown) {
        return;
    }
    let understood: Vec<Scan> = scans
        .iter()
        .filter(|scan| scan.meaning != Meaning::Unknown)
        .cloned()
        .collect();
    scans.retain(|scan| {
        scan.meaning != Meaning::Unknown
            || !understood.iter().any(|other| is_told_alike(scan, other))
    });
}

/// Event time, then the carrier's sequence; among scans of the same moment the
/// one further along is the later one. The rest only makes the order total.
pub(super) fn order_key(
    scan: &Scan,
) -> (ScanTime, u32, u8, Meaning, &str, &str, &crate::scan::Place) {
    let rank = scan.meaning.status().map_or(0, ShipmentStatus::rank);
    (
        scan.time,
        scan.sequence,
        rank,
        scan.meaning,
        &scan.code,
        &scan.text,
        &scan.place,
    )
}

fn bounded(scan: &Scan) -> Scan {
    Scan {
        code: clipped(&scan.code, LONGEST_CODE),
        text: clipped(&scan.text, LONGEST_TEXT),
        place: Place {
            city: name(scan.place.city.as_deref()),
            region: name(scan.place.region.as_deref()),
            country: name(scan.place.country.as_deref()),
        },
        ..*scan
    }
}

fn name(name: Option<&str>) -> Option<String> {
    name.map(|name| clipped(name, LONGEST_NAME))
}

/// The first `most` characters of `text`.
pub(super) fn clipped(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((end, _)) => text[..end].to_owned(),
        None => text.to_owned(),
    }
}
