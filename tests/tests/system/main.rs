//! What a storefront, a carrier and a customer see of the deployed stack.
//!
//! `cargo xtask test` deploys it and says where it is. One process, one test at
//! a time: they share the emulator's queues and its faults.

mod api;
mod candidates;
mod cargo_lambda;
mod faults;
mod feedback;
mod lifetime;
mod nonsense;
mod poison;
mod polling;
mod push;
mod words;
