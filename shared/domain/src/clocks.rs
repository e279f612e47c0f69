//! Brings times with and without an offset into one order.

use crate::time::ScanTime;
use jiff::{civil::DateTime, tz::Offset};

/// The wall clocks, among the times of one parcel, of which the offset is known.
///
/// Carriers mix: the same answer has an offset on one scan and none on the next, in
/// the same town. A time without an offset is taken to have that of the time that
/// is nearest to it on the wall. That offset is never shown.
#[derive(Debug, Clone, Default)]
pub struct Clocks(Vec<(DateTime, Offset)>);

impl Clocks {
    /// Those among `times`.
    pub fn among(times: impl IntoIterator<Item = ScanTime>) -> Self {
        let known = |time: ScanTime| Some((time.date().to_datetime(time.time()?), time.offset()?));
        Self(times.into_iter().filter_map(known).collect())
    }

    /// When `time` is taken to have been, in UTC; as it stands on the wall if no
    /// offset is known at all. A day is taken for its beginning.
    pub fn moment(&self, time: ScanTime) -> DateTime {
        if time.instant().is_some() {
            return time.order_key();
        }
        self.of_wall(time.date().to_datetime(time.time().unwrap_or_default()))
    }

    /// The same of a wall clock without an offset.
    pub fn of_wall(&self, wall: DateTime) -> DateTime {
        let distance =
            |(other, offset): &&(DateTime, Offset)| (wall.duration_since(*other).abs(), *offset);
        let nearest = self.0.iter().min_by_key(distance);
        nearest
            .and_then(|(_, offset)| offset.to_timestamp(wall).ok())
            .map_or(wall, |instant| Offset::UTC.to_datetime(instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moment(time: &str, among: &[&str]) -> String {
        let read = |text: &str| -> ScanTime { text.parse().unwrap() };
        let clocks = Clocks::among(among.iter().map(|text| read(text)));
        clocks.moment(read(time)).to_string()
    }

    #[test]
    fn a_time_without_an_offset_has_that_of_the_nearest() {
        let among = ["2026-11-17T08:00:00-08:00", "2026-11-19T08:00:00+01:00"];
        assert_eq!(moment("2026-11-17T12:05:00", &among), "2026-11-17T20:05:00");
        assert_eq!(moment("2026-11-19T12:05:00", &among), "2026-11-19T11:05:00");
        assert_eq!(moment("2026-11-17", &among), "2026-11-17T08:00:00");
        assert_eq!(
            moment("2026-11-17T12:05:00+02:00", &among),
            "2026-11-17T10:05:00"
        );
    }

    #[test]
    fn without_any_offset_a_wall_clock_stands_as_it_is() {
        let among = ["2026-11-17T08:00:00", "2026-11-18"];
        assert_eq!(moment("2026-11-17T12:05:00", &among), "2026-11-17T12:05:00");
        assert_eq!(moment("2026-11-17", &among), "2026-11-17T00:00:00");
    }
}
