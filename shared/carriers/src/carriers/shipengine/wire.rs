//! The parts of ShipEngine's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

/// The tracking of a number, or errors.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracking<'a> {
    #[serde(
        borrow,
        rename = "tracking_number",
        deserialize_with = "deserialize_text"
    )]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_detail_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) ship_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) estimated_delivery_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Error<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Error<'a> {
    #[serde(borrow, rename = "error_code", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

/// A push.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Push<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) resource_type: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Tracking<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) occurred_at: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) carrier_occurred_at: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city_locality: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state_province: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) signer: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_detail_code: Cow<'a, str>,
    #[serde(borrow, rename = "event_code", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}
