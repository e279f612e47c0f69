//! What a number tells: its carrier, or the carriers to ask in turn.

use super::{MANUAL, Rules, SANDBOX, sandbox_refused, supported, verify};
use crate::{given::Fault, problem::Code};
use posthorn_carriers::{Clues, recognise, recognise::sight, rejected};
use posthorn_domain::{
    candidates::{Candidate, MOST, SURE},
    id::CarrierId,
    tracking_number::TrackingNumber,
};

/// The carrier that `number` and what else is known tell, whether or not we can
/// ask it; none where they leave more than one.
pub(crate) fn told(
    number: &TrackingNumber,
    clues: &Clues<'_>,
) -> Option<posthorn_carriers::Candidate> {
    only_binding(&recognise(number, clues))
}

fn only_binding(
    recognised: &[posthorn_carriers::Candidate],
) -> Option<posthorn_carriers::Candidate> {
    match recognised {
        [best, rest @ ..] if best.is_binding() && rest.iter().all(|other| !other.is_binding()) => {
            Some(*best)
        }
        _ => None,
    }
}

/// Those of whom the installation has credentials that may have given
/// `number`, in the order in which to ask them; none if nobody may be asked on
/// the strength of what is known.
///
/// A carrier that somebody named has no other beside it but the post whose number
/// it is, which may be on a parcel that was handed over to it. The first has a right
/// check digit at least; those after it may have no more than the shape. Where
/// even the first is doubtful, the shop's aggregator comes last.
pub(crate) fn candidates(
    number: &TrackingNumber,
    clues: &Clues<'_>,
    rules: Rules<'_>,
) -> Vec<Candidate> {
    let recognised = recognise(number, clues);
    let told = only_binding(&recognised);
    let is_named = recognised
        .iter()
        .any(posthorn_carriers::Candidate::is_named);
    if !rules.are_in_use_known() {
        return Vec::new();
    }
    let mut ranked: Vec<(Candidate, bool)> = Vec::new();
    let mut posts: Vec<Candidate> = Vec::new();
    for found in recognised.iter().filter(|found| found.is_plausible()) {
        for id in rules.services(found.carrier) {
            if ranked.iter().all(|(known, _)| known.carrier.as_str() != id) {
                let id = CarrierId::parse(id).expect("a test parses the id of each carrier");
                let candidate = Candidate::new(id, found.confidence);
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
    let mut candidates: Vec<Candidate> = ranked.into_iter().map(|(found, _)| found).collect();
    candidates.truncate(MOST);
    if told.is_none()
        && let Some(aggregator) = rules.aggregator()
        && candidates.iter().all(|found| found.carrier != aggregator)
    {
        candidates.truncate(MOST - 1);
        candidates.push(Candidate::new(aggregator, 0));
    }
    candidates
}

/// The carriers that `number` tells by itself, to be asked in turn; one alone
/// that we know by sight, if there is somebody to ask.
pub(crate) fn recognised(
    number: &TrackingNumber,
    rules: Rules<'_>,
) -> Result<Vec<Candidate>, Fault> {
    let clues = rules.clues();
    let candidates = candidates(number, &clues, rules);
    if !candidates.is_empty() {
        return Ok(candidates);
    }
    let Some(best) = told(number, &clues) else {
        return Err(undecided(number, &clues));
    };
    let id = if rules.allows(best.carrier) {
        let id = best.carrier_id();
        verify(&id, number, rules).map(|()| id)
    } else {
        ours(&best, rules.is_test)
    };
    id.map(|id| vec![Candidate::new(id, SURE)])
}

fn undecided(number: &TrackingNumber, clues: &Clues<'_>) -> Fault {
    let several: Vec<&str> = recognise(number, clues)
        .iter()
        .filter(|candidate| posthorn_carriers::profile_of(&candidate.carrier_id()).is_some())
        .map(|candidate| candidate.carrier)
        .collect();
    let mistyped = mistyped(number);
    if several.is_empty() {
        return Fault::new(
            Code::CarrierRequired,
            format!(
                "is not a number that tells its carrier{mistyped}: check it, or give `carrier`"
            ),
        )
        .expecting(format!("`carrier` as one of {}", supported()));
    }
    Fault::new(
        Code::CarrierRequired,
        format!("may be a number of more than one carrier{mistyped}: give `carrier`"),
    )
    .expecting(format!(
        "`carrier` as one of {}, or as {MANUAL}",
        several.join(", ")
    ))
}

/// Of which carriers `number` would be, were it not for its check digit: for the
/// middle of a sentence.
fn mistyped(number: &TrackingNumber) -> String {
    let names: Vec<&str> = rejected(number, &Clues::default())
        .iter()
        .filter(|found| found.is_firm)
        .filter_map(|found| sight::name(found.carrier))
        .collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" (the check digit is wrong for {})", names.join(" and ")),
    }
}

/// The id of a carrier that we can ask.
pub(crate) fn ours(told: &posthorn_carriers::Candidate, is_test: bool) -> Result<CarrierId, Fault> {
    if told.carrier == SANDBOX && !is_test {
        return Err(sandbox_refused());
    }
    let id = told.carrier_id();
    if posthorn_carriers::profile_of(&id).is_some() {
        return Ok(id);
    }
    let name = sight::name(told.carrier).unwrap_or(told.carrier);
    Err(Fault::new(
        Code::CarrierRequired,
        format!("is a number of {name}, whom we cannot ask"),
    )
    .expecting(format!(
        "`carrier` as {MANUAL}, with `carrier_name` and `tracking_url`"
    )))
}
