//! Reads an answer of Shippo: a track, or an event that holds one.

use super::{
    codes,
    wire::{Event, Push, Track},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult},
    reading::{
        aggregate::{
            false_zulu, goes_back, impersonal_text, is_over, is_unasked, parse_stamp, read_eta,
            read_place,
        },
        scans::{ScanOrder, add_stated, in_sequence},
    },
    wire::{is_number, present_text},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use posthorn_domain::{
    eta::EtaSource, report::Report, scan::Scan, tracking_number::TrackingNumber,
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
        return CarrierError::rejected_request("Shippo must be told who carries the parcel").into();
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        let is_about_number = response.status() == StatusCode::BAD_REQUEST;
        return if is_about_number && failure.kind == CarrierErrorKind::Rejected {
            CarrierError::rejected_request("Shippo refused the number or does not know the carrier")
                .into()
        } else {
            failure.into()
        };
    }
    match serde_json::from_slice::<Track<'_>>(response.body()) {
        Ok(track) if is_number(&track.tracking_number, number) => known_result(&track),
        _ => CarrierError::unreadable_response("expected JSON of a track with this number").into(),
    }
}

/// Reads a push.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected JSON with `event` and `data`"))?;
    match push.event.as_ref() {
        "track_updated" => {}
        "" => return Err(CarrierError::unreadable_response("expected an `event`")),
        // Labels and batches are pushed as well.
        _ => return Ok(Vec::new()),
    }
    let number = TrackingNumber::parse(&push.data.tracking_number).map_err(|_| {
        CarrierError::unreadable_response("expected a number in `data.tracking_number`")
    })?;
    Ok(vec![(number, known_result(&push.data))])
}

/// What is known of a number. Shippo answers 200 without any status for one
/// that the carrier does not know.
fn known_result(track: &Track<'_>) -> TrackingResult {
    let report = build_report(track);
    let is_unknown = track
        .tracking_status
        .last()
        .is_none_or(|event| matches!(event.status.as_ref(), "" | "UNKNOWN" | "unknown"));
    let is_silent = is_unknown && track.tracking_history.is_empty();
    if is_silent {
        TrackingResult::NotFound
    } else {
        TrackingResult::Found(vec![Found::new(report)])
    }
}

fn build_report(track: &Track<'_>) -> Report {
    let latest = track.tracking_status.last();
    // The newest event stands apart as well, and may be ahead of the history;
    // without a history it is all there is.
    let scans = track
        .tracking_history
        .iter()
        .filter_map(read_scan)
        .collect();
    let mut scans = in_sequence(scans, ScanOrder::OldestFirst);
    if scans.is_empty() {
        scans.extend(latest.and_then(read_scan));
    } else {
        add_stated(&mut scans, latest.and_then(read_scan));
    }
    let stated = latest
        .and_then(|event| codes::map_meaning(&event.status, &event.substatus.code).status_reason());
    // A day, written as its first moment in UTC.
    let expected = read_eta(parse_stamp(&track.eta), None, EtaSource::Carrier);
    Report {
        reported_status: stated,
        eta: expected.filter(|_| !is_over(&scans, stated)),
        proof: None,
        pieces: None,
        aliases: Vec::new(),
        is_return: goes_back(&scans, stated),
        service: present_text(&track.servicelevel.name),
        scans,
    }
}

fn read_scan(event: &Event<'_>) -> Option<Scan> {
    let location = &event.location;
    let code = [&event.substatus.code, &event.status]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        // The carrier's own clock, though Shippo writes a `Z` behind it.
        time: false_zulu(&event.status_date)?,
        meaning: codes::map_meaning(&event.status, &event.substatus.code),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: impersonal_text(&event.status_details),
        place: read_place(&location.city, &location.state, &location.country, ""),
        sequence: 0,
        is_inferred: codes::is_new(&event.substatus.code),
    })
}
