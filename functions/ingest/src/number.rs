//! What the number field is read with: the carriers that we know, and what the
//! shop calls the one at hand.

use posthorn_carriers::{
    Clues,
    recognise::{rejected_carriers, sight},
    recognise_number,
};
use posthorn_domain::{
    number_field::{self, CarrierDirectory, NumberField},
    tracking_number::TrackingNumber,
};
use url::Url;

/// Parameters of tracking pages that hold the number, in lower case without
/// separators.
const PARAMETERS: &[&str] = &[
    "tracknum",
    "tracknums",
    "tracknumber",
    "tracknumbers",
    "trackingnumber",
    "trackingnumbers",
    "trackingno",
    "trackingnr",
    "trackingid",
    "trackingcode",
    "trackno",
    "trknbr",
    "tlabels",
    "qtctlabels1",
    "inquirynumber1",
    "piececode",
    "awb",
    "awbnumber",
    "waybill",
    "barcode",
    "consignment",
    "consignmentnumber",
    "consignmentid",
    "parcelnumber",
    "parcelid",
    "shipmentid",
    "shipmentnumber",
    "sendungsnummer",
    "numerodecolis",
    "nums",
];
/// Parameters that hold it on the pages of carriers, and anything on others.
const LOOSE_PARAMETERS: &[&str] = &[
    "id",
    "idc",
    "number",
    "no",
    "nr",
    "code",
    "match",
    "search",
    "query",
    "q",
    "reference",
    "ref",
    "parcel",
    "shipment",
    "tracking",
    "track",
    "num",
    "p",
    "s",
];

/// The carriers that we know, as the reader of the number field sees them.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct CarrierLookup<'a> {
    /// What the shop calls the carrier.
    pub(crate) company: Option<&'a str>,
}

impl CarrierLookup<'_> {
    /// What the number field `text` says.
    pub(crate) fn read_number_field(self, text: &str) -> NumberField {
        number_field::parse_number_field(text, &self)
    }
}

impl CarrierDirectory for CarrierLookup<'_> {
    fn is_proved(&self, number: &TrackingNumber) -> bool {
        let found = recognise_number(number, &Clues::default());
        found.iter().any(|found| found.checksum == Some(true))
    }

    fn is_certain(&self, number: &TrackingNumber) -> bool {
        let found = recognise_number(number, &Clues::default());
        found
            .iter()
            .any(posthorn_carriers::CarrierMatch::is_binding)
    }

    fn is_known_form(&self, number: &TrackingNumber) -> bool {
        let rejected = rejected_carriers(number, &Clues::default());
        self.is_certain(number) || rejected.iter().any(|found| found.is_firm)
    }

    fn is_name(&self, words: &str) -> bool {
        let company = self.company.map(str::trim).unwrap_or_default();
        (!company.is_empty() && company.to_lowercase() == words.to_lowercase())
            || !sight::find_by_name(words).is_empty()
    }

    fn numbers_in_link(&self, link: &str) -> Vec<TrackingNumber> {
        let Ok(url) = Url::parse(link) else {
            return Vec::new();
        };
        let is_known = !sight::find_by_host(link).is_empty();
        let named = |names: &[&str]| -> Vec<TrackingNumber> {
            let values = link_parameters(&url).filter(|(name, _)| names.contains(&name.as_str()));
            values
                .flat_map(|(_, value)| numbers_in_value(&value))
                .collect()
        };
        let everywhere = || -> Vec<TrackingNumber> {
            let path = url.path_segments().into_iter().flatten();
            let fragment = url
                .fragment()
                .unwrap_or_default()
                .split(['/', '?', '&', '=']);
            let values = link_parameters(&url).map(|(_, value)| value);
            let parts = path.chain(fragment).map(str::to_owned).chain(values);
            parts.flat_map(|part| numbers_in_value(&part)).collect()
        };
        let mut found: Vec<TrackingNumber> = everywhere()
            .into_iter()
            .filter(|number| self.is_proved(number))
            .collect();
        if found.is_empty() {
            found = named(PARAMETERS);
        }
        if found.is_empty() && is_known {
            found = named(LOOSE_PARAMETERS);
        }
        if found.is_empty() && is_known {
            let mut whole = everywhere().into_iter();
            found.extend(whole.rfind(|number| count_digits(number.as_str()) >= 6));
        }
        found
    }
}

/// The parameters of a link, in its query and its fragment.
fn link_parameters(url: &Url) -> impl Iterator<Item = (String, String)> {
    let fragment = url.fragment().unwrap_or_default();
    let fragment = fragment
        .rsplit_once('?')
        .map_or(fragment, |(_, query)| query);
    let fragment = url::form_urlencoded::parse(fragment.as_bytes());
    let all: Vec<(String, String)> = url
        .query_pairs()
        .chain(fragment)
        .map(|(name, value)| {
            let name = name.chars().filter(char::is_ascii_alphanumeric);
            let name = name.flat_map(char::to_lowercase).collect();
            (name, value.into_owned())
        })
        .collect();
    all.into_iter()
}

/// The numbers that a value of a link may hold: several with a comma between.
fn numbers_in_value(value: &str) -> Vec<TrackingNumber> {
    let parts = value.split([',', ';', '|', '\n', '\r', ' ']);
    parts
        .filter_map(|part| TrackingNumber::parse(part).ok())
        .filter(|number| count_digits(number.as_str()) >= 4)
        .collect()
}

fn count_digits(text: &str) -> usize {
    text.bytes().filter(u8::is_ascii_digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The numbers of a field; `?` for what cannot be read, `link` for a link that
    /// tells none.
    fn read(text: &str) -> String {
        let company = Some("Acme Couriers");
        let field = CarrierLookup { company }.read_number_field(text);
        let mut parts: Vec<&str> = field.numbers.iter().map(TrackingNumber::as_str).collect();
        parts.extend((0..field.unreadable).map(|_| "?"));
        parts.extend(field.link.as_ref().map(|_| "link"));
        parts.join(" ")
    }

    #[track_caller]
    fn check(cases: &[(&str, &str)]) {
        for (text, expected) in cases {
            assert_eq!(read(text), *expected, "{text:?}");
        }
    }

    const UPS: &str = "1Z5R89390357567127";
    const TWO: &str = "1Z5R89390357567127 1Z1E21800376693932";

    #[test]
    fn a_number_may_be_written_as_people_write_it() {
        check(&[
            (UPS, UPS),
            (" 1z 5r8 939 03 5756 7127 ", UPS),
            ("1Z5R8-939-0357567127", UPS),
            ("1Z5R8939\n0357567127", UPS),
            ("１Ｚ５Ｒ８９３９０３５７５６７１２７", UPS),
            ("\u{200b}1Z5R89390357567127\u{a0}", UPS),
            ("0034 0434 1610 9401 5902", "00340434161094015902"),
            ("(00)340434161094015902", "00340434161094015902"),
            ("AX 77-1", "AX771"),
            ("77 88 99", "778899"),
            ("1234 5678 9013", "123456789013"),
            ("99.60.017600.00000001", "996001760000000001"),
            ("SANDBOX-STRAIGHT-9040", "SANDBOXSTRAIGHT9040"),
            ("LX 123456789 CN", "LX123456789CN"),
            ("rr 473 124 829 gb", "RR473124829GB"),
        ]);
    }

    #[test]
    fn several_numbers_stay_several() {
        check(&[
            ("254899580324\n254899580335", "254899580324 254899580335"),
            ("254899580324 254899580335", "254899580324 254899580335"),
            ("254899580324\t254899580335", "254899580324 254899580335"),
            ("1Z5R89390357567127, 1Z1E21800376693932", TWO),
            ("1Z5R89390357567127;1Z1E21800376693932", TWO),
            ("1Z5R89390357567127/1Z1E21800376693932", TWO),
            ("1Z5R89390357567127 | 1Z1E21800376693932", TWO),
            ("1Z5R89390357567127 & 1Z1E21800376693932", TWO),
            ("1Z5R89390357567127 and 1Z1E21800376693932", TWO),
            ("1Z5R89390357567127 - 1Z1E21800376693932", TWO),
            ("1Z5R89390357567127、1Z1E21800376693932", TWO),
            ("1Z 5R8 939 03 5756 7127 1Z 1E2 180 03 7669 3932", TWO),
            ("1. 1Z5R89390357567127 2. 1Z1E21800376693932", TWO),
            ("77889900 77889901", "77889900 77889901"),
            ("77889900, 77889900", "77889900"),
        ]);
    }

    #[test]
    fn labels_are_no_part_of_the_number() {
        check(&[
            ("DHL AWB# 1234567890", "1234567890"),
            ("AWB#1234567890", "1234567890"),
            ("Tracking: 77889900", "77889900"),
            ("Tracking number 77889900", "77889900"),
            ("Tracking No.: 77889900", "77889900"),
            (
                "Sendungsnummer 00340434161094015902",
                "00340434161094015902",
            ),
            ("N° de suivi : 77889900", "77889900"),
            ("Número de seguimiento: 77889900", "77889900"),
            ("трек-номер: 77889900", "77889900"),
            ("快递单号77889900", "77889900"),
            ("運單號碼：77889900", "77889900"),
            ("Acme Couriers 77889900", "77889900"),
            ("Royal Mail 77889900", "77889900"),
            (
                "UPS 1Z5R89390357567127 / FedEx 254899580324",
                "1Z5R89390357567127 254899580324",
            ),
            ("UPS: 77889900\nDPD: 77889901", "77889900 77889901"),
        ]);
    }

    #[test]
    fn words_are_no_number() {
        check(&[
            ("", ""),
            ("-", ""),
            ("none", ""),
            ("NONE", ""),
            ("n/a", ""),
            ("N/A", ""),
            ("TBD", ""),
            ("no tracking", ""),
            ("No Tracking Number", ""),
            ("hand delivered", ""),
            ("Hand delivered 24/11/2026 at 14:30", ""),
            ("HAND DELIVERED 24.11.", ""),
            ("local pickup", ""),
            ("2nd class stamp", ""),
            ("0", ""),
            ("0000000000", ""),
            ("XXXXXXXX", ""),
            ("ann@shopper.example", ""),
            ("Abholung im Laden", ""),
            ("自取", ""),
            ("Order 10012345", ""),
            ("Tel. 030 1234567", ""),
        ]);
    }

    #[test]
    fn a_number_that_was_not_sent_is_never_made_up() {
        check(&[
            ("100234 100235", "?"),
            ("77889900123 12", "?"),
            ("left with Tom 77889900", "?"),
            ("left with Tom 1Z5R89390357567127", UPS),
            ("123456789012345678901234567890123456789012345", "?"),
        ]);
    }

    #[test]
    fn a_link_of_a_carrier_tells_its_number() {
        check(&[
            (
                "https://www.ups.com/track?loc=en_US&tracknum=1Z5R89390357567127",
                UPS,
            ),
            ("www.ups.com/track?tracknum=1Z5R89390357567127", UPS),
            ("ups.com/track?tracknum=1Z5R89390357567127", UPS),
            (
                "Track here: https://www.ups.com/track?tracknum=1Z5R89390357567127.",
                UPS,
            ),
            (
                "https://www.fedex.com/fedextrack/?trknbr=77889900",
                "77889900",
            ),
            ("https://track.dpd.co.uk/parcels/77889900123", "77889900123"),
            (
                "https://www.ups.com/track?tracknum=1Z5R89390357567127,https://www.ups.com/track?tracknum=1Z1E21800376693932",
                TWO,
            ),
            ("https://www.ups.com/track?tracknum=none", "link"),
            ("https://acme.example/t/77889900", "link"),
            (
                "https://acme.example/t?tracking_number=77889900",
                "77889900",
            ),
        ]);
    }
}
