//! Between domain types and items.
//!
//! A shipment's scans, and those of each other source, are kept as one compressed
//! attribute: as a list of maps
//! eight of them fill two kilobytes, and a write is charged by the kilobyte of
//! the whole item (docs/adr/0010-scans-are-compressed.md).

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::types::AttributeValue;
use posthorn_domain::{id::OrderKey, scan::Scan, shipment::Shipment, source::SourceHistory};
use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::ServiceError,
    store::keys::{self, Cohort},
};

/// An item as the SDK has it.
pub(crate) type StoredItem = HashMap<String, AttributeValue>;

const SCANS: &str = "scans";
const OTHERS: &str = "other_sources";
/// More than ten times what the largest item could hold unpacked.
const MOST_SCAN_BYTES: usize = 8 * 1024 * 1024;

pub(crate) fn text_value(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number_value(value: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(format!("{value}"))
}

/// A text attribute of `item`, as a key is; nothing if it has none.
pub(crate) fn text_of<'a>(item: &'a StoredItem, name: &str) -> &'a str {
    item.get(name)
        .and_then(|value| value.as_s().ok())
        .map_or("", String::as_str)
}

/// The item of `value`, with its keys.
pub(crate) fn encode_item<T: Serialize>(
    value: &T,
    keys: impl IntoIterator<Item = (&'static str, AttributeValue)>,
) -> Result<StoredItem, ServiceError> {
    let mut item: StoredItem = serde_dynamo::to_item(value)
        .map_err(|error| ServiceError::from_unreadable("write an item", error))?;
    item.extend(
        keys.into_iter()
            .map(|(name, value)| (name.to_owned(), value)),
    );
    Ok(item)
}

/// The value that `item` holds; `what` names it in an error.
///
/// The error says where the item is unreadable but not what it holds.
pub(crate) fn decode_item<T: DeserializeOwned>(
    item: impl Into<serde_dynamo::Item>,
    what: &str,
) -> Result<T, ServiceError> {
    let map = serde_dynamo::AttributeValue::M(item.into().into_inner());
    let reader = serde_dynamo::Deserializer::from_attribute_value(map);
    serde_path_to_error::deserialize(reader).map_err(|error| {
        ServiceError::from_unreadable(
            format!("read {what}"),
            UnreadableItem(error.path().to_string()),
        )
    })
}

/// Where an item is unreadable.
#[derive(Debug, thiserror::Error)]
#[error("unreadable at `{0}`")]
pub(crate) struct UnreadableItem(pub(crate) String);

/// The item of a shipment; `cohort` is where it is asked after, if it is.
pub(crate) fn encode_shipment(
    order: &OrderKey,
    shipment: &Shipment,
    cohort: Option<&Cohort>,
) -> Result<StoredItem, ServiceError> {
    let mut item = encode_item(
        shipment,
        [
            ("pk", text_value(keys::order_key(order))),
            ("sk", text_value(keys::shipment_key(shipment.shipment))),
        ],
    )?;
    if let Some(cohort) = cohort {
        item.insert("cohort".to_owned(), text_value(cohort.to_string()));
    }
    if item.remove(SCANS).is_some() {
        item.insert(SCANS.to_owned(), pack_list(&shipment.scans)?);
    }
    if item.remove(OTHERS).is_some() {
        item.insert(OTHERS.to_owned(), pack_list(&shipment.other_sources)?);
    }
    Ok(item)
}

fn pack_list(list: &impl Serialize) -> Result<AttributeValue, ServiceError> {
    let list = serde_json::to_vec(list)
        .map_err(|error| ServiceError::from_unreadable("write scans", error))?;
    let packed = miniz_oxide::deflate::compress_to_vec(&list, 9);
    Ok(AttributeValue::B(packed.into()))
}

/// The shipment that `item` holds.
pub(crate) fn decode_shipment(
    item: impl Into<serde_dynamo::Item>,
    what: &str,
) -> Result<Shipment, ServiceError> {
    let mut item: HashMap<String, serde_dynamo::AttributeValue> = item.into().into_inner();
    let scans: Option<Vec<Scan>> = take_packed(&mut item, SCANS, what)?;
    let others: Option<Vec<SourceHistory>> = take_packed(&mut item, OTHERS, what)?;
    let mut shipment: Shipment = decode_item(serde_dynamo::Item::from(item), what)?;
    if let Some(scans) = scans {
        shipment.scans = scans;
    }
    if let Some(others) = others {
        shipment.other_sources = others;
    }
    Ok(shipment)
}

/// Takes a packed list out of `item`; none if there is none or it is no packed one.
fn take_packed<T: DeserializeOwned>(
    item: &mut HashMap<String, serde_dynamo::AttributeValue>,
    name: &str,
    what: &str,
) -> Result<Option<T>, ServiceError> {
    let Some(serde_dynamo::AttributeValue::B(packed)) = item.get(name) else {
        return Ok(None);
    };
    let unreadable =
        || ServiceError::from_unreadable(format!("read {what}"), UnreadableItem(name.to_owned()));
    let list = miniz_oxide::inflate::decompress_to_vec_with_limit(packed, MOST_SCAN_BYTES)
        .map_err(|_| unreadable())?;
    let list = serde_json::from_slice(&list).map_err(|_| unreadable())?;
    item.remove(name);
    Ok(Some(list))
}
