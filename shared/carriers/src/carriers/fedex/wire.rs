//! The parts of FedEx's JSON that we read. Nothing that is missing or of another
//! type stops the reading. Streets, postcodes and names of shippers are not read.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text, deserialize_texts};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) output: Output<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Output<'a> {
    #[serde(
        borrow,
        rename = "completeTrackResults",
        deserialize_with = "deserialize_many"
    )]
    pub(super) numbers: Vec<OfNumber<'a>>,
}

/// All that is known under one number.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct OfNumber<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(borrow, rename = "trackResults", deserialize_with = "deserialize_many")]
    pub(super) parcels: Vec<Parcel<'a>>,
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
#[serde(default, rename_all = "camelCase")]
pub(super) struct Parcel<'a> {
    #[serde(
        borrow,
        rename = "trackingNumberInfo",
        deserialize_with = "deserialize_one"
    )]
    pub(super) number: NumberInfo<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) error: Coded<'a>,
    #[serde(
        borrow,
        rename = "latestStatusDetail",
        deserialize_with = "deserialize_one"
    )]
    pub(super) latest: Latest<'a>,
    #[serde(borrow, rename = "scanEvents", deserialize_with = "deserialize_many")]
    pub(super) scans: Vec<ScanEvent<'a>>,
    #[serde(borrow, rename = "dateAndTimes", deserialize_with = "deserialize_many")]
    pub(super) dates: Vec<Dated<'a>>,
    #[serde(
        borrow,
        rename = "estimatedDeliveryTimeWindow",
        deserialize_with = "deserialize_one"
    )]
    pub(super) estimate: TimeWindow<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) delivery_details: DeliveryDetails<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) package_details: PackageDetails<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) additional_tracking_info: AdditionalInfo<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) service_detail: ServiceDetail<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) return_detail: ReturnDetail<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) special_handlings: Vec<Typed<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct NumberInfo<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "trackingNumberUniqueId",
        deserialize_with = "deserialize_text"
    )]
    pub(super) unique_id: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Latest<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) derived_code: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "ancillaryDetails",
        deserialize_with = "deserialize_many"
    )]
    pub(super) reasons: Vec<Ancillary<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Ancillary<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) reason: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ScanEvent<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) event_type: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) event_description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) exception_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) exception_description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) scan_location: Address<'a>,
    #[serde(borrow, rename = "delayDetail", deserialize_with = "deserialize_one")]
    pub(super) delay: DelayDetail<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DelayDetail<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Address<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) state_or_province_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) country_code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Dated<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date_time: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TimeWindow<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) window: TimeRange<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct TimeRange<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) begins: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) ends: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct DeliveryDetails<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) received_by_name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) signed_by_name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) location_description: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct PackageDetails<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) count: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct AdditionalInfo<'a> {
    #[serde(
        borrow,
        rename = "packageIdentifiers",
        deserialize_with = "deserialize_many"
    )]
    pub(super) identifiers: Vec<Identifier<'a>>,
}

/// The specification has one `value`, the answers have a list `values`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Identifier<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_texts")]
    pub(super) value: Vec<Cow<'a, str>>,
    #[serde(borrow, deserialize_with = "deserialize_texts")]
    pub(super) values: Vec<Cow<'a, str>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct ServiceDetail<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
}

/// There for every shipment, and filled for a return.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct ReturnDetail<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) authorization_name: Cow<'a, str>,
    #[serde(borrow, rename = "reasonDetail", deserialize_with = "deserialize_many")]
    pub(super) reasons: Vec<Typed<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
}
