//! What carriers send, made fit to be kept and passed on: the one place where
//! everything passes that a carrier says of a shipment.

use jiff::civil::Time;
use posthorn_domain::{report::Report, scan::ScanMeaning, text::is_noncharacter, time::ScanTime};

/// The report without characters that queues refuse, and without times of day that
/// are none.
pub(crate) fn clean_report(mut report: Report) -> Report {
    for scan in &mut report.scans {
        scan.time = without_placeholder(scan.time);
        // What is not known at all is concluded from nothing.
        scan.is_inferred &= scan.meaning != ScanMeaning::Unknown;
        clean_text(&mut scan.code);
        clean_text(&mut scan.text);
        let place = &mut scan.place;
        let names = [&mut place.city, &mut place.region, &mut place.country];
        names.into_iter().for_each(clean_if_there);
    }
    clean_if_there(&mut report.service);
    if let Some(proof) = &mut report.proof {
        proof.at = proof.at.map(without_placeholder);
        clean_if_there(&mut proof.received_by);
        clean_if_there(&mut proof.drop_off_location);
    }
    report
}

/// Midnight to the second, without any offset, stands for a day of which the
/// carrier does not know the time.
fn without_placeholder(time: ScanTime) -> ScanTime {
    if time.local_time() == Some(Time::midnight()) && time.utc_offset().is_none() {
        ScanTime::from_day(time.local_date())
    } else {
        time
    }
}

fn clean_if_there(text: &mut Option<String>) {
    if let Some(present) = text {
        clean_text(present);
        if present.is_empty() {
            *text = None;
        }
    }
}

/// SQS and XML refuse control characters and noncharacters, with everything that is
/// sent together with them.
fn clean_text(text: &mut String) {
    if text
        .chars()
        .all(|character| fitting_character(character) == character)
    {
        return;
    }
    let fit: String = text.chars().map(fitting_character).collect();
    fit.trim().clone_into(text);
}

fn fitting_character(character: char) -> char {
    match character {
        character if character.is_control() => ' ',
        character if is_noncharacter(character) => char::REPLACEMENT_CHARACTER,
        character => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        report::Proof,
        scan::{Place, Scan},
    };

    fn scan(time: &str, text: &str) -> Scan {
        Scan {
            time: time.parse().unwrap(),
            meaning: ScanMeaning::Note,
            code: text.to_owned(),
            text: text.to_owned(),
            place: Place {
                city: Some(text.to_owned()),
                region: Some(text.to_owned()),
                country: Some(text.to_owned()),
            },
            sequence: 0,
            is_inferred: false,
        }
    }

    #[test]
    fn no_text_of_a_carrier_holds_what_a_queue_refuses() {
        let report = clean_report(Report {
            scans: vec![scan("2026-11-18", "a\u{FFFE}b\u{0}c\u{1F}\u{85}")],
            service: Some("\u{FFFF}".to_owned()),
            proof: Some(Proof {
                at: None,
                received_by: Some("\u{7}".to_owned()),
                drop_off_location: Some("door\u{FDD0}".to_owned()),
            }),
            ..Report::default()
        });
        let text = serde_json::to_string(&report).unwrap();
        assert!(text.contains("a\u{FFFD}b c"), "{text}");
        assert!(text.contains("door\u{FFFD}"), "{text}");
        assert_eq!(report.service.as_deref(), Some("\u{FFFD}"));
        assert_eq!(report.proof.unwrap().received_by, None);
        assert!(text.chars().all(|c| !c.is_control() && !is_noncharacter(c)));
        assert!(!text.contains("\\u00"), "{text}");
    }

    #[test]
    fn midnight_without_an_offset_is_a_day() {
        let read = |time: &str| {
            let report = Report {
                scans: vec![scan(time, "x")],
                ..Report::default()
            };
            clean_report(report).scans[0].time.to_string()
        };
        assert_eq!(read("2026-11-18T00:00:00"), "2026-11-18");
        assert_eq!(
            read("2026-11-18T00:00:00-05:00"),
            "2026-11-18T00:00:00-05:00"
        );
        assert_eq!(read("2026-11-18T00:00:01"), "2026-11-18T00:00:01");
    }
}
