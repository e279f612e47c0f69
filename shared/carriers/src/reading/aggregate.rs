//! What the aggregators have in common: carriers that track the shipments of
//! other carriers, and so speak their words and live by their clocks.

mod countries;

use crate::{
    carrier::{CarrierRequest, Exchange, TrackingQuery, get_json},
    reading::scans,
    wire::present_text,
};
use bytes::Bytes;
use http::{HeaderName, Request, Response, StatusCode, header::CONTENT_TYPE};
use jiff::{Timestamp, civil::Time, tz::Offset};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    id::CarrierId,
    report::{Alias, Proof},
    scan::{Place, Scan},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::Serialize;
use std::time::Duration;

/// When to look again after a registration: the aggregator has then asked the
/// carrier once.
pub(crate) const FIRST_LOOK: Duration = Duration::from_mins(10);

/// A JSON question.
pub(crate) fn post_json(url: &str, body: &impl Serialize) -> Request<Bytes> {
    let body = serde_json::to_vec(body).expect("a question has only string keys");
    Request::post(url)
        .header(CONTENT_TYPE, "application/json")
        .body(Bytes::from(body))
        .expect("a checked base URL and a fixed path make a URL")
}

/// The base URL of a call whose path begins with `root`; nothing of a recorded one.
pub(crate) fn base_of(call: &CarrierRequest, root: &str) -> String {
    let Exchange::Send(request) = &call.exchange else {
        return String::new();
    };
    let url = request.uri().to_string();
    match url.find(root) {
        Some(at) => url[..at].to_owned(),
        None => String::new(),
    }
}

/// Marks the answer that we give ourselves.
static UNASKED: HeaderName = HeaderName::from_static("posthorn-unasked");

/// A question that cannot be put: the aggregator insists on the carrier's name,
/// and it is unknown.
fn unaskable_request(wanted: &TrackingQuery, now: Timestamp) -> CarrierRequest {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response.headers_mut().insert(
        UNASKED.clone(),
        http::HeaderValue::from_static("no carrier"),
    );
    CarrierRequest::already_answered(response, vec![wanted.clone()], now)
}

/// A question in a URL for each number, of an aggregator that insists on the carrier.
pub(crate) fn each_of_carrier(
    wanted: &[TrackingQuery],
    now: Timestamp,
    url: impl Fn(&CarrierId, &TrackingQuery) -> String,
) -> Vec<CarrierRequest> {
    wanted
        .iter()
        .map(|wanted| match &wanted.details.carrier {
            Some(carrier) => {
                let request = get_json(url(carrier, wanted));
                CarrierRequest::to_send(request, vec![wanted.clone()], now)
            }
            None => unaskable_request(wanted, now),
        })
        .collect()
}

/// Whether an answer is that of [`unaskable_request`].
pub(crate) fn is_unasked(response: &Response<Bytes>) -> bool {
    response.headers().contains_key(&UNASKED)
}

/// A time as ISO 8601 has it: a day, a wall clock, or one with its offset, in
/// whole seconds. A year before 2000 is a placeholder and no time.
pub(crate) fn parse_stamp(text: &str) -> Option<ScanTime> {
    let stamp: ScanTime = text.parse().ok()?;
    if stamp.local_date().year() < 2000 {
        return None;
    }
    let Some(time) = stamp.local_time() else {
        return Some(stamp);
    };
    let at = stamp
        .local_date()
        .at(time.hour(), time.minute(), time.second(), 0);
    Some(match stamp.utc_offset() {
        Some(offset) => ScanTime::from_zoned(at, offset),
        None => ScanTime::from_local(at),
    })
}

/// The same wall clock without its offset.
pub(crate) fn wall_clock(stamp: ScanTime) -> ScanTime {
    match stamp.local_time() {
        Some(time) => ScanTime::from_local(stamp.local_date().to_datetime(time)),
        None => stamp,
    }
}

/// The same time, but only the day if it is midnight: a carrier that gives only
/// days comes out of an aggregator with zeros.
pub(crate) fn without_midnight(stamp: ScanTime) -> ScanTime {
    if stamp.local_time() == Some(Time::midnight()) {
        ScanTime::from_day(stamp.local_date())
    } else {
        stamp
    }
}

/// A time whose `Z` is the carrier's own clock.
pub(crate) fn false_zulu(text: &str) -> Option<ScanTime> {
    let stamp = parse_stamp(text)?;
    Some(without_midnight(
        if stamp.utc_offset() == Some(Offset::UTC) {
            wall_clock(stamp)
        } else {
            stamp
        },
    ))
}

/// A place from the parts that an aggregator keeps apart. Where it could not
/// take the carrier's text apart, that is the city, unless it is only a country.
pub(crate) fn read_place(city: &str, region: &str, country: &str, text: &str) -> Place {
    let is_whole = city.is_empty() && region.is_empty() && text.len() > 3;
    Place {
        city: public_name(if is_whole { text } else { city }),
        region: public_name(region),
        country: countries::alpha_2(country),
    }
}

/// A name of a place that is no personal data. A house number or a postcode has
/// a digit, and hardly any city has.
fn public_name(text: &str) -> Option<String> {
    let is_plain = !text
        .bytes()
        .any(|byte| byte.is_ascii_digit() || byte == b'@');
    (is_plain && !text.is_empty() && text.len() <= 80).then(|| text.to_owned())
}

/// What comes before a name in the words of a carrier.
const BEFORE_NAMES: [&str; 5] = [
    "signed by",
    "signed for by",
    "received by",
    "signature:",
    "recipient:",
];

/// What a carrier says, without the person who signed: an aggregator repeats
/// the carriers' own sentences, and some of them name people.
pub(crate) fn impersonal_text(text: &str) -> String {
    if text.contains('@') {
        return String::new();
    }
    let name = BEFORE_NAMES
        .iter()
        .filter_map(|words| find_ignoring_case(text, words))
        .min();
    match name {
        Some(at) => text[..at]
            .trim_end_matches([' ', ',', ';', ':', '-', '.', '('])
            .to_owned(),
        None => text.to_owned(),
    }
}

/// Where `words` (in lower case) begin in `text`.
pub(crate) fn find_ignoring_case(text: &str, words: &str) -> Option<usize> {
    let (text, words) = (text.as_bytes(), words.as_bytes());
    text.windows(words.len())
        .position(|window| window.eq_ignore_ascii_case(words))
}

/// Whether anything says that the shipment goes back to its sender.
pub(crate) fn goes_back(scans: &[Scan], stated: Option<Reason>) -> bool {
    scans::go_back(scans) || stated.is_some_and(|reason| reason.to_status().is_backward())
}

/// Whether the newest status is one after which nothing is expected.
pub(crate) fn is_over(scans: &[Scan], stated: Option<Reason>) -> bool {
    let newest = scans
        .iter()
        .rev()
        .find_map(|scan| scan.meaning.status_reason())
        .or(stated);
    newest.is_some_and(|reason| reason.to_status().is_final())
}

/// The proof of a delivery that was signed for.
pub(crate) fn read_proof(scans: &[Scan], received_by: &str) -> Option<Proof> {
    let received_by = present_text(received_by)?;
    let delivery = scans
        .iter()
        .rev()
        .find(|scan| scan.meaning.shipment_status() == Some(ShipmentStatus::Delivered));
    Some(Proof {
        at: delivery.map(|scan| scan.time),
        received_by: Some(received_by),
        drop_off_location: None,
    })
}

/// When a shipment is expected: a day or several, and the hours only if both ends
/// of one day are given.
pub(crate) fn read_eta(
    from: Option<ScanTime>,
    to: Option<ScanTime>,
    source: EtaSource,
) -> Option<Eta> {
    let (first, last) = (from.or(to)?, to.or(from)?);
    let (first, last) = if first.local_date() <= last.local_date() {
        (first, last)
    } else {
        (last, first)
    };
    let is_one_day = first.local_date() == last.local_date();
    let window = first
        .local_time()
        .zip(last.local_time())
        .filter(|(from, to)| is_one_day && from < to && !is_whole_day(*from, *to));
    Some(Eta {
        from: first.local_date(),
        to: last.local_date(),
        window,
        source,
    })
}

/// Midnight to 23:59 is a day and no window.
fn is_whole_day(from: Time, to: Time) -> bool {
    from == Time::midnight() && to.hour() == 23 && to.minute() == 59
}

/// Another number of the same shipment.
pub(crate) fn read_alias(
    text: &str,
    carrier: Option<&'static str>,
    number: &TrackingNumber,
) -> Option<Alias> {
    let other = TrackingNumber::parse(text).ok()?;
    (other != *number).then(|| Alias {
        number: other,
        carrier: carrier.and_then(|id| posthorn_domain::id::CarrierId::parse(id).ok()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_after_a_signature_is_not_repeated() {
        for (said_by_carrier, kept) in [
            ("Delivered, signed by A NAME", "Delivered"),
            ("DELIVERED - SIGNED FOR BY: A NAME", "DELIVERED"),
            (
                "Package delivered (Received by: A NAME)",
                "Package delivered",
            ),
            ("Signed by a.name@example.com", ""),
            ("Arrived at Facility.", "Arrived at Facility."),
            ("Zugestellt in Köln", "Zugestellt in Köln"),
        ] {
            assert_eq!(impersonal_text(said_by_carrier), kept);
        }
    }

    #[test]
    fn a_place_with_a_number_is_no_city() {
        assert_eq!(read_place("12 High Street", "CA", "usa", "").city, None);
        assert_eq!(
            read_place("12 High Street", "CA", "usa", "")
                .country
                .as_deref(),
            Some("US")
        );
        assert_eq!(read_place("Köln", "", "", "").city.as_deref(), Some("Köln"));
        assert_eq!(read_place("", "", "", "Köln").city.as_deref(), Some("Köln"));
        assert_eq!(read_place("", "", "US", "US").city, None);
    }

    #[test]
    fn an_expected_day_has_hours_only_if_both_ends_are_given() {
        let window = |from: &str, to: &str| {
            read_eta(parse_stamp(from), parse_stamp(to), EtaSource::Carrier)
                .map(|eta| eta.window.is_some())
        };
        assert_eq!(
            window("2026-11-20T10:00:00Z", "2026-11-20T12:00:00Z"),
            Some(true)
        );
        assert_eq!(
            window("2026-11-20T00:00:00Z", "2026-11-20T23:59:59Z"),
            Some(false)
        );
        assert_eq!(window("2026-11-20T10:00:00Z", ""), Some(false));
        assert_eq!(window("2026-11-20", "2026-11-22"), Some(false));
        assert_eq!(window("0001-01-01T00:00:00", "garbage"), None);
    }
}
