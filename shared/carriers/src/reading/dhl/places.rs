//! Places, out of what DHL calls a locality.

use super::countries;
use posthorn_domain::scan::Place;

/// A place out of a locality: a city; a city and its country, as `Radefeld,
/// Germany` or `MILAN - ITALY`, and between them perhaps the state or the area; only
/// a country; and now and then a street before the city.
pub(crate) fn read_place(locality: &str, country_code: &str) -> Place {
    let country = parse_country(country_code);
    let (rest, named) = without_country(locality.trim(), country.as_deref());
    // Behind the service area stands the city: `SHARJAH - SHARJAH - UNITED ARAB …`.
    let (area, town_part) = match rest.rsplit_once(" - ").filter(|_| named.is_some()) {
        Some((area, town)) => (area, town),
        None => ("", rest),
    };
    let (town_part, region) = without_region(town_part);
    Place {
        city: town_of(town_part).map(capitalise_name),
        region: region.or_else(|| without_region(area).1).map(str::to_owned),
        country: country.or_else(|| named.map(str::to_owned)),
    }
}

/// ISO 3166-1 alpha-2 from a code or a name.
pub(crate) fn parse_country(text: &str) -> Option<String> {
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return Some(text.to_ascii_uppercase());
    }
    countries::country_code(text).map(str::to_owned)
}

/// A locality without the country at its end, and that country. Two letters there
/// may be a state: they are one if DHL names another country beside.
fn without_country<'l>(locality: &'l str, stated: Option<&str>) -> (&'l str, Option<&'static str>) {
    let find = |text: &str| {
        let by_code =
            || countries::known_country(text).filter(|code| stated.is_none_or(|it| it == *code));
        countries::country_code(text).or_else(by_code)
    };
    if let Some(code) = countries::country_code(locality) {
        return ("", Some(code));
    }
    for mark in [" - ", ","] {
        if let Some((rest, last)) = locality.rsplit_once(mark)
            && let Some(code) = find(last.trim())
        {
            return (rest.trim(), Some(code));
        }
    }
    (locality, None)
}

/// A part of a locality without the state's letters at its end: `Wilmette, IL`.
fn without_region(part: &str) -> (&str, Option<&str>) {
    let is_region = |text: &str| {
        (2..=3).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    match part.rsplit_once(',') {
        Some((rest, last)) if is_region(last.trim()) && !rest.trim().is_empty() => {
            (rest, Some(last.trim()))
        }
        _ => (part, None),
    }
}

/// The part of a locality that is no street and no postal code.
fn town_of(locality: &str) -> Option<String> {
    let part = locality
        .rsplit(',')
        .map(str::trim)
        .find(|p| !p.is_empty())?;
    let has_digit = |word: &&str| word.bytes().any(|byte| byte.is_ascii_digit());
    let words: Vec<&str> = part.split_whitespace().skip_while(has_digit).collect();
    let is_town = !words.is_empty() && !words.iter().any(has_digit);
    is_town.then(|| words.join(" "))
}

/// A name as people write it, if DHL has written it in capitals alone.
fn capitalise_name(name: String) -> String {
    let n_letters = name.chars().filter(|char| char.is_alphabetic()).count();
    if n_letters < 3 || name.chars().any(char::is_lowercase) {
        return name;
    }
    let words = name.split(' ').enumerate().map(|(index, word)| {
        let is_small = SMALL_WORDS.contains(&word) && index > 0;
        let n_letters = word.chars().filter(|char| char.is_alphabetic()).count();
        let is_short_form = n_letters > 2 && !word.chars().any(|char| "AEIOUY".contains(char));
        if is_short_form && word.is_ascii() {
            word.to_owned()
        } else if is_small {
            word.to_lowercase()
        } else {
            capitalised_word(word)
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Those that are small inside the names of places.
const SMALL_WORDS: &[&str] = &[
    "AM", "AN", "AND", "DE", "DEL", "DER", "DI", "IM", "OF", "ON", "SUR", "THE", "UPON",
];

/// A capital at the beginning and after a mark; not in `St. John's`.
fn capitalised_word(word: &str) -> String {
    let mut small = String::with_capacity(word.len());
    let mut is_start = true;
    let mut rest = word.chars();
    while let Some(char) = rest.next() {
        if is_start {
            small.push(char);
        } else {
            small.extend(char.to_lowercase());
        }
        let is_genitive = matches!(char, '\'' | '\u{2019}') && rest.as_str().chars().count() == 1;
        is_start = !char.is_alphabetic() && !is_genitive;
    }
    small
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(locality: &str, code: &str, expected: &str) {
        let place = read_place(locality, code);
        let parts = [place.city, place.region, place.country];
        let text = parts.map(|part| part.unwrap_or("-".to_owned())).join("/");
        assert_eq!(text, expected, "{locality}");
    }

    #[test]
    fn a_place_is_a_town_and_never_a_street_nor_a_country() {
        check("Oderweg 2, AMSTERDAM", "", "Amsterdam/-/-");
        check("53113 Bonn", "", "Bonn/-/-");
        check("Hauptstr. 5", "", "-/-/-");
        check("Hauptstr. 5, 53113 Bonn, Germany", "", "Bonn/-/DE");
        check("Germany", "", "-/-/DE");
        check("", "de", "-/-/DE");
    }

    #[test]
    fn the_country_behind_a_town_is_told_by_its_name_or_its_code() {
        check("Radefeld, Germany", "", "Radefeld/-/DE");
        check("Vienna - Austria", "", "Vienna/-/AT");
        check("KARACHI - PAKISTAN", "", "Karachi/-/PK");
        check("Hamburg, DE", "", "Hamburg/-/DE");
        check("HONG KONG - HONG KONG SAR, CHINA", "", "Hong Kong/-/HK");
        check("SEOUL - KOREA, REPUBLIC OF (SOUTH K.)", "", "Seoul/-/KR");
        check("LONDON - HEATHROW", "", "London - Heathrow/-/-");
        check("LONDON-HEATHROW - UK", "", "London-Heathrow/-/GB");
    }

    #[test]
    fn a_state_is_the_region_and_an_area_is_not_the_town() {
        check("Wilmette, IL, US", "", "Wilmette/IL/US");
        check("Henderson, NV, US", "US", "Henderson/NV/US");
        check("Boston, MA", "US", "Boston/MA/US");
        check("CINCINNATI HUB, OH - USA", "", "Cincinnati Hub/OH/US");
        check(
            "SHARJAH - SHARJAH - UNITED ARAB EMIRATES",
            "",
            "Sharjah/-/AE",
        );
        check(
            "SOUTHERN ALBERTA, AB - CALGARY - CANADA",
            "",
            "Calgary/AB/CA",
        );
    }

    #[test]
    fn capitals_alone_are_written_as_people_write_names() {
        for (name, expected) in [
            ("FRANKFURT AM MAIN", "Frankfurt am Main"),
            ("ST. JOHN'S", "St. John's"),
            ("M\u{dc}NCHEN", "M\u{fc}nchen"),
            ("JFK GATEWAY", "JFK Gateway"),
            ("COTE D'OR", "Cote D'Or"),
            ("Bad D\u{fc}rkheim", "Bad D\u{fc}rkheim"),
        ] {
            assert_eq!(capitalise_name(name.to_owned()), expected);
        }
    }
}
