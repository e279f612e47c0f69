//! Brings together what several sources told of one parcel.
//!
//! What happened is ordered by when it happened. An event that two sources tell
//! counts once, in the words of the one that is trusted more; where they
//! contradict each other at the same time, that one is right.

use std::cmp::Reverse;

use crate::{
    scan::{Meaning, Scan},
    shipment::Shipment,
    source::{Source, Telling},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};
use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
    tz::Offset,
};

use super::{fold, merge};

/// Two sources that tell the same differ by no more: aggregators round, people
/// look at the clock later.
const NEAR: SignedDuration = SignedDuration::from_mins(15);

/// A scan and who told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heard<'a> {
    /// What was told.
    pub scan: &'a Scan,
    /// By whom; none is the parcel's own carrier.
    pub source: Option<&'a Source>,
    /// Whether it was said against everything that was known up to then.
    pub is_correction: bool,
    /// Whether it has a say in where the parcel stands: not if a source that is
    /// trusted more says otherwise of the same time.
    pub counts: bool,
}

/// Where the parcel stands by the word of one source alone; none if it tells no
/// status. `source` as in [`Heard::source`].
pub fn standing_by(shipment: &Shipment, source: Option<&Source>) -> Option<Reason> {
    let said: Vec<Heard<'_>> = match source {
        None => own(shipment).collect(),
        Some(source) => {
            let mut others = shipment.others.iter();
            let mut said: Vec<Heard<'_>> =
                told(others.find(|known| known.source == *source)?).collect();
            let offsets = offsets(&said);
            said.sort_by_key(|heard| (heard.when(&offsets), heard.is_correction));
            said
        }
    };
    let standing = fold::stand(&said, shipment.is_return);
    standing.is_told.then_some(standing.reason)
}

fn own(shipment: &Shipment) -> impl Iterator<Item = Heard<'_>> {
    let scans = shipment.scans.iter();
    scans.map(|scan| Heard::new(scan, None, false))
}

fn told(telling: &Telling) -> impl Iterator<Item = Heard<'_>> {
    let by = Some(&telling.source);
    let scans = telling.scans.iter();
    let corrections = telling.corrections.iter();
    scans
        .map(move |scan| Heard::new(scan, by, false))
        .chain(corrections.map(move |scan| Heard::new(scan, by, true)))
}

/// What happened to a parcel, oldest first, each event once.
pub fn history(shipment: &Shipment) -> Vec<Heard<'_>> {
    if shipment.others.is_empty() {
        return own(shipment).collect();
    }
    let mut all: Vec<Heard<'_>> = own(shipment)
        .chain(shipment.others.iter().flat_map(told))
        .collect();
    all.sort_by_key(|heard| (Reverse(heard.trust()), heard.source));
    let mut history: Vec<Heard<'_>> = Vec::with_capacity(all.len());
    for heard in all {
        let is_told = history.iter().any(|known| is_same_event(known, &heard));
        if heard.is_correction || !is_told {
            let counts = heard.is_correction || !history.iter().any(|known| denies(known, &heard));
            history.push(Heard { counts, ..heard });
        }
    }
    let offsets = offsets(&history);
    history.sort_by(|a, b| {
        let place = |heard: &Heard<'_>| (heard.when(&offsets), heard.is_correction);
        place(a)
            .cmp(&place(b))
            .then_with(|| merge::order_key(a.scan).cmp(&merge::order_key(b.scan)))
            .then_with(|| a.source.cmp(&b.source))
    });
    history
}

/// From which of its `history` on a parcel goes back to the sender, so that
/// "delivered" means that the shop has it; none if it does not.
pub fn way_back(shipment: &Shipment, history: &[Heard<'_>]) -> Option<usize> {
    if shipment.status() == ShipmentStatus::Delivered {
        return None;
    }
    let turn = history
        .iter()
        .rposition(|heard| heard.counts && heard.scan.meaning == Meaning::Status(Reason::ToSender));
    match turn {
        Some(turn) => Some(turn + 1),
        None => shipment.is_return.then_some(0),
    }
}

/// The wall clocks of which the offset is known.
fn offsets(history: &[Heard<'_>]) -> Vec<(DateTime, Offset)> {
    let times = history.iter().map(|heard| heard.scan.time);
    times
        .filter_map(|time| Some((time.date().to_datetime(time.time()?), time.offset()?)))
        .collect()
}

impl<'a> Heard<'a> {
    const fn new(scan: &'a Scan, source: Option<&'a Source>, is_correction: bool) -> Self {
        Self {
            scan,
            source,
            is_correction,
            counts: true,
        }
    }

    /// The own carrier is believed more than all others.
    fn trust(&self) -> u8 {
        self.source.map_or(u8::MAX, |source| source.kind.trust())
    }

    /// When it is taken to have happened, among the others: what corrects a day
    /// corrects all of it, and a time without an offset is taken to have that
    /// of what happened nearest to it. Nobody is ever told of that offset.
    fn when(&self, offsets: &[(DateTime, Offset)]) -> DateTime {
        let time = self.scan.time;
        if time.instant().is_some() {
            return time.order_key();
        }
        let last = self.is_correction.then_some(Time::MAX);
        let wall = time
            .date()
            .to_datetime(time.time().or(last).unwrap_or_default());
        let distance =
            |(other, offset): &&(DateTime, Offset)| (wall.duration_since(*other).abs(), *offset);
        let nearest = offsets.iter().min_by_key(distance);
        nearest
            .and_then(|(_, offset)| offset.to_timestamp(wall).ok())
            .map_or(wall, |instant| Offset::UTC.to_datetime(instant))
    }
}

/// Whether `heard` is what another source told already.
fn is_same_event(known: &Heard<'_>, heard: &Heard<'_>) -> bool {
    known.source != heard.source
        && !known.is_correction
        && is_near(known.scan.time, heard.scan.time)
        && is_same_city(known.scan, heard.scan)
        && means_the_same(known.scan, heard.scan)
}

/// Whether a source that is trusted more tells another status of the same time.
fn denies(known: &Heard<'_>, heard: &Heard<'_>) -> bool {
    let (Meaning::Status(right), Meaning::Status(wrong)) = (known.scan.meaning, heard.scan.meaning)
    else {
        return false;
    };
    known.trust() > heard.trust()
        && known.counts
        && right.status() != wrong.status()
        && is_indistinguishable(known.scan.time, heard.scan.time)
}

fn means_the_same(a: &Scan, b: &Scan) -> bool {
    let is_same_text =
        || !a.text.is_empty() && a.text.trim().to_lowercase() == b.text.trim().to_lowercase();
    match (a.meaning, b.meaning) {
        (Meaning::Status(a), Meaning::Status(b)) => a.status() == b.status(),
        (Meaning::Delay(a), Meaning::Delay(b)) => a == b,
        (Meaning::Note | Meaning::Unknown, _) | (_, Meaning::Note | Meaning::Unknown) => {
            is_same_text()
        }
        (Meaning::Status(_), Meaning::Delay(_)) | (Meaning::Delay(_), Meaning::Status(_)) => false,
    }
}

/// A place that nobody named may be any.
fn is_same_city(a: &Scan, b: &Scan) -> bool {
    let name = |scan: &Scan| {
        let city = scan.place.city.as_deref()?.split(',').next()?;
        let letters = city.chars().filter(|c| c.is_alphanumeric());
        let name: String = letters.flat_map(char::to_lowercase).collect();
        (!name.is_empty()).then_some(name)
    };
    match (name(a), name(b)) {
        (Some(a), Some(b)) => a == b,
        _ => true,
    }
}

/// Whether two times may be of one event: minutes apart as instants, or on the
/// wall clock if either has no offset; the same day if either is but a day.
fn is_near(a: ScanTime, b: ScanTime) -> bool {
    if let (Some(a), Some(b)) = (a.instant(), b.instant()) {
        return a.duration_since(b).abs() <= NEAR;
    }
    match (a.time(), b.time()) {
        (Some(at), Some(other)) => {
            let (at, other) = (a.date().to_datetime(at), b.date().to_datetime(other));
            at.duration_since(other).abs() <= NEAR
        }
        _ => a.date() == b.date(),
    }
}

/// Whether time does not tell which of two came first.
fn is_indistinguishable(a: ScanTime, b: ScanTime) -> bool {
    match (a.instant(), b.instant()) {
        (Some(a), Some(b)) => a == b,
        _ if a.time().is_none() || b.time().is_none() => a.date() == b.date(),
        _ => a.date() == b.date() && a.time() == b.time(),
    }
}
