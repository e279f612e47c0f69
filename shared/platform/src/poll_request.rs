//! What `poll` is told: parcels of one carrier that are to be asked after.

use std::collections::BTreeMap;

use posthorn_domain::{
    id::{CarrierId, OrderKey},
    shipment::Shipment,
};
use serde::Serialize;

use crate::store::due::DueParcel;

/// Parcels in a message: enough to share the carrier's token and the price of a
/// message, few enough for one invocation's time.
const PARCELS_PER_MESSAGE: usize = 25;

/// A message of the poll queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PollRequest {
    /// Whom to ask.
    pub carrier: CarrierId,
    /// About what.
    pub parcels: Vec<DueParcel>,
}

impl PollRequest {
    /// The messages that have all of `parcels` asked after.
    pub fn about(parcels: impl IntoIterator<Item = DueParcel>) -> Vec<Self> {
        let mut by_carrier = BTreeMap::<CarrierId, Vec<DueParcel>>::new();
        for parcel in parcels {
            let carrier = parcel.whom_to_ask().clone();
            by_carrier.entry(carrier).or_default().push(parcel);
        }
        by_carrier
            .iter()
            .flat_map(|(carrier, parcels)| {
                parcels.chunks(PARCELS_PER_MESSAGE).map(|chunk| Self {
                    carrier: carrier.clone(),
                    parcels: chunk.to_vec(),
                })
            })
            .collect()
    }

    /// The messages that have those `shipments` of an order asked after of which
    /// no carrier has told anything yet, as far as anybody can be asked.
    pub fn about_new(order: &OrderKey, shipments: &[Shipment]) -> Vec<Self> {
        let new = shipments
            .iter()
            .filter(|shipment| shipment.answer.is_none());
        Self::about(new.filter_map(|shipment| DueParcel::of(order, shipment)))
    }
}
