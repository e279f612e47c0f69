//! What happened to a parcel, in words and by day.

use jiff::civil::Date;
use posthorn_channels::{text, words::Words};
use posthorn_domain::scan::{Meaning, Scan};
use serde::Serialize;

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
}

/// Scans by day, latest first, each once.
pub(crate) fn by_day(scans: &[Scan], words: &dyn Words, today: Date) -> Vec<Day> {
    let mut days: Vec<(Date, Day)> = Vec::new();
    for scan in scans.iter().rev() {
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

/// A scan in our words. The carrier's own may name whoever took the parcel, so
/// where we have none it is only said that there was one, if it was anywhere.
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
        Meaning::Note => None,
        Meaning::Unknown => (!place(scan).is_empty()).then(|| words.unnamed_scan().to_owned()),
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
