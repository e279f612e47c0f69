//! The pieces of which carriers' readers are made.

pub(crate) mod aggregate;
pub(crate) mod cleaned;
pub(crate) mod dhl;
pub(crate) mod gateway;
pub(crate) mod named;
pub(crate) mod phrases;
pub(crate) mod scans;
pub mod wire;
pub(crate) mod words;
pub mod xml;
