//! The parts of AfterShip's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::{Deserialize, Deserializer};
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) meta: Meta<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Data<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Meta<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Data<'a> {
    /// None if there is no list, as in the answer to a creation.
    #[serde(borrow, deserialize_with = "deserialize_list")]
    pub(super) trackings: Option<Vec<Tracking<'a>>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) pagination: Pagination<'a>,
}

fn deserialize_list<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Vec<Tracking<'de>>>, D::Error> {
    deserialize_many(deserializer).map(Some)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Pagination<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) next_cursor: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) has_next_page: Cow<'a, str>,
}

/// The answer to a creation.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Created<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) data: Tracking<'a>,
}

/// A push.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Push<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) msg: Tracking<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracking<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) id: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "tracking_number",
        deserialize_with = "deserialize_text"
    )]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) slug: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tag: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) subtag: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) checkpoints: Vec<Checkpoint<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) courier_estimated_delivery_date: Estimate<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) latest_estimated_delivery: LatestEstimate<'a>,
    /// The one of webhooks before 2023.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) expected_delivery: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) signed_by: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) shipment_pickup_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) shipment_package_count: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) shipment_type: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) return_to_sender: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) shipment_direction: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) first_mile: Mile<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) last_mile: Mile<'a>,
}

/// The part of the way that another carrier goes, under another number.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Mile<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) slug: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Estimate<'a> {
    #[serde(
        borrow,
        rename = "estimated_delivery_date",
        deserialize_with = "deserialize_text"
    )]
    pub(super) day: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "estimated_delivery_date_min",
        deserialize_with = "deserialize_text"
    )]
    pub(super) from: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "estimated_delivery_date_max",
        deserialize_with = "deserialize_text"
    )]
    pub(super) to: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct LatestEstimate<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) source: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) datetime: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) datetime_min: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) datetime_max: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Checkpoint<'a> {
    #[serde(
        borrow,
        rename = "checkpoint_time",
        deserialize_with = "deserialize_text"
    )]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) location: Cow<'a, str>,
    #[serde(borrow, alias = "country_iso3", deserialize_with = "deserialize_text")]
    pub(super) country_region: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) message: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tag: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) subtag: Cow<'a, str>,
}
