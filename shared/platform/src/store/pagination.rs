//! Reading in pages: an index may hold more than fits an answer.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};

use crate::store::codec::{StoredItem, text_of, text_value};

/// Where to go on reading: the key of the last item, whose attributes are all texts.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Cursor(BTreeMap<String, String>);

impl Cursor {
    /// The key, as DynamoDB wants it.
    pub(crate) fn into_key(self) -> HashMap<String, AttributeValue> {
        let key = self.0.into_iter();
        key.map(|(name, value)| (name, text_value(value))).collect()
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

/// A place among the items that have one key of an index: after which of them to
/// go on. An item has the same place however often the index is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct IndexPosition {
    /// In which part of a slot, where slots have parts.
    #[serde(default)]
    pub shard: u32,
    /// Partition key of the item.
    pub pk: String,
    /// Its sort key.
    pub sk: String,
}

impl IndexPosition {
    /// The place after all items of the parts before `shard`.
    pub fn at_begin_of(shard: u32) -> Self {
        Self {
            shard,
            ..Self::default()
        }
    }

    /// The key after which to go on in the index where the attribute `name` is
    /// `value`; none at the begin.
    pub(crate) fn start_key(
        &self,
        name: &str,
        value: &str,
    ) -> Option<HashMap<String, AttributeValue>> {
        if self.pk.is_empty() {
            return None;
        }
        let key = [("pk", self.pk.as_str()), ("sk", &self.sk), (name, value)];
        let key = key.map(|(name, value)| (name.to_owned(), text_value(value)));
        Some(key.into())
    }
}

/// Some of what was asked for, and where to go on.
#[derive(Debug)]
pub struct ResultPage<T, C = Cursor> {
    /// What was found.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<C>,
}

/// The cursor after what DynamoDB calls the last evaluated key.
pub(crate) fn next_cursor(last: Option<StoredItem>) -> Option<Cursor> {
    let last = last.filter(|key| !key.is_empty())?;
    let key = last.into_iter();
    let key = key.filter_map(|(name, value)| Some((name, value.as_s().ok()?.clone())));
    Some(Cursor(key.collect()))
}

/// The place of the last evaluated key, in the part `shard`.
pub(crate) fn next_place(last: Option<StoredItem>, shard: u32) -> Option<IndexPosition> {
    let last = last.filter(|key| !key.is_empty())?;
    Some(IndexPosition {
        shard,
        pk: text_of(&last, "pk").to_owned(),
        sk: text_of(&last, "sk").to_owned(),
    })
}
