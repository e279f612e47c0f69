//! Which numbers an answer names by itself, for a reader of the answer without
//! not the question ([`crate::Carrier::answered_numbers`]).

use posthorn_domain::tracking_number::TrackingNumber;
use serde_json::Value;

/// The numbers in a body of JSON, in its order, each once.
///
/// `parcels` are the paths, as `trackResponse.shipment`, to what is about one
/// shipment; the empty path is the body itself. `names` are the paths from there
/// to its number, the best first: of each shipment the first that leads to a
/// number counts, as its own number does where it has one and the number that
/// was asked for where it has none.
pub(crate) fn in_json(body: &[u8], shipments: &[&str], names: &[&str]) -> Vec<TrackingNumber> {
    let Ok(body) = serde_json::from_slice::<Value>(body) else {
        return Vec::new();
    };
    let mut numbers = Vec::new();
    for path in shipments {
        follow_path(&body, path, &mut |shipment| {
            for name in names {
                let mut is_named = false;
                follow_path(shipment, name, &mut |value| {
                    if let Some(number) = read_number(value) {
                        is_named = true;
                        if !numbers.contains(&number) {
                            numbers.push(number);
                        }
                    }
                });
                if is_named {
                    break;
                }
            }
        });
    }
    numbers
}

/// The numbers that these texts are, in their order, each once.
pub(crate) fn in_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Vec<TrackingNumber> {
    let mut numbers = Vec::new();
    for number in texts
        .into_iter()
        .filter_map(|text| TrackingNumber::parse(text).ok())
    {
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    numbers
}

/// Hands over what stands at the end of a path. A list on the way stands for
/// each of its elements, and a text for the JSON that is written in it.
fn follow_path(value: &Value, path: &str, found: &mut dyn FnMut(&Value)) {
    if let Value::Array(elements) = value {
        for element in elements {
            follow_path(element, path, found);
        }
        return;
    }
    let (name, rest) = match path.split_once('.') {
        Some(parts) => parts,
        None if path.is_empty() => return found(value),
        None => (path, ""),
    };
    match value {
        Value::Object(fields) => {
            if let Some(inner) = fields.get(name) {
                follow_path(inner, rest, found);
            }
        }
        Value::String(text) => {
            if let Ok(inner @ Value::Object(_)) = serde_json::from_str::<Value>(text) {
                follow_path(&inner, path, found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) => {}
    }
}

fn read_number(value: &Value) -> Option<TrackingNumber> {
    match value {
        Value::String(text) => TrackingNumber::parse(text).ok(),
        Value::Number(number) if number.is_u64() => TrackingNumber::parse(&number.to_string()).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(body: &str, shipments: &[&str], names: &[&str]) -> Vec<String> {
        let numbers = in_json(body.as_bytes(), shipments, names);
        numbers.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn each_shipment_is_named_once_by_the_first_name_it_has() {
        let body = r#"{"parcels": [
            {"own": "1ZAB 12", "asked": "REF1"},
            {"own": "", "asked": "REF2"},
            {"own": null, "asked": 123456},
            {"own": "1zab12"},
            {"other": "9999999"}
        ]}"#;
        assert_eq!(
            named(body, &["parcels"], &["own", "asked"]),
            ["1ZAB12", "REF2", "123456"]
        );
    }

    #[test]
    fn lists_and_texts_of_json_are_looked_into() {
        let body = r#"[{"data": "{\"inner\": [[{\"id\": \"AB123\"}], {\"id\": \"AB124\"}]}"}]"#;
        assert_eq!(named(body, &["data.inner"], &["id"]), ["AB123", "AB124"]);
        assert_eq!(named(r#"{"id": "AB123"}"#, &["", "x"], &["id"]), ["AB123"]);
    }

    #[test]
    fn what_is_no_number_names_nothing() {
        for body in [
            "",
            "x",
            "7",
            "[]",
            "{}",
            r#"{"id": {}}"#,
            r#"{"id": "a@b"}"#,
            r#"{"id": -1}"#,
        ] {
            assert!(named(body, &[""], &["id"]).is_empty(), "{body}");
        }
    }
}
