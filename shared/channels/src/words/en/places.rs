//! Names of countries in English, as CLDR has them.

/// A line per country: its code, a space, its name.
const COUNTRIES: &str = include_str!("../../../templates/en/countries.txt");

/// The name of a country by its code of two letters.
pub(super) fn country_name(code: &str) -> Option<&'static str> {
    COUNTRIES.lines().find_map(|line| {
        let (known, name) = line.split_once(' ')?;
        known.eq_ignore_ascii_case(code).then_some(name)
    })
}

#[cfg(test)]
mod tests {
    use super::country_name;

    #[test]
    fn a_country_is_called_by_its_name() {
        assert_eq!(country_name("DE"), Some("Germany"));
        assert_eq!(country_name("gb"), Some("United Kingdom"));
        assert_eq!(country_name("Germany"), None);
        assert_eq!(country_name(""), None);
    }
}
