//! What the page shows of one parcel.

use posthorn_channels::{
    outlook::{self, Outlook},
    summary::OrderSummary,
    text,
};
use posthorn_domain::{
    order::Item, shipment::Shipment, stage::OrderStage, status::Reason,
    tracking_number::TrackingNumber,
};
use serde::Serialize;

use crate::{
    history::{self, Day},
    told::Told,
    view::Shown,
};

/// A parcel and its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Parcel {
    title: String,
    is_return: bool,
    carrier: String,
    number: String,
    url: String,
    former: Vec<String>,
    status: &'static str,
    day_label: &'static str,
    expected: String,
    items: Vec<Line>,
    days: Vec<Day>,
    checked: String,
}

/// So many of an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Line {
    title: String,
    quantity: u32,
}

impl Parcel {
    /// Whether a link leads to the carrier's own page about it.
    pub(crate) const fn has_link(&self) -> bool {
        !self.url.is_empty()
    }

    /// What is shown of `parcel`.
    pub(crate) fn of(shown: &Shown<'_>, summary: &OrderSummary, parcel: &Shipment) -> Self {
        let (words, today) = (shown.words(), shown.today());
        let carrier = (shown.carrier)(parcel);
        let told = Told::of(shown, parcel);
        let row = summary.row(Some(parcel.shipment));
        let is_one_of_several = summary.has_rows() && row.shipment == Some(parcel.shipment);
        let day = match &row.outlook {
            Outlook::Arriving { eta, .. } | Outlook::Overdue(eta)
                if is_one_of_several && !summary.stage.is_final() =>
            {
                Some(*eta)
            }
            _ => None,
        };
        Self {
            title: words.parcel(outlook::which(shown.order, parcel, shown.shipments)),
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
                .map(TrackingNumber::masked)
                .collect(),
            status: if parcel.reason == Reason::NoInfo && parcel.is_untracked() {
                words.untracked()
            } else if parcel.reason == Reason::NoInfo && !outlook::is_followed(parcel) {
                words.announced()
            } else {
                words.scan(parcel.reason)
            },
            day_label: if matches!(row.outlook, Outlook::Overdue(_)) {
                words.labels().was_expected
            } else {
                words.labels().expected
            },
            expected: day
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default(),
            items: lines(&parcel.items),
            days: history::by_day(&told, shown),
            checked: told.checked,
        }
    }
}

/// The parcels as their rows; what comes back comes last, or first once it is
/// all that there is to tell.
pub(crate) fn in_order<'a>(shipments: &'a [Shipment], summary: &OrderSummary) -> Vec<&'a Shipment> {
    let is_going_back = matches!(summary.stage, OrderStage::Returning | OrderStage::Returned);
    let place = |parcel: &Shipment| {
        let mut rows = summary.rows.iter();
        rows.position(|row| row.shipment == Some(parcel.shipment))
    };
    let mut parcels: Vec<&Shipment> = shipments.iter().collect();
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
pub(crate) fn lines(items: &[Item]) -> Vec<Line> {
    items
        .iter()
        .map(|item| Line {
            title: text::one_line(&item.title, 120),
            quantity: item.quantity,
        })
        .collect()
}
