//! Reads an answer of Russian Post.

use super::{TICKET_WAIT, codes};
use crate::{
    carrier::{Answer, Call},
    named::in_texts,
    outcome::{ErrorKind, Failure, Found, Outcome, plain},
    scans::go_back,
    wire::compact_time,
    xml::{Document, Element, fault_detail, soap},
};
use bytes::Bytes;
use http::Response;
use jiff::civil::Date;
use posthorn_domain::{
    report::{Alias, Proof, Report},
    scan::{Meaning, Place, Scan},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use std::{collections::HashMap, time::Duration};

/// After this a new ticket is asked for instead of one that is over.
const SOON: Duration = Duration::from_mins(1);

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let document = Document::parse(response.body());
    let content = document.as_ref().and_then(soap);
    if let Some(content) = content {
        match content.name() {
            "Fault" => return call.all(&fault(content)),
            "ticketResponse" => return call.all(&ticket(call, content)),
            "answerByTicketResponse" => return by_ticket(call, content),
            "getOperationHistoryResponse" => return history(call, content),
            _ => {}
        }
    }
    let failure = Failure::of_status(response, call.asked_at)
        .unwrap_or_else(|| Failure::unreadable("expected an envelope with a known answer"));
    call.all(&failure.into())
}

/// Of a parcel that goes on under another number, the first.
pub(super) fn numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let document = Document::parse(response.body());
    let Some(content) = document.as_ref().and_then(soap) else {
        return Vec::new();
    };
    let items = content.child("value").into_iter();
    let items = items.flat_map(|value| value.children("Item"));
    let history = content.child("OperationHistoryData").into_iter();
    let record = history.flat_map(|data| data.children("historyRecord"));
    let barcodes = record.map(|record| record.text_at(&["ItemParameters", "Barcode"]));
    let first = barcodes.filter(|barcode| !barcode.is_empty()).take(1);
    in_texts(items.map(|item| item.attribute("Barcode")).chain(first))
}

/// The faults of `rtm34`: `AuthorizationFault`, `OperationHistoryFault` and
/// `LanguageFault`, in whose details the element ends in `Reason`.
fn fault(content: Element<'_>) -> Outcome {
    let Some(reason) = fault_detail(content).and_then(|detail| detail.elements().next()) else {
        return Failure::unavailable("Russian Post answered an internal fault").into();
    };
    match reason.name().trim_end_matches("Reason") {
        "AuthorizationFault" => {
            Failure::unauthorized("Russian Post refused login and password").into()
        }
        "LanguageFault" => Failure::rejected("Russian Post refused the language").into(),
        // The same fault stands for a number of a wrong form and for any
        // trouble with a right one; only its text tells.
        "OperationHistoryFault" if is_about_format(reason.text()) => Outcome::Invalid,
        "OperationHistoryFault" => {
            Failure::unavailable("Russian Post could not read the history").into()
        }
        _ => Failure::unavailable("Russian Post answered an unknown fault").into(),
    }
}

fn is_about_format(text: &str) -> bool {
    text.contains("Формат данных") || text.contains("format of the request")
}

/// The published errors of `fc`, for a whole call.
fn error(call: &Call, element: Element<'_>) -> Outcome {
    match element.attribute("ErrorTypeID") {
        "3" => Failure::unauthorized("Russian Post refused login and password (3)").into(),
        // The answer is not ready.
        "6" => Outcome::NotYet {
            after: TICKET_WAIT,
            ticket: held(call),
        },
        "12" => Outcome::NotFound,
        "16" => Failure::unavailable("Russian Post has an internal error (16)").into(),
        // The answer was deleted after 32 hours.
        "17" => Outcome::NotYet {
            after: SOON,
            ticket: None,
        },
        // A number is too long.
        "21" if call.wanted.len() == 1 => Outcome::Invalid,
        code => {
            let message = format!("Russian Post answered error {}", plain(code));
            Failure::new(ErrorKind::Rejected, message).into()
        }
    }
}

fn held(call: &Call) -> Option<String> {
    call.wanted.first().and_then(|wanted| wanted.ticket.clone())
}

fn ticket(call: &Call, content: Element<'_>) -> Outcome {
    if let Some(element) = content.child("error") {
        return error(call, element);
    }
    let ticket = content.field("value");
    if ticket.is_empty() {
        return Failure::unreadable("expected a ticket").into();
    }
    Outcome::NotYet {
        after: TICKET_WAIT,
        ticket: Some(ticket.to_owned()),
    }
}

fn by_ticket(call: &Call, content: Element<'_>) -> Answer {
    if let Some(element) = content.child("error") {
        return call.all(&error(call, element));
    }
    let Some(value) = content.child("value") else {
        return call.all(&Failure::unreadable("expected `value`").into());
    };
    let mut items: HashMap<TrackingNumber, Element<'_>> = HashMap::new();
    for item in value.children("Item") {
        if let Ok(number) = TrackingNumber::parse(item.attribute("Barcode")) {
            items.insert(number, item);
        }
    }
    let outcomes = call
        .wanted
        .iter()
        .map(|wanted| {
            let outcome = match items.get(&wanted.number) {
                Some(item) => of_item(call, &wanted.number, *item),
                None => Failure::unreadable("the ticket's answer leaves out the number").into(),
            };
            (wanted.number.clone(), outcome)
        })
        .collect();
    Answer {
        outcomes,
        next: Vec::new(),
    }
}

fn of_item(call: &Call, number: &TrackingNumber, item: Element<'_>) -> Outcome {
    if let Some(element) = item.child("Error") {
        return match element.attribute("ErrorTypeID") {
            "2" | "21" => Outcome::Invalid,
            _ => error(call, element),
        };
    }
    let scans: Vec<Scan> = item
        .children("Operation")
        .enumerate()
        .filter_map(|(sequence, operation)| {
            let time = moscow_style(operation.attribute("DateOper"))?;
            let pair = (
                operation.attribute("OperTypeID"),
                operation.attribute("OperCtgID"),
            );
            let text = operation.attribute("OperName").to_owned();
            // The place is only a postcode.
            Some(scan(time, pair, text, Place::default(), sequence))
        })
        .collect();
    found(number, scans, Report::default())
}

/// `17.09.2015 17:20:48`, on the wall where it happened.
fn moscow_style(text: &str) -> Option<ScanTime> {
    let (date, time) = text.split_once(' ').unwrap_or((text, ""));
    let mut parts = date.split('.');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.parse().ok()?;
    let date = Date::new(parts.next()?.parse().ok()?, month, day)
        .ok()
        .filter(|date| date.year() >= 2000)?;
    Some(match compact_time(time) {
        Some(time) => ScanTime::local(date.to_datetime(time)),
        None => ScanTime::day(date),
    })
}

fn history(call: &Call, content: Element<'_>) -> Answer {
    let Some(data) = content.child("OperationHistoryData") else {
        return call.all(&Failure::unreadable("expected `OperationHistoryData`").into());
    };
    let Some(wanted) = call.wanted.first() else {
        return Answer::default();
    };
    let records: Vec<Element<'_>> = data.children("historyRecord").collect();
    let scans: Vec<Scan> = records
        .iter()
        .enumerate()
        .filter_map(|(sequence, record)| of_record(*record, sequence))
        .collect();
    let mut report = Report::default();
    for record in records {
        let name = record.text_at(&["ItemParameters", "ComplexItemName"]);
        if !name.is_empty() {
            report.service = Some(name.to_owned());
        }
        let other = TrackingNumber::parse(record.text_at(&["ItemParameters", "Barcode"]));
        if let Ok(number) = other
            && number != wanted.number
            && report.aliases.iter().all(|alias| alias.number != number)
        {
            report.aliases.push(Alias {
                number,
                carrier: None,
            });
        }
    }
    Answer::one(wanted.number.clone(), found(&wanted.number, scans, report))
}

/// A number without any operation is one that Russian Post does not know (yet).
fn found(number: &TrackingNumber, mut scans: Vec<Scan>, report: Report) -> Outcome {
    if scans.is_empty() {
        return Outcome::NotFound;
    }
    if is_brought(number, report.service.as_deref()) {
        for scan in scans.iter_mut().filter(|scan| scan.code == ARRIVED) {
            scan.meaning = Meaning::Status(Reason::ArrivalScan);
        }
    }
    take_back(&mut scans);
    let is_return = go_back(&scans);
    let delivery = scans.iter().rev().find(|scan| {
        matches!(
            scan.meaning.status(),
            Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
        )
    });
    Outcome::Found(vec![Found::new(Report {
        proof: delivery.map(|scan| Proof {
            at: Some(scan.time),
            ..Proof::default()
        }),
        is_return,
        scans,
        ..report
    })])
}

/// Cancelled, as an operator's mistake.
const MISTAKE: &str = "26/2";

/// Takes back the hand-over that was a mistake. The dictionary does not say which
/// operation is cancelled, so it is believed of an end directly before it alone.
fn take_back(scans: &mut [Scan]) {
    for at in 1..scans.len() {
        let before = scans[at - 1].meaning.status();
        if scans[at].code == MISTAKE && before.is_some_and(ShipmentStatus::is_final) {
            scans[at - 1].meaning = Meaning::Withdrawn;
        }
    }
}

/// Arrived where it is handed over.
const ARRIVED: &str = "8/2";

/// Whether a courier brings it: then it does not wait for the addressee where
/// it has arrived. EMS numbers begin with `E`; a batch tells no product.
fn is_brought(number: &TrackingNumber, service: Option<&str>) -> bool {
    let number = number.as_str();
    (number.len() == 13 && number.starts_with('E'))
        || service.is_some_and(|service| service.contains("EMS") || service.contains("урьер"))
}

fn of_record(record: Element<'_>, sequence: usize) -> Option<Scan> {
    let operation = record.child("OperationParameters")?;
    let time: ScanTime = operation.field("OperDate").parse().ok()?;
    if time.date().year() < 2000 {
        return None;
    }
    let pair = (
        operation.text_at(&["OperType", "Id"]),
        operation.text_at(&["OperAttr", "Id"]),
    );
    let kind = operation.text_at(&["OperType", "Name"]);
    let attribute = operation.text_at(&["OperAttr", "Name"]);
    let text = match (pair.0, kind, attribute) {
        (_, text, "") | ("8", _, text) | (_, "", text) => text.to_owned(),
        (_, kind, attribute) => format!("{kind}: {attribute}"),
    };
    Some(scan(time, pair, text, place(record), sequence))
}

/// The name of the office, as `Москва 555`. It may be an address: what follows
/// a comma or names a street is left out.
fn place(record: Element<'_>) -> Place {
    let office = record.text_at(&["AddressParameters", "OperationAddress", "Description"]);
    let office = office.split(',').next().unwrap_or_default();
    let office = office.split(" ул").next().unwrap_or_default().trim();
    let country = record.text_at(&["AddressParameters", "CountryOper", "Code2A"]);
    Place {
        city: (!office.is_empty()).then(|| office.to_owned()),
        region: None,
        country: (country.len() == 2).then(|| country.to_ascii_uppercase()),
    }
}

fn scan(
    time: ScanTime,
    (kind, attribute): (&str, &str),
    text: String,
    place: Place,
    sequence: usize,
) -> Scan {
    let meaning = match (kind.parse(), attribute.parse()) {
        (Ok(kind), Ok(attribute)) => codes::meaning(kind, attribute),
        (Ok(kind), Err(_)) if attribute.is_empty() => codes::meaning(kind, 0),
        _ => Meaning::Unknown,
    };
    Scan {
        time,
        meaning,
        code: if attribute.is_empty() {
            kind.to_owned()
        } else {
            format!("{kind}/{attribute}")
        },
        text,
        place,
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: false,
    }
}
