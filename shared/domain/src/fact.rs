//! What happened, in the words of the bus: ids and codes, nothing personal.

use crate::{
    eta::Eta,
    id::{CarrierId, OrderKey, ShipmentIndex},
    stage::{OrderStage, StageSource},
    status::{DelayReason, Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Something that happened to an order, as it goes on the bus.
///
/// The id is a hash of what changed and to which version, so a stream record
/// that is read twice gives the same fact twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Version of this shape; 1.
    pub version: u8,
    /// 32 hexadecimal digits.
    pub id: String,
    /// Whose order.
    #[serde(flatten)]
    pub order: OrderKey,
    /// When the change was recorded.
    pub at: Timestamp,
    /// Version of the changed item: of two facts about the same shipment, or about
    /// the order itself, the one with the higher version is the later one.
    pub item_version: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: FactEvent,
    /// What else the same change brought: together they are worth one message.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub beside: Vec<FactEvent>,
}

/// What can happen. The name of the variant is the `detail-type` on the bus.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type")]
pub enum FactEvent {
    /// The order came to another stage.
    OrderStageChanged {
        /// Where it stands now.
        stage: OrderStage,
        /// Who moved it.
        by: StageSource,
        /// What it was before; none for an order just placed.
        previous: PreviousStage,
    },
    /// The order has a new shipment, or the number of one that had none is known.
    ShipmentRegistered {
        /// Which.
        shipment: ShipmentIndex,
        /// Its carrier.
        carrier: CarrierId,
        /// Its number; None if it is sent without tracking.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        tracking_number: Option<TrackingNumber>,
    },
    /// The number or the carrier was corrected.
    TrackingNumberChanged {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// Its carrier now.
        carrier: CarrierId,
        /// Its number now.
        tracking_number: TrackingNumber,
        /// What it was before.
        previous: PreviousNumber,
    },
    /// The shipment came to another status, or to the same for another reason;
    /// not each depot on its way.
    ShipmentStatusChanged {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// Where it stands now.
        status: ShipmentStatus,
        /// Why.
        reason: Reason,
        /// What it was before.
        previous: PreviousStatus,
    },
    /// The carrier says that it will be late.
    ShipmentDelayed {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// Why.
        reason: DelayReason,
        /// When it is expected now.
        eta: Option<Eta>,
        /// When it was expected before.
        previous: PreviousEta,
    },
    /// It is expected on another day.
    EtaRevised {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// When it is expected now.
        eta: Eta,
        /// When it was expected before.
        previous: PreviousEta,
    },
    /// The day it was expected has passed.
    EtaMissed {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// What was expected.
        eta: Eta,
    },
    /// It was not seen for longer than is usual.
    ShipmentStalled {
        /// Which shipment.
        shipment: ShipmentIndex,
        /// Since when.
        since: Timestamp,
    },
}

/// The stage before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousStage {
    /// None for an order just placed.
    pub stage: Option<OrderStage>,
}

/// The number before a correction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousNumber {
    /// The carrier before.
    pub carrier: CarrierId,
    /// The number before.
    pub tracking_number: TrackingNumber,
}

/// The status before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousStatus {
    /// The status before.
    pub status: ShipmentStatus,
    /// The reason before.
    pub reason: Reason,
}

/// The ETA before a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreviousEta {
    /// None if none was given.
    pub eta: Option<Eta>,
}

impl FactEvent {
    /// Name of the event: the `detail-type` on the bus.
    pub const fn detail_type(&self) -> &'static str {
        match self {
            Self::OrderStageChanged { .. } => "OrderStageChanged",
            Self::ShipmentRegistered { .. } => "ShipmentRegistered",
            Self::TrackingNumberChanged { .. } => "TrackingNumberChanged",
            Self::ShipmentStatusChanged { .. } => "ShipmentStatusChanged",
            Self::ShipmentDelayed { .. } => "ShipmentDelayed",
            Self::EtaRevised { .. } => "EtaRevised",
            Self::EtaMissed { .. } => "EtaMissed",
            Self::ShipmentStalled { .. } => "ShipmentStalled",
        }
    }

    /// Which shipment it is about; none if about the order.
    pub const fn shipment_index(&self) -> Option<ShipmentIndex> {
        match self {
            Self::OrderStageChanged { .. } => None,
            Self::ShipmentRegistered { shipment, .. }
            | Self::TrackingNumberChanged { shipment, .. }
            | Self::ShipmentStatusChanged { shipment, .. }
            | Self::ShipmentDelayed { shipment, .. }
            | Self::EtaRevised { shipment, .. }
            | Self::EtaMissed { shipment, .. }
            | Self::ShipmentStalled { shipment, .. } => Some(*shipment),
        }
    }
}

impl Fact {
    /// The fact that `event` came about with the item's `item_version` and `at` that
    /// time. Its id is derived from all of these, so that it is the same however often
    /// the change is read; from the time as well, because an item that is restored
    /// from a backup begins anew from an older version.
    pub fn new(order: OrderKey, item_version: u64, at: Timestamp, event: FactEvent) -> Self {
        let shipment = event.shipment_index().map_or(0, |shipment| shipment.0);
        let (second, name) = (at.as_second(), event.detail_type());
        let identity = format!("{order}\n{shipment}\n{item_version}\n{second}\n{name}");
        let id = hex::encode(&Sha256::digest(identity)[..16]);
        Self {
            version: 1,
            id,
            order,
            at,
            item_version,
            event,
            beside: Vec::new(),
        }
    }

    /// The facts about one change of an item to `item_version`; each knows the
    /// others.
    pub fn of_change(
        order: &OrderKey,
        item_version: u64,
        at: Timestamp,
        events: &[FactEvent],
    ) -> Vec<Self> {
        let fact = |(index, event): (usize, &FactEvent)| {
            let others = events.iter().enumerate();
            Self {
                beside: others
                    .filter(|(other, _)| *other != index)
                    .map(|(_, event)| event.clone())
                    .collect(),
                ..Self::new(order.clone(), item_version, at, event.clone())
            }
        };
        events.iter().enumerate().map(fact).collect()
    }

    /// The fact about `event`, which the same change brought.
    #[must_use]
    pub fn with_event(&self, event: &FactEvent) -> Self {
        Self::new(
            self.order.clone(),
            self.item_version,
            self.at,
            event.clone(),
        )
    }
}
