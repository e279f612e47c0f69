//! The API in process: the real routes on an embedded DynamoDB.

mod garbage;
mod openapi;
mod orders;
mod shipments;
mod shop;
mod shopify;
mod stages;
