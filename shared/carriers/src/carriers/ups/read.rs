//! Reads an answer of UPS.

use super::{
    cancelled,
    codes::{self, Product},
    further_page,
    wire::{Activity, Body, Package, Shipment},
};
use crate::{
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::{scans::go_back, words},
    wire::{compact_date, compact_time, is_number, offset_between, present_text},
};
use bytes::Bytes;
use http::Response;
use jiff::{civil::Time, tz::Offset};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::{ScanTime, parse_offset},
    tracking_number::TrackingNumber,
};

/// Pages of one shipment that we ask for at most.
const MAX_PAGES: usize = 10;

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let number = &wanted.number;
    let body: Option<Body<'_>> = serde_json::from_slice(response.body()).ok();
    if let Some(outcome) = read_refusal(call, response, body.as_ref()) {
        return ParsedResponse::single_result(number.clone(), outcome);
    }
    let shipments = body.as_ref().map(|body| &body.track_response.shipments);
    let reused = shipments.map_or_else(Vec::new, |shipments| of_number(shipments, number));
    if reused.len() > 1 {
        let found = reused
            .into_iter()
            .map(|package| build_report(package, number));
        let found = found.map(Found::new).collect();
        return ParsedResponse::single_result(number.clone(), TrackingResult::Found(found));
    }
    let Some(shipment) = shipments.and_then(|shipments| select_meant(shipments, number)) else {
        let failure =
            CarrierError::unreadable_response("expected JSON with `trackResponse.shipment`");
        return ParsedResponse::single_result(number.clone(), failure.into());
    };
    if shipment.packages.is_empty() && call.earlier.is_empty() {
        return ParsedResponse::single_result(number.clone(), without_package(shipment));
    }
    read_packages(call, number, shipment, response.body())
}

/// What an answer says that is no tracking information.
pub(super) fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    body: Option<&Body<'_>>,
) -> Option<TrackingResult> {
    let by_status = CarrierError::of_status(response, call.asked_at);
    let Some(error) = body.and_then(|body| body.response.errors.first()) else {
        return by_status.map(TrackingResult::Failed);
    };
    let outcome = match error.code.as_ref() {
        "TW0001" | "151044" => TrackingResult::NotFound,
        "TV1002" | "151018" => TrackingResult::Invalid,
        "10429" => TrackingResult::Failed(CarrierError::new(
            CarrierErrorKind::RateLimited {
                after: retry_after(response.headers(), call.asked_at),
            },
            "UPS answered too many requests (10429)",
        )),
        code @ ("250002" | "250003" | "251004" | "10401") => {
            TrackingResult::Failed(CarrierError::unauthorized_access(format!(
                "UPS refused the token ({})",
                plain_code(code)
            )))
        }
        code => {
            let kind = words::kind_or(&error.message, by_status.map(|failure| failure.kind));
            TrackingResult::Failed(CarrierError::new(
                kind,
                format!("UPS answered error {}", plain_code(code)),
            ))
        }
    };
    Some(outcome)
}

/// Of several shipments, as UPS answers a reference with, the one that has the
/// number, or was asked for by it.
fn select_meant<'s, 'a>(
    shipments: &'s [Shipment<'a>],
    number: &TrackingNumber,
) -> Option<&'s Shipment<'a>> {
    let has_it = |shipment: &&Shipment<'_>| {
        let mut packages = shipment.packages.iter();
        packages.any(|package| is_number(&package.tracking_number, number))
    };
    let is_asked = |shipment: &&Shipment<'_>| is_number(&shipment.asked, number);
    let mut all = shipments.iter();
    all.clone()
        .find(has_it)
        .or_else(|| all.clone().find(is_asked))
        .or_else(|| all.next())
}

/// The package of this number in each shipment: several if the number was used again.
fn of_number<'s, 'a>(
    shipments: &'s [Shipment<'a>],
    number: &TrackingNumber,
) -> Vec<&'s Package<'a>> {
    let package = |shipment: &'s Shipment<'a>| {
        let mut packages = shipment.packages.iter();
        packages.find(|package| is_number(&package.tracking_number, number))
    };
    shipments.iter().filter_map(package).collect()
}

/// UPS answers 200 with a warning for a number that it does not know.
fn without_package(shipment: &Shipment<'_>) -> TrackingResult {
    match shipment.warnings.first() {
        Some(warning) if matches!(warning.code.as_ref(), "TW0001" | "151044") => {
            TrackingResult::NotFound
        }
        Some(warning) => {
            let kind = words::kind_or(&warning.message, None);
            CarrierError::new(
                kind,
                format!("UPS answered warning {}", plain_code(&warning.code)),
            )
            .into()
        }
        None => CarrierError::unreadable_response("expected a package or a warning").into(),
    }
}

/// The package that was meant. The number may be that of a whole shipment, and
/// then its package stands on any page; or of none of its packages, and then
/// the shipment is where its last package is.
fn read_packages(
    call: &CarrierRequest,
    number: &TrackingNumber,
    shipment: &Shipment<'_>,
    body: &Bytes,
) -> ParsedResponse {
    let earlier: Vec<Body<'_>> = call
        .earlier
        .iter()
        .filter_map(|page| serde_json::from_slice(page).ok())
        .collect();
    let all: Vec<&Package<'_>> = earlier
        .iter()
        .filter_map(|page| page.track_response.shipments.first())
        .chain([shipment])
        .flat_map(|shipment| &shipment.packages)
        .collect();
    let is_meant = |package: &&&Package<'_>| is_number(&package.tracking_number, number);
    if let Some(package) = all.iter().find(is_meant) {
        return read_found(number, build_report(package, number));
    }
    // UPS's own example has a lone package that goes by no number but the one
    // that was asked for, though it counts two.
    if let [package] = all.as_slice()
        && package.tracking_number.is_empty()
        && is_number(&shipment.asked, number)
    {
        return read_found(number, build_report(package, number));
    }
    let total = all
        .iter()
        .map(|package| package.package_count())
        .max()
        .unwrap_or(0);
    let is_cut = all.len() < total && !shipment.packages.is_empty() && !call.is_last;
    if is_cut
        && call.earlier.len() + 1 < MAX_PAGES
        && let Some(request) = further_page(call, number, all.len())
    {
        return ParsedResponse::then_ask(call.followed_by(request, body.clone()));
    }
    let last = all
        .iter()
        .map(|package| build_report(package, number))
        .min_by_key(|report| {
            let newest = report
                .scans
                .iter()
                .rev()
                .find_map(|scan| scan.meaning.shipment_status());
            let stated = report.reported_status.map(Reason::to_status);
            newest
                .into_iter()
                .chain(stated)
                .map(ShipmentStatus::progress_rank)
                .max()
        });
    match last {
        Some(report) => read_found(number, report),
        None => ParsedResponse::single_result(
            number.clone(),
            CarrierError::unreadable_response("expected a package").into(),
        ),
    }
}

fn read_found(number: &TrackingNumber, report: Report) -> ParsedResponse {
    ParsedResponse::single_result(
        number.clone(),
        TrackingResult::Found(vec![Found::new(report)]),
    )
}

fn build_report(package: &Package<'_>, number: &TrackingNumber) -> Report {
    let product = product_of(&package.service.description, number);
    let newest = package.activities.len();
    let mut scans: Vec<Scan> = package
        .activities
        .iter()
        .enumerate()
        // UPS lists the newest first; the sequence counts from the oldest.
        .filter_map(|(index, activity)| read_scan(product, activity, newest - 1 - index))
        .collect();
    scans.sort_by_key(|scan| scan.sequence);
    cancelled::take_back(&mut scans);
    let stated = reported_status(product, package);
    let is_return =
        go_back(&scans) || stated.is_some_and(|reason| reason.to_status().is_backward());
    let proof = read_proof(package);
    Report {
        reported_status: stated,
        eta: if proof.is_some() {
            None
        } else {
            read_eta(package)
        },
        proof,
        pieces: u32::try_from(package.package_count())
            .ok()
            .filter(|count| *count > 0),
        aliases: read_aliases(package, number),
        is_return,
        service: (!package.service.description.is_empty())
            .then(|| package.service.description.to_string()),
        scans,
    }
}

/// The current status, unless it repeats a scan that is inferred.
fn reported_status(product: Product, package: &Package<'_>) -> Option<Reason> {
    let current = &package.current_status;
    let newest = package.activities.first();
    let is_inferred = newest.is_some_and(|activity| activity.logical_scan == "true");
    codes::map_meaning(product, &current.kind, &current.code, &current.status_code)
        .status_reason()
        .filter(|_| !is_inferred)
}

pub(super) fn product_of(service: &str, number: &TrackingNumber) -> Product {
    let service = service.to_ascii_lowercase();
    let is_postal_number = number.as_str().len() >= 18 && !number.as_str().starts_with("1Z");
    if service.contains("mail innovations") || is_postal_number {
        Product::MailInnovations
    } else if service.contains("freight") && !service.contains("express freight") {
        Product::Freight
    } else {
        Product::Parcel
    }
}

pub(super) fn read_scan(
    product: Product,
    activity: &Activity<'_>,
    sequence: usize,
) -> Option<Scan> {
    let status = &activity.status;
    let meaning = match codes::map_meaning(product, &status.kind, &status.code, &status.status_code)
    {
        // A logical scan is inferred from another one: it was not made at the shipment.
        ScanMeaning::Status(reason)
            if activity.logical_scan == "true"
                && reason.to_status() == ShipmentStatus::Delivered =>
        {
            ScanMeaning::Note
        }
        meaning => meaning,
    };
    let address = &activity.location.address;
    let country = [&address.country_code, &address.country]
        .into_iter()
        .find(|code| code.len() == 2);
    Some(Scan {
        time: read_time(activity)?,
        meaning,
        code: if status.code.is_empty() {
            status.status_code.to_string()
        } else {
            status.code.to_string()
        },
        text: status.description.to_string(),
        place: Place {
            city: present_text(&address.city),
            region: present_text(&address.state_province),
            country: country.map(|code| code.to_ascii_uppercase()),
        },
        sequence: u32::try_from(sequence).unwrap_or(u32::MAX),
        is_inferred: meaning != ScanMeaning::Unknown
            && codes::is_new(product, &status.kind, &status.code),
    })
}

/// The wall clock where it happened, and the offset if UPS gives one: as
/// `-05:00`, as `-05.00`, or only as the same moment in GMT.
fn read_time(activity: &Activity<'_>) -> Option<ScanTime> {
    let gmt = compact_date(&activity.gmt_date)
        .zip(compact_time(&activity.gmt_time))
        .map(|(date, time)| date.to_datetime(time));
    let Some(date) = compact_date(&activity.date) else {
        return gmt.map(|gmt| ScanTime::from_zoned(gmt, Offset::UTC));
    };
    let Some(time) = compact_time(&activity.time) else {
        return Some(ScanTime::from_day(date));
    };
    let local = date.to_datetime(time);
    let offset = parse_offset(&activity.gmt_offset)
        .or_else(|| gmt.and_then(|gmt| offset_between(local, gmt)));
    Some(match offset {
        Some(offset) => ScanTime::from_zoned(local, offset),
        None => ScanTime::from_local(local),
    })
}

/// The day it is expected, the rescheduled one if there is one, with the hours
/// if UPS names them.
fn read_eta(package: &Package<'_>) -> Option<Eta> {
    let of_kind = |kind: &str| {
        let mut dates = package.delivery_dates.iter();
        dates
            .find(|date| date.kind == kind)
            .and_then(|date| compact_date(&date.date))
    };
    let day = of_kind("RDD").or_else(|| of_kind("SDD"))?;
    let times = &package.delivery_time;
    let window = match times.kind.as_ref() {
        // Estimated, confirmed and intraday windows.
        "EDW" | "CDW" | "IDW" => compact_time(&times.start_time).zip(compact_time(&times.end_time)),
        // A commitment: by that time.
        "CMT" => compact_time(&times.end_time).map(|end| (Time::midnight(), end)),
        _ => None,
    };
    Some(Eta {
        window: window.filter(|(from, to)| from < to),
        ..Eta::on_day(day, EtaSource::Carrier)
    })
}

fn read_proof(package: &Package<'_>) -> Option<Proof> {
    let date = package
        .delivery_dates
        .iter()
        .find(|date| date.kind == "DEL")
        .and_then(|date| compact_date(&date.date));
    let delivery = &package.delivery_information;
    let proof = Proof {
        at: date.map(|date| {
            let time = (package.delivery_time.kind == "DEL")
                .then(|| compact_time(&package.delivery_time.end_time))
                .flatten();
            match time {
                Some(time) => ScanTime::from_local(date.to_datetime(time)),
                None => ScanTime::from_day(date),
            }
        }),
        received_by: present_text(&delivery.received_by),
        drop_off_location: present_text(&delivery.location),
    };
    (proof != Proof::default()).then_some(proof)
}

fn read_aliases(package: &Package<'_>, number: &TrackingNumber) -> Vec<Alias> {
    package
        .alternate_numbers
        .iter()
        .filter_map(|alternate| {
            let other = TrackingNumber::parse(&alternate.number).ok()?;
            let carrier = alternate.kind.starts_with("USPS").then_some("usps");
            (other != *number).then(|| Alias {
                number: other,
                carrier: carrier.and_then(|id| CarrierId::parse(id).ok()),
            })
        })
        .collect()
}
