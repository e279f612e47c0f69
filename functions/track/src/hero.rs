//! What stands below the headline.

use posthorn_channels::{
    outlook::{self, Outlook},
    summary::OrderSummary,
    text,
};
use posthorn_domain::{stage::OrderStage, status::Reason};

use crate::view::Shown;

/// What stands below the headline.
pub(crate) fn detail(shown: &Shown<'_>, summary: &OrderSummary) -> String {
    let (words, today) = (shown.words(), summary.today);
    match &summary.next.outlook {
        Outlook::Delivered { left_at, how, .. } => left_at
            .as_deref()
            .and_then(|at| words.left_at_known_place(at))
            .map(|place| format!("left {place}"))
            .or_else(|| {
                let how = how.or_else(|| handed_over(shown))?;
                says_how(how).then(|| words.scan(how).to_owned())
            })
            .unwrap_or_default(),
        Outlook::Arriving { eta, .. } => words.eta(eta, today).rest,
        Outlook::Trouble(reason) => words
            .trouble(*reason, false)
            .map(|trouble| trouble.happened.to_owned())
            .unwrap_or_default(),
        Outlook::Back { why, .. } if shown.order.comment().is_none() => {
            let back = words.back(*why);
            format!("{} {}", back.happened, back.next).trim().to_owned()
        }
        Outlook::Stage(OrderStage::Cancelled) if shown.order.comment().is_none() => {
            let is_sent = outlook::on_the_way_out(shown.shipments).any(outlook::is_seen);
            words.cancelled(is_sent).to_owned()
        }
        Outlook::Stage(OrderStage::Cancelled) | Outlook::Back { .. } => shown
            .order
            .comment()
            .map(|comment| text::lines(comment, 1000).join(" "))
            .unwrap_or_default(),
        Outlook::Overdue(_) => words.labels().sorry.to_owned(),
        Outlook::Stage(_)
        | Outlook::Announced
        | Outlook::Untracked
        | Outlook::Status(_)
        | Outlook::ToCome
        | Outlook::Ready
        | Outlook::Late
        | Outlook::Silent => String::new(),
    }
}

/// Of the only parcel, the day that the headline's is instead of.
pub(crate) fn was(shown: &Shown<'_>, summary: &OrderSummary) -> String {
    let (words, today) = (shown.words(), summary.today);
    let mut outbound = outlook::on_the_way_out(shown.shipments);
    match (&summary.next.outlook, outbound.next(), outbound.next()) {
        (Outlook::Arriving { .. }, Some(parcel), None) if parcel.delay().is_some() => {
            outlook::late_from(shown.order, parcel, today, &shown.zone())
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// How a parcel was handed over, if that says more than that it was.
pub(crate) fn handed_over(shown: &Shown<'_>) -> Option<Reason> {
    outlook::on_the_way_out(shown.shipments)
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
pub(crate) fn caption(
    shown: &Shown<'_>,
    summary: &OrderSummary,
    outlook: &Outlook,
) -> &'static str {
    let words = shown.words();
    match outlook {
        Outlook::Trouble(reason) if outlook::on_the_way_out(shown.shipments).count() == 1 => {
            words.scan(*reason)
        }
        _ => summary.stage_in_words(words),
    }
}
