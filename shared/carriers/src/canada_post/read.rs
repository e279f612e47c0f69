//! Reads an answer of Canada Post.

use super::codes;
use crate::{
    carrier::{Answer, Call},
    named::in_texts,
    outcome::{ErrorKind, Failure, Found, Outcome, plain, retry_after},
    scans::go_back,
    wire::{compact_date, compact_time, present},
    words,
    xml::{Document, Element},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::{Meaning, Place, Scan},
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

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let Some(wanted) = call.wanted.first() else {
        return Answer::default();
    };
    let document = Document::parse(response.body());
    let root = document.as_ref().map(Document::root);
    let outcome = root
        .and_then(|root| refusal(call, response, root))
        .or_else(|| Failure::of_status(response, call.asked_at).map(Outcome::Failed))
        .unwrap_or_else(|| found(root, &wanted.number));
    Answer::one(wanted.number.clone(), outcome)
}

pub(super) fn numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let document = Document::parse(response.body());
    let root = document.as_ref().map(Document::root);
    let detail = root.and_then(|root| named(root, "tracking-detail"));
    in_texts(detail.map(|detail| detail.field("pin")))
}

/// The element of this name, which may be the root itself or inside a wrapper.
fn named<'d>(root: Element<'d>, name: &str) -> Option<Element<'d>> {
    if root.name() == name {
        Some(root)
    } else {
        root.find(name)
    }
}

/// What an answer says that is no tracking information.
fn refusal(call: &Call, response: &Response<Bytes>, root: Element<'_>) -> Option<Outcome> {
    let message = named(root, "messages")?.child("message")?;
    let code = message.field("code");
    let failure = match code {
        // "No Pin History".
        "004" => return Some(Outcome::NotFound),
        // The key is wrong, deactivated, or that of the other environment.
        "E002" | "AA001" | "AA002" => {
            Failure::unauthorized(format!("Canada Post refused the key ({code})"))
        }
        "AA003" | "AA004" | "AA005" | "AA006" => Failure::new(
            ErrorKind::Denied,
            format!("Canada Post does not let this key ask ({code})"),
        ),
        "Server" if message.field("description").contains("SLM") => Failure::new(
            ErrorKind::RateLimited {
                after: Some(retry_after(response.headers(), call.asked_at).unwrap_or(BLOCKED)),
            },
            "Canada Post answered that the key's limit is reached",
        ),
        code => {
            let by_status = Failure::of_status(response, call.asked_at);
            let plain = plain(code);
            Failure::new(
                words::kind_or(
                    message.field("description"),
                    by_status.map(|failure| failure.kind),
                ),
                format!("Canada Post answered error {plain}"),
            )
        }
    };
    Some(Outcome::Failed(failure))
}

fn found(root: Option<Element<'_>>, number: &TrackingNumber) -> Outcome {
    let Some(detail) = root.and_then(|root| named(root, "tracking-detail")) else {
        return Failure::unreadable("expected XML with `tracking-detail`").into();
    };
    if TrackingNumber::parse(detail.field("pin")).is_ok_and(|pin| pin != *number) {
        return Failure::unreadable("the answer is about another number").into();
    }
    Outcome::Found(vec![Found::new(report(detail, number))])
}

fn report(detail: Element<'_>, number: &TrackingNumber) -> Report {
    let events: Vec<Element<'_>> = detail
        .children("significant-events")
        .flat_map(|events| events.children("occurrence"))
        .collect();
    let mut scans: Vec<Scan> = events
        .iter()
        .rev()
        .enumerate()
        // Canada Post lists the newest first; the sequence counts from the oldest.
        .filter_map(|(sequence, event)| scan(*event, sequence))
        .collect();
    scans.sort_by_key(|scan| scan.sequence);
    let original = TrackingNumber::parse(detail.field("original-pin")).ok();
    let is_return = original.as_ref().is_some_and(|original| original != number) || go_back(&scans);
    let proof = proof(detail, &events);
    let aliases = TrackingNumber::parse(detail.field("return-pin"))
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
        // What goes back is not expected by whoever waits for it.
        eta: if proof.is_some() || is_return {
            None
        } else {
            eta(detail)
        },
        proof,
        aliases,
        is_return,
        service: present(detail.field("service-name")),
        scans,
        ..Report::default()
    }
}

fn meaning(event: Element<'_>) -> Meaning {
    codes::meaning(
        event.field("event-identifier"),
        event.field("event-description"),
    )
}

fn scan(event: Element<'_>, sequence: usize) -> Option<Scan> {
    Some(Scan {
        time: time(event)?,
        meaning: meaning(event),
        code: event.field("event-identifier").to_owned(),
        text: event.field("event-description").to_owned(),
        place: place(event),
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    })
}

/// The wall clock where it happened, with an offset if the zone is a Canadian one.
fn time(event: Element<'_>) -> Option<ScanTime> {
    let date = compact_date(event.field("event-date"))?;
    let Some(time) = compact_time(event.field("event-time")) else {
        return Some(ScanTime::day(date));
    };
    let local = date.to_datetime(time);
    Some(match codes::offset(event.field("event-time-zone")) {
        Some(offset) => ScanTime::zoned(local, offset),
        None => ScanTime::local(local),
    })
}

/// A Canadian place has a province. Abroad the site is the code of an office,
/// which may be a postcode, and the name of a country, as `02650,Israel`.
fn place(event: Element<'_>) -> Place {
    let site = event.field("event-site");
    let province = event.field("event-province");
    let city = site.split(',').next().unwrap_or_default().trim();
    let is_name = !city.bytes().any(|byte| byte.is_ascii_digit());
    Place {
        city: present(city).filter(|_| is_name),
        region: present(province),
        country: PROVINCES.contains(&province).then(|| "CA".to_owned()),
    }
}

/// The day it is expected, the changed one if it was changed.
fn eta(detail: Element<'_>) -> Option<Eta> {
    let day = compact_date(detail.field("changed-expected-date"))
        .or_else(|| compact_date(detail.field("expected-delivery-date")))?;
    Some(Eta::on(day, EtaSource::Carrier))
}

/// Of the newest delivery. The name comes with the event of the signature,
/// which is one of its own, recorded with the delivery or after it.
fn proof(detail: Element<'_>, events: &[Element<'_>]) -> Option<Proof> {
    let is_over = |event: &Element<'_>| {
        matches!(
            meaning(*event).status(),
            Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
        )
    };
    let at = events.iter().position(is_over)?;
    let delivery = events[at];
    let delivered_on = delivery.field("event-date");
    let is_shown = detail.field("suppress-signature") != "true";
    let signed = events
        .iter()
        .filter(|event| event.field("event-date") >= delivered_on)
        .map(|event| event.field("signatory-name"))
        .find(|name| !name.is_empty());
    Some(Proof {
        at: time(delivery),
        received_by: signed.filter(|_| is_shown).map(str::to_owned),
        left_at: codes::left_at(delivery.field("event-identifier")).map(str::to_owned),
    })
}
