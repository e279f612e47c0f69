//! Texts of a body, parsed: names, dates, places, links.

use crate::{field::Issue, number::CarrierLookup, path, problem::ProblemCode};
use jiff::{SignedDuration, Timestamp, civil::Date, tz::TimeZone};
use posthorn_domain::{
    contact::{EmailAddress, PhoneNumber},
    id::OrderId,
    number_field,
    text::is_noncharacter,
    tracking_number::TrackingNumber,
};
use url::Url;

/// ISO 3166-1 alpha-2, and `XK`, which storefronts use for Kosovo.
pub(crate) const COUNTRIES: &str = "\
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS \
    BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE \
    EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM \
    HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC \
    LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA \
    NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW \
    SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO \
    TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A text of 1 to `max` characters on one line.
pub(crate) fn line(max: usize) -> impl Fn(&str) -> Result<String, Issue> {
    let is_allowed = |c: char| !c.is_control() && !is_noncharacter(c);
    move |text| checked(text, max, is_allowed, "text on one line")
}

/// A text of 1 to `max` characters that may have several lines, however they end:
/// a form of a browser sends each with `\r\n`.
pub(crate) fn paragraph(max: usize) -> impl Fn(&str) -> Result<String, Issue> {
    move |text| {
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let text = text.replace('\t', " ");
        let is_allowed = |c: char| c == '\n' || !c.is_control() && !is_noncharacter(c);
        checked(&text, max, is_allowed, "plain text")
    }
}

fn checked(
    text: &str,
    max: usize,
    allowed: impl Fn(char) -> bool,
    expected: &str,
) -> Result<String, Issue> {
    let text = text.trim();
    let length = text.chars().count();
    if length == 0 || length > max {
        return Err(Issue::new(
            ProblemCode::InvalidLength,
            format!("has {length} characters"),
        )
        .with_expected(format!("1 to {max} characters")));
    }
    if !text.chars().all(allowed) {
        let detail = if text.contains(is_noncharacter) {
            "has Unicode noncharacters"
        } else {
            "has control characters"
        };
        return Err(Issue::new(ProblemCode::InvalidText, detail).with_expected(expected));
    }
    Ok(text.to_owned())
}

/// An order id that can stand in a path, even in one that a gateway has decoded.
pub(crate) fn order_id(text: &str) -> Result<OrderId, Issue> {
    let expected = "1 to 64 letters, digits and - _ . : /";
    let id = OrderId::parse(text).map_err(|error| {
        Issue::new(ProblemCode::InvalidId, error.to_string()).with_expected(expected)
    })?;
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Err(Issue::new(
            ProblemCode::InvalidId,
            "has a part between slashes that is empty or consists of dots",
        )
        .with_expected(expected));
    }
    if !path::is_addressable(text) {
        let fault = Issue::new(ProblemCode::InvalidId, "ends as a route of this API does");
        return Err(fault.with_expected("an id without such an end"));
    }
    Ok(id)
}

pub(crate) fn email(text: &str) -> Result<EmailAddress, Issue> {
    EmailAddress::parse(text).map_err(|error| {
        Issue::new(ProblemCode::InvalidEmail, error.to_string())
            .with_expected("an address that mail can be sent to, for example name@example.com")
    })
}

/// A telephone number, national of `country` unless it begins with `+`.
pub(crate) fn phone(country: &str) -> impl Fn(&str) -> Result<PhoneNumber, Issue> {
    move |text| {
        let expected = "an international number, for example +14155550123, or a national one";
        if text.chars().count() > 40 {
            return Err(
                Issue::new(ProblemCode::InvalidPhone, "has more than 40 characters")
                    .with_expected(expected),
            );
        }
        PhoneNumber::parse(text, Some(country)).map_err(|error| {
            Issue::new(ProblemCode::InvalidPhone, error.to_string()).with_expected(expected)
        })
    }
}

pub(crate) fn country(text: &str) -> Result<String, Issue> {
    let country = text.trim().to_ascii_uppercase();
    if country.len() == 2 && COUNTRIES.split(' ').any(|known| known == country) {
        return Ok(country);
    }
    Err(
        Issue::new(ProblemCode::InvalidCountry, "is not a country code")
            .with_expected("ISO 3166-1 alpha-2, as GB"),
    )
}

pub(crate) fn time_zone(text: &str) -> Result<String, Issue> {
    let unknown = || {
        Issue::new(ProblemCode::InvalidTimeZone, "is not a time zone")
            .with_expected("an IANA name, as Europe/London")
    };
    if text.len() > 64 {
        return Err(unknown());
    }
    let zone = TimeZone::get(text).map_err(|_| unknown())?;
    zone.iana_name().map(str::to_owned).ok_or_else(unknown)
}

/// A BCP 47 tag as far as its form goes, in the usual case: `zh-Hant-TW`.
pub(crate) fn locale(text: &str) -> Result<String, Issue> {
    let unknown = || {
        Issue::new(ProblemCode::InvalidLocale, "is not a language tag")
            .with_expected("BCP 47, as en or pt-BR")
    };
    if text.len() > 35 {
        return Err(unknown());
    }
    let mut tag = String::with_capacity(text.len());
    for (index, subtag) in text.trim().split(['-', '_']).enumerate() {
        let is_alphabetic = subtag.bytes().all(|b| b.is_ascii_alphabetic());
        match (index, subtag.len()) {
            (0, 2 | 3) if is_alphabetic => tag.push_str(&subtag.to_ascii_lowercase()),
            (0, _) => return Err(unknown()),
            (_, 1..=8) if subtag.bytes().all(|b| b.is_ascii_alphanumeric()) => {
                tag.push('-');
                match subtag.len() {
                    2 if is_alphabetic => tag.push_str(&subtag.to_ascii_uppercase()),
                    4 if is_alphabetic => {
                        tag.push_str(&subtag[..1].to_ascii_uppercase());
                        tag.push_str(&subtag[1..].to_ascii_lowercase());
                    }
                    _ => tag.push_str(&subtag.to_ascii_lowercase()),
                }
            }
            _ => return Err(unknown()),
        }
    }
    Ok(tag)
}

pub(crate) fn date(text: &str) -> Result<Date, Issue> {
    let unknown = || {
        Issue::new(ProblemCode::InvalidDate, "is not a date")
            .with_expected("year-month-day, as 2026-11-26")
    };
    // A longer text is not a bare date, though jiff would read its beginning.
    if text.len() != 10 {
        return Err(unknown());
    }
    let date: Date = text.parse().map_err(|_| unknown())?;
    if (2000..=2200).contains(&date.year()) {
        Ok(date)
    } else {
        Err(
            Issue::new(ProblemCode::InvalidDate, "is not within this age")
                .with_expected("2000 to 2200"),
        )
    }
}

/// An instant that has been: shops' clocks may be a few minutes fast.
pub(crate) fn past(now: Timestamp) -> impl Fn(&str) -> Result<Timestamp, Issue> {
    move |text| {
        let expected = "RFC 3339 with an offset, as 2026-11-22T09:30:00Z";
        let at: Timestamp = text.parse().map_err(|_| {
            Issue::new(ProblemCode::InvalidTimestamp, "is not an instant").with_expected(expected)
        })?;
        if is_past(at, now) {
            return Ok(at);
        }
        let detail = if at > now {
            "lies in the future"
        } else {
            "lies before the year 2000"
        };
        Err(Issue::new(ProblemCode::InvalidTimestamp, detail).with_expected(expected))
    }
}

/// Whether `at` has been, and is not older than the trade in the web.
pub(crate) fn is_past(at: Timestamp, now: Timestamp) -> bool {
    let earliest = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(30 * 365 * 24);
    (earliest..=now + SignedDuration::from_mins(10)).contains(&at)
}

pub(crate) fn tracking_number(text: &str) -> Result<TrackingNumber, Issue> {
    let expected = "one number of 4 to 40 letters and digits; spaces and hyphens do not matter";
    let refused =
        |detail| Issue::new(ProblemCode::InvalidTrackingNumber, detail).with_expected(expected);
    if text.len() > 500 {
        return Err(refused("has more than 500 characters".to_owned()));
    }
    // One word is what the caller calls the number, whatever it looks like.
    if let Ok(number) = TrackingNumber::parse(text)
        && !text.trim().contains(char::is_whitespace)
    {
        return if number_field::says_none(text) {
            Err(refused("says that there is no number".to_owned()))
        } else {
            Ok(number)
        };
    }
    let field = CarrierLookup::default().read_number_field(text);
    match field.numbers.as_slice() {
        [number] if field.unreadable == 0 => Ok(number.clone()),
        [] if field.unreadable > 0 => Err(refused(
            "holds pieces that may be one number or several".to_owned(),
        )),
        [] => Err(refused(match TrackingNumber::parse(text) {
            Ok(_) => "is no number, but words".to_owned(),
            Err(error) => error.to_string(),
        })),
        numbers => Err(refused(format!(
            "holds more than one number: {} can be read",
            numbers.len()
        ))),
    }
}

/// Whether `text` holds more than `number`: a label, a link.
pub(crate) fn is_more_than(text: &str, number: &TrackingNumber) -> bool {
    TrackingNumber::parse(text).ok().as_ref() != Some(number)
}

/// An absolute https URL with a host and without credentials.
pub(crate) fn link(text: &str) -> Result<String, Issue> {
    let refused = |detail| {
        Err(Issue::new(ProblemCode::InvalidUrl, detail).with_expected("an absolute https URL"))
    };
    if text.len() > 500 {
        return refused("has more than 500 characters");
    }
    let Ok(url) = Url::parse(text.trim()) else {
        return refused("is not a URL");
    };
    if url.scheme() != "https" || url.host_str().is_none_or(str::is_empty) {
        return refused("is not https");
    }
    if !url.username().is_empty() || url.password().is_some() {
        return refused("holds credentials");
    }
    Ok(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_has_the_usual_case() {
        for (text, tag) in [
            ("en", "en"),
            ("EN-gb", "en-GB"),
            ("zh_hant_tw", "zh-Hant-TW"),
            ("es-419", "es-419"),
        ] {
            assert_eq!(locale(text).ok().as_deref(), Some(tag));
        }
        for text in [
            "",
            "e",
            "english",
            "en-",
            "en--GB",
            "en-GB-toolongtag",
            "ру",
            "1n",
        ] {
            assert!(locale(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_text_holds_no_noncharacter() {
        for odd in ['\u{FFFE}', '\u{FFFF}', '\u{FDD0}', '\u{10FFFF}'] {
            let text = format!("exp{odd}ress");
            for fault in [line(40)(&text).err(), paragraph(40)(&text).err()] {
                assert_eq!(
                    fault.map(|fault| fault.problem_code()),
                    Some(ProblemCode::InvalidText)
                );
            }
        }
        assert!(line(40)("Zoë 🌸").is_ok());
    }

    #[test]
    fn a_country_is_one_of_iso_3166() {
        assert_eq!(COUNTRIES.split(' ').count(), 250);
        assert_eq!(country(" gb ").ok().as_deref(), Some("GB"));
        for text in ["UK", "GBR", "G", "", "A ", "AD AE"] {
            assert!(country(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_link_is_https_with_a_host_and_no_credentials() {
        assert!(link("https://acme.example/t?n=1").is_ok());
        for text in [
            "http://acme.example",
            "javascript:alert(1)",
            "https://",
            "//acme.example",
            "https://user:pass@acme.example/",
            &format!("https://acme.example/{}", "x".repeat(500)),
        ] {
            assert!(link(text).is_err(), "{text}");
        }
    }

    #[test]
    fn an_instant_has_an_offset_and_has_been() {
        let read = past("2026-11-22T10:00:00Z".parse().unwrap());
        assert!(read("2026-11-22T11:05:00+01:00").is_ok());
        for text in [
            "2026-11-22T09:00:00",
            "2026-11-22",
            "2026-11-22T10:11:00Z",
            "1999-01-01T00:00:00Z",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
