//! What an outcome means for a parcel, before anything is read.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{Found, Outcome};
use posthorn_domain::{cadence, journey, report::Report, status::Reason};
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
    let found = match outcome {
        Outcome::Found(found) => Found::meant(found, parcel.registered_at),
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
