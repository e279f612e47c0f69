//! Storefronts: what their webhooks look like, and how they are signed.
//!
//! A storefront describes and does not act: [`Storefront::verify`] and
//! [`Storefront::read`] are pure functions of a delivery's headers and body. What
//! an event changes is decided by `ingest`, the same for all storefronts.
//!
//! | module | subject |
//! | --- | --- |
//! | [`storefront`](Storefront) | what a storefront has to say of itself |
//! | [`delivery`](Delivery) | the headers of one delivery, and signatures |
//! | [`event`](StorefrontEvent) | what a delivery says, in no storefront's words |
//! | [`wire`], [`text`] | lenient JSON and clean texts, for the readers |
//!
//! Each storefront is one folder and one line in [`STOREFRONTS`].

mod delivery;
mod event;
mod shopify;
mod storefront;
pub mod text;
pub mod wire;

pub use delivery::{Delivery, is_signed_by_hmac_sha256};
pub use event::{
    Cancellation, FulfillmentStatus, StorefrontContact, StorefrontEvent, StorefrontFulfillment,
    StorefrontOrder,
};
pub use storefront::{HeaderNames, Profile, Storefront, Topic, UnreadableBody};

/// Every storefront whose webhooks are accepted.
pub const STOREFRONTS: &[&dyn Storefront] = &[&shopify::Shopify];
