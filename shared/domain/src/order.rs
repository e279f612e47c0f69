//! An order: what was bought, where it stands and how it got there.

use crate::{
    id::{OrderKey, TrackingToken},
    stage::{OrderStage, StageSource},
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// One line of an order or a parcel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// The shop's id of the line, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// What it is called.
    pub title: String,
    /// How many.
    pub quantity: u32,
}

/// A step in the life of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageChange {
    /// The stage it came to.
    pub stage: OrderStage,
    /// When.
    pub at: Timestamp,
    /// Who moved it.
    pub by: StageSource,
    /// What the shop says to the customer about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
}

/// An order without anything personal: who bought it is a
/// [`crate::contact::Contact`], kept apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Shop and order id.
    #[serde(flatten)]
    pub key: OrderKey,
    /// What the customer calls it, as `#1001`.
    pub number: String,
    /// The unguessable part of its tracking link.
    pub token: TrackingToken,
    /// Where it stands.
    pub stage: OrderStage,
    /// How it got there, oldest first.
    pub stages: Vec<StageChange>,
    /// What was bought.
    pub items: Vec<Item>,
    /// The day the shop promised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub promised: Option<Date>,
    /// The customer's language, a BCP 47 tag.
    pub locale: String,
    /// Whether it is a test: only then may the sandbox carrier carry it.
    #[serde(default)]
    pub is_test: bool,
    /// How many parcels it has.
    pub parcels: u16,
    /// When the customer placed it.
    pub placed_at: Timestamp,
    /// When we first heard of it.
    pub created_at: Timestamp,
    /// Counts its changes; a write is conditional on it.
    pub version: u64,
}
