//! Who carries a shipment of a storefront's fulfilment.

use crate::{
    carrier::{self, Rules},
    parse::ParsedShipment,
    validate,
};
use posthorn_carriers::{Clues, recognise::sight, recognise_number};
use posthorn_domain::{shipment::QueryDetails, tracking_number::TrackingNumber};

/// The names with which a shop says that it does not know.
pub(super) const UNNAMED: &[&str] = &[
    "other",
    "others",
    "none",
    "unknown",
    "custom",
    "manual",
    "n/a",
    "na",
    "-",
    "no carrier",
    "my carrier",
];

/// The shipment with `number`, which a storefront says that `company` carries.
///
/// A check digit that leaves no doubt outranks a company that we do not know, or
/// that cannot have given the number; otherwise what the storefront says outranks
/// what the number looks like. What a company that we do not know or cannot ask
/// carries, and a number that says nothing by itself and that its company cannot
/// have given, are followed by hand: the customer gets the link that the shop
/// gave, or else the page of the carrier.
pub(crate) fn resolve_shipment(
    number: TrackingNumber,
    company: Option<&str>,
    url: Option<&str>,
    rules: Rules<'_>,
) -> ParsedShipment {
    let company = company_name(company);
    let company = company.map(|name| mistyped_carrier(name, &number).unwrap_or(name));
    let clues = Clues {
        carrier_name: company,
        url,
        ..rules.to_clues()
    };
    let is_unknown = company.is_some_and(|name| sight::find_by_name(name).is_empty());
    let told = carrier::single_match(&number, &clues);
    let is_proved = told.is_some_and(|told| told.checksum == Some(true));
    let is_overruled = is_proved && told.is_some_and(|told| !told.is_named());
    // A name that is no known carrier's is still what customers know the carrier by.
    let company = company.filter(|_| is_unknown || !is_overruled);
    let is_unknown = is_unknown && !is_proved;
    let told = told.filter(|_| !is_unknown);
    let candidates = if is_unknown {
        Vec::new()
    } else {
        carrier::list_candidates(&number, &clues, rules)
    };
    let first = candidates.first().map(|first| first.carrier.clone());
    let ours = || carrier::supported_id(&told?, rules.is_test).ok();
    if let Some(carrier) = first.or_else(ours) {
        let is_named = told.is_some_and(|told| told.is_named());
        return ParsedShipment {
            tracking_number: Some(number),
            carrier,
            candidates: if is_named && candidates.len() < 2 {
                Vec::new()
            } else {
                candidates
            },
            carrier_name: None,
            tracking_url: None,
            hints: QueryDetails::default(),
            items: Vec::new(),
            origins: Vec::new(),
        };
    }
    // A carrier that we know by sight: its name, and its page if the shop gave none.
    let sight = told
        .map(|told| told.carrier)
        .filter(|id| *id != carrier::SANDBOX);
    let name = company.or_else(|| sight.and_then(sight::carrier_name));
    let page = sight.and_then(|id| sight::tracking_page(id, number.as_str()));
    ParsedShipment {
        tracking_number: Some(number),
        carrier: carrier::manual_carrier(),
        candidates: Vec::new(),
        carrier_name: name.and_then(|name| validate::line(80)(name).ok()),
        tracking_url: url.and_then(|url| validate::link(url).ok()).or(page),
        hints: QueryDetails::default(),
        items: Vec::new(),
        origins: Vec::new(),
    }
}

/// The name of the carrier that a mistyped `company` means: one that gives such
/// numbers, and whose name differs by one slip. None if `company` is no slip, or may
/// be one of several.
fn mistyped_carrier(company: &str, number: &TrackingNumber) -> Option<&'static str> {
    if !sight::find_by_name(company).is_empty() {
        return None;
    }
    let found = recognise_number(number, &Clues::default());
    let found = found.iter().filter(|found| found.is_plausible());
    let mut meant: Vec<&'static str> = found
        .filter_map(|found| {
            let known = sight::find_listing(found.carrier);
            let names = known.into_iter().flat_map(|known| known.names);
            let mut names = names.copied().chain(sight::carrier_name(found.carrier));
            let is_meant = names.any(|name| is_one_slip(&fold_name(company), &fold_name(name)));
            sight::carrier_name(found.carrier).filter(|_| is_meant)
        })
        .collect();
    meant.dedup();
    match meant.as_slice() {
        [only] => Some(only),
        _ => None,
    }
}

fn fold_name(name: &str) -> Vec<char> {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether two names differ by nothing, or by one letter that is missing, too many,
/// another, or changed places with the next.
fn is_one_slip(one: &[char], other: &[char]) -> bool {
    if one.len().min(other.len()) < 3 {
        return false;
    }
    let same = one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let (one, other) = (&one[same..], &other[same..]);
    match (one, other) {
        ([], []) => true,
        ([a, b, rest @ ..], [c, d, end @ ..]) if (a, b) == (d, c) && rest == end => true,
        _ => {
            let skip = |text: &[char]| text.get(1..).map(<[char]>::to_vec);
            let (after_one, after_other) = (skip(one), skip(other));
            after_one.as_deref() == Some(other)
                || after_other.as_deref() == Some(one)
                || (after_one.is_some() && after_one == after_other)
        }
    }
}

/// A shipment that is sent without tracking, which a storefront says that `company`
/// carries.
pub(super) fn untracked_shipment(company: Option<&str>, url: Option<&str>) -> ParsedShipment {
    ParsedShipment {
        tracking_number: None,
        carrier: carrier::manual_carrier(),
        candidates: Vec::new(),
        carrier_name: company_name(company).and_then(|name| validate::line(80)(name).ok()),
        tracking_url: url.and_then(|url| validate::link(url).ok()),
        hints: QueryDetails::default(),
        items: Vec::new(),
        origins: Vec::new(),
    }
}

/// The name of a company, if it is one.
fn company_name(company: Option<&str>) -> Option<&str> {
    company
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .filter(|name| !UNNAMED.contains(&name.to_lowercase().as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::carrier::InUse;
    use posthorn_domain::settings::Settings;

    const URL: &str = "https://acme-express.example/track?n=1";
    const UPS: &str = "1Z5R89390357567127";

    /// The shipment in an installation with the carriers `in_use`.
    fn shipment_of(
        number: &str,
        company: Option<&str>,
        url: Option<&str>,
        in_use: &str,
        is_test: bool,
    ) -> ParsedShipment {
        let number = TrackingNumber::parse(number).unwrap();
        let (in_use, settings) = (in_use.parse::<InUse>().unwrap(), Settings::default());
        let rules = Rules::new(&in_use, &settings, is_test);
        resolve_shipment(number, company, url, rules)
    }

    fn carried(number: &str, company: Option<&str>, is_test: bool) -> String {
        let shipment = shipment_of(number, company, Some(URL), "", is_test);
        match shipment.carrier_name {
            Some(name) => format!("{} {name}", shipment.carrier),
            None => shipment.carrier.to_string(),
        }
    }

    #[test]
    fn a_company_that_we_know_carries_what_it_says() {
        for company in ["UPS", "ups", "UPS Ground", "United Parcel Service"] {
            assert_eq!(carried(UPS, Some(company), false), "ups", "{company}");
        }
    }

    #[test]
    fn a_product_of_a_family_of_carriers_is_carried_by_one_of_them() {
        for (number, company, carrier) in [
            ("1234567891", "DHL AWB", "dhl_express"),
            ("1234567890", "DHL AWB", "dhl_unified"),
            ("77889900", "DHL Standard", "dhl_unified"),
            ("77889900", "DPD Classic", "dpd"),
        ] {
            assert_eq!(carried(number, Some(company), false), carrier, "{company}");
        }
    }

    #[test]
    fn a_company_that_is_mistyped_by_one_letter_is_the_one_that_gives_such_numbers() {
        let fedex = "986578788855";
        for company in ["Fedx", "FeDeX", "Fed-Ex", "Feedex", "Fdeex", "Fedec"] {
            assert_eq!(carried(fedex, Some(company), false), "fedex", "{company}");
        }
        assert_eq!(carried(fedex, Some("Fred"), false), "manual Fred");
        assert_eq!(carried("77 88 99", Some("Fedx"), false), "manual Fedx");
    }

    #[test]
    fn a_company_that_only_begins_like_one_we_know_is_another() {
        assert_eq!(
            carried("77 88 99", Some("Upstate Couriers"), false),
            "manual Upstate Couriers"
        );
    }

    #[test]
    fn a_company_may_have_handed_a_shipment_over_to_the_post_whose_number_it_has() {
        let number = "92748926998277553042762371";
        assert_eq!(carried(number, Some("UPS"), false), "ups");
        assert_eq!(carried(number, None, false), "usps");
        let shipment = shipment_of(number, Some("UPS"), None, "ups,usps", false);
        let ids = shipment
            .candidates
            .iter()
            .map(|found| found.carrier.as_str());
        assert_eq!(ids.collect::<Vec<_>>(), ["ups", "usps"]);
        // A number of UPS's own is no other carrier's.
        assert!(
            shipment_of(UPS, Some("UPS"), None, "ups,usps", false)
                .candidates
                .is_empty()
        );
    }

    #[test]
    fn where_the_shipment_goes_tells_whose_number_it_is() {
        let (in_use, settings) = (
            "cdek,dhl_express".parse::<InUse>().unwrap(),
            Settings::default(),
        );
        let number = || TrackingNumber::parse("3318810025").unwrap();
        let how_sure = |country| {
            let rules = Rules::new(&in_use, &settings, false).with_destination(Some(country));
            let found = carrier::list_candidates(&number(), &rules.to_clues(), rules);
            let found = found.iter().find(|found| found.carrier.as_str() == "cdek");
            found.map(|found| found.confidence)
        };
        assert!(how_sure("RU") > how_sure("US"));
        assert!(how_sure("US").is_some());
    }

    #[test]
    fn without_a_company_the_number_tells() {
        for company in [None, Some(""), Some("Other")] {
            assert_eq!(carried(UPS, company, false), "ups", "{company:?}");
            assert_eq!(carried("77 88 99", company, false), "manual", "{company:?}");
        }
    }

    #[test]
    fn without_a_company_the_link_tells() {
        let url = Some("https://www.ups.com/track?tracknum=99887766");
        let shipment = shipment_of("99 88 77 66", None, url, "", false);
        assert_eq!(shipment.carrier.as_str(), "ups");
    }

    #[test]
    fn a_carrier_that_we_know_by_sight_is_named_and_its_page_linked() {
        let of = |text: &str, company, url| {
            let shipment = shipment_of(text, company, url, "", false);
            assert_eq!(shipment.carrier.as_str(), "manual");
            (shipment.carrier_name, shipment.tracking_url)
        };
        let ontrac = Some("https://www.ontrac.com/tracking/?number=C11031500001879".to_owned());
        assert_eq!(
            of("C11031500001879", None, None),
            (Some("OnTrac".to_owned()), ontrac.clone())
        );
        assert_eq!(
            of("C11031500001879", Some("OnTrac Ground"), None),
            (Some("OnTrac Ground".to_owned()), ontrac)
        );
        assert_eq!(
            of("C11031500001879", Some("OnTrac"), Some(URL))
                .1
                .as_deref(),
            Some(URL)
        );
    }

    #[test]
    fn a_check_digit_that_leaves_no_doubt_outranks_a_company_that_cannot_have_given_the_number() {
        for company in ["DHL Express", "My courier", "DHL", "Royal Mail"] {
            assert_eq!(carried(UPS, Some(company), false), "ups", "{company}");
        }
        // A company that gives such numbers as well has the last word.
        let number = "986578788855";
        assert_eq!(carried(number, Some("GLS"), false), "gls");
        // One by sight is named for what its number tells, unless only the shop
        // knows the company's name.
        let ontrac = "C11031500001879";
        assert_eq!(carried(ontrac, Some("DHL Express"), false), "manual OnTrac");
        assert_eq!(
            carried(ontrac, Some("My courier"), false),
            "manual My courier"
        );
    }

    #[test]
    fn a_number_that_its_company_cannot_have_given_is_followed_by_hand() {
        assert_eq!(
            carried("1Z5R89390357567128", Some("UPS"), false),
            "manual UPS"
        );
    }

    #[test]
    fn a_company_is_asked_through_the_service_that_the_shop_has_a_key_of() {
        let number = "00340434161094015902";
        for (company, in_use, carrier) in [
            (Some("DHL Paket"), "dhl_unified", "dhl_unified"),
            (
                Some("DHL Paket"),
                "dhl_unified,dhl_parcel_de",
                "dhl_parcel_de",
            ),
            (Some("DHL Paket"), "ups", "dhl_parcel_de"),
            (None, "dhl_unified", "dhl_unified"),
        ] {
            let shipment = shipment_of(number, company, None, in_use, false);
            assert_eq!(shipment.carrier.as_str(), carrier, "{company:?}, {in_use}");
            assert!(shipment.candidates.len() < 2, "{company:?}, {in_use}");
        }
    }

    #[test]
    fn a_number_without_a_company_is_asked_after_in_turn() {
        let asked = |company| {
            let shipment = shipment_of("986578788855", company, None, "fedex,gls", false);
            let candidates = shipment.candidates.iter();
            let all: Vec<&str> = candidates.map(|one| one.carrier.as_str()).collect();
            format!("{}: {}", shipment.carrier, all.join(" "))
        };
        assert_eq!(asked(None), "fedex: fedex gls");
        assert_eq!(asked(Some("GLS")), "gls: ");
        assert_eq!(asked(Some("Acme Express")), "manual: ");
    }

    #[test]
    fn a_number_of_the_sandbox_is_for_test_orders_only() {
        assert_eq!(carried("SANDBOX-STRAIGHT-0001", None, false), "manual");
        assert_eq!(carried("SANDBOX-STRAIGHT-0001", None, true), "sandbox");
    }

    #[test]
    fn the_link_of_the_shop_is_kept_only_where_we_have_none_and_it_is_safe() {
        let link = |url, company| {
            shipment_of("77889900", Some(company), Some(url), "", false).tracking_url
        };
        assert_eq!(link(URL, "Acme Express").as_deref(), Some(URL));
        assert_eq!(
            shipment_of(UPS, Some("UPS"), Some(URL), "", false).tracking_url,
            None
        );
        assert_eq!(link("javascript:alert(1)", "Acme Express"), None);
        assert_eq!(link("http://acme-express.example/1", "Acme Express"), None);
    }
}
