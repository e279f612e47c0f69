//! The document is as strict as the API: what it allows is never refused for its form,
//! and what is refused for its form it does not allow.

use crate::shop::Shop;
use http::Method;
use posthorn_domain::settings::Settings;
use proptest::{
    prelude::*,
    string::string_regex,
    test_runner::{Config, TestRunner},
};
use regex::Regex;
use serde_json::{Map, Value, json};

/// Codes that are about the form of a field, which a schema can tell.
const OF_FORM: &[&str] = &[
    "required",
    "wrong_type",
    "invalid_length",
    "invalid_text",
    "out_of_range",
    "too_many",
    "invalid_id",
    "invalid_country",
    "invalid_locale",
    "unknown_source",
    "unknown_stage",
    "stage_not_settable",
];

/// Values that stand where another should.
const ODD: &[&str] = &[
    "null",
    "true",
    "-1",
    "0",
    "2.5",
    "1e9",
    "[]",
    "{}",
    "[null]",
    "\"\"",
    "\" \"",
    "\"\\u0007\"",
    "\"\\ufffe\"",
    "\"UK\"",
    "\"a/../b\"",
    "\"a b\"",
    "\"new\"",
    "\"in_transit\"",
    "\"e\"",
];

const BODIES: &[(&str, &str, &str)] = &[
    ("POST", "/v1/orders", "NewOrder"),
    ("POST", "/v1/orders/1/shipments", "NewShipment"),
    ("PATCH", "/v1/orders/1/shipments/1", "ShipmentChange"),
    ("POST", "/v1/orders/1/shipments/1/reports", "NewReport"),
    ("POST", "/v1/orders/1/status", "NewStage"),
    ("PATCH", "/v1/orders/1/contact", "CustomerChange"),
];

fn document() -> &'static Value {
    static DOCUMENT: std::sync::OnceLock<Value> = std::sync::OnceLock::new();
    DOCUMENT.get_or_init(|| serde_json::to_value(ingest::openapi::describe_api()).unwrap())
}

/// The schema itself, and whether `null` may stand there.
fn resolved(schema: &Value) -> (&Value, bool) {
    if let Some(name) = schema["$ref"].as_str() {
        return resolved(document().pointer(&name[1..]).unwrap());
    }
    if let Some(variants) = schema["oneOf"].as_array() {
        let is_nullable = variants.iter().any(|variant| variant["type"] == "null");
        let other = variants.iter().find(|variant| variant["type"] != "null");
        return (resolved(other.unwrap()).0, is_nullable);
    }
    let is_nullable = kinds(schema).contains(&"null");
    (schema, is_nullable)
}

fn kinds(schema: &Value) -> Vec<&str> {
    match &schema["type"] {
        Value::String(kind) => vec![kind.as_str()],
        Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

/// The pattern without what looks ahead, which only ECMAScript knows.
fn plain(pattern: &str) -> String {
    let mut pattern = pattern.to_owned();
    while let Some(begin) = pattern.find("(?!") {
        let end = pattern[begin..].find("$)").unwrap() + begin + 2;
        pattern.replace_range(begin..end, "");
    }
    pattern
}

/// Documents that the schema allows.
fn allowed(schema: &Value) -> BoxedStrategy<Value> {
    let (schema, _) = resolved(schema);
    if let Some(values) = schema["enum"].as_array() {
        let values: Vec<Value> = values
            .iter()
            .filter(|value| !value.is_null())
            .cloned()
            .collect();
        return proptest::sample::select(values).boxed();
    }
    let kind = kinds(schema).into_iter().find(|kind| *kind != "null");
    match kind {
        Some("boolean") => any::<bool>().prop_map(Value::from).boxed(),
        Some("integer") => {
            // The document writes whole numbers as `2.0` in places.
            let whole = |limit: &str, default: i32| {
                let text = schema[limit].as_f64().map(|limit| limit.to_string());
                text.map_or(default, |text| text.parse().unwrap())
            };
            let (least, most) = (whole("minimum", 0), whole("maximum", 1000));
            prop_oneof![
                (least..=most).prop_map(Value::from),
                (least..=most).prop_map(|whole| json!(f64::from(whole))),
            ]
            .boxed()
        }
        Some("array") => {
            let most = usize::try_from(schema["maxItems"].as_u64().unwrap_or(3).min(2)).unwrap();
            proptest::collection::vec(allowed(&schema["items"]), 0..=most)
                .prop_map(Value::from)
                .boxed()
        }
        Some("object") => object(schema),
        _ => text(schema),
    }
}

fn text(schema: &Value) -> BoxedStrategy<Value> {
    let most = usize::try_from(schema["maxLength"].as_u64().unwrap_or(60)).unwrap();
    if let Some(pattern) = schema["pattern"].as_str() {
        let pattern = plain(pattern);
        let regex = pattern.trim_start_matches('^').trim_end_matches('$');
        // `*` of the generator goes to 32.
        let texts = string_regex(regex).unwrap();
        return texts
            .prop_filter_map("a text as long as allowed", move |text| {
                let text: String = text.chars().take(most).collect();
                let fits = Regex::new(&pattern).unwrap().is_match(&text);
                fits.then(|| Value::from(text))
            })
            .boxed();
    }
    match schema["format"].as_str() {
        Some("date-time") => Just(json!("2026-11-22T09:30:00Z")).boxed(),
        _ => match schema.get("example") {
            Some(example) => Just(example.clone()).boxed(),
            None => Just(json!("https://acme.example/t")).boxed(),
        },
    }
}

fn object(schema: &Value) -> BoxedStrategy<Value> {
    let required: Vec<&str> = schema["required"]
        .as_array()
        .map(|names| names.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let fields: Vec<BoxedStrategy<Option<(String, Value)>>> = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, property)| {
            let (name, is_required) = (name.clone(), required.contains(&name.as_str()));
            let present = allowed(property).prop_map(move |value| Some((name.clone(), value)));
            if is_required {
                present.boxed()
            } else {
                prop_oneof![present, Just(None)].boxed()
            }
        })
        .collect();
    fields
        .prop_map(|fields| Value::from(fields.into_iter().flatten().collect::<Map<_, _>>()))
        .boxed()
}

/// Whether the schema allows `value`.
fn allows(schema: &Value, value: &Value) -> bool {
    let (schema, is_nullable) = resolved(schema);
    if value.is_null() {
        return is_nullable;
    }
    if let Some(values) = schema["enum"].as_array()
        && !values.contains(value)
    {
        return false;
    }
    let kinds = kinds(schema);
    match value {
        Value::Null => is_nullable,
        Value::Bool(_) => kinds.contains(&"boolean"),
        Value::Number(number) => {
            let number = number.as_f64().unwrap();
            kinds.contains(&"integer")
                && number.fract() == 0.0
                && schema["minimum"]
                    .as_f64()
                    .is_none_or(|least| number >= least)
                && schema["maximum"].as_f64().is_none_or(|most| number <= most)
        }
        Value::String(text) => {
            let length = text.chars().count() as u64;
            kinds.contains(&"string")
                && schema["minLength"]
                    .as_u64()
                    .is_none_or(|least| length >= least)
                && schema["maxLength"]
                    .as_u64()
                    .is_none_or(|most| length <= most)
                && schema["pattern"]
                    .as_str()
                    .is_none_or(|pattern| Regex::new(&plain(pattern)).unwrap().is_match(text))
        }
        Value::Array(elements) => {
            kinds.contains(&"array")
                && schema["maxItems"]
                    .as_u64()
                    .is_none_or(|most| elements.len() as u64 <= most)
                && elements
                    .iter()
                    .all(|element| allows(&schema["items"], element))
        }
        Value::Object(fields) => {
            let required = schema["required"].as_array().into_iter().flatten();
            kinds.contains(&"object")
                && required
                    .into_iter()
                    .all(|name| fields.contains_key(name.as_str().unwrap()))
                && fields.iter().all(|(name, field)| {
                    let property = schema["properties"].get(name);
                    property.is_none_or(|property| allows(property, field))
                })
        }
    }
}

/// Puts an odd value to the place that `at` chooses.
fn spoiled(value: &mut Value, at: usize, odd: &Value) {
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            let n_fields = fields.len();
            let field = fields.values_mut().nth(at % n_fields).unwrap();
            spoiled(field, at / n_fields, odd);
        }
        Value::Array(elements) if !elements.is_empty() && at % 2 == 1 => {
            let n_elements = elements.len();
            spoiled(&mut elements[at / 2 % n_elements], at / 2 / n_elements, odd);
        }
        _ => *value = odd.clone(),
    }
}

#[test]
fn the_document_is_as_strict_as_the_api() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let shop = runtime.block_on(async {
        let shop = Shop::with(&Settings::default()).await;
        let shipment = json!({"tracking_number": "1Z5R89390357567127"});
        shop.post("/v1/orders", json!({"id": "1", "shipments": [shipment]}))
            .await;
        shop
    });
    let schemas = &document()["components"]["schemas"];
    for (method, path, name) in BODIES {
        let schema = &schemas[*name];
        let mut runner = TestRunner::new(Config {
            cases: 60,
            max_global_rejects: 100_000,
            max_local_rejects: 1_000_000,
            failure_persistence: None,
            ..Config::default()
        });
        let sent = (
            allowed(schema),
            proptest::option::of((any::<usize>(), proptest::sample::select(ODD))),
        );
        runner
            .run(&sent, |(mut body, spoil)| {
                if let Some((at, odd)) = spoil {
                    spoiled(&mut body, at, &serde_json::from_str(odd).unwrap());
                }
                let method: Method = method.parse().unwrap();
                let call = shop.call(method, path, &[], body.to_string());
                let answer = runtime.block_on(call);
                let faults = answer.faults();
                let of_form: Vec<&String> = faults
                    .iter()
                    .filter(|fault| {
                        OF_FORM
                            .iter()
                            .any(|code| fault.ends_with(&format!(": {code}")))
                    })
                    .collect();
                // An id that ends as a route does is refused by what looks ahead, and that
                // an event has a status or a text is for the description to say.
                let is_allowed = allows(schema, &body);
                if is_allowed {
                    let is_told = |fault: &str| {
                        fault.ends_with("invalid_id")
                            || fault.ends_with("].status: required")
                            || fault == "events: required"
                    };
                    let of_form: Vec<_> = of_form.iter().filter(|fault| !is_told(fault)).collect();
                    prop_assert!(of_form.is_empty(), "{name} allows {body}: {of_form:?}");
                } else {
                    let code = answer.code();
                    prop_assert!(code != "malformed_json", "{body}");
                }
                Ok(())
            })
            .unwrap();
    }
}
