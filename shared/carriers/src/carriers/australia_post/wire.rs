//! The parts of Australia Post's JSON that we read. Nothing that is missing or
//! of another type stops the reading.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(
        borrow,
        rename = "tracking_results",
        deserialize_with = "deserialize_many"
    )]
    pub(super) results: Vec<Tracked<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Coded<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    /// What the gateway calls it.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) error_code: Cow<'a, str>,
}

impl Coded<'_> {
    pub(super) fn error_code(&self) -> &str {
        if self.code.is_empty() {
            &self.error_code
        } else {
            &self.code
        }
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tracked<'a> {
    #[serde(borrow, rename = "tracking_id", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) consignment: Consignment<'a>,
    #[serde(
        borrow,
        rename = "trackable_items",
        deserialize_with = "deserialize_many"
    )]
    pub(super) items: Vec<Item<'a>>,
}

/// What is said of all pieces together.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Consignment<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

/// An article, or a consignment with its articles.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Item<'a> {
    #[serde(borrow, rename = "article_id", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, rename = "product_type", deserialize_with = "deserialize_text")]
    pub(super) product: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
    #[serde(
        borrow,
        rename = "number_of_items",
        deserialize_with = "deserialize_text"
    )]
    pub(super) pieces: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) items: Vec<Article<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Article<'a> {
    #[serde(borrow, rename = "article_id", deserialize_with = "deserialize_text")]
    pub(super) number: Cow<'a, str>,
    #[serde(borrow, rename = "product_type", deserialize_with = "deserialize_text")]
    pub(super) product: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) events: Vec<Event<'a>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Event<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) location: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
}
