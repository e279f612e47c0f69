//! What people report of a shipment.

use crate::{
    body::{EventBody, ReportBody},
    field::{Field, FieldPath, Issue, Issues},
    problem::ProblemCode,
    validate,
};
use jiff::{
    SignedDuration, Timestamp,
    civil::{Date, Time},
    tz::Offset,
};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    report::Report,
    scan::{Place as Whereabouts, Scan, ScanMeaning},
    source::Source,
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
};

/// The most events of one report.
const MAX_EVENTS: usize = 50;

/// What people report of a shipment, checked.
#[derive(Debug, Clone)]
pub(crate) struct ParsedReport {
    pub(crate) source: Source,
    pub(crate) is_correction: bool,
    pub(crate) report: Report,
}

impl ParsedReport {
    /// Reads `body`; what is wrong or ignored stands in `findings`.
    pub(crate) fn parse_report(
        body: ReportBody,
        now: Timestamp,
        findings: &mut Issues,
    ) -> Option<Self> {
        let mut place = FieldPath::at_root(findings);
        place.add_ignored(&body.unknown);
        let said = parse_reporter(body.source, body.supplier, body.correction, &mut place);
        let is_silent = matches!(body.events, Field::Absent) && matches!(body.eta, Field::Absent);
        let scans = place.read_list("events", body.events, MAX_EVENTS, |body, mut place| {
            place.add_ignored(&body.unknown);
            parse_event(body, "at", now, &mut place)
        });
        let eta = place.read_text("eta", body.eta, parse_eta);
        if is_silent {
            place.at_field("events").add_issue(
                Issue::new(ProblemCode::Required, "is missing")
                    .with_expected("`events`, `eta` or both"),
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
pub(crate) fn parse_reporter(
    source: Field<String>,
    supplier: Field<String>,
    correction: Field<bool>,
    place: &mut FieldPath<'_>,
) -> Option<(Source, bool)> {
    let is_given = !matches!(source, Field::Absent);
    let kind = place.read_text("source", source, |text| match plain_code(text).as_str() {
        "staff" => Ok(false),
        "supplier" => Ok(true),
        _ => Err(
            Issue::new(ProblemCode::UnknownSource, "is no source that reports")
                .with_expected("staff, supplier"),
        ),
    });
    let name = place.read_text("supplier", supplier, validate::line(60));
    let is_correction = place
        .read_optional("correction", correction, Ok)
        .unwrap_or_default();
    let is_supplier = match kind {
        Some(is_supplier) => is_supplier,
        None if is_given => return None,
        None => name.is_some(),
    };
    if !is_supplier && name.is_some() {
        place.at_field("supplier").add_issue(
            Issue::new(
                ProblemCode::OnlyForSupplier,
                "names a supplier, but staff reports",
            )
            .with_expected("`source` as supplier, or nothing"),
        );
        return None;
    }
    if is_supplier && is_correction {
        place.at_field("correction").add_issue(
            Issue::new(ProblemCode::OnlyForStaff, "is not for suppliers")
                .with_expected("`source` as staff"),
        );
        return None;
    }
    let source = if is_supplier {
        Source::from_supplier(name)
    } else {
        Source::from_staff()
    };
    Some((source, is_correction))
}

/// Something that happened; `at` is what the field with its time is called.
pub(crate) fn parse_event(
    body: EventBody,
    at: &str,
    now: Timestamp,
    place: &mut FieldPath<'_>,
) -> Option<Scan> {
    let has_status = !matches!(body.status, Field::Absent);
    let time = place.required_text(at, body.at, time_reader(now));
    let status = place.read_text("status", body.status, parse_meaning);
    let whereabouts = Whereabouts {
        city: place.read_text("city", body.city, validate::line(60)),
        region: place.read_text("region", body.region, validate::line(60)),
        country: place.read_text("country", body.country, validate::country),
    };
    let words = place.read_text("text", body.text, validate::line(200));
    let meaning = match status {
        Some(meaning) => meaning,
        None if has_status => return None,
        None if words.is_none() => {
            place.at_field("status").add_issue(
                Issue::new(ProblemCode::Required, "is missing")
                    .with_expected("`status`, or `text` as a note"),
            );
            return None;
        }
        None => ScanMeaning::Note,
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
fn parse_meaning(text: &str) -> Result<ScanMeaning, Issue> {
    let code = plain_code(text);
    let unknown = |detail| {
        Err(Issue::new(ProblemCode::UnknownStatus, detail).with_expected(reportable_statuses()))
    };
    if let Ok(delay) = code.parse::<DelayReason>() {
        return Ok(ScanMeaning::Delay(delay));
    }
    let status = code.parse::<ShipmentStatus>().map(Reason::least_of);
    let Ok(reason) = code.parse::<Reason>().or(status) else {
        return unknown("is not a status");
    };
    if is_reportable(reason.to_status()) {
        Ok(ScanMeaning::Status(reason))
    } else {
        unknown("is a status that follows from what others say")
    }
}

const fn is_reportable(status: ShipmentStatus) -> bool {
    !matches!(status, ShipmentStatus::Pending | ShipmentStatus::Expired)
}

fn reportable_statuses() -> String {
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
fn plain_code(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// When something happened, which cannot be in the future: not by more than
/// clocks and time zones differ.
fn time_reader(now: Timestamp) -> impl Fn(&str) -> Result<ScanTime, Issue> {
    move |text| {
        let refused = |detail| {
            Err(Issue::new(ProblemCode::InvalidTimestamp, detail).with_expected(
                "a date, a local date-time or one with its offset, as 2026-11-22T08:12:00+01:00",
            ))
        };
        let Ok(time) = text.trim().parse::<ScanTime>() else {
            return refused("is no time");
        };
        let is_to_come = if let Some(instant) = time.to_instant() {
            instant > now + SignedDuration::from_mins(10)
        } else {
            let latest = Offset::constant(14).to_datetime(now);
            time.local_date() > latest.date()
                || (time.local_date() == latest.date() && time.local_time() > Some(latest.time()))
        };
        if is_to_come {
            return refused("lies in the future");
        }
        if time.local_date().year() < 2000 {
            return refused("lies before the year 2000");
        }
        Ok(time)
    }
}

/// `2026-11-26`, `2026-11-26/2026-11-28`, `2026-11-26T10:00/14:00`.
pub(crate) fn parse_eta(text: &str) -> Result<Eta, Issue> {
    let refused = || {
        Issue::new(
            ProblemCode::InvalidEta,
            "is not a day, some days, or some hours of a day",
        )
        .with_expected("2026-11-26, 2026-11-26/2026-11-28 or 2026-11-26T10:00/14:00")
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
        parse_eta(text).map_or_else(
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
            ("In Transit", ScanMeaning::Status(Reason::Moving)),
            ("out-for-delivery", ScanMeaning::Status(Reason::Today)),
            ("delivered.neighbor", ScanMeaning::Status(Reason::Neighbor)),
            ("delayed.weather", ScanMeaning::Delay(DelayReason::Weather)),
        ] {
            assert_eq!(parse_meaning(text).ok(), Some(expected), "{text}");
        }
        for text in ["pending", "expired.silent", "delayed", "gone", ""] {
            assert!(parse_meaning(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_time_has_been_somewhere_on_earth() {
        let read = time_reader("2026-11-22T10:00:00Z".parse().unwrap());
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
