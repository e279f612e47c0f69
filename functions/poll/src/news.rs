//! What an outcome means for a shipment, before anything is read.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{CarrierErrorKind, Found, TrackingResult};
use posthorn_domain::{cadence, candidates::Denial, journey, report::Report, status::Reason};
use posthorn_platform::{shipment_recorder::PollResult, store::poll_targets::PollTarget};

/// The news for `parcel`, decided without reading it; none of an outcome that
/// tells nothing about the shipment.
pub(crate) fn poll_result(
    shipment: &PollTarget,
    outcome: TrackingResult,
    retention_days: u16,
    now: Timestamp,
) -> Option<PollResult> {
    let kept = SignedDuration::from_hours(24 * i64::from(retention_days));
    let is_forgotten = matches!(outcome, TrackingResult::NotFound)
        && !shipment.reason.to_status().is_final()
        && now.duration_since(shipment.registered_at) >= kept;
    if is_forgotten {
        return Some(PollResult::Forgotten);
    }
    let outcome = shop_relevant_result(shipment, outcome);
    if let Some(denial) =
        candidate_denial(&outcome).filter(|denial| shipment.is_passed_on(*denial, now))
    {
        return Some(PollResult::Disowned(denial));
    }
    let found = match outcome {
        TrackingResult::Found(found) => found.into_iter().next(),
        // The shop has to correct it; our own words, so it has a hash as well.
        TrackingResult::Invalid => Some(Found::new(Report {
            reported_status: Some(Reason::InvalidNumber),
            ..Report::default()
        })),
        TrackingResult::NotFound => None,
        TrackingResult::NotYet { .. } | TrackingResult::Failed(_) => return None,
    };
    let told = found
        .map(|found| (found.response_hash(), found))
        .filter(|(answer, _)| shipment.response_hash.as_ref() != Some(answer));
    if let Some((answer, found)) = told {
        let report = Box::new(found.report);
        return Some(PollResult::Told { report, answer });
    }
    let glance = shipment.poll_state();
    let is_due = journey::elapsed_effect(&glance, now).is_some()
        || cadence::of_glance(&glance, now) != Some(shipment.cadence);
    Some(if is_due {
        PollResult::Silence
    } else {
        PollResult::None
    })
}

/// What is found, but for shipments that are not the one that was meant: a number
/// of which nothing else is found is not known.
fn shop_relevant_result(shipment: &PollTarget, outcome: TrackingResult) -> TrackingResult {
    let meant = match outcome {
        TrackingResult::Found(found) if shipment.candidates.is_none() => {
            Found::select_meant(found, shipment.registered_at)
        }
        TrackingResult::Found(found) => Found::select_confirmed(found, shipment.registered_at),
        other => return other,
    };
    meant.map_or(TrackingResult::NotFound, |found| {
        TrackingResult::Found(vec![found])
    })
}

/// What an outcome says against the number's being one of the carrier's.
fn candidate_denial(outcome: &TrackingResult) -> Option<Denial> {
    match outcome {
        TrackingResult::NotFound => Some(Denial::Unknown),
        TrackingResult::Invalid => Some(Denial::Impossible),
        // It will never say more of the number.
        TrackingResult::Failed(failure) if failure.kind == CarrierErrorKind::Rejected => {
            Some(Denial::Unknown)
        }
        TrackingResult::Found(_) | TrackingResult::NotYet { .. } | TrackingResult::Failed(_) => {
            None
        }
    }
}
