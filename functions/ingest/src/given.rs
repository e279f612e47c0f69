//! Fields of a body as they came, and what is wrong with them.
//!
//! Serde stops at the first field of a wrong type. A shop that integrates
//! wants to hear of all of them at once, so each field keeps its own failure
//! until the body is turned into domain types.

use crate::problem::{Code, FieldError, Problem};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};
use serde_json::Value;
use std::collections::BTreeMap;

/// A type that a field can have in JSON.
pub(crate) trait Kind: DeserializeOwned {
    /// What to write there, for people.
    const EXPECTED: &'static str;
}

impl Kind for String {
    const EXPECTED: &'static str = "a string";
}
impl Kind for bool {
    const EXPECTED: &'static str = "true or false";
}
impl Kind for u32 {
    const EXPECTED: &'static str = "a whole number from 0 to 4294967295";
}
impl<T: Kind> Kind for Vec<Given<T>> {
    const EXPECTED: &'static str = "an array";
}

/// A field as it came. `null` is taken for absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Given<T> {
    /// Not there.
    #[default]
    Absent,
    /// There, with another JSON type than expected.
    Wrong {
        /// The JSON type that it has.
        found: &'static str,
    },
    /// There, with the right JSON type.
    Value(T),
}

impl<'de, T: Kind> Deserialize<'de> for Given<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // As an option, so that serde takes a missing field for none.
        let Some(value) = Option::<Value>::deserialize(deserializer)? else {
            return Ok(Self::Absent);
        };
        let found = match &value {
            Value::Null => return Ok(Self::Absent),
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "a string",
            Value::Array(_) => "an array",
            Value::Object(_) => "an object",
        };
        // A struct may be read from an array as well, which nobody means.
        if value.is_array() && T::EXPECTED == "an object" {
            return Ok(Self::Wrong { found });
        }
        Ok(serde_json::from_value(whole(value)).map_or(Self::Wrong { found }, Self::Value))
    }
}

/// A number with nothing behind its point as a whole number: JSON knows but one kind
/// of number, and `2.0` is as whole as `2`.
fn whole(value: Value) -> Value {
    let Some(number) = value.as_f64().filter(|_| value.is_f64()) else {
        return value;
    };
    let is_whole = number.fract() == 0.0 && (0.0..=f64::from(u32::MAX)).contains(&number);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is whole and within the range"
    )]
    if is_whole {
        Value::from(number as u32)
    } else {
        value
    }
}

/// A field of a change: `null` erases what is there, and absent it stays.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Change<T> {
    /// Not there.
    #[default]
    Keep,
    /// `null`.
    Erase,
    /// There, perhaps with another JSON type than expected.
    Set(Given<T>),
}

impl<'de, T: Kind> Deserialize<'de> for Change<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Given::deserialize(deserializer)? {
            Given::Absent => Self::Erase,
            given @ (Given::Wrong { .. } | Given::Value(_)) => Self::Set(given),
        })
    }
}

/// The fields of an object that nobody asked for: only their names are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "serde fills a flattened field from a map"
)]
pub(crate) struct Unknown(BTreeMap<String, IgnoredAny>);

/// Everything that was found wrong with a body, and everything that was ignored.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    /// What makes it unacceptable.
    pub(crate) errors: Vec<FieldError>,
    /// What was ignored, or is doubtful.
    pub(crate) warnings: Vec<FieldError>,
    /// Names of fields that were ignored, as they may stand in the log.
    pub(crate) unknown: Vec<String>,
}

impl Findings {
    /// What was read, unless anything was wrong.
    pub(crate) fn accept<T>(&mut self, read: Option<T>) -> Result<T, Problem> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(Problem::invalid(std::mem::take(&mut self.errors))),
        }
    }
}

/// What is wrong with a value, without its place.
#[derive(Debug, Clone)]
pub(crate) struct Fault {
    code: Code,
    detail: String,
    expected: Option<String>,
}

impl Fault {
    pub(crate) fn new(code: Code, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            expected: None,
        }
    }

    pub(crate) const fn code(&self) -> Code {
        self.code
    }

    /// The same, of what stands in `field`.
    pub(crate) fn at(self, field: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            code: self.code,
            detail: self.detail,
            expected: self.expected,
        }
    }

    pub(crate) fn expecting(self, expected: impl Into<String>) -> Self {
        Self {
            expected: Some(expected.into()),
            ..self
        }
    }
}

/// A place in a body, with the book in which findings are written.
#[derive(Debug)]
pub(crate) struct Place<'a> {
    path: String,
    findings: &'a mut Findings,
}

impl<'a> Place<'a> {
    /// The body itself.
    pub(crate) fn root(findings: &'a mut Findings) -> Self {
        Self {
            path: String::new(),
            findings,
        }
    }

    /// A field of the object here.
    pub(crate) fn field(&mut self, name: &str) -> Place<'_> {
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        Place {
            path,
            findings: self.findings,
        }
    }

    /// An element of the array here.
    pub(crate) fn element(&mut self, index: usize) -> Place<'_> {
        Place {
            path: format!("{}[{index}]", self.path),
            findings: self.findings,
        }
    }

    /// Writes down what is wrong here.
    pub(crate) fn fault(&mut self, fault: Fault) {
        self.findings.errors.push(fault.at(&self.path));
    }

    /// Writes down what is doubtful here, and taken all the same.
    pub(crate) fn warn(&mut self, fault: Fault) {
        self.findings.warnings.push(fault.at(&self.path));
    }

    /// Writes down what is ignored in the object here; at most 20 names a body,
    /// so that an answer never grows with what was sent.
    pub(crate) fn ignored(&mut self, unknown: &Unknown) {
        for name in unknown.0.keys() {
            if self.findings.unknown.len() == 20 {
                return;
            }
            let counted = if is_usual(name) { name } else { "?" };
            let counted = self.field(counted).path;
            self.findings.unknown.push(counted);
            let field = self.field(if is_name(name) { name } else { "?" }).path;
            self.findings.warnings.push(FieldError {
                field,
                code: Code::UnknownField,
                detail: "is not a field of this API and was ignored".to_owned(),
                expected: None,
            });
        }
    }

    /// The value given for `name`, read by `read`; none if absent or wrong.
    pub(crate) fn optional<T: Kind, U>(
        &mut self,
        name: &str,
        given: Given<T>,
        read: impl FnOnce(T) -> Result<U, Fault>,
    ) -> Option<U> {
        self.nested(name, given, |value, mut place| {
            read(value).map_err(|fault| place.fault(fault)).ok()
        })
    }

    /// The text given for `name`, read by `read`; none if absent or wrong.
    pub(crate) fn text<U>(
        &mut self,
        name: &str,
        given: Given<String>,
        read: impl FnOnce(&str) -> Result<U, Fault>,
    ) -> Option<U> {
        self.optional(name, given, |text| read(&text))
    }

    /// The text given for `name`, read by `read`, and whether it cannot be used,
    /// which is doubtful and no fault. A blank text is taken for absent.
    pub(crate) fn usable<U>(
        &mut self,
        name: &str,
        given: Given<String>,
        read: impl FnOnce(&str) -> Result<U, Fault>,
    ) -> (Option<U>, bool) {
        let mut is_unusable = false;
        let value = self.nested(name, given, |text, mut place| {
            if text.trim().is_empty() {
                return None;
            }
            read(&text)
                .map_err(|fault| {
                    is_unusable = true;
                    place.warn(fault);
                })
                .ok()
        });
        (value, is_unusable)
    }

    /// The text that `name` is changed to, read by `read`, or else `present`.
    pub(crate) fn changed<U>(
        &mut self,
        name: &str,
        change: Change<String>,
        present: Option<U>,
        read: impl FnOnce(&str) -> Result<U, Fault>,
    ) -> Option<U> {
        match change {
            Change::Keep => present,
            Change::Erase => None,
            Change::Set(given) => self.text(name, given, read),
        }
    }

    /// As [`Place::text`], but its absence is a fault.
    pub(crate) fn required_text<U>(
        &mut self,
        name: &str,
        given: Given<String>,
        read: impl FnOnce(&str) -> Result<U, Fault>,
    ) -> Option<U> {
        if matches!(given, Given::Absent) {
            self.field(name)
                .fault(Fault::new(Code::Required, "is missing").expecting(String::EXPECTED));
        }
        self.text(name, given, read)
    }

    /// An object or array given for `name`, read by `read`, which writes down
    /// itself what is wrong inside.
    pub(crate) fn nested<T: Kind, U>(
        &mut self,
        name: &str,
        given: Given<T>,
        read: impl FnOnce(T, Place<'_>) -> Option<U>,
    ) -> Option<U> {
        let mut place = self.field(name);
        match given {
            Given::Absent => None,
            Given::Wrong { found } => {
                place.wrong_type::<T>(found);
                None
            }
            Given::Value(value) => read(value, place),
        }
    }

    /// The elements of the array given for `name`, at most `max`.
    pub(crate) fn list<T: Kind, U>(
        &mut self,
        name: &str,
        given: Given<Vec<Given<T>>>,
        max: usize,
        mut read: impl FnMut(T, Place<'_>) -> Option<U>,
    ) -> Vec<U> {
        self.nested(name, given, |elements, mut place| {
            if elements.len() > max {
                place.fault(
                    Fault::new(Code::TooMany, format!("has {} elements", elements.len()))
                        .expecting(format!("at most {max} elements")),
                );
                return None;
            }
            let mut list = Vec::with_capacity(elements.len());
            for (index, element) in elements.into_iter().enumerate() {
                let mut place = place.element(index);
                match element {
                    Given::Absent => place.wrong_type::<T>("null"),
                    Given::Wrong { found } => place.wrong_type::<T>(found),
                    Given::Value(value) => list.extend(read(value, place)),
                }
            }
            Some(list)
        })
        .unwrap_or_default()
    }

    /// Writes down that a value of JSON type `found` should have been a `T`.
    pub(crate) fn wrong_type<T: Kind>(&mut self, found: &str) {
        self.fault(Fault::new(Code::WrongType, format!("is {found}")).expecting(T::EXPECTED));
    }
}

/// Whether it can be the name of a field. What else a caller may use as one, an
/// address, a telephone number or a person's full name, is not repeated, not even
/// in part.
fn is_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    let n_digits = text.chars().filter(char::is_ascii_digit).count();
    !text.is_empty() && text.len() <= 64 && n_digits < 6 && text.chars().all(is_plain)
}

/// Whether programs call their fields so: `delivery_date`, `deliveryDate`. What
/// has another form is counted as one of many, for it may be data that somebody
/// has used as a name.
fn is_usual(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() <= 40
        && name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(is_plain)
        && is_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_has_the_form_of_a_fields_name_is_counted_by_it() {
        for (name, counted) in [
            ("delivery_date", "delivery_date"),
            ("deliveryDate", "deliveryDate"),
            ("bridget.quillfeather", "?"),
            ("bridget-quillfeather", "?"),
            ("Bridget", "?"),
            ("bridget@shopper.example", "?"),
            ("", "?"),
            ("a4915112345678", "?"),
            (&"x".repeat(41), "?"),
        ] {
            let unknown: Unknown =
                serde_json::from_value(serde_json::json!({ name: null })).unwrap();
            let mut findings = Findings::default();
            Place::root(&mut findings)
                .field("customer")
                .ignored(&unknown);
            assert_eq!(findings.unknown, [format!("customer.{counted}")]);
            assert_eq!(findings.warnings.len(), 1, "{name}");
        }
    }
}
