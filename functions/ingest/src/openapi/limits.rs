//! What texts of bodies may be, as patterns: what the routes refuse for its form, the
//! document refuses too.

use crate::validate::COUNTRIES;
use posthorn_domain::stage::OrderStage;
use serde_json::{Value, json};
use utoipa::openapi::schema::SchemaType;
use utoipa::openapi::{Object, OpenApi, RefOr, Schema, schema::Type};

/// The parts of an order id between slashes, none of which is `.` or `..`.
const ID: &str = "^(?!.*/(shipments|status|notifications|contact)$)\
                  (?!.*/shipments/[^/]*(/reports)?$)\
                  [A-Za-z0-9_:.-]*[A-Za-z0-9_:-][A-Za-z0-9_:.-]*\
                  (/[A-Za-z0-9_:.-]*[A-Za-z0-9_:-][A-Za-z0-9_:.-]*)*$";
const NUMBER: &str = "^[ -]*([A-Za-z0-9][ -]*){4,40}$";
const CARRIER: &str = "^[a-z0-9_]{1,32}$";
const URL: &str = "^https://[A-Za-z0-9-]+(\\.[A-Za-z0-9-]+)*(:[0-9]{1,4})?([/?#][!-~]*)?$";
const DATE: &str = "^2[01][0-9]{2}-[0-9]{2}-[0-9]{2}$";
const LOCALE: &str = "^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8})*$";
const ZONE: &str = "^[A-Za-z][A-Za-z0-9_+/-]*$";
const KEY: &str = "^[!-~]{1,128}$";

/// How a text of a body is limited.
enum Limit {
    /// To one line that is not blank.
    Line,
    /// To lines that are not all blank.
    Paragraph,
    /// By a pattern.
    Pattern(&'static str),
    /// To these texts.
    OneOf(fn() -> Vec<Value>),
}

const LIMITS: &[(&str, &str, Limit)] = &[
    ("NewOrder", "id", Limit::Pattern(ID)),
    ("NewOrder", "number", Limit::Line),
    ("NewOrder", "promised", Limit::Pattern(DATE)),
    ("NewOrder", "locale", Limit::Pattern(LOCALE)),
    ("Customer", "name", Limit::Line),
    ("Customer", "country", Limit::OneOf(country_codes)),
    ("Customer", "postcode", Limit::Line),
    ("Customer", "region", Limit::Line),
    ("Customer", "time_zone", Limit::Pattern(ZONE)),
    ("CustomerChange", "name", Limit::Line),
    ("CustomerChange", "country", Limit::OneOf(country_codes)),
    ("CustomerChange", "postcode", Limit::Line),
    ("CustomerChange", "region", Limit::Line),
    ("CustomerChange", "time_zone", Limit::Pattern(ZONE)),
    ("NewItem", "id", Limit::Line),
    ("NewItem", "title", Limit::Line),
    ("NewShipment", "tracking_number", Limit::Pattern(NUMBER)),
    ("NewShipment", "carrier", Limit::Pattern(CARRIER)),
    ("NewShipment", "carrier_name", Limit::Line),
    ("NewShipment", "tracking_url", Limit::Pattern(URL)),
    ("NewShipment", "service", Limit::Line),
    ("NewShipment", "shipped_on", Limit::Pattern(DATE)),
    ("ShipmentChange", "tracking_number", Limit::Pattern(NUMBER)),
    ("ShipmentChange", "carrier", Limit::Pattern(CARRIER)),
    ("ShipmentChange", "carrier_name", Limit::Line),
    ("ShipmentChange", "tracking_url", Limit::Pattern(URL)),
    ("ShipmentChange", "service", Limit::Line),
    ("ShipmentChange", "shipped_on", Limit::Pattern(DATE)),
    ("NewReport", "source", Limit::OneOf(source_names)),
    ("NewReport", "supplier", Limit::Line),
    ("NewEvent", "city", Limit::Line),
    ("NewEvent", "region", Limit::Line),
    ("NewEvent", "country", Limit::OneOf(country_codes)),
    ("NewEvent", "text", Limit::Line),
    ("NewStage", "stage", Limit::OneOf(stage_names)),
    ("NewStage", "comment", Limit::Paragraph),
];

/// Writes the limits into the schemas of bodies, and into the headers.
pub(super) fn set(document: &mut OpenApi) {
    let schemas = document
        .components
        .as_mut()
        .map(|components| &mut components.schemas);
    let Some(schemas) = schemas else {
        return;
    };
    for (schema, property, limit) in LIMITS {
        let Some(RefOr::T(Schema::Object(object))) = schemas.get_mut(*schema) else {
            continue;
        };
        if let Some(RefOr::T(Schema::Object(text))) = object.properties.get_mut(*property) {
            limit.set(text);
        }
    }
    for item in document.paths.paths.values_mut() {
        let operations = [&mut item.get, &mut item.post, &mut item.patch];
        let parameters = operations.into_iter().flatten();
        for parameter in parameters.flat_map(|operation| operation.parameters.iter_mut().flatten())
        {
            if let RefOr::T(parameter) = parameter
                && parameter.name == "Idempotency-Key"
                && let Some(RefOr::T(Schema::Object(key))) = &mut parameter.schema
            {
                Limit::Pattern(KEY).set(key);
            }
        }
    }
}

impl Limit {
    fn set(&self, text: &mut Object) {
        match self {
            Self::Line => text.pattern = Some(not_blank("")),
            Self::Paragraph => text.pattern = Some(not_blank("\\t\\n\\r")),
            Self::Pattern(pattern) => text.pattern = Some((*pattern).to_owned()),
            Self::OneOf(values) => {
                let is_nullable = matches!(
                    &text.schema_type,
                    SchemaType::Array(types) if types.contains(&Type::Null)
                );
                let null = is_nullable.then_some(Value::Null);
                text.enum_values = Some(values().into_iter().chain(null).collect());
            }
        }
        if matches!(self, Self::Line | Self::Paragraph) {
            text.min_length = Some(1);
        }
    }
}

/// A text without control characters and noncharacters, but `allowed` ones, that is not
/// blank.
fn not_blank(allowed: &str) -> String {
    let planes: Vec<String> = (1..=16)
        .map(|plane| format!("\\u{{{plane:x}fffe}}\\u{{{plane:x}ffff}}"))
        .collect();
    let planes = planes.concat();
    let others = format!("\\x7f-\\x9f\\ufdd0-\\ufdef\\ufffd-\\uffff{planes}");
    let refused = if allowed.is_empty() {
        format!("\\x00-\\x1f{others}")
    } else {
        format!("\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f{others}")
    };
    format!("^[^{refused}]*[^\\s\\x00-\\x1f{others}][^{refused}]*$")
}

fn country_codes() -> Vec<Value> {
    COUNTRIES.split(' ').map(Value::from).collect()
}

fn stage_names() -> Vec<Value> {
    let stages = OrderStage::ALL.iter();
    let settable = stages.filter(|stage| stage.is_set_by_shop());
    settable.map(|stage| json!(stage.as_str())).collect()
}

fn source_names() -> Vec<Value> {
    vec![json!("staff"), json!("supplier")]
}
