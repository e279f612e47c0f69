//! Reads an answer of GLS.

use super::{
    codes,
    wire::{Body, Event, Parcel},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{
        named::in_texts,
        scans::{add_stated, agree_with_status},
    },
    wire::{is_number, iso_time, present_text},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    id::CarrierId,
    report::{Alias, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// The wait after a used-up quota when GLS names none. It is a day's quota,
/// and when the day begins is not documented.
const QUOTA_WAIT: Duration = Duration::from_hours(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = read_refusal(call, response, body.as_ref()) {
        return call.same_for_all(&outcome);
    }
    let parcels = body.map(|body| body.parcels).unwrap_or_default();
    if parcels.is_empty() {
        return call.same_for_all(
            &CarrierError::unreadable_response("expected JSON with `parcels`").into(),
        );
    }
    let outcomes = call
        .queries
        .iter()
        .map(|wanted| (wanted.number.clone(), read_result(&wanted.number, &parcels)))
        .collect();
    ParsedResponse {
        outcomes,
        next: Vec::new(),
    }
}

/// A shipment goes by the number that was asked for, unless several go by the same:
/// then each by its own.
pub(super) fn read_numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    let name = |parcel: &Parcel<'_>| {
        let mut alike = body.parcels.iter();
        let is_shared = alike.any(|other| {
            other.requested == parcel.requested
                && other.number != parcel.number
                && !other.number.is_empty()
        });
        let is_own = parcel.requested.is_empty() || (is_shared && !parcel.number.is_empty());
        let name = if is_own {
            &parcel.number
        } else {
            &parcel.requested
        };
        name.to_string()
    };
    let names: Vec<String> = body.parcels.iter().map(name).collect();
    in_texts(names.iter().map(String::as_str))
}

/// What an answer says about the question as a whole.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<TrackingResult> {
    if let Some(body) = body
        && body.fault.is_limit()
    {
        let after = retry_after(response.headers(), call.asked_at);
        let kind = CarrierErrorKind::RateLimited {
            after: after.or(body.fault.is_quota().then_some(QUOTA_WAIT)),
        };
        return Some(CarrierError::new(kind, "GLS answered that the quota is used up").into());
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return Some(failure.into());
    }
    let body = body?;
    (body.parcels.is_empty() && !body.error_code.is_empty()).then(|| map_error(&body.error_code))
}

/// What an error code inside a success says: `E_`, an HTTP status, a number.
fn map_error(code: &str) -> TrackingResult {
    if code == "E_404_01" {
        return TrackingResult::NotFound;
    }
    let kind = match code.strip_prefix("E_").and_then(|rest| rest.get(..3)) {
        Some("401") => CarrierErrorKind::Unauthorized,
        Some("403") => CarrierErrorKind::Denied,
        Some("429") => CarrierErrorKind::RateLimited { after: None },
        Some(status) if status.starts_with('5') => CarrierErrorKind::Unavailable,
        _ => CarrierErrorKind::Rejected,
    };
    let plain = plain_code(code);
    CarrierError::new(kind, format!("GLS answered error {plain}")).into()
}

/// What the answer says about one number. It may be that of several shipments,
/// and then they are where the last of them is.
fn read_result(number: &TrackingNumber, parcels: &[Parcel<'_>]) -> TrackingResult {
    let is = |text: &str| is_number(text, number);
    let told: Vec<&Parcel<'_>> = parcels
        .iter()
        .filter(|parcel| is(&parcel.requested) || is(&parcel.number))
        .collect();
    let known: Vec<&Parcel<'_>> = told
        .iter()
        .copied()
        .filter(|parcel| parcel.error_code.is_empty())
        .filter(|parcel| !parcel.status.is_empty() || !parcel.events.is_empty())
        .collect();
    let meant = known
        .iter()
        .find(|parcel| is(&parcel.number))
        .or_else(|| known.iter().min_by_key(|parcel| activity_rank(parcel)));
    match (meant, told.first()) {
        (Some(parcel), _) => {
            let pieces = u32::try_from(known.len()).ok().filter(|count| *count > 1);
            TrackingResult::Found(vec![Found::new(build_report(number, parcel, pieces))])
        }
        (None, Some(refused)) if !refused.error_code.is_empty() => map_error(&refused.error_code),
        (None, _) => CarrierError::unreadable_response("expected a parcel for each number").into(),
    }
}

fn activity_rank(parcel: &Parcel<'_>) -> u8 {
    codes::map_status(&parcel.status)
        .shipment_status()
        // A closed history is a shipment that needs nothing any more.
        .map_or(u8::MAX, ShipmentStatus::progress_rank)
}

fn build_report(number: &TrackingNumber, parcel: &Parcel<'_>, pieces: Option<u32>) -> Report {
    let n_events = parcel.events.len();
    // GLS lists the newest first; the sequence counts from the oldest.
    let mut scans: Vec<Scan> = parcel
        .events
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(index, event)| read_scan(event, n_events - 1 - index))
        .collect();
    let stated = codes::map_status(&parcel.status);
    side_with_status(&mut scans, parcel, stated);
    let other = TrackingNumber::parse(&parcel.number).ok();
    Report {
        scans,
        reported_status: stated.status_reason(),
        pieces,
        aliases: other
            .filter(|other| other != number && pieces.is_none())
            .map(|number| Alias {
                number,
                carrier: CarrierId::parse("gls").ok(),
            })
            .into_iter()
            .collect(),
        ..Report::default()
    }
}

/// Lets the status that GLS states, which has a time of its own, speak where
/// the events do not: their codes are none that we know, they are behind, or
/// the newest says `delivered` of a shipment that lies in the shop.
fn side_with_status(scans: &mut Vec<Scan>, parcel: &Parcel<'_>, stated: ScanMeaning) {
    let (ScanMeaning::Status(reason), Some(newest)) = (stated, scans.last_mut()) else {
        return;
    };
    let is_delivered = newest.meaning.shipment_status() == Some(ShipmentStatus::Delivered);
    if is_delivered && reason == Reason::Ready {
        newest.meaning = agree_with_status(newest.meaning, stated.shipment_status());
        return;
    }
    // What the status says of an event whose code is unknown is as old as that.
    let known_since = (newest.meaning == ScanMeaning::Unknown).then_some(newest.time);
    let time = iso_time(&parcel.status_date_time).max(known_since);
    let stated = time.map(|time| Scan {
        time,
        meaning: stated,
        code: parcel.status.to_string(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    });
    add_stated(scans, stated);
}

fn read_scan(event: &Event<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        time: iso_time(&event.time)?,
        meaning: codes::map_event(&event.code),
        code: event.code.to_string(),
        text: event.description.to_string(),
        place: Place {
            city: present_text(&event.city),
            region: None,
            country: present_text(&event.country),
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX - 1),
        is_inferred: false,
    })
}
