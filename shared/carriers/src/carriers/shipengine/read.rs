//! Reads an answer of ShipEngine: a tracking, or a push that holds one.

use super::{
    codes,
    wire::{Event, Push, Tracking},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{
        aggregate::{
            find_ignoring_case, goes_back, impersonal_text, is_over, is_unasked, parse_stamp,
            read_eta, read_place, read_proof, wall_clock,
        },
        scans::{ScanOrder, in_sequence},
    },
    wire::{is_number, offset_between},
};
use bytes::Bytes;
use http::Response;
use jiff::{civil::DateTime, tz::Offset};
use posthorn_domain::{
    eta::EtaSource,
    report::Report,
    scan::{Scan, ScanMeaning},
    status::Reason,
    time::ScanTime,
    tracking_number::TrackingNumber,
};

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let number = &wanted.number;
    ParsedResponse::single_result(number.clone(), read_result(call, response, number))
}

fn read_result(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    number: &TrackingNumber,
) -> TrackingResult {
    if is_unasked(response) {
        return CarrierError::rejected_request("ShipEngine must be told who carries the parcel")
            .into();
    }
    let tracking: Option<Tracking<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(failure) = read_refusal(call, response, tracking.as_ref()) {
        return failure.into();
    }
    match tracking {
        // The specification leaves the number out of some answers.
        Some(tracking)
            if !tracking.status_code.is_empty()
                && (tracking.number.is_empty() || is_number(&tracking.number, number)) =>
        {
            known_result(&tracking)
        }
        _ => CarrierError::unreadable_response("expected JSON with `status_code` and this number")
            .into(),
    }
}

/// Reads a push.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let push: Push<'_> = serde_json::from_slice(body).map_err(|_| {
        CarrierError::unreadable_response("expected JSON with `resource_type` and `data`")
    })?;
    match push.resource_type.as_ref() {
        "API_TRACK" => {}
        "" => {
            return Err(CarrierError::unreadable_response(
                "expected a `resource_type`",
            ));
        }
        // Rates, batches and reports are pushed as well.
        _ => return Ok(Vec::new()),
    }
    let number = TrackingNumber::parse(&push.data.number).map_err(|_| {
        CarrierError::unreadable_response("expected a number in `data.tracking_number`")
    })?;
    Ok(vec![(number, known_result(&push.data))])
}

/// Why there is no tracking in the answer.
pub(super) fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    tracking: Option<&Tracking<'_>>,
) -> Option<CarrierError> {
    let by_status = CarrierError::of_status(response, call.asked_at)?;
    let code = tracking
        .and_then(|tracking| tracking.errors.first())
        .map_or("", |error| error.code.as_ref());
    let (kind, what) = match code {
        "" => return Some(by_status),
        "unauthorized" => (CarrierErrorKind::Unauthorized, "refused the key"),
        "forbidden" | "subscription_inactive" | "terms_not_accepted" | "trial_expired" => {
            (CarrierErrorKind::Denied, "does not allow it")
        }
        "carrier_not_connected" => (
            CarrierErrorKind::Denied,
            "wants an account of this carrier to be connected",
        ),
        "carrier_not_supported" | "tracking_not_supported" => {
            (CarrierErrorKind::Rejected, "does not track this carrier")
        }
        "rate_limit_exceeded" => (
            CarrierErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "answered too many requests",
        ),
        "timeout" => (
            CarrierErrorKind::Unavailable,
            "had no answer from the carrier",
        ),
        _ => (by_status.kind, "answered an error"),
    };
    Some(CarrierError::new(
        kind,
        format!("ShipEngine {what} ({})", plain_code(code)),
    ))
}

/// What is known of a number: nothing, as long as its status is "unknown" or
/// "not yet in system" and nothing has happened.
fn known_result(tracking: &Tracking<'_>) -> TrackingResult {
    let status = tracking.status_code.to_ascii_uppercase();
    let is_unknown = matches!(status.as_str(), "UN" | "NY" | "");
    if is_unknown && tracking.events.is_empty() {
        return TrackingResult::NotFound;
    }
    let shipped_on = parse_stamp(&tracking.ship_date).map(ScanTime::local_date);
    TrackingResult::Found(vec![Found {
        shipped_on,
        ..Found::new(build_report(tracking))
    }])
}

fn build_report(tracking: &Tracking<'_>) -> Report {
    let scans = tracking.events.iter().filter_map(read_scan).collect();
    let scans = in_sequence(scans, ScanOrder::NewestFirst);
    let stated =
        codes::map_meaning(&tracking.status_code, &tracking.status_detail_code).status_reason();
    let signer = tracking
        .events
        .iter()
        .map(|event| event.signer.as_ref())
        .find(|signer| !signer.is_empty());
    let expected = read_eta(
        parse_stamp(&tracking.estimated_delivery_date),
        None,
        EtaSource::Carrier,
    );
    Report {
        reported_status: stated,
        eta: expected.filter(|_| !is_over(&scans, stated)),
        proof: read_proof(&scans, signer.unwrap_or_default()),
        pieces: None,
        aliases: Vec::new(),
        is_return: goes_back(&scans, stated),
        service: None,
        scans,
    }
}

fn read_scan(event: &Event<'_>) -> Option<Scan> {
    let code = [&event.status_detail_code, &event.status_code, &event.code]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        time: read_time(event)?,
        meaning: map_meaning(event),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: impersonal_text(&event.description),
        place: read_place(
            &event.city_locality,
            &event.state_province,
            &event.country_code,
            "",
        ),
        sequence: 0,
        is_inferred: codes::is_new(&event.status_detail_code),
    })
}

/// What an event means. ShipEngine takes some scans of USPS for exceptions that
/// say themselves that all is well.
fn map_meaning(event: &Event<'_>) -> ScanMeaning {
    let meaning = codes::map_meaning(&event.status_code, &event.status_detail_code);
    if event.status_code.eq_ignore_ascii_case("EX")
        && find_ignoring_case(&event.description, "arriving on time").is_some()
    {
        ScanMeaning::Status(Reason::Moving)
    } else {
        meaning
    }
}

/// The carrier's wall clock, and the offset between it and the same moment in
/// UTC. The `Z` of the carrier's clock is none: it stands there whatever the
/// zone, and only another offset is meant. USPS computes the scans `NT` and `TL`
/// ("in transit to next facility"), and ShipEngine reckons them all by one zone.
fn read_time(event: &Event<'_>) -> Option<ScanTime> {
    let utc = parse_stamp(&event.occurred_at);
    let Some(local) = parse_stamp(&event.carrier_occurred_at) else {
        return utc;
    };
    if local
        .utc_offset()
        .is_some_and(|offset| offset != Offset::UTC)
    {
        return Some(local);
    }
    if matches!(event.code.as_ref(), "NT" | "TL") {
        return Some(wall_clock(local));
    }
    let clock = |stamp: ScanTime| Some(stamp.local_date().to_datetime(stamp.local_time()?));
    let offset = utc.and_then(|utc| known_offset(clock(local)?, clock(utc)?));
    Some(match (offset, clock(local)) {
        (Some(offset), Some(local)) => ScanTime::from_zoned(local, offset),
        _ => wall_clock(local),
    })
}

/// None if both clocks are the same: then one was copied from the other.
fn known_offset(local: DateTime, utc: DateTime) -> Option<Offset> {
    offset_between(local, utc).filter(|offset| *offset != Offset::UTC)
}
