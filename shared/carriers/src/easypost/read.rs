//! Reads an answer of EasyPost: a tracker, or an event that holds one.

use super::{
    codes,
    wire::{Event, List, Tracker, TrackingDetail},
};
use crate::{
    aggregate::{
        FIRST_LOOK, alias, eta, false_zulu, goes_back, is_over, place, proof, said, stamp,
    },
    carrier::{Answer, Call},
    outcome::{ErrorKind, Failure, Found, Outcome, plain, retry_after},
    scans::{Order, in_sequence},
    wire::{is_number, present},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use posthorn_domain::{
    eta::EtaSource, report::Report, scan::Scan, tracking_number::TrackingNumber,
};

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let Some(wanted) = call.wanted.first() else {
        return Answer::default();
    };
    let number = &wanted.number;
    let mut tracker: Option<Tracker<'_>> = serde_json::from_slice(response.body()).ok();
    // The list of all trackers, which we do not ask for.
    let list: List<'_> = match &tracker {
        Some(tracker) if tracker.tracking_code.is_empty() => {
            serde_json::from_slice(response.body()).unwrap_or_default()
        }
        _ => List::default(),
    };
    let mut listed = list.trackers.into_iter();
    if let Some(meant) = listed.find(|tracker| is_number(&tracker.tracking_code, number)) {
        tracker = Some(meant);
    }
    let outcome = refusal(call, response, tracker.as_ref()).unwrap_or_else(|| match &tracker {
        Some(tracker) if is_number(&tracker.tracking_code, number) => {
            match known(tracker, number) {
                Outcome::NotFound if is_new(tracker, call.asked_at) => Outcome::NotYet {
                    after: FIRST_LOOK,
                    ticket: None,
                },
                outcome => outcome,
            }
        }
        _ => Failure::unreadable("expected JSON of a tracker with this number").into(),
    });
    Answer::one(number.clone(), outcome)
}

/// Reads a push. Of the other events, those of refunds and batches, none is
/// about a parcel.
pub(super) fn push(body: &[u8]) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
    let event: Event<'_> = serde_json::from_slice(body)
        .map_err(|_| Failure::unreadable("expected JSON with `description` and `result`"))?;
    if !matches!(
        event.description.as_ref(),
        "tracker.updated" | "tracker.created"
    ) {
        return if event.description.is_empty() {
            Err(Failure::unreadable("expected a `description`"))
        } else {
            Ok(Vec::new())
        };
    }
    let number = TrackingNumber::parse(&event.result.tracking_code)
        .map_err(|_| Failure::unreadable("expected a number in `result.tracking_code`"))?;
    let outcome = known(&event.result, &number);
    Ok(vec![(number, outcome)])
}

/// Why there is no tracker in the answer.
fn refusal(
    call: &Call,
    response: &Response<Bytes>,
    tracker: Option<&Tracker<'_>>,
) -> Option<Outcome> {
    let by_status = Failure::of_status(response, call.asked_at)?;
    let code = tracker.map_or("", |tracker| tracker.error.code.as_ref());
    let failed = |kind, what: &str| {
        Outcome::Failed(Failure::new(
            kind,
            format!("EasyPost {what} ({})", plain(code)),
        ))
    };
    Some(match code {
        "TRACKER.NOT_FOUND" => Outcome::NotFound,
        "TRACKER.CARRIER_CODE_MISMATCH" => Outcome::Invalid,
        "TRACKER.NO_CARRIER_FOR_CODE" | "TRACKER.MULTIPLE_CARRIERS_FOR_CODE" => {
            failed(ErrorKind::Rejected, "cannot tell whose number it is")
        }
        "TRACKER.UNSUPPORTED_CARRIER" => failed(ErrorKind::Rejected, "does not know the carrier"),
        "TRACKER.NO_CARRIER_ACCOUNT" => {
            failed(ErrorKind::Denied, "wants an account of this carrier")
        }
        "TRACKER.INVALID_TEST_CODE" => {
            failed(ErrorKind::Rejected, "was asked with the key for tests")
        }
        "RATE_LIMITED" | "RATE_LIMIT.EXCEEDED" => failed(
            ErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "answered too many requests",
        ),
        _ if response.status() == StatusCode::PAYMENT_REQUIRED => {
            failed(ErrorKind::Denied, "wants to be paid")
        }
        "" => by_status.into(),
        _ => failed(by_status.kind, "answered an error"),
    })
}

/// Whether EasyPost has made the tracker for this question, so that it cannot
/// know anything yet. This time is EasyPost's own, and in UTC.
fn is_new(tracker: &Tracker<'_>, asked_at: Timestamp) -> bool {
    let created = stamp(&tracker.created_at).and_then(posthorn_domain::time::ScanTime::instant);
    created.is_some_and(|created| {
        asked_at.duration_since(created).as_secs() < FIRST_LOOK.as_secs().cast_signed()
    })
}

/// What is known of a number: nothing, as long as EasyPost has no detail and no
/// status of it.
fn known(tracker: &Tracker<'_>, number: &TrackingNumber) -> Outcome {
    let report = report(tracker, number);
    if report.scans.is_empty() {
        match tracker.status.as_ref() {
            "unknown" | "" => return Outcome::NotFound,
            "error" => return Failure::rejected("EasyPost could not ask the carrier").into(),
            _ => {}
        }
    }
    Outcome::Found(vec![Found {
        unique_id: present(&tracker.id),
        ..Found::new(report)
    }])
}

fn report(tracker: &Tracker<'_>, number: &TrackingNumber) -> Report {
    let scans = tracker.tracking_details.iter().filter_map(scan).collect();
    let scans = in_sequence(scans, Order::OldestFirst);
    let stated = codes::meaning(&tracker.status, &tracker.status_detail).reason();
    let detail = &tracker.carrier_detail;
    // The carrier's own day; the other one is the same as if it were UTC.
    let expected = [&detail.est_delivery_date_local, &tracker.est_delivery_date]
        .into_iter()
        .find_map(|text| eta(stamp(text), None, EtaSource::Carrier));
    Report {
        stated,
        eta: expected.filter(|_| !is_over(&scans, stated)),
        proof: proof(&scans, &tracker.signed_by),
        pieces: None,
        aliases: alias(&detail.alternate_identifier, None, number)
            .into_iter()
            .collect(),
        is_return: tracker.is_return == "true" || goes_back(&scans, stated),
        service: present(&detail.service),
        scans,
    }
}

fn scan(detail: &TrackingDetail<'_>) -> Option<Scan> {
    let location = &detail.tracking_location;
    let code = [&detail.status_detail, &detail.status]
        .into_iter()
        .find(|code| !matches!(code.as_ref(), "" | "unknown" | "status_update"));
    Some(Scan {
        time: false_zulu(&detail.datetime)?,
        meaning: codes::meaning(&detail.status, &detail.status_detail),
        code: code.unwrap_or(&detail.status).to_string(),
        text: said(&detail.message),
        place: place(&location.city, &location.state, &location.country, ""),
        sequence: 0,
        is_inferred: codes::is_new(&detail.status_detail),
    })
}
