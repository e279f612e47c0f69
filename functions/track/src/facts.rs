//! The same for programs: a chat-bot or a help desk asks with the link.

use jiff::Timestamp;
use posthorn_channels::{outlook::Outlook, summary::OrderSummary, text};
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

use crate::{history, view::Shown};

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
    parcels: Vec<Parcel>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Parcel {
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
    history: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Entry {
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
    pub fn of(shown: &Shown<'_>) -> Self {
        let order = shown.order;
        let (words, today) = (shown.words(), shown.today());
        let summary = shown.summary();
        let stage = summary.stage;
        Self {
            order: text::one_line(&order.number, 64),
            shop: text::one_line(&shown.settings.name, 80),
            stage,
            step: stage.step(),
            headline: summary.next.headline(words, today),
            eta: summary.eta().or(summary.promised),
            updated_at: shown.updated(),
            parcels: shown
                .shipments
                .iter()
                .map(|parcel| Parcel::of(shown, &summary, parcel))
                .collect(),
        }
    }
}

impl Parcel {
    fn of(shown: &Shown<'_>, summary: &OrderSummary, parcel: &Shipment) -> Self {
        let words = shown.words();
        let row = summary.row(Some(parcel.shipment));
        let carrier = (shown.carrier)(parcel);
        let mut history: Vec<Entry> = Vec::new();
        let heard = reconcile::history(parcel);
        let way_back = reconcile::way_back(parcel, &heard);
        for (index, heard) in heard.iter().enumerate().rev() {
            let scan = heard.scan;
            let is_back = way_back.is_some_and(|from| from <= index);
            let Some(text) = history::said(heard, is_back, words) else {
                continue;
            };
            let entry = Entry {
                time: scan.time,
                text,
                place: history::place(scan, shown),
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
            status: parcel.status(),
            reason: parcel.reason,
            is_return: parcel.is_return,
            delayed: parcel.delay(),
            headline: words.headline(&row.outlook, summary.today),
            eta: match row.outlook {
                Outlook::Arriving { eta, .. } => Some(eta),
                _ => None,
            },
            was_expected: match row.outlook {
                Outlook::Overdue(eta) => Some(eta),
                _ => None,
            },
            checked_at: (shown.checked)(parcel).filter(|_| !parcel.status().is_final()),
            history,
        }
    }
}
