//! Reads an answer of AfterShip: a list of trackings, a created one, or a push.

use super::{
    ROOT, codes, create_request, list_request, slugs,
    wire::{Body, Checkpoint, Created, Push, Tracking},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{
        aggregate::{
            FIRST_LOOK, base_of, goes_back, impersonal_text, is_over, parse_stamp, read_alias,
            read_eta, read_place, read_proof,
        },
        scans::{ScanOrder, in_sequence},
    },
    wire::{is_number, present_text},
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

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = read_refusal(call, response, body.as_ref()) {
        return call.same_for_all(&outcome);
    }
    match body.and_then(|body| Some((body.data.trackings?, body.data.pagination))) {
        Some((trackings, pagination)) => {
            let has_more = pagination.has_next_page == "true" && !pagination.next_cursor.is_empty();
            if has_more && !call.is_last && call.earlier.len() + 1 < MAX_PAGES {
                let base_url = base_of(call, ROOT);
                let request = list_request(&base_url, &call.queries, &pagination.next_cursor);
                return ParsedResponse::then_ask(
                    call.followed_by(request, response.body().clone()),
                );
            }
            read_list(call, response.body(), &trackings)
        }
        None => read_created(call, response.body()),
    }
}

/// Reads a push. An estimate is pushed as `edd_revise`, with the same tracking.
pub(super) fn parse_push(
    body: &[u8],
) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
    let push: Push<'_> = serde_json::from_slice(body)
        .map_err(|_| CarrierError::unreadable_response("expected JSON with `event` and `msg`"))?;
    let number = TrackingNumber::parse(&push.msg.number).map_err(|_| {
        CarrierError::unreadable_response("expected a number in `msg.tracking_number`")
    })?;
    let outcome = known_result(&number, &[&push.msg]);
    Ok(vec![(number, outcome)])
}

/// Why there is no tracking in the answer.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<TrackingResult> {
    let by_status = CarrierError::of_status(response, call.asked_at)?;
    let code = body.map_or("", |body| body.meta.code.as_ref());
    let rejected = |what: &str| {
        TrackingResult::Failed(CarrierError::rejected_request(format!(
            "AfterShip {what} ({})",
            plain_code(code)
        )))
    };
    Some(match code {
        // It is there: created in between, or not in the list yet.
        "4003" => not_yet(),
        "4005" | "4017" => TrackingResult::Invalid,
        "4010" => rejected("does not know the carrier"),
        "4011" => rejected("wants to know more of the recipient for this carrier"),
        "4012" => rejected(
            "cannot tell whose number it is, or the carrier is not on the shop's list there",
        ),
        _ => match by_status.kind {
            CarrierErrorKind::RateLimited { after } => CarrierError::new(
                CarrierErrorKind::RateLimited {
                    after: after.or_else(|| reset_delay(response.headers(), call.asked_at)),
                },
                "AfterShip answered too many requests",
            )
            .into(),
            CarrierErrorKind::Rejected if !code.is_empty() => rejected("refused the question"),
            _ => by_status.into(),
        },
    })
}

/// AfterShip says at which second its count begins anew.
fn reset_delay(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
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

const fn not_yet() -> TrackingResult {
    TrackingResult::NotYet {
        after: FIRST_LOOK,
        ticket: None,
    }
}

/// What a list tells of each number. One that is not in it is created.
fn read_list(call: &CarrierRequest, body: &Bytes, trackings: &[Tracking<'_>]) -> ParsedResponse {
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
    let mut answer = ParsedResponse::default();
    for wanted in &call.queries {
        let of_number: Vec<&Tracking<'_>> = all
            .iter()
            .copied()
            .filter(|tracking| is_number(&tracking.number, &wanted.number))
            .collect();
        if of_number.is_empty() {
            let request = create_request(&base_of(call, ROOT), wanted);
            answer.next.push(CarrierRequest {
                queries: vec![wanted.clone()],
                ..call.followed_by(request, body.clone())
            });
        } else {
            let outcome = known_result(&wanted.number, &select_meant(wanted, of_number));
            answer.outcomes.push((wanted.number.clone(), outcome));
        }
    }
    answer
}

/// The trackings of the carrier that the shop named, if there are any.
fn select_meant<'t, 'a>(
    wanted: &TrackingQuery,
    trackings: Vec<&'t Tracking<'a>>,
) -> Vec<&'t Tracking<'a>> {
    let Some(slug) = wanted
        .details
        .carrier
        .as_ref()
        .and_then(slugs::carrier_slug)
    else {
        return trackings;
    };
    let (meant, others): (Vec<_>, Vec<_>) = trackings
        .into_iter()
        .partition(|tracking| tracking.slug == slug);
    if meant.is_empty() { others } else { meant }
}

/// A tracking that was just created knows something only if AfterShip had asked
/// for it before.
fn read_created(call: &CarrierRequest, body: &Bytes) -> ParsedResponse {
    let created: Option<Created<'_>> = serde_json::from_slice(body).ok();
    let tracking = created.map(|created| created.data);
    let outcome = |number: &TrackingNumber| match &tracking {
        Some(tracking) if is_number(&tracking.number, number) => {
            match known_result(number, &[tracking]) {
                TrackingResult::NotFound => not_yet(),
                outcome => outcome,
            }
        }
        _ => CarrierError::unreadable_response("expected JSON with `data.trackings`").into(),
    };
    ParsedResponse {
        outcomes: call
            .queries
            .iter()
            .map(|wanted| (wanted.number.clone(), outcome(&wanted.number)))
            .collect(),
        next: Vec::new(),
    }
}

/// What is known of a number: nothing, as long as AfterShip's tag is `Pending`.
fn known_result(number: &TrackingNumber, trackings: &[&Tracking<'_>]) -> TrackingResult {
    let found: Vec<Found> = trackings
        .iter()
        .filter_map(|tracking| {
            let report = build_report(tracking, number);
            let is_silent = report.scans.is_empty()
                && matches!(report.reported_status, None | Some(Reason::NoInfo));
            (!is_silent).then(|| Found {
                unique_id: present_text(&tracking.id),
                shipped_on: parse_stamp(&tracking.shipment_pickup_date).map(ScanTime::local_date),
                ..Found::new(report)
            })
        })
        .collect();
    if found.is_empty() {
        TrackingResult::NotFound
    } else {
        TrackingResult::Found(found)
    }
}

fn build_report(tracking: &Tracking<'_>, number: &TrackingNumber) -> Report {
    let scans = tracking.checkpoints.iter().filter_map(read_scan).collect();
    let scans = in_sequence(scans, ScanOrder::OldestFirst);
    let stated = codes::map_meaning(&tracking.tag, &tracking.subtag).status_reason();
    let miles = [&tracking.first_mile, &tracking.last_mile];
    let mut aliases: Vec<_> = miles
        .into_iter()
        .filter_map(|mile| read_alias(&mile.tracking_number, slugs::carrier_id(&mile.slug), number))
        .collect();
    aliases.dedup();
    Report {
        reported_status: stated,
        eta: if is_over(&scans, stated) {
            None
        } else {
            expected_eta(tracking)
        },
        proof: read_proof(&scans, &tracking.signed_by),
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
        service: present_text(&tracking.shipment_type),
        scans,
    }
}

/// The carrier's own expectation if there is one; else the latest, which may be
/// computed by AfterShip or promised by the shop.
fn expected_eta(tracking: &Tracking<'_>) -> Option<Eta> {
    let carrier = &tracking.courier_estimated_delivery_date;
    let window = |min: &str, max: &str, single: &str, source| {
        let single = parse_stamp(single);
        read_eta(
            parse_stamp(min).or(single),
            parse_stamp(max).or(single),
            source,
        )
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
    .or_else(|| {
        read_eta(
            parse_stamp(&tracking.expected_delivery),
            None,
            EtaSource::Carrier,
        )
    })
}

fn read_scan(checkpoint: &Checkpoint<'_>) -> Option<Scan> {
    let code = [&checkpoint.subtag, &checkpoint.tag]
        .into_iter()
        .find(|code| !code.is_empty());
    Some(Scan {
        time: parse_stamp(&checkpoint.time)?,
        meaning: codes::map_meaning(&checkpoint.tag, &checkpoint.subtag),
        code: code.map(ToString::to_string).unwrap_or_default(),
        text: impersonal_text(&checkpoint.message),
        place: read_place(
            &checkpoint.city,
            &checkpoint.state,
            &checkpoint.country_region,
            &checkpoint.location,
        ),
        sequence: 0,
        is_inferred: codes::is_new(&checkpoint.subtag),
    })
}
