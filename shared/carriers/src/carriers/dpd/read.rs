//! Reads an answer of DPD.

use crate::{
    auth::LoginSession,
    carrier::{CarrierRequest, ParsedResponse},
    outcome::{CarrierError, Found, TrackingResult, plain_code},
    reading::{
        scans::{ScanOrder, in_sequence},
        words,
    },
    wire::{compact_date, compact_time, present_text},
    xml::{Document, Element, fault_detail, soap_body},
};
use bytes::Bytes;
use http::{Response, header::DATE};
use jiff::{
    civil::{Date, DateTime, Time},
    tz::Offset,
};
use posthorn_domain::{
    report::{Proof, Report},
    scan::{
        Place, Scan,
        ScanMeaning::{self, Status, Unknown},
    },
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};
use std::time::Duration;

/// How long a token holds of which we cannot tell.
const SHORT_LIFETIME: Duration = Duration::from_hours(1);

pub(super) fn read_response(call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
    let Some(wanted) = call.queries.first() else {
        return ParsedResponse::default();
    };
    let document = Document::parse(response.body());
    let content = document.as_ref().and_then(soap_body);
    let outcome = content
        .and_then(|content| read_fault(content))
        .or_else(|| CarrierError::of_status(response, call.asked_at).map(TrackingResult::Failed))
        .unwrap_or_else(|| read_found(content));
    ParsedResponse::single_result(wanted.number.clone(), outcome)
}

/// Whether an answer says that the token no longer holds: by the fault of
/// DPD's authentication, whose code also stands for wrong credentials.
pub(super) fn is_session_over(response: &Response<Bytes>) -> bool {
    if words::is_session_over(response) {
        return true;
    }
    // Most answers are no fault and are read only once.
    let is_fault = response.body().windows(5).any(|bytes| bytes == b"Fault");
    let document = is_fault.then(|| Document::parse(response.body())).flatten();
    document
        .as_ref()
        .and_then(soap_body)
        .and_then(fault_code)
        .is_some_and(is_of_session)
}

/// The published ones: `DELICOM_ERR_AUTHENTICATION`, `ERR_DELICOM_TOKEN_EXPIRED`
/// and `ERR_DELICOM_TOKEN_INCORRECT`.
fn is_of_session(code: &str) -> bool {
    matches!(
        code,
        "DELICOM_ERR_AUTHENTICATION" | "ERR_DELICOM_TOKEN_EXPIRED" | "ERR_DELICOM_TOKEN_INCORRECT"
    )
}

/// The code in a fault's detail: `errorCode` in that of the authentication,
/// `faultCode` in those of the services. Empty if there is none.
fn fault_code(content: Element<'_>) -> Option<&str> {
    if content.element_name() != "Fault" {
        return None;
    }
    let code = fault_detail(content).and_then(|detail| {
        ["errorCode", "faultCode"]
            .into_iter()
            .find_map(|name| detail.find_element(name))
    });
    Some(code.map_or("", Element::own_text))
}

/// What a fault means. DPD publishes no list of the codes of the life cycle:
/// an unknown shipment is recognised by a code that says so in words.
fn read_fault(content: Element<'_>) -> Option<TrackingResult> {
    let code = fault_code(content)?;
    if is_of_session(code) {
        return Some(
            CarrierError::unauthorized_access(format!("DPD refused the token ({code})")).into(),
        );
    }
    if code.contains("NOT_FOUND") || code.contains("NO_DATA") {
        return Some(TrackingResult::NotFound);
    }
    let plain = plain_code(code);
    // SOAP comes with status 500 for each fault, so the status tells nothing;
    // a fault with a code is an answer, one without is a breakdown.
    Some(TrackingResult::Failed(if plain.is_empty() {
        CarrierError::unavailable_carrier("DPD answered a fault without a code")
    } else {
        CarrierError::rejected_request(format!("DPD answered fault {plain}"))
    }))
}

/// Reads the answer to a login. The same token is given for a whole day, so it
/// may be nearly over; when it ends is said in UTC.
pub(super) fn read_session(response: &Response<Bytes>) -> Result<LoginSession, CarrierError> {
    let document = Document::parse(response.body());
    let content = document.as_ref().and_then(soap_body);
    if let Some(code) = content.and_then(fault_code) {
        return Err(if is_of_session(code) {
            CarrierError::unauthorized_access("DPD refused delisId and password")
        } else {
            CarrierError::unavailable_carrier("DPD's login is at fault")
        });
    }
    let login = content.and_then(|content| content.find_child("return"));
    let token = login.map_or("", |login| login.field_text("authToken"));
    if token.is_empty() {
        return Err(CarrierError::unreadable_response(
            "expected XML with `authToken`",
        ));
    }
    let until = login.map_or("", |login| login.field_text("authTokenExpires"));
    Ok(LoginSession {
        token: token.to_owned().into(),
        lifetime: session_lifetime(response, until).unwrap_or(SHORT_LIFETIME),
    })
}

/// From the answer's own date to the end, at most the 24 hours of a token.
fn session_lifetime(response: &Response<Bytes>, until: &str) -> Option<Duration> {
    let until: DateTime = until.trim_end_matches('Z').parse().ok()?;
    let date = response.headers().get(DATE)?.to_str().ok()?;
    let now = jiff::fmt::rfc2822::parse(date).ok()?.timestamp();
    let until = Offset::UTC.to_timestamp(until).ok()?;
    let seconds = u64::try_from(until.as_second() - now.as_second()).ok()?;
    Some(Duration::from_secs(seconds.min(24 * 60 * 60)))
}

fn read_found(content: Option<Element<'_>>) -> TrackingResult {
    let result = content.and_then(|content| content.find_child("trackingresult"));
    let Some(result) = result else {
        return CarrierError::unreadable_response("expected XML with `trackingresult`").into();
    };
    let shipment = result.find_child("shipmentInfo");
    let reached: Vec<Element<'_>> = result
        .children_named("statusInfo")
        .filter(is_reached)
        .collect();
    if shipment.is_none() && reached.is_empty() {
        // Every element of the result may be missing: nothing is known.
        return TrackingResult::NotFound;
    }
    let scans = read_scans(&reached);
    let current = reached
        .iter()
        .find(|info| info.field_text("isCurrentStatus") == "true")
        .map(|info| map_meaning(*info));
    let announced = shipment.filter(is_reached).map(map_meaning);
    let stated = current.or(announced).and_then(ScanMeaning::status_reason);
    let proof = scans.iter().rev().find(|scan| is_delivery(scan.meaning));
    let service = shipment.map_or("", |shipment| {
        shipment.text_at(&["serviceDescription", "content", "content"])
    });
    TrackingResult::Found(vec![Found::new(Report {
        proof: proof.map(|scan| Proof {
            at: Some(scan.time),
            ..Proof::default()
        }),
        reported_status: stated,
        service: present_text(service),
        scans,
        ..Report::default()
    })])
}

/// Oldest first. DPD lists them either way round, and equal times occur.
fn read_scans(reached: &[Element<'_>]) -> Vec<Scan> {
    let scans = reached.iter().filter_map(|info| read_scan(*info)).collect();
    in_sequence(scans, ScanOrder::OldestFirst)
}

fn is_delivery(meaning: ScanMeaning) -> bool {
    meaning.shipment_status() == Some(ShipmentStatus::Delivered)
}

/// Steps that are still to come are listed too.
fn is_reached(info: &Element<'_>) -> bool {
    info.field_text("statusHasBeenReached") == "true"
}

/// Statuses of the Shipper Webservices and, in capitals, of the older public
/// ones. DPD does not say why a shipment could not be delivered.
const STATUSES: [(&str, ScanMeaning); 17] = [
    ("SHIPMENT", Status(Reason::Label)),
    ("ACCEPTED", Status(Reason::Accepted)),
    ("PickedUp", Status(Reason::Accepted)),
    ("AT_SENDING_DEPOT", Status(Reason::ArrivalScan)),
    ("ON_THE_ROAD", Status(Reason::Moving)),
    ("BetweenDepots", Status(Reason::Moving)),
    ("Consolidation", Status(Reason::Moving)),
    ("Warehouse", Status(Reason::Moving)),
    ("AT_DELIVERY_DEPOT", Status(Reason::ArrivalScan)),
    ("Depot", Status(Reason::ArrivalScan)),
    ("Customs", Status(Reason::CustomsProcessing)),
    ("OUT_FOR_DELIVERY", Status(Reason::Today)),
    ("Courier", Status(Reason::Today)),
    ("ParcelShop", Status(Reason::Ready)),
    ("DeliveryFailure", Status(Reason::AttemptGeneric)),
    // Back at the depot after an attempt that failed.
    ("ReturningFromDelivery", Status(Reason::AttemptGeneric)),
    ("Delivered", Status(Reason::DeliveredGeneric)),
];

fn map_meaning(info: Element<'_>) -> ScanMeaning {
    let code = info.field_text("status");
    let known = STATUSES
        .iter()
        .find(|(status, _)| status.eq_ignore_ascii_case(code));
    match known {
        // "Delivered by driver to Pickup parcelshop" is not delivered.
        Some((_, meaning))
            if is_delivery(*meaning) && describe_status(info).ends_with("to Pickup parcelshop") =>
        {
            Status(Reason::Ready)
        }
        Some((_, meaning)) => *meaning,
        None => Unknown,
    }
}

fn describe_status(info: Element<'_>) -> &str {
    let text = info.text_at(&["description", "content", "content"]);
    if text.is_empty() {
        info.text_at(&["label", "content"])
    } else {
        text
    }
}

fn read_scan(info: Element<'_>) -> Option<Scan> {
    Some(Scan {
        time: read_time(info.text_at(&["date", "content"]))?,
        meaning: map_meaning(info),
        code: info.field_text("status").to_owned(),
        text: describe_status(info).to_owned(),
        place: read_place(info.text_at(&["location", "content"])),
        sequence: 0,
        is_inferred: false,
    })
}

/// `Mechelen (BE)`.
fn read_place(text: &str) -> Place {
    let with_country = text
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once('('))
        .filter(|(_, country)| {
            country.len() == 2 && country.bytes().all(|byte| byte.is_ascii_alphabetic())
        });
    let (city, country) = match with_country {
        Some((city, country)) => (city.trim(), Some(country.to_ascii_uppercase())),
        None => (text, None),
    };
    Place {
        city: present_text(city),
        country,
        ..Place::default()
    }
}

/// The local wall clock, as `8/17/2021 7:11:26 PM`: month, day and twelve
/// hours. DPD's other language settings write `17-08-2021 19:11:26` or
/// `17.08.2021, 19:11`; with slashes and without `AM` it could be either, so
/// then only a day that is no month is taken.
fn read_time(text: &str) -> Option<ScanTime> {
    let (date, time) = text.split_once([' ', 'T']).unwrap_or((text, ""));
    let date = date.trim_end_matches(',');
    let time = time.trim();
    let half = match time.split_at_checked(time.len().saturating_sub(2)) {
        Some((_, half)) if half.eq_ignore_ascii_case("AM") => Some(0),
        Some((_, half)) if half.eq_ignore_ascii_case("PM") => Some(12),
        _ => None,
    };
    let date = parse_day(date, half.is_some())?;
    let time = match half {
        Some(half) => twelve_hours(&time[..time.len() - 2], half),
        None => compact_time(time.split('.').next().unwrap_or_default()),
    };
    Some(match time {
        Some(time) => ScanTime::from_local(date.to_datetime(time)),
        None => ScanTime::from_day(date),
    })
}

fn parse_day(text: &str, is_american: bool) -> Option<Date> {
    let mut parts = text.split(['/', '-', '.']);
    let (first, second, third) = (parts.next()?, parts.next()?, parts.next()?);
    if first.len() == 4 {
        return compact_date(text);
    }
    let (first, second): (i8, i8) = (first.parse().ok()?, second.parse().ok()?);
    let year: i16 = third.parse().ok()?;
    let (day, month) = if is_american {
        (second, first)
    } else if text.contains('/') && first <= 12 && second <= 12 && first != second {
        return None;
    } else if text.contains('/') && second > 12 {
        (second, first)
    } else {
        (first, second)
    };
    Date::new(year, month, day)
        .ok()
        .filter(|date| date.year() >= 2000)
}

fn twelve_hours(text: &str, half: i8) -> Option<Time> {
    let mut parts = text.trim().split(':').map(str::parse::<i8>);
    let hour = parts.next()?.ok().filter(|hour| (1..=12).contains(hour))?;
    let minute = parts.next()?.ok()?;
    let second = parts.next().unwrap_or(Ok(0)).ok()?;
    Time::new(hour % 12 + half, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twelve_hours_and_twenty_four() {
        let read = |text| read_time(text).map(|time| time.to_string());
        for (text, expected) in [
            ("8/17/2021 7:11:26 PM", Some("2021-08-17T19:11:26")),
            ("8/17/2021 12:00:00 AM", Some("2021-08-17T00:00:00")),
            ("8/17/2021 12:05:00 pm", Some("2021-08-17T12:05:00")),
            ("17-08-2021 19:11:26", Some("2021-08-17T19:11:26")),
            ("17.08.2021, 19:11", Some("2021-08-17T19:11:00")),
            ("2021-08-17T19:11:26.123", Some("2021-08-17T19:11:26")),
            ("17/08/2021 19:11", Some("2021-08-17T19:11:00")),
            ("8/17/2021", Some("2021-08-17")),
            ("7/8/2021 19:11", None),
            ("1/1/0001 12:00:00 AM", None),
            ("8/17/2021 25:11:26 PM", Some("2021-08-17")),
            ("", None),
            ("é PM", None),
        ] {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_country_stands_in_brackets() {
        assert_eq!(read_place("Mechelen (BE)").country.as_deref(), Some("BE"));
        assert_eq!(
            read_place("Depot (oost)").city.as_deref(),
            Some("Depot (oost)")
        );
        assert_eq!(read_place(""), Place::default());
    }

    #[test]
    fn a_token_ends_when_dpd_says_in_utc() {
        let response = |date: &str| {
            Response::builder()
                .header(DATE, date)
                .body(Bytes::new())
                .unwrap()
        };
        let morning = response("Wed, 18 Nov 2026 08:00:00 GMT");
        let hours =
            |text| session_lifetime(&morning, text).map(|lifetime| lifetime.as_secs() / 3600);
        assert_eq!(hours("2026-11-19T07:30:00.06"), Some(23));
        assert_eq!(hours("2026-11-18T08:30:00.635086Z"), Some(0));
        assert_eq!(hours("2027-11-18T08:00:00"), Some(24));
        assert_eq!(hours("2026-11-18T07:00:00"), None);
        assert_eq!(
            session_lifetime(&response("today"), "2026-11-19T07:30:00"),
            None
        );
    }
}
