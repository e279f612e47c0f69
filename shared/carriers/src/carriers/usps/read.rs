//! Reads an answer of USPS.

use super::{
    codes,
    wire::{Body, Envelope, Event},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, Found, TrackingResult},
    reading::words,
    wire::{compact_date, compact_time, offset_between, parse_moment, parse_offset, present_text},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::civil::Time;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};

/// USPS knows nothing of the number yet.
const NO_STATUS_YET: &str = "150001";

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let number = &wanted.number;
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    let outcome = read_refusal(call, response, body.as_ref())
        .unwrap_or_else(|| result_for(number, &body.unwrap_or_default()));
    ParsedResponse::single_result(number.clone(), outcome)
}

/// What an answer says that is no tracking information.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<TrackingResult> {
    if body.is_some_and(|body| is_unknown(response.status(), body)) {
        return Some(TrackingResult::NotFound);
    }
    let by_status = CarrierError::of_status(response, call.asked_at);
    if response.status() == StatusCode::UNAUTHORIZED {
        let message = "USPS refused the token; the app may lack the scope `tracking`";
        return Some(CarrierError::unauthorized_access(message).into());
    }
    let is_error =
        body.is_some_and(|body| !body.error.code.is_empty() || !body.error.details.is_empty());
    by_status
        .or_else(|| {
            let kind = words::kind_or(body.map_or("", |body| &body.error.message), None);
            is_error.then(|| CarrierError::new(kind, "USPS answered an error"))
        })
        .map(TrackingResult::Failed)
}

/// USPS says so in two ways: 404 with its own error about tracking, or 400 with
/// a code of its tracking system. A 404 of its gateway is a wrong question.
fn is_unknown(status: StatusCode, body: &Body<'_>) -> bool {
    let error = &body.error;
    let is_of_tracking = body.api_version.starts_with("/tracking")
        || error.message.starts_with("Tracking is not available");
    let is_missing = status == StatusCode::NOT_FOUND && is_of_tracking;
    is_missing
        || error
            .details
            .iter()
            .any(|detail| detail.code == NO_STATUS_YET)
}

fn result_for(number: &TrackingNumber, body: &Body<'_>) -> TrackingResult {
    let is_told =
        !body.events.is_empty() || !body.status.is_empty() || !body.status_category.is_empty();
    if !is_told {
        return CarrierError::unreadable_response(
            "expected JSON with `trackingEvents` or `status`",
        )
        .into();
    }
    // A number with the ZIP Code before it is answered without it.
    let is_other = TrackingNumber::parse(&body.tracking_number).is_ok_and(|told| {
        !number.as_str().ends_with(told.as_str()) && !told.as_str().ends_with(number.as_str())
    });
    if is_other {
        return CarrierError::unreadable_response("the answer is about another number").into();
    }
    TrackingResult::Found(vec![read_found(body)])
}

/// A push: a tracking answer as a text in an envelope.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let envelope: Envelope<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected a JSON object with `payload`"))?;
    let kind = &envelope.subscription_type;
    if !kind.is_empty() && kind != "TRACKING" {
        return Err(CarrierError::rejected_request(
            "the push is of another kind than TRACKING",
        ));
    }
    let body: Body<'_> = serde_json::from_str(&envelope.payload)
        .map_err(|_| CarrierError::unreadable_response("expected JSON in the text of `payload`"))?;
    let number = TrackingNumber::parse(&body.tracking_number)
        .map_err(|_| CarrierError::unreadable_response("expected `trackingNumber` in `payload`"))?;
    match result_for(&number, &body) {
        TrackingResult::Failed(failure) => Err(failure),
        outcome => Ok(vec![(number, outcome)]),
    }
}

fn read_found(body: &Body<'_>) -> Found {
    let unique_id = [&body.unique_id, &body.unique_id_as_sent]
        .into_iter()
        .find_map(|id| present_text(id));
    Found {
        unique_id,
        shipped_on: parse_moment(&body.mail_piece_intake_date).map(ScanTime::local_date),
        ..Found::new(build_report(body))
    }
}

fn build_report(body: &Body<'_>) -> Report {
    let newest = body.events.len();
    let scans: Vec<Scan> = body
        .events
        .iter()
        .enumerate()
        .rev()
        // USPS lists the newest first; the sequence counts from the oldest.
        .filter_map(|(index, event)| read_scan(event, newest - 1 - index))
        .collect();
    let stated = reported_status(body);
    let is_delivered = scans
        .iter()
        .filter_map(|scan| scan.meaning.status_reason())
        .chain(stated)
        .any(|reason| reason.to_status() == ShipmentStatus::Delivered);
    let is_return = scans
        .iter()
        .filter_map(|scan| scan.meaning.status_reason())
        .any(|reason| matches!(reason, Reason::ToSender | Reason::Received));
    Report {
        eta: if is_delivered || is_return {
            None
        } else {
            read_eta(body)
        },
        proof: read_proof(body),
        is_return,
        service: present_text(&without_markup(&body.mail_class)),
        reported_status: stated,
        scans,
        ..Report::default()
    }
}

fn reported_status(body: &Body<'_>) -> Option<Reason> {
    match codes::by_name(&body.status) {
        Some(meaning) => meaning.status_reason(),
        None => codes::by_category(&body.status_category),
    }
}

fn read_scan(event: &Event<'_>, sequence: usize) -> Option<Scan> {
    // Within the United States USPS names no country, abroad it may write it out.
    let country = &event.country;
    let is_code = country.len() == 2;
    Some(Scan {
        time: read_time(event)?,
        meaning: map_meaning(event),
        code: event.code.to_string(),
        text: event.title.to_string(),
        place: Place {
            city: present_text(&event.city),
            region: present_text(&event.state)
                .or_else(|| present_text(country).filter(|_| !is_code)),
            country: is_code.then(|| country.to_ascii_uppercase()),
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// USPS names who signed for it, if it was signed for.
fn map_meaning(event: &Event<'_>) -> ScanMeaning {
    match codes::map_meaning(&event.code, &event.title) {
        ScanMeaning::Status(Reason::DeliveredGeneric) if !event.signer.is_empty() => {
            ScanMeaning::Status(Reason::Signed)
        }
        meaning => meaning,
    }
}

/// The wall clock where it happened, with its offset: as USPS states it, or by
/// the same moment in GMT, whose seconds the wall clock lacks. Midnight without
/// either is a day of which USPS knows no time.
fn read_time(event: &Event<'_>) -> Option<ScanTime> {
    let gmt = parse_moment(&event.gmt);
    let Some(at) = parse_moment(&event.at) else {
        return gmt;
    };
    let Some(clock) = at.local_time() else {
        return Some(at);
    };
    let local = at.local_date().to_datetime(clock);
    let by_gmt = || {
        let gmt = gmt?;
        let minute = gmt.local_time()?.with().second(0).build().ok()?;
        let local = at
            .local_date()
            .to_datetime(clock.with().second(0).build().ok()?);
        offset_between(local, gmt.local_date().to_datetime(minute))
    };
    Some(match parse_offset(&event.offset).or_else(by_gmt) {
        Some(offset) => ScanTime::from_zoned(local, offset),
        None if clock == Time::midnight() => ScanTime::from_day(at.local_date()),
        None => ScanTime::from_local(local),
    })
}

/// The predicted day and its hours, else the day that is expected, else the one
/// that is guaranteed; by the hour that stands with it, unless the day ends then.
fn read_eta(body: &Body<'_>) -> Option<Eta> {
    if let Some(day) = compact_date(&body.predicted_delivery_date) {
        let window = parse_clock(&body.window_start).zip(parse_clock(&body.window_end));
        return Some(Eta {
            window: window.filter(|(from, to)| from < to),
            ..Eta::on_day(day, EtaSource::Carrier)
        });
    }
    let by = parse_moment(&body.expected).or_else(|| parse_moment(&body.guaranteed))?;
    let last_minute = Time::constant(23, 59, 0, 0);
    let hour = by
        .local_time()
        .filter(|time| *time > Time::midnight() && *time < last_minute);
    Some(Eta {
        window: hour.map(|hour| (Time::midnight(), hour)),
        ..Eta::on_day(by.local_date(), EtaSource::Carrier)
    })
}

/// A time of day, as `18:30` or as `6:30pm`.
fn parse_clock(text: &str) -> Option<Time> {
    let text = text.trim();
    let (clock, afternoon) = match text
        .len()
        .checked_sub(2)
        .and_then(|at| text.split_at_checked(at))
    {
        Some((clock, half)) if half.eq_ignore_ascii_case("am") => (clock.trim(), Some(false)),
        Some((clock, half)) if half.eq_ignore_ascii_case("pm") => (clock.trim(), Some(true)),
        _ => (text, None),
    };
    // `compact_time` wants two digits for the hour.
    let padded = match clock.find(':') {
        Some(1) => format!("0{clock}"),
        _ => clock.to_owned(),
    };
    let time = compact_time(&padded)?;
    let hour = match (afternoon, time.hour()) {
        (Some(false), 12) => 0,
        (Some(true), hour) if hour < 12 => hour + 12,
        (_, hour) => hour,
    };
    time.with().hour(hour).build().ok()
}

/// How it was delivered, by the newest event that says so; where it was left
/// stands behind a comma, or with whom.
fn read_proof(body: &Body<'_>) -> Option<Proof> {
    let (event, reason) = body.events.iter().find_map(|event| {
        let reason = map_meaning(event).status_reason()?;
        let is_end = matches!(
            reason.to_status(),
            ShipmentStatus::Delivered | ShipmentStatus::Returned
        );
        is_end.then_some((event, reason))
    })?;
    let place = event
        .title
        .split_once(',')
        .or_else(|| event.title.split_once(" to "))
        .map(|(_, place)| place.trim());
    Some(Proof {
        at: read_time(event),
        received_by: present_text(&event.signer).or_else(|| present_text(&event.firm)),
        drop_off_location: place
            .filter(|_| !matches!(reason, Reason::Received | Reason::Collected))
            .and_then(present_text),
    })
}

/// "USPS Ground Advantage<SUP>&#153;</SUP>" without what a browser would make of it.
fn without_markup(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut until = None;
    for character in text.chars() {
        match (until, character) {
            (Some(end), _) if character == end => until = None,
            (Some(_), _) => {}
            (None, '<') => until = Some('>'),
            (None, '&') => until = Some(';'),
            (None, '_') => plain.push(' '),
            (None, _) => plain.push(character),
        }
    }
    plain.trim().to_owned()
}
