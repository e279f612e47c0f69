//! Reads an answer of Shipment Tracking – Unified, and a push.

use super::{
    codes::{Told, map_meaning},
    wire::{Bare, Body, Event, Shipment},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, Found, TrackingResult},
    reading::{
        dhl::{contains_text, has_status, impersonal_text, is_number, plausible_time, read_place},
        scans::{ScanOrder, add_stated, go_back, in_sequence},
    },
    wire::present_text,
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

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    ParsedResponse::single_result(
        wanted.number.clone(),
        read_result(call, wanted, response, body),
    )
}

fn read_result(
    call: &CarrierRequest,
    wanted: &TrackingQuery,
    response: &Response<Bytes>,
    body: Option<Body<'_>>,
) -> TrackingResult {
    // 404 is also what a wrong path answers; the body tells them apart.
    let is_unknown = response.status() == StatusCode::NOT_FOUND
        && body.as_ref().is_some_and(|body| {
            contains_text(&body.title, "no result found")
                || contains_text(&body.detail, "no shipment with given tracking number")
        });
    if is_unknown {
        return TrackingResult::NotFound;
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return failure.into();
    }
    let shipments = body.map(|body| body.shipments).unwrap_or_default();
    if shipments.iter().all(|shipment| shipment.id.is_empty()) {
        return CarrierError::unreadable_response(
            "expected JSON with `shipments` that have an `id`",
        )
        .into();
    }
    let found: Vec<Found> = shipments
        .iter()
        .filter(|shipment| is_meant(shipment, wanted))
        .map(|shipment| read_found(shipment, &wanted.number))
        .collect();
    if found.is_empty() {
        // Another shipper's shipment, or another division's.
        return TrackingResult::NotFound;
    }
    TrackingResult::Found(found)
}

/// Whether this is the shipment, or has it among its pieces, and belongs to the
/// division that was asked for, if one was.
fn is_meant(shipment: &Shipment<'_>, wanted: &TrackingQuery) -> bool {
    let is_the_division = wanted.details.service.as_ref().is_none_or(|service| {
        shipment.service.is_empty() || shipment.service.eq_ignore_ascii_case(service.trim())
    });
    let mut pieces = shipment.details.piece_ids.iter();
    is_the_division
        && (is_number(&shipment.id, &wanted.number)
            || pieces.any(|piece| is_number(piece, &wanted.number)))
}

/// Reads a push. DHL documents only that its body differs by division; it is
/// taken to hold shipments as an answer does: in `shipments`, in `shipment`, in
/// a list, or alone. What concerns a subscription tells nothing of a shipment.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let named: Body<'_> = serde_json::from_slice(body).unwrap_or_default();
    if contains_text(&named.scope, "subscription") {
        return Ok(Vec::new());
    }
    let mut shipments = named.shipments;
    shipments.extend(named.shipment);
    if shipments.is_empty() {
        let bare: Bare<'_> = serde_json::from_slice(body).unwrap_or_default();
        shipments = bare.0;
    }
    let news: Vec<(TrackingNumber, TrackingResult)> = shipments
        .iter()
        .filter_map(|shipment| {
            let number = TrackingNumber::parse(&shipment.id).ok()?;
            let found = read_found(shipment, &number);
            Some((number, TrackingResult::Found(vec![found])))
        })
        .collect();
    if news.is_empty() {
        return Err(CarrierError::unreadable_response(
            "expected shipments that have an `id`",
        ));
    }
    Ok(news)
}

fn read_found(shipment: &Shipment<'_>, number: &TrackingNumber) -> Found {
    Found {
        unique_id: present_text(&shipment.service),
        shipped_on: read_time(&shipment.pick_up_date).map(ScanTime::local_date),
        ..Found::new(build_report(shipment, number))
    }
}

fn build_report(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Report {
    let service = shipment.service.as_ref();
    let mut scans: Vec<Scan> = shipment
        .events
        .iter()
        .filter(|event| concerns_number(event, shipment, asked))
        .filter_map(|event| read_scan(shipment, event))
        .collect();
    // The status is one more event, mostly the newest; it may be ahead of them.
    let status = Some(&shipment.status).filter(|status| concerns_number(status, shipment, asked));
    let latest = status.and_then(|status| read_scan(shipment, status));
    if scans.is_empty() {
        scans.extend(latest.clone());
    }
    let mut scans = in_sequence(scans, ScanOrder::OldestFirst);
    add_stated(&mut scans, latest);
    let details = &shipment.details;
    let stated = status.and_then(|status| map_event(shipment, status).meaning.status_reason());
    let is_return = shipment.return_flag == "true" || go_back(&scans);
    let proof = read_proof(shipment);
    let is_delivered = stated.is_some_and(|reason| reason.to_status() == ShipmentStatus::Delivered);
    Report {
        eta: if is_delivered {
            None
        } else {
            read_eta(shipment)
        },
        reported_status: stated,
        proof,
        pieces: details.total_number_of_pieces.parse().ok().or_else(|| {
            let n_pieces = u32::try_from(details.piece_ids.len()).ok();
            n_pieces.filter(|n_pieces| *n_pieces > 0)
        }),
        aliases: read_aliases(shipment, asked),
        is_return,
        service: present_text(&details.product.product_name).or_else(|| present_text(service)),
        scans,
    }
}

/// Whether an event is about the number: of a piece, those of that piece; of the
/// shipment, all but the delivery of some of its pieces before the others.
fn concerns_number(event: &Event<'_>, shipment: &Shipment<'_>, asked: &TrackingNumber) -> bool {
    if event.piece_ids.is_empty() {
        return true;
    }
    if !is_number(&shipment.id, asked) {
        return event.piece_ids.iter().any(|piece| is_number(piece, asked));
    }
    let is_of_all = event.piece_ids.len() >= shipment.details.piece_ids.len();
    let is_delivered = |event| {
        has_status(
            map_event(shipment, event).meaning,
            ShipmentStatus::Delivered,
        )
    };
    is_of_all || !is_delivered(event) || is_delivered(&shipment.status)
}

/// What is made of an event.
fn map_event<'s>(shipment: &'s Shipment<'_>, event: &'s Event<'_>) -> Told<'s> {
    map_meaning(&shipment.service, event, coarse_status(shipment, event))
}

/// DHL's coarse word for an event. Express gives one for the whole shipment
/// alone, which is that of the event with the same time and text.
fn coarse_status<'s>(shipment: &'s Shipment<'_>, event: &'s Event<'_>) -> &'s str {
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

fn read_scan(shipment: &Shipment<'_>, event: &Event<'_>) -> Option<Scan> {
    let told = map_event(shipment, event);
    let address = &event.location.address;
    let is_delivered = has_status(told.meaning, ShipmentStatus::Delivered);
    // A status without a space is a code.
    let text = [&event.description, &event.status]
        .into_iter()
        .filter(|text| text.contains(' ') || **text != event.status)
        .map(|text| impersonal_text(text, is_delivered))
        .find(|text| !text.is_empty());
    Some(Scan {
        time: read_time(&event.timestamp)?,
        meaning: told.meaning,
        code: told.code.to_owned(),
        text: text.unwrap_or_default().to_owned(),
        place: read_place(&address.address_locality, &address.country_code),
        sequence: 0,
        is_inferred: told.is_inferred,
    })
}

/// The wall clock where it happened. DHL writes a `Z` behind it, or `+00:00`,
/// whatever the zone; any other offset is one.
fn read_time(text: &str) -> Option<ScanTime> {
    let time: ScanTime = text.parse().ok()?;
    let is_false = time.utc_offset() == Some(Offset::UTC);
    plausible_time(match (time.local_time(), is_false) {
        (Some(at), true) => ScanTime::from_local(time.local_date().to_datetime(at)),
        _ => time,
    })
}

/// The frame if there is one, else the day, and the hour by which only where the
/// remark promises one.
fn read_eta(shipment: &Shipment<'_>) -> Option<Eta> {
    let frame = &shipment.estimated_delivery_time_frame;
    let from = read_time(&frame.estimated_from);
    let through = read_time(&frame.estimated_through);
    let remark = &shipment.estimated_time_of_delivery_remark;
    let by = read_time(&shipment.estimated_time_of_delivery);
    let (from, to, hours) = match (from, through, by) {
        (Some(from), Some(to), _) if from.local_date() <= to.local_date() => {
            let begin = from.local_time().unwrap_or(Time::midnight());
            let hours = to.local_time().map(|end| (begin, end));
            (from.local_date(), to.local_date(), hours)
        }
        (_, _, Some(by)) => {
            let promises = contains_text(remark, "by ") && !contains_text(remark, "end of day");
            let end = by.local_time().filter(|_| promises);
            (
                by.local_date(),
                by.local_date(),
                end.map(|end| (Time::midnight(), end)),
            )
        }
        (Some(only), None, None) | (None, Some(only), None) => {
            (only.local_date(), only.local_date(), None)
        }
        _ => return None,
    };
    let is_window = |(begin, end): &(Time, Time)| {
        let is_whole_day = *begin == Time::midnight() && end.hour() == 23;
        from == to && begin < end && !is_whole_day
    };
    Some(Eta {
        to,
        window: hours.filter(is_window),
        ..Eta::on_day(from, EtaSource::Carrier)
    })
}

fn read_proof(shipment: &Shipment<'_>) -> Option<Proof> {
    let proof = &shipment.details.proof_of_delivery;
    let signed = &proof.signed;
    let name = present_text(&signed.name).or_else(|| {
        let name = format!("{} {}", signed.given_name, signed.family_name);
        present_text(name.trim())
    });
    let proof = Proof {
        at: read_time(&proof.timestamp),
        received_by: name,
        drop_off_location: None,
    };
    (proof != Proof::default()).then_some(proof)
}

/// The other number of the same shipment: of its only piece, or of the shipment
/// whose only piece it is.
fn read_aliases(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Vec<Alias> {
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
