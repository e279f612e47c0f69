//! Days and hours in English.

use crate::words::EtaWords;
use jiff::civil::{Date, Time, Weekday};
use posthorn_domain::eta::Eta;

/// `Thursday, 26 November`, with the year if it is far away.
pub(super) fn format_date(date: Date, today: Date) -> String {
    let day = format!(
        "{}, {} {}",
        weekday_name(date),
        date.day(),
        month_name(date)
    );
    let months = (i32::from(today.year()) - i32::from(date.year())) * 12 + i32::from(today.month())
        - i32::from(date.month());
    if months.abs() > 6 {
        format!("{day} {}", date.year())
    } else {
        day
    }
}

/// `2:30 pm`.
pub(super) fn format_time(time: Time) -> String {
    let hour = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    let half = if time.hour() < 12 { "am" } else { "pm" };
    format!("{hour}:{:02} {half}", time.minute())
}

/// When a parcel is expected, in the forms that sentences need.
pub(super) fn format_eta(eta: &Eta, today: Date) -> EtaWords {
    if eta.from != eta.to {
        let all = format_days(eta, 99);
        return EtaWords {
            phrase: format!("between {}", all.replace(" – ", " and ")),
            short: format_days(eta, 3).replace(" – ", "-"),
            label: all,
            window: String::new(),
            rest: String::new(),
        };
    }
    let day = format_date(eta.from, today);
    let (window, hours, hours_short) = match eta.window {
        Some((from, to)) => {
            let (from, to) = (format_time(from), format_time(to));
            (
                format!("between {from} and {to}"),
                format!(", {from} – {to}"),
                format!(" {}-{}", from.replace(' ', ""), to.replace(' ', "")),
            )
        }
        None => <_>::default(),
    };
    let separator = if window.is_empty() { "" } else { ", " };
    let short = if eta.from == today {
        "today".to_owned()
    } else {
        format!(
            "{:.3} {} {:.3}",
            weekday_name(eta.from),
            eta.from.day(),
            month_name(eta.from)
        )
    };
    let phrase = match relative_day(eta.from, today) {
        Some(word) => format!("{word}, {day}{separator}{window}"),
        None => format!("on {day}{separator}{window}"),
    };
    let rest = if is_soon(eta.from, today) {
        format!("{day}{hours}")
    } else {
        hours.trim_start_matches(", ").to_owned()
    };
    EtaWords {
        phrase,
        rest,
        label: format!("{day}{hours}"),
        short: format!("{short}{hours_short}"),
        window,
    }
}

/// `today`, `Thursday` within the coming week, `on Thursday, 10 December` after it.
pub(super) fn on_day(eta: &Eta, today: Date) -> String {
    if eta.from != eta.to {
        return format!("between {}", format_days(eta, 99).replace(" – ", " and "));
    }
    match relative_day(eta.from, today) {
        Some(word) => word.to_owned(),
        None if is_soon(eta.from, today) => weekday_name(eta.from).to_owned(),
        None => format!("on {}", format_date(eta.from, today)),
    }
}

/// A day that is past: `yesterday`, `on Tuesday, 24 November`; of several the
/// last, `by Tuesday, 24 November`.
pub(super) fn by_day(eta: &Eta, today: Date) -> String {
    if eta.from == eta.to {
        past_day(eta.to, today)
    } else {
        format!("by {}", format_date(eta.to, today))
    }
}

/// `today`, `yesterday`, `on Tuesday, 24 November`. Where the wall clock is ahead
/// of the reader's, a day that is past there may lie ahead here: it is named.
pub(super) fn past_day(day: Date, today: Date) -> String {
    match relative_day(day, today) {
        Some(word) if day <= today => word.to_owned(),
        _ => format!("on {}", format_date(day, today)),
    }
}

/// Whether one word names the day.
fn is_soon(day: Date, today: Date) -> bool {
    let ahead = (day - today).get_days();
    relative_day(day, today).is_some() || (2..7).contains(&ahead)
}

pub(super) fn relative_day(date: Date, today: Date) -> Option<&'static str> {
    match (date - today).get_days() {
        0 => Some("today"),
        1 => Some("tomorrow"),
        -1 => Some("yesterday"),
        _ => None,
    }
}

/// `26 – 28 November`; `width` cuts the months' names.
fn format_days(eta: &Eta, width: usize) -> String {
    let to = format!("{} {:.width$}", eta.to.day(), month_name(eta.to));
    if eta.from.first_of_month() == eta.to.first_of_month() {
        format!("{} – {to}", eta.from.day())
    } else {
        format!("{} {:.width$} – {to}", eta.from.day(), month_name(eta.from))
    }
}

fn weekday_name(date: Date) -> &'static str {
    match date.weekday() {
        Weekday::Monday => "Monday",
        Weekday::Tuesday => "Tuesday",
        Weekday::Wednesday => "Wednesday",
        Weekday::Thursday => "Thursday",
        Weekday::Friday => "Friday",
        Weekday::Saturday => "Saturday",
        Weekday::Sunday => "Sunday",
    }
}

fn month_name(date: Date) -> &'static str {
    const MONTHS: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    let index = usize::try_from(date.month() - 1).unwrap_or_default();
    MONTHS[index % 12]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_has_happened_tomorrow() {
        let today = Date::constant(2026, 11, 25);
        for (day, said) in [
            (Date::constant(2026, 11, 26), "on Thursday, 26 November"),
            (today, "today"),
            (Date::constant(2026, 11, 24), "yesterday"),
            (Date::constant(2026, 11, 20), "on Friday, 20 November"),
        ] {
            assert_eq!(past_day(day, today), said);
        }
    }
}
