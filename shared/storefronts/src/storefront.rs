//! What a storefront has to say of itself.

use crate::{Delivery, StorefrontEvent};
use http::HeaderMap;
use jiff::SignedDuration;
use std::fmt;

/// A shop system that sends webhooks about orders and their fulfilments.
pub trait Storefront: fmt::Debug + Sync {
    /// Returns what is constant about it.
    fn profile(&self) -> &'static Profile;

    /// Returns whether the shop that knows `secret` sent exactly these bytes.
    /// Secrets and signatures are compared in constant time.
    fn verify_signature(&self, headers: &HeaderMap, body: &[u8], secret: &[u8]) -> bool;

    /// Returns what the body of a verified delivery says. None if its topic is not
    /// one of [`Profile::topics`], or the delivery says nothing that is needed.
    fn read_delivery(
        &self,
        delivery: &Delivery,
        body: &[u8],
    ) -> Result<Option<StorefrontEvent>, UnreadableBody>;
}

/// What is constant about a storefront.
#[derive(Debug)]
pub struct Profile {
    /// Its id: part of the webhook's path, of the secret's name and of metrics.
    pub id: &'static str,
    /// Its name, for people.
    pub name: &'static str,
    /// What its signature is, for the documents.
    pub signature_format: &'static str,
    /// The headers of its deliveries.
    pub headers: HeaderNames,
    /// The topics that are read. Deliveries of others are answered with `ignored`.
    pub topics: &'static [Topic],
    /// How old a delivery may be: as long as the storefront tries again, and more.
    pub max_age: SignedDuration,
}

/// A topic of webhooks.
#[derive(Debug)]
pub struct Topic {
    /// Its name, in lower case: `orders/create`.
    pub name: &'static str,
    /// Why it is needed, for the documents.
    pub purpose: &'static str,
}

/// The names of a delivery's headers, in lower case. Of several names for the
/// same, the first that was sent counts.
#[derive(Debug)]
pub struct HeaderNames {
    /// The signature, or the secret itself.
    pub signature: &'static [&'static str],
    /// What happened.
    pub topic: &'static [&'static str],
    /// What is the same for each try of a delivery.
    pub event_id: &'static [&'static str],
    /// When it happened. Empty if the storefront does not say.
    pub triggered_at: &'static [&'static str],
}

/// Why the body of a verified delivery cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum UnreadableBody {
    /// It is not JSON, or not an object.
    #[error("is not a JSON object (line {line}, column {column})")]
    Json {
        /// Where reading stopped.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It has no id by which to find anything.
    #[error("has no `{0}`")]
    Missing(&'static str),
}
