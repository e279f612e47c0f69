//! What every storefront of the list is held to, whatever it is called.
//!
//! A storefront takes part by being listed: `fixtures/<id>/*.http` are deliveries
//! with their headers, signed with the secret `hush`; at least one of each topic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod behaviour;
mod documents;
mod fixtures;
mod mutations;
