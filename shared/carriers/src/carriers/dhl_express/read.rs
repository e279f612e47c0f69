//! Reads an answer of `MyDHL`.

use super::{
    build_request, is_piece,
    wire::{Area, Body, Event, Shipment},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, Found, TrackingResult, plain_code},
    reading::{
        dhl::{
            EXPRESS, contains_text, has_status, impersonal_text, is_number, lookup_code,
            plausible_time, read_place, split_request,
        },
        phrases,
        scans::{ScanOrder, go_back, in_sequence},
    },
    wire::{compact_date, compact_time},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::civil::Time;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::ShipmentStatus,
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    let title = body.as_ref().map_or("", |body| &body.title);
    let detail = body.as_ref().map_or("", |body| &body.detail);
    match response.status() {
        // The published answer where DHL has none of the numbers.
        StatusCode::NOT_FOUND
            if contains_text(title, "not data found")
                || contains_text(detail, "no data found")
                || contains_text(detail, "no shipments found") =>
        {
            return call.same_for_all(&TrackingResult::NotFound);
        }
        // One number that DHL does not like spoils the batch.
        StatusCode::BAD_REQUEST if call.queries.len() > 1 => {
            let next = split_request(call, &call.queries, build_request);
            return ParsedResponse {
                outcomes: Vec::new(),
                next,
            };
        }
        StatusCode::BAD_REQUEST
            if contains_text(detail, "correct format")
                && contains_text(detail, "trackingnumber") =>
        {
            return call.same_for_all(&TrackingResult::Invalid);
        }
        _ => {}
    }
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return call.same_for_all(&failure.into());
    }
    let Some(shipments) = body.and_then(|body| body.shipments) else {
        return call.same_for_all(
            &CarrierError::unreadable_response("expected JSON with `shipments`").into(),
        );
    };
    let outcomes = call
        .queries
        .iter()
        .map(|wanted| (wanted.number.clone(), read_result(&shipments.0, wanted)))
        .collect();
    ParsedResponse {
        outcomes,
        next: Vec::new(),
    }
}

/// What the answer says about one number. That DHL leaves out the numbers that
/// it does not know is not documented, but what else their absence could mean
/// is not either.
fn read_result(shipments: &[Shipment<'_>], wanted: &TrackingQuery) -> TrackingResult {
    let meant: Vec<&Shipment<'_>> = shipments
        .iter()
        .filter(|shipment| is_meant(shipment, &wanted.number))
        .collect();
    let refused = |shipment: &&&Shipment<'_>| {
        shipment.events.is_empty()
            && !shipment.status.is_empty()
            && !shipment.status.eq_ignore_ascii_case("success")
    };
    if let Some(shipment) = meant.iter().find(refused) {
        return if contains_text(&shipment.status, "no") && contains_text(&shipment.status, "found")
        {
            TrackingResult::NotFound
        } else {
            let status = plain_code(&shipment.status);
            CarrierError::rejected_request(format!("DHL Express answered {status} for the number"))
                .into()
        };
    }
    if meant.is_empty() {
        return TrackingResult::NotFound;
    }
    let found = meant
        .into_iter()
        .map(|shipment| Found {
            shipped_on: parse_moment(&shipment.shipped_at).map(ScanTime::local_date),
            ..Found::new(build_report(shipment, &wanted.number))
        })
        .collect();
    TrackingResult::Found(found)
}

fn is_meant(shipment: &Shipment<'_>, asked: &TrackingNumber) -> bool {
    let mut pieces = shipment.pieces.iter();
    is_number(&shipment.number, asked)
        || (is_piece(asked) && pieces.any(|piece| is_number(&piece.number, asked)))
}

fn build_report(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Report {
    let piece = shipment
        .pieces
        .iter()
        .find(|piece| is_number(&piece.number, asked) && !piece.events.is_empty());
    let events = piece.map_or(&shipment.events, |piece| &piece.events);
    let scans = events.iter().filter_map(read_scan).collect();
    let scans = in_sequence(scans, ScanOrder::OldestFirst);
    let is_delivered = scans
        .iter()
        .any(|scan| has_status(scan.meaning, ShipmentStatus::Delivered));
    Report {
        eta: if is_delivered {
            None
        } else {
            read_eta(&shipment.estimated_delivery_date)
        },
        proof: read_proof(events),
        pieces: shipment.number_of_pieces.parse().ok().or_else(|| {
            let n_pieces = u32::try_from(shipment.pieces.len()).ok();
            n_pieces.filter(|n_pieces| *n_pieces > 0)
        }),
        aliases: read_aliases(shipment, asked),
        is_return: go_back(&scans),
        service: product_name(&shipment.product_code).map(str::to_owned),
        scans,
        ..Report::default()
    }
}

fn read_scan(event: &Event<'_>) -> Option<Scan> {
    let meaning = lookup_code(EXPRESS, &event.type_code)
        .or_else(|| phrases::phrase_meaning(&event.description))
        .unwrap_or(ScanMeaning::Unknown);
    let is_delivered = has_status(meaning, ShipmentStatus::Delivered);
    Some(Scan {
        time: read_time(event)?,
        meaning,
        code: event.type_code.to_string(),
        text: impersonal_text(&event.description, is_delivered).to_owned(),
        place: read_area(&event.service_area),
        sequence: 0,
        is_inferred: false,
    })
}

/// The wall clock where it happened; `GMTOffset` if it is there.
fn read_time(event: &Event<'_>) -> Option<ScanTime> {
    let date = compact_date(&event.date)?;
    plausible_time(match compact_time(&event.time) {
        None => ScanTime::from_day(date),
        Some(time) => match parse_offset(&event.offset) {
            Some(offset) => ScanTime::from_zoned(date.to_datetime(time), offset),
            None => ScanTime::from_local(date.to_datetime(time)),
        },
    })
}

/// A day, or a day and a time, without an offset.
fn parse_moment(text: &str) -> Option<ScanTime> {
    plausible_time(text.parse().ok()?)
}

/// A day; 23:59 and 0:00 stand for no hour. Any other is the hour by which.
fn read_eta(text: &str) -> Option<Eta> {
    let moment = parse_moment(text)?;
    let by = moment
        .local_time()
        .filter(|time| (time.hour(), time.minute()) != (23, 59));
    Some(Eta {
        window: by.map(|by| (Time::midnight(), by)),
        ..Eta::on_day(moment.local_date(), EtaSource::Carrier)
    })
}

/// Who signed stands in the event of the delivery.
fn read_proof(events: &[Event<'_>]) -> Option<Proof> {
    let is_delivery = |event: &&Event<'_>| {
        let meaning = lookup_code(EXPRESS, &event.type_code);
        meaning.is_some_and(|meaning| has_status(meaning, ShipmentStatus::Delivered))
    };
    let delivery = events
        .iter()
        .filter(is_delivery)
        .max_by_key(|e| read_time(e))?;
    Some(Proof {
        at: read_time(delivery),
        received_by: (!delivery.signed_by.is_empty()).then(|| delivery.signed_by.to_string()),
        drop_off_location: None,
    })
}

/// `SYDNEY-AU`: a city, a hyphen and a country.
fn read_area(area: &Area<'_>) -> Place {
    match area.description.rsplit_once('-') {
        Some((city, country)) if country.trim().len() == 2 => {
            read_place(city.trim(), country.trim())
        }
        _ => read_place(&area.description, ""),
    }
}

/// The other number of the same shipment, if the shipment has a single piece.
fn read_aliases(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Vec<Alias> {
    let is_single = shipment.pieces.len() == 1 && matches!(&*shipment.number_of_pieces, "" | "1");
    let pieces = shipment.pieces.iter().map(|piece| &piece.number);
    pieces
        .chain([&shipment.number])
        .filter(|other| is_single && !is_number(other, asked))
        .filter_map(|other| TrackingNumber::parse(other).ok())
        .map(|number| Alias {
            number,
            carrier: None,
        })
        .collect()
}

/// The name of a global product; DHL answers only its code.
fn product_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "D" | "P" | "U" | "X" => "Express Worldwide",
        "E" | "K" => "Express 9:00",
        "L" | "M" => "Express 10:30",
        "T" | "Y" => "Express 12:00",
        "H" | "W" => "Economy Select",
        "N" => "Domestic Express",
        _ => return None,
    })
}
