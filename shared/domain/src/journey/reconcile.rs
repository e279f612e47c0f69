//! Brings together what several sources told of one parcel.
//!
//! What happened is ordered by when it happened. An event that two sources tell
//! counts once, in the words of the one that is trusted more; where they
//! contradict each other at the same time, that one is right.

use std::cmp::Reverse;

use crate::{
    clocks::Clocks,
    scan::{Meaning, Place, Scan},
    shipment::Shipment,
    source::{Source, Telling},
    statement::Statement,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};
use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
};

use super::{
    fold::{self, Step},
    merge,
};

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
    let alone = match source {
        None => Shipment {
            others: Vec::new(),
            ..shipment.clone()
        },
        Some(source) => {
            let mut others = shipment.others.iter();
            Shipment {
                scans: Vec::new(),
                statements: Vec::new(),
                others: vec![others.find(|known| known.source == *source)?.clone()],
                ..shipment.clone()
            }
        }
    };
    let standing = fold::stand(&steps(&alone), alone.is_return);
    standing.is_told.then_some(standing.reason)
}

/// What moves a parcel, in order: the scans that count, and after the newest
/// that it was told with, what was stated ahead of them.
///
/// A statement knows nothing of what happens after that scan. So it does not
/// count if somebody who is trusted more has told since then where the parcel is.
pub(super) fn steps(shipment: &Shipment) -> Vec<Step> {
    let history = history(shipment);
    let clocks = clocks(&history);
    let mut stated: Vec<(usize, Statement)> = statements(shipment)
        .filter(|(trust, statement)| !is_overtaken(*trust, statement, &history, &clocks))
        .map(|(_, statement)| (place_of(&statement, &history, &clocks), statement))
        .collect();
    stated.sort_by_key(|(place, statement)| (*place, statement.reason.status().rank(), *statement));
    let mut stated = stated.into_iter().peekable();
    let mut steps = Vec::with_capacity(history.len() + stated.len());
    for place in 0..=history.len() {
        while let Some((_, statement)) = stated.next_if(|(stated, _)| *stated == place) {
            steps.push(Step {
                meaning: Meaning::Status(statement.reason),
                at: statement.at,
                is_correction: false,
            });
        }
        if let Some(heard) = history.get(place).filter(|heard| heard.counts) {
            steps.push(Step {
                is_correction: heard.is_correction,
                ..Step::of(heard.scan)
            });
        }
    }
    steps
}

/// What was stated, and how far it is believed.
fn statements(shipment: &Shipment) -> impl Iterator<Item = (u8, Statement)> {
    let own = shipment.statements.iter();
    let others = shipment.others.iter().flat_map(|telling| {
        let trust = telling.source.kind.trust();
        let statements = telling.statements.iter();
        statements.map(move |statement| (trust, *statement))
    });
    own.map(|statement| (u8::MAX, *statement)).chain(others)
}

/// Before which of `history` a statement has its place.
fn place_of(statement: &Statement, history: &[Heard<'_>], clocks: &Clocks<'_>) -> usize {
    let Some(after) = statement.after else {
        return 0;
    };
    let after = (clocks.moment(after, &Place::default()), false);
    let is_before = |heard: &Heard<'_>| (heard.when(clocks), heard.is_correction) <= after;
    history
        .iter()
        .rposition(is_before)
        .map_or(0, |last| last + 1)
}

fn is_overtaken(
    trust: u8,
    statement: &Statement,
    history: &[Heard<'_>],
    clocks: &Clocks<'_>,
) -> bool {
    let after = statement.after;
    let after = after.map(|after| clocks.moment(after, &Place::default()));
    history.iter().any(|heard| {
        let is_seen = heard.scan.meaning.status().is_some_and(fold::is_physical);
        let is_newer = after.is_none_or(|after| heard.when(clocks).duration_since(after) > NEAR);
        heard.counts && heard.trust() > trust && is_seen && is_newer
    })
}

fn own(shipment: &Shipment) -> impl Iterator<Item = Heard<'_>> {
    let scans = shipment.scans.iter().filter(|scan| has_happened(scan));
    scans.map(|scan| Heard::new(scan, None, false))
}

fn has_happened(scan: &Scan) -> bool {
    scan.meaning != Meaning::Withdrawn
}

fn told(telling: &Telling) -> impl Iterator<Item = Heard<'_>> {
    let by = Some(&telling.source);
    let scans = telling.scans.iter().filter(|scan| has_happened(scan));
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
    let clocks = clocks(&history);
    history.sort_by(|a, b| {
        let place = |heard: &Heard<'_>| (heard.when(&clocks), heard.is_correction);
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

fn clocks<'a>(history: &[Heard<'a>]) -> Clocks<'a> {
    Clocks::among(history.iter().map(|heard| heard.scan))
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

    /// When it is taken to have happened, among the others.
    fn when(&self, clocks: &Clocks<'_>) -> DateTime {
        when(self.scan, self.is_correction, clocks)
    }
}

/// When something is taken to have happened, among others: what corrects a day
/// corrects all of it.
fn when(scan: &Scan, is_correction: bool, clocks: &Clocks<'_>) -> DateTime {
    match scan.time.time() {
        None if is_correction => {
            let end = scan.time.date().to_datetime(Time::MAX);
            clocks.of_wall(end, &scan.place)
        }
        _ => clocks.moment_of(scan),
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
        (
            Meaning::Status(_) | Meaning::Delay(_) | Meaning::Withdrawn,
            Meaning::Status(_) | Meaning::Delay(_) | Meaning::Withdrawn,
        ) => false,
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
