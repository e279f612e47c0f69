//! Brings times with and without an offset into one order.

use crate::{
    scan::{Place, Scan},
    time::ScanTime,
};
use jiff::{civil::DateTime, tz::Offset};

/// The wall clocks, among the scans of one shipment, of which the offset is known.
///
/// Carriers mix: the same answer has an offset on one scan and none on the next, in
/// the same town. A time without an offset is taken to have that of the nearest
/// scan: of the same town before any other, of another country last, and among
/// these the one whose time is nearest on the wall. That offset is never shown.
#[derive(Debug, Clone, Default)]
pub struct ScanClocks<'a>(Vec<KnownOffset<'a>>);

#[derive(Debug, Clone, Copy)]
struct KnownOffset<'a> {
    wall: DateTime,
    offset: Offset,
    place: &'a Place,
}

impl<'a> ScanClocks<'a> {
    /// Those among `scans`.
    pub fn from_scans(scans: impl IntoIterator<Item = &'a Scan>) -> Self {
        let known = |scan: &'a Scan| {
            Some(KnownOffset {
                wall: scan.time.local_date().to_datetime(scan.time.local_time()?),
                offset: scan.time.utc_offset()?,
                place: &scan.place,
            })
        };
        Self(scans.into_iter().filter_map(known).collect())
    }

    /// When `scan` is taken to have happened, in UTC; as it stands on the wall if no
    /// offset is known at all. A day is taken for its beginning.
    pub fn moment_of(&self, scan: &Scan) -> DateTime {
        self.local_time(scan.time, &scan.place)
    }

    /// The same of a time at a place, which may be none.
    pub fn local_time(&self, time: ScanTime, place: &Place) -> DateTime {
        if time.to_instant().is_some() {
            return time.order_key();
        }
        self.of_wall(
            time.local_date()
                .to_datetime(time.local_time().unwrap_or_default()),
            place,
        )
    }

    /// The same of a wall clock without an offset.
    pub fn of_wall(&self, wall: DateTime, place: &Place) -> DateTime {
        let distance = |known: &&KnownOffset<'_>| {
            let apart = wall.duration_since(known.wall).abs();
            (place_distance(place, known.place), apart, known.offset)
        };
        let nearest = self.0.iter().min_by_key(distance);
        nearest
            .and_then(|known| known.offset.to_timestamp(wall).ok())
            .map_or(wall, |instant| Offset::UTC.to_datetime(instant))
    }
}

/// How far a place is from another, as far as their names tell.
fn place_distance(a: &Place, b: &Place) -> u8 {
    let is_same = |a: &Option<String>, b: &Option<String>| {
        let names = a.as_deref().zip(b.as_deref());
        names.map(|(a, b)| a.trim().to_lowercase() == b.trim().to_lowercase())
    };
    match (is_same(&a.city, &b.city), is_same(&a.country, &b.country)) {
        (_, Some(false)) => 2,
        (Some(true), _) => 0,
        (Some(false) | None, _) => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::ScanMeaning;

    /// A time, and perhaps where: `2026-11-17T08:00:00-08:00 Fresno US`.
    fn scan(text: &str) -> Scan {
        let mut words = text.split(' ');
        let time = words.next().unwrap().parse().unwrap();
        Scan {
            time,
            meaning: ScanMeaning::Note,
            code: String::new(),
            text: String::new(),
            place: Place {
                city: words.next().map(str::to_owned),
                region: None,
                country: words.next().map(str::to_owned),
            },
            sequence: 0,
            is_inferred: false,
        }
    }

    #[track_caller]
    fn check(time: &str, among: &[&str], expected: &str) {
        let among: Vec<Scan> = among.iter().map(|text| scan(text)).collect();
        let moment = ScanClocks::from_scans(&among).moment_of(&scan(time));
        assert_eq!(moment.to_string(), expected);
    }

    #[test]
    fn a_time_without_an_offset_has_that_of_the_nearest() {
        let among = ["2026-11-17T08:00:00-08:00", "2026-11-19T08:00:00+01:00"];
        check("2026-11-17T12:05:00", &among, "2026-11-17T20:05:00");
        check("2026-11-19T12:05:00", &among, "2026-11-19T11:05:00");
        check("2026-11-17", &among, "2026-11-17T08:00:00");
        check("2026-11-17T12:05:00+02:00", &among, "2026-11-17T10:05:00");
    }

    #[test]
    fn the_same_town_is_nearer_than_another_and_another_country_is_far() {
        let among = [
            "2026-11-17T22:00:00+08:00 Shanghai CN",
            "2026-11-17T20:00:00-08:00 FRESNO US",
            "2026-11-18T23:00:00-05:00 Boston US",
        ];
        check(
            "2026-11-17T21:30:00 Fresno US",
            &among,
            "2026-11-18T05:30:00",
        );
        check(
            "2026-11-18T20:00:00 Fresno US",
            &among,
            "2026-11-19T04:00:00",
        );
        check("2026-11-17T21:45:00 Reno US", &among, "2026-11-18T05:45:00");
        check("2026-11-17T21:45:00", &among, "2026-11-17T13:45:00");
    }

    #[test]
    fn without_any_offset_a_wall_clock_stands_as_it_is() {
        let among = ["2026-11-17T08:00:00", "2026-11-18"];
        check("2026-11-17T12:05:00", &among, "2026-11-17T12:05:00");
        check("2026-11-17", &among, "2026-11-17T00:00:00");
    }
}
