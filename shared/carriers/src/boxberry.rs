//! Boxberry, by `ListStatusesFull` of its JSON service.
//!
//! There are no codes: a status is its Russian name. Times are Moscow's without
//! saying so, and are written in one way by this method and in another by
//! `ListStatuses`, whose answer is the bare list of statuses and is read as well.
//! Errors come as a text with status 200. No answer names its parcel.

mod names;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted, get_json},
    outcome::{ErrorKind, Failure, Found, Outcome, retry_after},
    profile::{Auth, Clock, Field, Profile},
    wire::{compact_date, compact_time, many, text},
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

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api.boxberry.ru",
    auth: Auth::Query("token", "token"),
    needs: "a contract with Boxberry: the token is in the customer's account",
    credentials: &[Field::required(
        "token",
        "account.boxberry.ru, Integration, API token",
    )],
    // Boxberry recommends to ask once an hour. Neither limits nor how long a
    // parcel can be asked after are documented.
    min_interval: Duration::from_hours(1),
    clock: Clock::Zone("Europe/Moscow"),
    tracking_url: Some("https://boxberry.ru/tracking-page?id={number}"),
    ..Profile::named("boxberry", "Boxberry")
};

impl Carrier for Boxberry {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            let url = format!(
                "{}/json.php?method=ListStatusesFull&ImId={}",
                context.access.base_url(),
                wanted.number
            );
            get_json(url)
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        match call.wanted.first() {
            Some(wanted) => Answer::one(wanted.number.clone(), outcome(call, response)),
            None => Answer::default(),
        }
    }
}

/// The answer: an object, or a list of one with the error in it; of
/// `ListStatuses`, the list of statuses.
#[derive(Debug, Default)]
struct Parts<'a>(Vec<Part<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Parts<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        many(deserializer).map(Self)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Part<'a> {
    #[serde(borrow, deserialize_with = "statuses")]
    statuses: Option<Vec<Status<'a>>>,
    /// The planned day.
    #[serde(borrow, rename = "deliveryDate", deserialize_with = "text")]
    delivery_date: Cow<'a, str>,
    /// A text, or `true` and the text in `message`.
    #[serde(borrow, deserialize_with = "text")]
    err: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    error: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "text")]
    message: Cow<'a, str>,
    /// Of a part that is a status.
    #[serde(borrow, rename = "Date", deserialize_with = "text")]
    date: Cow<'a, str>,
    #[serde(borrow, rename = "Name", deserialize_with = "text")]
    name: Cow<'a, str>,
}

fn statuses<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Status<'de>>>, D::Error> {
    many(deserializer).map(Some)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status<'a> {
    #[serde(borrow, rename = "Date", deserialize_with = "text")]
    date: Cow<'a, str>,
    #[serde(borrow, rename = "Name", deserialize_with = "text")]
    name: Cow<'a, str>,
}

fn outcome(call: &Call, response: &Response<Bytes>) -> Outcome {
    let Parts(parts) = serde_json::from_slice(response.body()).unwrap_or_default();
    let error = parts.iter().find_map(|part| {
        let said = [&part.err, &part.error]
            .into_iter()
            .find(|text| !text.is_empty() && *text != "false")?;
        Some(if said == "true" { &part.message } else { said })
    });
    let by_status = Failure::of_status(response, call.asked_at);
    if let Some(error) = error {
        return refusal(call, response, error, by_status);
    }
    if let Some(failure) = by_status {
        return failure.into();
    }
    if parts.iter().any(|part| !part.date.is_empty()) {
        let statuses: Vec<Status<'_>> = parts
            .into_iter()
            .map(|Part { date, name, .. }| Status { date, name })
            .collect();
        return Outcome::Found(vec![Found::new(report(&statuses, ""))]);
    }
    let part = parts
        .into_iter()
        .find_map(|part| Some((part.statuses?, part.delivery_date)));
    match part {
        // It may exist, but nothing has been told of it.
        Some((statuses, _)) if statuses.is_empty() => Outcome::NotFound,
        Some((statuses, day)) => Outcome::Found(vec![Found::new(report(&statuses, &day))]),
        None => Failure::unreadable("expected JSON with `statuses`").into(),
    }
}

/// The texts of errors are not documented, so they are told apart by stems of
/// words; what is said of the token comes first, because it "is not found" too.
fn refusal(
    call: &Call,
    response: &Response<Bytes>,
    error: &str,
    by_status: Option<Failure>,
) -> Outcome {
    let error = error.to_lowercase();
    let says = |stems: &[&str]| stems.iter().any(|stem| error.contains(stem));
    let (kind, what) = if says(&["token", "токен", "контракт", "авториз", "учетн", "учётн"])
    {
        (ErrorKind::Unauthorized, "the token is refused")
    } else if says(&["лимит", "превышен", "слишком", "limit"]) {
        let after = retry_after(response.headers(), call.asked_at);
        (ErrorKind::RateLimited { after }, "too many requests")
    } else if says(&["недоступ", "позже", "временно", "попробуйте", "повторите"])
    {
        // Before what "has no access", of which it is a part.
        (ErrorKind::Unavailable, "that it is down")
    } else if says(&["не найден", "нет данных", "не существует", "отсутству"])
    {
        return Outcome::NotFound;
    } else if says(&["доступ", "запрещ"]) {
        (ErrorKind::Denied, "the method is not allowed")
    } else if says(&["некорректн", "неверный код", "неправильн"]) {
        return Outcome::Invalid;
    } else {
        let kind = by_status.map_or(ErrorKind::Rejected, |failure| failure.kind);
        (kind, "an error of no known kind")
    };
    Failure::new(kind, format!("Boxberry answered {what}")).into()
}

fn report(statuses: &[Status<'_>], day: &str) -> Report {
    let mut scans: Vec<Scan> = statuses.iter().filter_map(scan).collect();
    // The oldest comes first; equal times keep their order.
    scans.sort_by_key(|scan| scan.time);
    for (scan, sequence) in scans.iter_mut().zip(0..) {
        scan.sequence = sequence;
    }
    let is_over = scans
        .iter()
        .filter_map(|scan| scan.meaning.status())
        .any(|status| status.is_final() || status == ShipmentStatus::Returning);
    Report {
        // `0001-01-01` is none.
        eta: day
            .get(..10)
            .and_then(compact_date)
            .filter(|_| !is_over)
            .map(|day| Eta::on(day, EtaSource::Carrier)),
        scans,
        ..Report::default()
    }
}

fn scan(status: &Status<'_>) -> Option<Scan> {
    Some(Scan {
        time: time(&status.date)?,
        meaning: names::meaning(&status.name),
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
fn time(text: &str) -> Option<ScanTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = match date.split('.').collect::<Vec<_>>()[..] {
        [day, month, year] => compact_date(&format!("{year}-{month:0>2}-{day:0>2}"))?,
        _ => compact_date(date)?,
    };
    Some(match compact_time(time.trim()) {
        Some(time) => ScanTime::zoned(date.to_datetime(time), Offset::constant(3)),
        None => ScanTime::day(date),
    })
}
