//! What the page shows, made of the order, its parcels, the shop and the time.
//!
//! It is made of types that hold nothing of the customer, so it cannot show any.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use posthorn_channels::{
    colour,
    locale::Locale,
    outlook::Outlook,
    summary::{OrderSummary, Row},
    text::{self, Support},
    words::Words,
};
use posthorn_domain::{
    carrier_view::CarrierView,
    order::Order,
    settings::Settings,
    shipment::Shipment,
    stage::{Colour, OrderStage, StageSource},
    status::Reason,
};
use serde::Serialize;

use crate::{
    alerts::{self, Alert},
    hero::{caption, detail, handed_over, was},
    parcel::{Line, Parcel, in_order, lines},
};

/// Everything that is known when an order is shown.
#[derive(Clone, Copy)]
pub struct Shown<'a> {
    /// The order.
    pub order: &'a Order,
    /// Its parcels.
    pub shipments: &'a [Shipment],
    /// The shop.
    pub settings: &'a Settings,
    /// Who carries a parcel.
    pub carrier: &'a dyn Fn(&Shipment) -> CarrierView,
    /// When whoever is asked after a parcel was last asked, if that is known.
    pub checked: &'a dyn Fn(&Shipment) -> Option<Timestamp>,
    /// When it is shown.
    pub now: Timestamp,
}

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shown")
            .field("order", &self.order.key)
            .finish_non_exhaustive()
    }
}

impl Shown<'_> {
    pub(crate) fn words(&self) -> &'static dyn Words {
        Locale::find(&self.order.locale).words
    }

    /// The customer's clock, as far as the order tells it; else the shop's.
    pub(crate) fn zone(&self) -> TimeZone {
        let own = self.order.time_zone.as_deref();
        own.into_iter()
            .chain([self.settings.time_zone.as_str()])
            .find_map(|name| TimeZone::get(name).ok())
            .unwrap_or(TimeZone::UTC)
    }

    /// What there is to say of the order, as in mails and texts.
    pub(crate) fn summary(&self) -> OrderSummary {
        OrderSummary::of(self.order, self.shipments, self.now, &self.zone())
    }

    pub(crate) fn today(&self) -> Date {
        self.now.to_zoned(self.zone()).date()
    }

    /// When anybody last told us anything new.
    pub(crate) fn updated(&self) -> Timestamp {
        let stages = self.order.stages.iter().map(|change| change.at);
        let parcels = self.shipments.iter().map(|parcel| parcel.changed_at);
        stages.chain(parcels).max().unwrap_or(self.order.created_at)
    }
}

/// The page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Page {
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
    steps: Vec<Step>,
    stage: &'static str,
    rows: Vec<RowView>,
    alerts: Vec<Alert>,
    expected: String,
    parcels: Vec<Parcel>,
    story: Vec<Chapter>,
    items: Vec<Line>,
    support: Option<Contact>,
    has_link_to_carrier: bool,
    hints: &'static str,
    updated: String,
}

/// A parcel of several, in a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct RowView {
    title: String,
    says: String,
    is_amber: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Step {
    label: &'static str,
    state: &'static str,
}

/// What the shop did or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Chapter {
    when: String,
    what: &'static str,
    comment: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Contact {
    href: String,
    label: String,
    is_email: bool,
}

impl Page {
    /// What the page shows of an order.
    pub fn of(shown: &Shown<'_>) -> Self {
        let Shown {
            order,
            shipments,
            settings,
            ..
        } = *shown;
        let locale = Locale::find(&order.locale);
        let words = locale.words;
        let (today, zone) = (shown.today(), shown.zone());
        let summary = shown.summary();
        let (stage, outlook) = (summary.stage, &summary.next.outlook);
        let alerts = alerts::of(shown, &summary);
        let parcels: Vec<Parcel> = in_order(shipments, &summary)
            .into_iter()
            .map(|parcel| Parcel::of(shown, &summary, parcel))
            .collect();
        let updated = shown.updated().to_zoned(zone);
        Self {
            lang: locale.tag,
            dir: words.labels().dir,
            shop: text::one_line(&settings.name, 80),
            home_url: settings
                .home_url
                .as_deref()
                .and_then(text::safe_url)
                .unwrap_or_default(),
            number: text::one_line(&order.number, 64),
            headline: summary.next.headline(words, today),
            detail: detail(shown, &summary),
            was: was(shown, &summary),
            tone: if alerts.is_empty() {
                tone(stage.colour())
            } else {
                "amber"
            },
            theme: colour::hex(stage.colour()),
            step: stage.step().unwrap_or_default(),
            steps: steps(stage, summary.stage_in_words(words), words),
            stage: caption(shown, &summary, outlook),
            rows: rows(&summary, words),
            alerts,
            expected: summary
                .promised
                .filter(|_| matches!(outlook, Outlook::Stage(_)))
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default(),
            has_link_to_carrier: parcels.iter().any(Parcel::has_link),
            parcels,
            story: story(shown),
            items: lines(&order.items),
            support: settings
                .support
                .as_deref()
                .and_then(Support::parse)
                .map(contact),
            hints: hints(shown, &summary),
            updated: format!(
                "{}, {} {}",
                words.date(updated.date(), today),
                words.time(updated.time()),
                updated.strftime("%Z")
            ),
        }
    }
}

/// Each parcel in a line, where there are several; the next event first.
fn rows(summary: &OrderSummary, words: &dyn Words) -> Vec<RowView> {
    if !summary.has_rows() {
        return Vec::new();
    }
    let row = |row: &Row| RowView {
        title: words.parcel(row.which),
        says: words.in_full(&row.outlook, summary.today),
        is_amber: row.outlook.is_amber(),
    };
    summary.rows.iter().map(row).collect()
}

/// The class that colours the page: a stage's colour.
const fn tone(colour: Colour) -> &'static str {
    match colour {
        Colour::Grey => "grey",
        Colour::Blue => "blue",
        Colour::Green => "green",
        Colour::Orange => "orange",
        Colour::Teal => "teal",
        Colour::DarkGrey => "dark-grey",
        Colour::Purple => "purple",
    }
}

/// The seven steps; none where the order left the line.
fn steps(stage: OrderStage, present_label: &'static str, words: &dyn Words) -> Vec<Step> {
    const LINE: [OrderStage; 7] = [
        OrderStage::New,
        OrderStage::Processing,
        OrderStage::InWarehouse,
        OrderStage::HandedToCarrier,
        OrderStage::InTransit,
        OrderStage::OutForDelivery,
        OrderStage::Delivered,
    ];
    let Some(present) = stage.step() else {
        return Vec::new();
    };
    let label = |n: u8, usual: OrderStage| {
        if n == present {
            present_label
        } else {
            words.stage(usual)
        }
    };
    let progress = |n: u8| match n.cmp(&present) {
        std::cmp::Ordering::Less => "done",
        std::cmp::Ordering::Equal => "now",
        std::cmp::Ordering::Greater => "next",
    };
    (1..=7)
        .zip(LINE)
        .map(|(n, usual)| Step {
            label: label(n, usual),
            state: progress(n),
        })
        .collect()
}

/// What the shop did and said, latest first.
fn story(shown: &Shown<'_>) -> Vec<Chapter> {
    let (words, today, zone) = (shown.words(), shown.today(), shown.zone());
    let is_told =
        |by: StageSource, comment: &[String]| by == StageSource::Shop || !comment.is_empty();
    let mut story = Vec::new();
    for change in shown.order.stages.iter().rev() {
        let comment = change
            .comment
            .as_deref()
            .map(|comment| text::lines(comment, 1000))
            .unwrap_or_default();
        if !is_told(change.by, &comment) {
            continue;
        }
        let at = change.at.to_zoned(zone.clone());
        let chapter = Chapter {
            when: format!(
                "{}, {}",
                words.date(at.date(), today),
                words.time(at.time())
            ),
            what: words.stage(change.stage),
            comment,
        };
        if !story.contains(&chapter) {
            story.push(chapter);
        }
    }
    story
}

fn contact(support: Support) -> Contact {
    let href = support.href();
    let is_email = matches!(support, Support::Email(_));
    match support {
        Support::Email(label) | Support::Page(label) => Contact {
            href,
            label,
            is_email,
        },
    }
}

/// Which questions the customer may have now.
fn hints(shown: &Shown<'_>, summary: &OrderSummary) -> &'static str {
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
