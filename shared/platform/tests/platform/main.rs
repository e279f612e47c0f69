//! The platform against an embedded DynamoDB, and at the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batch;
mod bookkeeping;
mod carrier_limits;
mod cohorts;
mod cost;
mod notifications;
mod orders;
mod people;
mod push_triggers;
mod pushed;
mod sample;
mod sending;
mod stream;
mod unreadable;
mod wire;
