//! Boxberry, by `ListStatusesFull` of its JSON service.
//!
//! There are no codes: a status is its Russian name. Times are Moscow's without
//! saying so, and are written in one way by this method and in another by
//! `ListStatuses`, whose answer is the bare list of statuses and is read as well.
//! Errors come as a text with status 200. No answer names its shipment.

mod names;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, retry_after},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
    wire::{compact_date, compact_time, deserialize_many, deserialize_text},
};
use bytes::Bytes;
use http::Response;
use jiff::tz::Offset;
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Place, Scan},
    status::ShipmentStatus,
    time::ScanTime,
};
use serde::{Deserialize, Deserializer};
use std::{borrow::Cow, time::Duration};

/// Boxberry.
#[derive(Debug, Clone, Copy)]
pub struct Boxberry;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.boxberry.ru",
    auth: Auth::Query("token", "token"),
    needs: "a contract with Boxberry: the token is in the customer's account",
    credentials: &[CredentialField::required_field(
        "token",
        "account.boxberry.ru, Integration, API token",
    )],
    // Boxberry recommends to ask once an hour. Neither limits nor how long a
    // shipment can be asked after are documented.
    min_interval: Duration::from_hours(1),
    clock: CarrierClock::Zone("Europe/Moscow"),
    tracking_url: Some("https://boxberry.ru/tracking-page?id={number}"),
    ..CarrierProfile::with_name("boxberry", "Boxberry")
};

impl Carrier for Boxberry {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            let url = format!(
                "{}/json.php?method=ListStatusesFull&ImId={}",
                context.access.base_url(),
                wanted.number
            );
            get_json(url)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        match call.queries.first() {
            Some(wanted) => {
                ParsedResponse::single_result(wanted.number.clone(), read_result(call, response))
            }
            None => ParsedResponse::default(),
        }
    }
}

/// The answer: an object, or a list of one with the error in it; of
/// `ListStatuses`, the list of statuses.
#[derive(Debug, Default)]
struct Parts<'a>(Vec<Part<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_many(deserializer).map(Self)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow, deserialize_with = "deserialize_statuses")]
    statuses: Option<Vec<Status<'a>>>,
    /// The planned day.
    #[serde(borrow, rename = "deliveryDate", deserialize_with = "deserialize_text")]
    delivery_date: Cow<'a, str>,
    /// A text, or `true` and the text in `message`.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    err: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    error: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    message: Cow<'a, str>,
    /// Of a part that is a status.
    #[serde(borrow, rename = "Date", deserialize_with = "deserialize_text")]
    date: Cow<'a, str>,
    #[serde(borrow, rename = "Name", deserialize_with = "deserialize_text")]
    name: Cow<'a, str>,
}

fn deserialize_statuses<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Status<'de>>>, D::Error> {
    deserialize_many(deserializer).map(Some)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow, rename = "Date", deserialize_with = "deserialize_text")]
    date: Cow<'a, str>,
    #[serde(borrow, rename = "Name", deserialize_with = "deserialize_text")]
    name: Cow<'a, str>,
}

fn read_result(call: &CarrierRequest, response: &Response<Bytes>) -> TrackingResult {
    let Parts(parts) = serde_json::from_slice(response.body()).unwrap_or_default();
    let error = parts.iter().find_map(|part| {
        let said = [&part.err, &part.error]
            .into_iter()
            .find(|text| !text.is_empty() && *text != "false")?;
        Some(if said == "true" { &part.message } else { said })
    });
    let by_status = CarrierError::of_status(response, call.asked_at);
    if let Some(error) = error {
        return read_refusal(call, response, error, by_status);
    }
    if let Some(failure) = by_status {
        return failure.into();
    }
    if parts.iter().any(|part| !part.date.is_empty()) {
        let statuses: Vec<Status<'_>> = parts
            .into_iter()
            .map(|Part { date, name, .. }| Status { date, name })
            .collect();
        return TrackingResult::Found(vec![Found::new(build_report(&statuses, ""))]);
    }
    let part = parts
        .into_iter()
        .find_map(|part| Some((part.statuses?, part.delivery_date)));
    match part {
        // It may exist, but nothing has been told of it.
        Some((statuses, _)) if statuses.is_empty() => TrackingResult::NotFound,
        Some((statuses, day)) => {
            TrackingResult::Found(vec![Found::new(build_report(&statuses, &day))])
        }
        None => CarrierError::unreadable_response("expected JSON with `statuses`").into(),
    }
}

/// The texts of errors are not documented, so they are told apart by stems of
/// words; what is said of the token comes first, because it "is not found" too.
fn read_refusal(
    call: &CarrierRequest,
    response: &Response<Bytes>,
    error: &str,
    by_status: Option<CarrierError>,
) -> TrackingResult {
    let error = error.to_lowercase();
    let says = |stems: &[&str]| stems.iter().any(|stem| error.contains(stem));
    let (kind, what) = if says(&["token", "токен", "контракт", "авториз", "учетн", "учётн"])
    {
        (CarrierErrorKind::Unauthorized, "the token is refused")
    } else if says(&["лимит", "превышен", "слишком", "limit"]) {
        let after = retry_after(response.headers(), call.asked_at);
        (CarrierErrorKind::RateLimited { after }, "too many requests")
    } else if says(&["недоступ", "позже", "временно", "попробуйте", "повторите"])
    {
        // Before what "has no access", of which it is a part.
        (CarrierErrorKind::Unavailable, "that it is down")
    } else if says(&["не найден", "нет данных", "не существует", "отсутству"])
    {
        return TrackingResult::NotFound;
    } else if says(&["доступ", "запрещ"]) {
        (CarrierErrorKind::Denied, "the method is not allowed")
    } else if says(&["некорректн", "неверный код", "неправильн"]) {
        return TrackingResult::Invalid;
    } else {
        let kind = by_status.map_or(CarrierErrorKind::Rejected, |failure| failure.kind);
        (kind, "an error of no known kind")
    };
    CarrierError::new(kind, format!("Boxberry answered {what}")).into()
}

fn build_report(statuses: &[Status<'_>], day: &str) -> Report {
    let mut scans: Vec<Scan> = statuses.iter().filter_map(read_scan).collect();
    // The oldest comes first; equal times keep their order.
    scans.sort_by_key(|scan| scan.time);
    for (scan, sequence) in scans.iter_mut().zip(0..) {
        scan.sequence = sequence;
    }
    let is_over = scans
        .iter()
        .filter_map(|scan| scan.meaning.shipment_status())
        .any(|status| status.is_final() || status == ShipmentStatus::Returning);
    Report {
        // `0001-01-01` is none.
        eta: day
            .get(..10)
            .and_then(compact_date)
            .filter(|_| !is_over)
            .map(|day| Eta::on_day(day, EtaSource::Carrier)),
        scans,
        ..Report::default()
    }
}

fn read_scan(status: &Status<'_>) -> Option<Scan> {
    Some(Scan {
        time: read_time(&status.date)?,
        meaning: names::map_meaning(&status.name),
        code: String::new(),
        text: status.name.to_string(),
        // The city stands in a comment, among streets and names.
        place: Place::default(),
        sequence: 0,
        is_inferred: false,
    })
}

/// `26.12.2026 12:23` or `2026-12-26 12:23:26`, by the clock of Moscow, which
/// is three hours ahead of UTC all year.
fn read_time(text: &str) -> Option<ScanTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = match date.split('.').collect::<Vec<_>>()[..] {
        [day, month, year] => compact_date(&format!("{year}-{month:0>2}-{day:0>2}"))?,
        _ => compact_date(date)?,
    };
    Some(match compact_time(time.trim()) {
        Some(time) => ScanTime::from_zoned(date.to_datetime(time), Offset::constant(3)),
        None => ScanTime::from_day(date),
    })
}
