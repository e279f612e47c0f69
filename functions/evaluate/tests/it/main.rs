//! `evaluate` against a real table, with a bus and a queue that are watched.

mod sample;
mod stream;
mod wire;
mod world;
