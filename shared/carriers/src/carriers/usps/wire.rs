//! The parts of USPS's JSON that we read. Nothing that is missing or of another
//! type stops the reading. ZIP Codes are not read.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

/// An answer about one shipment, or an error.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) api_version: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) error: Error<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) tracking_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_category: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) mail_class: Cow<'a, str>,
    /// So it stands in the specification …
    #[serde(
        borrow,
        rename = "uniqueMailPieceId",
        deserialize_with = "deserialize_text"
    )]
    pub(super) unique_id: Cow<'a, str>,
    /// … and so in answers.
    #[serde(
        borrow,
        rename = "uniqueMailPieceID",
        deserialize_with = "deserialize_text"
    )]
    pub(super) unique_id_as_sent: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) mail_piece_intake_date: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "expectedDeliveryTimeStamp",
        deserialize_with = "deserialize_text"
    )]
    pub(super) expected: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "guaranteedDeliveryTimeStamp",
        deserialize_with = "deserialize_text"
    )]
    pub(super) guaranteed: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) predicted_delivery_date: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "predictedDeliveryWindowStartTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) window_start: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "predictedDeliveryWindowEndTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) window_end: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "trackingEvents",
        deserialize_with = "deserialize_many"
    )]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Error<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) message: Cow<'a, str>,
    #[serde(borrow, rename = "errors", deserialize_with = "deserialize_many")]
    pub(super) details: Vec<Detail<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Detail<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    /// Its name.
    #[serde(borrow, rename = "eventType", deserialize_with = "deserialize_text")]
    pub(super) title: Cow<'a, str>,
    #[serde(borrow, rename = "eventCode", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "eventTimestamp",
        deserialize_with = "deserialize_text"
    )]
    pub(super) at: Cow<'a, str>,
    #[serde(borrow, rename = "GMTTimestamp", deserialize_with = "deserialize_text")]
    pub(super) gmt: Cow<'a, str>,
    #[serde(borrow, rename = "GMTOffset", deserialize_with = "deserialize_text")]
    pub(super) offset: Cow<'a, str>,
    #[serde(borrow, rename = "eventCity", deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    #[serde(borrow, rename = "eventState", deserialize_with = "deserialize_text")]
    pub(super) state: Cow<'a, str>,
    #[serde(borrow, rename = "eventCountry", deserialize_with = "deserialize_text")]
    pub(super) country: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) firm: Cow<'a, str>,
    /// Who signed for it.
    #[serde(borrow, rename = "name", deserialize_with = "deserialize_text")]
    pub(super) signer: Cow<'a, str>,
}

/// What USPS sends by itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Envelope<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) subscription_type: Cow<'a, str>,
    /// JSON, written as a text.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) payload: Cow<'a, str>,
}
