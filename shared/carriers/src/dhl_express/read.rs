//! Reads an answer of `MyDHL`.

use super::{
    is_piece, question,
    wire::{Area, Body, Event, Shipment},
};
use crate::{
    carrier::{Answer, Call, Wanted},
    dhl::{EXPRESS, contains, halves, impersonal, is, is_number, lookup, place, plausible},
    outcome::{Failure, Found, Outcome, plain},
    phrases,
    scans::{Order, go_back, in_sequence},
    wire::{compact_date, compact_time},
};
use bytes::Bytes;
use http::{Response, StatusCode};
use jiff::civil::Time;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::{Alias, Proof, Report},
    scan::{Meaning, Place, Scan},
    status::ShipmentStatus,
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    let title = body.as_ref().map_or("", |body| &body.title);
    let detail = body.as_ref().map_or("", |body| &body.detail);
    match response.status() {
        // The published answer where DHL has none of the numbers.
        StatusCode::NOT_FOUND
            if contains(title, "not data found")
                || contains(detail, "no data found")
                || contains(detail, "no shipments found") =>
        {
            return call.all(&Outcome::NotFound);
        }
        // One number that DHL does not like spoils the batch.
        StatusCode::BAD_REQUEST if call.wanted.len() > 1 => {
            let next = halves(call, &call.wanted, question);
            return Answer {
                outcomes: Vec::new(),
                next,
            };
        }
        StatusCode::BAD_REQUEST
            if contains(detail, "correct format") && contains(detail, "trackingnumber") =>
        {
            return call.all(&Outcome::Invalid);
        }
        _ => {}
    }
    if let Some(failure) = Failure::of_status(response, call.asked_at) {
        return call.all(&failure.into());
    }
    let Some(shipments) = body.and_then(|body| body.shipments) else {
        return call.all(&Failure::unreadable("expected JSON with `shipments`").into());
    };
    let outcomes = call
        .wanted
        .iter()
        .map(|wanted| (wanted.number.clone(), outcome(&shipments.0, wanted)))
        .collect();
    Answer {
        outcomes,
        next: Vec::new(),
    }
}

/// What the answer says about one number. That DHL leaves out the numbers that
/// it does not know is not documented, but what else their absence could mean
/// is not either.
fn outcome(shipments: &[Shipment<'_>], wanted: &Wanted) -> Outcome {
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
        return if contains(&shipment.status, "no") && contains(&shipment.status, "found") {
            Outcome::NotFound
        } else {
            let status = plain(&shipment.status);
            Failure::rejected(format!("DHL Express answered {status} for the number")).into()
        };
    }
    if meant.is_empty() {
        return Outcome::NotFound;
    }
    let found = meant
        .into_iter()
        .map(|shipment| Found {
            shipped_on: moment(&shipment.shipped_at).map(ScanTime::date),
            ..Found::new(report(shipment, &wanted.number))
        })
        .collect();
    Outcome::Found(found)
}

fn is_meant(shipment: &Shipment<'_>, asked: &TrackingNumber) -> bool {
    let mut pieces = shipment.pieces.iter();
    is_number(&shipment.number, asked)
        || (is_piece(asked) && pieces.any(|piece| is_number(&piece.number, asked)))
}

fn report(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Report {
    let piece = shipment
        .pieces
        .iter()
        .find(|piece| is_number(&piece.number, asked) && !piece.events.is_empty());
    let events = piece.map_or(&shipment.events, |piece| &piece.events);
    let scans = events.iter().filter_map(scan).collect();
    let scans = in_sequence(scans, Order::OldestFirst);
    let is_delivered = scans
        .iter()
        .any(|scan| is(scan.meaning, ShipmentStatus::Delivered));
    Report {
        eta: if is_delivered {
            None
        } else {
            eta(&shipment.estimated_delivery_date)
        },
        proof: proof(events),
        pieces: shipment.number_of_pieces.parse().ok().or_else(|| {
            let n_pieces = u32::try_from(shipment.pieces.len()).ok();
            n_pieces.filter(|n_pieces| *n_pieces > 0)
        }),
        aliases: aliases(shipment, asked),
        is_return: go_back(&scans),
        service: product(&shipment.product_code).map(str::to_owned),
        scans,
        ..Report::default()
    }
}

fn scan(event: &Event<'_>) -> Option<Scan> {
    let meaning = lookup(EXPRESS, &event.type_code)
        .or_else(|| phrases::meaning(&event.description))
        .unwrap_or(Meaning::Unknown);
    let is_delivered = is(meaning, ShipmentStatus::Delivered);
    Some(Scan {
        time: time(event)?,
        meaning,
        code: event.type_code.to_string(),
        text: impersonal(&event.description, is_delivered).to_owned(),
        place: area(&event.service_area),
        sequence: 0,
        is_inferred: false,
    })
}

/// The wall clock where it happened; `GMTOffset` if it is there.
fn time(event: &Event<'_>) -> Option<ScanTime> {
    let date = compact_date(&event.date)?;
    plausible(match compact_time(&event.time) {
        None => ScanTime::day(date),
        Some(time) => match parse_offset(&event.offset) {
            Some(offset) => ScanTime::zoned(date.to_datetime(time), offset),
            None => ScanTime::local(date.to_datetime(time)),
        },
    })
}

/// A day, or a day and a time, without an offset.
fn moment(text: &str) -> Option<ScanTime> {
    plausible(text.parse().ok()?)
}

/// A day; 23:59 and 0:00 stand for no hour. Any other is the hour by which.
fn eta(text: &str) -> Option<Eta> {
    let moment = moment(text)?;
    let by = moment
        .time()
        .filter(|time| (time.hour(), time.minute()) != (23, 59));
    Some(Eta {
        window: by.map(|by| (Time::midnight(), by)),
        ..Eta::on(moment.date(), EtaSource::Carrier)
    })
}

/// Who signed stands in the event of the delivery.
fn proof(events: &[Event<'_>]) -> Option<Proof> {
    let is_delivery = |event: &&Event<'_>| {
        let meaning = lookup(EXPRESS, &event.type_code);
        meaning.is_some_and(|meaning| is(meaning, ShipmentStatus::Delivered))
    };
    let delivery = events.iter().filter(is_delivery).max_by_key(|e| time(e))?;
    Some(Proof {
        at: time(delivery),
        received_by: (!delivery.signed_by.is_empty()).then(|| delivery.signed_by.to_string()),
        left_at: None,
    })
}

/// `SYDNEY-AU`: a city, a hyphen and a country.
fn area(area: &Area<'_>) -> Place {
    match area.description.rsplit_once('-') {
        Some((city, country)) if country.trim().len() == 2 => place(city.trim(), country.trim()),
        _ => place(&area.description, ""),
    }
}

/// The other number of the same parcel, if the shipment has a single piece.
fn aliases(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Vec<Alias> {
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
fn product(code: &str) -> Option<&'static str> {
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
