//! What the Orders table's stream tells.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{order::Order, transition::Change};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    error::{Error, ErrorKind},
    store::{
        codec::{decode, decode_shipment},
        keys,
    },
};

/// A record of the stream.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// When the table took the change.
    pub at: Timestamp,
    /// What it says.
    pub news: News,
}

/// What a record says.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// An order or a parcel is new or has changed.
    Change(Change),
    /// Nothing that anything follows from: an item that is gone, or of a kind
    /// that nobody watches.
    NotOurs,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Wire {
    event_name: String,
    dynamodb: Images,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Images {
    /// Seconds, with or without a fraction.
    approximate_creation_date_time: f64,
    keys: serde_dynamo::Item,
    #[serde(default)]
    new_image: Option<serde_dynamo::Item>,
    #[serde(default)]
    old_image: Option<serde_dynamo::Item>,
}

#[derive(Deserialize)]
struct Keys {
    pk: String,
    sk: String,
}

impl Record {
    /// Reads a record as Lambda hands it over.
    pub fn read(raw: &Value) -> Result<Self, Error> {
        let Wire {
            event_name,
            dynamodb,
        } = serde_path_to_error::deserialize(raw).map_err(|error| {
            Error::new(
                ErrorKind::Unreadable,
                format!("read a stream record at `{}`", error.path()),
            )
        })?;
        let at = instant(dynamodb.approximate_creation_date_time)?;
        let Keys { pk, sk } = decode(dynamodb.keys, "the keys of a stream record")?;
        let new = dynamodb.new_image.filter(|_| event_name != "REMOVE");
        let old = dynamodb.old_image.filter(|_| event_name == "MODIFY");
        let news = match new {
            Some(new) => news(&pk, &sk, old, new)?,
            None => News::NotOurs,
        };
        Ok(Self { at, news })
    }
}

fn news(
    pk: &str,
    sk: &str,
    old: Option<serde_dynamo::Item>,
    new: serde_dynamo::Item,
) -> Result<News, Error> {
    let Some(key) = keys::parse_order(pk) else {
        return Ok(News::NotOurs);
    };
    if sk == keys::ORDER {
        let read =
            |item, which| decode::<Order>(item, &format!("the {which} image of order {key}"));
        return Ok(News::Change(Change::Order {
            old: old.map(|old| read(old, "old")).transpose()?.map(Box::new),
            new: Box::new(read(new, "new")?),
        }));
    }
    if !sk.starts_with(keys::SHIPMENT_PREFIX) {
        return Ok(News::NotOurs);
    }
    let read =
        |item, which| decode_shipment(item, &format!("the {which} image of a parcel of {key}"));
    let (old, new) = (
        old.map(|old| read(old, "old")).transpose()?,
        read(new, "new")?,
    );
    Ok(News::Change(Change::Shipment {
        order: key.clone(),
        old: old.map(Box::new),
        new: Box::new(new),
    }))
}

fn instant(seconds: f64) -> Result<Timestamp, Error> {
    let unreadable = || Error::new(ErrorKind::Unreadable, "read the time of a stream record");
    let since_epoch = SignedDuration::try_from_secs_f64(seconds).map_err(|_| unreadable())?;
    let rounded = SignedDuration::from_millis_i128(since_epoch.as_millis());
    Timestamp::from_duration(rounded).map_err(|_| unreadable())
}
