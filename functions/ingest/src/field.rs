//! Fields of a body as they came, and what is wrong with them.
//!
//! Serde stops at the first field of a wrong type. A shop that integrates
//! wants to hear of all of them at once, so each field keeps its own failure
//! until the body is turned into domain types.

use crate::problem::{FieldError, Problem, ProblemCode};
use serde::{Deserialize, Deserializer, de::DeserializeOwned, de::IgnoredAny};
use serde_json::Value;
use std::collections::BTreeMap;

/// A type that a field can have in JSON.
pub(crate) trait JsonType: DeserializeOwned {
    /// What to write there, for people.
    const EXPECTED: &'static str;
}

impl JsonType for String {
    const EXPECTED: &'static str = "a string";
}
impl JsonType for bool {
    const EXPECTED: &'static str = "true or false";
}
impl JsonType for u32 {
    const EXPECTED: &'static str = "a whole number from 0 to 4294967295";
}
impl<T: JsonType> JsonType for Vec<Field<T>> {
    const EXPECTED: &'static str = "an array";
}

/// A field as it came. `null` is taken for absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) enum Field<T> {
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

impl<'de, T: JsonType> Deserialize<'de> for Field<T> {
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
        // A struct may be read from an array as well, which no client means.
        if value.is_array() && T::EXPECTED == "an object" {
            return Ok(Self::Wrong { found });
        }
        Ok(serde_json::from_value(integral_number(value))
            .map_or(Self::Wrong { found }, Self::Value))
    }
}

/// A number with nothing behind its point as a whole number: JSON knows but one kind
/// of number, and `2.0` is as whole as `2`.
fn integral_number(value: Value) -> Value {
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
pub(crate) enum FieldChange<T> {
    /// Not there.
    #[default]
    Keep,
    /// `null`.
    Erase,
    /// There, perhaps with another JSON type than expected.
    Set(Field<T>),
}

impl<'de, T: JsonType> Deserialize<'de> for FieldChange<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Field::deserialize(deserializer)? {
            Field::Absent => Self::Erase,
            given @ (Field::Wrong { .. } | Field::Value(_)) => Self::Set(given),
        })
    }
}

/// The fields of an object that the API does not know: only their names are kept.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(transparent)]
#[expect(
    clippy::zero_sized_map_values,
    reason = "serde fills a flattened field from a map"
)]
pub(crate) struct UnknownFields(BTreeMap<String, IgnoredAny>);

/// Everything that was found wrong with a body, and everything that was ignored.
#[derive(Debug, Default)]
pub(crate) struct Issues {
    /// What makes it unacceptable.
    pub(crate) errors: Vec<FieldError>,
    /// What was ignored, or is doubtful.
    pub(crate) warnings: Vec<FieldError>,
    /// Names of fields that were ignored, as they may stand in the log.
    pub(crate) unknown: Vec<String>,
}

impl Issues {
    /// What was read, unless anything was wrong.
    pub(crate) fn check_issues<T>(&mut self, read: Option<T>) -> Result<T, Problem> {
        match read {
            Some(read) if self.errors.is_empty() => Ok(read),
            _ => Err(Problem::from_field_errors(std::mem::take(&mut self.errors))),
        }
    }
}

/// What is wrong with a value, without its place.
#[derive(Debug, Clone)]
pub(crate) struct Issue {
    code: ProblemCode,
    detail: String,
    expected: Option<String>,
}

impl Issue {
    pub(crate) fn new(code: ProblemCode, detail: impl Into<String>) -> Self {
        Self {
            code,
            detail: detail.into(),
            expected: None,
        }
    }

    pub(crate) const fn problem_code(&self) -> ProblemCode {
        self.code
    }

    /// The same, of what stands in `field`.
    pub(crate) fn into_field_error(self, field: &str) -> FieldError {
        FieldError {
            field: field.to_owned(),
            code: self.code,
            detail: self.detail,
            expected: self.expected,
        }
    }

    pub(crate) fn with_expected(self, expected: impl Into<String>) -> Self {
        Self {
            expected: Some(expected.into()),
            ..self
        }
    }
}

/// A place in a body, with the book in which findings are written.
#[derive(Debug)]
pub(crate) struct FieldPath<'a> {
    path: String,
    findings: &'a mut Issues,
}

impl<'a> FieldPath<'a> {
    /// The body itself.
    pub(crate) fn at_root(findings: &'a mut Issues) -> Self {
        Self {
            path: String::new(),
            findings,
        }
    }

    /// A field of the object here.
    pub(crate) fn at_field(&mut self, name: &str) -> FieldPath<'_> {
        let path = if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        };
        FieldPath {
            path,
            findings: self.findings,
        }
    }

    /// An element of the array here.
    pub(crate) fn at_element(&mut self, index: usize) -> FieldPath<'_> {
        FieldPath {
            path: format!("{}[{index}]", self.path),
            findings: self.findings,
        }
    }

    /// Writes down what is wrong here.
    pub(crate) fn add_issue(&mut self, fault: Issue) {
        self.findings
            .errors
            .push(fault.into_field_error(&self.path));
    }

    /// Writes down what is doubtful here, and taken all the same.
    pub(crate) fn add_warning(&mut self, fault: Issue) {
        self.findings
            .warnings
            .push(fault.into_field_error(&self.path));
    }

    /// Writes down what is ignored in the object here; at most 20 names a body,
    /// so that an answer never grows with what was sent.
    pub(crate) fn add_ignored(&mut self, unknown: &UnknownFields) {
        for name in unknown.0.keys() {
            if self.findings.unknown.len() == 20 {
                return;
            }
            let counted = if is_usual(name) { name } else { "?" };
            let counted = self.at_field(counted).path;
            self.findings.unknown.push(counted);
            let field = self.at_field(if is_name(name) { name } else { "?" }).path;
            self.findings.warnings.push(FieldError {
                field,
                code: ProblemCode::UnknownField,
                detail: "is not a field of this API and was ignored".to_owned(),
                expected: None,
            });
        }
    }

    /// The value given for `name`, read by `read`; none if absent or wrong.
    pub(crate) fn read_optional<T: JsonType, U>(
        &mut self,
        name: &str,
        given: Field<T>,
        read: impl FnOnce(T) -> Result<U, Issue>,
    ) -> Option<U> {
        self.read_nested(name, given, |value, mut place| {
            read(value).map_err(|fault| place.add_issue(fault)).ok()
        })
    }

    /// The text given for `name`, read by `read`; none if absent or wrong.
    pub(crate) fn read_text<U>(
        &mut self,
        name: &str,
        given: Field<String>,
        read: impl FnOnce(&str) -> Result<U, Issue>,
    ) -> Option<U> {
        self.read_optional(name, given, |text| read(&text))
    }

    /// The text given for `name`, read by `read`, and whether it cannot be used,
    /// which is doubtful and no fault. A blank text is taken for absent.
    pub(crate) fn read_usable<U>(
        &mut self,
        name: &str,
        given: Field<String>,
        read: impl FnOnce(&str) -> Result<U, Issue>,
    ) -> (Option<U>, bool) {
        let mut is_unusable = false;
        let value = self.read_nested(name, given, |text, mut place| {
            if text.trim().is_empty() {
                return None;
            }
            read(&text)
                .map_err(|fault| {
                    is_unusable = true;
                    place.add_warning(fault);
                })
                .ok()
        });
        (value, is_unusable)
    }

    /// The text that `name` is changed to, read by `read`, or else `present`.
    pub(crate) fn read_change<U>(
        &mut self,
        name: &str,
        change: FieldChange<String>,
        present: Option<U>,
        read: impl FnOnce(&str) -> Result<U, Issue>,
    ) -> Option<U> {
        match change {
            FieldChange::Keep => present,
            FieldChange::Erase => None,
            FieldChange::Set(given) => self.read_text(name, given, read),
        }
    }

    /// As [`FieldPath::read_text`], but its absence is a fault.
    pub(crate) fn required_text<U>(
        &mut self,
        name: &str,
        given: Field<String>,
        read: impl FnOnce(&str) -> Result<U, Issue>,
    ) -> Option<U> {
        if matches!(given, Field::Absent) {
            self.at_field(name).add_issue(
                Issue::new(ProblemCode::Required, "is missing").with_expected(String::EXPECTED),
            );
        }
        self.read_text(name, given, read)
    }

    /// An object or array given for `name`, read by `read`, which writes down
    /// itself what is wrong inside.
    pub(crate) fn read_nested<T: JsonType, U>(
        &mut self,
        name: &str,
        given: Field<T>,
        read: impl FnOnce(T, FieldPath<'_>) -> Option<U>,
    ) -> Option<U> {
        let mut place = self.at_field(name);
        match given {
            Field::Absent => None,
            Field::Wrong { found } => {
                place.wrong_type::<T>(found);
                None
            }
            Field::Value(value) => read(value, place),
        }
    }

    /// The elements of the array given for `name`, at most `max`.
    pub(crate) fn read_list<T: JsonType, U>(
        &mut self,
        name: &str,
        given: Field<Vec<Field<T>>>,
        max: usize,
        mut read: impl FnMut(T, FieldPath<'_>) -> Option<U>,
    ) -> Vec<U> {
        self.read_nested(name, given, |elements, mut place| {
            if elements.len() > max {
                place.add_issue(
                    Issue::new(
                        ProblemCode::TooMany,
                        format!("has {} elements", elements.len()),
                    )
                    .with_expected(format!("at most {max} elements")),
                );
                return None;
            }
            let mut list = Vec::with_capacity(elements.len());
            for (index, element) in elements.into_iter().enumerate() {
                let mut place = place.at_element(index);
                match element {
                    Field::Absent => place.wrong_type::<T>("null"),
                    Field::Wrong { found } => place.wrong_type::<T>(found),
                    Field::Value(value) => list.extend(read(value, place)),
                }
            }
            Some(list)
        })
        .unwrap_or_default()
    }

    /// Writes down that a value of JSON type `found` should have been a `T`.
    pub(crate) fn wrong_type<T: JsonType>(&mut self, found: &str) {
        self.add_issue(
            Issue::new(ProblemCode::WrongType, format!("is {found}")).with_expected(T::EXPECTED),
        );
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
/// has another form is counted as one of many, for it may be data that a client
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
            let unknown: UnknownFields =
                serde_json::from_value(serde_json::json!({ name: null })).unwrap();
            let mut findings = Issues::default();
            FieldPath::at_root(&mut findings)
                .at_field("customer")
                .add_ignored(&unknown);
            assert_eq!(findings.unknown, [format!("customer.{counted}")]);
            assert_eq!(findings.warnings.len(), 1, "{name}");
        }
    }
}
