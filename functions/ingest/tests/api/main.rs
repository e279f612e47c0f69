//! The API in process: the real routes on an embedded DynamoDB.

#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, its helpers too"
)]

mod alone;
mod candidates;
mod contact;
mod every_storefront;
mod garbage;
mod handed_out;
mod large_answers;
mod openapi;
mod orders;
mod recipes;
mod reports;
mod shipments;
mod shop;
mod shopify;
mod stages;
mod storefront;
mod strictness;
mod unreadable;
mod untracked;
mod unusable;
