//! Reading in pages: an index may hold more than fits an answer.

use std::{collections::HashMap, fmt};

use aws_sdk_dynamodb::types::AttributeValue;

/// Where to go on reading.
#[derive(Clone)]
pub struct Cursor(pub(crate) HashMap<String, AttributeValue>);

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cursor(…)")
    }
}

/// Some of what was asked for, and where to go on.
#[derive(Debug)]
pub struct Page<T> {
    /// What was found.
    pub items: Vec<T>,
    /// Where to go on; none at the end.
    pub next: Option<Cursor>,
}

/// The cursor after what DynamoDB calls the last evaluated key.
pub(crate) fn next(last: Option<HashMap<String, AttributeValue>>) -> Option<Cursor> {
    last.filter(|key| !key.is_empty()).map(Cursor)
}
