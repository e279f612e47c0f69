//! Reads an answer of FedEx.

use super::{
    codes, on_label,
    wire::{Body, Coded, Identifier, OfNumber, Parcel, ScanEvent},
};
use crate::{
    carrier::{Answer, Call},
    outcome::{ErrorKind, Failure, Found, Outcome, plain},
    wire::{is_number, moment, present},
    words,
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
    scan::{Meaning, Place, Scan},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = refusal(call, response, body.as_ref()) {
        return call.all(&outcome);
    }
    let numbers = body.map(|body| body.output.numbers).unwrap_or_default();
    if numbers.is_empty() {
        let failure = Failure::unreadable("expected JSON with `output.completeTrackResults`");
        return call.all(&failure.into());
    }
    Answer {
        outcomes: call
            .wanted
            .iter()
            .map(|wanted| (wanted.number.clone(), about(&wanted.number, &numbers)))
            .collect(),
        next: Vec::new(),
    }
}

/// What an answer says that is about none of the numbers in particular.
fn refusal(call: &Call, response: &Response<Bytes>, body: Option<&Body<'_>>) -> Option<Outcome> {
    let by_status = Failure::of_status(response, call.asked_at);
    let error = body.and_then(|body| body.errors.first());
    let Some(error) = error.filter(|error| !error.code.is_empty() || !error.message.is_empty())
    else {
        return by_status.map(Outcome::Failed);
    };
    let kind = by_status.map(|failure| failure.kind);
    let outcome = match error.code.as_ref() {
        "NOT.AUTHORIZED.ERROR" => Failure::unauthorized("FedEx refused the token").into(),
        "FORBIDDEN.ERROR" if words::kind(&error.message).is_none() => {
            let message = "FedEx does not let this project use the Track API";
            Failure::new(ErrorKind::Denied, message).into()
        }
        // A number can only be refused here if it is the only one.
        _ if call.wanted.len() == 1 => of_error(error, kind),
        code => match of_error(error, kind) {
            failed @ Outcome::Failed(_) => failed,
            _ => refused(code, ErrorKind::Rejected),
        },
    };
    Some(outcome)
}

/// What one of FedEx's errors means for a number. Of a code that says little, as
/// `BAD.REQUEST.ERROR`, the message tells: it also stands for a token that has ended.
fn of_error(error: &Coded<'_>, by_status: Option<ErrorKind>) -> Outcome {
    let code = error.code.as_ref();
    match code {
        "TRACKING.TRACKINGNUMBER.NOTFOUND" | "TRACKING.DATA.NOTFOUND" => Outcome::NotFound,
        "TRACKING.TRACKINGNUMBER.INVALID" | "TRACKING.TRACKINGNUMBER.EMPTY" => Outcome::Invalid,
        "INTERNAL.SERVER.ERROR" | "SERVICE.UNAVAILABLE.ERROR" | "USER.RELOGIN.REQUIRED" => {
            refused(code, ErrorKind::Unavailable)
        }
        code => refused(code, words::kind_or(&error.message, by_status)),
    }
}

/// A failure that names the code, as far as it may stand in a log line.
fn refused(code: &str, kind: ErrorKind) -> Outcome {
    let plain = plain(code);
    Failure::new(kind, format!("FedEx answered error {plain}")).into()
}

/// What the answer says about one number: several parcels if it was used again.
fn about(number: &TrackingNumber, numbers: &[OfNumber<'_>]) -> Outcome {
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
                    unique_id: present(&parcel.number.unique_id),
                    shipped_on: shipped_on(parcel),
                    ..Found::new(report(parcel, number))
                });
            } else if !parcel.error.code.is_empty() && refused.is_none() {
                refused = Some(of_error(&parcel.error, None));
            }
        }
    }
    if !found.is_empty() {
        return Outcome::Found(found);
    }
    refused.unwrap_or_else(|| {
        Failure::unreadable("expected a status or an error for the number").into()
    })
}

fn report(parcel: &Parcel<'_>, number: &TrackingNumber) -> Report {
    let newest = parcel.scans.len();
    let scans: Vec<Scan> = parcel
        .scans
        .iter()
        .enumerate()
        .rev()
        // FedEx lists the newest first; the sequence counts from the oldest.
        .filter_map(|(index, event)| scan(event, newest - 1 - index))
        .collect();
    let stated = stated(parcel);
    let is_delivered = scans
        .iter()
        .filter_map(|scan| scan.meaning.status())
        .chain(stated.map(Reason::status))
        .any(|status| status == ShipmentStatus::Delivered);
    let goes_back = scans
        .iter()
        .any(|scan| scan.meaning == Meaning::Status(Reason::ToSender));
    Report {
        eta: if is_delivered || goes_back {
            None
        } else {
            eta(parcel)
        },
        proof: if is_delivered { proof(parcel) } else { None },
        pieces: parcel.package_details.count.parse().ok().filter(|n| *n > 0),
        aliases: aliases(parcel, number),
        is_return: goes_back || is_return_label(parcel),
        service: present(&parcel.service_detail.description),
        stated,
        scans,
    }
}

/// Whether the parcel was sent by a return label: it was never on its way to
/// the customer.
fn is_return_label(parcel: &Parcel<'_>) -> bool {
    !parcel.return_detail.authorization_name.is_empty()
        || !parcel.return_detail.reasons.is_empty()
        || parcel
            .special_handlings
            .iter()
            .any(|handling| handling.kind == "PACKAGE_RETURN_PROGRAM")
}

fn stated(parcel: &Parcel<'_>) -> Option<Reason> {
    let latest = &parcel.latest;
    let exception = latest.reasons.first().map_or("", |told| &told.reason);
    let meaning = [&latest.code, &latest.derived_code]
        .into_iter()
        .map(|code| codes::meaning(code, exception, None))
        .find(|meaning| *meaning != Meaning::Unknown)?;
    meaning.reason()
}

fn scan(event: &ScanEvent<'_>, sequence: usize) -> Option<Scan> {
    let delay = codes::delay(&event.delay.status, &event.delay.kind);
    let address = &event.scan_location;
    Some(Scan {
        time: time(&event.date)?,
        meaning: codes::meaning(&event.event_type, &event.exception_code, delay),
        code: if event.exception_code.is_empty() {
            event.event_type.to_string()
        } else {
            format!("{}/{}", event.event_type, event.exception_code)
        },
        text: words(event).to_owned(),
        place: Place {
            city: present(&address.city),
            region: present(&address.state_or_province_code),
            country: (address.country_code.len() == 2)
                .then(|| address.country_code.to_ascii_uppercase()),
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: codes::is_new(&event.event_type, &event.exception_code),
    })
}

/// What FedEx says in words: the exception, if there is one, up to where it may
/// name the street of a shop ("available for pickup at FedEx Office: 1 MAIN ST").
fn words<'a>(event: &'a ScanEvent<'_>) -> &'a str {
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
fn time(text: &str) -> Option<ScanTime> {
    let at = moment(text)?;
    let is_midnight = at.time() == Some(Time::midnight());
    let is_placeholder = at
        .offset()
        .is_none_or(|offset| offset == Offset::constant(-6));
    Some(if is_midnight && is_placeholder {
        ScanTime::day(at.date())
    } else {
        at
    })
}

fn dated(parcel: &Parcel<'_>, kind: &str) -> Option<ScanTime> {
    parcel
        .dates
        .iter()
        .filter(|dated| dated.kind == kind)
        .find_map(|dated| time(&dated.date_time))
}

fn shipped_on(parcel: &Parcel<'_>) -> Option<Date> {
    ["SHIP", "ACTUAL_TENDER", "ACTUAL_PICKUP"]
        .into_iter()
        .find_map(|kind| dated(parcel, kind))
        .map(ScanTime::date)
}

/// When it is expected: the estimated window, an appointment, the estimate, what
/// was promised. The usual transit time of the service
/// (`standardTransitTimeWindow`) is none of this parcel's own.
fn eta(parcel: &Parcel<'_>) -> Option<Eta> {
    let window = &parcel.estimate.window;
    match (time(&window.begins), time(&window.ends)) {
        (Some(from), Some(to)) => {
            let eta = Eta {
                to: to.date(),
                ..Eta::on(from.date(), EtaSource::Carrier)
            };
            let hours = from.time().zip(to.time()).filter(|(from, to)| from < to);
            Some(Eta {
                window: hours.filter(|_| eta.from == eta.to),
                ..eta
            })
            .filter(|eta| eta.from <= eta.to)
        }
        (None, Some(end)) => Some(by(end)),
        (Some(begin), None) => Some(Eta::on(begin.date(), EtaSource::Carrier)),
        (None, None) => ["APPOINTMENT_DELIVERY", "ESTIMATED_DELIVERY", "COMMITMENT"]
            .into_iter()
            .find_map(|kind| dated(parcel, kind))
            .map(by),
    }
}

/// Expected until then: by an hour, if FedEx names one before the day ends.
fn by(end: ScanTime) -> Eta {
    let last_minute = Time::constant(23, 59, 0, 0);
    let hour = end
        .time()
        .filter(|time| *time > Time::midnight() && *time < last_minute);
    Eta {
        window: hour.map(|hour| (Time::midnight(), hour)),
        ..Eta::on(end.date(), EtaSource::Carrier)
    }
}

fn proof(parcel: &Parcel<'_>) -> Option<Proof> {
    let delivery = &parcel.delivery_details;
    let proof = Proof {
        at: dated(parcel, "ACTUAL_DELIVERY"),
        received_by: present(&delivery.received_by_name)
            .or_else(|| present(&delivery.signed_by_name)),
        left_at: present(&delivery.location_description),
    };
    (proof != Proof::default()).then_some(proof)
}

/// Other numbers of the same parcel: of the partner that delivers it (USPS, for
/// `SMART_POST`), after a change of address, on its way back. FedEx does not
/// always tell the partner's number, and how it would follow from its own is not
/// documented.
fn aliases(parcel: &Parcel<'_>, number: &TrackingNumber) -> Vec<Alias> {
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
