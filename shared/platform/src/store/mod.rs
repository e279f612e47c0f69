//! The tables: one file each, and what they have in common.
//!
//! | module | table | items |
//! | --- | --- | --- |
//! | [`orders`] | Orders | an order, its shipments |
//! | [`intake`] | Orders, Contacts, Idempotency | what a shop submits, in one transaction |
//! | [`due`] | Orders | which shipments are to be asked after |
//! | [`stream`] | Orders | what the table's stream tells |
//! | [`notifications`] | Notifications | the ledger of messages |
//! | [`contacts`] | Contacts | customers and suppressed addresses: all personal data |
//! | [`idempotency`] | Idempotency | answers already given |
//! | [`hints`] | Idempotency | when hints had a number asked after |
//! | [`settings`] | Settings | API keys and settings of shops |
//! | [`schedule`] | Settings | the sweep's own bookkeeping |
//! | [`link_key`] | Settings | what links in mails are signed with |
//! | [`limits`] | Settings | what was taken out of carriers' quotas |
//! | [`pace`] | Settings | how fast messages go out, and how many texts on a day |
//!
//! [`schema`] is the one place that says what the tables look like; [`keys`]
//! the one that knows how keys are spelled.

pub mod carrier_limits;
pub mod contacts;
pub mod idempotency;
pub mod intake;
pub mod keys;
pub mod link_key;
pub mod meter;
pub mod notifications;
pub mod orders;
pub mod pace;
pub mod pagination;
pub mod poll_targets;
pub mod push_triggers;
pub mod schedule;
pub mod schema;
pub mod settings;
pub mod stream;

pub(crate) mod codec;
pub(crate) mod lenient;
pub(crate) mod table;
pub(crate) mod transaction;
mod update;
