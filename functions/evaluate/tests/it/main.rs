//! `evaluate` against a real table, with a bus and a queue that are watched.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod sample;
mod stream;
mod wire;
mod world;
