//! The system from outside: a [`World`] is a shop on the deployed local stack,
//! with a carrier that answers over HTTP and the emulator's inboxes.
//!
//! Nothing here knows a type of the product: what these tests see is what a
//! storefront, a carrier and a customer see.

pub mod inbox;
pub mod page;
pub mod seventeen_track;
pub mod shopify;
pub mod stack;
pub mod ups;
pub mod wait;
pub mod world;

pub use world::World;
