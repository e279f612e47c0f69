//! Brings together what several sources told of one shipment.
//!
//! What happened is ordered by when it happened. An event that two sources tell
//! counts once, in the words of the one that is trusted more; where they
//! contradict each other at the same time, that one is right.

use std::cmp::Reverse;

use crate::{
    clocks::ScanClocks,
    reported_status::ReportedStatus,
    scan::{Place, Scan, ScanMeaning},
    shipment::Shipment,
    source::{Source, SourceHistory},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};
use jiff::{
    SignedDuration,
    civil::{DateTime, Time},
};

use super::{
    fold::{self, JourneyStep},
    merge,
};

/// Two sources that tell the same differ by no more: aggregators round, people
/// look at the clock later.
const NEAR: SignedDuration = SignedDuration::from_mins(15);

/// A scan and who told it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcedScan<'a> {
    /// What was told.
    pub scan: &'a Scan,
    /// By whom; none is the shipment's own carrier.
    pub source: Option<&'a Source>,
    /// Whether it was said against everything that was known up to then.
    pub is_correction: bool,
    /// Whether it has a say in where the shipment stands: not if a source that is
    /// trusted more says otherwise of the same time.
    pub counts: bool,
}

/// Where the shipment stands by the word of one source alone; none if it tells no
/// status. `source` as in [`SourcedScan::source`].
pub fn standing_by(shipment: &Shipment, source: Option<&Source>) -> Option<Reason> {
    let alone = match source {
        None => Shipment {
            other_sources: Vec::new(),
            ..shipment.clone()
        },
        Some(source) => {
            let mut others = shipment.other_sources.iter();
            Shipment {
                scans: Vec::new(),
                statements: Vec::new(),
                other_sources: vec![others.find(|known| known.source == *source)?.clone()],
                ..shipment.clone()
            }
        }
    };
    let standing = fold::replay(&journey_steps(&alone), alone.is_return);
    standing.is_told.then_some(standing.reason)
}

/// What moves a shipment, in order: the scans that count, and after the newest
/// that it was told with, what was stated ahead of them.
///
/// A statement knows nothing of what happens after that scan. So it does not
/// count if a source that is trusted more has told since then where the shipment is.
pub(super) fn journey_steps(shipment: &Shipment) -> Vec<JourneyStep> {
    let history = merged_history(shipment);
    let clocks = history_clocks(&history);
    let mut stated: Vec<(usize, ReportedStatus)> = reported_statuses(shipment)
        .filter(|(trust, statement)| !is_overtaken(*trust, statement, &history, &clocks))
        .map(|(_, statement)| (place_of(&statement, &history, &clocks), statement))
        .collect();
    stated.sort_by_key(|(place, statement)| {
        (
            *place,
            statement.reason.to_status().progress_rank(),
            *statement,
        )
    });
    let mut stated = stated.into_iter().peekable();
    let mut steps = Vec::with_capacity(history.len() + stated.len());
    for place in 0..=history.len() {
        while let Some((_, statement)) = stated.next_if(|(stated, _)| *stated == place) {
            steps.push(JourneyStep {
                meaning: ScanMeaning::Status(statement.reason),
                at: statement.at,
                is_correction: false,
            });
        }
        if let Some(heard) = history.get(place).filter(|heard| heard.counts) {
            steps.push(JourneyStep {
                is_correction: heard.is_correction,
                ..JourneyStep::from_scan(heard.scan)
            });
        }
    }
    steps
}

/// What was stated, and how far it is believed.
fn reported_statuses(shipment: &Shipment) -> impl Iterator<Item = (u8, ReportedStatus)> {
    let own = shipment.statements.iter();
    let others = shipment.other_sources.iter().flat_map(|telling| {
        let trust = telling.source.kind.trust_level();
        let statements = telling.statements.iter();
        statements.map(move |statement| (trust, *statement))
    });
    own.map(|statement| (u8::MAX, *statement)).chain(others)
}

/// Before which of `history` a statement has its place.
fn place_of(
    statement: &ReportedStatus,
    history: &[SourcedScan<'_>],
    clocks: &ScanClocks<'_>,
) -> usize {
    let Some(after) = statement.after else {
        return 0;
    };
    let after = (clocks.local_time(after, &Place::default()), false);
    let is_before =
        |heard: &SourcedScan<'_>| (heard.event_time(clocks), heard.is_correction) <= after;
    history
        .iter()
        .rposition(is_before)
        .map_or(0, |last| last + 1)
}

fn is_overtaken(
    trust: u8,
    statement: &ReportedStatus,
    history: &[SourcedScan<'_>],
    clocks: &ScanClocks<'_>,
) -> bool {
    let after = statement.after;
    let after = after.map(|after| clocks.local_time(after, &Place::default()));
    history.iter().any(|heard| {
        let is_seen = heard
            .scan
            .meaning
            .shipment_status()
            .is_some_and(fold::is_physical);
        let is_newer =
            after.is_none_or(|after| heard.event_time(clocks).duration_since(after) > NEAR);
        heard.counts && heard.trust_level() > trust && is_seen && is_newer
    })
}

fn carrier_scans(shipment: &Shipment) -> impl Iterator<Item = SourcedScan<'_>> {
    let scans = shipment.scans.iter().filter(|scan| has_happened(scan));
    scans.map(|scan| SourcedScan::new(scan, None, false))
}

fn has_happened(scan: &Scan) -> bool {
    scan.meaning != ScanMeaning::Withdrawn
}

fn source_scans(telling: &SourceHistory) -> impl Iterator<Item = SourcedScan<'_>> {
    let by = Some(&telling.source);
    let scans = telling.scans.iter().filter(|scan| has_happened(scan));
    let corrections = telling.corrections.iter();
    scans
        .map(move |scan| SourcedScan::new(scan, by, false))
        .chain(corrections.map(move |scan| SourcedScan::new(scan, by, true)))
}

/// What happened to a shipment, oldest first, each event once.
pub fn merged_history(shipment: &Shipment) -> Vec<SourcedScan<'_>> {
    if shipment.other_sources.is_empty() {
        return carrier_scans(shipment).collect();
    }
    let mut all: Vec<SourcedScan<'_>> = carrier_scans(shipment)
        .chain(shipment.other_sources.iter().flat_map(source_scans))
        .collect();
    all.sort_by_key(|heard| (Reverse(heard.trust_level()), heard.source));
    let mut history: Vec<SourcedScan<'_>> = Vec::with_capacity(all.len());
    for heard in all {
        let is_told = history.iter().any(|known| is_same_event(known, &heard));
        if heard.is_correction || !is_told {
            let counts =
                heard.is_correction || !history.iter().any(|known| contradicts(known, &heard));
            history.push(SourcedScan { counts, ..heard });
        }
    }
    let clocks = history_clocks(&history);
    history.sort_by(|a, b| {
        let place = |heard: &SourcedScan<'_>| (heard.event_time(&clocks), heard.is_correction);
        place(a)
            .cmp(&place(b))
            .then_with(|| merge::order_key(a.scan).cmp(&merge::order_key(b.scan)))
            .then_with(|| a.source.cmp(&b.source))
    });
    history
}

/// From which of its `history` on a shipment goes back to the sender, so that
/// "delivered" means that the shop has it; none if it does not.
pub fn way_back(shipment: &Shipment, history: &[SourcedScan<'_>]) -> Option<usize> {
    if shipment.current_status() == ShipmentStatus::Delivered {
        return None;
    }
    let turn = history.iter().rposition(|heard| {
        heard.counts && heard.scan.meaning == ScanMeaning::Status(Reason::ToSender)
    });
    match turn {
        Some(turn) => Some(turn + 1),
        None => shipment.is_return.then_some(0),
    }
}

fn history_clocks<'a>(history: &[SourcedScan<'a>]) -> ScanClocks<'a> {
    ScanClocks::from_scans(history.iter().map(|heard| heard.scan))
}

impl<'a> SourcedScan<'a> {
    const fn new(scan: &'a Scan, source: Option<&'a Source>, is_correction: bool) -> Self {
        Self {
            scan,
            source,
            is_correction,
            counts: true,
        }
    }

    /// The own carrier is believed more than all others.
    fn trust_level(&self) -> u8 {
        self.source
            .map_or(u8::MAX, |source| source.kind.trust_level())
    }

    /// When it is taken to have happened, among the others.
    fn event_time(&self, clocks: &ScanClocks<'_>) -> DateTime {
        when(self.scan, self.is_correction, clocks)
    }
}

/// When something is taken to have happened, among others: what corrects a day
/// corrects all of it.
fn when(scan: &Scan, is_correction: bool, clocks: &ScanClocks<'_>) -> DateTime {
    match scan.time.local_time() {
        None if is_correction => {
            let end = scan.time.local_date().to_datetime(Time::MAX);
            clocks.of_wall(end, &scan.place)
        }
        _ => clocks.moment_of(scan),
    }
}

/// Whether `heard` is what another source told already.
fn is_same_event(known: &SourcedScan<'_>, heard: &SourcedScan<'_>) -> bool {
    known.source != heard.source
        && !known.is_correction
        && is_near(known.scan.time, heard.scan.time)
        && is_same_city(known.scan, heard.scan)
        && means_the_same(known.scan, heard.scan)
}

/// Whether a source that is trusted more tells another status of the same time.
fn contradicts(known: &SourcedScan<'_>, heard: &SourcedScan<'_>) -> bool {
    let (ScanMeaning::Status(right), ScanMeaning::Status(wrong)) =
        (known.scan.meaning, heard.scan.meaning)
    else {
        return false;
    };
    known.trust_level() > heard.trust_level()
        && known.counts
        && right.to_status() != wrong.to_status()
        && is_indistinguishable(known.scan.time, heard.scan.time)
}

fn means_the_same(a: &Scan, b: &Scan) -> bool {
    let is_same_text =
        || !a.text.is_empty() && a.text.trim().to_lowercase() == b.text.trim().to_lowercase();
    match (a.meaning, b.meaning) {
        (ScanMeaning::Status(a), ScanMeaning::Status(b)) => a.to_status() == b.to_status(),
        (ScanMeaning::Delay(a), ScanMeaning::Delay(b)) => a == b,
        (ScanMeaning::Note | ScanMeaning::Unknown, _)
        | (_, ScanMeaning::Note | ScanMeaning::Unknown) => is_same_text(),
        (
            ScanMeaning::Status(_) | ScanMeaning::Delay(_) | ScanMeaning::Withdrawn,
            ScanMeaning::Status(_) | ScanMeaning::Delay(_) | ScanMeaning::Withdrawn,
        ) => false,
    }
}

/// A place without a name may be any.
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
    if let (Some(a), Some(b)) = (a.to_instant(), b.to_instant()) {
        return a.duration_since(b).abs() <= NEAR;
    }
    match (a.local_time(), b.local_time()) {
        (Some(at), Some(other)) => {
            let (at, other) = (
                a.local_date().to_datetime(at),
                b.local_date().to_datetime(other),
            );
            at.duration_since(other).abs() <= NEAR
        }
        _ => a.local_date() == b.local_date(),
    }
}

/// Whether time does not tell which of two came first.
fn is_indistinguishable(a: ScanTime, b: ScanTime) -> bool {
    match (a.to_instant(), b.to_instant()) {
        (Some(a), Some(b)) => a == b,
        _ if a.local_time().is_none() || b.local_time().is_none() => {
            a.local_date() == b.local_date()
        }
        _ => a.local_date() == b.local_date() && a.local_time() == b.local_time(),
    }
}
