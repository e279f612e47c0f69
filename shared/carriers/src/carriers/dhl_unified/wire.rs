//! The parts of the JSON of Shipment Tracking – Unified that we read. Nothing
//! that is missing or of another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) shipments: Vec<Shipment<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) title: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) detail: Cow<'a, str>,
    /// Of a push about a subscription and not about a shipment.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) scope: Cow<'a, str>,
    /// Of a push about one shipment.
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) shipment: Vec<Shipment<'a>>,
}

/// Shipments that a push holds without a name around them: one, or a list.
#[derive(Debug, Default)]
pub(super) struct Bare<'a>(pub(super) Vec<Shipment<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Bare<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_many(deserializer).map(Self)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Shipment<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) service: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) return_flag: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) status: Event<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) pick_up_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_time_of_delivery: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_time_of_delivery_remark: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) estimated_delivery_time_frame: Frame<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) details: Details<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) timestamp: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_detailed: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) location: Location<'a>,
    /// The pieces that it is about, if not all.
    #[serde(deserialize_with = "deserialize_texts")]
    pub(super) piece_ids: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) address: Address<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) address_locality: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country_code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Frame<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_from: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_through: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Details<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) product: Product<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) proof_of_delivery: ProofOfDelivery<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) total_number_of_pieces: Cow<'a, str>,
    #[serde(deserialize_with = "deserialize_texts")]
    pub(super) piece_ids: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Product<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) product_name: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ProofOfDelivery<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) timestamp: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) signed: Person<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Person<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) given_name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) family_name: Cow<'a, str>,
}

/// A list of texts, or a single one.
fn deserialize_texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    use serde_json::Value;
    let text = |value: Value| match value {
        Value::String(text) => Some(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    };
    Ok(match Value::deserialize(deserializer)? {
        Value::Array(values) => values.into_iter().filter_map(text).collect(),
        value => text(value).into_iter().collect(),
    })
}
