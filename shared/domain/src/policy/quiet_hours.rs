//! The recipient's wall clock, and when it is decent to ring.

use crate::{settings::QuietHours, time::ScanTime};
use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// The first instant from `at` on that lies in the quiet hours of none of `zones`,
/// of which one is the recipient's; with no such instant in two days, the first
/// that is decent in the first of them.
pub(super) fn decent_from(at: Timestamp, quiet: QuietHours, zones: &[TimeZone]) -> Timestamp {
    let latest = at.checked_add(SignedDuration::from_hours(48));
    let latest = latest.unwrap_or(Timestamp::MAX);
    let mut decent = at;
    while decent <= latest {
        let ends = zones
            .iter()
            .filter_map(|zone| quiet_until(decent, quiet, zone));
        match ends.max() {
            Some(end) if end > decent => decent = end,
            _ => return decent,
        }
    }
    let first = zones.first().and_then(|zone| quiet_until(at, quiet, zone));
    first.unwrap_or(at)
}

/// The end of the quiet hours in which `at` lies; none if it lies in none.
fn quiet_until(at: Timestamp, quiet: QuietHours, zone: &TimeZone) -> Option<Timestamp> {
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
    to_instant(day.to_datetime(quiet.to), zone)
}

/// The last instant of `day`.
pub(super) fn end_of(day: Date, zone: &TimeZone) -> Option<Timestamp> {
    let midnight = to_instant(next_day(day).to_datetime(Time::midnight()), zone)?;
    midnight.checked_sub(1.second()).ok()
}

/// The instant of a wall clock; one that a change to summer time skips is the
/// instant after the gap, one that is struck twice the first.
pub(super) fn to_instant(local: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    zone.to_timestamp(local).ok()
}

/// The latest instant that a scan's time can mean to a recipient in `zone`.
pub(super) fn latest_instant(time: ScanTime, zone: &TimeZone) -> Option<Timestamp> {
    match (time.to_instant(), time.local_time()) {
        (Some(instant), _) => Some(instant),
        (None, Some(clock)) => to_instant(time.local_date().to_datetime(clock), zone),
        (None, None) => end_of(time.local_date(), zone),
    }
}

fn next_day(day: Date) -> Date {
    day.saturating_add(1.day())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NIGHT: QuietHours = QuietHours {
        from: Time::constant(21, 0, 0, 0),
        to: Time::constant(8, 0, 0, 0),
    };

    #[track_caller]
    fn check(zone: &str, at: &str, expected: Option<&str>) {
        let zone = TimeZone::get(zone).unwrap();
        let until = quiet_until(at.parse().unwrap(), NIGHT, &zone);
        assert_eq!(until, expected.map(|at| at.parse().unwrap()), "{at}");
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

    #[test]
    fn of_a_recipient_who_may_live_by_several_clocks_each_is_heeded() {
        let zones = ["America/New_York", "America/Los_Angeles"];
        let zones = zones.map(|zone| TimeZone::get(zone).unwrap());
        for (at, expected) in [
            ("2026-12-01T13:30:00Z", "2026-12-01T16:00:00Z"),
            ("2026-12-01T17:00:00Z", "2026-12-01T17:00:00Z"),
            ("2026-12-02T02:30:00Z", "2026-12-02T16:00:00Z"),
        ] {
            let decent = decent_from(at.parse().unwrap(), NIGHT, &zones);
            assert_eq!(decent, expected.parse().unwrap(), "{at}");
        }
    }

    #[test]
    fn where_no_hour_is_decent_by_all_clocks_the_first_counts() {
        let zones = ["Europe/Kaliningrad", "Asia/Kamchatka"];
        let zones = zones.map(|zone| TimeZone::get(zone).unwrap());
        let quiet = QuietHours {
            from: Time::constant(17, 0, 0, 0),
            to: Time::constant(9, 0, 0, 0),
        };
        let decent = decent_from("2026-12-01T22:00:00Z".parse().unwrap(), quiet, &zones);
        assert_eq!(decent, "2026-12-02T07:00:00Z".parse().unwrap());
    }
}
