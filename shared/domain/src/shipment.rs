//! A shipment of an order and everything its carrier has told us.

use crate::{
    cadence::Cadence,
    candidates::{Candidates, CarrierCandidate},
    condition::ShipmentCondition,
    eta::Eta,
    id::{CarrierId, ShipmentIndex},
    order::OrderItem,
    report::Alias,
    reported_status::ReportedStatus,
    scan::Scan,
    source::{Source, SourceHistory},
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use jiff::{Timestamp, civil::Date};
use serde::{Deserialize, Serialize};

/// A record of a storefront that a shipment came with, for example Shopify's
/// fulfilment. A shipment may hold the lines of several records, and a record may
/// be sent in several shipments.
///
/// Storefronts send their records in any order: one that is older than what
/// was taken over last must not undo it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentOrigin {
    /// The storefront's id of the record.
    pub reference: String,
    /// When the storefront sent what was taken over last.
    pub as_of: Timestamp,
    /// The lines that the record sends, in all its shipments together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OrderItem>,
    /// Whether the storefront has taken the record back. It is kept to recognise
    /// late repetitions of it, and the record that replaces it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_cancelled: bool,
    /// How many texts in the record's number field hold no tracking number that
    /// can be read: the shop has to look at them.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unreadable: u16,
}

/// What the shop says besides the number to the provider of a shipment.
/// Nothing of the recipient: who asks cannot read that
/// (`docs/adr/0016-second-source.md`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct QueryDetails {
    /// Who carries it, if an aggregator is asked in the place of a carrier that
    /// cannot be polled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<CarrierId>,
    /// The carrier's division or product, as `express`, where numbers of
    /// several look alike.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The day it was sent: tells reused numbers apart.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_on: Option<Date>,
}

impl QueryDetails {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A shipment. [`crate::journey`] is the only place that moves it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// Which shipment of the order.
    pub shipment: ShipmentIndex,
    /// Who carries it; `manual` if it cannot be polled.
    pub carrier: CarrierId,
    /// The aggregator that is asked in the carrier's place, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<CarrierId>,
    /// What the question says besides the number.
    #[serde(default, skip_serializing_if = "QueryDetails::is_empty")]
    pub query_details: QueryDetails,
    /// Who else may carry it, while only the number tells and no carrier has known
    /// it; none once its carrier is certain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Candidates>,
    /// What the shop calls a carrier that we do not know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier_name: Option<String>,
    /// The number that the carrier knows it by; None if it is sent without tracking.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_number: Option<TrackingNumber>,
    /// The carrier's own page, where the shop gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking_url: Option<String>,
    /// Numbers it had before corrections, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub former_numbers: Vec<TrackingNumber>,
    /// Other numbers of the same shipment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// What is in it, if the shop says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<OrderItem>,
    /// The storefront's records whose lines it holds, in the order in which they
    /// came; empty if it came from no storefront.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub origins: Vec<ShipmentOrigin>,
    /// Why it has its status; the status is [`MatchReason::to_status`] of it.
    pub reason: Reason,
    /// When the carrier says that it came to this status.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_since: Option<ScanTime>,
    /// What is laid over the status.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<ShipmentCondition>,
    /// The first ETA that was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_first: Option<Eta>,
    /// The latest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// The one before the latest that meant other days: what the customer was
    /// told last, from any source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta_before: Option<Eta>,
    /// The scans of its own carrier, oldest first, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scans: Vec<Scan>,
    /// What its own carrier stated ahead of its scans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<ReportedStatus>,
    /// What other sources told, by source. All of it together is
    /// [`crate::journey::reconcile::merged_history`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_sources: Vec<SourceHistory>,
    /// Whether it goes back to the sender.
    #[serde(default)]
    pub is_return: bool,
    /// Where the carrier left it: `front door`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_off_location: Option<String>,
    /// The carrier's product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Whether its carrier may tell of it by itself: a push finds it by its number.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_pushed: bool,
    /// Until when its carrier has promised to tell of it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribed_until: Option<Timestamp>,
    /// How often to ask; none once there is no need to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cadence: Option<Cadence>,
    /// Hash of the last response of the provider: the same again changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_hash: Option<String>,
    /// When we learned the number.
    pub registered_at: Timestamp,
    /// When we last learned anything new.
    pub changed_at: Timestamp,
    /// When its own carrier last told anything new, if another source has since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_report_at: Option<Timestamp>,
    /// Counts its changes; a write is conditional on it.
    pub version: u64,
}

impl Shipment {
    /// Where it stands.
    pub const fn current_status(&self) -> ShipmentStatus {
        self.reason.to_status()
    }

    /// Whether it is sent without tracking: no carrier can be asked about it.
    pub const fn is_untracked(&self) -> bool {
        self.tracking_number.is_none()
    }

    /// Whether its tracking number is `number`.
    pub fn has_number(&self, number: &TrackingNumber) -> bool {
        self.tracking_number.as_ref() == Some(number)
    }

    /// Whether `other` holds the same lines, of the same records.
    pub fn has_same_content(&self, other: &Self) -> bool {
        let lines = |origin: &ShipmentOrigin| {
            (
                origin.reference.clone(),
                origin.items.clone(),
                origin.is_cancelled,
            )
        };
        self.items == other.items
            && self
                .origins
                .iter()
                .map(lines)
                .eq(other.origins.iter().map(lines))
    }

    /// Whether the shop has to look at the number field that it came with: a text
    /// in it could not be read.
    pub fn has_unreadable_number(&self) -> bool {
        let mut origins = self.origins.iter();
        origins.any(|origin| !origin.is_cancelled && origin.unreadable > 0)
    }

    /// The provider to poll for it, if there is one.
    pub fn provider(&self) -> &CarrierId {
        self.provider.as_ref().unwrap_or(&self.carrier)
    }

    /// Whether its carrier is no more than a guess so far: no customer is told that
    /// it is the one.
    pub fn is_guess(&self) -> bool {
        let candidates = self.candidates.as_ref();
        candidates.is_some_and(|all| {
            !all.current_candidate()
                .is_some_and(CarrierCandidate::is_sure)
        })
    }

    /// Who speaks when `teller`, a carrier or an aggregator, tells of it; none
    /// if that is its own carrier.
    pub fn source_of(&self, teller: &CarrierId) -> Option<Source> {
        let is_alias = || {
            let mut aliases = self.aliases.iter();
            aliases.any(|alias| alias.carrier.as_ref() == Some(teller))
        };
        if *teller == self.carrier {
            None
        } else if self.provider.as_ref() != Some(teller) && is_alias() {
            Some(Source::from_carrier(teller))
        } else {
            Some(Source::from_aggregator(teller))
        }
    }

    /// When its own carrier last told anything new; none if it never has.
    pub fn carrier_heard_at(&self) -> Option<Timestamp> {
        let has_told =
            !self.scans.is_empty() || (self.provider.is_none() && self.response_hash.is_some());
        has_told.then(|| self.last_report_at.unwrap_or(self.changed_at))
    }

    /// Why it is late, if the carrier says that it is.
    pub fn delay_reason(&self) -> Option<DelayReason> {
        self.conditions
            .iter()
            .find_map(|condition| match condition {
                ShipmentCondition::Delayed { reason, .. } => Some(*reason),
                _ => None,
            })
    }

    /// Since when we call it stalled, if we do.
    pub fn stalled_since(&self) -> Option<Timestamp> {
        self.conditions
            .iter()
            .find_map(|condition| match condition {
                ShipmentCondition::Stalled { since } => Some(*since),
                _ => None,
            })
    }

    /// The ETA that it missed, if it missed one.
    pub fn missed_eta(&self) -> Option<Eta> {
        self.conditions
            .iter()
            .find_map(|condition| match condition {
                ShipmentCondition::EtaMissed { eta, .. } => Some(*eta),
                _ => None,
            })
    }

    /// The ETA that may be shown: none once it is past or of no more interest.
    pub fn shown_eta(&self, now: Timestamp) -> Option<Eta> {
        let is_on_its_way = !self.current_status().is_final()
            && !matches!(
                self.current_status(),
                ShipmentStatus::AvailableForPickup | ShipmentStatus::Returning
            );
        self.eta.filter(|eta| is_on_its_way && !eta.is_past(now))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde calls it with a reference"
)]
const fn is_zero(count: &u16) -> bool {
    *count == 0
}
