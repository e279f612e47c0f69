//! The parts of CDEK's JSON that we read.

use crate::wire::{deserialize_many, deserialize_one, deserialize_text};
use serde::Deserialize;
use std::borrow::Cow;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Body<'a> {
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) entity: Entity<'a>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) requests: Vec<Asked<'a>>,
    /// Refusals before any question is looked at stand here instead.
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) related_entities: Vec<Related<'a>>,
}

/// What CDEK made of a question, and of earlier ones about the same order.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked<'a> {
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) errors: Vec<Coded<'a>>,
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
#[serde(default)]
pub(super) struct Entity<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) uuid: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) cdek_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_return: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_reverse: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_client_return: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) statuses: Vec<Status<'a>>,
    #[serde(
        borrow,
        rename = "delivery_problem",
        deserialize_with = "deserialize_many"
    )]
    pub(super) problems: Vec<Problem<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) delay_reasons: Vec<Delayed<'a>>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) delivery_detail: DeliveryDetail<'a>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) planned_delivery_date: Cow<'a, str>,
    #[serde(deserialize_with = "deserialize_many")]
    pub(super) packages: Vec<Package>,
    #[serde(borrow, deserialize_with = "deserialize_many")]
    pub(super) related_entities: Vec<Related<'a>>,
}

impl Entity<'_> {
    /// Whether there is an order at all.
    pub(super) fn is_there(&self) -> bool {
        !self.uuid.is_empty() || !self.cdek_number.is_empty() || !self.statuses.is_empty()
    }

    pub(super) fn goes_back(&self) -> bool {
        [&self.is_return, &self.is_reverse, &self.is_client_return]
            .iter()
            .any(|flag| *flag == "true")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Status<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) reason_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city: Cow<'a, str>,
    /// `true` of one that CDEK has taken back, which it only does with final ones.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) deleted: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Problem<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) create_date: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Delayed<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) create_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) description: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeliveryDetail<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) recipient_name: Cow<'a, str>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Package {}

/// Another thing of CDEK's that belongs to the order: its return, or the
/// agreement with the recipient on a day.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Related<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) cdek_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_from: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) time_to: Cow<'a, str>,
}

/// What CDEK posts by itself.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hook<'a> {
    #[serde(borrow, rename = "type", deserialize_with = "deserialize_text")]
    pub(super) kind: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) uuid: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) date_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_one")]
    pub(super) attributes: Attributes<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Attributes<'a> {
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) cdek_number: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_return: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_reverse: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) is_client_return: Cow<'a, str>,
    /// The code as in [`Status`]; `status_code` is its older, numeric form.
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_reason_code: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) status_date_time: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) create_date: Cow<'a, str>,
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) city_name: Cow<'a, str>,
    /// As in [`Status`].
    #[serde(borrow, deserialize_with = "deserialize_text")]
    pub(super) deleted: Cow<'a, str>,
}
