//! The parts of Royal Mail's JSON that we read. Nothing that is missing or of
//! another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Body<'a> {
    /// One object, in spite of the name; a list in the answer for several.
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) mail_pieces: Vec<MailPiece<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coded<'a> {
    #[serde(borrow, rename = "errorCode", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "errorDescription",
        deserialize_with = "deserialize_text"
    )]
    pub(super) description: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "errorResolution",
        deserialize_with = "deserialize_text"
    )]
    pub(super) resolution: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct MailPiece<'a> {
    #[serde(borrow, rename = "mailPieceId", deserialize_with = "deserialize_text")]
    pub(super) id: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) summary: Summary<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) signature: Signature<'a>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) estimated_delivery: EstimatedDelivery<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) error: Coded<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Summary<'a> {
    /// The 2D barcode.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) unique_item_id: Cow<'a, str>,
    /// The barcode that people know.
    #[serde(borrow, rename = "oneDBarcode", deserialize_with = "deserialize_text")]
    pub(super) barcode: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) product_name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) last_event_code: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "lastEventDateTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) last_event_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_category: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Signature<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) recipient_name: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "signatureDateTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) time: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct EstimatedDelivery<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "startOfEstimatedWindow",
        deserialize_with = "deserialize_text"
    )]
    pub(super) start: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "endOfEstimatedWindow",
        deserialize_with = "deserialize_text"
    )]
    pub(super) end: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, rename = "eventCode", deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, rename = "eventName", deserialize_with = "deserialize_text")]
    pub(super) name: Cow<'a, str>,
    #[serde(
        borrow,
        rename = "eventDateTime",
        deserialize_with = "deserialize_text"
    )]
    pub(super) time: Cow<'a, str>,
    #[serde(borrow, rename = "locationName", deserialize_with = "deserialize_text")]
    pub(super) location: Cow<'a, str>,
}
