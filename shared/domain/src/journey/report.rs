//! Lays a source's report upon what is known.

use crate::{
    condition::Condition,
    eta::Eta,
    report::{Alias, Report},
    shipment::Shipment,
    source::{MOST_OTHERS, Source, Telling},
    statement::Statement,
    status::{Reason, ShipmentStatus},
};
use jiff::Timestamp;

use super::{
    fold::{self, Late, Standing},
    merge, overdue, reconcile, stated,
};

/// A report and who gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    /// What is told.
    pub(super) report: &'a Report,
    /// By whom; none is the parcel's own carrier.
    pub(super) by: Option<&'a Source>,
    /// Whether it is said against everything that is known so far.
    pub(super) is_correction: bool,
}

/// The shipment after what was `told`, its bookkeeping untouched, and how many
/// scans were new.
pub(super) fn lay_upon(shipment: &Shipment, told: Told<'_>, now: Timestamp) -> (Shipment, usize) {
    let report = told.report;
    let (heard, new_scans) = heard(shipment, told, now);
    let was_return = shipment.is_return && !takes_return_back(shipment, told);
    let is_return = was_return || report.is_return;
    let standing = standing(shipment, &heard, is_return, new_scans > 0);
    let is_final = standing.reason.status().is_final();
    let eta = match report.eta {
        Some(eta) if !is_final => {
            let known = shipment.eta;
            later_eta(known, by(eta, told.by), told.is_correction, now)
        }
        _ => shipment.eta,
    };
    let left_at = report
        .proof
        .as_ref()
        .and_then(|proof| proof.left_at.as_deref())
        .filter(|_| standing.reason.status() == ShipmentStatus::Delivered);
    let mut next = Shipment {
        aliases: aliases(shipment, &report.aliases),
        reason: standing.reason,
        since: standing.since,
        eta_first: shipment.eta_first.or(eta),
        eta,
        eta_before: eta_before(shipment, eta),
        is_return,
        left_at: match left_at {
            Some(place) => Some(merge::clipped(place, 80)),
            // A delivery that was taken back has left it nowhere.
            None if is_undone(shipment, standing.reason) => None,
            None => shipment.left_at.clone(),
        },
        service: match &report.service {
            Some(service) if told.by.is_none() || shipment.service.is_none() => {
                Some(merge::clipped(service, 80))
            }
            _ => shipment.service.clone(),
        },
        ..heard
    };
    if new_scans > 0 || next.reason != shipment.reason {
        next.conditions
            .retain(|condition| !matches!(condition, Condition::Stalled { .. }));
    }
    next.conditions = conditions(&next, standing.delay, now);
    if next != *shipment {
        date(&mut next, shipment, told.by, now);
    }
    (next, new_scans)
}

/// The shipment with the scans that were `told`, and what was stated ahead of
/// them, added to those of their source, and how many of the scans were new. A
/// source too many is not heard.
fn heard(shipment: &Shipment, told: Told<'_>, now: Timestamp) -> (Shipment, usize) {
    let mut next = shipment.clone();
    let scans = &told.report.scans;
    let ahead = stated::ahead(told.report).filter(|_| !told.is_correction);
    let new_scans = match told.by {
        None => {
            if let Some(ahead) = ahead {
                stated::add(&mut next.statements, ahead);
            }
            merge::add(&mut next.scans, scans, merge::KEPT)
        }
        Some(_) if scans.is_empty() && ahead.is_none() => 0,
        Some(source) => match telling(&mut next.others, source, now) {
            Some(telling) if told.is_correction => {
                merge::add(&mut telling.corrections, scans, merge::KEPT_OF_OTHERS)
            }
            Some(telling) => {
                if let Some(ahead) = ahead {
                    stated::add(&mut telling.statements, ahead);
                }
                merge::add(&mut telling.scans, scans, merge::KEPT_OF_OTHERS)
            }
            None => 0,
        },
    };
    (next, new_scans)
}

/// What `source` has told, which may be nothing yet; none if there is no room
/// for another source.
fn telling<'a>(
    others: &'a mut Vec<Telling>,
    source: &Source,
    now: Timestamp,
) -> Option<&'a mut Telling> {
    let at = others.binary_search_by(|known| known.source.cmp(source));
    let index = match at {
        Ok(index) => index,
        Err(_) if others.len() >= MOST_OTHERS => return None,
        Err(index) => {
            let telling = Telling {
                source: source.clone(),
                heard_at: now,
                scans: Vec::new(),
                statements: Vec::new(),
                corrections: Vec::new(),
            };
            others.insert(index, telling);
            index
        }
    };
    Some(&mut others[index])
}

/// Whether a source takes back that the parcel goes, or went, back to the sender.
fn takes_return_back(shipment: &Shipment, told: Told<'_>) -> bool {
    let mut others = shipment.others.iter();
    let known = match told.by {
        None => Some(&shipment.scans),
        Some(source) => others
            .find(|telling| telling.source == *source)
            .map(|telling| &telling.scans),
    };
    let mut withdrawals = told.report.scans.iter();
    withdrawals.any(|withdrawal| {
        let mut known = known.into_iter().flatten();
        known.any(|scan| {
            let is_backward = scan
                .meaning
                .status()
                .is_some_and(ShipmentStatus::is_backward);
            is_backward && scan.is_taken_back_by(withdrawal)
        })
    })
}

/// Whether the parcel was delivered and, for all that is known now, never was.
fn is_undone(shipment: &Shipment, reason: Reason) -> bool {
    shipment.status() == ShipmentStatus::Delivered
        && reason.status().rank() < ShipmentStatus::Delivered.rank()
}

/// Dates what a source has told that is new.
fn date(next: &mut Shipment, before: &Shipment, source: Option<&Source>, now: Timestamp) {
    let Some(source) = source else {
        next.heard_at = None;
        return;
    };
    next.heard_at = before.carrier_heard_at().filter(|heard| *heard != now);
    if let Some(telling) = telling(&mut next.others, source, now) {
        telling.heard_at = now;
    }
}

/// The ETA as one of who tells it.
fn by(eta: Eta, source: Option<&Source>) -> Eta {
    Eta {
        source: source.map_or(eta.source, |source| source.kind.into()),
        ..eta
    }
}

/// Where the parcel of which all this was `heard` stands: expired, if it was
/// given up and there is nothing new.
fn standing(
    shipment: &Shipment,
    heard: &Shipment,
    is_return: bool,
    has_new_scans: bool,
) -> Standing {
    let folded = fold::stand(&reconcile::steps(heard), is_return);
    if shipment.reason != Reason::Silent {
        return folded;
    }
    let before = fold::stand(&reconcile::steps(shipment), shipment.is_return);
    let was_given_up = before.reason != Reason::Silent;
    if was_given_up && !has_new_scans && !has_new_statements(shipment, heard) {
        return Standing {
            reason: Reason::Silent,
            since: shipment.since,
            ..folded
        };
    }
    folded
}

fn has_new_statements(before: &Shipment, after: &Shipment) -> bool {
    let of = |shipment: &Shipment| -> Vec<Statement> {
        let others = shipment.others.iter();
        let others = others.flat_map(|telling| &telling.statements);
        shipment.statements.iter().chain(others).copied().collect()
    };
    of(before) != of(after)
}

/// The ETA after `told`. One that was past when first told is a placeholder,
/// and a weaker source does not overrule a stronger one, unless it corrects it.
fn later_eta(known: Option<Eta>, told: Eta, is_correction: bool, now: Timestamp) -> Option<Eta> {
    let is_backwards = told.to < told.from;
    let is_weaker =
        !is_correction && known.is_some_and(|known| known.source.trust() > told.source.trust());
    if is_backwards || is_weaker || told.is_past(now) {
        return known;
    }
    Some(told)
}

/// The ETA before `eta`, as far as it meant other days.
fn eta_before(shipment: &Shipment, eta: Option<Eta>) -> Option<Eta> {
    match (shipment.eta, eta) {
        (Some(known), Some(eta)) if !known.is_same_days(&eta) => Some(known),
        _ => shipment.eta_before,
    }
}

/// The numbers known and told, each once, in a fixed order.
fn aliases(shipment: &Shipment, told: &[Alias]) -> Vec<Alias> {
    let mut aliases = shipment.aliases.clone();
    for alias in told {
        let is_own = shipment.has_number(&alias.number);
        match aliases
            .iter_mut()
            .find(|known| known.number == alias.number)
        {
            Some(known) => known.carrier = known.carrier.take().max(alias.carrier.clone()),
            None if !is_own => aliases.push(alias.clone()),
            None => {}
        }
    }
    aliases.sort_by(|a, b| a.number.cmp(&b.number));
    aliases.truncate(20);
    aliases
}

/// That a parcel is late, as it is known already.
pub(super) fn late(shipment: &Shipment) -> Option<Late> {
    let reason = shipment.delay()?;
    Some(Late {
        reason,
        since: None,
    })
}

/// What is laid over the status of `next`, given the delay that its scans tell;
/// what lasts keeps its beginning. A delay begins when the carrier says, or when we
/// learn of it.
pub(super) fn conditions(next: &Shipment, delay: Option<Late>, now: Timestamp) -> Vec<Condition> {
    let status = next.status();
    let mut conditions = Vec::new();
    if let Some(Late { reason, since }) = delay.filter(|_| !status.is_final()) {
        let known = next.conditions.iter().find_map(|known| match known {
            Condition::Delayed {
                reason: known,
                since,
            } if *known == reason => Some(*since),
            _ => None,
        });
        let told = since.filter(|since| *since <= now);
        let since = told.or(known).unwrap_or(now);
        conditions.push(Condition::Delayed { reason, since });
    }
    for known in &next.conditions {
        match known {
            Condition::Stalled { .. } if !status.is_final() => conditions.push(known.clone()),
            Condition::EtaMissed { eta, .. } => {
                if next.eta == Some(*eta) && overdue::can_miss(status) {
                    conditions.push(known.clone());
                }
            }
            Condition::Stalled { .. }
            | Condition::Delayed { .. }
            | Condition::ActionRequired { .. } => {}
        }
    }
    if let Some(who) = next.reason.action_required() {
        let since = next.conditions.iter().find_map(|known| match known {
            Condition::ActionRequired { who: known, since } if *known == who => Some(*since),
            _ => None,
        });
        let since = since.unwrap_or(now);
        conditions.push(Condition::ActionRequired { who, since });
    }
    conditions
}
