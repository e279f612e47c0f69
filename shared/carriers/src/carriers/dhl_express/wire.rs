//! The parts of `MyDHL`'s JSON that we read. Nothing that is missing or of another
//! type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    /// None if the answer has no such field: an empty list is an answer.
    #[serde(borrow)]
    pub(super) shipments: Option<Shipments<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) title: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) detail: Cow<'a, str>,
}

#[derive(Debug, Default)]
pub(super) struct Shipments<'a>(pub(super) Vec<Shipment<'a>>);

impl<'de: 'a, 'a> Deserialize<'de> for Shipments<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_many(deserializer).map(Self)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Shipment<'a> {
    #[serde(
        borrow,
        rename = "shipmentTrackingNumber",
        deserialize_with = "deserialize_text"
    )]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "shipmentTimestamp",
        deserialize_with = "deserialize_text"
    )]
    pub(super) shipped_at: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) product_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) number_of_pieces: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_delivery_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) pieces: Vec<Piece<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Piece<'a> {
    #[serde(
        borrow,
        rename = "trackingNumber",
        deserialize_with = "deserialize_text"
    )]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow, rename = "GMTOffset", deserialize_with = "deserialize_text")]
    pub(super) offset: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) type_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) signed_by: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) service_area: Area<'a>,
}

/// DHL's name of a place, as `SYDNEY-AU`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Area<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
}
