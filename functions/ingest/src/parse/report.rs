//! What people report of a parcel.

use crate::{
    body::{EventBody, ReportBody},
    given::{Fault, Findings, Given, Place},
    problem::Code,
    text,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Meaning, Place as Whereabouts, Scan},
    source::Source,
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
};

/// The most events of one report.
const MAX_EVENTS: usize = 50;

/// What people report of a parcel, checked.
#[derive(Debug, Clone)]
pub(crate) struct NewReport {
    pub(crate) source: Source,
    pub(crate) is_correction: bool,
    pub(crate) report: Report,
}

impl NewReport {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn read(body: ReportBody, now: Timestamp, findings: &mut Findings) -> Option<Self> {
        let mut place = Place::root(findings);
        place.ignored(&body.unknown);
        let said = reported(body.source, body.supplier, body.correction, &mut place);
        let is_silent = matches!(body.events, Given::Absent) && matches!(body.eta, Given::Absent);
        let scans = place.list("events", body.events, MAX_EVENTS, |body, mut place| {
            place.ignored(&body.unknown);
            event(body, "at", now, &mut place)
        });
        let eta = place.text("eta", body.eta, eta);
        if is_silent {
            place.field("events").fault(
                Fault::new(Code::Required, "is missing").expecting("`events`, `eta` or both"),
            );
        }
        let (source, is_correction) = said?;
        Some(Self {
            source,
            is_correction,
            report: Report {
                scans,
                eta,
                ..Report::default()
            },
        })
    }
}

/// Who reports, and whether it is to hold against what is known.
pub(crate) fn reported(
    source: Given<String>,
    supplier: Given<String>,
    correction: Given<bool>,
    place: &mut Place<'_>,
) -> Option<(Source, bool)> {
    let is_given = !matches!(source, Given::Absent);
    let kind = place.text("source", source, |text| match plain(text).as_str() {
        "staff" => Ok(false),
        "supplier" => Ok(true),
        _ => Err(Fault::new(Code::UnknownSource, "is no source that reports")
            .expecting("staff, supplier")),
    });
    let name = place.text("supplier", supplier, text::line(60));
    let is_correction = place
        .optional("correction", correction, Ok)
        .unwrap_or_default();
    let is_supplier = match kind {
        Some(is_supplier) => is_supplier,
        None if is_given => return None,
        None => name.is_some(),
    };
    if !is_supplier && name.is_some() {
        place.field("supplier").fault(
            Fault::new(Code::OnlyForSupplier, "names a supplier, but staff reports")
                .expecting("`source` as supplier, or nothing"),
        );
        return None;
    }
    if is_supplier && is_correction {
        place.field("correction").fault(
            Fault::new(Code::OnlyForStaff, "is not for suppliers").expecting("`source` as staff"),
        );
        return None;
    }
    let source = if is_supplier {
        Source::supplier(name)
    } else {
        Source::staff()
    };
    Some((source, is_correction))
}

/// Something that happened; `at` is what the field with its time is called.
pub(crate) fn event(
    body: EventBody,
    at: &str,
    now: Timestamp,
    place: &mut Place<'_>,
) -> Option<Scan> {
    let has_status = !matches!(body.status, Given::Absent);
    let time = place.required_text(at, body.at, moment(now));
    let status = place.text("status", body.status, meaning);
    let whereabouts = Whereabouts {
        city: place.text("city", body.city, text::line(60)),
        region: place.text("region", body.region, text::line(60)),
        country: place.text("country", body.country, text::country),
    };
    let words = place.text("text", body.text, text::line(200));
    let meaning = match status {
        Some(meaning) => meaning,
        None if has_status => return None,
        None if words.is_none() => {
            place.field("status").fault(
                Fault::new(Code::Required, "is missing").expecting("`status`, or `text` as a note"),
            );
            return None;
        }
        None => Meaning::Note,
    };
    Some(Scan {
        time: time?,
        meaning,
        code: String::new(),
        text: words.unwrap_or_default(),
        place: whereabouts,
        sequence: 0,
        is_inferred: false,
    })
}

/// A status that people can know of, however they write it.
fn meaning(text: &str) -> Result<Meaning, Fault> {
    let code = plain(text);
    let unknown = |detail| Err(Fault::new(Code::UnknownStatus, detail).expecting(reportable()));
    if let Ok(delay) = code.parse::<DelayReason>() {
        return Ok(Meaning::Delay(delay));
    }
    let status = code.parse::<ShipmentStatus>().map(Reason::least_of);
    let Ok(reason) = code.parse::<Reason>().or(status) else {
        return unknown("is not a status");
    };
    if is_reportable(reason.status()) {
        Ok(Meaning::Status(reason))
    } else {
        unknown("is a status that follows from what others say")
    }
}

const fn is_reportable(status: ShipmentStatus) -> bool {
    !matches!(status, ShipmentStatus::Pending | ShipmentStatus::Expired)
}

fn reportable() -> String {
    let statuses = ShipmentStatus::ALL.iter();
    let reportable: Vec<&str> = statuses
        .filter(|status| is_reportable(**status))
        .map(|status| status.as_str())
        .collect();
    format!(
        "{}, or one of them with its reason, as attempt_failed.not_home; or a delay, as delayed.weather",
        reportable.join(", ")
    )
}

/// `In Transit` as `in_transit`.
fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// When something happened, which cannot be in the future: not by more than
/// clocks and time zones differ.
fn moment(now: Timestamp) -> impl Fn(&str) -> Result<ScanTime, Fault> {
    move |text| {
        let refused = |detail| {
            Err(Fault::new(Code::InvalidTimestamp, detail).expecting(
                "a date, a local date-time or one with its offset, as 2026-11-22T08:12:00+01:00",
            ))
        };
        let Ok(time) = text.trim().parse::<ScanTime>() else {
            return refused("is no time");
        };
        let is_to_come = if let Some(instant) = time.instant() {
            instant > now + SignedDuration::from_mins(10)
        } else {
            let latest = Offset::constant(14).to_datetime(now);
            time.date() > latest.date()
                || (time.date() == latest.date() && time.time() > Some(latest.time()))
        };
        if is_to_come {
            return refused("lies in the future");
        }
        if time.date().year() < 2000 {
            return refused("lies before the year 2000");
        }
        Ok(time)
    }
}

/// `2026-11-26`, `2026-11-26/2026-11-28`, `2026-11-26T10:00/14:00`.
pub(crate) fn eta(text: &str) -> Result<Eta, Fault> {
    let refused = || {
        Fault::new(
            Code::InvalidEta,
            "is not a day, some days, or some hours of a day",
        )
        .expecting("2026-11-26, 2026-11-26/2026-11-28 or 2026-11-26T10:00/14:00")
    };
    let (begin, end) = match text.trim().split_once('/') {
        Some((begin, end)) => (begin, Some(end)),
        None => (text.trim(), None),
    };
    let (from, from_time) = moment_of(begin, None).ok_or_else(refused)?;
    let (to, to_time) = match end {
        Some(end) => moment_of(end, Some(from)).ok_or_else(refused)?,
        None => (from, None),
    };
    let window = match (from_time, to_time) {
        (None, None) => None,
        (Some(begin), Some(end)) if from == to && begin <= end => Some((begin, end)),
        _ => return Err(refused()),
    };
    if from > to || !(2000..=2200).contains(&to.year()) {
        return Err(refused());
    }
    Ok(Eta {
        from,
        to,
        window,
        source: EtaSource::Staff,
    })
}

/// A date, a date with a time, or a time of `day`.
fn moment_of(text: &str, day: Option<Date>) -> Option<(Date, Option<Time>)> {
    if let Some((date, time)) = text.split_once('T') {
        return Some((bare_date(date)?, Some(time.parse().ok()?)));
    }
    match (bare_date(text), day) {
        (Some(date), _) => Some((date, None)),
        (None, Some(day)) => Some((day, Some(text.parse().ok()?))),
        (None, None) => None,
    }
}

fn bare_date(text: &str) -> Option<Date> {
    (text.len() == 10).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(text: &str) -> String {
        eta(text).map_or_else(
            |_| "refused".to_owned(),
            |eta| {
                let window = eta.window.map(|(from, to)| format!(" {from}-{to}"));
                format!("{}..{}{}", eta.from, eta.to, window.unwrap_or_default())
            },
        )
    }

    #[test]
    fn an_eta_is_a_day_some_days_or_some_hours() {
        for (text, expected) in [
            ("2026-11-26", "2026-11-26..2026-11-26"),
            ("2026-11-26/2026-11-28", "2026-11-26..2026-11-28"),
            (
                "2026-11-26T10:00/14:00",
                "2026-11-26..2026-11-26 10:00:00-14:00:00",
            ),
            (
                "2026-11-26T10:00/2026-11-26T14:00",
                "2026-11-26..2026-11-26 10:00:00-14:00:00",
            ),
            ("2026-11-28/2026-11-26", "refused"),
            ("2026-11-26T10:00", "refused"),
            ("2026-11-26T14:00/10:00", "refused"),
            ("2026-11-26T10:00/2026-11-27T14:00", "refused"),
            ("26.11.2026", "refused"),
            ("soon", "refused"),
            ("/", "refused"),
        ] {
            assert_eq!(stands(text), expected, "{text}");
        }
    }

    #[test]
    fn a_status_may_be_written_as_people_write() {
        for (text, expected) in [
            ("In Transit", Meaning::Status(Reason::Moving)),
            ("out-for-delivery", Meaning::Status(Reason::Today)),
            ("delivered.neighbor", Meaning::Status(Reason::Neighbor)),
            ("delayed.weather", Meaning::Delay(DelayReason::Weather)),
        ] {
            assert_eq!(meaning(text).ok(), Some(expected), "{text}");
        }
        for text in ["pending", "expired.silent", "delayed", "gone", ""] {
            assert!(meaning(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_been_somewhere_on_earth() {
        let read = moment("2026-11-22T10:00:00Z".parse().unwrap());
        for text in [
            "2026-11-23",
            "2026-11-22T23:59",
            "2026-11-22T11:05+01:00",
            "2026-11-22 8:12",
        ] {
            assert_eq!(read(text).is_ok(), text != "2026-11-22 8:12", "{text}");
        }
        for text in [
            "2026-11-24",
            "2026-11-23T00:01",
            "2026-11-22T10:11Z",
            "1999-12-31",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
