//! The parts of UPS's JSON that we read. Nothing that is missing or of another
//! type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) track_response: TrackResponse<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) response: ErrorResponse<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ErrorResponse<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coded<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) message: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TrackResponse<'a> {
    #[serde(borrow, rename = "shipment", deserialize_with = "deserialize_many")]
    pub(super) shipments: Vec<Shipment<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Shipment<'a> {
    /// The number that was asked for.
    #[serde(
        borrow,
        rename = "inquiryNumber",
        deserialize_with = "deserialize_text"
    )]
    pub(super) asked: Cow<'a, str>,
    #[serde(borrow, rename = "package", deserialize_with = "deserialize_many")]
    pub(super) packages: Vec<Package<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) warnings: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Package<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(borrow, rename = "activity", deserialize_with = "deserialize_many")]
    pub(super) activities: Vec<Activity<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) current_status: State<'a>,
    #[serde(borrow, rename = "deliveryDate", deserialize_with = "deserialize_many")]
    pub(super) delivery_dates: Vec<DeliveryDate<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) delivery_time: DeliveryTime<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) delivery_information: DeliveryInformation<'a>,
    #[serde(
        borrow,
        rename = "alternateTrackingNumber",
        deserialize_with = "deserialize_many"
    )]
    pub(super) alternate_numbers: Vec<AlternateNumber<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) service: Service<'a>,
    #[serde(borrow, rename = "packageCount", deserialize_with = "deserialize_text")]
    pieces: Cow<'a, str>,
}

impl Package<'_> {
    /// How many packages the whole shipment has; 0 if UPS does not say.
    pub(super) fn package_count(&self) -> usize {
        self.pieces.parse().unwrap_or(0)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Activity<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) gmt_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) gmt_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) gmt_offset: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) status: State<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) location: Location<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) logical_scan: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct State<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
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
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state_province: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeliveryDate<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeliveryTime<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) start_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) end_time: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeliveryInformation<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) location: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) received_by: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AlternateNumber<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Service<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
}
