//! What all carriers have in common: the trait, the profile, credentials and the
//! client that acts for each of them.

pub mod access;
pub mod auth;
pub mod carrier;
pub mod client;
pub mod outcome;
pub mod profile;
pub mod quota;
pub mod recorded;
pub(crate) mod shown;
pub(crate) mod token;
pub mod verify;
