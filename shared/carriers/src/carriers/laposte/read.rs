//! Reads an answer of La Poste.

use super::{
    codes,
    wire::{About, Body, Event, One, Shipment},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::scans::{contains_status, go_back},
    wire::{is_number, iso_time, present_text},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::{Place, Scan},
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// The quota is one of calls a minute.
const QUOTA_WAIT: Duration = Duration::from_mins(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Body<'_> = serde_json::from_slice(response.body()).unwrap_or_default();
    if let Some(failure) = read_refusal(call, response, &body) {
        return call.same_for_all(&failure.into());
    }
    let is_alone = call.queries.len() == 1 && body.answers.len() == 1;
    let outcomes =
        call.queries
            .iter()
            .map(|wanted| {
                let number = &wanted.number;
                let told = body
                    .answers
                    .iter()
                    .find(|one| is_about(one, number, is_alone));
                let outcome = match told {
                    Some(one) => read_result(number, one),
                    None => CarrierError::unreadable_response("expected an answer for each number")
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

/// What an answer says about the question as a whole: there is no answer about
/// any number in it.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: &Body<'_>,
) -> Option<CarrierError> {
    if body.answers.iter().any(|one| !one.return_code.is_empty()) {
        return None;
    }
    let is_quota = body
        .answers
        .iter()
        .any(|one| one.message.to_ascii_lowercase().contains("quota"));
    if is_quota {
        let after = retry_after(response.headers(), call.asked_at).unwrap_or(QUOTA_WAIT);
        let kind = CarrierErrorKind::RateLimited { after: Some(after) };
        return Some(CarrierError::new(
            kind,
            "La Poste answered that the quota is used up",
        ));
    }
    let unreadable = || CarrierError::unreadable_response("expected JSON with `returnCode`");
    Some(CarrierError::of_status(response, call.asked_at).unwrap_or_else(unreadable))
}

/// A lone answer to a lone question need not name the number.
fn is_about(one: &One<'_>, number: &TrackingNumber, is_alone: bool) -> bool {
    let named = [&one.number, &one.shipment.number]
        .into_iter()
        .find(|named| !named.is_empty());
    match named {
        Some(named) => is_number(named, number),
        None => is_alone,
    }
}

fn read_result(number: &TrackingNumber, one: &One<'_>) -> TrackingResult {
    let kind = match one.return_code.as_ref() {
        "200" | "207" => return read_found(number, &one.shipment),
        "404" => return TrackingResult::NotFound,
        // The number does not have the format of any product.
        "400" => return TrackingResult::Invalid,
        "401" => CarrierErrorKind::Unauthorized,
        "403" => CarrierErrorKind::Denied,
        "429" => CarrierErrorKind::RateLimited {
            after: Some(QUOTA_WAIT),
        },
        code if code.len() == 3 && code.starts_with('5') => CarrierErrorKind::Unavailable,
        code if code.len() == 3 && code.starts_with('4') => CarrierErrorKind::Rejected,
        _ => CarrierErrorKind::Unreadable,
    };
    let plain = plain_code(&one.return_code);
    CarrierError::new(kind, format!("La Poste answered return code {plain}")).into()
}

fn read_found(number: &TrackingNumber, shipment: &Shipment<'_>) -> TrackingResult {
    if shipment.events.is_empty() && shipment.timeline.is_empty() {
        return CarrierError::unreadable_response("expected `event` or `timeline`").into();
    }
    TrackingResult::Found(vec![Found::new(build_report(number, shipment))])
}

fn build_report(number: &TrackingNumber, shipment: &Shipment<'_>) -> Report {
    let n_events = shipment.events.len();
    // La Poste lists the newest first; the sequence counts from the oldest.
    let scans: Vec<Scan> = shipment
        .events
        .iter()
        .enumerate()
        .rev()
        .filter_map(|(index, event)| read_scan(event, &shipment.about, n_events - 1 - index))
        .collect();
    let has = |status| contains_status(&scans, status);
    let is_delivered = has(ShipmentStatus::Delivered);
    let is_return = go_back(&scans);
    let is_over = is_delivered || has(ShipmentStatus::Returned);
    Report {
        reported_status: reported_status(shipment),
        eta: if is_over { None } else { read_eta(shipment) },
        proof: (is_delivered && !is_return)
            .then(|| read_proof(shipment))
            .flatten(),
        pieces: None,
        aliases: TrackingNumber::parse(&shipment.about.partner.reference)
            .ok()
            .filter(|other| other != number)
            .map(|number| Alias {
                number,
                carrier: None,
            })
            .into_iter()
            .collect(),
        is_return,
        service: present_text(&shipment.product),
        scans,
    }
}

fn reported_status(shipment: &Shipment<'_>) -> Option<Reason> {
    let done = shipment
        .timeline
        .iter()
        .filter(|step| step.is_done == "true");
    codes::map_step(
        &done
            .max_by_key(|step| step.id.parse::<u8>().unwrap_or(0))?
            .id,
    )
}

/// The events have no place; but some codes say in which of the two countries
/// they happened.
fn read_scan(event: &Event<'_>, about: &About<'_>, sequence: usize) -> Option<Scan> {
    let country = match event.code.as_ref() {
        "PC2" | "ET2" => &about.origin_country,
        "ET3" => &about.arrival_country,
        _ => "",
    };
    Some(Scan {
        time: iso_time(&event.date)?,
        meaning: codes::map_event(&event.code),
        code: event.code.to_string(),
        text: event.label.to_string(),
        place: Place {
            country: present_text(country),
            ..Place::default()
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// A day: the hour is that of midnight in Greenwich.
fn read_eta(shipment: &Shipment<'_>) -> Option<Eta> {
    let day = iso_time(&shipment.estimated_date)?.local_date();
    Some(Eta::on_day(day, EtaSource::Carrier))
}

fn read_proof(shipment: &Shipment<'_>) -> Option<Proof> {
    let proof = Proof {
        at: iso_time(&shipment.delivery_date),
        received_by: None,
        drop_off_location: present_text(&shipment.about.removal_point.name),
    };
    (proof != Proof::default()).then_some(proof)
}
