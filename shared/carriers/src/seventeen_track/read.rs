//! Reads an answer of 17TRACK: of `gettrackinfo`, of `register`, or a push. All
//! have the same envelope, and a number may be accepted or rejected by itself.

use super::{
    PROFILE, ROOT, Registration, carriers, codes, register,
    wire::{Body, Event, Item, Push, TrackInfo},
};
use crate::{
    aggregate::{FIRST_LOOK, alias, base_of, eta, goes_back, is_over, place, said, stamp},
    carrier::{Answer, Call, Wanted},
    outcome::{ErrorKind, Failure, Found, Outcome, plain, retry_after},
    scans::{Order, add_stated, in_sequence},
    wire::{compact_date, compact_time, is_number, offset_between},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Meaning, Place, Scan},
    status::{Reason, ShipmentStatus},
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// How long to wait when the day's allowance is used up. 17TRACK does not say
/// when its day ends.
const NEXT_ALLOWANCE: Duration = Duration::from_hours(1);

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(failure) = refusal(call, response, body.as_ref()) {
        return call.all(&failure.into());
    }
    let Some(body) = body else {
        let failure = Failure::unreadable("expected JSON with `data.accepted`");
        return call.all(&failure.into());
    };
    let mut answer = Answer::default();
    let mut registrations = Vec::new();
    let mut registered = Vec::new();
    for wanted in &call.wanted {
        match verdict(call, wanted, &body) {
            Verdict::Told(outcome) => answer.outcomes.push((wanted.number.clone(), outcome)),
            Verdict::Register(registration) => {
                registrations.push(registration);
                registered.push(wanted.clone());
            }
        }
    }
    if !registrations.is_empty() {
        let request = register(&base_of(call, ROOT), &registrations);
        answer.next.push(Call {
            wanted: registered,
            ..call.followed_by(request, response.body().clone())
        });
    }
    answer
}

/// Reads a push. That 17TRACK stopped is no news of the parcel itself: it says
/// to ask once more.
pub(super) fn push(body: &[u8]) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| Failure::unreadable("expected JSON with `event` and `data`"))?;
    let number = TrackingNumber::parse(&push.data.number)
        .map_err(|_| Failure::unreadable("expected a number in `data.number`"))?;
    match push.event.as_ref() {
        "TRACKING_UPDATED" => {
            let Some(info) = push.data.track_info.first() else {
                return Err(Failure::unreadable("expected `data.track_info`"));
            };
            let outcome = known(&number, [info].into_iter());
            Ok(vec![(number, outcome)])
        }
        "TRACKING_STOPPED" => {
            let outcome = Outcome::NotYet {
                after: Duration::ZERO,
                ticket: None,
            };
            Ok(vec![(number, outcome)])
        }
        _ => Ok(Vec::new()),
    }
}

/// Why the whole question was refused.
fn refusal(call: &Call, response: &Response<Bytes>, body: Option<&Body<'_>>) -> Option<Failure> {
    let by_status = Failure::of_status(response, call.asked_at);
    let code = body
        .map(|body| match body.data.errors.first() {
            Some(error) => error.code.as_ref(),
            None => body.code.as_ref(),
        })
        .filter(|code| !matches!(*code, "" | "0"));
    match code {
        Some("429") => Some(Failure::new(
            ErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "17TRACK answered too many requests",
        )),
        Some(code) => Some(failure(code).unwrap_or_else(|| {
            by_status.unwrap_or_else(|| {
                Failure::rejected(format!("17TRACK answered error {}", plain(code)))
            })
        })),
        None => by_status,
    }
}

/// The failures that 17TRACK's codes name, of a whole question or of a number.
fn failure(code: &str) -> Option<Failure> {
    let (kind, what) = match code {
        "-18010001" => (ErrorKind::Denied, "does not know our IP address"),
        "-18010002" => (ErrorKind::Unauthorized, "refused the key"),
        "-18010003" => (ErrorKind::Unavailable, "failed inside"),
        "-18010004" => (ErrorKind::Denied, "has disabled the account"),
        "-18010005" => (ErrorKind::Denied, "does not allow it"),
        "-18019903" => (ErrorKind::Rejected, "cannot tell whose number it is"),
        "-18019907" => (
            ErrorKind::RateLimited {
                after: Some(NEXT_ALLOWANCE),
            },
            "takes no more numbers today",
        ),
        "-18019908" => (ErrorKind::Denied, "says that the plan is used up"),
        "-18019910" => (ErrorKind::Rejected, "does not know the carrier"),
        "-18019911" => (ErrorKind::Rejected, "takes no numbers of this carrier"),
        "-18010018" | "-18010019" | "-18010020" | "-18010021" | "-18010022" => (
            ErrorKind::Rejected,
            "wants to know more of the recipient for this carrier",
        ),
        _ => return None,
    };
    let name = PROFILE.name;
    Some(Failure::new(kind, format!("{name} {what} ({code})")))
}

/// What the answer means for one number.
enum Verdict<'a> {
    Told(Outcome),
    Register(Registration<'a>),
}

fn verdict<'a>(call: &Call, wanted: &'a Wanted, body: &Body<'_>) -> Verdict<'a> {
    let number = &wanted.number;
    let accepted = || {
        let items = body.data.accepted.iter();
        items.filter(|item| is_number(&item.number, number))
    };
    let told = || accepted().filter_map(|item| Some((item, item.track_info.first()?)));
    if told().next().is_some() {
        let meant = wanted.hints.carrier.as_ref().and_then(carriers::key);
        let meant = meant.map(|key| key.to_string());
        let is_meant = |item: &Item<'_>| meant.as_deref() == Some(item.carrier.as_ref());
        let outcome = if told().any(|(item, _)| is_meant(item)) {
            let of_meant = told().filter(|(item, _)| is_meant(item));
            known(number, of_meant.map(|(_, info)| info))
        } else {
            known(number, told().map(|(_, info)| info))
        };
        return Verdict::Told(outcome);
    }
    if accepted().next().is_some() {
        return Verdict::Told(registered());
    }
    let mut rejected = body.data.rejected.iter();
    let code = rejected
        .find(|item| is_number(&item.number, number))
        .map(|item| item.error.code.as_ref());
    let outcome = match code {
        Some("-18019902") if call.earlier.is_empty() => {
            return Verdict::Register(Registration::new(wanted));
        }
        Some("-18010019") if call.earlier.len() == 1 && wanted.hints.postal_code.is_some() => {
            return Verdict::Register(Registration {
                param: wanted.hints.postal_code.as_deref(),
                ..Registration::new(wanted)
            });
        }
        Some("-18010020") if call.earlier.len() == 1 && wanted.hints.phone_suffix.is_some() => {
            return Verdict::Register(Registration {
                param: wanted.hints.phone_suffix.as_deref(),
                ..Registration::new(wanted)
            });
        }
        // Registered already, which is what we wanted.
        Some("-18019901") => registered(),
        Some("-18019909") => Outcome::NotFound,
        Some("-18010012") => Outcome::Invalid,
        Some(code) => failure(code)
            .unwrap_or_else(|| {
                Failure::rejected(format!("17TRACK refused the number ({})", plain(code)))
            })
            .into(),
        None => Failure::unreadable("the answer does not mention the number").into(),
    };
    Verdict::Told(outcome)
}

const fn registered() -> Outcome {
    Outcome::NotYet {
        after: FIRST_LOOK,
        ticket: None,
    }
}

/// What is known of a number: nothing, or a parcel of each carrier under which
/// it is registered.
fn known<'i, 'a: 'i>(
    number: &TrackingNumber,
    items: impl Iterator<Item = &'i TrackInfo<'a>>,
) -> Outcome {
    let mut is_invalid = false;
    let mut found = Vec::new();
    for info in items {
        let report = report(info, number);
        if report.scans.is_empty()
            && matches!(
                report.stated,
                None | Some(Reason::NoInfo | Reason::InvalidNumber)
            )
        {
            is_invalid |= report.stated == Some(Reason::InvalidNumber);
            continue;
        }
        found.push(Found::new(report));
    }
    if !found.is_empty() {
        Outcome::Found(found)
    } else if is_invalid {
        Outcome::Invalid
    } else {
        Outcome::NotFound
    }
}

fn report(info: &TrackInfo<'_>, number: &TrackingNumber) -> Report {
    // The carrier that took the parcel first is the first in the list.
    let mut scans = Vec::new();
    for provider in &info.tracking.providers {
        let events = provider.events.iter().filter_map(scan).collect();
        scans.extend(in_sequence(events, Order::NewestFirst));
    }
    for (index, scan) in scans.iter_mut().enumerate() {
        scan.sequence = u32::try_from(index).unwrap_or(u32::MAX);
    }
    let latest = &info.latest_status;
    let stated = codes::stated(&latest.status, &latest.sub_status);
    add_stated(&mut scans, stated_scan(info, stated));
    let stated = stated.reason();
    let misc = &info.misc_info;
    let service = info
        .tracking
        .providers
        .iter()
        .map(|provider| provider.service_type.as_ref())
        .chain([misc.service_type.as_ref()])
        .find(|service| !service.is_empty());
    Report {
        stated,
        eta: if is_over(&scans, stated) {
            None
        } else {
            expected(info)
        },
        proof: None,
        pieces: misc.pieces.parse().ok().filter(|pieces| *pieces > 0),
        aliases: alias(&misc.local_number, carriers::id(&misc.local_key), number)
            .into_iter()
            .collect(),
        is_return: goes_back(&scans, stated),
        service: service.map(str::to_owned),
        scans,
    }
}

/// The latest status at the time of the latest event, which brought it. That a
/// parcel expired, or was not found, no event brings.
fn stated_scan(info: &TrackInfo<'_>, stated: Meaning) -> Option<Scan> {
    let is_event = !matches!(
        stated.status()?,
        ShipmentStatus::Expired | ShipmentStatus::Pending
    );
    let latest = &info.latest_status;
    let code = [&latest.sub_status, &latest.status]
        .into_iter()
        .find(|code| !code.is_empty());
    is_event.then_some(Scan {
        time: time(&info.latest_event)?,
        meaning: stated,
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: String::new(),
        place: Place::default(),
        sequence: 0,
        is_inferred: codes::is_new(&latest.sub_status),
    })
}

/// The carrier's own expectation is `Official`; another one is computed by
/// 17TRACK from other parcels.
fn expected(info: &TrackInfo<'_>) -> Option<Eta> {
    let told = &info.time_metrics.estimated_delivery_date;
    let source = match told.source.as_ref() {
        "" | "Official" => EtaSource::Carrier,
        _ => EtaSource::Statistics,
    };
    eta(stamp(&told.from), stamp(&told.to), source)
}

fn scan(event: &Event<'_>) -> Option<Scan> {
    let address = &event.address;
    let code = [&event.sub_status, &event.stage]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        time: time(event)?,
        meaning: codes::meaning(&event.sub_status, &event.stage),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: said(&event.description),
        place: place(
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
fn time(event: &Event<'_>) -> Option<ScanTime> {
    let raw = &event.time_raw;
    let iso = stamp(&event.time_iso);
    let utc = stamp(&event.time_utc);
    let Some(date) = compact_date(&raw.date) else {
        return iso.or(utc);
    };
    let Some(time) = compact_time(&raw.time) else {
        return Some(ScanTime::day(date));
    };
    let local = date.to_datetime(time);
    let utc = utc.and_then(|utc| Some(utc.date().to_datetime(utc.time()?)));
    let offset = parse_offset(&raw.timezone).or_else(|| match iso {
        Some(iso) if iso.date() == date && iso.time() == Some(time) => iso.offset(),
        Some(_) => None,
        None => utc.and_then(|utc| offset_between(local, utc)),
    });
    Some(match offset {
        Some(offset) => ScanTime::zoned(local, offset),
        None => ScanTime::local(local),
    })
}
