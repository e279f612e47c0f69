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
