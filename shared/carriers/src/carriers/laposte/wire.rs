//! The parts of La Poste's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

/// A list of answers for several numbers, one answer for one number.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) answers: Vec<One<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct One<'a> {
    /// An HTTP status of its own.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) return_code: Cow<'a, str>,
    /// The number, where there is no shipment.
    #[serde(borrow, rename = "idShip", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) shipment: Shipment<'a>,
    /// What the gateway says of a question that it does not pass on.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) message: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Shipment<'a> {
    #[serde(borrow, rename = "idShip", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) product: Cow<'a, str>,
    #[serde(borrow, rename = "event", deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) timeline: Vec<Step<'a>>,
    #[serde(borrow, rename = "estimDate", deserialize_with = "deserialize_text")]
    pub(super) estimated_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) delivery_date: Cow<'a, str>,
    #[serde(borrow, rename = "contextData", deserialize_with = "deserialize_one")]
    pub(super) about: About<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) label: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
}

/// One of five steps, done or not.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Step<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, rename = "status", deserialize_with = "deserialize_text")]
    pub(super) is_done: Cow<'a, str>,
}

/// The two countries stand in every answer, the point of removal and the
/// partner in some; of these two no more is documented than what is read here.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct About<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) origin_country: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) arrival_country: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) removal_point: Named<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) partner: Partner<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Named<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) name: Cow<'a, str>,
}

/// The foreign post that carries it on.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Partner<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) reference: Cow<'a, str>,
}
