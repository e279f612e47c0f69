//! Reads an answer of Shippo: a track, or an event that holds one.

use super::{
    codes,
    wire::{Event, Push, Track},
};
use crate::{
    aggregate::{eta, false_zulu, goes_back, is_over, is_unasked, place, said, stamp},
    carrier::{Answer, Call},
    outcome::{ErrorKind, Failure, Found, Outcome},
    scans::{Order, add_stated, in_sequence},
    wire::{is_number, present},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use posthorn_domain::{
    eta::EtaSource, report::Report, scan::Scan, tracking_number::TrackingNumber,
};

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let Some(wanted) = call.wanted.first() else {
        return Answer::default();
    };
    let number = &wanted.number;
    Answer::one(number.clone(), outcome(call, response, number))
}

fn outcome(call: &Call, response: &Response<Bytes>, number: &TrackingNumber) -> Outcome {
    if is_unasked(response) {
        return Failure::rejected("Shippo must be told who carries the parcel").into();
    }
    if let Some(failure) = Failure::of_status(response, call.asked_at) {
        let is_about_number = response.status() == StatusCode::BAD_REQUEST;
        return if is_about_number && failure.kind == ErrorKind::Rejected {
            Failure::rejected("Shippo refused the number or does not know the carrier").into()
        } else {
            failure.into()
        };
    }
    match serde_json::from_slice::<Track<'_>>(response.body()) {
        Ok(track) if is_number(&track.tracking_number, number) => known(&track),
        _ => Failure::unreadable("expected JSON of a track with this number").into(),
    }
}

/// Reads a push.
pub(super) fn push(body: &[u8]) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| Failure::unreadable("expected JSON with `event` and `data`"))?;
    match push.event.as_ref() {
        "track_updated" => {}
        "" => return Err(Failure::unreadable("expected an `event`")),
        // Labels and batches are pushed as well.
        _ => return Ok(Vec::new()),
    }
    let number = TrackingNumber::parse(&push.data.tracking_number)
        .map_err(|_| Failure::unreadable("expected a number in `data.tracking_number`"))?;
    Ok(vec![(number, known(&push.data))])
}

/// What is known of a number. Shippo answers 200 without any status for one
/// that the carrier does not know.
fn known(track: &Track<'_>) -> Outcome {
    let report = report(track);
    let is_unknown = track
        .tracking_status
        .last()
        .is_none_or(|event| matches!(event.status.as_ref(), "" | "UNKNOWN" | "unknown"));
    let is_silent = is_unknown && track.tracking_history.is_empty();
    if is_silent {
        Outcome::NotFound
    } else {
        Outcome::Found(vec![Found::new(report)])
    }
}

fn report(track: &Track<'_>) -> Report {
    let latest = track.tracking_status.last();
    // The newest event stands apart as well, and may be ahead of the history;
    // without a history it is all there is.
    let scans = track.tracking_history.iter().filter_map(scan).collect();
    let mut scans = in_sequence(scans, Order::OldestFirst);
    if scans.is_empty() {
        scans.extend(latest.and_then(scan));
    } else {
        add_stated(&mut scans, latest.and_then(scan));
    }
    let stated =
        latest.and_then(|event| codes::meaning(&event.status, &event.substatus.code).reason());
    // A day, written as its first moment in UTC.
    let expected = eta(stamp(&track.eta), None, EtaSource::Carrier);
    Report {
        stated,
        eta: expected.filter(|_| !is_over(&scans, stated)),
        proof: None,
        pieces: None,
        aliases: Vec::new(),
        is_return: goes_back(&scans, stated),
        service: present(&track.servicelevel.name),
        scans,
    }
}

fn scan(event: &Event<'_>) -> Option<Scan> {
    let location = &event.location;
    let code = [&event.substatus.code, &event.status]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        // The carrier's own clock, though Shippo writes a `Z` behind it.
        time: false_zulu(&event.status_date)?,
        meaning: codes::meaning(&event.status, &event.substatus.code),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: said(&event.status_details),
        place: place(&location.city, &location.state, &location.country, ""),
        sequence: 0,
        is_inferred: codes::is_new(&event.substatus.code),
    })
}
