//! Reads an answer of FedEx.

use super::{
    codes, on_label,
    wire::{Body, Coded, Identifier, OfNumber, Parcel, ScanEvent},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code},
    reading::words,
    wire::{is_number, parse_moment, present_text},
};
use bytes::Bytes;
use http::Response;
use jiff::{
    civil::{Date, Time},
    tz::Offset,
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = read_refusal(call, response, body.as_ref()) {
        return call.same_for_all(&outcome);
    }
    let numbers = body.map(|body| body.output.numbers).unwrap_or_default();
    if numbers.is_empty() {
        let failure =
            CarrierError::unreadable_response("expected JSON with `output.completeTrackResults`");
        return call.same_for_all(&failure.into());
    }
    ParsedResponse {
        outcomes: call
            .queries
            .iter()
            .map(|wanted| (wanted.number.clone(), result_for(&wanted.number, &numbers)))
            .collect(),
        next: Vec::new(),
    }
}

/// What an answer says that is about none of the numbers in particular.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<TrackingResult> {
    let by_status = CarrierError::of_status(response, call.asked_at);
    let error = body.and_then(|body| body.errors.first());
    let Some(error) = error.filter(|error| !error.code.is_empty() || !error.message.is_empty())
    else {
        return by_status.map(TrackingResult::Failed);
    };
    let kind = by_status.map(|failure| failure.kind);
    let outcome = match error.code.as_ref() {
        "NOT.AUTHORIZED.ERROR" => {
            CarrierError::unauthorized_access("FedEx refused the token").into()
        }
        "FORBIDDEN.ERROR" if words::error_kind_of(&error.message).is_none() => {
            let message = "FedEx does not let this project use the Track API";
            CarrierError::new(CarrierErrorKind::Denied, message).into()
        }
        // A number can only be refused here if it is the only one.
        _ if call.queries.len() == 1 => of_error(error, kind),
        code => match of_error(error, kind) {
            failed @ TrackingResult::Failed(_) => failed,
            _ => refused_result(code, CarrierErrorKind::Rejected),
        },
    };
    Some(outcome)
}

/// What one of FedEx's errors means for a number. Of a code that says little, as
/// `BAD.REQUEST.ERROR`, the message tells: it also stands for a token that has ended.
fn of_error(error: &Coded<'_>, by_status: Option<CarrierErrorKind>) -> TrackingResult {
    let code = error.code.as_ref();
    match code {
        "TRACKING.TRACKINGNUMBER.NOTFOUND" | "TRACKING.DATA.NOTFOUND" => TrackingResult::NotFound,
        "TRACKING.TRACKINGNUMBER.INVALID" | "TRACKING.TRACKINGNUMBER.EMPTY" => {
            TrackingResult::Invalid
        }
        "INTERNAL.SERVER.ERROR" | "SERVICE.UNAVAILABLE.ERROR" | "USER.RELOGIN.REQUIRED" => {
            refused_result(code, CarrierErrorKind::Unavailable)
        }
        code => refused_result(code, words::kind_or(&error.message, by_status)),
    }
}

/// A failure that names the code, as far as it may stand in a log line.
fn refused_result(code: &str, kind: CarrierErrorKind) -> TrackingResult {
    let plain = plain_code(code);
    CarrierError::new(kind, format!("FedEx answered error {plain}")).into()
}

/// What the answer says about one number: several shipments if it was used again.
fn result_for(number: &TrackingNumber, numbers: &[OfNumber<'_>]) -> TrackingResult {
    let mut found = Vec::new();
    let mut refused = None;
    let short = TrackingNumber::parse(on_label(number.as_str())).ok();
    let is_meant = |text: &str| {
        is_number(text, number) || short.as_ref().is_some_and(|short| is_number(text, short))
    };
    for of_number in numbers {
        let is_whole = is_meant(&of_number.tracking_number);
        for parcel in &of_number.parcels {
            if !is_whole && !is_meant(&parcel.number.tracking_number) {
                continue;
            }
            let is_told = !parcel.scans.is_empty() || !parcel.latest.code.is_empty();
            if is_told {
                found.push(Found {
                    unique_id: present_text(&parcel.number.unique_id),
                    shipped_on: shipped_on(parcel),
                    ..Found::new(build_report(parcel, number))
                });
            } else if !parcel.error.code.is_empty() && refused.is_none() {
                refused = Some(of_error(&parcel.error, None));
            }
        }
    }
    if !found.is_empty() {
        return TrackingResult::Found(found);
    }
    refused.unwrap_or_else(|| {
        CarrierError::unreadable_response("expected a status or an error for the number").into()
    })
}

fn build_report(parcel: &Parcel<'_>, number: &TrackingNumber) -> Report {
    let newest = parcel.scans.len();
    let scans: Vec<Scan> = parcel
        .scans
        .iter()
        .enumerate()
        .rev()
        // FedEx lists the newest first; the sequence counts from the oldest.
        .filter_map(|(index, event)| read_scan(event, newest - 1 - index))
        .collect();
    let stated = reported_status(parcel);
    let is_delivered = scans
        .iter()
        .filter_map(|scan| scan.meaning.shipment_status())
        .chain(stated.map(Reason::to_status))
        .any(|status| status == ShipmentStatus::Delivered);
    let goes_back = scans
        .iter()
        .any(|scan| scan.meaning == ScanMeaning::Status(Reason::ToSender));
    Report {
        eta: if is_delivered || goes_back {
            None
        } else {
            read_eta(parcel)
        },
        proof: if is_delivered {
            read_proof(parcel)
        } else {
            None
        },
        pieces: parcel.package_details.count.parse().ok().filter(|n| *n > 0),
        aliases: read_aliases(parcel, number),
        is_return: goes_back || is_return_label(parcel),
        service: present_text(&parcel.service_detail.description),
        reported_status: stated,
        scans,
    }
}

/// Whether the shipment was sent by a return label: it was never on its way to
/// the customer.
fn is_return_label(parcel: &Parcel<'_>) -> bool {
    !parcel.return_detail.authorization_name.is_empty()
        || !parcel.return_detail.reasons.is_empty()
        || parcel
            .special_handlings
            .iter()
            .any(|handling| handling.kind == "PACKAGE_RETURN_PROGRAM")
}

fn reported_status(parcel: &Parcel<'_>) -> Option<Reason> {
    let latest = &parcel.latest;
    let exception = latest.reasons.first().map_or("", |told| &told.reason);
    let meaning = [&latest.code, &latest.derived_code]
        .into_iter()
        .map(|code| codes::map_meaning(code, exception, None))
        .find(|meaning| *meaning != ScanMeaning::Unknown)?;
    meaning.status_reason()
}

fn read_scan(event: &ScanEvent<'_>, sequence: usize) -> Option<Scan> {
    let delay = codes::delay_reason(&event.delay.status, &event.delay.kind);
    let address = &event.scan_location;
    Some(Scan {
        time: read_time(&event.date)?,
        meaning: codes::map_meaning(&event.event_type, &event.exception_code, delay),
        code: if event.exception_code.is_empty() {
            event.event_type.to_string()
        } else {
            format!("{}/{}", event.event_type, event.exception_code)
        },
        text: event_text(event).to_owned(),
        place: Place {
            city: present_text(&address.city),
            region: present_text(&address.state_or_province_code),
            country: (address.country_code.len() == 2)
                .then(|| address.country_code.to_ascii_uppercase()),
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: codes::is_new(&event.event_type, &event.exception_code),
    })
}

/// What FedEx says in words: the exception, if there is one, up to where it may
/// name the street of a shop ("available for pickup at FedEx Office: 1 MAIN ST").
fn event_text<'a>(event: &'a ScanEvent<'_>) -> &'a str {
    let exception = event.exception_description.split(':').next().unwrap_or("");
    let has_digit = exception.bytes().any(|byte| byte.is_ascii_digit());
    if exception.is_empty() || has_digit {
        &event.event_description
    } else {
        exception.trim_end()
    }
}

/// A time of FedEx. Midnight without an offset, or with the one of its computers
/// in Memphis in winter, stands for a day whose time FedEx does not know.
fn read_time(text: &str) -> Option<ScanTime> {
    let at = parse_moment(text)?;
    let is_midnight = at.local_time() == Some(Time::midnight());
    let is_placeholder = at
        .utc_offset()
        .is_none_or(|offset| offset == Offset::constant(-6));
    Some(if is_midnight && is_placeholder {
        ScanTime::from_day(at.local_date())
    } else {
        at
    })
}

fn dated_time(parcel: &Parcel<'_>, kind: &str) -> Option<ScanTime> {
    parcel
        .dates
        .iter()
        .filter(|dated| dated.kind == kind)
        .find_map(|dated| read_time(&dated.date_time))
}

fn shipped_on(parcel: &Parcel<'_>) -> Option<Date> {
    ["SHIP", "ACTUAL_TENDER", "ACTUAL_PICKUP"]
        .into_iter()
        .find_map(|kind| dated_time(parcel, kind))
        .map(ScanTime::local_date)
}

/// When it is expected: the estimated window, an appointment, the estimate, what
/// was promised. The usual transit time of the service
/// (`standardTransitTimeWindow`) is none of this shipment's own.
fn read_eta(parcel: &Parcel<'_>) -> Option<Eta> {
    let window = &parcel.estimate.window;
    match (read_time(&window.begins), read_time(&window.ends)) {
        (Some(from), Some(to)) => {
            let eta = Eta {
                to: to.local_date(),
                ..Eta::on_day(from.local_date(), EtaSource::Carrier)
            };
            let hours = from
                .local_time()
                .zip(to.local_time())
                .filter(|(from, to)| from < to);
            Some(Eta {
                window: hours.filter(|_| eta.from == eta.to),
                ..eta
            })
            .filter(|eta| eta.from <= eta.to)
        }
        (None, Some(end)) => Some(expected_by(end)),
        (Some(begin), None) => Some(Eta::on_day(begin.local_date(), EtaSource::Carrier)),
        (None, None) => ["APPOINTMENT_DELIVERY", "ESTIMATED_DELIVERY", "COMMITMENT"]
            .into_iter()
            .find_map(|kind| dated_time(parcel, kind))
            .map(expected_by),
    }
}

/// Expected until then: by an hour, if FedEx names one before the day ends.
fn expected_by(end: ScanTime) -> Eta {
    let last_minute = Time::constant(23, 59, 0, 0);
    let hour = end
        .local_time()
        .filter(|time| *time > Time::midnight() && *time < last_minute);
    Eta {
        window: hour.map(|hour| (Time::midnight(), hour)),
        ..Eta::on_day(end.local_date(), EtaSource::Carrier)
    }
}

fn read_proof(parcel: &Parcel<'_>) -> Option<Proof> {
    let delivery = &parcel.delivery_details;
    let proof = Proof {
        at: dated_time(parcel, "ACTUAL_DELIVERY"),
        received_by: present_text(&delivery.received_by_name)
            .or_else(|| present_text(&delivery.signed_by_name)),
        drop_off_location: present_text(&delivery.location_description),
    };
    (proof != Proof::default()).then_some(proof)
}

/// Other numbers of the same shipment: of the partner that delivers it (USPS, for
/// `SMART_POST`), after a change of address, on its way back. FedEx does not
/// always tell the partner's number, and how it would follow from its own is not
/// documented.
fn read_aliases(parcel: &Parcel<'_>, number: &TrackingNumber) -> Vec<Alias> {
    let is_for_usps = parcel.service_detail.kind.contains("SMART_POST")
        || parcel.service_detail.kind.contains("GROUND_ECONOMY");
    let carrier = |identifier: &Identifier<'_>| match identifier.kind.as_ref() {
        "PARTNER_CARRIER_NUMBER" => Some(is_for_usps.then_some("usps")),
        "REROUTE_TRACKING_NUMBER" | "RETURNED_TO_SHIPPER_TRACKING_NUMBER" => Some(Some("fedex")),
        _ => None,
    };
    let mut aliases: Vec<Alias> = Vec::new();
    for identifier in &parcel.additional_tracking_info.identifiers {
        let Some(carrier) = carrier(identifier) else {
            continue;
        };
        for text in identifier.values.iter().chain(&identifier.value) {
            let Ok(other) = TrackingNumber::parse(text) else {
                continue;
            };
            if other != *number && aliases.iter().all(|alias| alias.number != other) {
                aliases.push(Alias {
                    number: other,
                    carrier: carrier.and_then(|id| CarrierId::parse(id).ok()),
                });
            }
        }
    }
    aliases
}
