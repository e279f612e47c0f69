//! What `poll` is told: shipments of one carrier that are to be asked after.

use std::{borrow::Cow, collections::BTreeMap};

use posthorn_domain::{
    id::{CarrierId, OrderKey},
    shipment::Shipment,
};
use serde::Serialize;

use crate::store::poll_targets::PollTarget;

/// A message of the poll queue, as it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollRequest<'a> {
    /// Whom to ask.
    pub carrier: &'a CarrierId,
    /// About what.
    pub shipments: Cow<'a, [PollTarget]>,
    /// How often in a row the carrier gave no answer; this is a probe then.
    #[serde(skip_serializing_if = "is_none")]
    pub consecutive_failures: u32,
    /// Whether the carrier itself has hinted that there is something to be told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_hinted: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
const fn is_none(consecutive_failures: &u32) -> bool {
    *consecutive_failures == 0
}

impl<'a> PollRequest<'a> {
    /// The messages that have those `shipments` of an order asked after of which
    /// no carrier has told anything yet, as far as they can be polled.
    pub fn about_new(order: &OrderKey, shipments: &'a [Shipment]) -> Vec<Self> {
        let mut by_carrier = BTreeMap::<&CarrierId, Vec<PollTarget>>::new();
        for shipment in shipments
            .iter()
            .filter(|shipment| shipment.response_hash.is_none())
        {
            if let Some(target) = PollTarget::from_shipment(order, shipment) {
                by_carrier
                    .entry(shipment.provider())
                    .or_default()
                    .push(target);
            }
        }
        by_carrier
            .into_iter()
            .map(|(carrier, targets)| Self {
                carrier,
                shipments: Cow::Owned(targets),
                consecutive_failures: 0,
                is_hinted: false,
            })
            .collect()
    }
}
