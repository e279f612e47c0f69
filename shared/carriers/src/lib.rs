//! The parcel carriers: what to ask each, how to read it, and one client for all.
//!
//! A carrier is one source file that implements [`Carrier`], one folder
//! `fixtures/<id>` of recorded answers and one line in [`ALL`]. It describes;
//! the [`CarrierClient`] acts.
//!
//! | module | subject |
//! | --- | --- |
//! | [`carrier`], [`profile`] | what a carrier is |
//! | [`access`], [`auth`] | credentials and sessions |
//! | [`outcome`] | what an answer means, and what to do about a failure |
//! | [`client`] | sends, waits, retries, renews |
//! | [`quota`] | how much may be asked, and when not at all |
//! | [`recognise`] | whose number is this |
//! | [`verify`] | whether a push comes from whom it says |
//! | [`recorded`] | answers in files |
//! | [`seventeen_track`], [`aftership`], [`easypost`], [`shippo`], [`shipengine`] | carriers that track the parcels of others |
//! | [`wire`], [`xml`] | tolerant pieces of JSON and XML |
//! | [`ups`], [`fedex`] and so on, as [`ALL`] lists them | the carriers |

pub mod access;
pub mod aftership;
mod aggregate;
pub mod australia_post;
pub mod auth;
pub mod boxberry;
pub mod canada_post;
pub mod carrier;
pub mod cdek;
mod cleaned;
pub mod client;
mod dhl;
pub mod dhl_express;
pub mod dhl_parcel_de;
pub mod dhl_unified;
pub mod dpd;
pub mod easypost;
pub mod fedex;
mod gateway;
pub mod gls;
pub mod laposte;
pub mod manual;
mod named;
pub mod outcome;
mod phrases;
pub mod postnl;
pub mod profile;
pub mod quota;
pub mod recognise;
pub mod recorded;
pub mod royal_mail;
pub mod russian_post;
pub mod sandbox;
mod scans;
pub mod seventeen_track;
pub mod sf_express;
pub mod shipengine;
pub mod shippo;
mod shown;
mod token;
pub mod ups;
pub mod usps;
pub mod verify;
pub mod wire;
mod words;
pub mod xml;

pub use access::{AccessError, CarrierAccess};
pub use carrier::{
    Callback, Carrier, CarrierRequest, Exchange, ParsedResponse, QueryHints, RequestContext,
    TrackingQuery,
};
pub use client::CarrierClient;
pub use outcome::{CarrierError, CarrierErrorKind, CarrierRetry, Found, TrackingResult};
pub use profile::CarrierProfile;
pub use recognise::{
    CarrierMatch, Clues, NumberFit, RejectedMatch, fit_number, recognise_number, rejected_carriers,
};
pub use shown::carrier_view;

use posthorn_domain::id::CarrierId;

/// Lists the carriers, each with what it does and with what describes it.
macro_rules! carriers {
    ($($module:ident::$carrier:ident,)+) => {
        /// Every carrier that we know.
        pub static ALL: &[&dyn Carrier] = &[$(&$module::$carrier),+];

        /// What describes each of [`ALL`], in the same order. Who needs no more
        /// than this does not link how carriers are asked and read.
        pub static PROFILES: &[&CarrierProfile] = &[$(&$module::PROFILE),+];
    };
}

carriers![
    ups::Ups,
    fedex::Fedex,
    usps::Usps,
    dhl_unified::DhlUnified,
    dhl_express::DhlExpress,
    dhl_parcel_de::DhlParcelDe,
    gls::Gls,
    dpd::Dpd,
    postnl::PostNl,
    laposte::LaPoste,
    royal_mail::RoyalMail,
    canada_post::CanadaPost,
    australia_post::AustraliaPost,
    russian_post::RussianPost,
    cdek::Cdek,
    boxberry::Boxberry,
    sf_express::SfExpress,
    seventeen_track::SeventeenTrack,
    aftership::AfterShip,
    easypost::EasyPost,
    shippo::Shippo,
    shipengine::ShipEngine,
    sandbox::Sandbox,
    manual::Manual,
];

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
