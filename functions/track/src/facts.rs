//! The same for programs: a chat-bot or a help desk asks with the link.

use jiff::Timestamp;
use posthorn_channels::{order_summary::OrderOverview, shipment_summary::OrderSummary, text};
use posthorn_domain::{
    eta::Eta,
    journey::reconcile,
    shipment::Shipment,
    source::Source,
    stage::OrderStage,
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
};
use serde::Serialize;

use crate::{history, view::PageInput};

/// What is public of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Facts {
    order: String,
    shop: String,
    stage: OrderStage,
    step: Option<u8>,
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<Eta>,
    updated_at: Timestamp,
    /// Whether a parcel is missing here, as it cannot be shown at the moment.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_incomplete: bool,
    shipments: Vec<ShipmentFacts>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ShipmentFacts {
    #[serde(skip_serializing_if = "String::is_empty")]
    carrier: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_number: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_url: Option<String>,
    status: ShipmentStatus,
    reason: Reason,
    is_return: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    delayed: Option<DelayReason>,
    /// As the page says it of this parcel.
    headline: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<Eta>,
    /// The day that is past, and on which it did not come.
    #[serde(skip_serializing_if = "Option::is_none")]
    was_expected: Option<Eta>,
    #[serde(skip_serializing_if = "Option::is_none")]
    checked_at: Option<Timestamp>,
    history: Vec<FactEntry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct FactEntry {
    time: ScanTime,
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    place: String,
    /// Who told it, unless its own carrier did.
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

impl Facts {
    /// What is public of an order.
    pub fn from_input(shown: &PageInput<'_>) -> Self {
        let order = shown.order;
        let (words, today) = (shown.phrases(), shown.local_today());
        let summary = shown.order_overview();
        let stage = summary.stage;
        Self {
            order: text::one_line(&order.number, 64),
            shop: text::one_line(shown.settings.display_name(), 80),
            stage,
            step: stage.progress_step(),
            headline: summary.next.to_headline(words, today),
            eta: summary.next_eta().or(summary.promised),
            updated_at: shown.updated_at(),
            is_incomplete: order.has_unreadable_shipments,
            shipments: shown
                .shipments
                .iter()
                .map(|parcel| ShipmentFacts::from_shipment(shown, &summary, parcel))
                .collect(),
        }
    }
}

impl ShipmentFacts {
    fn from_shipment(shown: &PageInput<'_>, summary: &OrderOverview, parcel: &Shipment) -> Self {
        let words = shown.phrases();
        let row = summary.shipment_row(Some(parcel.shipment));
        let carrier = (shown.carrier)(parcel);
        let mut history: Vec<FactEntry> = Vec::new();
        let heard = reconcile::merged_history(parcel);
        let way_back = reconcile::way_back(parcel, &heard);
        for (index, heard) in heard.iter().enumerate().rev() {
            let scan = heard.scan;
            let is_back = way_back.is_some_and(|from| from <= index);
            let Some(text) = history::scan_text(heard, is_back, words) else {
                continue;
            };
            let entry = FactEntry {
                time: scan.time,
                text,
                place: history::place_text(scan, shown),
                source: heard.source.cloned(),
            };
            if !history.contains(&entry) {
                history.push(entry);
            }
        }
        Self {
            carrier: text::one_line(&carrier.name, 60),
            tracking_number: parcel.tracking_number.as_ref().map(ToString::to_string),
            tracking_url: carrier.url.as_deref().and_then(text::safe_url),
            status: parcel.current_status(),
            reason: parcel.reason,
            is_return: parcel.is_return,
            delayed: parcel.delay_reason(),
            headline: words.order_headline(&row.outlook, summary.today),
            eta: match row.outlook {
                OrderSummary::Arriving { eta, .. } => Some(eta),
                _ => None,
            },
            was_expected: match row.outlook {
                OrderSummary::Overdue(eta) => Some(eta),
                _ => None,
            },
            checked_at: (shown.checked)(parcel).filter(|_| !parcel.current_status().is_final()),
            history,
        }
    }
}
