//! Lays a source's report upon what is known.

use crate::{
    condition::ShipmentCondition,
    eta::Eta,
    report::{Alias, Report},
    reported_status::ReportedStatus,
    shipment::Shipment,
    source::{MOST_OTHERS, Source, SourceHistory},
    status::{Reason, ShipmentStatus},
};
use jiff::Timestamp;

use super::{
    fold::{self, FoldedStatus, Lateness},
    merge, overdue, reconcile, reported_statuses,
};

/// A report and who gives it.
#[derive(Debug, Clone, Copy)]
pub(super) struct AttributedReport<'a> {
    /// What is told.
    pub(super) report: &'a Report,
    /// By whom; none is the shipment's own carrier.
    pub(super) by: Option<&'a Source>,
    /// Whether it is said against everything that is known so far.
    pub(super) is_correction: bool,
}

/// The shipment after what was `told`, its bookkeeping untouched, and how many
/// scans were new.
pub(super) fn lay_upon(
    shipment: &Shipment,
    told: AttributedReport<'_>,
    now: Timestamp,
) -> (Shipment, usize) {
    let report = told.report;
    let (heard, new_scans) = merge_report(shipment, told, now);
    let was_return = shipment.is_return && !takes_return_back(shipment, told);
    let is_return = was_return || report.is_return;
    let standing = fold_status(shipment, &heard, is_return, new_scans > 0);
    let is_final = standing.reason.to_status().is_final();
    let eta = match report.eta {
        Some(eta) if !is_final => {
            let known = shipment.eta;
            later_eta(known, attribute_eta(eta, told.by), told.is_correction, now)
        }
        _ => shipment.eta,
    };
    let left_at = report
        .proof
        .as_ref()
        .and_then(|proof| proof.drop_off_location.as_deref())
        .filter(|_| standing.reason.to_status() == ShipmentStatus::Delivered);
    let mut next = Shipment {
        aliases: merge_aliases(shipment, &report.aliases),
        reason: standing.reason,
        status_since: standing.since,
        eta_first: shipment.eta_first.or(eta),
        eta,
        eta_before: eta_before(shipment, eta),
        is_return,
        drop_off_location: match left_at {
            Some(place) => Some(merge::clip_text(place, 80)),
            // A delivery that was taken back has left it nowhere.
            None if is_undone(shipment, standing.reason) => None,
            None => shipment.drop_off_location.clone(),
        },
        service: match &report.service {
            Some(service) if told.by.is_none() || shipment.service.is_none() => {
                Some(merge::clip_text(service, 80))
            }
            _ => shipment.service.clone(),
        },
        ..heard
    };
    if new_scans > 0 || next.reason != shipment.reason {
        next.conditions
            .retain(|condition| !matches!(condition, ShipmentCondition::Stalled { .. }));
    }
    next.conditions = shipment_conditions(&next, standing.delay, now);
    if next != *shipment {
        date_report(&mut next, shipment, told.by, now);
    }
    (next, new_scans)
}

/// The shipment with the scans that were `told`, and what was stated ahead of
/// them, added to those of their source, and how many of the scans were new. A
/// source too many is not heard.
fn merge_report(
    shipment: &Shipment,
    told: AttributedReport<'_>,
    now: Timestamp,
) -> (Shipment, usize) {
    let mut next = shipment.clone();
    let scans = &told.report.scans;
    let ahead =
        reported_statuses::status_ahead_of_scans(told.report).filter(|_| !told.is_correction);
    let new_scans = match told.by {
        None => {
            if let Some(ahead) = ahead {
                reported_statuses::add_reported_status(&mut next.statements, ahead);
            }
            merge::add_scans(&mut next.scans, scans, merge::KEPT)
        }
        Some(_) if scans.is_empty() && ahead.is_none() => 0,
        Some(source) => match source_history_mut(&mut next.other_sources, source, now) {
            Some(telling) if told.is_correction => {
                merge::add_scans(&mut telling.corrections, scans, merge::KEPT_OF_OTHERS)
            }
            Some(telling) => {
                if let Some(ahead) = ahead {
                    reported_statuses::add_reported_status(&mut telling.statements, ahead);
                }
                merge::add_scans(&mut telling.scans, scans, merge::KEPT_OF_OTHERS)
            }
            None => 0,
        },
    };
    (next, new_scans)
}

/// What `source` has told, which may be nothing yet; none if there is no room
/// for another source.
fn source_history_mut<'a>(
    others: &'a mut Vec<SourceHistory>,
    source: &Source,
    now: Timestamp,
) -> Option<&'a mut SourceHistory> {
    let at = others.binary_search_by(|known| known.source.cmp(source));
    let index = match at {
        Ok(index) => index,
        Err(_) if others.len() >= MOST_OTHERS => return None,
        Err(index) => {
            let telling = SourceHistory {
                source: source.clone(),
                last_report_at: now,
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

/// Whether a source takes back that the shipment goes, or went, back to the sender.
fn takes_return_back(shipment: &Shipment, told: AttributedReport<'_>) -> bool {
    let mut others = shipment.other_sources.iter();
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
                .shipment_status()
                .is_some_and(ShipmentStatus::is_backward);
            is_backward && scan.is_taken_back_by(withdrawal)
        })
    })
}

/// Whether the shipment was delivered and, for all that is known now, never was.
fn is_undone(shipment: &Shipment, reason: Reason) -> bool {
    shipment.current_status() == ShipmentStatus::Delivered
        && reason.to_status().progress_rank() < ShipmentStatus::Delivered.progress_rank()
}

/// Dates what a source has told that is new.
fn date_report(next: &mut Shipment, before: &Shipment, source: Option<&Source>, now: Timestamp) {
    let Some(source) = source else {
        next.last_report_at = None;
        return;
    };
    next.last_report_at = before.carrier_heard_at().filter(|heard| *heard != now);
    if let Some(telling) = source_history_mut(&mut next.other_sources, source, now) {
        telling.last_report_at = now;
    }
}

/// The ETA as one of who tells it.
fn attribute_eta(eta: Eta, source: Option<&Source>) -> Eta {
    Eta {
        source: source.map_or(eta.source, |source| source.kind.into()),
        ..eta
    }
}

/// Where the shipment of which all this was `heard` stands: expired, if it was
/// given up and there is nothing new.
fn fold_status(
    shipment: &Shipment,
    heard: &Shipment,
    is_return: bool,
    has_new_scans: bool,
) -> FoldedStatus {
    let folded = fold::replay(&reconcile::journey_steps(heard), is_return);
    if shipment.reason != Reason::Silent {
        return folded;
    }
    let before = fold::replay(&reconcile::journey_steps(shipment), shipment.is_return);
    let was_given_up = before.reason != Reason::Silent;
    if was_given_up && !has_new_scans && !has_new_statements(shipment, heard) {
        return FoldedStatus {
            reason: Reason::Silent,
            since: shipment.status_since,
            ..folded
        };
    }
    folded
}

fn has_new_statements(before: &Shipment, after: &Shipment) -> bool {
    let of = |shipment: &Shipment| -> Vec<ReportedStatus> {
        let others = shipment.other_sources.iter();
        let others = others.flat_map(|telling| &telling.statements);
        shipment.statements.iter().chain(others).copied().collect()
    };
    of(before) != of(after)
}

/// The ETA after `told`. One that was past when first told is a placeholder,
/// and a weaker source does not overrule a stronger one, unless it corrects it.
fn later_eta(known: Option<Eta>, told: Eta, is_correction: bool, now: Timestamp) -> Option<Eta> {
    let is_backwards = told.to < told.from;
    let is_weaker = !is_correction
        && known.is_some_and(|known| known.source.trust_level() > told.source.trust_level());
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
fn merge_aliases(shipment: &Shipment, told: &[Alias]) -> Vec<Alias> {
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

/// That a shipment is late, as it is known already.
pub(super) fn known_lateness(shipment: &Shipment) -> Option<Lateness> {
    let reason = shipment.delay_reason()?;
    Some(Lateness {
        reason,
        since: None,
    })
}

/// What is laid over the status of `next`, given the delay that its scans tell;
/// what lasts keeps its beginning. A delay begins when the carrier says, or when we
/// learn of it.
pub(super) fn shipment_conditions(
    next: &Shipment,
    delay: Option<Lateness>,
    now: Timestamp,
) -> Vec<ShipmentCondition> {
    let status = next.current_status();
    let mut conditions = Vec::new();
    if let Some(Lateness { reason, since }) = delay.filter(|_| !status.is_final()) {
        let known = next.conditions.iter().find_map(|known| match known {
            ShipmentCondition::Delayed {
                reason: known,
                since,
            } if *known == reason => Some(*since),
            _ => None,
        });
        let told = since.filter(|since| *since <= now);
        let since = told.or(known).unwrap_or(now);
        conditions.push(ShipmentCondition::Delayed { reason, since });
    }
    for known in &next.conditions {
        match known {
            ShipmentCondition::Stalled { .. } if !status.is_final() => {
                conditions.push(known.clone());
            }
            ShipmentCondition::EtaMissed { eta, .. } => {
                if next.eta == Some(*eta) && overdue::can_miss(status) {
                    conditions.push(known.clone());
                }
            }
            ShipmentCondition::Stalled { .. }
            | ShipmentCondition::Delayed { .. }
            | ShipmentCondition::ActionRequired { .. } => {}
        }
    }
    if let Some(who) = next.reason.action_required() {
        let since = next.conditions.iter().find_map(|known| match known {
            ShipmentCondition::ActionRequired { who: known, since } if *known == who => {
                Some(*since)
            }
            _ => None,
        });
        let since = since.unwrap_or(now);
        conditions.push(ShipmentCondition::ActionRequired { who, since });
    }
    conditions
}
