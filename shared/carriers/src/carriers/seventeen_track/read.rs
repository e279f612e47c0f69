//! Reads an answer of 17TRACK: of `gettrackinfo`, of `register`, or a push. All
//! have the same envelope, and a number may be accepted or rejected by itself.

use super::{
    PROFILE, ROOT, Registration, carriers, codes, register_request,
    wire::{Body, Event, Item, Push, TrackInfo},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{
        aggregate::{
            FIRST_LOOK, base_of, goes_back, impersonal_text, is_over, parse_stamp, read_alias,
            read_eta, read_place,
        },
        scans::{ScanOrder, add_stated, in_sequence},
    },
    wire::{compact_date, compact_time, is_number, offset_between},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// How long to wait when the day's allowance is used up. 17TRACK does not say
/// when its day ends.
const NEXT_ALLOWANCE: Duration = Duration::from_hours(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(failure) = read_refusal(call, response, body.as_ref()) {
        return call.same_for_all(&failure.into());
    }
    let Some(body) = body else {
        let failure = CarrierError::unreadable_response("expected JSON with `data.accepted`");
        return call.same_for_all(&failure.into());
    };
    let mut answer = ParsedResponse::default();
    let mut registrations = Vec::new();
    let mut registered = Vec::new();
    for wanted in &call.queries {
        match read_verdict(call, wanted, &body) {
            Verdict::Told(outcome) => answer.outcomes.push((wanted.number.clone(), outcome)),
            Verdict::Register(registration) => {
                registrations.push(registration);
                registered.push(wanted.clone());
            }
        }
    }
    if !registrations.is_empty() {
        let request = register_request(&base_of(call, ROOT), &registrations);
        answer.next.push(CarrierRequest {
            queries: registered,
            ..call.followed_by(request, response.body().clone())
        });
    }
    answer
}

/// Reads a push. That 17TRACK stopped is no news of the shipment itself: it says
/// to ask once more.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected JSON with `event` and `data`"))?;
    let number = TrackingNumber::parse(&push.data.number)
        .map_err(|_| CarrierError::unreadable_response("expected a number in `data.number`"))?;
    match push.event.as_ref() {
        "TRACKING_UPDATED" => {
            let Some(info) = push.data.track_info.first() else {
                return Err(CarrierError::unreadable_response(
                    "expected `data.track_info`",
                ));
            };
            let outcome = known_result(&number, [info].into_iter());
            Ok(vec![(number, outcome)])
        }
        "TRACKING_STOPPED" => {
            let outcome = TrackingResult::NotYet {
                after: Duration::ZERO,
                ticket: None,
            };
            Ok(vec![(number, outcome)])
        }
        _ => Ok(Vec::new()),
    }
}

/// Why the whole question was refused.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<CarrierError> {
    let by_status = CarrierError::of_status(response, call.asked_at);
    let code = body
        .map(|body| match body.data.errors.first() {
            Some(error) => error.code.as_ref(),
            None => body.code.as_ref(),
        })
        .filter(|code| !matches!(*code, "" | "0"));
    match code {
        Some("429") => Some(CarrierError::new(
            CarrierErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "17TRACK answered too many requests",
        )),
        Some(code) => Some(map_failure(code).unwrap_or_else(|| {
            by_status.unwrap_or_else(|| {
                CarrierError::rejected_request(format!(
                    "17TRACK answered error {}",
                    plain_code(code)
                ))
            })
        })),
        None => by_status,
    }
}

/// The failures that 17TRACK's codes name, of a whole question or of a number.
fn map_failure(code: &str) -> Option<CarrierError> {
    let (kind, what) = match code {
        "-18010001" => (CarrierErrorKind::Denied, "does not know our IP address"),
        "-18010002" => (CarrierErrorKind::Unauthorized, "refused the key"),
        "-18010003" => (CarrierErrorKind::Unavailable, "failed inside"),
        "-18010004" => (CarrierErrorKind::Denied, "has disabled the account"),
        "-18010005" => (CarrierErrorKind::Denied, "does not allow it"),
        "-18019903" => (CarrierErrorKind::Rejected, "cannot tell whose number it is"),
        "-18019907" => (
            CarrierErrorKind::RateLimited {
                after: Some(NEXT_ALLOWANCE),
            },
            "takes no more numbers today",
        ),
        "-18019908" => (CarrierErrorKind::Denied, "says that the plan is used up"),
        "-18019910" => (CarrierErrorKind::Rejected, "does not know the carrier"),
        "-18019911" => (
            CarrierErrorKind::Rejected,
            "takes no numbers of this carrier",
        ),
        "-18010018" | "-18010019" | "-18010020" | "-18010021" | "-18010022" => (
            CarrierErrorKind::Rejected,
            "wants to know more of the recipient for this carrier",
        ),
        _ => return None,
    };
    let name = PROFILE.name;
    Some(CarrierError::new(kind, format!("{name} {what} ({code})")))
}

/// What the answer means for one number.
enum Verdict<'a> {
    Told(TrackingResult),
    Register(Registration<'a>),
}

fn read_verdict<'a>(
    call: &CarrierRequest,
    wanted: &'a TrackingQuery,
    body: &Body<'_>,
) -> Verdict<'a> {
    let number = &wanted.number;
    let accepted = || {
        let items = body.data.accepted.iter();
        items.filter(|item| is_number(&item.number, number))
    };
    let told = || accepted().filter_map(|item| Some((item, item.track_info.first()?)));
    if told().next().is_some() {
        let meant = wanted
            .details
            .carrier
            .as_ref()
            .and_then(carriers::carrier_key);
        let meant = meant.map(|key| key.to_string());
        let is_meant = |item: &Item<'_>| meant.as_deref() == Some(item.carrier.as_ref());
        let outcome = if told().any(|(item, _)| is_meant(item)) {
            let of_meant = told().filter(|(item, _)| is_meant(item));
            known_result(number, of_meant.map(|(_, info)| info))
        } else {
            known_result(number, told().map(|(_, info)| info))
        };
        return Verdict::Told(outcome);
    }
    if accepted().next().is_some() {
        return Verdict::Told(registered_result());
    }
    let mut rejected = body.data.rejected.iter();
    let code = rejected
        .find(|item| is_number(&item.number, number))
        .map(|item| item.error.code.as_ref());
    let outcome = match code {
        Some("-18019902") if call.earlier.is_empty() => {
            return Verdict::Register(Registration::new(wanted));
        }
        Some("-18010019") if call.earlier.len() == 1 && wanted.details.postal_code.is_some() => {
            return Verdict::Register(Registration {
                param: wanted.details.postal_code.as_deref(),
                ..Registration::new(wanted)
            });
        }
        Some("-18010020") if call.earlier.len() == 1 && wanted.details.phone_suffix.is_some() => {
            return Verdict::Register(Registration {
                param: wanted.details.phone_suffix.as_deref(),
                ..Registration::new(wanted)
            });
        }
        // Registered already, which is what we wanted.
        Some("-18019901") => registered_result(),
        Some("-18019909") => TrackingResult::NotFound,
        Some("-18010012") => TrackingResult::Invalid,
        Some(code) => map_failure(code)
            .unwrap_or_else(|| {
                CarrierError::rejected_request(format!(
                    "17TRACK refused the number ({})",
                    plain_code(code)
                ))
            })
            .into(),
        None => CarrierError::unreadable_response("the answer does not mention the number").into(),
    };
    Verdict::Told(outcome)
}

const fn registered_result() -> TrackingResult {
    TrackingResult::NotYet {
        after: FIRST_LOOK,
        ticket: None,
    }
}

/// What is known of a number: nothing, or a shipment of each carrier under which
/// it is registered.
fn known_result<'i, 'a: 'i>(
    number: &TrackingNumber,
    items: impl Iterator<Item = &'i TrackInfo<'a>>,
) -> TrackingResult {
    let mut is_invalid = false;
    let mut found = Vec::new();
    for info in items {
        let report = build_report(info, number);
        if report.scans.is_empty()
            && matches!(
                report.reported_status,
                None | Some(Reason::NoInfo | Reason::InvalidNumber)
            )
        {
            is_invalid |= report.reported_status == Some(Reason::InvalidNumber);
            continue;
        }
        found.push(Found::new(report));
    }
    if !found.is_empty() {
        TrackingResult::Found(found)
    } else if is_invalid {
        TrackingResult::Invalid
    } else {
        TrackingResult::NotFound
    }
}

fn build_report(info: &TrackInfo<'_>, number: &TrackingNumber) -> Report {
    // The carrier that took the shipment first is the first in the list.
    let mut scans = Vec::new();
    for provider in &info.tracking.providers {
        let events = provider.events.iter().filter_map(read_scan).collect();
        scans.extend(in_sequence(events, ScanOrder::NewestFirst));
    }
    for (index, scan) in scans.iter_mut().enumerate() {
        scan.sequence = u32::try_from(index).unwrap_or(u32::MAX);
    }
    let latest = &info.latest_status;
    let stated = codes::overall_meaning(&latest.status, &latest.sub_status);
    add_stated(&mut scans, stated_scan(info, stated));
    let stated = stated.status_reason();
    let misc = &info.misc_info;
    let service = info
        .tracking
        .providers
        .iter()
        .map(|provider| provider.service_type.as_ref())
        .chain([misc.service_type.as_ref()])
        .find(|service| !service.is_empty());
    Report {
        reported_status: stated,
        eta: if is_over(&scans, stated) {
            None
        } else {
            expected_eta(info)
        },
        proof: None,
        pieces: misc.pieces.parse().ok().filter(|pieces| *pieces > 0),
        aliases: read_alias(
            &misc.local_number,
            carriers::carrier_id(&misc.local_key),
            number,
        )
        .into_iter()
        .collect(),
        is_return: goes_back(&scans, stated),
        service: service.map(str::to_owned),
        scans,
    }
}

/// The latest status at the time of the latest event, which brought it. That a
/// shipment expired, or was not found, no event brings.
fn stated_scan(info: &TrackInfo<'_>, stated: ScanMeaning) -> Option<Scan> {
    let is_event = !matches!(
        stated.shipment_status()?,
        ShipmentStatus::Expired | ShipmentStatus::Pending
    );
    let latest = &info.latest_status;
    let code = [&latest.sub_status, &latest.status]
        .into_iter()
        .find(|code| !code.is_empty());
    is_event.then_some(Scan {
        time: read_time(&info.latest_event)?,
        meaning: stated,
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: codes::is_new(&latest.sub_status),
    })
}

/// The carrier's own expectation is `Official`; another one is computed by
/// 17TRACK from other shipments.
fn expected_eta(info: &TrackInfo<'_>) -> Option<Eta> {
    let told = &info.time_metrics.estimated_delivery_date;
    let source = match told.source.as_ref() {
        "" | "Official" => EtaSource::Carrier,
        _ => EtaSource::Statistics,
    };
    read_eta(parse_stamp(&told.from), parse_stamp(&told.to), source)
}

fn read_scan(event: &Event<'_>) -> Option<Scan> {
    let address = &event.address;
    let code = [&event.sub_status, &event.stage]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        time: read_time(event)?,
        meaning: codes::map_meaning(&event.sub_status, &event.stage),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: impersonal_text(&event.description),
        place: read_place(
            &address.city,
            &address.state,
            &address.country,
            &event.location,
        ),
        sequence: 0,
        is_inferred: false,
    })
}

/// The carrier's own wall clock, with the offset that the carrier gave or that
/// 17TRACK knows of the place. 17TRACK's own renderings may be missing, and
/// they fill a missing time with midnight.
fn read_time(event: &Event<'_>) -> Option<ScanTime> {
    let raw = &event.time_raw;
    let iso = parse_stamp(&event.time_iso);
    let utc = parse_stamp(&event.time_utc);
    let Some(date) = compact_date(&raw.date) else {
        return iso.or(utc);
    };
    let Some(time) = compact_time(&raw.time) else {
        return Some(ScanTime::from_day(date));
    };
    let local = date.to_datetime(time);
    let utc = utc.and_then(|utc| Some(utc.local_date().to_datetime(utc.local_time()?)));
    let offset = parse_offset(&raw.timezone).or_else(|| match iso {
        Some(iso) if iso.local_date() == date && iso.local_time() == Some(time) => iso.utc_offset(),
        Some(_) => None,
        None => utc.and_then(|utc| offset_between(local, utc)),
    });
    Some(match offset {
        Some(offset) => ScanTime::from_zoned(local, offset),
        None => ScanTime::from_local(local),
    })
}
