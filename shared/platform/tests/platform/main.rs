//! The platform against an embedded DynamoDB, and at the wire.

mod batch;
mod bookkeeping;
mod cost;
mod notices;
mod orders;
mod people;
mod sample;
mod stream;
mod wire;
