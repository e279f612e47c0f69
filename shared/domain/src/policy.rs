//! Whether a fact is worth a message, and whether now.

use crate::{
    contact::Contact,
    fact::Fact,
    moment::Channel,
    notice::{Notice, NoticeId, Occasion, Suppression},
    order::Order,
    settings::Settings,
    shipment::Shipment,
};
use jiff::Timestamp;

/// What is known about an order when a message about it is decided on.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
    /// The order as it stands now, which may be later than the fact.
    pub order: &'a Order,
    /// Its parcels as they stand now.
    pub shipments: &'a [Shipment],
    /// Whom to tell.
    pub contact: &'a Contact,
    /// What the shop decided.
    pub settings: &'a Settings,
    /// The ledger of this order: what was sent, deferred or suppressed so far.
    pub ledger: &'a [Notice],
}

/// A message to be decided on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: NoticeId,
    /// About what.
    pub occasion: Occasion,
    /// By which channel.
    pub channel: Channel,
    /// To whom: the address itself.
    pub recipient: String,
    /// The same, masked.
    pub masked: String,
    /// After this it is of no use.
    pub useful_until: Timestamp,
    /// Not before this, if it lies ahead (a review request).
    pub not_before: Option<Timestamp>,
}

/// What to do with a proposal now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Send,
    /// Ask again then.
    DeferUntil(Timestamp),
    /// Do not send it.
    Suppress(Suppression),
}

/// The messages that `fact` calls for: one per moment and channel for which
/// there is an address.
pub fn propose(_fact: &Fact, _view: &View<'_>, _now: Timestamp) -> Vec<Proposal> {
    unreachable!("to be written")
}

/// What to do with `proposal`; `is_suppressed` says whether the address is on
/// the suppression list.
pub fn decide(
    _proposal: &Proposal,
    _view: &View<'_>,
    _is_suppressed: bool,
    _now: Timestamp,
) -> Decision {
    unreachable!("to be written")
}
