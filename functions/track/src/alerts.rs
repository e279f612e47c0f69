//! What the customer should know of a parcel that does not come as it should.

use posthorn_channels::{
    order_summary::{OrderOverview, SummaryRow},
    shipment_summary::{self, OrderSummary},
    text::{self, Support},
    words::TroublePhrases,
};
use posthorn_domain::{shipment::Shipment, status::ShipmentStatus};
use serde::Serialize;

use crate::view::PageInput;

/// Something that the customer should know of a parcel, or of an order without one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Alert {
    /// Which parcel, where there are several.
    parcel: String,
    kind: AlertKind,
    trouble: TroublePhrases,
    delay: &'static str,
    is_in_time: bool,
    /// Whether news come by themselves.
    is_followed: bool,
    has_page: bool,
    expected: String,
    was: String,
    write_to: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum AlertKind {
    Trouble,
    Late,
    Overdue,
    Silent,
}

/// What there is to know of each parcel that is under way.
pub(crate) fn list_alerts(shown: &PageInput<'_>, summary: &OrderOverview) -> Vec<Alert> {
    if summary.stage.is_final() {
        return Vec::new();
    }
    let mut alerts: Vec<Alert> = summary
        .rows
        .iter()
        .filter_map(|row| of_row(shown, summary, row))
        .collect();
    if summary.rows.is_empty() {
        alerts.extend(of_row(shown, summary, &summary.next));
    }
    alerts
}

fn of_row(shown: &PageInput<'_>, summary: &OrderOverview, row: &SummaryRow) -> Option<Alert> {
    let (words, today, zone) = (shown.phrases(), shown.local_today(), shown.customer_zone());
    let mut shipments = shown.shipments.iter();
    let parcel = shipments.find(|parcel| Some(parcel.shipment) == row.shipment);
    let delay = parcel.and_then(Shipment::delay_reason);
    let kind = match &row.outlook {
        OrderSummary::Trouble(_) => AlertKind::Trouble,
        OrderSummary::Overdue(_) => AlertKind::Overdue,
        OrderSummary::Late => AlertKind::Late,
        OrderSummary::Arriving { .. } if delay.is_some() => AlertKind::Late,
        OrderSummary::Silent => AlertKind::Silent,
        OrderSummary::Arriving { .. }
        | OrderSummary::Stage(_)
        | OrderSummary::Announced
        | OrderSummary::Untracked
        | OrderSummary::Status(_)
        | OrderSummary::ToCome
        | OrderSummary::Ready
        | OrderSummary::Back { .. }
        | OrderSummary::Delivered { .. } => return None,
    };
    let url = parcel.and_then(|parcel| (shown.carrier)(parcel).url);
    let has_page = url.as_deref().and_then(text::safe_url).is_some();
    let trouble = match &row.outlook {
        OrderSummary::Trouble(reason) => words.trouble_phrases(*reason, has_page),
        _ => None,
    };
    let before =
        parcel.and_then(|parcel| shipment_summary::late_from(shown.order, parcel, today, &zone));
    Some(Alert {
        parcel: if summary.has_rows() {
            words.subject_name(row.which)
        } else {
            String::new()
        },
        kind,
        trouble: trouble.unwrap_or_default(),
        delay: delay
            .map(|reason| words.delay_phrases(reason).sentence)
            .unwrap_or_default(),
        is_in_time: parcel.is_some_and(|parcel| {
            shipment_summary::keeps_promise(shown.order, parcel, today, &zone)
        }),
        is_followed: parcel.is_some_and(|parcel| {
            shipment_summary::is_followed(parcel)
                && parcel.current_status() != ShipmentStatus::Expired
        }),
        has_page,
        expected: match &row.outlook {
            OrderSummary::Arriving { eta, .. } | OrderSummary::Overdue(eta) => {
                words.format_eta(eta, today).phrase
            }
            _ => String::new(),
        },
        was: before
            .map(|eta| words.format_eta(&eta, today).label)
            .unwrap_or_default(),
        write_to: write_to(shown).unwrap_or_default(),
    })
}

fn write_to(shown: &PageInput<'_>) -> Option<String> {
    let support = Support::parse(shown.settings.support.as_deref()?)?;
    let label = shown.phrases().labels().order;
    let number = text::one_line(&shown.order.number, 64);
    Some(support.href_about(&format!("{label} {number}")))
}
