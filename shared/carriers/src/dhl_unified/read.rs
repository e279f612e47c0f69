//! Reads an answer of Shipment Tracking – Unified, and a push.

use super::{
    codes::{Told, meaning},
    wire::{Bare, Body, Event, Shipment},
};
use crate::{
    carrier::{Answer, Call, Wanted},
    dhl::{contains, impersonal, is, is_number, place, plausible},
    outcome::{Failure, Found, Outcome},
    scans::{Order, add_stated, go_back, in_sequence},
    wire::present,
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::{civil::Time, tz::Offset};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::Scan,
    status::ShipmentStatus,
    time::ScanTime,
    tracking_number::TrackingNumber,
};

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let Some(wanted) = call.wanted.first() else {
        return Answer::default();
    };
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    Answer::one(wanted.number.clone(), outcome(call, wanted, response, body))
}

fn outcome(
    call: &Call,
    wanted: &Wanted,
    response: &Response<Bytes>,
    body: Option<Body<'_>>,
) -> Outcome {
    // 404 is also what a wrong path answers; the body tells them apart.
    let is_unknown = response.status() == StatusCode::NOT_FOUND
        && body.as_ref().is_some_and(|body| {
            contains(&body.title, "no result found")
                || contains(&body.detail, "no shipment with given tracking number")
        });
    if is_unknown {
        return Outcome::NotFound;
    }
    if let Some(failure) = Failure::of_status(response, call.asked_at) {
        return failure.into();
    }
    let shipments = body.map(|body| body.shipments).unwrap_or_default();
    if shipments.iter().all(|shipment| shipment.id.is_empty()) {
        return Failure::unreadable("expected JSON with `shipments` that have an `id`").into();
    }
    let found: Vec<Found> = shipments
        .iter()
        .filter(|shipment| is_meant(shipment, wanted))
        .map(|shipment| found(shipment, &wanted.number))
        .collect();
    if found.is_empty() {
        // Somebody else's parcel, or another division's.
        return Outcome::NotFound;
    }
    Outcome::Found(found)
}

/// Whether this is the parcel, or has it among its pieces, and belongs to the
/// division that was asked for, if one was.
fn is_meant(shipment: &Shipment<'_>, wanted: &Wanted) -> bool {
    let is_the_division = wanted.hints.service.as_ref().is_none_or(|service| {
        shipment.service.is_empty() || shipment.service.eq_ignore_ascii_case(service.trim())
    });
    let mut pieces = shipment.details.piece_ids.iter();
    is_the_division
        && (is_number(&shipment.id, &wanted.number)
            || pieces.any(|piece| is_number(piece, &wanted.number)))
}

/// Reads a push. DHL documents only that its body differs by division; it is
/// taken to hold shipments as an answer does: in `shipments`, in `shipment`, in
/// a list, or alone. What concerns a subscription tells nothing of a parcel.
pub(super) fn push(body: &[u8]) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
    let named: Body<'_> = serde_json::from_slice(body).unwrap_or_default();
    if contains(&named.scope, "subscription") {
        return Ok(Vec::new());
    }
    let mut shipments = named.shipments;
    shipments.extend(named.shipment);
    if shipments.is_empty() {
        let bare: Bare<'_> = serde_json::from_slice(body).unwrap_or_default();
        shipments = bare.0;
    }
    let news: Vec<(TrackingNumber, Outcome)> = shipments
        .iter()
        .filter_map(|shipment| {
            let number = TrackingNumber::parse(&shipment.id).ok()?;
            let found = found(shipment, &number);
            Some((number, Outcome::Found(vec![found])))
        })
        .collect();
    if news.is_empty() {
        return Err(Failure::unreadable("expected shipments that have an `id`"));
    }
    Ok(news)
}

fn found(shipment: &Shipment<'_>, number: &TrackingNumber) -> Found {
    Found {
        unique_id: present(&shipment.service),
        shipped_on: time(&shipment.pick_up_date).map(ScanTime::date),
        ..Found::new(report(shipment, number))
    }
}

fn report(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Report {
    let service = shipment.service.as_ref();
    let mut scans: Vec<Scan> = shipment
        .events
        .iter()
        .filter(|event| concerns(event, shipment, asked))
        .filter_map(|event| scan(shipment, event))
        .collect();
    // The status is one more event, mostly the newest; it may be ahead of them.
    let status = Some(&shipment.status).filter(|status| concerns(status, shipment, asked));
    let latest = status.and_then(|status| scan(shipment, status));
    if scans.is_empty() {
        scans.extend(latest.clone());
    }
    let mut scans = in_sequence(scans, Order::OldestFirst);
    add_stated(&mut scans, latest);
    let details = &shipment.details;
    let stated = status.and_then(|status| told(shipment, status).meaning.reason());
    let is_return = shipment.return_flag == "true" || go_back(&scans);
    let proof = proof(shipment);
    let is_delivered = stated.is_some_and(|reason| reason.status() == ShipmentStatus::Delivered);
    Report {
        eta: if is_delivered { None } else { eta(shipment) },
        stated,
        proof,
        pieces: details.total_number_of_pieces.parse().ok().or_else(|| {
            let n_pieces = u32::try_from(details.piece_ids.len()).ok();
            n_pieces.filter(|n_pieces| *n_pieces > 0)
        }),
        aliases: aliases(shipment, asked),
        is_return,
        service: present(&details.product.product_name).or_else(|| present(service)),
        scans,
    }
}

/// Whether an event is about the number: of a piece, those of that piece; of the
/// shipment, all but the delivery of some of its pieces before the others.
fn concerns(event: &Event<'_>, shipment: &Shipment<'_>, asked: &TrackingNumber) -> bool {
    if event.piece_ids.is_empty() {
        return true;
    }
    if !is_number(&shipment.id, asked) {
        return event.piece_ids.iter().any(|piece| is_number(piece, asked));
    }
    let is_of_all = event.piece_ids.len() >= shipment.details.piece_ids.len();
    let is_delivered = |event| is(told(shipment, event).meaning, ShipmentStatus::Delivered);
    is_of_all || !is_delivered(event) || is_delivered(&shipment.status)
}

/// What is made of an event.
fn told<'s>(shipment: &'s Shipment<'_>, event: &'s Event<'_>) -> Told<'s> {
    meaning(&shipment.service, event, coarse(shipment, event))
}

/// DHL's coarse word for an event. Express gives one for the whole shipment
/// alone, which is that of the event with the same time and text.
fn coarse<'s>(shipment: &'s Shipment<'_>, event: &'s Event<'_>) -> &'s str {
    let status = &shipment.status;
    let is_same = |ours: &str, theirs: &str| !ours.is_empty() && ours == theirs;
    let is_newest = event.timestamp == status.timestamp
        && (is_same(&event.description, &status.description)
            || is_same(&event.status, &status.status));
    if event.status_code.is_empty() && is_newest {
        &status.status_code
    } else {
        &event.status_code
    }
}

fn scan(shipment: &Shipment<'_>, event: &Event<'_>) -> Option<Scan> {
    let told = told(shipment, event);
    let address = &event.location.address;
    let is_delivered = is(told.meaning, ShipmentStatus::Delivered);
    // A status without a space is a code.
    let text = [&event.description, &event.status]
        .into_iter()
        .filter(|text| text.contains(' ') || **text != event.status)
        .map(|text| impersonal(text, is_delivered))
        .find(|text| !text.is_empty());
    Some(Scan {
        time: time(&event.timestamp)?,
        meaning: told.meaning,
        code: told.code.to_owned(),
        text: text.unwrap_or_default().to_owned(),
        place: place(&address.address_locality, &address.country_code),
        sequence: 0,
        is_inferred: told.is_inferred,
    })
}

/// The wall clock where it happened. DHL writes a `Z` behind it, or `+00:00`,
/// whatever the zone; any other offset is one.
fn time(text: &str) -> Option<ScanTime> {
    let time: ScanTime = text.parse().ok()?;
    let is_false = time.offset() == Some(Offset::UTC);
    plausible(match (time.time(), is_false) {
        (Some(at), true) => ScanTime::local(time.date().to_datetime(at)),
        _ => time,
    })
}

/// The frame if there is one, else the day, and the hour by which only where the
/// remark promises one.
fn eta(shipment: &Shipment<'_>) -> Option<Eta> {
    let frame = &shipment.estimated_delivery_time_frame;
    let from = time(&frame.estimated_from);
    let through = time(&frame.estimated_through);
    let remark = &shipment.estimated_time_of_delivery_remark;
    let by = time(&shipment.estimated_time_of_delivery);
    let (from, to, hours) = match (from, through, by) {
        (Some(from), Some(to), _) if from.date() <= to.date() => {
            let begin = from.time().unwrap_or(Time::midnight());
            let hours = to.time().map(|end| (begin, end));
            (from.date(), to.date(), hours)
        }
        (_, _, Some(by)) => {
            let promises = contains(remark, "by ") && !contains(remark, "end of day");
            let end = by.time().filter(|_| promises);
            (by.date(), by.date(), end.map(|end| (Time::midnight(), end)))
        }
        (Some(only), None, None) | (None, Some(only), None) => (only.date(), only.date(), None),
        _ => return None,
    };
    let is_window = |(begin, end): &(Time, Time)| {
        let is_whole_day = *begin == Time::midnight() && end.hour() == 23;
        from == to && begin < end && !is_whole_day
    };
    Some(Eta {
        to,
        window: hours.filter(is_window),
        ..Eta::on(from, EtaSource::Carrier)
    })
}

fn proof(shipment: &Shipment<'_>) -> Option<Proof> {
    let proof = &shipment.details.proof_of_delivery;
    let signed = &proof.signed;
    let name = present(&signed.name).or_else(|| {
        let name = format!("{} {}", signed.given_name, signed.family_name);
        present(name.trim())
    });
    let proof = Proof {
        at: time(&proof.timestamp),
        received_by: name,
        left_at: None,
    };
    (proof != Proof::default()).then_some(proof)
}

/// The other number of the same parcel: of its only piece, or of the shipment
/// whose only piece it is.
fn aliases(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Vec<Alias> {
    let pieces = &shipment.details.piece_ids;
    let is_single =
        pieces.len() == 1 && matches!(shipment.details.total_number_of_pieces.as_ref(), "" | "1");
    let others = pieces.iter().map(String::as_str).chain([&*shipment.id]);
    others
        .filter(|_| is_single)
        .filter(|other| !is_number(other, asked))
        .filter_map(|other| TrackingNumber::parse(other).ok())
        .map(|number| Alias {
            number,
            carrier: None,
        })
        .collect()
}
