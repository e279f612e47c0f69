//! What a carrier says about one number at one time.

use crate::{
    eta::Eta, id::CarrierId, scan::Scan, status::Reason, time::ScanTime,
    tracking_number::TrackingNumber,
};
use serde::{Deserialize, Serialize};

/// Another number under which the same shipment travels, as after a hand-over to
/// the last mile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alias {
    /// The other number.
    pub number: TrackingNumber,
    /// Whose it is, if the carrier says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<CarrierId>,
}

/// How a delivery was proved. The name is personal data: it is shown to staff
/// through the carrier's own page and never stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<ScanTime>,
    /// Who took or signed for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_by: Option<String>,
    /// Where it was left: `front door`, `neighbour`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub drop_off_location: Option<String>,
}

/// What a carrier says about one shipment: all of it each time, most of it known already.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Every scan that the answer holds, in any order.
    pub scans: Vec<Scan>,
    /// The status that the carrier states apart from the scans; it counts where
    /// it is ahead of them (`docs/adr/0022-statements.md`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_status: Option<Reason>,
    /// When it is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// How it was delivered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// How many pieces the shipment has, if the carrier says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pieces: Option<u32>,
    /// Other numbers of the same shipment.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
    /// Whether this journey goes back to the sender: `delivered` then means `returned`.
    #[serde(default)]
    pub is_return: bool,
    /// The carrier's product, as `UPS Ground`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
}
