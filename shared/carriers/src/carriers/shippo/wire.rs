//! The parts of Shippo's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Track<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) eta: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) servicelevel: ServiceLevel<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) tracking_status: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) tracking_history: Vec<Event<'a>>,
}

/// A push.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Push<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Track<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ServiceLevel<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) name: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_details: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) substatus: Substatus<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) location: Location<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Substatus<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Location<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country: Cow<'a, str>,
}
