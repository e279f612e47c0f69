//! How a shipment moves: when its carrier or another source says something, when
//! none does, and when its number is corrected.
//!
//! The status is never moved step by step as reports arrive: it is folded anew
//! from all known scans in the order of their events, so late, repeated and
//! shuffled reports end in the same state.

mod fold;
pub mod label;
mod merge;
mod overdue;
pub mod reconcile;
mod report;
mod reported_statuses;

use crate::{
    cadence::{self, Cadence},
    candidates::{Candidates, Denial},
    condition::ShipmentCondition,
    eta::Eta,
    id::{CarrierId, ShipmentIndex},
    order::OrderItem,
    report::Report,
    scan::Scan,
    shipment::{QueryDetails, Shipment, ShipmentOrigin},
    source::Source,
    status::Reason,
    tracking_number::TrackingNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use self::report::AttributedReport;

/// How many of its former numbers a shipment remembers.
const FORMER_NUMBERS: usize = 20;

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

/// Whether `scan`, which `source` tells, is older than everything that `shipment`
/// keeps of this source, and therefore not kept.
pub fn is_forgotten(
    shipment: &Shipment,
    source: &Source,
    is_correction: bool,
    scan: &Scan,
) -> bool {
    let mut others = shipment.other_sources.iter();
    let telling = others.find(|telling| telling.source == *source);
    telling.is_some_and(|telling| {
        let scans = if is_correction {
            &telling.corrections
        } else {
            &telling.scans
        };
        merge::is_forgotten(scans, scan, merge::KEPT_OF_OTHERS)
    })
}

/// What `report`, received `now` from the provider of `shipment`, makes
/// of it.
///
/// The version counts up by one exactly if the shipment must be written. The
/// hash of the answer is the caller's to set. The carrier that knows a shipment whose
/// carrier was not certain is its carrier.
pub fn apply_report(shipment: &Shipment, report: &Report, now: Timestamp) -> Advance {
    let source = shipment.source_of(shipment.provider());
    let settled = Shipment {
        candidates: None,
        ..shipment.clone()
    };
    let advance = advance_by(&settled, source.as_ref(), report, now);
    let next = Shipment {
        version: shipment.version,
        ..advance.shipment
    };
    finish_advance(shipment, next, advance.new_scans, advance.is_news, now)
}

/// The same of a report that `source` gives, which may be any; none is the
/// shipment's own carrier. See [`Shipment::source_of`].
pub fn advance_by(
    shipment: &Shipment,
    source: Option<&Source>,
    report: &Report,
    now: Timestamp,
) -> Advance {
    let told = AttributedReport {
        report,
        by: source,
        is_correction: false,
    };
    lay_upon(shipment, told, now)
}

/// What it makes of `shipment` that `source` contradicts what is known: the
/// statuses of `report` hold against everything up to their time, from any
/// source. What happens later moves the shipment on from there.
pub fn apply_correction(
    shipment: &Shipment,
    source: &Source,
    report: &Report,
    now: Timestamp,
) -> Advance {
    let told = AttributedReport {
        report,
        by: Some(source),
        is_correction: true,
    };
    lay_upon(shipment, told, now)
}

fn lay_upon(shipment: &Shipment, told: AttributedReport<'_>, now: Timestamp) -> Advance {
    let (next, new_scans) = report::lay_upon(shipment, told, now);
    let is_news = next != *shipment;
    let changed_at = if is_news { now } else { shipment.changed_at };
    finish_advance(
        shipment,
        Shipment { changed_at, ..next },
        new_scans,
        is_news,
        now,
    )
}

/// The scans of `after` that tell of an event of which `before` did not.
pub fn new_scans<'a>(
    before: &'a Shipment,
    after: &'a Shipment,
) -> impl Iterator<Item = &'a crate::scan::Scan> {
    let own = merge::new_scans(&before.scans, &after.scans);
    let others = after.other_sources.iter().flat_map(|telling| {
        let mut known = before.other_sources.iter();
        let known = known.find(|known| known.source == telling.source);
        merge::new_scans(known.map_or(&[], |known| &known.scans), &telling.scans)
    });
    own.chain(others)
}

/// `shipment` once its carrier has promised to tell of it by itself until
/// `until`; none if it has not, or no longer.
#[must_use]
pub fn record_subscription(
    shipment: &Shipment,
    until: Option<Timestamp>,
    now: Timestamp,
) -> Shipment {
    let next = Shipment {
        subscribed_until: until,
        ..shipment.clone()
    };
    Shipment {
        cadence: cadence::poll_cadence(&next, now),
        ..next
    }
}

/// What it makes of `shipment` that its carrier, asked `now`, knows nothing of
/// the number: it keeps its state, and is given up once that has lasted too long.
pub fn not_found(shipment: &Shipment, now: Timestamp) -> Advance {
    apply_elapsed_time(shipment, now)
}

/// What it makes of `shipment` that its carrier, asked `now`, says that the
/// number is not one of its shipments': the next candidate is asked from now on,
/// if the turn of this one is over. Silence goes on being measured from the
/// last news.
pub fn reject_candidate(shipment: &Shipment, denial: Denial, now: Timestamp) -> Advance {
    let next = if shipment.current_status().is_final() {
        None
    } else {
        let candidates = shipment.candidates.as_ref();
        candidates.and_then(|all| all.reject_current(denial, now))
    };
    let reminded = apply_elapsed_time(&assign_candidate(shipment, next), now);
    let next = Shipment {
        version: shipment.version,
        ..reminded.shipment
    };
    finish_advance(shipment, next, 0, reminded.is_news, now)
}

/// The shipment with whose turn it is among `candidates`; as it is with none.
fn assign_candidate(shipment: &Shipment, candidates: Option<Candidates>) -> Shipment {
    let present = candidates
        .as_ref()
        .and_then(Candidates::current_candidate)
        .cloned();
    let Some(present) = present else {
        return shipment.clone();
    };
    Shipment {
        carrier: present.carrier,
        provider: present.asked,
        candidates,
        // What was answered and promised was another's.
        response_hash: None,
        is_pushed: false,
        subscribed_until: None,
        ..shipment.clone()
    }
}

/// What it makes of `shipment` that its carrier knows nothing of the number and
/// keeps no shipment for so long: nothing will be learned of it any more.
pub fn expire_tracking(shipment: &Shipment, now: Timestamp) -> Advance {
    let mut next = shipment.clone();
    if !next.current_status().is_final() {
        give_up(&mut next, now);
    }
    let is_news = next != *shipment;
    finish_advance(shipment, next, 0, is_news, now)
}

fn give_up(shipment: &mut Shipment, now: Timestamp) {
    shipment.last_report_at = shipment.carrier_heard_at();
    shipment.reason = Reason::Silent;
    shipment.changed_at = now;
    shipment.conditions =
        report::shipment_conditions(shipment, report::known_lateness(shipment), now);
}

/// What an unchanged poll can know of a shipment without reading it: what the
/// cohort index projects, under the same names as in [`Shipment`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollState {
    /// Who carries it.
    pub carrier: CarrierId,
    /// The aggregator that is asked in the carrier's place, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<CarrierId>,
    /// Its status and why.
    pub reason: Reason,
    /// When it is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// What is laid over its status, so that nothing is called due twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ShipmentCondition>,
    /// Whether it goes back to the sender.
    #[serde(default)]
    pub is_return: bool,
    /// When we learned the number.
    pub registered_at: Timestamp,
    /// When we last learned anything new.
    pub changed_at: Timestamp,
    /// Until when its carrier has promised to tell of it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribed_until: Option<Timestamp>,
}

impl From<&Shipment> for PollState {
    fn from(shipment: &Shipment) -> Self {
        Self {
            carrier: shipment.carrier.clone(),
            provider: shipment.provider.clone(),
            reason: shipment.reason,
            eta: shipment.eta,
            conditions: shipment.conditions.clone(),
            is_return: shipment.is_return,
            registered_at: shipment.registered_at,
            changed_at: shipment.changed_at,
            subscribed_until: shipment.subscribed_until,
        }
    }
}

/// What time alone has brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElapsedEffect {
    /// Its last looks after the end are done.
    Finished,
    /// It has been silent for so long that we stop asking.
    Expired,
    /// The day it was expected has passed.
    EtaMissed(Eta),
    /// It has been silent for longer than is usual.
    Stalled,
}

/// Whether anything is newly due `now` for a shipment of which the carrier says
/// nothing new. Only then is the shipment itself read, for [`apply_elapsed_time`].
pub fn elapsed_effect(glance: &PollState, now: Timestamp) -> Option<ElapsedEffect> {
    overdue::elapsed_effect(glance, now)
}

/// Does everything that is due `now` for a shipment of which there is no news.
pub fn apply_elapsed_time(shipment: &Shipment, now: Timestamp) -> Advance {
    let mut next = shipment.clone();
    while let Some(due) = elapsed_effect(&PollState::from(&next), now) {
        match due {
            ElapsedEffect::Finished => break,
            ElapsedEffect::Expired => give_up(&mut next, now),
            ElapsedEffect::EtaMissed(eta) => next
                .conditions
                .push(ShipmentCondition::EtaMissed { eta, since: now }),
            ElapsedEffect::Stalled => next
                .conditions
                .push(ShipmentCondition::Stalled { since: now }),
        }
        next.conditions = report::shipment_conditions(&next, report::known_lateness(&next), now);
    }
    let is_news = next != *shipment;
    finish_advance(shipment, next, 0, is_news, now)
}

/// A shipment as the shop announces it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewShipment {
    /// Who carries it; `manual` if it cannot be polled.
    pub carrier: CarrierId,
    /// What the shop calls a carrier that we do not know.
    pub carrier_name: Option<String>,
    /// What the shop says to the provider.
    pub query_details: QueryDetails,
    /// The number that the carrier knows it by; None if it is sent without tracking.
    pub tracking_number: Option<TrackingNumber>,
    /// The carrier's own page, where the shop gave it.
    pub tracking_url: Option<String>,
    /// What is in it, if the shop says.
    pub items: Vec<OrderItem>,
    /// When the shop expects it to arrive.
    pub eta: Option<Eta>,
    /// The storefront's own records of it, if it came from one.
    pub origins: Vec<ShipmentOrigin>,
}

/// A shipment of which we have just learned.
pub fn register_shipment(
    shipment: ShipmentIndex,
    announced: NewShipment,
    now: Timestamp,
) -> Shipment {
    let mut shipment = Shipment {
        shipment,
        carrier: announced.carrier,
        provider: None,
        query_details: announced.query_details,
        candidates: None,
        carrier_name: announced.carrier_name,
        tracking_number: announced.tracking_number,
        tracking_url: announced.tracking_url,
        former_numbers: Vec::new(),
        aliases: Vec::new(),
        items: announced.items,
        reason: Reason::NoInfo,
        status_since: None,
        conditions: Vec::new(),
        eta_first: announced.eta,
        eta: announced.eta,
        eta_before: None,
        scans: Vec::new(),
        statements: Vec::new(),
        other_sources: Vec::new(),
        is_return: false,
        drop_off_location: None,
        service: None,
        is_pushed: false,
        subscribed_until: None,
        cadence: None,
        response_hash: None,
        registered_at: now,
        changed_at: now,
        last_report_at: None,
        origins: announced.origins,
        version: 1,
    };
    shipment.cadence = cadence::poll_cadence(&shipment, now);
    shipment
}

/// The shipment, to be asked after with `aggregator` in its carrier's place from
/// now on; with none, with its carrier. Nothing that was told is lost.
pub fn ask_with(shipment: Shipment, aggregator: Option<CarrierId>, now: Timestamp) -> Shipment {
    let mut next = shipment;
    if next.provider != aggregator {
        next.provider = aggregator;
        // The last answer was another's, and so was what he promised.
        next.response_hash = None;
        next.is_pushed = false;
        next.subscribed_until = None;
    }
    next.cadence = cadence::poll_cadence(&next, now);
    next
}

/// The shipment once its number or carrier was corrected: what was
/// known belonged to another shipment and is forgotten; only the former number
/// and what the shop itself said remain. The same number and carrier again
/// change nothing, but that a shipment that was given up is followed once more.
pub fn correct_number(
    shipment: &Shipment,
    carrier: CarrierId,
    tracking_number: Option<TrackingNumber>,
    now: Timestamp,
) -> Shipment {
    if carrier == shipment.carrier && tracking_number == shipment.tracking_number {
        return reopen_shipment(shipment, now).unwrap_or_else(|| shipment.clone());
    }
    if shipment.is_untracked() {
        return label::assign_number(shipment, carrier, tracking_number, now);
    }
    let promised = shipment
        .eta_first
        .filter(|eta| eta.source == crate::eta::EtaSource::Store);
    let is_same_carrier = carrier == shipment.carrier;
    let announced = NewShipment {
        carrier,
        carrier_name: shipment.carrier_name.clone().filter(|_| is_same_carrier),
        query_details: QueryDetails::default(),
        tracking_number,
        tracking_url: None,
        items: shipment.items.clone(),
        eta: promised,
        origins: shipment.origins.clone(),
    };
    let mut next = register_shipment(shipment.shipment, announced, now);
    next.former_numbers.clone_from(&shipment.former_numbers);
    if next.tracking_number != shipment.tracking_number {
        let number = next.tracking_number.clone();
        next.former_numbers
            .retain(|former| Some(former) != number.as_ref());
        next.former_numbers.extend(shipment.tracking_number.clone());
        let surplus = next.former_numbers.len().saturating_sub(FORMER_NUMBERS);
        next.former_numbers.drain(..surplus);
    }
    next.version = shipment.version + 1;
    next
}

/// A shipment that was given up, followed once more from where it stood; none if
/// it was not.
fn reopen_shipment(shipment: &Shipment, now: Timestamp) -> Option<Shipment> {
    if shipment.reason != Reason::Silent {
        return None;
    }
    let mut next = Shipment {
        changed_at: now,
        version: shipment.version + 1,
        ..shipment.clone()
    };
    // An aggregator that gave it up as well is asked once more, too.
    let others = next.other_sources.iter_mut();
    for statements in others
        .map(|telling| &mut telling.statements)
        .chain([&mut next.statements])
    {
        statements.retain(|statement| statement.reason != Reason::Silent);
    }
    let stood = fold::replay(&reconcile::journey_steps(&next), next.is_return);
    next.reason = stood.reason;
    next.status_since = stood.since;
    next.conditions = report::shipment_conditions(&next, stood.delay, now);
    next.cadence = cadence::poll_cadence(&next, now);
    Some(next)
}

/// Sets the cadence and counts the version if there is something to write.
fn finish_advance(
    before: &Shipment,
    mut next: Shipment,
    new_scans: usize,
    is_news: bool,
    now: Timestamp,
) -> Advance {
    next.cadence = cadence::poll_cadence(&next, now);
    if next != *before {
        next.version = before.version + 1;
    }
    Advance {
        shipment: next,
        new_scans,
        is_news,
    }
}

impl Advance {
    /// Whether the shipment must be written: there is news, or at least another
    /// cadence, which moves it to another cohort.
    pub const fn must_write(&self, before: &Shipment) -> bool {
        self.shipment.version != before.version
    }

    /// The cadence before and after, if it is another.
    pub fn cadence_change(&self, before: &Shipment) -> Option<(Option<Cadence>, Option<Cadence>)> {
        (self.shipment.cadence != before.cadence).then_some((before.cadence, self.shipment.cadence))
    }
}
