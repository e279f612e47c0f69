//! Reads an answer of Russian Post.

use super::{TICKET_WAIT, codes};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code},
    reading::{named::in_texts, scans::go_back},
    wire::compact_time,
    xml::{Document, Element, fault_detail, soap_body},
};
use bytes::Bytes;
use http::Response;
use jiff::civil::Date;
use posthorn_domain::{
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use std::{collections::HashMap, time::Duration};

/// After this a new ticket is asked for instead of one that is over.
const SOON: Duration = Duration::from_mins(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let document = Document::parse(response.body());
    let content = document.as_ref().and_then(soap_body);
    if let Some(content) = content {
        match content.element_name() {
            "Fault" => return call.same_for_all(&read_fault(content)),
            "ticketResponse" => return call.same_for_all(&read_ticket(call, content)),
            "answerByTicketResponse" => return by_ticket(call, content),
            "getOperationHistoryResponse" => return read_history(call, content),
            _ => {}
        }
    }
    let failure = CarrierError::of_status(response, call.asked_at).unwrap_or_else(|| {
        CarrierError::unreadable_response("expected an envelope with a known answer")
    });
    call.same_for_all(&failure.into())
}

/// Of a shipment that goes on under another number, the first.
pub(super) fn read_numbers(response: &Response<Bytes>) -> Vec<TrackingNumber> {
    let document = Document::parse(response.body());
    let Some(content) = document.as_ref().and_then(soap_body) else {
        return Vec::new();
    };
    let items = content.find_child("value").into_iter();
    let items = items.flat_map(|value| value.children_named("Item"));
    let history = content.find_child("OperationHistoryData").into_iter();
    let record = history.flat_map(|data| data.children_named("historyRecord"));
    let barcodes = record.map(|record| record.text_at(&["ItemParameters", "Barcode"]));
    let first = barcodes.filter(|barcode| !barcode.is_empty()).take(1);
    in_texts(
        items
            .map(|item| item.attribute_value("Barcode"))
            .chain(first),
    )
}

/// The faults of `rtm34`: `AuthorizationFault`, `OperationHistoryFault` and
/// `LanguageFault`, in whose details the element ends in `Reason`.
fn read_fault(content: Element<'_>) -> TrackingResult {
    let Some(reason) = fault_detail(content).and_then(|detail| detail.child_elements().next())
    else {
        return CarrierError::unavailable_carrier("Russian Post answered an internal fault").into();
    };
    match reason.element_name().trim_end_matches("Reason") {
        "AuthorizationFault" => {
            CarrierError::unauthorized_access("Russian Post refused login and password").into()
        }
        "LanguageFault" => {
            CarrierError::rejected_request("Russian Post refused the language").into()
        }
        // The same fault stands for a number of a wrong form and for any
        // trouble with a right one; only its text tells.
        "OperationHistoryFault" if is_about_format(reason.own_text()) => TrackingResult::Invalid,
        "OperationHistoryFault" => {
            CarrierError::unavailable_carrier("Russian Post could not read the history").into()
        }
        _ => CarrierError::unavailable_carrier("Russian Post answered an unknown fault").into(),
    }
}

fn is_about_format(text: &str) -> bool {
    text.contains("Формат данных") || text.contains("format of the request")
}

/// The published errors of `fc`, for a whole call.
fn map_error(call: &CarrierRequest, element: Element<'_>) -> TrackingResult {
    match element.attribute_value("ErrorTypeID") {
        "3" => {
            CarrierError::unauthorized_access("Russian Post refused login and password (3)").into()
        }
        // The answer is not ready.
        "6" => TrackingResult::NotYet {
            after: TICKET_WAIT,
            ticket: held_ticket(call),
        },
        "12" => TrackingResult::NotFound,
        "16" => CarrierError::unavailable_carrier("Russian Post has an internal error (16)").into(),
        // The answer was deleted after 32 hours.
        "17" => TrackingResult::NotYet {
            after: SOON,
            ticket: None,
        },
        // A number is too long.
        "21" if call.queries.len() == 1 => TrackingResult::Invalid,
        code => {
            let message = format!("Russian Post answered error {}", plain_code(code));
            CarrierError::new(CarrierErrorKind::Rejected, message).into()
        }
    }
}

fn held_ticket(call: &CarrierRequest) -> Option<String> {
    call.queries
        .first()
        .and_then(|wanted| wanted.ticket.clone())
}

fn read_ticket(call: &CarrierRequest, content: Element<'_>) -> TrackingResult {
    if let Some(element) = content.find_child("error") {
        return map_error(call, element);
    }
    let ticket = content.field_text("value");
    if ticket.is_empty() {
        return CarrierError::unreadable_response("expected a ticket").into();
    }
    TrackingResult::NotYet {
        after: TICKET_WAIT,
        ticket: Some(ticket.to_owned()),
    }
}

fn by_ticket(call: &CarrierRequest, content: Element<'_>) -> ParsedResponse {
    if let Some(element) = content.find_child("error") {
        return call.same_for_all(&map_error(call, element));
    }
    let Some(value) = content.find_child("value") else {
        return call.same_for_all(&CarrierError::unreadable_response("expected `value`").into());
    };
    let mut items: HashMap<TrackingNumber, Element<'_>> = HashMap::new();
    for item in value.children_named("Item") {
        if let Ok(number) = TrackingNumber::parse(item.attribute_value("Barcode")) {
            items.insert(number, item);
        }
    }
    let outcomes = call
        .queries
        .iter()
        .map(|wanted| {
            let outcome = match items.get(&wanted.number) {
                Some(item) => of_item(call, &wanted.number, *item),
                None => {
                    CarrierError::unreadable_response("the ticket's answer leaves out the number")
                        .into()
                }
            };
            (wanted.number.clone(), outcome)
        })
        .collect();
    ParsedResponse {
        outcomes,
        next: Vec::new(),
    }
}

fn of_item(call: &CarrierRequest, number: &TrackingNumber, item: Element<'_>) -> TrackingResult {
    if let Some(element) = item.find_child("Error") {
        return match element.attribute_value("ErrorTypeID") {
            "2" | "21" => TrackingResult::Invalid,
            _ => map_error(call, element),
        };
    }
    let scans: Vec<Scan> = item
        .children_named("Operation")
        .enumerate()
        .filter_map(|(sequence, operation)| {
            let time = moscow_style(operation.attribute_value("DateOper"))?;
            let pair = (
                operation.attribute_value("OperTypeID"),
                operation.attribute_value("OperCtgID"),
            );
            let text = operation.attribute_value("OperName").to_owned();
            // The place is only a postcode.
            Some(read_scan(time, pair, text, Place::default(), sequence))
        })
        .collect();
    read_found(number, scans, Report::default())
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
        Some(time) => ScanTime::from_local(date.to_datetime(time)),
        None => ScanTime::from_day(date),
    })
}

fn read_history(call: &CarrierRequest, content: Element<'_>) -> ParsedResponse {
    let Some(data) = content.find_child("OperationHistoryData") else {
        return call.same_for_all(
            &CarrierError::unreadable_response("expected `OperationHistoryData`").into(),
        );
    };
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let records: Vec<Element<'_>> = data.children_named("historyRecord").collect();
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
    ParsedResponse::single_result(
        wanted.number.clone(),
        read_found(&wanted.number, scans, report),
    )
}

/// A number without any operation is one that Russian Post does not know (yet).
fn read_found(number: &TrackingNumber, mut scans: Vec<Scan>, report: Report) -> TrackingResult {
    if scans.is_empty() {
        return TrackingResult::NotFound;
    }
    if is_brought(number, report.service.as_deref()) {
        for scan in scans.iter_mut().filter(|scan| scan.code == ARRIVED) {
            scan.meaning = ScanMeaning::Status(Reason::ArrivalScan);
        }
    }
    take_back(&mut scans);
    let is_return = go_back(&scans);
    let delivery = scans.iter().rev().find(|scan| {
        matches!(
            scan.meaning.shipment_status(),
            Some(ShipmentStatus::Delivered | ShipmentStatus::Returned)
        )
    });
    TrackingResult::Found(vec![Found::new(Report {
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
        let before = scans[at - 1].meaning.shipment_status();
        if scans[at].code == MISTAKE && before.is_some_and(ShipmentStatus::is_final) {
            scans[at - 1].meaning = ScanMeaning::Withdrawn;
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
    let operation = record.find_child("OperationParameters")?;
    let time: ScanTime = operation.field_text("OperDate").parse().ok()?;
    if time.local_date().year() < 2000 {
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
    Some(read_scan(time, pair, text, read_place(record), sequence))
}

/// The name of the office, as `Москва 555`. It may be an address: what follows
/// a comma or names a street is left out.
fn read_place(record: Element<'_>) -> Place {
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

fn read_scan(
    time: ScanTime,
    (kind, attribute): (&str, &str),
    text: String,
    place: Place,
    sequence: usize,
) -> Scan {
    let meaning = match (kind.parse(), attribute.parse()) {
        (Ok(kind), Ok(attribute)) => codes::map_meaning(kind, attribute),
        (Ok(kind), Err(_)) if attribute.is_empty() => codes::map_meaning(kind, 0),
        _ => ScanMeaning::Unknown,
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
