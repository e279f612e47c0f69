//! Reading what people may have written by hand: one field that cannot be read
//! does not take the others with it.

use posthorn_domain::text;
use serde::de::DeserializeOwned;
use serde_dynamo::AttributeValue;
use serde_path_to_error::Segment;

use crate::{
    error::Error,
    metric::{self, Metric},
    store::codec::At,
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
pub(crate) fn decode<T: DeserializeOwned>(
    item: impl Into<serde_dynamo::Item>,
    what: &str,
) -> Result<Readable<T>, Error> {
    let mut item = AttributeValue::M(item.into().into_inner());
    let mut left_out = Vec::new();
    loop {
        let fault = match read(&item) {
            Ok(value) => return Ok(Readable { value, left_out }),
            Err(fault) => fault,
        };
        let Some(guilty) = guilty::<T>(&item, &fault) else {
            return Err(Error::unreadable(
                format!("read {what}"),
                At(fault.path().to_string()),
            ));
        };
        remove(&mut item, &guilty);
        left_out.push(name_of(&guilty));
    }
}

/// Logs and counts what was left out of `item`, as `settings`, of `whose`.
pub(crate) fn report(item: &'static str, whose: &str, left_out: &[String]) {
    for field in left_out {
        tracing::error!(
            item,
            whose,
            field,
            "The field {field} of the {item} of {whose} cannot be read and counts as not set"
        );
        metric::emit(Metric::UnreadableField { item, field });
    }
}

/// Replaces what may not stand in a text in all texts of `item`.
pub(crate) fn clean(item: serde_dynamo::Item) -> serde_dynamo::Item {
    let fields = item.into_inner().into_iter();
    let fields: std::collections::HashMap<String, AttributeValue> =
        fields.map(|(name, value)| (name, cleaned(value))).collect();
    fields.into()
}

fn cleaned(value: AttributeValue) -> AttributeValue {
    match value {
        AttributeValue::S(text) => AttributeValue::S(text::cleaned(&text).into_owned()),
        AttributeValue::L(list) => AttributeValue::L(list.into_iter().map(cleaned).collect()),
        AttributeValue::M(map) => {
            let map = map.into_iter().map(|(name, value)| (name, cleaned(value)));
            AttributeValue::M(map.collect())
        }
        other => other,
    }
}

type Fault = serde_path_to_error::Error<serde_dynamo::Error>;

fn read<T: DeserializeOwned>(item: &AttributeValue) -> Result<T, Fault> {
    let reader = serde_dynamo::Deserializer::from_attribute_value(item.clone());
    serde_path_to_error::deserialize(reader)
}

/// A step from a value to one within it.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    Field(String),
    Element(usize),
}

/// The way to the smallest part of `item` that is the reason of `fault`.
fn guilty<T: DeserializeOwned>(item: &AttributeValue, fault: &Fault) -> Option<Vec<Step>> {
    let mut way = Vec::new();
    let mut at = item;
    for segment in fault.path() {
        let (step, next) = match (segment, at) {
            (Segment::Map { key }, AttributeValue::M(map)) => {
                let Some(next) = map.get(key) else { break };
                (Step::Field(key.clone()), next)
            }
            (Segment::Seq { index }, AttributeValue::L(list)) => {
                let Some(next) = list.get(*index) else { break };
                (Step::Element(*index), next)
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
            inner.push(Step::Field(name.clone()));
            let mut without = item.clone();
            remove(&mut without, &inner);
            let is_cured = read::<T>(&without)
                .map_or_else(|other| other.to_string() != fault.to_string(), |_| true);
            if is_cured {
                return Some(inner);
            }
        }
    }
    (!way.is_empty()).then_some(way)
}

fn remove(item: &mut AttributeValue, way: &[Step]) {
    let Some((last, before)) = way.split_last() else {
        return;
    };
    let mut at = item;
    for step in before {
        let next = match (step, at) {
            (Step::Field(name), AttributeValue::M(map)) => map.get_mut(name),
            (Step::Element(index), AttributeValue::L(elements)) => elements.get_mut(*index),
            _ => None,
        };
        let Some(next) = next else { return };
        at = next;
    }
    match (last, at) {
        (Step::Field(name), AttributeValue::M(map)) => {
            map.remove(name);
        }
        (Step::Element(index), AttributeValue::L(elements)) if *index < elements.len() => {
            elements.remove(*index);
        }
        _ => {}
    }
}

fn name_of(way: &[Step]) -> String {
    let mut name = String::new();
    for step in way {
        match step {
            Step::Field(field) if name.is_empty() => name.push_str(field),
            Step::Field(field) => {
                name.push('.');
                name.push_str(field);
            }
            Step::Element(index) => {
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
        moment::{Channel, Moment},
        settings::Settings,
    };
    use serde_json::{Value, json};

    fn settings(fields: Value) -> Readable<Settings> {
        let item: serde_dynamo::Item = serde_json::from_value(fields).unwrap();
        decode(item, "settings").unwrap()
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
        let read = settings(json!({"moments": {"M": {
            "shipped": {"L": [{"S": "email"}]},
            "delivered": {"N": "1"},
            "deliverd": {"L": []},
            "shiped": {"L": []},
            "in_transit": {"L": [{"S": "sms"}, {"S": "pigeon"}]},
        }}}));
        let moments = &read.value.moments;
        assert_eq!(moments.len(), 2);
        assert_eq!(moments[&Moment::Shipped], [Channel::Email]);
        assert_eq!(moments[&Moment::InTransit], [Channel::Sms]);
        let mut left_out = read.left_out;
        left_out.sort();
        let expected = [
            "moments.deliverd",
            "moments.delivered",
            "moments.in_transit[1]",
            "moments.shiped",
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
        let item = clean(serde_json::from_value(item).unwrap());
        let expected = json!({"name": {"S": "A\u{FFFD}"}, "l": {"L": [{"S": "\u{FFFD}"}]}});
        assert_eq!(serde_json::to_value(item).unwrap(), expected);
    }
}
