//! The parts of 17TRACK's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Data<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) accepted: Vec<Item<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) rejected: Vec<Rejected<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coded<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Rejected<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) error: Coded<'a>,
}

/// A number and what is known of it; a registration knows nothing yet.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) carrier: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) track_info: Vec<TrackInfo<'a>>,
}

/// A push.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Push<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) event: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Item<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackInfo<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) latest_status: LatestStatus<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) latest_event: Event<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) time_metrics: TimeMetrics<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) misc_info: MiscInfo<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) tracking: Tracking<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LatestStatus<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) sub_status: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TimeMetrics<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) estimated_delivery_date: EstimatedDelivery<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EstimatedDelivery<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) source: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) from: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) to: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct MiscInfo<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) service_type: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) pieces: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) local_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) local_key: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracking<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) providers: Vec<Provider<'a>>,
}

/// One of the carriers that have the shipment one after another.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Provider<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) service_type: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_iso: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_utc: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) time_raw: RawTime<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) location: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) stage: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) sub_status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) address: Address<'a>,
}

/// What the carrier itself gave.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct RawTime<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) timezone: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Address<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country: Cow<'a, str>,
}
