//! `dispatch` against real tables, and providers on a bad day.

mod decisions;
mod exactly_once;
mod world;
