//! What the Orders table's stream tells.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{order::Order, transition::ItemChange};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::{ServiceError, ServiceErrorKind},
    store::{
        codec::{decode_item, decode_shipment},
        keys,
    },
};

/// A record of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct StreamRecord {
    /// When the table took the change.
    pub at: Timestamp,
    /// What it says.
    pub news: StreamChange,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq)]
pub enum StreamChange {
    /// An order or a shipment is new or has changed.
    Change(ItemChange),
    /// Nothing that anything follows from: an item that is gone, or of a kind
    /// without a reader.
    NotOurs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct StreamBody {
    event_name: String,
    dynamodb: StreamImages,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct StreamImages {
    /// Seconds, with or without a fraction.
    approximate_creation_date_time: f64,
    keys: serde_dynamo::Item,
    #[serde(default)]
    new_image: Option<serde_dynamo::Item>,
    #[serde(default)]
    old_image: Option<serde_dynamo::Item>,
}

#[derive(Deserialize)]
struct StreamKeys {
    pk: String,
    sk: String,
}

impl StreamRecord {
    /// Reads a record as Lambda hands it over.
    pub fn parse_record(raw: &Value) -> Result<Self, ServiceError> {
        let StreamBody {
            event_name,
            dynamodb,
        } = serde_path_to_error::deserialize(raw).map_err(|error| {
            ServiceError::new(
                ServiceErrorKind::Unreadable,
                format!("read a stream record at `{}`", error.path()),
            )
        })?;
        let at = parse_instant(dynamodb.approximate_creation_date_time)?;
        let StreamKeys { pk, sk } = decode_item(dynamodb.keys, "the keys of a stream record")?;
        let new = dynamodb.new_image.filter(|_| event_name != "REMOVE");
        let old = dynamodb.old_image.filter(|_| event_name == "MODIFY");
        let news = match new {
            Some(new) => parse_change(&pk, &sk, old, new)?,
            None => StreamChange::NotOurs,
        };
        Ok(Self { at, news })
    }
}

fn parse_change(
    pk: &str,
    sk: &str,
    old: Option<serde_dynamo::Item>,
    new: serde_dynamo::Item,
) -> Result<StreamChange, ServiceError> {
    let Some(key) = keys::parse_order(pk) else {
        return Ok(StreamChange::NotOurs);
    };
    if sk == keys::ORDER {
        let read =
            |item, which| decode_item::<Order>(item, &format!("the {which} image of order {key}"));
        return Ok(StreamChange::Change(ItemChange::Order {
            old: old.map(|old| read(old, "old")).transpose()?.map(Box::new),
            new: Box::new(read(new, "new")?),
        }));
    }
    if !sk.starts_with(keys::SHIPMENT_PREFIX) {
        return Ok(StreamChange::NotOurs);
    }
    let read =
        |item, which| decode_shipment(item, &format!("the {which} image of a shipment of {key}"));
    let (old, new) = (
        old.map(|old| read(old, "old")).transpose()?,
        read(new, "new")?,
    );
    Ok(StreamChange::Change(ItemChange::Shipment {
        order: key.clone(),
        old: old.map(Box::new),
        new: Box::new(new),
    }))
}

fn parse_instant(seconds: f64) -> Result<Timestamp, ServiceError> {
    let unreadable = || {
        ServiceError::new(
            ServiceErrorKind::Unreadable,
            "read the time of a stream record",
        )
    };
    let since_epoch = SignedDuration::try_from_secs_f64(seconds).map_err(|_| unreadable())?;
    let rounded = SignedDuration::from_millis_i128(since_epoch.as_millis());
    Timestamp::from_duration(rounded).map_err(|_| unreadable())
}
