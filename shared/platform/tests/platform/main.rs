//! The platform against an embedded DynamoDB, and at the wire.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod batch;
mod bookkeeping;
mod cohorts;
mod cost;
mod hints;
mod limits;
mod notifications;
mod orders;
mod people;
mod pushed;
mod sample;
mod sending;
mod stream;
mod unreadable;
mod wire;
