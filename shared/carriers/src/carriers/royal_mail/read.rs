//! Reads an answer of Royal Mail.

use super::{
    codes,
    wire::{Body, Coded, Event, MailPiece},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, Found, TrackingResult},
    reading::{
        scans::{add_stated, contains_status, go_back},
        words,
    },
    wire::{compact_time, iso_time, present_text},
};
use bytes::Bytes;
use http::Response;
use jiff::civil::Time;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::ShipmentStatus,
    time::ScanTime,
    tracking_number::TrackingNumber,
};

/// A mail item with that barcode cannot be located.
const NOT_FOUND: &str = "E1142";

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let number = &wanted.number;
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    let outcome = read_refusal(call, response, &body).unwrap_or_else(|| read_result(number, &body));
    ParsedResponse::single_result(number.clone(), outcome)
}

/// What an answer says that is no tracking information. Of the error codes only
/// the one of a number that it does not know adds to the HTTP status.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: &Body<'_>,
) -> Option<TrackingResult> {
    let mut codes = body.errors.iter().map(|error| &error.code);
    let has_pieces = !body.mail_pieces.is_empty();
    if !has_pieces && codes.any(|code| code == NOT_FOUND) {
        return Some(TrackingResult::NotFound);
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return Some(failure.into());
    }
    let error = body.errors.first().filter(|_| !has_pieces)?;
    Some(refused_result(error))
}

fn refused_result(error: &Coded<'_>) -> TrackingResult {
    if error.code == NOT_FOUND {
        return TrackingResult::NotFound;
    }
    let said = format!("{}\n{}", error.description, error.resolution);
    let code: String = error
        .code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(12)
        .collect();
    let kind = words::kind_or(&said, None);
    CarrierError::new(kind, format!("Royal Mail answered error {code}")).into()
}

/// An item has two barcodes, and may be asked for by either.
fn read_result(number: &TrackingNumber, body: &Body<'_>) -> TrackingResult {
    let is_meant = |piece: &&MailPiece<'_>| read_numbers(piece).any(|other| other == *number);
    let meant: Vec<&MailPiece<'_>> = body.mail_pieces.iter().filter(is_meant).collect();
    let Some(piece) = meant.first() else {
        return CarrierError::unreadable_response("expected `mailPieces` with the number").into();
    };
    let is_told = |piece: &&&MailPiece<'_>| {
        !piece.events.is_empty() || !piece.summary.last_event_code.is_empty()
    };
    let found: Vec<Found> = meant
        .iter()
        .filter(is_told)
        .map(|piece| Found::new(build_report(number, piece)))
        .collect();
    if !found.is_empty() {
        TrackingResult::Found(found)
    } else if piece.error.code.is_empty() {
        CarrierError::unreadable_response("expected `events`").into()
    } else {
        refused_result(&piece.error)
    }
}

fn read_numbers(piece: &MailPiece<'_>) -> impl Iterator<Item = TrackingNumber> {
    let summary = &piece.summary;
    [&piece.id, &summary.unique_item_id, &summary.barcode]
        .into_iter()
        .filter_map(|text| TrackingNumber::parse(text).ok())
}

fn build_report(number: &TrackingNumber, piece: &MailPiece<'_>) -> Report {
    let n_events = piece.events.len();
    // Royal Mail lists the newest first; the sequence counts from the oldest.
    let mut scans: Vec<Scan> = piece
        .events
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(index, event)| read_scan(event, n_events - 1 - index))
        .collect();
    let stated = reported_status(piece);
    add_stated(&mut scans, stated_scan(piece, stated));
    let has = |status| contains_status(&scans, status);
    let is_return = go_back(&scans);
    let is_delivered = has(ShipmentStatus::Delivered);
    let is_over =
        is_delivered || has(ShipmentStatus::Returned) || has(ShipmentStatus::AvailableForPickup);
    Report {
        reported_status: stated.status_reason(),
        eta: if is_over { None } else { read_eta(piece) },
        proof: (is_delivered && !is_return)
            .then(|| read_proof(piece))
            .flatten(),
        aliases: read_aliases(number, piece),
        is_return,
        service: present_text(&piece.summary.product_name),
        scans,
        ..Report::default()
    }
}

/// What the last event says; of one whose code is none that we know, what Royal
/// Mail makes of it.
fn reported_status(piece: &MailPiece<'_>) -> ScanMeaning {
    let summary = &piece.summary;
    match codes::map_event(&summary.last_event_code) {
        ScanMeaning::Unknown => codes::map_category(&summary.status_category),
        meaning => meaning,
    }
}

/// The summary repeats when the last event was, and its code.
fn stated_scan(piece: &MailPiece<'_>, stated: ScanMeaning) -> Option<Scan> {
    let summary = &piece.summary;
    let is_known = codes::map_event(&summary.last_event_code) == stated;
    let code = if is_known {
        &summary.last_event_code
    } else {
        &summary.status_category
    };
    Some(Scan {
        time: iso_time(&summary.last_event_time)?,
        meaning: stated,
        code: code.to_string(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    })
}

fn read_scan(event: &Event<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        time: iso_time(&event.time)?,
        meaning: codes::map_event(&event.code),
        code: event.code.to_string(),
        text: event.name.to_string(),
        place: Place {
            // The office, as `Stafford DO`.
            city: present_text(&event.location),
            ..Place::default()
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// The day is written as midnight or without a time; the window, which is given for
/// some products, as two moments or as two hours with an offset, `08:00:00+00:00`.
fn read_eta(piece: &MailPiece<'_>) -> Option<Eta> {
    let estimate = &piece.estimated_delivery;
    let (start, end) = (iso_time(&estimate.start), iso_time(&estimate.end));
    let day = iso_time(&estimate.date).or(start)?.local_date();
    let hour = |text: &str, at: Option<ScanTime>| match at {
        Some(at) => at.local_time().filter(|_| at.local_date() == day),
        None => parse_hour(text),
    };
    let window = hour(&estimate.start, start).zip(hour(&estimate.end, end));
    Some(Eta {
        window: window.filter(|(from, to)| from < to),
        ..Eta::on_day(day, EtaSource::Carrier)
    })
}

/// The time of day in `08:00:00+00:00`, on the wall where it is said.
fn parse_hour(text: &str) -> Option<Time> {
    let clock = text.split(['Z', 'z', '+', '-', '.']).next()?;
    compact_time(clock.trim())
}

fn read_proof(piece: &MailPiece<'_>) -> Option<Proof> {
    let proof = Proof {
        at: iso_time(&piece.signature.time),
        received_by: present_text(&piece.signature.recipient_name),
        drop_off_location: None,
    };
    (proof != Proof::default()).then_some(proof)
}

fn read_aliases(number: &TrackingNumber, piece: &MailPiece<'_>) -> Vec<Alias> {
    let mut aliases: Vec<Alias> = Vec::new();
    for other in read_numbers(piece) {
        if other != *number && aliases.iter().all(|alias| alias.number != other) {
            aliases.push(Alias {
                number: other,
                carrier: CarrierId::parse("royal_mail").ok(),
            });
        }
    }
    aliases
}
