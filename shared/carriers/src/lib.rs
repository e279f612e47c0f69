//! The parcel carriers: what to ask each, how to read it, and one client for all.
//!
//! A carrier is one source file that implements [`Carrier`], one folder
//! `fixtures/<id>` of recorded answers and one line in [`ALL`]. It describes;
//! the [`Client`] acts.
//!
//! | module | subject |
//! | --- | --- |
//! | [`carrier`], [`profile`] | what a carrier is |
//! | [`access`], [`auth`] | credentials and sessions |
//! | [`outcome`] | what an answer means, and what to do about a failure |
//! | [`client`] | sends, waits, retries, renews |
//! | [`quota`] | how much may be asked, and when not at all |
//! | [`recognise`] | whose number is this |
//! | [`recorded`] | answers in files |
//! | [`wire`] | tolerant pieces of JSON |
//! | [`ups`], [`sandbox`], [`manual`] | the carriers |

pub mod access;
pub mod auth;
pub mod carrier;
pub mod client;
pub mod manual;
pub mod outcome;
pub mod profile;
pub mod quota;
pub mod recognise;
pub mod recorded;
pub mod sandbox;
mod token;
pub mod ups;
pub mod wire;

pub use access::{Access, AccessError};
pub use carrier::{Answer, Call, Carrier, Context, Exchange, Hints, Wanted};
pub use client::Client;
pub use outcome::{ErrorKind, Failure, Found, Outcome, Retry};
pub use profile::Profile;
pub use recognise::{Candidate, Fit, fit, recognise};

use posthorn_domain::id::CarrierId;

/// Every carrier that we know.
pub static ALL: &[&dyn Carrier] = &[&ups::Ups, &sandbox::Sandbox, &manual::Manual];

/// The carrier with this id.
pub fn find(id: &CarrierId) -> Option<&'static dyn Carrier> {
    ALL.iter()
        .copied()
        .find(|carrier| carrier.profile().id == id.as_str())
}
