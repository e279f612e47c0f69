//! What happened to a parcel, in words and by day.

use jiff::civil::Date;
use posthorn_channels::{text, words::Phrases};
use posthorn_domain::{
    journey::reconcile::SourcedScan,
    scan::{Scan, ScanMeaning},
    source::SourceKind,
    status::{Reason, ShipmentStatus},
};
use serde::Serialize;

use crate::{sources::TrackingHistory, view::PageInput};

/// The scans of a day, latest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    date: String,
    entries: Vec<HistoryEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct HistoryEntry {
    time: String,
    what: String,
    place: String,
    by: String,
}

/// Scans by day, latest first, each once.
pub(crate) fn by_day(told: &TrackingHistory<'_>, shown: &PageInput<'_>) -> Vec<Day> {
    let (words, today) = (shown.phrases(), shown.local_today());
    let mut days: Vec<(Date, Day)> = Vec::new();
    for (index, heard) in told.history.iter().enumerate().rev() {
        let scan = heard.scan;
        let is_back = told.way_back.is_some_and(|from| from <= index);
        let Some(what) = scan_text(heard, is_back, words) else {
            continue;
        };
        let entry = HistoryEntry {
            time: scan
                .time
                .local_time()
                .map(|time| words.format_time(time))
                .unwrap_or_default(),
            what,
            place: place_text(scan, shown),
            by: told.source_name(shown, heard),
        };
        let date = scan.time.local_date();
        if days.last().is_none_or(|(day, _)| *day != date) {
            days.push((
                date,
                Day {
                    date: words.format_date(date, today),
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

/// A scan in our words. The carrier's own may name the person who took the parcel, so
/// where we have none it is only said that there was one, if it was anywhere.
/// The shop's people write for its customers, as in the word to a stage. With
/// `is_back` it goes back to the shop, so "delivered" means there.
pub(crate) fn scan_text(
    heard: &SourcedScan<'_>,
    is_back: bool,
    words: &dyn Phrases,
) -> Option<String> {
    let scan = heard.scan;
    let is_by_staff = heard
        .source
        .is_some_and(|source| source.kind == SourceKind::Staff);
    match scan.meaning {
        ScanMeaning::Status(reason) => {
            let is_at_shop = is_back && reason.to_status() == ShipmentStatus::Delivered;
            let reason = if is_at_shop { Reason::Received } else { reason };
            Some(words.scan_text(reason).to_owned())
        }
        ScanMeaning::Delay(reason) => Some(
            words
                .delay_phrases(reason)
                .sentence
                .trim_end_matches('.')
                .to_owned(),
        ),
        ScanMeaning::Note => {
            Some(text::one_line(&scan.text, 200)).filter(|text| is_by_staff && !text.is_empty())
        }
        ScanMeaning::Withdrawn => None,
        ScanMeaning::Unknown => city_name(scan)
            .is_some()
            .then(|| words.unnamed_scan().to_owned()),
    }
}

/// Where a scan happened: the town, and its country by name where that is not
/// the shop's own; a country alone is of no use.
pub(crate) fn place_text(scan: &Scan, shown: &PageInput<'_>) -> String {
    let Some(city) = city_name(scan) else {
        return String::new();
    };
    let abroad = scan.place.country.as_deref().filter(|country| {
        let own = shown.settings.country.trim();
        !country.trim().eq_ignore_ascii_case(own)
    });
    match abroad.and_then(|country| country_name(country.trim(), shown.phrases())) {
        Some(country) if !country.eq_ignore_ascii_case(&city) => format!("{city}, {country}"),
        _ => city,
    }
}

fn city_name(scan: &Scan) -> Option<String> {
    let city = text::place_name(scan.place.city.as_deref()?);
    Some(city).filter(|city| !city.is_empty())
}

/// A country's name; what is no code is one already.
fn country_name(country: &str, words: &dyn Phrases) -> Option<String> {
    let is_code = country.len() < 4 && country.chars().all(|c| c.is_ascii_alphabetic());
    match words.country_name(country) {
        Some(name) => Some(name.to_owned()),
        None if is_code || country.is_empty() => None,
        None => Some(text::place_name(&text::one_line(country, 40))),
    }
}
