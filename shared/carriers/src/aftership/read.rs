//! Reads an answer of AfterShip: a list of trackings, a created one, or a push.

use super::{
    ROOT, codes, create, list, slugs,
    wire::{Body, Checkpoint, Created, Push, Tracking},
};
use crate::{
    aggregate::{FIRST_LOOK, alias, base_of, eta, goes_back, is_over, place, proof, said, stamp},
    carrier::{Answer, Call, Wanted},
    outcome::{ErrorKind, Failure, Found, Outcome, plain, retry_after},
    scans::{Order, in_sequence},
    wire::{is_number, present},
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use jiff::Timestamp;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::Scan,
    status::Reason,
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use std::time::Duration;

/// Pages of one list that we ask for at most. The numbers of a call have rarely
/// more than one tracking each.
const MAX_PAGES: usize = 3;

pub(super) fn answer(call: &Call, response: &Response<Bytes>) -> Answer {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = refusal(call, response, body.as_ref()) {
        return call.all(&outcome);
    }
    match body.and_then(|body| Some((body.data.trackings?, body.data.pagination))) {
        Some((trackings, pagination)) => {
            let has_more = pagination.has_next_page == "true" && !pagination.next_cursor.is_empty();
            if has_more && !call.is_last && call.earlier.len() + 1 < MAX_PAGES {
                let base_url = base_of(call, ROOT);
                let request = list(&base_url, &call.wanted, &pagination.next_cursor);
                return Answer::ask(call.followed_by(request, response.body().clone()));
            }
            listed(call, response.body(), &trackings)
        }
        None => created(call, response.body()),
    }
}

/// Reads a push. An estimate is pushed as `edd_revise`, with the same tracking.
pub(super) fn push(body: &[u8]) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| Failure::unreadable("expected JSON with `event` and `msg`"))?;
    let number = TrackingNumber::parse(&push.msg.number)
        .map_err(|_| Failure::unreadable("expected a number in `msg.tracking_number`"))?;
    let outcome = known(&number, &[&push.msg]);
    Ok(vec![(number, outcome)])
}

/// Why there is no tracking in the answer.
fn refusal(call: &Call, response: &Response<Bytes>, body: Option<&Body<'_>>) -> Option<Outcome> {
    let by_status = Failure::of_status(response, call.asked_at)?;
    let code = body.map_or("", |body| body.meta.code.as_ref());
    let rejected = |what: &str| {
        Outcome::Failed(Failure::rejected(format!(
            "AfterShip {what} ({})",
            plain(code)
        )))
    };
    Some(match code {
        // It is there: created in between, or not in the list yet.
        "4003" => not_yet(),
        "4005" | "4017" => Outcome::Invalid,
        "4010" => rejected("does not know the carrier"),
        "4011" => rejected("wants to know more of the recipient for this carrier"),
        "4012" => rejected(
            "cannot tell whose number it is, or the carrier is not on the shop's list there",
        ),
        _ => match by_status.kind {
            ErrorKind::RateLimited { after } => Failure::new(
                ErrorKind::RateLimited {
                    after: after.or_else(|| reset(response.headers(), call.asked_at)),
                },
                "AfterShip answered too many requests",
            )
            .into(),
            ErrorKind::Rejected if !code.is_empty() => rejected("refused the question"),
            _ => by_status.into(),
        },
    })
}

/// AfterShip says at which second its count begins anew.
fn reset(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    if let Some(after) = retry_after(headers, now) {
        return Some(after);
    }
    let at: i64 = headers
        .get("x-ratelimit-reset")?
        .to_str()
        .ok()?
        .parse()
        .ok()?;
    let seconds = u64::try_from(at.checked_sub(now.as_second())?).unwrap_or_default();
    Some(Duration::from_secs(seconds.clamp(1, 60 * 60)))
}

const fn not_yet() -> Outcome {
    Outcome::NotYet {
        after: FIRST_LOOK,
        ticket: None,
    }
}

/// What a list tells of each number. One that is not in it is created.
fn listed(call: &Call, body: &Bytes, trackings: &[Tracking<'_>]) -> Answer {
    let earlier: Vec<Body<'_>> = call
        .earlier
        .iter()
        .filter_map(|page| serde_json::from_slice(page).ok())
        .collect();
    let all: Vec<&Tracking<'_>> = earlier
        .iter()
        .filter_map(|page| page.data.trackings.as_ref())
        .flatten()
        .chain(trackings)
        .collect();
    let mut answer = Answer::default();
    for wanted in &call.wanted {
        let of_number: Vec<&Tracking<'_>> = all
            .iter()
            .copied()
            .filter(|tracking| is_number(&tracking.number, &wanted.number))
            .collect();
        if of_number.is_empty() {
            let request = create(&base_of(call, ROOT), wanted);
            answer.next.push(Call {
                wanted: vec![wanted.clone()],
                ..call.followed_by(request, body.clone())
            });
        } else {
            let outcome = known(&wanted.number, &meant(wanted, of_number));
            answer.outcomes.push((wanted.number.clone(), outcome));
        }
    }
    answer
}

/// The trackings of the carrier that the shop named, if there are any.
fn meant<'t, 'a>(wanted: &Wanted, trackings: Vec<&'t Tracking<'a>>) -> Vec<&'t Tracking<'a>> {
    let Some(slug) = wanted.hints.carrier.as_ref().and_then(slugs::slug) else {
        return trackings;
    };
    let (meant, others): (Vec<_>, Vec<_>) = trackings
        .into_iter()
        .partition(|tracking| tracking.slug == slug);
    if meant.is_empty() { others } else { meant }
}

/// A tracking that was just created knows something only if AfterShip had asked
/// for it before.
fn created(call: &Call, body: &Bytes) -> Answer {
    let created: Option<Created<'_>> = serde_json::from_slice(body).ok();
    let tracking = created.map(|created| created.data);
    let outcome = |number: &TrackingNumber| match &tracking {
        Some(tracking) if is_number(&tracking.number, number) => match known(number, &[tracking]) {
            Outcome::NotFound => not_yet(),
            outcome => outcome,
        },
        _ => Failure::unreadable("expected JSON with `data.trackings`").into(),
    };
    Answer {
        outcomes: call
            .wanted
            .iter()
            .map(|wanted| (wanted.number.clone(), outcome(&wanted.number)))
            .collect(),
        next: Vec::new(),
    }
}

/// What is known of a number: nothing, as long as AfterShip's tag is `Pending`.
fn known(number: &TrackingNumber, trackings: &[&Tracking<'_>]) -> Outcome {
    let found: Vec<Found> = trackings
        .iter()
        .filter_map(|tracking| {
            let report = report(tracking, number);
            let is_silent =
                report.scans.is_empty() && matches!(report.stated, None | Some(Reason::NoInfo));
            (!is_silent).then(|| Found {
                unique_id: present(&tracking.id),
                shipped_on: stamp(&tracking.shipment_pickup_date).map(ScanTime::date),
                ..Found::new(report)
            })
        })
        .collect();
    if found.is_empty() {
        Outcome::NotFound
    } else {
        Outcome::Found(found)
    }
}

fn report(tracking: &Tracking<'_>, number: &TrackingNumber) -> Report {
    let scans = tracking.checkpoints.iter().filter_map(scan).collect();
    let scans = in_sequence(scans, Order::OldestFirst);
    let stated = codes::meaning(&tracking.tag, &tracking.subtag).reason();
    let miles = [&tracking.first_mile, &tracking.last_mile];
    let mut aliases: Vec<_> = miles
        .into_iter()
        .filter_map(|mile| alias(&mile.tracking_number, slugs::id(&mile.slug), number))
        .collect();
    aliases.dedup();
    Report {
        stated,
        eta: if is_over(&scans, stated) {
            None
        } else {
            expected(tracking)
        },
        proof: proof(&scans, &tracking.signed_by),
        pieces: tracking
            .shipment_package_count
            .parse()
            .ok()
            .filter(|count| *count > 0),
        aliases,
        // A return that the customer sends also ends at the sender.
        is_return: tracking.return_to_sender == "true"
            || tracking.shipment_direction == "return"
            || goes_back(&scans, stated),
        service: present(&tracking.shipment_type),
        scans,
    }
}

/// The carrier's own expectation if there is one; else the latest, which may be
/// computed by AfterShip or promised by the shop.
fn expected(tracking: &Tracking<'_>) -> Option<Eta> {
    let carrier = &tracking.courier_estimated_delivery_date;
    let window = |min: &str, max: &str, single: &str, source| {
        let single = stamp(single);
        eta(stamp(min).or(single), stamp(max).or(single), source)
    };
    if let Some(eta) = window(&carrier.from, &carrier.to, &carrier.day, EtaSource::Carrier) {
        return Some(eta);
    }
    let latest = &tracking.latest_estimated_delivery;
    let source = match latest.source.as_ref() {
        "Carrier EDD" => EtaSource::Carrier,
        "Order EDD" | "Custom EDD" => EtaSource::Store,
        _ => EtaSource::Statistics,
    };
    window(
        &latest.datetime_min,
        &latest.datetime_max,
        &latest.datetime,
        source,
    )
    .or_else(|| eta(stamp(&tracking.expected_delivery), None, EtaSource::Carrier))
}

fn scan(checkpoint: &Checkpoint<'_>) -> Option<Scan> {
    let code = [&checkpoint.subtag, &checkpoint.tag]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        time: stamp(&checkpoint.time)?,
        meaning: codes::meaning(&checkpoint.tag, &checkpoint.subtag),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: said(&checkpoint.message),
        place: place(
            &checkpoint.city,
            &checkpoint.state,
            &checkpoint.country_region,
            &checkpoint.location,
        ),
        sequence: 0,
        is_inferred: codes::is_new(&checkpoint.subtag),
    })
}
