//! What a number tells: its carrier, or the carriers to ask in turn.

use super::{MANUAL, Rules, SANDBOX, sandbox_refused, supported_carriers, verify_number};
use crate::{field::Issue, problem::ProblemCode};
use posthorn_carriers::{Clues, recognise::sight, recognise_number, rejected_carriers};
use posthorn_domain::{
    candidates::{CarrierCandidate, MOST, SURE},
    id::CarrierId,
    tracking_number::TrackingNumber,
};

/// The carrier that `number` and what else is known tell, whether or not we can
/// ask it; none where they leave more than one.
pub(crate) fn single_match(
    number: &TrackingNumber,
    clues: &Clues<'_>,
) -> Option<posthorn_carriers::CarrierMatch> {
    only_binding(&recognise_number(number, clues))
}

fn only_binding(
    recognised: &[posthorn_carriers::CarrierMatch],
) -> Option<posthorn_carriers::CarrierMatch> {
    match recognised {
        [best, rest @ ..] if best.is_binding() && rest.iter().all(|other| !other.is_binding()) => {
            Some(*best)
        }
        _ => None,
    }
}

/// Those of whom the installation has credentials that may have given
/// `number`, in the order in which to ask them; empty if none may be asked on
/// the strength of what is known.
///
/// A named carrier has no other beside it but the post whose number
/// it is, which may be on a shipment that was handed over to it. The first has a right
/// check digit at least; those after it may have no more than the shape. Where
/// even the first is doubtful, the shop's aggregator comes last.
pub(crate) fn list_candidates(
    number: &TrackingNumber,
    clues: &Clues<'_>,
    rules: Rules<'_>,
) -> Vec<CarrierCandidate> {
    let recognised = recognise_number(number, clues);
    let told = only_binding(&recognised);
    let is_named = recognised
        .iter()
        .any(posthorn_carriers::CarrierMatch::is_named);
    if !rules.are_in_use_known() {
        return Vec::new();
    }
    let mut ranked: Vec<(CarrierCandidate, bool)> = Vec::new();
    let mut posts: Vec<CarrierCandidate> = Vec::new();
    for found in recognised.iter().filter(|found| found.is_plausible()) {
        for id in rules.services_for(found.carrier) {
            if ranked.iter().all(|(known, _)| known.carrier.as_str() != id) {
                let id = CarrierId::parse(id).expect("a test parses the id of each carrier");
                let candidate = CarrierCandidate::new(id, found.confidence);
                let may_lead = told.map_or(found.checksum == Some(true), |told| {
                    told.carrier == found.carrier
                });
                if found.is_postal && !may_lead {
                    posts.push(candidate.clone());
                }
                ranked.push((candidate, may_lead));
            }
        }
    }
    let Some(leader) = ranked.iter().position(|(_, may_lead)| *may_lead) else {
        return Vec::new();
    };
    if is_named {
        // A name that several carriers have is no word for any of them.
        return told.map_or_else(Vec::new, |_| {
            let mut named = vec![ranked.swap_remove(leader).0];
            named.extend(posts);
            named.truncate(MOST);
            named
        });
    }
    let first = ranked.remove(leader);
    ranked.insert(0, first);
    let mut candidates: Vec<CarrierCandidate> =
        ranked.into_iter().map(|(found, _)| found).collect();
    candidates.truncate(MOST);
    if told.is_none()
        && let Some(aggregator) = rules.default_aggregator()
        && candidates.iter().all(|found| found.carrier != aggregator)
    {
        candidates.truncate(MOST - 1);
        candidates.push(CarrierCandidate::new(aggregator, 0));
    }
    candidates
}

/// The carriers that `number` tells by itself, to be asked in turn; one alone
/// that we know by sight, if there is an aggregator to ask.
pub(crate) fn recognise_carriers(
    number: &TrackingNumber,
    rules: Rules<'_>,
) -> Result<Vec<CarrierCandidate>, Issue> {
    let clues = rules.to_clues();
    let candidates = list_candidates(number, &clues, rules);
    if !candidates.is_empty() {
        return Ok(candidates);
    }
    let Some(best) = single_match(number, &clues) else {
        return Err(undecided_issue(number, &clues));
    };
    let id = if rules.allows_carrier(best.carrier) {
        let id = best.carrier_id();
        verify_number(&id, number, rules).map(|()| id)
    } else {
        supported_id(&best, rules.is_test)
    };
    id.map(|id| vec![CarrierCandidate::new(id, SURE)])
}

fn undecided_issue(number: &TrackingNumber, clues: &Clues<'_>) -> Issue {
    let several: Vec<&str> = recognise_number(number, clues)
        .iter()
        .filter(|candidate| posthorn_carriers::profile_of(&candidate.carrier_id()).is_some())
        .map(|candidate| candidate.carrier)
        .collect();
    let mistyped = mistyped_hint(number);
    if several.is_empty() {
        return Issue::new(
            ProblemCode::CarrierRequired,
            format!(
                "is not a number that tells its carrier{mistyped}: check it, or give `carrier`"
            ),
        )
        .with_expected(format!("`carrier` as one of {}", supported_carriers()));
    }
    Issue::new(
        ProblemCode::CarrierRequired,
        format!("may be a number of more than one carrier{mistyped}: give `carrier`"),
    )
    .with_expected(format!(
        "`carrier` as one of {}, or as {MANUAL}",
        several.join(", ")
    ))
}

/// Of which carriers `number` would be, were it not for its check digit: for the
/// middle of a sentence.
fn mistyped_hint(number: &TrackingNumber) -> String {
    let names: Vec<&str> = rejected_carriers(number, &Clues::default())
        .iter()
        .filter(|found| found.is_firm)
        .filter_map(|found| sight::carrier_name(found.carrier))
        .collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" (the check digit is wrong for {})", names.join(" and ")),
    }
}

/// The id of a carrier that we can ask.
pub(crate) fn supported_id(
    told: &posthorn_carriers::CarrierMatch,
    is_test: bool,
) -> Result<CarrierId, Issue> {
    if told.carrier == SANDBOX && !is_test {
        return Err(sandbox_refused());
    }
    let id = told.carrier_id();
    if posthorn_carriers::profile_of(&id).is_some() {
        return Ok(id);
    }
    let name = sight::carrier_name(told.carrier).unwrap_or(told.carrier);
    Err(Issue::new(
        ProblemCode::CarrierRequired,
        format!("is a number of {name}, whom we cannot ask"),
    )
    .with_expected(format!(
        "`carrier` as {MANUAL}, with `carrier_name` and `tracking_url`"
    )))
}
