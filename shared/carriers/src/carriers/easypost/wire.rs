//! The parts of EasyPost's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

/// A tracker, or an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracker<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_detail: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) created_at: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) signed_by: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) est_delivery_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) tracking_details: Vec<TrackingDetail<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) carrier_detail: CarrierDetail<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_return: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) error: Coded<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coded<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackingDetail<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) message: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_detail: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) datetime: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) tracking_location: Location<'a>,
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

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct CarrierDetail<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) service: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) est_delivery_date_local: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) alternate_identifier: Cow<'a, str>,
}

/// Several trackers.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct List<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) trackers: Vec<Tracker<'a>>,
}

/// A push.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) result: Tracker<'a>,
}
