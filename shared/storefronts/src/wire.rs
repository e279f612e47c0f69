//! JSON of storefronts, read leniently.
//!
//! A storefront cannot be told to correct a field: what is not as expected is
//! left out, and only what nothing can be done without is asked for.

use crate::UnreadableBody;
use serde::{Deserialize as _, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// Reads a body, bare or wrapped in an object with the one field `wrapper`.
pub fn parse_body<T: DeserializeOwned>(body: &[u8], wrapper: &str) -> Result<T, UnreadableBody> {
    let unreadable = |error: &serde_json::Error| UnreadableBody::Json {
        line: error.line(),
        column: error.column(),
    };
    let mut value: Value = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if let Some(object) = value.as_object_mut()
        && let Some(inner @ Value::Object(_)) = object.get_mut(wrapper)
        && inner.is_object()
    {
        value = inner.take();
    }
    if !value.is_object() {
        return Err(UnreadableBody::Json { line: 1, column: 1 });
    }
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

/// A field of another type than expected is left out.
pub fn deserialize_lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// Elements of another type than expected are left out, and so is what is no array.
pub fn deserialize_list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Value::Array(elements) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    Ok(elements
        .into_iter()
        .filter_map(|element| serde_json::from_value(element).ok())
        .collect())
}

/// Ids exceed 2^53: they are read as integers and kept as text.
pub fn deserialize_id<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number
            .as_u64()
            .filter(|id| *id > 0)
            .map(|id| id.to_string()),
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(text)
        }
        _ => None,
    })
}
