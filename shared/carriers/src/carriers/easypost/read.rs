//! Reads an answer of EasyPost: a tracker, or an event that holds one.

use super::{
    codes,
    wire::{Event, List, Tracker, TrackingDetail},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{
        aggregate::{
            FIRST_LOOK, false_zulu, goes_back, impersonal_text, is_over, parse_stamp, read_alias,
            read_eta, read_place, read_proof,
        },
        scans::{ScanOrder, in_sequence},
    },
    wire::{is_number, present_text},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::Timestamp;
use posthorn_domain::{
    eta::EtaSource, report::Report, scan::Scan, tracking_number::TrackingNumber,
};

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
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
    let outcome =
        read_refusal(call, response, tracker.as_ref()).unwrap_or_else(|| match &tracker {
            Some(tracker) if is_number(&tracker.tracking_code, number) => {
                match known_result(tracker, number) {
                    TrackingResult::NotFound if is_new(tracker, call.asked_at) => {
                        TrackingResult::NotYet {
                            after: FIRST_LOOK,
                            ticket: None,
                        }
                    }
                    outcome => outcome,
                }
            }
            _ => CarrierError::unreadable_response("expected JSON of a tracker with this number")
                .into(),
        });
    ParsedResponse::single_result(number.clone(), outcome)
}

/// Reads a push. Of the other events, those of refunds and batches, none is
/// about a shipment.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let event: Event<'_> = serde_json::from_slice(body).map_err(|_| {
        CarrierError::unreadable_response("expected JSON with `description` and `result`")
    })?;
    if !matches!(
        event.description.as_ref(),
        "tracker.updated" | "tracker.created"
    ) {
        return if event.description.is_empty() {
            Err(CarrierError::unreadable_response(
                "expected a `description`",
            ))
        } else {
            Ok(Vec::new())
        };
    }
    let number = TrackingNumber::parse(&event.result.tracking_code).map_err(|_| {
        CarrierError::unreadable_response("expected a number in `result.tracking_code`")
    })?;
    let outcome = known_result(&event.result, &number);
    Ok(vec![(number, outcome)])
}

/// Why there is no tracker in the answer.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    tracker: Option<&Tracker<'_>>,
) -> Option<TrackingResult> {
    let by_status = CarrierError::of_status(response, call.asked_at)?;
    let code = tracker.map_or("", |tracker| tracker.error.code.as_ref());
    let failed = |kind, what: &str| {
        TrackingResult::Failed(CarrierError::new(
            kind,
            format!("EasyPost {what} ({})", plain_code(code)),
        ))
    };
    Some(match code {
        "TRACKER.NOT_FOUND" => TrackingResult::NotFound,
        "TRACKER.CARRIER_CODE_MISMATCH" => TrackingResult::Invalid,
        "TRACKER.NO_CARRIER_FOR_CODE" | "TRACKER.MULTIPLE_CARRIERS_FOR_CODE" => {
            failed(CarrierErrorKind::Rejected, "cannot tell whose number it is")
        }
        "TRACKER.UNSUPPORTED_CARRIER" => {
            failed(CarrierErrorKind::Rejected, "does not know the carrier")
        }
        "TRACKER.NO_CARRIER_ACCOUNT" => {
            failed(CarrierErrorKind::Denied, "wants an account of this carrier")
        }
        "TRACKER.INVALID_TEST_CODE" => failed(
            CarrierErrorKind::Rejected,
            "was asked with the key for tests",
        ),
        "RATE_LIMITED" | "RATE_LIMIT.EXCEEDED" => failed(
            CarrierErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "answered too many requests",
        ),
        _ if response.status() == StatusCode::PAYMENT_REQUIRED => {
            failed(CarrierErrorKind::Denied, "wants to be paid")
        }
        "" => by_status.into(),
        _ => failed(by_status.kind, "answered an error"),
    })
}

/// Whether EasyPost has made the tracker for this question, so that it cannot
/// know anything yet. This time is EasyPost's own, and in UTC.
fn is_new(tracker: &Tracker<'_>, asked_at: Timestamp) -> bool {
    let created =
        parse_stamp(&tracker.created_at).and_then(posthorn_domain::time::ScanTime::to_instant);
    created.is_some_and(|created| {
        asked_at.duration_since(created).as_secs() < FIRST_LOOK.as_secs().cast_signed()
    })
}

/// What is known of a number: nothing, as long as EasyPost has no detail and no
/// status of it.
fn known_result(tracker: &Tracker<'_>, number: &TrackingNumber) -> TrackingResult {
    let report = build_report(tracker, number);
    if report.scans.is_empty() {
        match tracker.status.as_ref() {
            "unknown" | "" => return TrackingResult::NotFound,
            "error" => {
                return CarrierError::rejected_request("EasyPost could not ask the carrier").into();
            }
            _ => {}
        }
    }
    TrackingResult::Found(vec![Found {
        unique_id: present_text(&tracker.id),
        ..Found::new(report)
    }])
}

fn build_report(tracker: &Tracker<'_>, number: &TrackingNumber) -> Report {
    let scans = tracker
        .tracking_details
        .iter()
        .filter_map(read_scan)
        .collect();
    let scans = in_sequence(scans, ScanOrder::OldestFirst);
    let stated = codes::map_meaning(&tracker.status, &tracker.status_detail).status_reason();
    let detail = &tracker.carrier_detail;
    // The carrier's own day; the other one is the same as if it were UTC.
    let expected = [&detail.est_delivery_date_local, &tracker.est_delivery_date]
        .into_iter()
        .find_map(|text| read_eta(parse_stamp(text), None, EtaSource::Carrier));
    Report {
        reported_status: stated,
        eta: expected.filter(|_| !is_over(&scans, stated)),
        proof: read_proof(&scans, &tracker.signed_by),
        pieces: None,
        aliases: read_alias(&detail.alternate_identifier, None, number)
            .into_iter()
            .collect(),
        is_return: tracker.is_return == "true" || goes_back(&scans, stated),
        service: present_text(&detail.service),
        scans,
    }
}

fn read_scan(detail: &TrackingDetail<'_>) -> Option<Scan> {
    let location = &detail.tracking_location;
    let code = [&detail.status_detail, &detail.status]
        .into_iter()
        .find(|code| !matches!(code.as_ref(), "" | "unknown" | "status_update"));
    Some(Scan {
        time: false_zulu(&detail.datetime)?,
        meaning: codes::map_meaning(&detail.status, &detail.status_detail),
        code: code.unwrap_or(&detail.status).to_string(),
        text: impersonal_text(&detail.message),
        place: read_place(&location.city, &location.state, &location.country, ""),
        sequence: 0,
        is_inferred: codes::is_new(&detail.status_detail),
    })
}
