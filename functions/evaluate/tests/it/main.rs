//! `evaluate` against a real table, with a bus and a queue that are watched.

mod stream;
mod world;
