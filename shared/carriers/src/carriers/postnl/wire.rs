//! The parts of PostNL's JSON that we read. It is made from XML: an empty
//! element is `{}`, and a list of one is an object. Nothing that is missing or
//! of another type stops the reading.

use crate::{
    reading::gateway::GatewayFault,
    wire::{deserialize_many, deserialize_one, deserialize_text},
};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) complete_status: Shipments<'a>,
    /// What is answered without `detail`.
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) current_status: Shipments<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) warnings: Vec<Warned<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
    #[serde(borrow, rename = "fault", deserialize_with = "deserialize_one")]
    pub(super) fault: GatewayFault<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Shipments<'a> {
    #[serde(borrow, rename = "Shipment", deserialize_with = "deserialize_many")]
    pub(super) shipments: Vec<Shipment<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) warnings: Vec<Warned<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Coded<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
}

/// A warning, or the element around one.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Warned<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    description: Cow<'a, str>,
    #[serde(borrow, rename = "Warning", deserialize_with = "deserialize_one")]
    inner: Coded<'a>,
}

impl Warned<'_> {
    /// Whether there is one at all.
    pub(super) fn is_there(&self) -> bool {
        let said = [&self.code, &self.description, &self.inner.code];
        said.into_iter().any(|text| !text.is_empty())
    }

    /// What it says in words.
    pub(super) fn warning_text(&self) -> &str {
        if self.description.is_empty() {
            &self.inner.description
        } else {
            &self.description
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Shipment<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) barcode: Cow<'a, str>,
    /// How many pieces the shipment has.
    #[serde(
        borrow,
        rename = "ShipmentAmount",
        deserialize_with = "deserialize_text"
    )]
    pub(super) pieces: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) product_description: Cow<'a, str>,
    #[serde(borrow, rename = "Event", deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) status: State<'a>,
    #[serde(borrow, rename = "OldStatus", deserialize_with = "deserialize_many")]
    pub(super) old_statuses: Vec<State<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) expectation: Expectation<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_stamp: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct State<'a> {
    #[serde(borrow, rename = "StatusCode", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "StatusDescription",
        deserialize_with = "deserialize_text"
    )]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_stamp: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Expectation<'a> {
    #[serde(borrow, rename = "ETAFrom", deserialize_with = "deserialize_text")]
    pub(super) from: Cow<'a, str>,
    #[serde(borrow, rename = "ETATo", deserialize_with = "deserialize_text")]
    pub(super) to: Cow<'a, str>,
}
