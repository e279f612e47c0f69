//! Reads an answer of Parcel DE tracking.

use super::{
    build_request,
    events::EVENTS,
    xml::{Event, List, Shipment, decode_body, parse_list},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code},
    reading::{
        dhl::{
            STANDARD_EVENTS, has_status, impersonal_text, is_number, lookup_code, parse_country,
            plausible_time, read_place, split_request,
        },
        named::in_texts,
        scans::{ScanOrder, add_stated, go_back, in_sequence},
    },
    wire::{compact_date, present_text},
};
use bytes::Bytes;
use http::Response;
use jiff::{
    civil::{Date, Time},
    tz::TimeZone,
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof, Report},
    scan::{Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use std::{cmp::Ordering, sync::LazyLock};

/// The clock of DHL's system, and of every place in Germany.
static BERLIN: LazyLock<Option<TimeZone>> = LazyLock::new(|| TimeZone::get("Europe/Berlin").ok());

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return call.same_for_all(&failure.into());
    }
    let text = decode_body(response.body());
    let Some(list) = parse_list(&text) else {
        let failure = CarrierError::unreadable_response("expected XML with an element `data`");
        return call.same_for_all(&failure.into());
    };
    match Trouble::from_code(&list.code) {
        None if list.shipments.is_empty() && list.code.is_empty() => call.same_for_all(
            &CarrierError::unreadable_response("expected a `piece-shipment-list`").into(),
        ),
        // The shipments say for themselves what is wrong with each.
        None | Some(Trouble::Unknown | Trouble::Number) => read_shipments(call, &list),
        Some(Trouble::Whole(failure)) => call.same_for_all(&failure.into()),
    }
}

/// A shipment goes by the number that was asked for.
pub(super) fn read_numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let text = decode_body(response.body());
    let shipments = parse_list(&text)
        .map(|list| list.shipments)
        .unwrap_or_default();
    in_texts(shipments.iter().filter_map(|shipment| {
        let mut names = [&shipment.searched, &shipment.piece_code].into_iter();
        names.find(|name| !name.is_empty()).map(AsRef::as_ref)
    }))
}

/// What an error code is about. DHL answers them with HTTP 200, in `code` of the
/// list and in `piece-status` of a shipment.
enum Trouble {
    /// DHL has no data.
    Unknown,
    /// The number is wrong.
    Number,
    /// The question as a whole.
    Whole(CarrierError),
}

impl Trouble {
    fn from_code(code: &str) -> Option<Self> {
        let kind = match code {
            "" | "0" => return None,
            // No data; no data for the postal code; no data sent ahead.
            "100" | "57" | "200" => return Some(Self::Unknown),
            // A check digit is wrong or missing; no number at all.
            "41" | "45" | "64" => return Some(Self::Number),
            // The login failed, or did so too often.
            "5" | "6" => CarrierErrorKind::Unauthorized,
            "62" => CarrierErrorKind::Denied,
            code if code.starts_with('-') && code != "-3" => CarrierErrorKind::Unavailable,
            _ => CarrierErrorKind::Rejected,
        };
        let message = format!("DHL Paket answered error {}", plain_code(code));
        Some(Self::Whole(CarrierError::new(kind, message)))
    }

    /// What it means for a number of which nothing else is known.
    fn into_result(self) -> TrackingResult {
        match self {
            Self::Unknown => TrackingResult::NotFound,
            Self::Number => TrackingResult::Invalid,
            Self::Whole(failure) => failure.into(),
        }
    }
}

/// One outcome for each number. Those of a batch of which DHL says nothing are
/// asked for again in halves: one bad number may spoil the batch, and that the
/// others could be left out is not documented.
fn read_shipments(call: &CarrierRequest, list: &List<'_>) -> ParsedResponse {
    let mut outcomes = Vec::new();
    let mut silent: Vec<TrackingQuery> = Vec::new();
    for wanted in &call.queries {
        let meant: Vec<&Shipment<'_>> = list
            .shipments
            .iter()
            .filter(|shipment| is_meant(shipment, &wanted.number))
            .collect();
        match outcome(&meant, &wanted.number) {
            Some(outcome) => outcomes.push((wanted.number.clone(), outcome)),
            None => silent.push(wanted.clone()),
        }
    }
    let trouble = Trouble::from_code(&list.code);
    let is_about_all = matches!(trouble, Some(Trouble::Unknown)) || call.queries.len() == 1;
    if is_about_all {
        let nothing =
            || CarrierError::unreadable_response("the answer does not mention the number").into();
        let outcome = trouble.map_or_else(nothing, Trouble::into_result);
        let rest = silent.drain(..);
        outcomes.extend(rest.map(|wanted| (wanted.number, outcome.clone())));
    }
    ParsedResponse {
        outcomes,
        next: split_request(call, &silent, build_request),
    }
}

fn is_meant(shipment: &Shipment<'_>, asked: &TrackingNumber) -> bool {
    is_number(&shipment.searched, asked)
        || is_number(&shipment.piece_code, asked)
        || is_number(&shipment.airway_bill, asked)
}

/// Several shipments if the number was used again.
fn outcome(meant: &[&Shipment<'_>], asked: &TrackingNumber) -> Option<TrackingResult> {
    let known: Vec<Found> = meant
        .iter()
        .filter(|shipment| shipment.piece_status.is_empty())
        .map(|shipment| Found {
            unique_id: (!shipment.piece_id.is_empty()).then(|| shipment.piece_id.to_string()),
            ..Found::new(build_report(shipment, asked))
        })
        .collect();
    if !known.is_empty() {
        return Some(TrackingResult::Found(known));
    }
    Some(Trouble::from_code(&meant.first()?.piece_status)?.into_result())
}

fn build_report(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Report {
    let events = if shipment.events.is_empty() {
        std::slice::from_ref(&shipment.state)
    } else {
        shipment.events.as_slice()
    };
    let mut events: Vec<(&Event<'_>, Scan)> = events
        .iter()
        .filter_map(|event| Some((event, read_scan(shipment, event)?)))
        .collect();
    void_what_was_taken_back(&mut events);
    let scans = events.into_iter().map(|(_, scan)| scan).collect();
    let mut scans = in_sequence(scans, ScanOrder::OldestFirst);
    // The state repeats an event, mostly the newest; that may be taken back.
    let state = read_scan(shipment, &shipment.state);
    let is_taken_back = state.as_ref().is_some_and(|state| {
        let is_void =
            |scan: &Scan| scan.meaning == ScanMeaning::Note && scan.meaning != state.meaning;
        let is_it = |scan: &Scan| scan.time == state.time && scan.code == state.code;
        scans.iter().any(|scan| is_it(scan) && is_void(scan))
    });
    add_stated(&mut scans, state.filter(|_| !is_taken_back));
    Report {
        reported_status: map_meaning(&shipment.state)
            .status_reason()
            .filter(|_| !is_taken_back),
        eta: if shipment.is_delivered {
            None
        } else {
            read_eta(shipment)
        },
        proof: read_proof(shipment, &scans),
        pieces: None,
        aliases: read_aliases(shipment, asked),
        is_return: shipment.is_return || go_back(&scans),
        service: (!shipment.product.is_empty()).then(|| shipment.product.to_string()),
        scans,
    }
}

/// `STORN`: the driver deleted the event before it, which DHL goes on listing.
fn void_what_was_taken_back(events: &mut [(&Event<'_>, Scan)]) {
    let is_newest_first = match (events.first(), events.last()) {
        (Some((_, first)), Some((_, last))) => first.time.cmp(&last.time) == Ordering::Greater,
        _ => false,
    };
    for at in 0..events.len() {
        if events[at].0.ice != "STORN" {
            continue;
        }
        let before = if is_newest_first {
            Some(at + 1)
        } else {
            at.checked_sub(1)
        };
        if let Some((_, scan)) = before.and_then(|before| events.get_mut(before)) {
            scan.meaning = ScanMeaning::Note;
        }
    }
}

fn read_scan(shipment: &Shipment<'_>, event: &Event<'_>) -> Option<Scan> {
    let meaning = match map_meaning(event) {
        // Who took it stands with the shipment: 4 is a neighbour.
        ScanMeaning::Status(Reason::DeliveredGeneric) if shipment.recipient_id == "4" => {
            ScanMeaning::Status(Reason::Neighbor)
        }
        meaning => meaning,
    };
    // The short text is one of a fixed set; the long one may name the neighbour,
    // the shop and its street.
    let text = if event.short_text.is_empty() {
        impersonal_text(&event.text, has_status(meaning, ShipmentStatus::Delivered))
    } else {
        &event.short_text
    };
    let code = [&event.ice, &event.ric, &event.standard_code]
        .into_iter()
        .filter(|code| !code.is_empty())
        .map(AsRef::as_ref)
        .collect::<Vec<&str>>()
        .join(" ");
    Some(Scan {
        time: read_time(shipment, event)?,
        meaning,
        code,
        text: text.to_owned(),
        place: read_place(&event.location, &event.country),
        sequence: 0,
        is_inferred: false,
    })
}

/// By event, reason and standard event; by the first two where DHL combines them
/// with another standard event than it lists; by the standard event alone.
fn map_meaning(event: &Event<'_>) -> ScanMeaning {
    let key = (
        event.ice.as_ref(),
        event.ric.as_ref(),
        event.standard_code.as_ref(),
    );
    let at = EVENTS.partition_point(|(known, _)| *known < (key.0, key.1, ""));
    let alike = EVENTS[at..]
        .iter()
        .take_while(|((ice, ric, _), _)| (*ice, *ric) == (key.0, key.1));
    let mut meanings = alike.clone().map(|(_, meaning)| *meaning);
    if let Some((_, meaning)) = alike.clone().find(|(known, _)| *known == key) {
        return *meaning;
    }
    if let Some(first) = meanings.next()
        && meanings.all(|other| other == first)
    {
        return first;
    }
    lookup_code(STANDARD_EVENTS, key.2).unwrap_or(ScanMeaning::Unknown)
}

/// German time. Whether DHL converts what happens abroad is not documented, so
/// only what happened in Germany has the offset; an event without a country did,
/// if the shipment never leaves it. The hour that autumn repeats has none.
fn read_time(shipment: &Shipment<'_>, event: &Event<'_>) -> Option<ScanTime> {
    let (date, rest) = event
        .timestamp
        .split_once(' ')
        .unwrap_or((&event.timestamp, ""));
    let date = german_date(date)?;
    let Ok(time) = rest.trim().parse::<Time>() else {
        return plausible_time(ScanTime::from_day(date));
    };
    let at = date.to_datetime(time);
    let is_german = |text: &str| parse_country(text).as_deref() == Some("DE");
    let is_in_germany = is_german(&event.country)
        || (event.country.is_empty()
            && is_german(&shipment.origin_country)
            && is_german(&shipment.destination_country));
    let offset = BERLIN.as_ref().filter(|_| is_in_germany).and_then(|zone| {
        let moment = zone.to_ambiguous_zoned(at);
        let zoned = (!moment.is_ambiguous()).then(|| moment.unambiguous().ok());
        zoned.flatten().map(|zoned| zoned.offset())
    });
    plausible_time(match offset {
        Some(offset) => ScanTime::from_zoned(at, offset),
        None => ScanTime::from_local(at),
    })
}

/// `18.11.2026`.
fn german_date(text: &str) -> Option<Date> {
    let mut parts = text.trim().split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// The day, and the hours if DHL names them. It needs a right of its own to be
/// shown, and how the day is written is not documented.
fn read_eta(shipment: &Shipment<'_>) -> Option<Eta> {
    let text = &shipment.delivery_date;
    let day = german_date(text).or_else(|| compact_date(text.get(..10)?))?;
    let hour = |text: &str| text.rsplit(' ').next()?.parse::<Time>().ok();
    let hours = hour(&shipment.delivery_from).zip(hour(&shipment.delivery_to));
    Some(Eta {
        window: hours.filter(|(from, to)| from < to),
        ..Eta::on_day(day, EtaSource::Carrier)
    })
}

fn read_proof(shipment: &Shipment<'_>, scans: &[Scan]) -> Option<Proof> {
    if !shipment.is_delivered {
        return None;
    }
    let delivery = scans
        .iter()
        .rev()
        .find(|scan| has_status(scan.meaning, ShipmentStatus::Delivered));
    // What DHL writes instead of a name that it does not show.
    let is_hidden = shipment.recipient_name.contains("Eingeschränkte Anzeige")
        || shipment.recipient_name.contains("Restricted display");
    let proof = Proof {
        at: delivery.map(|scan| scan.time),
        received_by: present_text(&shipment.recipient_name).filter(|_| !is_hidden),
        drop_off_location: present_text(&shipment.recipient_id_text),
    };
    (proof != Proof::default()).then_some(proof)
}

/// The number under which DHL Express carries a part of the way.
fn read_aliases(shipment: &Shipment<'_>, asked: &TrackingNumber) -> Vec<Alias> {
    TrackingNumber::parse(&shipment.airway_bill)
        .into_iter()
        .filter(|number| number != asked)
        .map(|number| Alias {
            number,
            carrier: CarrierId::parse("dhl_express").ok(),
        })
        .collect()
}
