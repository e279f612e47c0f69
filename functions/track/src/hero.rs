//! What stands below the headline.

use posthorn_channels::{
    order_summary::OrderOverview,
    shipment_summary::{self, OrderSummary},
    text,
    words::PhraseSubject,
};
use posthorn_domain::{stage::OrderStage, status::Reason};

use crate::view::PageInput;

/// What stands below the headline.
pub(crate) fn detail_text(shown: &PageInput<'_>, summary: &OrderOverview) -> String {
    let (words, today) = (shown.phrases(), summary.today);
    match &summary.next.outlook {
        OrderSummary::Delivered { left_at, how, .. } => left_at
            .as_deref()
            .and_then(|at| words.left_at_known_place(at))
            .map(|place| format!("left {place}"))
            .or_else(|| {
                let how = how.or_else(|| handed_over(shown))?;
                says_how(how).then(|| words.scan_text(how).to_owned())
            })
            .unwrap_or_default(),
        OrderSummary::Arriving { eta, .. } => words.format_eta(eta, today).rest,
        // Of several in the same trouble each has its own words below.
        OrderSummary::Trouble(_) if summary.next.which == PhraseSubject::All => String::new(),
        OrderSummary::Trouble(reason) => words
            .trouble_phrases(*reason, false)
            .map(|trouble| trouble.happened.to_owned())
            .unwrap_or_default(),
        OrderSummary::Back { why, .. } if shown.order.shop_comment().is_none() => {
            let back = words.return_phrases(*why);
            format!("{} {}", back.happened, back.next).trim().to_owned()
        }
        OrderSummary::Stage(OrderStage::Cancelled) if shown.order.shop_comment().is_none() => {
            let is_sent =
                shipment_summary::on_the_way_out(shown.shipments).any(shipment_summary::is_seen);
            words.cancelled_text(is_sent).to_owned()
        }
        OrderSummary::Stage(OrderStage::Cancelled) | OrderSummary::Back { .. } => shown
            .order
            .shop_comment()
            .map(|comment| text::split_lines(comment, 1000).join(" "))
            .unwrap_or_default(),
        OrderSummary::Overdue(_) => words.labels().sorry.to_owned(),
        OrderSummary::Stage(_)
        | OrderSummary::Announced
        | OrderSummary::Untracked
        | OrderSummary::Status(_)
        | OrderSummary::ToCome
        | OrderSummary::Ready
        | OrderSummary::Late
        | OrderSummary::Silent => String::new(),
    }
}

/// Of the only parcel, the day that the headline's is instead of.
pub(crate) fn previous_day(shown: &PageInput<'_>, summary: &OrderOverview) -> String {
    let (words, today) = (shown.phrases(), summary.today);
    let mut outbound = shipment_summary::on_the_way_out(shown.shipments);
    match (&summary.next.outlook, outbound.next(), outbound.next()) {
        (OrderSummary::Arriving { .. }, Some(parcel), None) if parcel.delay_reason().is_some() => {
            shipment_summary::late_from(shown.order, parcel, today, &shown.customer_zone())
                .map(|eta| words.format_eta(&eta, today).label)
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// How a parcel was handed over, if that says more than that it was.
pub(crate) fn handed_over(shown: &PageInput<'_>) -> Option<Reason> {
    shipment_summary::on_the_way_out(shown.shipments)
        .map(|parcel| parcel.reason)
        .find(|reason| says_how(*reason) || *reason == Reason::Collected)
}

/// Whether it says more than a headline does.
const fn says_how(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Neighbor | Reason::Signed | Reason::CashOnDelivery
    )
}

/// Where it stands, below the bar: the carrier's last word, if that is trouble.
pub(crate) fn progress_caption(
    shown: &PageInput<'_>,
    summary: &OrderOverview,
    outlook: &OrderSummary,
) -> &'static str {
    let words = shown.phrases();
    match outlook {
        OrderSummary::Trouble(reason)
            if shipment_summary::on_the_way_out(shown.shipments).count() == 1 =>
        {
            words.scan_text(*reason)
        }
        _ => summary.stage_in_words(words),
    }
}
