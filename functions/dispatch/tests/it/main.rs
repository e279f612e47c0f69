//! `dispatch` against real tables, and providers on a bad day.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod burst;
mod decisions;
mod exactly_once;
mod one_voice;
mod text_limits;
mod world;
