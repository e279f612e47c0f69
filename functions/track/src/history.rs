//! What happened to a parcel, in words and by day.

use jiff::civil::Date;
use posthorn_channels::{text, words::Words};
use posthorn_domain::scan::{Meaning, Scan};
use serde::Serialize;

use crate::{told::Told, view::Shown};

/// The scans of a day, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    date: String,
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    time: String,
    what: String,
    place: String,
    by: String,
}

/// Scans by day, latest first, each once.
pub(crate) fn by_day(told: &Told<'_>, shown: &Shown<'_>) -> Vec<Day> {
    let (words, today) = (shown.words(), shown.today());
    let mut days: Vec<(Date, Day)> = Vec::new();
    for heard in told.history.iter().rev() {
        let scan = heard.scan;
        let Some(what) = said(scan, words) else {
            continue;
        };
        let entry = Entry {
            time: scan
                .time
                .time()
                .map(|time| words.time(time))
                .unwrap_or_default(),
            what,
            place: place(scan),
            by: told.by(shown, heard),
        };
        let date = scan.time.date();
        if days.last().is_none_or(|(day, _)| *day != date) {
            days.push((
                date,
                Day {
                    date: words.date(date, today),
                    entries: Vec::new(),
                },
            ));
        }
        if let Some((_, day)) = days.last_mut()
            && !day.entries.contains(&entry)
        {
            day.entries.push(entry);
        }
    }
    days.into_iter().map(|(_, day)| day).collect()
}

/// A scan in our words, or in the carrier's where we have none.
pub(crate) fn said(scan: &Scan, words: &dyn Words) -> Option<String> {
    match scan.meaning {
        Meaning::Status(reason) => Some(words.scan(reason).to_owned()),
        Meaning::Delay(reason) => Some(
            words
                .delay(reason)
                .sentence
                .trim_end_matches('.')
                .to_owned(),
        ),
        Meaning::Note | Meaning::Unknown => {
            Some(text::one_line(&scan.text, 120)).filter(|text| !text.is_empty())
        }
    }
}

/// Where a scan happened: the town and its country, never more; a country alone
/// says nothing to anybody.
pub(crate) fn place(scan: &Scan) -> String {
    let city = scan.place.city.as_deref().map(text::place_name);
    let Some(city) = city.filter(|city| !city.is_empty()) else {
        return String::new();
    };
    match &scan.place.country {
        Some(country) => format!("{city}, {}", text::one_line(country, 40)),
        None => city,
    }
}
