//! Reads an answer of Australia Post.

use super::{
    codes, one_by_one,
    wire::{Body, Coded, Event, Tracked},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, retry_after},
    reading::scans::{agree_with_status, go_back},
    wire::{is_number, iso_time, present_text},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    report::Report,
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// The quota is one of calls a minute.
const QUOTA_WAIT: Duration = Duration::from_mins(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    if body.results.is_empty() {
        return without_results(call, response, body.errors.first());
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return call.same_for_all(&failure.into());
    }
    let outcomes =
        call.queries
            .iter()
            .map(|wanted| {
                let number = &wanted.number;
                let told = body
                    .results
                    .iter()
                    .find(|told| is_number(&told.number, number));
                let outcome = match told {
                    Some(told) => read_result(number, told),
                    None => CarrierError::unreadable_response("expected a result for each number")
                        .into(),
                };
                (number.clone(), outcome)
            })
            .collect();
    ParsedResponse {
        outcomes,
        next: Vec::new(),
    }
}

/// What an answer says about the question as a whole.
fn without_results(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    error: Option<&Coded<'_>>,
) -> ParsedResponse {
    let by_status = CarrierError::of_status(response, call.asked_at);
    let Some(error) = error else {
        let unreadable =
            || CarrierError::unreadable_response("expected JSON with `tracking_results`");
        return call.same_for_all(&by_status.unwrap_or_else(unreadable).into());
    };
    match error.error_code() {
        // Numbers of Australia Post and of StarTrack may not be mixed, and one
        // that is not found spoils the others.
        "51103" | "51104" if call.queries.len() > 1 => one_by_one(call),
        "51104" => call.same_for_all(&TrackingResult::NotFound),
        "API_002" => {
            let after = retry_after(response.headers(), call.asked_at).unwrap_or(QUOTA_WAIT);
            let kind = CarrierErrorKind::RateLimited { after: Some(after) };
            let message = "Australia Post answered too many requests (API_002)";
            call.same_for_all(&CarrierError::new(kind, message).into())
        }
        code => {
            let kind = by_status.map_or(CarrierErrorKind::Rejected, |failure| failure.kind);
            call.same_for_all(&refused_result(kind, code))
        }
    }
}

fn refused_result(kind: CarrierErrorKind, code: &str) -> TrackingResult {
    let code: String = code
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(12)
        .collect();
    CarrierError::new(kind, format!("Australia Post answered error {code}")).into()
}

/// An article of the answer, wherever it stood.
#[derive(Clone, Copy)]
struct Piece<'a> {
    number: &'a str,
    product: &'a str,
    status: &'a str,
    events: &'a [Event<'a>],
}

fn list_pieces<'a>(told: &'a Tracked<'a>) -> Vec<Piece<'a>> {
    let mut pieces = Vec::new();
    for item in &told.items {
        if item.items.is_empty() {
            pieces.push(Piece {
                number: &item.number,
                product: &item.product,
                status: &item.status,
                events: &item.events,
            });
        }
        pieces.extend(item.items.iter().map(|article| Piece {
            number: &article.number,
            product: &article.product,
            status: &article.status,
            events: &article.events,
        }));
    }
    pieces.retain(|piece| !piece.events.is_empty() || !piece.status.is_empty());
    pieces
}

/// What the answer says about one number: about the article if it is that of
/// one; a consignment is where its last article is.
fn read_result(number: &TrackingNumber, told: &Tracked<'_>) -> TrackingResult {
    if let Some(error) = told.errors.first() {
        return match error.error_code() {
            "ESB-10001" => TrackingResult::NotFound,
            code @ ("ESB-20010" | "ESB-20050") => {
                refused_result(CarrierErrorKind::Unavailable, code)
            }
            // ESB-10002: the product is not trackable.
            code => refused_result(CarrierErrorKind::Rejected, code),
        };
    }
    let pieces = list_pieces(told);
    let stated = told
        .items
        .iter()
        .filter_map(|item| item.pieces.parse().ok());
    let count = stated.max().max(u32::try_from(pieces.len()).ok());
    let consignment = Piece {
        number: "",
        product: pieces.first().map_or("", |piece| piece.product),
        status: if told.consignment.status.is_empty() {
            &told.status
        } else {
            &told.consignment.status
        },
        events: &told.consignment.events,
    };
    let meant = pieces
        .iter()
        .find(|piece| is_number(piece.number, number))
        .or_else(|| pieces.iter().min_by_key(|piece| activity_rank(piece)))
        .copied()
        .filter(|piece| !piece.events.is_empty() || consignment.events.is_empty())
        .unwrap_or(consignment);
    if meant.events.is_empty() && meant.status.is_empty() {
        return CarrierError::unreadable_response("expected `trackable_items` or `consignment`")
            .into();
    }
    let report = build_report(&meant, count.filter(|count| *count > 0));
    TrackingResult::Found(vec![Found::new(report)])
}

fn activity_rank(piece: &Piece<'_>) -> u8 {
    codes::map_meaning(piece.status)
        .shipment_status()
        .map_or(0, ShipmentStatus::progress_rank)
}

fn build_report(piece: &Piece<'_>, pieces: Option<u32>) -> Report {
    let n_events = piece.events.len();
    // Australia Post lists the newest first; the sequence counts from the oldest.
    let mut scans: Vec<Scan> = piece
        .events
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(index, event)| read_scan(event, n_events - 1 - index))
        .collect();
    let stated = codes::map_meaning(piece.status);
    side_with_status(&mut scans, stated);
    let is_return = go_back(&scans);
    Report {
        reported_status: stated.status_reason(),
        pieces,
        is_return,
        service: (!piece.product.is_empty()).then(|| piece.product.to_owned()),
        scans,
        ..Report::default()
    }
}

/// Lets the status, which has no time of its own, speak of the newest event where
/// that says `delivered` of an article that awaits collection, or where its words
/// are none that we know.
fn side_with_status(scans: &mut [Scan], stated: ScanMeaning) {
    let (ScanMeaning::Status(_) | ScanMeaning::Delay(_), Some(newest)) = (stated, scans.last_mut())
    else {
        return;
    };
    if newest.meaning == ScanMeaning::Unknown {
        newest.meaning = stated;
        newest.is_inferred = true;
    } else if stated == ScanMeaning::Status(Reason::Ready) {
        newest.meaning = agree_with_status(newest.meaning, stated.shipment_status());
    }
}

fn read_scan(event: &Event<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        // With the offset of eastern Australia, also for what happened elsewhere.
        time: iso_time(&event.date)?,
        meaning: codes::map_meaning(&event.description),
        code: String::new(),
        text: event.description.to_string(),
        place: read_place(&event.location),
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX - 1),
        is_inferred: false,
    })
}

/// `KEW VIC`, `SYDNEY (AU)`, `NZ`, and things that are no places. What holds a
/// digit may be a postcode and is left out.
fn read_place(text: &str) -> Place {
    const STATES: [&str; 8] = ["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"];
    let is_country = |text: &str| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase());
    if text == "Transit Scan" || text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Place::default();
    }
    if is_country(text) && !STATES.contains(&text) {
        return Place {
            country: present_text(text),
            ..Place::default()
        };
    }
    let with_country = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("))
        .filter(|(_, country)| is_country(country));
    if let Some((city, country)) = with_country {
        return Place {
            city: present_text(city),
            region: None,
            country: present_text(country),
        };
    }
    let with_state = text
        .rsplit_once(' ')
        .filter(|(_, state)| STATES.contains(state));
    match with_state {
        Some((city, state)) => Place {
            city: present_text(city),
            region: present_text(state),
            country: present_text("AU"),
        },
        None => Place {
            city: present_text(text),
            ..Place::default()
        },
    }
}
