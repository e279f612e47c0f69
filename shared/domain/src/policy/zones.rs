//! In which time zone a recipient lives, as far as the address tells.

use crate::{contact::Contact, settings::Settings};
use jiff::tz::TimeZone;

/// The zones of each country, by ISO 3166-1 alpha-2; first the one in which most
/// people live. From `zone.tab` of tzdata, without the zones whose clock is the
/// only one of their country.
const COUNTRIES: &str = include_str!("zones.txt");

/// Their states, provinces and regions, where clocks differ from one to the other.
const REGIONS: &str = include_str!("regions.txt");

/// The same by how postcodes begin.
const POSTCODES: &str = include_str!("postcodes.txt");

/// The clocks of which one hangs where the recipient lives; at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecipientClocks(Vec<TimeZone>);

impl RecipientClocks {
    fn from_zone_names<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let zones: Vec<TimeZone> = names.into_iter().filter_map(find_zone).collect();
        (!zones.is_empty()).then_some(Self(zones))
    }

    /// The one to go by where there can be only one: that of most people.
    pub(super) fn likeliest_zone(&self) -> TimeZone {
        self.0.first().cloned().unwrap_or(TimeZone::UTC)
    }

    /// All of them, the likeliest first.
    pub(super) fn all_zones(&self) -> &[TimeZone] {
        &self.0
    }
}

/// The clocks that the recipient may live by: the one that the shop knows; else
/// those of the address, by its state and its postcode; in a country of several
/// zones, of whose address no more is known, the shop's own, if it is one of
/// them, or else all; without an address those of the telephone number's
/// country; else the shop's.
pub(super) fn recipient_clocks(contact: &Contact, settings: &Settings) -> RecipientClocks {
    let known = contact.time_zone.as_deref();
    known
        .and_then(|name| RecipientClocks::from_zone_names([name]))
        .or_else(|| of_address(contact, settings))
        .or_else(|| {
            let country = contact.phone.as_ref()?.country_code()?;
            of_country(&country, settings)
        })
        .or_else(|| RecipientClocks::from_zone_names([settings.time_zone.as_str()]))
        .unwrap_or_else(|| RecipientClocks(vec![TimeZone::UTC]))
}

fn of_address(contact: &Contact, settings: &Settings) -> Option<RecipientClocks> {
    let country = contact.country.as_deref()?;
    let region = contact.region.as_deref();
    let by_region = region.and_then(|region| of_region(country, region));
    let postcode = contact.postcode.as_deref();
    let by_postcode = postcode.and_then(|postcode| of_postcode(country, postcode));
    let zones = match (by_region, by_postcode) {
        (Some(one), Some(other)) => common_zones(&one, &other),
        (Some(zones), None) | (None, Some(zones)) => zones,
        (None, None) => return of_country(country, settings),
    };
    RecipientClocks::from_zone_names(zones).or_else(|| of_country(country, settings))
}

/// What two hints have in common; what either says if they contradict each other.
fn common_zones<'a>(one: &[&'a str], other: &[&'a str]) -> Vec<&'a str> {
    let common: Vec<&str> = one
        .iter()
        .copied()
        .filter(|zone| other.contains(zone))
        .collect();
    if common.is_empty() {
        one.iter().chain(other).copied().collect()
    } else {
        common
    }
}

fn of_country(country: &str, settings: &Settings) -> Option<RecipientClocks> {
    let zones = zones_of(country)?;
    let own = zones.iter().find(|zone| **zone == settings.time_zone);
    own.and_then(|own| RecipientClocks::from_zone_names([*own]))
        .or_else(|| RecipientClocks::from_zone_names(zones))
}

fn zones_of(country: &str) -> Option<Vec<&'static str>> {
    country_rows(COUNTRIES, country)
        .next()
        .map(|zones| zones.split(' ').collect())
}

/// The zones of a state or region, given by its code, with or without the
/// country's before it, or by its name in any spelling that contains the known
/// one, as "Новосибирская обл." does. The longest known name counts, for
/// "Arkansas" contains "Kansas".
fn of_region(country: &str, region: &str) -> Option<Vec<&'static str>> {
    let letters = letters_of(region);
    if letters.is_empty() {
        return None;
    }
    let prefix = letters_of(country);
    let code = region
        .contains('-')
        .then(|| letters.strip_prefix(&prefix))
        .flatten();
    let fits = |name: &str| {
        if letters == name || code == Some(name) {
            return Some(usize::MAX);
        }
        let length = name.chars().count();
        let is_within = length >= SHORTEST_NAME && letters.contains(name);
        (is_within || name == ANY_OTHER).then_some(length)
    };
    let (_, zones) = country_rows(REGIONS, country)
        .filter_map(|row| {
            let mut words = row.split(' ');
            let zones = words.next()?;
            Some((words.filter_map(fits).max()?, zones))
        })
        .max_by_key(|(length, _)| *length)?;
    Some(zones.split(',').collect())
}

/// Below that a name is within too many others.
const SHORTEST_NAME: usize = 4;

/// Stands for the regions of a country that have no line.
const ANY_OTHER: &str = "*";

/// The zones of the first line that fits: from and to how the postcode may begin.
fn of_postcode(country: &str, postcode: &str) -> Option<Vec<&'static str>> {
    let postcode: String = postcode
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect();
    let zones = country_rows(POSTCODES, country).find_map(|row| {
        let (range, zones) = row.split_once(' ')?;
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let begins = postcode.get(..from.len())?;
        (from <= begins && begins <= to).then_some(zones)
    })?;
    Some(zones.split(',').collect())
}

/// What follows the country's code on its lines.
fn country_rows<'a>(
    table: &'static str,
    country: &'a str,
) -> impl Iterator<Item = &'static str> + 'a {
    table.lines().filter_map(move |line| {
        let (code, row) = line.split_once(' ')?;
        code.eq_ignore_ascii_case(country.trim()).then_some(row)
    })
}

fn letters_of(text: &str) -> String {
    let letters = text.chars().filter(|character| character.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

fn find_zone(name: &str) -> Option<TimeZone> {
    TimeZone::get(name).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::PhoneNumber;

    /// `country/region/postcode`, of which any may be missing.
    fn contact(address: &str) -> Contact {
        let mut parts = address
            .split('/')
            .map(|part| (!part.is_empty()).then(|| part.to_owned()));
        let mut next = || parts.next().flatten();
        Contact {
            name: None,
            email: None,
            phone: None,
            country: next(),
            region: next(),
            postcode: next(),
            time_zone: None,
            ..Contact::default()
        }
    }

    fn names(contact: &Contact, shop: &str) -> Vec<String> {
        let settings = Settings {
            time_zone: shop.to_owned(),
            ..Settings::default()
        };
        let clocks = recipient_clocks(contact, &settings);
        let names = clocks
            .all_zones()
            .iter()
            .map(|zone| zone.iana_name().unwrap_or("UTC").to_owned());
        names.collect()
    }

    #[track_caller]
    fn check(address: &str, expected: &[&str]) {
        assert_eq!(
            names(&contact(address), "Europe/Berlin"),
            expected,
            "{address}"
        );
    }

    #[test]
    fn every_zone_of_the_tables_exists() {
        for line in COUNTRIES.lines() {
            let (country, zones) = line.split_once(' ').unwrap();
            assert!(country.len() == 2, "{line}");
            assert!(
                zones.split(' ').all(|zone| find_zone(zone).is_some()),
                "{line}"
            );
        }
        assert!(COUNTRIES.lines().count() > 240);
        let of_rows = |table: &'static str, column: usize| {
            table
                .lines()
                .filter(|line| !line.starts_with('#'))
                .flat_map(move |line| line.split(' ').nth(column).unwrap().split(','))
        };
        for zone in of_rows(REGIONS, 1).chain(of_rows(POSTCODES, 2)) {
            assert!(find_zone(zone).is_some(), "{zone}");
        }
    }

    #[test]
    fn a_state_or_a_postcode_tells_the_zone() {
        check("US/CA/90012", &["America/Los_Angeles"]);
        check("US/US-CA", &["America/Los_Angeles"]);
        check("us/california", &["America/Los_Angeles"]);
        check("US//14604-1234", &["America/New_York"]);
        check("US/Arkansas", &["America/Chicago"]);
        check("US/Washington, D.C.", &["America/New_York"]);
        check("US/TX/79901", &["America/Denver"]);
        check("US/TX/77001", &["America/Chicago"]);
        check("CA/BC/V6B 1A1", &["America/Vancouver"]);
        check("CA//t2p 1j9", &["America/Edmonton"]);
        check("AU/WA", &["Australia/Perth"]);
        check("AU//0800", &["Australia/Darwin"]);
        check("BR/AM/69000-000", &["America/Manaus", "America/Eirunepe"]);
        check("BR//01310-100", &["America/Sao_Paulo"]);
        check("MX/Q ROO/77500", &["America/Cancun"]);
        check("MX/Baja California Sur", &["America/Mazatlan"]);
        check("RU/Новосибирская обл.", &["Asia/Novosibirsk"]);
        check("RU//690001", &["Asia/Vladivostok"]);
        check("RU/г. Москва/101000", &["Europe/Moscow"]);
        check("ID/Bali/80361", &["Asia/Makassar"]);
        check("ES/Las Palmas/35001", &["Atlantic/Canary"]);
        check("ES/Sevilla", &["Europe/Madrid"]);
        check("PT//9500-001", &["Atlantic/Azores"]);
    }

    #[test]
    fn hints_that_contradict_each_other_both_count() {
        check("US/CA/10001", &["America/Los_Angeles", "America/New_York"]);
    }

    #[test]
    fn a_country_of_one_clock_needs_no_more() {
        check("DE", &["Europe/Berlin"]);
        check("FR/Bretagne/29200", &["Europe/Paris"]);
        check("CN/Xinjiang", &["Asia/Shanghai"]);
        check("KZ//050000", &["Asia/Almaty"]);
    }

    #[test]
    fn in_a_country_of_several_clocks_the_shops_own_counts_or_all_of_them() {
        let somewhere = contact("US");
        assert_eq!(
            names(&somewhere, "America/Los_Angeles"),
            ["America/Los_Angeles"]
        );
        assert_eq!(names(&somewhere, "America/Detroit"), ["America/Detroit"]);
        let all = names(&somewhere, "Europe/Berlin");
        assert_eq!(all.first().map(String::as_str), Some("America/New_York"));
        assert!(all.len() > 5 && all.contains(&"Pacific/Honolulu".to_owned()));
        assert_eq!(names(&contact("US/??/??"), "Europe/Berlin"), all);
    }

    #[test]
    fn the_most_certain_hint_tells_the_zone() {
        let customer = |zone: Option<&str>, country: &str, phone: Option<&str>| Contact {
            time_zone: zone.map(str::to_owned),
            phone: phone.map(|phone| PhoneNumber::parse(phone, None).unwrap()),
            ..contact(country)
        };
        let phone = Some("+4915112345678");
        for (customer, shop, expected) in [
            (
                customer(Some("Asia/Tokyo"), "FR", phone),
                "UTC",
                "Asia/Tokyo",
            ),
            (
                customer(Some("Nowhere/Land"), "fr", phone),
                "UTC",
                "Europe/Paris",
            ),
            (customer(None, "??", phone), "UTC", "Europe/Berlin"),
            (customer(None, "", phone), "UTC", "Europe/Berlin"),
            (
                customer(None, "", None),
                "America/Chicago",
                "America/Chicago",
            ),
            (customer(None, "", None), "?", "UTC"),
        ] {
            assert_eq!(names(&customer, shop), [expected]);
        }
    }
}
