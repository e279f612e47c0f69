//! Reads an answer of Canada Post.

use super::codes;
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{named::in_texts, scans::go_back, words},
    wire::{compact_date, compact_time, present_text},
    xml::{Document, Element},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::ShipmentStatus,
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// Who has asked too often is blocked for up to this long.
const BLOCKED: Duration = Duration::from_mins(1);

const PROVINCES: [&str; 13] = [
    "AB", "BC", "MB", "NB", "NL", "NS", "NT", "NU", "ON", "PE", "QC", "SK", "YT",
];

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let document = Document::parse(response.body());
    let root = document.as_ref().map(Document::root_element);
    let outcome = root
        .and_then(|root| read_refusal(call, response, root))
        .or_else(|| CarrierError::of_status(response, call.asked_at).map(TrackingResult::Failed))
        .unwrap_or_else(|| read_found(root, &wanted.number));
    ParsedResponse::single_result(wanted.number.clone(), outcome)
}

pub(super) fn read_numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let document = Document::parse(response.body());
    let root = document.as_ref().map(Document::root_element);
    let detail = root.and_then(|root| element_named(root, "tracking-detail"));
    in_texts(detail.map(|detail| detail.field_text("pin")))
}

/// The element of this name, which may be the root itself or inside a wrapper.
fn element_named<'d>(root: Element<'d>, name: &str) -> Option<Element<'d>> {
    if root.element_name() == name {
        Some(root)
    } else {
        root.find_element(name)
    }
}

/// What an answer says that is no tracking information.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    root: Element<'_>,
) -> Option<TrackingResult> {
    let message = element_named(root, "messages")?.find_child("message")?;
    let code = message.field_text("code");
    let failure = match code {
        // "No Pin History".
        "004" => return Some(TrackingResult::NotFound),
        // The key is wrong, deactivated, or that of the other environment.
        "E002" | "AA001" | "AA002" => {
            CarrierError::unauthorized_access(format!("Canada Post refused the key ({code})"))
        }
        "AA003" | "AA004" | "AA005" | "AA006" => CarrierError::new(
            CarrierErrorKind::Denied,
            format!("Canada Post does not let this key ask ({code})"),
        ),
        "Server" if message.field_text("description").contains("SLM") => CarrierError::new(
            CarrierErrorKind::RateLimited {
                after: Some(retry_after(response.headers(), call.asked_at).unwrap_or(BLOCKED)),
            },
            "Canada Post answered that the key's limit is reached",
        ),
        code => {
            let by_status = CarrierError::of_status(response, call.asked_at);
            let plain = plain_code(code);
            CarrierError::new(
                words::kind_or(
                    message.field_text("description"),
                    by_status.map(|failure| failure.kind),
                ),
                format!("Canada Post answered error {plain}"),
            )
        }
    };
    Some(TrackingResult::Failed(failure))
}

fn read_found(root: Option<Element<'_>>, number: &TrackingNumber) -> TrackingResult {
    let Some(detail) = root.and_then(|root| element_named(root, "tracking-detail")) else {
        return CarrierError::unreadable_response("expected XML with `tracking-detail`").into();
    };
    if TrackingNumber::parse(detail.field_text("pin")).is_ok_and(|pin| pin != *number) {
        return CarrierError::unreadable_response("the answer is about another number").into();
    }
    TrackingResult::Found(vec![Found::new(build_report(detail, number))])
}

fn build_report(detail: Element<'_>, number: &TrackingNumber) -> Report {
    let events: Vec<Element<'_>> = detail
        .children_named("significant-events")
        .flat_map(|events| events.children_named("occurrence"))
        .collect();
    let mut scans: Vec<Scan> = events
        .iter()
        .rev()
        .enumerate()
        // Canada Post lists the newest first; the sequence counts from the oldest.
        .filter_map(|(sequence, event)| read_scan(*event, sequence))
        .collect();
    scans.sort_by_key(|scan| scan.sequence);
    let original = TrackingNumber::parse(detail.field_text("original-pin")).ok();
    let is_return = original.as_ref().is_some_and(|original| original != number) || go_back(&scans);
    let proof = read_proof(detail, &events);
    let aliases = TrackingNumber::parse(detail.field_text("return-pin"))
        .ok()
        .into_iter()
        .chain(original)
        .filter(|other| other != number)
        .map(|number| Alias {
            number,
            carrier: None,
        })
        .collect();
    Report {
        // What goes back is not expected by the recipient.
        eta: if proof.is_some() || is_return {
            None
        } else {
            read_eta(detail)
        },
        proof,
        aliases,
        is_return,
        service: present_text(detail.field_text("service-name")),
        scans,
        ..Report::default()
    }
}

fn map_meaning(event: Element<'_>) -> ScanMeaning {
    codes::map_meaning(
        event.field_text("event-identifier"),
        event.field_text("event-description"),
    )
}

fn read_scan(event: Element<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        time: read_time(event)?,
        meaning: map_meaning(event),
        code: event.field_text("event-identifier").to_owned(),
        text: event.field_text("event-description").to_owned(),
        place: read_place(event),
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// The wall clock where it happened, with an offset if the zone is a Canadian one.
fn read_time(event: Element<'_>) -> Option<ScanTime> {
    let date = compact_date(event.field_text("event-date"))?;
    let Some(time) = compact_time(event.field_text("event-time")) else {
        return Some(ScanTime::from_day(date));
    };
    let local = date.to_datetime(time);
    Some(
        match codes::parse_offset(event.field_text("event-time-zone")) {
            Some(offset) => ScanTime::from_zoned(local, offset),
            None => ScanTime::from_local(local),
        },
    )
}

/// A Canadian place has a province. Abroad the site is the code of an office,
/// which may be a postcode, and the name of a country, as `02650,Israel`.
fn read_place(event: Element<'_>) -> Place {
    let site = event.field_text("event-site");
    let province = event.field_text("event-province");
    let city = site.split(',').next().unwrap_or_default().trim();
    let is_name = !city.bytes().any(|byte| byte.is_ascii_digit());
    Place {
        city: present_text(city).filter(|_| is_name),
        region: present_text(province),
        country: PROVINCES.contains(&province).then(|| "CA".to_owned()),
    }
}

/// The day it is expected, the changed one if it was changed.
fn read_eta(detail: Element<'_>) -> Option<Eta> {
    let day = compact_date(detail.field_text("changed-expected-date"))
        .or_else(|| compact_date(detail.field_text("expected-delivery-date")))?;
    Some(Eta::on_day(day, EtaSource::Carrier))
}

/// Of the newest delivery. The name comes with the event of the signature,
/// which is one of its own, recorded with the delivery or after it.
fn read_proof(detail: Element<'_>, events: &[Element<'_>]) -> Option<Proof> {
    let is_over = |event: &Element<'_>| {
        matches!(
            map_meaning(*event).shipment_status(),
            Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
        )
    };
    let at = events.iter().position(is_over)?;
    let delivery = events[at];
    let delivered_on = delivery.field_text("event-date");
    let is_shown = detail.field_text("suppress-signature") != "true";
    let signed = events
        .iter()
        .filter(|event| event.field_text("event-date") >= delivered_on)
        .map(|event| event.field_text("signatory-name"))
        .find(|name| !name.is_empty());
    Some(Proof {
        at: read_time(delivery),
        received_by: signed.filter(|_| is_shown).map(str::to_owned),
        drop_off_location: codes::left_at(delivery.field_text("event-identifier"))
            .map(str::to_owned),
    })
}
