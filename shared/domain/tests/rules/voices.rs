//! What holds whichever source tells whatever of a shipment, in whatever order.

use crate::{
    fixtures::{at, new_shipment, scan},
    sources::source,
};
use jiff::{SignedDuration, Timestamp, tz::Offset};
use posthorn_domain::{
    journey::{self as rules, reconcile},
    report::Report,
    scan::{Scan, ScanMeaning},
    shipment::Shipment,
    status::Reason,
    time::ScanTime,
};
use proptest::prelude::*;

fn any_words() -> impl Strategy<Value = Vec<(usize, Scan)>> {
    let any_word = (
        0..5usize,
        0..4u8,
        0..6u8,
        0..20u8,
        prop::sample::select(Reason::ALL),
    )
        .prop_map(|(who, day, hour, minute, reason)| {
            let time = format!("{} {:02}:{minute:02}", 20 + day, 4 * hour);
            let scan = Scan {
                meaning: ScanMeaning::Status(reason),
                ..scan("x", &time)
            };
            (who, scan)
        });
    prop::collection::vec(any_word, 0..16)
}

const SPEAKERS: [&str; 5] = ["carrier", "17track", "staff", "Acme", "correction"];

fn tell(shipment: &Shipment, (who, scan): &(usize, Scan), now: Timestamp) -> Shipment {
    // Some of them state more than they scanned.
    let is_ahead = scan
        .time
        .local_time()
        .is_some_and(|time| time.minute() % 3 == 0);
    let report = Report {
        scans: vec![scan.clone()],
        reported_status: is_ahead.then_some(Reason::DeliveredGeneric),
        ..Report::default()
    };
    let said = source(SPEAKERS[*who]);
    match &said {
        Some(staff) if SPEAKERS[*who] == "correction" => {
            rules::apply_correction(shipment, staff, &report, now).shipment
        }
        said => rules::advance_by(shipment, said.as_ref(), &report, now).shipment,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn it_does_not_matter_who_speaks_first_or_twice(
        (words, shuffled) in any_words().prop_flat_map(|words| (Just(words.clone()), Just(words).prop_shuffle())),
    ) {
        let now = at("25 10:00");
        let told = |words: &[(usize, Scan)]| {
            words.iter().fold(new_shipment(1), |shipment, word| tell(&shipment, word, now))
        };
        let (first, other) = (told(&words), told(&shuffled));
        let twice = words.iter().fold(other.clone(), |shipment, word| tell(&shipment, word, now));
        prop_assert_eq!(&twice, &other);
        prop_assert_eq!(Shipment { version: 0, ..first }, Shipment { version: 0, ..other });
    }

    #[test]
    fn an_aggregator_that_repeats_the_carrier_changes_nothing(words in any_words(), late in 0..15i64) {
        let now = at("25 10:00");
        let own: Vec<Scan> = words.into_iter().map(|(_, scan)| scan).collect();
        let report = Report { scans: own.clone(), ..Report::default() };
        let before = rules::apply_report(&new_shipment(1), &report, now).shipment;
        let repeated = own.iter().map(|scan| {
            let instant = scan.time.to_instant().unwrap() + SignedDuration::from_mins(late);
            Scan { time: ScanTime::from_zoned(Offset::UTC.to_datetime(instant), Offset::UTC), ..scan.clone() }
        });
        let repeated = Report { scans: repeated.collect(), ..Report::default() };
        let after = rules::advance_by(&before, source("17track").as_ref(), &repeated, now).shipment;
        prop_assert_eq!(reconcile::merged_history(&after).len(), before.scans.len());
        prop_assert_eq!((after.reason, after.status_since), (before.reason, before.status_since));
    }

    #[test]
    fn the_last_correction_has_the_last_word(words in any_words(), reason in prop::sample::select(Reason::ALL)) {
        let now = at("25 10:00");
        let shipment = words.iter().fold(new_shipment(1), |shipment, word| tell(&shipment, word, now));
        let last = Scan { meaning: ScanMeaning::Status(reason), ..scan("x", "24 23:59") };
        let last = (SPEAKERS.len() - 1, last);
        prop_assert_eq!(tell(&shipment, &last, now).reason, reason);
    }
}
