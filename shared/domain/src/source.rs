//! Who tells of a shipment, and whom to believe.

use crate::{codes, id::CarrierId, reported_status::ReportedStatus, scan::Scan};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

codes! {
    /// What kind of source tells something of a shipment.
    pub enum SourceKind: "kind of source" {
        /// A carrier of it.
        Carrier = "carrier",
        /// A service that asks carriers for others, for example 17TRACK.
        Aggregator = "aggregator",
        /// The shop's people.
        Staff = "staff",
        /// Who sends the goods for the shop.
        Supplier = "supplier",
        /// The storefront, by itself.
        Store = "store",
    }
}

impl SourceKind {
    /// How far it is believed where time does not decide: a carrier has had the
    /// shipment in hand, an aggregator repeats what a carrier said, people say
    /// what they heard, and a storefront what it assumes.
    pub const fn trust_level(self) -> u8 {
        match self {
            Self::Carrier => 3,
            Self::Aggregator => 2,
            Self::Staff | Self::Supplier => 1,
            Self::Store => 0,
        }
    }
}

/// Who tells something of a shipment. The first of two kinds in order of
/// declaration has the word where both are trusted alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Source {
    /// What kind.
    pub kind: SourceKind,
    /// The id of a carrier or an aggregator; what a supplier is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Source {
    /// A carrier.
    pub fn from_carrier(id: &CarrierId) -> Self {
        Self::with_id(SourceKind::Carrier, id)
    }

    /// An aggregator.
    pub fn from_aggregator(id: &CarrierId) -> Self {
        Self::with_id(SourceKind::Aggregator, id)
    }

    /// The shop's people.
    pub const fn from_staff() -> Self {
        Self {
            kind: SourceKind::Staff,
            name: None,
        }
    }

    /// A supplier, by its name if it was given.
    pub const fn from_supplier(name: Option<String>) -> Self {
        Self {
            kind: SourceKind::Supplier,
            name,
        }
    }

    /// The storefront.
    pub const fn from_storefront() -> Self {
        Self {
            kind: SourceKind::Store,
            name: None,
        }
    }

    fn with_id(kind: SourceKind, id: &CarrierId) -> Self {
        Self {
            kind,
            name: Some(id.to_string()),
        }
    }
}

/// How many sources a shipment may have besides its own carrier.
pub const MOST_OTHERS: usize = 4;

/// Everything that one source besides the shipment's own carrier has told of it.
///
/// What each source said is kept apart and brought together when it is looked
/// at, so it cannot matter who spoke first (`docs/adr/0015-sources.md`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SourceHistory {
    /// Who.
    #[serde(flatten)]
    pub source: Source,
    /// When it last told anything new.
    pub last_report_at: Timestamp,
    /// Its scans, oldest first, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scans: Vec<Scan>,
    /// What it stated ahead of its scans.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statements: Vec<ReportedStatus>,
    /// What it said against everything that was known up to then, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub corrections: Vec<Scan>,
}
