//! What an outcome means for a parcel, before anything is read.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{ErrorKind, Found, Outcome};
use posthorn_domain::{cadence, candidates::Denial, journey, report::Report, status::Reason};
use posthorn_platform::{record::News, store::due::DueParcel};

/// The news for `parcel`, decided without reading it; none of an outcome that
/// tells nothing about the parcel.
pub(crate) fn news(
    parcel: &DueParcel,
    outcome: Outcome,
    retention_days: u16,
    now: Timestamp,
) -> Option<News> {
    let kept = SignedDuration::from_hours(24 * i64::from(retention_days));
    let is_forgotten = matches!(outcome, Outcome::NotFound)
        && !parcel.reason.status().is_final()
        && now.duration_since(parcel.registered_at) >= kept;
    if is_forgotten {
        return Some(News::Forgotten);
    }
    let outcome = meant(parcel, outcome);
    if let Some(denial) = denial(&outcome).filter(|denial| parcel.is_passed_on(*denial, now)) {
        return Some(News::Disowned(denial));
    }
    let found = match outcome {
        Outcome::Found(found) => found.into_iter().next(),
        // The shop has to correct it; our own words, so it has a hash as well.
        Outcome::Invalid => Some(Found::new(Report {
            stated: Some(Reason::InvalidNumber),
            ..Report::default()
        })),
        Outcome::NotFound => None,
        Outcome::NotYet { .. } | Outcome::Failed(_) => return None,
    };
    let told = found
        .map(|found| (found.answer(), found))
        .filter(|(answer, _)| parcel.answer.as_ref() != Some(answer));
    if let Some((answer, found)) = told {
        let report = Box::new(found.report);
        return Some(News::Told { report, answer });
    }
    let glance = parcel.glance();
    let is_due = journey::overdue(&glance, now).is_some()
        || cadence::of_glance(&glance, now) != Some(parcel.cadence);
    Some(if is_due { News::Silence } else { News::None })
}

/// What is found, but for parcels that are not the one that was meant: a number
/// of which nothing else is found is not known.
fn meant(parcel: &DueParcel, outcome: Outcome) -> Outcome {
    let meant = match outcome {
        Outcome::Found(found) if parcel.candidates.is_none() => {
            Found::meant(found, parcel.registered_at)
        }
        Outcome::Found(found) => Found::confirming(found, parcel.registered_at),
        other => return other,
    };
    meant.map_or(Outcome::NotFound, |found| Outcome::Found(vec![found]))
}

/// What an outcome says against the number's being one of the carrier's.
fn denial(outcome: &Outcome) -> Option<Denial> {
    match outcome {
        Outcome::NotFound => Some(Denial::Unknown),
        Outcome::Invalid => Some(Denial::Impossible),
        // It will never say more of the number.
        Outcome::Failed(failure) if failure.kind == ErrorKind::Rejected => Some(Denial::Unknown),
        Outcome::Found(_) | Outcome::NotYet { .. } | Outcome::Failed(_) => None,
    }
}
