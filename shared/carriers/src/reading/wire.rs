//! Tolerant pieces of JSON and time, because the shapes of carriers drift: one
//! element where a list was, `{}` for an empty text, numbers as texts.

use jiff::{
    civil::{Date, DateTime, Time},
    tz::Offset,
};
use posthorn_domain::{time::ScanTime, tracking_number::TrackingNumber};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
    },
};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A text: also from a number or a flag; empty from anything else.
pub fn deserialize_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Cow<'de, str>, D::Error> {
    struct Text;
    impl<'de> Visitor<'de> for Text {
        type Value = Cow<'de, str>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text")
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(text.trim()))
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            Ok(Cow::Owned(text.trim().to_owned()))
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(number.to_string()))
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(number.to_string()))
        }
        fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
            Ok(Cow::Owned(number.to_string()))
        }
        fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(if flag { "true" } else { "false" }))
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Cow::Borrowed(""))
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            skip_map(map).map(|()| Cow::Borrowed(""))
        }
        fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Self::Value, A::Error> {
            skip_list(list).map(|()| Cow::Borrowed(""))
        }
    }
    deserializer.deserialize_any(Text)
}

/// An object: also the last one of a list; the default from anything else.
pub fn deserialize_one<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(deserialize_many(deserializer)?.pop().unwrap_or_default())
}

/// A list of objects: also a single object, or nothing at all. Elements that
/// are no objects are left out.
pub fn deserialize_many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    T: Deserialize<'de>,
    D: Deserializer<'de>,
{
    struct Many<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> Visitor<'de> for Many<T> {
        type Value = Vec<T>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object or a list of objects")
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            Ok(vec![T::deserialize(MapAccessDeserializer::new(map))?])
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::with_capacity(list.size_hint().unwrap_or_default().min(64));
            while let Some(Element(elements)) = list.next_element()? {
                all.extend(elements);
            }
            Ok(all)
        }
        fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }
    /// An element of a list, which may be a list itself.
    struct Element<T>(Vec<T>);
    impl<'de, T: Deserialize<'de>> Deserialize<'de> for Element<T> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserializer.deserialize_any(Many(PhantomData)).map(Self)
        }
    }
    deserializer.deserialize_any(Many(PhantomData))
}

/// A list of texts, the empty ones left out: also a single text, or nothing at all.
pub fn deserialize_texts<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<Cow<'de, str>>, D::Error> {
    struct One<'a>(Cow<'a, str>);
    impl<'de> Deserialize<'de> for One<'de> {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            deserialize_text(deserializer).map(Self)
        }
    }
    struct Texts;
    impl<'de> Visitor<'de> for Texts {
        type Value = Vec<Cow<'de, str>>;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a text or a list of texts")
        }
        fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
            let mut all = Vec::new();
            while let Some(One(text)) = list.next_element()? {
                if !text.is_empty() {
                    all.push(text);
                }
            }
            Ok(all)
        }
        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            skip_map(map).map(|()| Vec::new())
        }
        fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
            let text = text.trim();
            Ok(if text.is_empty() {
                Vec::new()
            } else {
                vec![Cow::Borrowed(text)]
            })
        }
        fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
            let text = text.trim();
            Ok(if text.is_empty() {
                Vec::new()
            } else {
                vec![Cow::Owned(text.to_owned())]
            })
        }
        fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
            Ok(vec![Cow::Owned(number.to_string())])
        }
        fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
            Ok(vec![Cow::Owned(number.to_string())])
        }
        fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
        fn visit_unit<E>(self) -> Result<Self::Value, E> {
            Ok(Vec::new())
        }
    }
    deserializer.deserialize_any(Texts)
}

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// JSON of a body, whatever its shape; none if it is not JSON at all.
pub fn parse_json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// A text, if there is one.
pub fn present_text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// A time as ISO 8601 has it: a day, a wall clock, or one with its offset. A year
/// before 2000 is a placeholder and no time.
pub fn iso_time(text: &str) -> Option<ScanTime> {
    let time: ScanTime = text.parse().ok()?;
    (time.local_date().year() >= 2000).then_some(time)
}

/// A day written as `20261122`; also with separators. A year before 2000 is a
/// placeholder and no day.
pub fn compact_date(text: &str) -> Option<Date> {
    let digits = parse_digits::<8>(text, false)?;
    let number = |range: std::ops::Range<usize>| -> i16 {
        digits[range]
            .iter()
            .fold(0, |number, digit| number * 10 + i16::from(*digit))
    };
    let day = i8::try_from(number(6..8)).ok()?;
    let month = i8::try_from(number(4..6)).ok()?;
    Date::new(number(0..4), month, day)
        .ok()
        .filter(|date| date.year() >= 2000)
}

/// A time written as `093015`, `09:30:15`, `93015` or `0930`.
pub fn compact_time(text: &str) -> Option<Time> {
    let n_digits = text.bytes().filter(u8::is_ascii_digit).count();
    let padded;
    let text = if n_digits == 4 {
        padded = format!("{text}00");
        padded.as_str()
    } else {
        text
    };
    let digits = parse_digits::<6>(text, n_digits == 5)?;
    let number = |at: usize| digits[at].cast_signed() * 10 + digits[at + 1].cast_signed();
    Time::new(number(0), number(2), number(4), 0).ok()
}

/// Exactly `N` digits between which `:`, `-` and `/` may stand; the first may
/// be missing if `is_short`.
fn parse_digits<const N: usize>(text: &str, is_short: bool) -> Option<[u8; N]> {
    let mut digits = [0; N];
    let mut at = usize::from(is_short);
    for byte in text.bytes() {
        match byte {
            b'0'..=b'9' => {
                *digits.get_mut(at)? = byte - b'0';
                at += 1;
            }
            b':' | b'-' | b'/' => {}
            _ => return None,
        }
    }
    (at == N).then_some(digits)
}

/// A moment written as `2026-11-22T09:30:15-05:00`, as precise as it is
/// written: the time, its fraction and the offset may be missing, and a space
/// may stand where the `T` does or before the offset. A time that is none
/// leaves the day.
pub fn parse_moment(text: &str) -> Option<ScanTime> {
    let (date, rest) = text.trim().split_once(['T', ' ']).unwrap_or((text, ""));
    let date = compact_date(date.trim())?;
    let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at(zone);
    // What stands behind the seconds is their fraction, also after a colon.
    let clock = clock.trim().split('.').next().unwrap_or_default();
    let Some(time) = compact_time(clock.get(..8).unwrap_or(clock)) else {
        return Some(ScanTime::from_day(date));
    };
    let local = date.to_datetime(time);
    Some(match parse_offset(zone) {
        Some(offset) => ScanTime::from_zoned(local, offset),
        None => ScanTime::from_local(local),
    })
}

/// An offset written as `-05:00`, `-0500`, `-7:00`, `-5` or `Z`; a number that
/// can be no hours counts minutes, as `-420`.
pub fn parse_offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("z") {
        return Some(Offset::UTC);
    }
    let (sign, amount) = match text.strip_prefix('-') {
        Some(amount) => (-1, amount),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let minutes = if let Some((hours, minutes)) = amount.split_once([':', '.']) {
        if !is_number(hours) || !is_number(minutes) || hours.len() > 2 || minutes.len() != 2 {
            return None;
        }
        hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?
    } else if is_number(amount) && amount.len() <= 4 {
        let number: i32 = amount.parse().ok()?;
        match amount.len() {
            4 => number / 100 * 60 + number % 100,
            _ if number <= 14 => number * 60,
            _ => number,
        }
    } else {
        return None;
    };
    if minutes > 14 * 60 {
        return None;
    }
    Offset::from_seconds(sign * minutes * 60).ok()
}

/// Whether `text` is `number`, however it is written.
pub fn is_number(text: &str, number: &TrackingNumber) -> bool {
    let written = text
        .bytes()
        .filter(u8::is_ascii_alphanumeric)
        .map(|byte| byte.to_ascii_uppercase());
    written.eq(number.as_str().bytes())
}

/// The offset between a wall clock and the same moment in UTC, if it can be
/// one: a whole number of quarters of an hour, at most 14 hours.
pub fn offset_between(local: DateTime, utc: DateTime) -> Option<Offset> {
    let seconds = local.duration_since(utc).as_secs();
    if seconds % 900 != 0 || seconds.abs() > 14 * 3600 {
        return None;
    }
    Offset::from_seconds(i32::try_from(seconds).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_as_precise_as_it_is_written() {
        let read = |text| parse_moment(text).map(|at| at.to_string());
        for (text, expected) in [
            ("2026-11-18T12:01:00-07:00", "2026-11-18T12:01:00-07:00"),
            ("2026-11-18T12:01:00.123Z", "2026-11-18T12:01:00+00:00"),
            ("2026-11-18T12:01:10 -0500", "2026-11-18T12:01:10-05:00"),
            ("2026-11-18 12:01:10.000000", "2026-11-18T12:01:10"),
            ("2026-11-18 12:01:10:000", "2026-11-18T12:01:10"),
            ("2026-11-18T12:01", "2026-11-18T12:01:00"),
            ("2026-11-18", "2026-11-18"),
            ("20261118T120110", "2026-11-18T12:01:10"),
            ("2026-11-18T25:00:00-07:00", "2026-11-18"),
            ("2026-11-18T12:01:00+99:99", "2026-11-18T12:01:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "yesterday", "0001-01-01T00:00:00", "2026-13-45", "é€ T"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn an_offset_may_be_hours_or_minutes() {
        let read = |text| parse_offset(text).map(Offset::seconds);
        for (text, minutes) in [
            ("-05:00", -300),
            ("-0500", -300),
            ("-7:00", -420),
            ("-420", -420),
            ("-5", -300),
            ("+05:30", 330),
            ("330", 330),
            ("-04.00", -240),
            ("0", 0),
            ("Z", 0),
        ] {
            assert_eq!(read(text), Some(minutes * 60), "{text}");
        }
        for text in ["", "-", "EST", "+99:99", "-05:0", "-901", "12345", "é"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn texts_are_read_from_whatever_stands_there() {
        #[derive(Deserialize)]
        struct Held<'a>(#[serde(borrow, deserialize_with = "deserialize_texts")] Vec<Cow<'a, str>>);
        for (json, expected) in [
            (r#"["a", " b ", "", null, {}, 7]"#, vec!["a", "b", "7"]),
            (r#""a""#, vec!["a"]),
            (r#""""#, vec![]),
            ("null", vec![]),
            ("{}", vec![]),
            ("12", vec!["12"]),
        ] {
            let Held(texts) = serde_json::from_str(json).expect(json);
            assert_eq!(texts, expected, "{json}");
        }
    }

    #[test]
    fn a_number_is_the_same_however_it_is_written() {
        let number = TrackingNumber::parse("1ZAB12").expect("a number");
        assert!(is_number("1z ab-12", &number));
        assert!(!is_number("1ZAB1", &number));
        assert!(!is_number("", &number));
    }
}
