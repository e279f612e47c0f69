//! The recipient's wall clock: where it hangs and when it is decent to ring.

use crate::{contact::Contact, settings::QuietHours, settings::Settings, time::ScanTime};
use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// The zone in which most people of a country live, by ISO 3166-1 alpha-2.
const ZONES: &str = include_str!("zones.txt");

/// The recipient's zone: as the shop knows it, else by the country of the
/// address, else by that of the telephone number, else the shop's own.
pub(super) fn zone(contact: &Contact, settings: &Settings) -> TimeZone {
    let named = |name: &str| TimeZone::get(name).ok();
    let of_country = |country: &str| zone_of(country).and_then(named);
    contact
        .time_zone
        .as_deref()
        .and_then(named)
        .or_else(|| contact.country.as_deref().and_then(of_country))
        .or_else(|| {
            let country = contact.phone.as_ref()?.country()?;
            of_country(&country)
        })
        .or_else(|| named(&settings.time_zone))
        .unwrap_or(TimeZone::UTC)
}

fn zone_of(country: &str) -> Option<&'static str> {
    ZONES.lines().find_map(|line| {
        let (code, zone) = line.split_once(' ')?;
        code.eq_ignore_ascii_case(country.trim()).then_some(zone)
    })
}

/// The end of the quiet hours in which `at` lies; none if it lies in none.
pub(super) fn quiet_until(at: Timestamp, quiet: QuietHours, zone: &TimeZone) -> Option<Timestamp> {
    let local = zone.to_datetime(at);
    let time = local.time();
    let is_overnight = quiet.from > quiet.to;
    let is_quiet = if is_overnight {
        time >= quiet.from || time < quiet.to
    } else {
        time >= quiet.from && time < quiet.to
    };
    if !is_quiet {
        return None;
    }
    let ends_tomorrow = is_overnight && time >= quiet.from;
    let day = if ends_tomorrow {
        next_day(local.date())
    } else {
        local.date()
    };
    instant(day.to_datetime(quiet.to), zone)
}

/// The last instant of `day`.
pub(super) fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = instant(next_day(day).to_datetime(Time::midnight()), zone)?;
    midnight.checked_sub(1.second()).ok()
}

/// The instant of a wall clock; one that a change to summer time skips is the
/// instant after the gap, one that is struck twice the first.
pub(super) fn instant(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(local).ok()
}

/// The latest instant that a scan's time can mean to a recipient in `zone`.
pub(super) fn latest(time: ScanTime, zone: &TimeZone) -> Option<Timestamp> {
    match (time.instant(), time.time()) {
        (Some(instant), _) => Some(instant),
        (None, Some(clock)) => instant(time.date().to_datetime(clock), zone),
        (None, None) => end_of(time.date(), zone),
    }
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contact::{Consent, PhoneNumber};

    const NIGHT: QuietHours = QuietHours {
        from: Time::constant(21, 0, 0, 0),
        to: Time::constant(8, 0, 0, 0),
    };

    fn customer(zone: Option<&str>, country: Option<&str>, phone: Option<&str>) -> Contact {
        Contact {
            name: None,
            email: None,
            phone: phone.map(|phone| PhoneNumber::parse(phone, None).unwrap()),
            postcode: None,
            region: None,
            country: country.map(str::to_owned),
            time_zone: zone.map(str::to_owned),
            consent: Consent::default(),
        }
    }

    #[track_caller]
    fn check(zone: &str, at: &str, expected: Option<&str>) {
        let zone = TimeZone::get(zone).unwrap();
        let until = quiet_until(at.parse().unwrap(), NIGHT, &zone);
        assert_eq!(until, expected.map(|at| at.parse().unwrap()), "{at}");
    }

    #[test]
    fn every_zone_of_the_table_exists() {
        for line in ZONES.lines() {
            let (country, zone) = line.split_once(' ').unwrap();
            assert!(country.len() == 2 && TimeZone::get(zone).is_ok(), "{line}");
        }
        assert!(ZONES.lines().count() > 240);
    }

    #[test]
    fn the_most_certain_hint_tells_the_zone() {
        let settings = Settings {
            time_zone: "America/Chicago".to_owned(),
            ..Settings::default()
        };
        let phone = Some("+4915112345678");
        for (customer, expected) in [
            (
                customer(Some("Asia/Tokyo"), Some("FR"), phone),
                "Asia/Tokyo",
            ),
            (
                customer(Some("Nowhere/Land"), Some("fr"), phone),
                "Europe/Paris",
            ),
            (customer(None, Some("??"), phone), "Europe/Berlin"),
            (customer(None, None, phone), "Europe/Berlin"),
            (customer(None, None, None), "America/Chicago"),
        ] {
            assert_eq!(zone(&customer, &settings).iana_name(), Some(expected));
        }
        let lost = Settings {
            time_zone: "?".to_owned(),
            ..settings
        };
        assert_eq!(zone(&customer(None, None, None), &lost), TimeZone::UTC);
    }

    #[test]
    fn the_night_is_the_recipients_night() {
        check(
            "Asia/Tokyo",
            "2026-11-22T13:00:00Z",
            Some("2026-11-22T23:00:00Z"),
        );
        check("America/New_York", "2026-11-22T13:00:00Z", None);
        check("UTC", "2026-11-22T20:59:59Z", None);
        check("UTC", "2026-11-22T21:00:00Z", Some("2026-11-23T08:00:00Z"));
        check("UTC", "2026-11-22T07:59:59Z", Some("2026-11-22T08:00:00Z"));
        check("UTC", "2026-11-22T08:00:00Z", None);
    }

    #[test]
    fn a_night_in_which_clocks_change_ends_at_eight_all_the_same() {
        check(
            "Europe/Berlin",
            "2026-03-28T21:00:00Z",
            Some("2026-03-29T06:00:00Z"),
        );
        check(
            "Europe/Berlin",
            "2026-10-24T20:00:00Z",
            Some("2026-10-25T07:00:00Z"),
        );
        check(
            "America/New_York",
            "2026-03-08T03:00:00Z",
            Some("2026-03-08T12:00:00Z"),
        );
    }

    #[test]
    fn quiet_hours_by_day_end_on_the_same_day() {
        let siesta = QuietHours {
            from: Time::constant(13, 0, 0, 0),
            to: Time::constant(16, 0, 0, 0),
        };
        let zone = TimeZone::get("Europe/Madrid").unwrap();
        let until = quiet_until("2026-11-22T12:30:00Z".parse().unwrap(), siesta, &zone);
        assert_eq!(until, Some("2026-11-22T15:00:00Z".parse().unwrap()));
        assert_eq!(
            quiet_until("2026-11-22T15:00:00Z".parse().unwrap(), siesta, &zone),
            None
        );
    }
}
