//! What the page shows of one parcel.

use posthorn_channels::{
    order_summary::OrderOverview,
    shipment_summary::{self, OrderSummary},
    text,
    words::Phrases,
};
use posthorn_domain::{
    order::OrderItem,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
    tracking_number::TrackingNumber,
};
use serde::Serialize;

use crate::{
    history::{self, Day},
    sources::TrackingHistory,
    view::PageInput,
};

/// A parcel and its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct ShipmentSection {
    title: String,
    is_return: bool,
    carrier: String,
    number: String,
    url: String,
    former: Vec<String>,
    status: &'static str,
    day_label: &'static str,
    expected: String,
    items: Vec<LineItem>,
    days: Vec<Day>,
    checked: String,
}

/// So many of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct LineItem {
    title: String,
    quantity: u32,
}

impl ShipmentSection {
    /// Whether a link leads to the carrier's own page about it.
    pub(crate) const fn has_link(&self) -> bool {
        !self.url.is_empty()
    }

    /// What is shown of `parcel`.
    pub(crate) fn from_shipment(
        shown: &PageInput<'_>,
        summary: &OrderOverview,
        parcel: &Shipment,
    ) -> Self {
        let (words, today) = (shown.phrases(), shown.local_today());
        let carrier = (shown.carrier)(parcel);
        let told = TrackingHistory::from_input(shown, parcel);
        let row = summary.shipment_row(Some(parcel.shipment));
        let is_one_of_several = summary.has_rows() && row.shipment == Some(parcel.shipment);
        let day = match &row.outlook {
            OrderSummary::Arriving { eta, .. } | OrderSummary::Overdue(eta)
                if is_one_of_several && !summary.stage.is_final() =>
            {
                Some(*eta)
            }
            _ => None,
        };
        Self {
            title: words.subject_name(shipment_summary::phrase_subject(
                shown.order,
                parcel,
                shown.shipments,
            )),
            is_return: parcel.is_return,
            carrier: text::one_line(&carrier.name, 60),
            number: parcel
                .tracking_number
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            url: carrier
                .url
                .as_deref()
                .and_then(text::safe_url)
                .unwrap_or_default(),
            former: parcel
                .former_numbers
                .iter()
                .map(TrackingNumber::to_masked)
                .collect(),
            status: status_text(parcel, summary, words),
            day_label: if matches!(row.outlook, OrderSummary::Overdue(_)) {
                words.labels().was_expected
            } else {
                words.labels().expected
            },
            expected: day
                .map(|eta| words.format_eta(&eta, today).label)
                .unwrap_or_default(),
            items: item_lines(&parcel.items),
            days: history::by_day(&told, shown),
            checked: told.checked,
        }
    }
}

/// Where a shipment stands: what the shop says of the order's end, if that is more than
/// its carrier has said.
fn status_text(parcel: &Shipment, summary: &OrderOverview, words: &dyn Phrases) -> &'static str {
    let is_ended_by_shop = match summary.stage {
        OrderStage::Delivered | OrderStage::Returning | OrderStage::Returned => {
            !parcel.is_return && !parcel.current_status().is_final()
        }
        // What a carrier has, it may deliver all the same.
        OrderStage::Cancelled => !shipment_summary::is_seen(parcel),
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse
        | OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::InTransit
        | OrderStage::OutForDelivery
        | OrderStage::AvailableForPickup
        | OrderStage::PartiallyDelivered => false,
    };
    match parcel.reason {
        Reason::Voided => words.scan_text(parcel.reason),
        _ if is_ended_by_shop => words.stage_name(summary.stage),
        Reason::NoInfo if parcel.is_untracked() => words.untracked_text(),
        Reason::NoInfo if !shipment_summary::is_followed(parcel) => words.announced_stage(),
        reason => words.scan_text(reason),
    }
}

/// The parcels as their rows; what comes back comes last, or first once it is
/// all that there is to tell. A voided label is shown only where there is nothing else:
/// nothing was sent with it.
pub(crate) fn in_order<'a>(
    shipments: &'a [Shipment],
    summary: &OrderOverview,
) -> Vec<&'a Shipment> {
    let is_going_back = matches!(summary.stage, OrderStage::Returning | OrderStage::Returned);
    let place = |parcel: &Shipment| {
        let mut rows = summary.rows.iter();
        rows.position(|row| row.shipment == Some(parcel.shipment))
    };
    let is_void = |parcel: &Shipment| parcel.current_status() == ShipmentStatus::Cancelled;
    let has_other = shipments.iter().any(|parcel| !is_void(parcel));
    let mut parcels: Vec<&Shipment> = shipments
        .iter()
        .filter(|parcel| !(has_other && is_void(parcel)))
        .collect();
    parcels.sort_by_key(|parcel| {
        let place = place(parcel);
        (
            parcel.is_return != is_going_back,
            place.is_none(),
            place,
            parcel.shipment,
        )
    });
    parcels
}

/// Items as lines.
pub(crate) fn item_lines(items: &[OrderItem]) -> Vec<LineItem> {
    items
        .iter()
        .map(|item| LineItem {
            title: text::one_line(&item.title, 120),
            quantity: item.quantity,
        })
        .collect()
}
