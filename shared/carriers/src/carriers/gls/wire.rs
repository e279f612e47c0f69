//! The parts of GLS's JSON that we read. Nothing that is missing or of another
//! type stops the reading.

use crate::{
    reading::gateway::GatewayFault,
    wire::{deserialize_many, deserialize_one, deserialize_text},
};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) parcels: Vec<Parcel<'a>>,
    /// What is wrong with the whole question.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) error_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) fault: GatewayFault<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parcel<'a> {
    /// The number as we wrote it.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) requested: Cow<'a, str>,
    /// The shipment number.
    #[serde(borrow, rename = "unitno", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_date_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) error_code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "eventDateTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) time: Cow<'a, str>,
}
