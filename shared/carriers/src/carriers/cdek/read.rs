//! Reads an answer of CDEK, and what it posts by itself.

use super::{
    codes,
    wire::{Body, Coded, Delayed, Entity, Hook, Related},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code},
    reading::words,
    wire::{compact_date, compact_time, iso_time, present_text},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};

/// What stands before the code of a problem of delivery, as its numbers are
/// those of reasons and statuses too.
const PROBLEM: &str = "problem ";

/// In the place of a code, which CDEK does not give a delay.
const DELAY: &str = "delay";

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    ParsedResponse::single_result(
        wanted.number.clone(),
        read_result(call, &wanted.number, response),
    )
}

fn read_result(
    call: &CarrierRequest,
    number: &TrackingNumber,
    response: &Response<Bytes>,
) -> TrackingResult {
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    let by_status = CarrierError::of_status(response, call.asked_at);
    // An order tells of its own earlier failures in `requests` as well, so
    // errors count only where there is no order.
    if by_status.is_none() && body.entity.is_there() {
        return read_order(number, &body);
    }
    match first_error(&body) {
        Some(error) => read_refusal(error, by_status),
        None => by_status
            .unwrap_or_else(|| CarrierError::unreadable_response("expected JSON with `entity`"))
            .into(),
    }
}

fn first_error<'a>(body: &'a Body<'_>) -> Option<&'a Coded<'a>> {
    let of_requests = body.requests.iter().flat_map(|request| &request.errors);
    of_requests
        .chain(&body.errors)
        .find(|error| !error.code.is_empty())
}

fn read_refusal(error: &Coded<'_>, by_status: Option<CarrierError>) -> TrackingResult {
    let code = error.code.as_ref();
    let kind = match code {
        // Deleted orders too.
        "v2_entity_not_found" | "v2_order_not_found" => return TrackingResult::NotFound,
        code if code.starts_with("v2_entity_not_found_") => return TrackingResult::NotFound,
        // CDEK's numbers are digits; it says so of any other.
        "v2_invalid_format" | "v2_invalid_value_type" => return TrackingResult::Invalid,
        code if is_of_session(code) => CarrierErrorKind::Unauthorized,
        // It exists, and belongs to another client: only this question is refused.
        "v2_entity_forbidden" | "v2_order_forbidden" => CarrierErrorKind::Rejected,
        "v2_internal_error" | "v2_similar_request_still_processed" => CarrierErrorKind::Unavailable,
        _ => words::kind_or(&error.message, by_status.map(|failure| failure.kind)),
    };
    CarrierError::new(kind, format!("CDEK answered {}", plain_code(code))).into()
}

fn is_of_session(code: &str) -> bool {
    matches!(
        code,
        "v2_token_expired" | "v2_authorization_incorrect" | "invalid_token" | "unauthorized"
    )
}

/// CDEK tells an ended session by 401, or only by the error's code.
pub(super) fn is_session_over(response: &Response<Bytes>) -> bool {
    if response.status().is_success() {
        return false;
    }
    words::is_session_over(response)
        || serde_json::from_slice::<Body<'_>>(response.body()).is_ok_and(|body| {
            first_error(&body).is_some_and(|error| error.code == "v2_token_expired")
        })
}

fn read_order(number: &TrackingNumber, body: &Body<'_>) -> TrackingResult {
    let entity = &body.entity;
    let is_other = TrackingNumber::parse(&entity.cdek_number).is_ok_and(|other| other != *number);
    if is_other {
        return CarrierError::unreadable_response("expected the order that was asked for").into();
    }
    let related = || body.related_entities.iter().chain(&entity.related_entities);
    let scans = read_scans(entity);
    let is_over = scans
        .iter()
        .filter_map(|scan| scan.meaning.shipment_status())
        .any(|status| status.is_final() || status == ShipmentStatus::Returning);
    let report = Report {
        scans,
        reported_status: None,
        eta: read_eta(entity, related()).filter(|_| !is_over),
        proof: read_proof(entity).filter(|_| is_over),
        pieces: u32::try_from(entity.packages.len())
            .ok()
            .filter(|count| *count > 0),
        aliases: read_aliases(number, related()),
        is_return: entity.goes_back(),
        service: None,
    };
    TrackingResult::Found(vec![Found {
        unique_id: present_text(&entity.uuid),
        ..Found::new(report)
    }])
}

/// The statuses, the problems and why it is late; CDEK lists the newest status first.
fn read_scans(entity: &Entity<'_>) -> Vec<Scan> {
    let statuses = entity.statuses.iter().rev().filter_map(|status| {
        Some(Scan {
            time: iso_time(&status.date_time)?,
            meaning: codes::map_standing(&status.code, &status.reason_code, &status.deleted),
            code: join_code(&status.code, &status.reason_code),
            text: status.name.to_string(),
            place: read_place(&status.city),
            sequence: 0,
            is_inferred: codes::is_new(&status.code, &status.reason_code),
        })
    });
    let problems = entity
        .problems
        .iter()
        .filter_map(|problem| problem_scan(&problem.code, &problem.create_date));
    let delays = entity.delay_reasons.iter().filter_map(delay_scan);
    let mut scans: Vec<Scan> = statuses.chain(problems).chain(delays).collect();
    // Equal times keep this order.
    scans.sort_by_key(|scan| scan.time);
    for (scan, sequence) in scans.iter_mut().zip(0..) {
        scan.sequence = sequence;
    }
    explain_attempts(&mut scans);
    scans
}

/// The courier notes why he could not deliver, and then brings the shipment back:
/// what happened is the same, and the note tells more.
fn explain_attempts(scans: &mut [Scan]) {
    for index in 1..scans.len() {
        let before = &scans[index - 1];
        let is_explained = before.code.starts_with(PROBLEM)
            && matches!(before.meaning, ScanMeaning::Status(_))
            && scans[index].meaning == ScanMeaning::Status(Reason::AttemptGeneric);
        if is_explained {
            scans[index].meaning = before.meaning;
        }
    }
}

fn problem_scan(code: &str, at: &str) -> Option<Scan> {
    Some(Scan {
        time: iso_time(at)?,
        meaning: codes::map_problem(code),
        code: format!("{PROBLEM}{code}"),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    })
}

fn delay_scan(delayed: &Delayed<'_>) -> Option<Scan> {
    Some(Scan {
        time: iso_time(&delayed.create_date)?,
        meaning: codes::delay_reason(&delayed.description),
        code: DELAY.to_owned(),
        text: delayed.description.to_string(),
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    })
}

/// A code with its reason, as `NOT_DELIVERED 11`.
fn join_code(code: &str, reason: &str) -> String {
    match reason {
        "" => code.to_owned(),
        reason => format!("{code} {reason}"),
    }
}

fn read_place(city: &str) -> Place {
    Place {
        city: present_text(city),
        ..Place::default()
    }
}

/// The day agreed with the recipient, with its hours, or else the planned one.
fn read_eta<'a>(
    entity: &Entity<'_>,
    related: impl Iterator<Item = &'a Related<'a>>,
) -> Option<Eta> {
    let agreed = related
        .filter(|related| related.kind == "delivery")
        .find_map(|agreed| {
            let day = compact_date(&agreed.date)?;
            let window = compact_time(&agreed.time_from).zip(compact_time(&agreed.time_to));
            Some(Eta {
                window: window.filter(|(from, to)| from < to),
                ..Eta::on_day(day, EtaSource::Carrier)
            })
        });
    agreed.or_else(|| {
        let day = compact_date(entity.planned_delivery_date.get(..10)?)?;
        Some(Eta::on_day(day, EtaSource::Carrier))
    })
}

fn read_proof(entity: &Entity<'_>) -> Option<Proof> {
    let proof = Proof {
        at: iso_time(&entity.delivery_detail.date),
        received_by: present_text(&entity.delivery_detail.recipient_name),
        drop_off_location: None,
    };
    (proof != Proof::default()).then_some(proof)
}

/// The return of an order that was not delivered travels under its own number.
fn read_aliases<'a>(
    number: &TrackingNumber,
    related: impl Iterator<Item = &'a Related<'a>>,
) -> Vec<Alias> {
    related
        .filter(|related| related.kind == "return_order")
        .filter_map(|related| TrackingNumber::parse(&related.cdek_number).ok())
        .filter(|other| other != number)
        .map(|number| Alias {
            number,
            carrier: CarrierId::parse("cdek").ok(),
        })
        .collect()
}

/// A status or a problem that CDEK posts. Other kinds of news tell nothing of
/// where a shipment is.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let hook: Hook<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected the JSON of an event"))?;
    let attributes = &hook.attributes;
    let scan = match hook.kind.as_ref() {
        "ORDER_STATUS" => {
            let code = match attributes.code.as_ref() {
                "" => &attributes.status_code,
                _ => &attributes.code,
            };
            let at = iso_time(&attributes.status_date_time).or_else(|| iso_time(&hook.date_time));
            at.map(|time| Scan {
                time,
                meaning: codes::map_standing(
                    code,
                    &attributes.status_reason_code,
                    &attributes.deleted,
                ),
                code: join_code(code, &attributes.status_reason_code),
                text: String::new(),
                place: read_place(&attributes.city_name),
                sequence: 0,
                is_inferred: codes::is_new(code, &attributes.status_reason_code),
            })
        }
        "DELIV_PROBLEM" => problem_scan(&attributes.code, &attributes.create_date)
            .or_else(|| problem_scan(&attributes.code, &hook.date_time)),
        "" => return Err(CarrierError::unreadable_response("expected `type`")),
        _ => return Ok(Vec::new()),
    };
    let scan =
        scan.ok_or_else(|| CarrierError::unreadable_response("expected the time of the event"))?;
    let number = TrackingNumber::parse(&attributes.cdek_number)
        .map_err(|_| CarrierError::unreadable_response("expected `attributes.cdek_number`"))?;
    if scan.code.is_empty() {
        return Err(CarrierError::unreadable_response(
            "expected the code of the event",
        ));
    }
    let flags = [
        &attributes.is_return,
        &attributes.is_reverse,
        &attributes.is_client_return,
    ];
    let found = Found {
        unique_id: present_text(&hook.uuid),
        ..Found::new(Report {
            is_return: flags.iter().any(|flag| *flag == "true"),
            scans: vec![scan],
            ..Report::default()
        })
    };
    Ok(vec![(number, TrackingResult::Found(vec![found]))])
}
