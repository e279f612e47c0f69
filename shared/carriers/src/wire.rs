//! Tolerant pieces of JSON and time, because the shapes of carriers drift: one
//! element where a list was, `{}` for an empty text, numbers as texts.

use jiff::civil::{Date, DateTime, Time};
use serde::{
    Deserialize, Deserializer,
    de::{
        DeserializeOwned, IgnoredAny, MapAccess, SeqAccess, Visitor, value::MapAccessDeserializer,
    },
};
use std::{borrow::Cow, fmt, marker::PhantomData};

/// A text: also from a number or a flag; empty from anything else.
pub fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Cow<'de, str>, D::Error> {
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
pub fn one<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: Deserialize<'de> + Default,
    D: Deserializer<'de>,
{
    Ok(many(deserializer)?.pop().unwrap_or_default())
}

/// A list of objects: also a single object, or nothing at all. Elements that
/// are no objects are left out.
pub fn many<'de, T, D>(deserializer: D) -> Result<Vec<T>, D::Error>
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

fn skip_map<'de, A: MapAccess<'de>>(mut map: A) -> Result<(), A::Error> {
    while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
    Ok(())
}

fn skip_list<'de, A: SeqAccess<'de>>(mut list: A) -> Result<(), A::Error> {
    while list.next_element::<IgnoredAny>()?.is_some() {}
    Ok(())
}

/// JSON of a body, whatever its shape; none if it is not JSON at all.
pub fn json<T: DeserializeOwned>(body: &[u8]) -> Option<T> {
    serde_json::from_slice(body).ok()
}

/// A day written as `20261122`; also with separators. A year before 2000 is a
/// placeholder and no day.
pub fn compact_date(text: &str) -> Option<Date> {
    let digits = digits::<8>(text, false)?;
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
    let digits = digits::<6>(text, n_digits == 5)?;
    let number = |at: usize| digits[at].cast_signed() * 10 + digits[at + 1].cast_signed();
    Time::new(number(0), number(2), number(4), 0).ok()
}

/// Exactly `N` digits between which `:`, `-` and `/` may stand; the first may
/// be missing if `is_short`.
fn digits<const N: usize>(text: &str, is_short: bool) -> Option<[u8; N]> {
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

/// The offset between a wall clock and the same moment in UTC, if it can be
/// one: a whole number of quarters of an hour, at most 14 hours.
pub fn offset_between(local: DateTime, utc: DateTime) -> Option<jiff::tz::Offset> {
    let seconds = local.duration_since(utc).as_secs();
    if seconds % 900 != 0 || seconds.abs() > 14 * 3600 {
        return None;
    }
    jiff::tz::Offset::from_seconds(i32::try_from(seconds).ok()?).ok()
}
