//! The list of carriers. Each is a folder.

pub mod dhl_express;
pub mod dhl_parcel_de;
pub mod dhl_unified;
pub mod fedex;
pub mod ups;
pub mod usps;

pub mod dpd;
pub mod gls;
pub mod laposte;
pub mod postnl;
pub mod royal_mail;

pub mod australia_post;
pub mod boxberry;
pub mod canada_post;
pub mod cdek;
pub mod russian_post;
pub mod sf_express;

pub mod aftership;
pub mod easypost;
pub mod seventeen_track;
pub mod shipengine;
pub mod shippo;

pub mod manual;
pub mod sandbox;

use crate::{Carrier, CarrierProfile};

/// Lists the carriers, each with its reader and its profile.
macro_rules! carriers {
    ($($module:ident::$carrier:ident,)+) => {
        /// Every carrier that can be polled, and the two that stand for none.
        pub static ALL: &[&dyn Carrier] = &[$(&$module::$carrier),+];

        /// The profile of each of [`ALL`], in the same order. A program that needs
        /// only these does not link the readers.
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
