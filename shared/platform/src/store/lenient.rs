//! Reading what people may have written by hand: one field that cannot be read
//! does not take the others with it.

use posthorn_domain::text;
use serde::de::DeserializeOwned;
use serde_dynamo::AttributeValue;
use serde_path_to_error::Segment;

use crate::{
    error::ServiceError,
    metric::{self, Metric},
    store::codec::UnreadableItem,
};

/// What could be read, and the paths of what could not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Readable<T> {
    pub(crate) value: T,
    pub(crate) left_out: Vec<String>,
}

/// The value that `item` holds, without the fields that cannot be read: each is
/// left out as if it were not there, the smallest part of it that will do.
///
/// An error says that something is missing without which there is no value.
pub(crate) fn decode_leniently<T: DeserializeOwned>(
    item: impl Into<serde_dynamo::Item>,
    what: &str,
) -> Result<Readable<T>, ServiceError> {
    let mut item = AttributeValue::M(item.into().into_inner());
    let mut left_out = Vec::new();
    loop {
        let fault = match read_value(&item) {
            Ok(value) => return Ok(Readable { value, left_out }),
            Err(fault) => fault,
        };
        let Some(guilty) = unreadable_path::<T>(&item, &fault) else {
            return Err(ServiceError::from_unreadable(
                format!("read {what}"),
                UnreadableItem(fault.path().to_string()),
            ));
        };
        remove_path(&mut item, &guilty);
        left_out.push(name_of(&guilty));
    }
}

/// Logs and counts what was left out of `item`, as `settings`, of `whose`.
pub(crate) fn log_left_out(item: &'static str, whose: &str, left_out: &[String]) {
    for field in left_out {
        tracing::error!(
            item,
            whose,
            field,
            "The field {field} of the {item} of {whose} cannot be read and counts as not set"
        );
        metric::emit_metric(Metric::UnreadableField { item, field });
    }
}

/// Logs and counts that an item of `whose`, its key included, cannot be read at all,
/// because of `field`.
pub(crate) fn report_item(item: &'static str, whose: &str, field: &str) {
    tracing::error!(
        item,
        whose,
        field,
        "The {item} {whose} cannot be read because of its field {field} and is left out"
    );
    metric::emit_metric(Metric::UnreadableField { item, field });
}

/// Replaces what may not stand in a text in all texts of `item`.
pub(crate) fn clean_texts(item: serde_dynamo::Item) -> serde_dynamo::Item {
    let fields = item.into_inner().into_iter();
    let fields: std::collections::HashMap<String, AttributeValue> = fields
        .map(|(name, value)| (name, clean_value(value)))
        .collect();
    fields.into()
}

fn clean_value(value: AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::S(text) => AttributeValue::S(text::clean_text(&text).into_owned()),
        AttributeValue::L(list) => AttributeValue::L(list.into_iter().map(clean_value).collect()),
        AttributeValue::M(map) => {
            let map = map
                .into_iter()
                .map(|(name, value)| (name, clean_value(value)));
            AttributeValue::M(map.collect())
        }
        other => other,
    }
}

type ReadFault = serde_path_to_error::Error<serde_dynamo::Error>;

fn read_value<T: DeserializeOwned>(item: &AttributeValue) -> Result<T, ReadFault> {
    let reader = serde_dynamo::Deserializer::from_attribute_value(item.clone());
    serde_path_to_error::deserialize(reader)
}

/// A step from a value to one within it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum PathStep {
    Field(String),
    Element(usize),
}

/// The way to the smallest part of `item` that is the reason of `fault`.
fn unreadable_path<T: DeserializeOwned>(
    item: &AttributeValue,
    fault: &ReadFault,
) -> Option<Vec<PathStep>> {
    let mut way = Vec::new();
    let mut at = item;
    for segment in fault.path() {
        let (step, next) = match (segment, at) {
            (Segment::Map { key }, AttributeValue::M(map)) => {
                let Some(next) = map.get(key) else { break };
                (PathStep::Field(key.clone()), next)
            }
            (Segment::Seq { index }, AttributeValue::L(list)) => {
                let Some(next) = list.get(*index) else { break };
                (PathStep::Element(*index), next)
            }
            _ => break,
        };
        way.push(step);
        at = next;
    }
    // The name of a field may be what cannot be read, and the path stops above it.
    if let AttributeValue::M(map) = at {
        for name in map.keys() {
            let mut inner = way.clone();
            inner.push(PathStep::Field(name.clone()));
            let mut without = item.clone();
            remove_path(&mut without, &inner);
            let is_cured = read_value::<T>(&without)
                .map_or_else(|other| other.to_string() != fault.to_string(), |_| true);
            if is_cured {
                return Some(inner);
            }
        }
    }
    (!way.is_empty()).then_some(way)
}

fn remove_path(item: &mut AttributeValue, way: &[PathStep]) {
    let Some((last, before)) = way.split_last() else {
        return;
    };
    let mut at = item;
    for step in before {
        let next = match (step, at) {
            (PathStep::Field(name), AttributeValue::M(map)) => map.get_mut(name),
            (PathStep::Element(index), AttributeValue::L(elements)) => elements.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match (last, at) {
        (PathStep::Field(name), AttributeValue::M(map)) => {
            map.remove(name);
        }
        (PathStep::Element(index), AttributeValue::L(elements)) if *index < elements.len() => {
            elements.remove(*index);
        }
        _ => {}
    }
}

fn name_of(way: &[PathStep]) -> String {
    let mut name = String::new();
    for step in way {
        match step {
            PathStep::Field(field) if name.is_empty() => name.push_str(field),
            PathStep::Field(field) => {
                name.push('.');
                name.push_str(field);
            }
            PathStep::Element(index) => {
                name.push('[');
                name.push_str(&index.to_string());
                name.push(']');
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        notification_type::{Channel, NotificationType},
        settings::Settings,
    };
    use serde_json::{Value, json};

    fn settings(fields: Value) -> Readable<Settings> {
        let item: serde_dynamo::Item = serde_json::from_value(fields).unwrap();
        decode_leniently(item, "settings").unwrap()
    }

    #[test]
    fn a_field_of_a_wrong_type_has_its_default_and_the_others_stay() {
        let read = settings(json!({
            "name": {"S": "Acme"},
            "review_after_days": {"S": "seven"},
            "test_mode": {"S": "yes"},
            "quiet_hours": {"M": {"from": {"S": "late"}, "to": {"S": "08:00:00"}}},
            "locale": {"S": "de"},
        }));
        let expected = Settings {
            name: "Acme".to_owned(),
            locale: "de".to_owned(),
            ..Settings::default()
        };
        assert_eq!(read.value, expected);
        let mut left_out = read.left_out;
        left_out.sort();
        left_out.dedup();
        for path in ["review_after_days", "test_mode"] {
            assert!(left_out.contains(&path.to_owned()), "{left_out:?}");
        }
        assert!(
            left_out.iter().any(|path| path.starts_with("quiet_hours")),
            "{left_out:?}"
        );
    }

    #[test]
    fn of_a_map_only_the_entry_is_left_out_that_cannot_be_read() {
        let read = settings(json!({"notification_types": {"M": {
            "shipped": {"L": [{"S": "email"}]},
            "delivered": {"N": "1"},
            "deliverd": {"L": []},
            "shiped": {"L": []},
            "in_transit": {"L": [{"S": "sms"}, {"S": "pigeon"}]},
        }}}));
        let moments = &read.value.notification_types;
        assert_eq!(moments.len(), 2);
        assert_eq!(moments[&NotificationType::Shipped], [Channel::Email]);
        assert_eq!(moments[&NotificationType::InTransit], [Channel::Sms]);
        let mut left_out = read.left_out;
        left_out.sort();
        let expected = [
            "notification_types.deliverd",
            "notification_types.delivered",
            "notification_types.in_transit[1]",
            "notification_types.shiped",
        ];
        assert_eq!(left_out, expected);
    }

    #[test]
    fn whatever_one_field_is_the_others_are_read() {
        let odd = [
            json!({"S": "\u{FFFF}"}),
            json!({"N": "-1"}),
            json!({"NULL": true}),
            json!({"L": [{"L": []}]}),
            json!({"M": {"x": {"M": {}}}}),
            json!({"BOOL": true}),
            json!({"SS": ["a"]}),
            json!({"B": "AAAA"}),
        ];
        let all = serde_dynamo::to_item::<_, serde_dynamo::Item>(Settings::default()).unwrap();
        for name in all.keys().filter(|name| *name != "country") {
            for value in &odd {
                let mut fields = json!({"country": {"S": "DE"}});
                fields[name] = value.clone();
                assert_eq!(settings(fields).value.country, "DE", "{name}: {value}");
            }
        }
    }

    #[test]
    fn texts_lose_what_may_not_stand_in_a_text() {
        let item = json!({"name": {"S": "A\u{FFFF}"}, "l": {"L": [{"S": "\u{1}"}]}});
        let item = clean_texts(serde_json::from_value(item).unwrap());
        let expected = json!({"name": {"S": "A\u{FFFD}"}, "l": {"L": [{"S": "\u{FFFD}"}]}});
        assert_eq!(serde_json::to_value(item).unwrap(), expected);
    }
}
