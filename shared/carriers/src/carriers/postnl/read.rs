//! Reads an answer of PostNL.

use super::{
    codes,
    wire::{Body, Event, Expectation, Shipment, State, Warned},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, retry_after},
    reading::{
        scans::{add_stated, agree_with_status, contains_status, go_back},
        words,
    },
    wire::is_number,
};
use bytes::Bytes;
use http::Response;
use jiff::civil::{Date, DateTime, Time};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Place, Scan, ScanMeaning},
    status::ShipmentStatus,
    time::ScanTime,
    tracking_number::TrackingNumber,
};

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let number = &wanted.number;
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    let outcome = read_refusal(call, response, &body).unwrap_or_else(|| read_result(number, &body));
    ParsedResponse::single_result(number.clone(), outcome)
}

/// What an answer says that is no tracking information.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: &Body<'_>,
) -> Option<TrackingResult> {
    if body.fault.is_limit() {
        let kind = CarrierErrorKind::RateLimited {
            after: retry_after(response.headers(), call.asked_at),
        };
        return Some(CarrierError::new(kind, "PostNL answered that the quota is used up").into());
    }
    CarrierError::of_status(response, call.asked_at).map(TrackingResult::Failed)
}

fn read_result(number: &TrackingNumber, body: &Body<'_>) -> TrackingResult {
    let all = [&body.complete_status, &body.current_status];
    let found: Vec<Found> = all
        .into_iter()
        .flat_map(|told| &told.shipments)
        .filter(|shipment| is_number(&shipment.barcode, number))
        .filter(|shipment| is_told(shipment))
        .map(|shipment| Found::new(build_report(shipment)))
        .collect();
    if !found.is_empty() {
        return TrackingResult::Found(found);
    }
    if let Some(error) = body.errors.first() {
        let code: String = error
            .code
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(12)
            .collect();
        let kind = words::kind_or(&error.description, None);
        return CarrierError::new(kind, format!("PostNL answered error {code}")).into();
    }
    let has_shipments = all
        .into_iter()
        .flat_map(|told| &told.shipments)
        .any(|shipment| !shipment.barcode.is_empty());
    let warnings = all
        .into_iter()
        .flat_map(|told| &told.warnings)
        .chain(&body.warnings);
    let warnings: Vec<&Warned<'_>> = warnings.filter(|warned| warned.is_there()).collect();
    if let Some(kind) = warnings
        .iter()
        .find_map(|warned| words::error_kind_of(warned.warning_text()))
    {
        return CarrierError::new(kind, "PostNL answered a warning that it cannot answer").into();
    }
    let has_warnings = !warnings.is_empty();
    // A number that it does not know is a success with warnings.
    if has_warnings && !has_shipments {
        return TrackingResult::NotFound;
    }
    CarrierError::unreadable_response("expected `CompleteStatus.Shipment` with the number").into()
}

/// Whether anything stands behind the barcode: an empty event is none.
fn is_told(shipment: &Shipment<'_>) -> bool {
    let has_event = shipment.events.iter().any(|event| !event.code.is_empty());
    has_event || !shipment.status.code.is_empty()
}

fn build_report(shipment: &Shipment<'_>) -> Report {
    let n_events = shipment.events.len();
    // PostNL lists the newest first; the sequence counts from the oldest.
    let mut scans: Vec<Scan> = shipment
        .events
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(index, event)| read_scan(shipment, event, n_events - 1 - index))
        .collect();
    if scans.is_empty() {
        scans = read_statuses(shipment);
    }
    add_stated(&mut scans, state_scan(&shipment.status, 0));
    let has = |status| contains_status(&scans, status);
    let is_return = go_back(&scans);
    let stated = codes::map_status(&shipment.status.code).status_reason();
    let is_over = [
        ShipmentStatus::Delivered,
        ShipmentStatus::Returned,
        ShipmentStatus::AvailableForPickup,
    ]
    .into_iter()
    .any(has);
    let pieces = shipment.pieces.parse().ok();
    Report {
        reported_status: stated,
        eta: if is_over {
            None
        } else {
            read_eta(&shipment.expectation)
        },
        pieces: pieces.filter(|pieces| *pieces > 0),
        is_return,
        service: (!shipment.product_description.is_empty())
            .then(|| shipment.product_description.to_string()),
        scans,
        ..Report::default()
    }
}

/// An event, and what PostNL made of it: the status that the shipment took at the
/// same moment. That speaks alone where the event's code is none that we know.
fn read_scan(shipment: &Shipment<'_>, event: &Event<'_>, sequence: usize) -> Option<Scan> {
    let mut made_of_it = shipment
        .old_statuses
        .iter()
        .chain([&shipment.status])
        .filter(|state| state.time_stamp == event.time_stamp)
        .map(|state| codes::map_status(&state.code))
        .filter(|meaning| !matches!(meaning, ScanMeaning::Note | ScanMeaning::Unknown));
    let known = codes::map_event(&event.code);
    let meaning = match known {
        ScanMeaning::Unknown => made_of_it.next().unwrap_or(ScanMeaning::Unknown),
        // Of several at one moment the furthest is that of the last event.
        meaning => {
            let coarse = made_of_it.filter_map(ScanMeaning::shipment_status);
            agree_with_status(meaning, coarse.max_by_key(|status| status.progress_rank()))
        }
    };
    Some(Scan {
        time: read_time(&event.time_stamp)?,
        meaning,
        code: event.code.to_string(),
        text: event.description.to_string(),
        // Locations are numbers of depots, and routes are named for streets.
        place: Place::default(),
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: known == ScanMeaning::Unknown && meaning != ScanMeaning::Unknown,
    })
}

/// The statuses that it took, where the answer holds no events.
fn read_statuses(shipment: &Shipment<'_>) -> Vec<Scan> {
    let is_there = |state: &&State<'_>| !state.code.is_empty();
    let mut states: Vec<&State<'_>> = shipment.old_statuses.iter().filter(is_there).collect();
    if states.is_empty() {
        states.push(&shipment.status);
    }
    let newest = states.len();
    states
        .into_iter()
        .enumerate()
        .rev()
        .filter_map(|(index, state)| state_scan(state, newest - 1 - index))
        .collect()
}

fn state_scan(state: &State<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        time: read_time(&state.time_stamp)?,
        meaning: codes::map_status(&state.code),
        code: state.code.to_string(),
        text: state.description.to_string(),
        place: Place::default(),
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// Dutch wall clock, as `17-11-2026 07:59:56`, perhaps with hundredths; some
/// answers write it as ISO 8601. A year before 2000 is a placeholder.
fn read_time(text: &str) -> Option<ScanTime> {
    let (date, rest) = match text.split_once([' ', 'T']) {
        Some((date, rest)) => (date, Some(rest)),
        None => (text, None),
    };
    let date = parse_day(date)?;
    Some(match rest.and_then(parse_clock) {
        Some(time) => ScanTime::from_local(date.to_datetime(time)),
        None => ScanTime::from_day(date),
    })
}

fn parse_day(text: &str) -> Option<Date> {
    let mut parts = text.splitn(3, '-');
    let (first, month, last) = (parts.next()?, parts.next()?, parts.next()?);
    let (year, day) = if first.len() == 4 {
        (first, last)
    } else {
        (last, first)
    };
    let date = Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()?;
    (date.year() >= 2000).then_some(date)
}

/// Without the hundredths, which the same moment has in one list and not in
/// another.
fn parse_clock(text: &str) -> Option<Time> {
    text.split('.').next()?.parse().ok()
}

/// A window on one day, or the days of one over several.
fn read_eta(expectation: &Expectation<'_>) -> Option<Eta> {
    let at = |text: &str| -> Option<DateTime> {
        let time = read_time(text)?;
        Some(
            time.local_date()
                .to_datetime(time.local_time().unwrap_or_default()),
        )
    };
    let from = at(&expectation.from)?;
    let to = at(&expectation.to).filter(|to| *to >= from).unwrap_or(from);
    let window = (from.date() == to.date() && from < to).then(|| (from.time(), to.time()));
    Some(Eta {
        from: from.date(),
        to: to.date(),
        window,
        source: EtaSource::Carrier,
    })
}
