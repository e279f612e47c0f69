//! What the three carriers of DHL have in common: codes, texts and places.

mod countries;
mod express;
mod parcel_de;
mod places;

pub(crate) use express::EXPRESS;
pub(crate) use parcel_de::STANDARD_EVENTS;
pub(crate) use places::{parse_country, read_place};

use crate::carrier::{CarrierRequest, Exchange, TrackingQuery};
use posthorn_domain::{
    scan::ScanMeaning, status::ShipmentStatus, time::ScanTime, tracking_number::TrackingNumber,
};

/// Codes and their meanings, sorted by code.
pub(crate) type CodeTable = &'static [(&'static str, ScanMeaning)];

/// What a table says of a code.
pub(crate) fn lookup_code(table: CodeTable, code: &str) -> Option<ScanMeaning> {
    let at = table.binary_search_by_key(&code, |(known, _)| known).ok()?;
    Some(table[at].1)
}

/// Whether the shipment has this status by this meaning.
pub(crate) fn has_status(meaning: ScanMeaning, status: ShipmentStatus) -> bool {
    meaning.shipment_status() == Some(status)
}

/// The text of a scan without the people in it: express writes who signed into
/// the description (`Delivered - Signed for by: …`), or nothing but the name.
pub(crate) fn impersonal_text(text: &str, is_delivered: bool) -> &str {
    let n_digits = |text: &str| {
        text.split(|c: char| !c.is_ascii_digit())
            .map(str::len)
            .max()
            .unwrap_or_default()
    };
    // An address for mail, a postal code, a telephone.
    if text.contains('@') || n_digits(text) >= 5 {
        return "";
    }
    if !is_delivered {
        return text;
    }
    let is_about_the_shipment = [
        "deliver", "collect", "picked", "return", "shipment", "parcel",
    ]
    .iter()
    .any(|word| contains_text(text, word));
    if !is_about_the_shipment {
        return "";
    }
    let end = [":", " - ", "signed", " by ", " to ", " with "]
        .iter()
        .filter_map(|mark| find_text(text, mark))
        .min()
        .unwrap_or(text.len());
    text[..end].trim_end_matches([' ', '-', ',', '.', ':', '('])
}

/// Whether `text` contains `part`, whatever the case of ASCII letters; `part`
/// is in lower case.
pub(crate) fn contains_text(text: &str, part: &str) -> bool {
    find_text(text, part).is_some()
}

/// Where `part` begins in `text`. It begins and ends with ASCII, so that the
/// place is the border of a character.
fn find_text(text: &str, part: &str) -> Option<usize> {
    let first = part.as_bytes().first()?;
    (0..text.len())
        .find(|at| text.as_bytes()[*at].eq_ignore_ascii_case(first) && begins_at(text, *at, part))
}

/// Whether `part` begins there, whatever the case of ASCII letters.
fn begins_at(text: &str, at: usize, part: &str) -> bool {
    text.as_bytes()
        .get(at..at + part.len())
        .is_some_and(|piece| piece.eq_ignore_ascii_case(part.as_bytes()))
}

/// A time that is one: not before the year 2000, and a day only at midnight,
/// which stands for an unknown hour.
pub(crate) fn plausible_time(time: ScanTime) -> Option<ScanTime> {
    let is_midnight = time.local_time() == Some(jiff::civil::Time::midnight());
    (time.local_date().year() >= 2000).then_some(if is_midnight {
        ScanTime::from_day(time.local_date())
    } else {
        time
    })
}

/// Whether both are the same number; some systems of DHL drop leading zeros.
pub(crate) fn is_number(text: &str, number: &TrackingNumber) -> bool {
    TrackingNumber::parse(text).is_ok_and(|other| {
        other == *number
            || other.as_str().trim_start_matches('0') == number.as_str().trim_start_matches('0')
    })
}

/// The same question about fewer numbers, in two halves. `request` makes it from
/// the address of the first one, without its query.
pub(crate) fn split_request(
    call: &CarrierRequest,
    wanted: &[TrackingQuery],
    request: impl Fn(&str, &[TrackingQuery]) -> http::Request<bytes::Bytes>,
) -> Vec<CarrierRequest> {
    let Exchange::Send(asked) = &call.exchange else {
        return Vec::new();
    };
    let uri = asked.uri().to_string();
    let address = uri.split('?').next().unwrap_or_default();
    let (first, second) = wanted.split_at(wanted.len() / 2);
    [first, second]
        .into_iter()
        .filter(|half| !half.is_empty())
        .map(|half| CarrierRequest::to_send(request(address, half), half.to_vec(), call.asked_at))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_hold_no_code_twice() {
        for table in [EXPRESS, STANDARD_EVENTS] {
            assert!(table.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn a_text_keeps_no_name() {
        let delivered = |text| impersonal_text(text, true);
        assert_eq!(delivered("Delivered - Signed for by: J DOE"), "Delivered");
        assert_eq!(delivered("Delivered : J DOE"), "Delivered");
        assert_eq!(delivered("JESSICA"), "");
        assert_eq!(
            delivered("The shipment has been successfully delivered"),
            "The shipment has been successfully delivered"
        );
        assert_eq!(delivered("Délivré à é: x"), "");
        assert_eq!(impersonal_text("Write to j@doe.example", false), "");
        assert_eq!(
            impersonal_text("Arrived at DHL Sort Facility - SYDNEY-AU", false),
            "Arrived at DHL Sort Facility - SYDNEY-AU"
        );
    }
}
