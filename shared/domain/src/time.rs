//! Time as carriers give it: a wall clock, perhaps an offset, perhaps only a day.

use jiff::{Timestamp, civil, tz::Offset};
use serde::{Deserialize, Serialize};
use std::{cmp::Ordering, fmt, str::FromStr};

/// When a scan happened, no more precise than the carrier said it.
///
/// A date is not an instant and a wall clock without an offset is not one
/// either: of 43 carrier connectors 13 give naive local time only, and an
/// invented offset moves a delivery to the wrong day.
///
/// As text: `2026-11-22`, `2026-11-22T10:15:00` or `2026-11-22T10:15:00-05:00`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScanTime {
    date: civil::Date,
    time: Option<civil::Time>,
    offset: Option<Offset>,
}

impl ScanTime {
    /// Only a day is known.
    pub const fn from_day(date: civil::Date) -> Self {
        Self {
            date,
            time: None,
            offset: None,
        }
    }

    /// A wall clock whose zone the carrier did not give.
    pub fn from_local(at: civil::DateTime) -> Self {
        Self {
            date: at.date(),
            time: Some(at.time()),
            offset: None,
        }
    }

    /// A wall clock with its offset: an instant.
    pub fn from_zoned(at: civil::DateTime, offset: Offset) -> Self {
        Self {
            date: at.date(),
            time: Some(at.time()),
            offset: Some(offset),
        }
    }

    /// The day on the wall where it happened.
    pub const fn local_date(self) -> civil::Date {
        self.date
    }

    /// The time on the wall where it happened, if given.
    pub const fn local_time(self) -> Option<civil::Time> {
        self.time
    }

    /// The offset from UTC, if the carrier gave one.
    pub const fn utc_offset(self) -> Option<Offset> {
        self.offset
    }

    /// The instant, where it is one.
    pub fn to_instant(self) -> Option<Timestamp> {
        let at = self.date.to_datetime(self.time?);
        self.offset?.to_timestamp(at).ok()
    }

    /// What scans are sorted by: the instant in UTC where it is known, the wall
    /// clock as it stands where not, midnight where only the day is known.
    pub fn order_key(self) -> civil::DateTime {
        match (self.to_instant(), self.time) {
            (Some(instant), _) => Offset::UTC.to_datetime(instant),
            (None, Some(time)) => self.date.to_datetime(time),
            (None, None) => self.date.to_datetime(civil::Time::midnight()),
        }
    }
}

impl PartialOrd for ScanTime {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for ScanTime {
    fn cmp(&self, other: &Self) -> Ordering {
        self.order_key()
            .cmp(&other.order_key())
            .then_with(|| self.time.cmp(&other.time))
            .then_with(|| self.offset.cmp(&other.offset))
            .then_with(|| self.date.cmp(&other.date))
    }
}

impl fmt::Display for ScanTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.date)?;
        if let Some(time) = self.time {
            write!(f, "T{time}")?;
        }
        if let Some(offset) = self.offset {
            let minutes = offset.seconds() / 60;
            let sign = if minutes < 0 { '-' } else { '+' };
            write!(
                f,
                "{sign}{:02}:{:02}",
                minutes.abs() / 60,
                minutes.abs() % 60
            )?;
        }
        Ok(())
    }
}

/// Why a text is not a [`ScanTime`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected a date, a local date-time or one with an offset, as 2026-11-22T10:15:00+01:00")]
pub struct ScanTimeError;

impl FromStr for ScanTime {
    type Err = ScanTimeError;

    fn from_str(text: &str) -> Result<Self, ScanTimeError> {
        let Some((date, rest)) = text.split_once(['T', ' ']) else {
            return text.parse().map(Self::from_day).map_err(|_| ScanTimeError);
        };
        let date: civil::Date = date.parse().map_err(|_| ScanTimeError)?;
        let split = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, offset) = rest.split_at(split);
        let time: civil::Time = time.parse().map_err(|_| ScanTimeError)?;
        let offset = match offset {
            "" => None,
            "Z" | "z" => Some(Offset::UTC),
            text => Some(parse_offset(text).ok_or(ScanTimeError)?),
        };
        Ok(Self {
            date,
            time: Some(time),
            offset,
        })
    }
}

/// Reads `+01:00`, `-0500`, `+01` and UPS's `-04.00`.
pub fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let mut read = [0; 4];
    let mut n_digits = 0;
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                *read.get_mut(n_digits)? = i32::from(byte - b'0');
                n_digits += 1;
            }
            b':' | b'.' => {}
            _ => return None,
        }
    }
    let (hours, minutes) = match (n_digits, read) {
        (1, [hours, ..]) => (hours, 0),
        (2, [tens, ones, ..]) => (tens * 10 + ones, 0),
        (4, [a, b, c, d]) => (a * 10 + b, c * 10 + d),
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

impl Serialize for ScanTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ScanTime {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
