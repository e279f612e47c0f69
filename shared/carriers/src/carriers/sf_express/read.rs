//! Reads an answer of SF Express: JSON whose result is JSON again, in a text.

use super::codes;
use crate::{
    carrier::{CarrierRequest, ParsedResponse, TrackingQuery},
    outcome::{CarrierError, CarrierErrorKind, Found, TrackingResult, plain_code, retry_after},
    reading::scans::go_back,
    wire::{
        compact_date, compact_time, deserialize_many, deserialize_one, deserialize_text, is_number,
    },
};
use bytes::Bytes;
use http::Response;
use jiff::tz::Offset;
use posthorn_domain::{
    id::CarrierId,
    report::{Alias, Report},
    scan::{Place, Scan, ScanMeaning},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor, value::MapAccessDeserializer},
};
use std::{borrow::Cow, fmt};

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    api_result_code: Cow<'a, str>,
    #[serde(borrow)]
    api_result_data: Inner<'a>,
}

/// The result: usually a text with JSON in it, sometimes the JSON itself.
#[derive(Debug, Default)]
enum Inner<'a> {
    #[default]
    Missing,
    Text(Cow<'a, str>),
    Data(Data<'a>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Inner<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct InnerVisitor;
        impl<'de> Visitor<'de> for InnerVisitor {
            type Value = Inner<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a result, or a text of one")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Inner::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Inner::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
                Data::deserialize(MapAccessDeserializer::new(map)).map(Inner::Data)
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Inner::Missing)
            }
        }
        deserializer.deserialize_any(InnerVisitor)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Data<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    success: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    error_code: Cow<'a, str>,
    #[serde(borrow, rename = "msgData", deserialize_with = "deserialize_one")]
    message: Message<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Message<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    route_resps: Vec<Route<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Route<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    mail_no: Cow<'a, str>,
    #[serde(borrow, rename = "routes", deserialize_with = "deserialize_many")]
    points: Vec<Point<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Point<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    accept_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    accept_address: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    remark: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    op_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    reason_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    first_status_code: Cow<'a, str>,
}

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    if let Some(failure) = CarrierError::of_status(response, call.asked_at) {
        return call.same_for_all(&failure.into());
    }
    let body: Body<'_> = match serde_json::from_slice(response.body()) {
        Ok(body) => body,
        Err(_) => return unreadable_response(call),
    };
    match body.api_result_code.as_ref() {
        "A1000" => {}
        "" => return unreadable_response(call),
        code => return call.same_for_all(&platform_failure(call, response, code).into()),
    }
    match body.api_result_data {
        Inner::Data(data) => read_data(call, &data),
        Inner::Text(text) => match serde_json::from_str(&text) {
            Ok(data) => read_data(call, &data),
            Err(_) => unreadable_response(call),
        },
        Inner::Missing => unreadable_response(call),
    }
}

fn read_data(call: &CarrierRequest, data: &Data<'_>) -> ParsedResponse {
    match data.error_code.as_ref() {
        "S0000" => {}
        "" if data.success == "true" => {}
        "" => return unreadable_response(call),
        code => return call.same_for_all(&read_refusal(call, code)),
    }
    ParsedResponse {
        outcomes: call
            .queries
            .iter()
            .map(|wanted| (wanted.number.clone(), read_result(wanted, &data.message)))
            .collect(),
        next: Vec::new(),
    }
}

fn unreadable_response(call: &CarrierRequest) -> ParsedResponse {
    call.same_for_all(
        &CarrierError::unreadable_response(
            "expected JSON with `apiResultCode` and `apiResultData`",
        )
        .into(),
    )
}

/// Failures of the platform before its service has seen the question.
fn platform_failure(call: &CarrierRequest, response: &Response<Bytes>, code: &str) -> CarrierError {
    let kind = match code {
        // A token that has expired, a signature that is wrong.
        "A1002" | "A1006" => CarrierErrorKind::Unauthorized,
        // From this address, for this service, or only in the sandbox.
        "A1003" | "A1004" | "A1010" => CarrierErrorKind::Denied,
        "A1005" => CarrierErrorKind::RateLimited {
            after: retry_after(response.headers(), call.asked_at),
        },
        "A1009" | "A1099" => CarrierErrorKind::Unavailable,
        _ => CarrierErrorKind::Rejected,
    };
    CarrierError::new(kind, format!("SF Express answered {}", plain_code(code)))
}

/// What the service itself refuses. Which of several numbers is wrong it does
/// not say.
fn read_refusal(call: &CarrierRequest, code: &str) -> TrackingResult {
    match code {
        "8191" | "8247" if call.queries.len() == 1 => TrackingResult::Invalid,
        _ => CarrierError::rejected_request(format!("SF Express answered {}", plain_code(code)))
            .into(),
    }
}

/// SF names a number that it does not know without a route, or not at all; a
/// number whose telephone digits are missing or wrong just so.
fn read_result(wanted: &TrackingQuery, message: &Message<'_>) -> TrackingResult {
    let is_meant = |route: &&Route<'_>| is_number(&route.mail_no, &wanted.number);
    let points: Vec<&Point<'_>> = message
        .route_resps
        .iter()
        .filter(is_meant)
        .flat_map(|route| &route.points)
        .collect();
    if points.is_empty() {
        return TrackingResult::NotFound;
    }
    let mut scans: Vec<Scan> = points.iter().filter_map(|point| read_scan(point)).collect();
    // The oldest comes first; equal times keep their order.
    scans.sort_by_key(|scan| scan.time);
    for (scan, sequence) in scans.iter_mut().zip(0..) {
        scan.sequence = sequence;
    }
    let renumbered = points
        .iter()
        .filter_map(|point| new_number(point))
        .filter(|number| *number != wanted.number);
    let report = Report {
        aliases: renumbered
            .map(|number| Alias {
                number,
                carrier: CarrierId::parse("sf_express").ok(),
            })
            .collect(),
        is_return: go_back(&scans),
        scans,
        ..Report::default()
    };
    TrackingResult::Found(vec![Found::new(report)])
}

fn read_scan(point: &Point<'_>) -> Option<Scan> {
    let meaning = match point.op_code.as_ref() {
        "648" => map_renumbering(&point.remark),
        code => codes::map_meaning(code, &point.reason_code, &point.first_status_code),
    };
    Some(Scan {
        time: read_time(&point.accept_time)?,
        meaning,
        code: match point.reason_code.as_ref() {
            "" => point.op_code.to_string(),
            reason => format!("{} {reason}", point.op_code),
        },
        text: without_people(&point.remark, meaning),
        place: Place {
            city: (!point.accept_address.is_empty()).then(|| point.accept_address.to_string()),
            ..Place::default()
        },
        sequence: 0,
        is_inferred: meaning != ScanMeaning::Unknown && codes::is_new(&point.op_code),
    })
}

/// It goes on under a new number: back (退回), or elsewhere (转寄). Where the
/// remark names both, the new number will tell.
fn map_renumbering(remark: &str) -> ScanMeaning {
    match (remark.contains("退回"), remark.contains("转寄")) {
        (true, false) => ScanMeaning::Status(Reason::ToSender),
        (false, true) => ScanMeaning::Status(Reason::Forwarded),
        (true, true) | (false, false) => ScanMeaning::Note,
    }
}

/// The number after `新单号为`, "the new number is".
fn new_number(point: &Point<'_>) -> Option<TrackingNumber> {
    if point.op_code != "648" {
        return None;
    }
    let (_, after) = point.remark.split_once("新单号为")?;
    let number: String = after
        .chars()
        .skip_while(|character| !character.is_ascii_alphanumeric())
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    if number.len() < 10 {
        return None;
    }
    TrackingNumber::parse(&number).ok()
}

/// The remark, unless it may tell a person: SF writes the courier's name and
/// telephone, who signed, and the code that opens a locker into it.
fn without_people(remark: &str, meaning: ScanMeaning) -> String {
    const PEOPLE: [&str; 12] = [
        "派件人",
        "派送员",
        "快递员",
        "收派员",
        "小哥",
        "电话",
        "手机",
        "联系",
        "签收人",
        "收件人",
        "取件码",
        "验证码",
    ];
    let is_at_the_door = matches!(
        meaning.shipment_status(),
        Some(
            ShipmentStatus::OutForDelivery
                | ShipmentStatus::AvailableForPickup
                | ShipmentStatus::AttemptFailed
                | ShipmentStatus::Delivered
        )
    );
    let has_telephone = remark
        .split(|character: char| !character.is_ascii_digit() && character != '-')
        .any(|run| run.len() >= 7);
    let names_person = PEOPLE.iter().any(|word| remark.contains(word))
        || has_telephone
        || (is_at_the_door && remark.contains(['【', '[', '(', '（', ':', '：']));
    if names_person {
        String::new()
    } else {
        remark.to_owned()
    }
}

/// `2026-11-18 10:15:00`, by the clock of China, which is eight hours ahead of
/// UTC all year.
fn read_time(text: &str) -> Option<ScanTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = compact_date(date)?;
    Some(match compact_time(time.trim()) {
        Some(time) => ScanTime::from_zoned(date.to_datetime(time), Offset::constant(8)),
        None => ScanTime::from_day(date),
    })
}
