//! What the page shows, made of the order, its parcels, the shop and the time.
//!
//! It is made of types that hold nothing of the customer, so it cannot show any.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use posthorn_channels::{
    colour,
    locale::Locale,
    order_summary::{OrderOverview, SummaryRow},
    shipment_summary::OrderSummary,
    text::{self, Support},
    words::Phrases,
};
use posthorn_domain::{
    carrier_view::CarrierView,
    order::Order,
    settings::Settings,
    shipment::Shipment,
    stage::{OrderStage, StageColour, StageSource},
    status::Reason,
};
use serde::Serialize;

use crate::{
    alerts::{self, Alert},
    hero::{detail_text, handed_over, previous_day, progress_caption},
    shipment::{LineItem, ShipmentSection, in_order, item_lines},
};

/// Everything that is known when an order is shown.
#[derive(Clone, Copy)]
pub struct PageInput<'a> {
    /// The order.
    pub order: &'a Order,
    /// Its parcels.
    pub shipments: &'a [Shipment],
    /// The shop.
    pub settings: &'a Settings,
    /// Who carries a parcel.
    pub carrier: &'a dyn Fn(&Shipment) -> CarrierView,
    /// When the provider of a parcel was last polled, if that is known.
    pub checked: &'a dyn Fn(&Shipment) -> Option<Timestamp>,
    /// When it is shown.
    pub now: Timestamp,
}

impl std::fmt::Debug for PageInput<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown")
            .field("order", &self.order.key)
            .finish_non_exhaustive()
    }
}

impl PageInput<'_> {
    pub(crate) fn phrases(&self) -> &'static dyn Phrases {
        Locale::find_locale(&self.order.locale).words
    }

    /// The customer's clock, as far as the order tells it; else the shop's.
    pub(crate) fn customer_zone(&self) -> TimeZone {
        let own = self.order.time_zone.as_deref();
        own.into_iter()
            .chain([self.settings.time_zone.as_str()])
            .find_map(|name| TimeZone::get(name).ok())
            .unwrap_or(TimeZone::UTC)
    }

    /// What there is to say of the order, as in mails and texts.
    pub(crate) fn order_overview(&self) -> OrderOverview {
        OrderOverview::summarise_order(self.order, self.shipments, self.now, &self.customer_zone())
    }

    pub(crate) fn local_today(&self) -> Date {
        self.now.to_zoned(self.customer_zone()).date()
    }

    /// When any source last told anything new.
    pub(crate) fn updated_at(&self) -> Timestamp {
        let stages = self.order.stages.iter().map(|change| change.at);
        let parcels = self.shipments.iter().map(|parcel| parcel.changed_at);
        stages.chain(parcels).max().unwrap_or(self.order.created_at)
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TrackingPage {
    lang: &'static str,
    dir: &'static str,
    shop: String,
    home_url: String,
    number: String,
    headline: String,
    detail: String,
    was: String,
    tone: &'static str,
    theme: &'static str,
    step: u8,
    steps: Vec<ProgressStep>,
    stage: &'static str,
    rows: Vec<ShipmentRow>,
    alerts: Vec<Alert>,
    is_incomplete: bool,
    expected: String,
    parcels: Vec<ShipmentSection>,
    story: Vec<TimelineEntry>,
    items: Vec<LineItem>,
    support: Option<ContactLinks>,
    has_link_to_carrier: bool,
    hints: &'static str,
    updated: String,
}

/// A parcel of several, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ShipmentRow {
    title: String,
    says: String,
    is_amber: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ProgressStep {
    label: &'static str,
    state: &'static str,
}

/// What the shop did or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct TimelineEntry {
    when: String,
    what: &'static str,
    comment: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct ContactLinks {
    href: String,
    label: String,
    is_email: bool,
}

impl TrackingPage {
    /// What the page shows of an order.
    pub fn from_input(shown: &PageInput<'_>) -> Self {
        let PageInput {
            order,
            shipments,
            settings,
            ..
        } = *shown;
        let locale = Locale::find_locale(&order.locale);
        let words = locale.words;
        let (today, zone) = (shown.local_today(), shown.customer_zone());
        let summary = shown.order_overview();
        let (stage, outlook) = (summary.stage, &summary.next.outlook);
        let alerts = alerts::list_alerts(shown, &summary);
        let parcels: Vec<ShipmentSection> = in_order(shipments, &summary)
            .into_iter()
            .map(|parcel| ShipmentSection::from_shipment(shown, &summary, parcel))
            .collect();
        let updated = shown.updated_at().to_zoned(zone);
        Self {
            lang: locale.tag,
            dir: words.labels().dir,
            shop: text::one_line(settings.display_name(), 80),
            home_url: settings
                .home_url
                .as_deref()
                .and_then(text::safe_url)
                .unwrap_or_default(),
            number: text::one_line(&order.number, 64),
            headline: summary.next.to_headline(words, today),
            detail: detail_text(shown, &summary),
            was: previous_day(shown, &summary),
            tone: if alerts.is_empty() {
                colour_class(stage.stage_colour())
            } else {
                "amber"
            },
            theme: colour::to_hex(stage.stage_colour()),
            step: stage.progress_step().unwrap_or_default(),
            steps: progress_steps(stage, summary.stage_in_words(words), words),
            stage: progress_caption(shown, &summary, outlook),
            rows: shipment_rows(&summary, words),
            alerts,
            is_incomplete: order.has_unreadable_shipments,
            expected: summary
                .promised
                .filter(|_| matches!(outlook, OrderSummary::Stage(_)))
                .map(|eta| words.format_eta(&eta, today).label)
                .unwrap_or_default(),
            has_link_to_carrier: parcels.iter().any(ShipmentSection::has_link),
            parcels,
            story: timeline(shown),
            items: item_lines(&order.items),
            support: settings
                .support
                .as_deref()
                .and_then(Support::parse)
                .map(contact_links),
            hints: open_questions(shown, &summary),
            updated: format!(
                "{}, {} {}",
                words.format_date(updated.date(), today),
                words.format_time(updated.time()),
                updated.strftime("%Z")
            ),
        }
    }
}

/// Each parcel in a line, where there are several; the next event first.
fn shipment_rows(summary: &OrderOverview, words: &dyn Phrases) -> Vec<ShipmentRow> {
    if !summary.has_rows() {
        return Vec::new();
    }
    let row = |row: &SummaryRow| ShipmentRow {
        title: words.subject_name(row.which),
        says: words.in_full(&row.outlook, summary.today),
        is_amber: row.outlook.is_amber(),
    };
    summary.rows.iter().map(row).collect()
}

/// The class that colours the page: a stage's colour.
const fn colour_class(colour: StageColour) -> &'static str {
    match colour {
        StageColour::Grey => "grey",
        StageColour::Blue => "blue",
        StageColour::Green => "green",
        StageColour::Orange => "orange",
        StageColour::Teal => "teal",
        StageColour::DarkGrey => "dark-grey",
        StageColour::Purple => "purple",
    }
}

/// The seven steps; none where the order left the line.
fn progress_steps(
    stage: OrderStage,
    present_label: &'static str,
    words: &dyn Phrases,
) -> Vec<ProgressStep> {
    const LINE: [OrderStage; 7] = [
        OrderStage::New,
        OrderStage::Processing,
        OrderStage::InWarehouse,
        OrderStage::HandedToCarrier,
        OrderStage::InTransit,
        OrderStage::OutForDelivery,
        OrderStage::Delivered,
    ];
    let Some(present) = stage.progress_step() else {
        return Vec::new();
    };
    let label = |n: u8, usual: OrderStage| {
        if n == present {
            present_label
        } else {
            words.stage_name(usual)
        }
    };
    let progress = |n: u8| match n.cmp(&present) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "next",
    };
    (1..=7)
        .zip(LINE)
        .map(|(n, usual)| ProgressStep {
            label: label(n, usual),
            state: progress(n),
        })
        .collect()
}

/// What the shop did and said, latest first.
fn timeline(shown: &PageInput<'_>) -> Vec<TimelineEntry> {
    let (words, today, zone) = (shown.phrases(), shown.local_today(), shown.customer_zone());
    let is_told =
        |by: StageSource, comment: &[String]| by == StageSource::Shop || !comment.is_empty();
    let mut story = Vec::new();
    for change in shown.order.stages.iter().rev() {
        let comment = change
            .comment
            .as_deref()
            .map(|comment| text::split_lines(comment, 1000))
            .unwrap_or_default();
        if !is_told(change.by, &comment) {
            continue;
        }
        let at = change.at.to_zoned(zone.clone());
        let chapter = TimelineEntry {
            when: format!(
                "{}, {}",
                words.format_date(at.date(), today),
                words.format_time(at.time())
            ),
            what: words.stage_name(change.stage),
            comment,
        };
        if !story.contains(&chapter) {
            story.push(chapter);
        }
    }
    story
}

fn contact_links(support: Support) -> ContactLinks {
    let href = support.to_href();
    let is_email = matches!(support, Support::Email(_));
    match support {
        Support::Email(label) | Support::Page(label) => ContactLinks {
            href,
            label,
            is_email,
        },
    }
}

/// Which questions the customer may have now.
fn open_questions(shown: &PageInput<'_>, summary: &OrderOverview) -> &'static str {
    match summary.stage {
        OrderStage::Cancelled => "cancelled",
        OrderStage::Returning | OrderStage::Returned => "back",
        OrderStage::Delivered => match handed_over(shown) {
            Some(Reason::Neighbor) => "neighbour",
            Some(_) => "in_hand",
            None => "arrived",
        },
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse => {
            if shown.order.delivery_method.has_tracking() {
                "before"
            } else {
                "before_without_tracking"
            }
        }
        OrderStage::AvailableForPickup => "pickup",
        OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::InTransit
        | OrderStage::OutForDelivery
        | OrderStage::PartiallyDelivered => "moving",
    }
}
