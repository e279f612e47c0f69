//! The shipment carriers: what to ask each, how to read it, and one client for all.
//!
//! A carrier is one folder in [`carriers`], one folder `fixtures/<id>` of recorded
//! answers and one line in [`ALL`]. It describes; the [`CarrierClient`] acts.
//!
//! | module | subject |
//! | --- | --- |
//! | [`carriers`] | the carriers, as [`ALL`] lists them |
//! | [`carrier`], [`profile`] | what a carrier is |
//! | [`access`], [`auth`] | credentials and sessions |
//! | [`outcome`] | what an answer means, and what to do about a failure |
//! | [`client`] | sends, waits, retries, renews |
//! | [`quota`] | how much may be asked, and when not at all |
//! | [`recognise`] | which carrier gave a number |
//! | [`verify`] | whether a push comes from the carrier that it names |
//! | [`recorded`] | answers in files |
//! | [`wire`], [`xml`] | tolerant pieces of JSON and XML |

pub mod carriers;
mod kernel;
mod reading;
pub mod recognise;

pub use carriers::{ALL, PROFILES};
pub use kernel::{
    access::{self, AccessError, CarrierAccess},
    auth,
    carrier::{
        self, Callback, Carrier, CarrierRequest, Exchange, ParsedResponse, QueryHints,
        RequestContext, TrackingQuery,
    },
    client::{self, CarrierClient},
    outcome::{self, CarrierError, CarrierErrorKind, CarrierRetry, Found, TrackingResult},
    profile::{self, CarrierProfile},
    quota, recorded,
    shown::carrier_view,
    verify,
};
pub use reading::{wire, xml};
pub use recognise::{
    CarrierMatch, Clues, NumberFit, RejectedMatch, fit_number, recognise_number, rejected_carriers,
};

use posthorn_domain::id::CarrierId;

/// The carrier with this id.
pub fn find_carrier(id: &CarrierId) -> Option<&'static dyn Carrier> {
    ALL.iter()
        .copied()
        .find(|carrier| carrier.carrier_profile().id == id.as_str())
}

/// What describes the carrier with this id.
pub fn profile_of(id: &CarrierId) -> Option<&'static CarrierProfile> {
    PROFILES
        .iter()
        .copied()
        .find(|profile| profile.id == id.as_str())
}
