//! What the page shows, made of the order, its parcels, the shop and the time.
//!
//! It is made of types that hold nothing of the customer, so it cannot show any.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use posthorn_channels::{
    colour,
    locale::Locale,
    message::CarrierView,
    outlook::{self, Outlook},
    text::{self, Support},
    words::Words,
};
use posthorn_domain::{
    order::{Item, Order},
    settings::Settings,
    shipment::Shipment,
    stage::{Colour, OrderStage, StageSource},
    status::Reason,
    tracking_number::TrackingNumber,
};
use serde::Serialize;

use crate::{
    alerts::{self, Alert},
    history::{self, Day},
    told::Told,
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

    /// The shop's clock: the page does not know the customer's.
    pub(crate) fn zone(&self) -> TimeZone {
        TimeZone::get(&self.settings.time_zone).unwrap_or(TimeZone::UTC)
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Step {
    label: &'static str,
    state: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Parcel {
    title: String,
    is_return: bool,
    carrier: String,
    number: String,
    url: String,
    former: Vec<String>,
    status: &'static str,
    expected: String,
    items: Vec<Line>,
    days: Vec<Day>,
    checked: String,
}

/// What the shop did or said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Chapter {
    when: String,
    what: &'static str,
    comment: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Line {
    title: String,
    quantity: u32,
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
        let outlook = outlook::of_order(order, shipments, today, &zone);
        let stage = outlook::stage(order, shipments);
        let alerts = alerts::of(shown);
        let parcels: Vec<Parcel> = in_order(shipments, stage)
            .into_iter()
            .map(|parcel| Parcel::of(shown, parcel))
            .collect();
        let expected = outlook::order_eta(order, shipments, today);
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
            headline: words.headline(&outlook, today),
            detail: detail(shown, &outlook),
            was: was(shown, &outlook),
            tone: if alerts.is_empty() {
                tone(stage.colour())
            } else {
                "amber"
            },
            theme: colour::hex(stage.colour()),
            step: stage.step().unwrap_or_default(),
            steps: steps(
                stage,
                outlook::stage_in_words(order, shipments, words),
                words,
            ),
            stage: caption(shown, &outlook),
            alerts,
            expected: expected
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default(),
            has_link_to_carrier: parcels.iter().any(|parcel| !parcel.url.is_empty()),
            parcels,
            story: story(shown),
            items: lines(&order.items),
            support: settings
                .support
                .as_deref()
                .and_then(Support::parse)
                .map(contact),
            hints: hints(shown, stage),
            updated: format!(
                "{}, {} {}",
                words.date(updated.date(), today),
                words.time(updated.time()),
                updated.strftime("%Z")
            ),
        }
    }
}

impl Parcel {
    fn of(shown: &Shown<'_>, parcel: &Shipment) -> Self {
        let (words, today) = (shown.words(), shown.today());
        let carrier = (shown.carrier)(parcel);
        let told = Told::of(shown, parcel);
        let is_one_of_several = shown.shipments.len() > 1;
        let eta = outlook::eta(parcel, today)
            .filter(|_| is_one_of_several && !shown.order.stage.is_final());
        Self {
            title: words.parcel(outlook::which(parcel, shown.shipments)),
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
            status: words.scan(parcel.reason),
            expected: eta
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default(),
            items: lines(&parcel.items),
            days: history::by_day(&told, shown),
            checked: told.checked,
        }
    }
}

/// What stands below the headline.
fn detail(shown: &Shown<'_>, outlook: &Outlook) -> String {
    let (words, today) = (shown.words(), shown.today());
    match outlook {
        Outlook::Delivered { left_at, .. } => left_at
            .as_deref()
            .and_then(|at| words.left_at_known_place(at))
            .map(|place| format!("left {place}"))
            .or_else(|| handed_over(shown).map(|reason| words.scan(reason).to_owned()))
            .unwrap_or_default(),
        Outlook::Arriving { eta, .. } => words.eta(eta, today).rest,
        Outlook::Trouble(reason) => words
            .trouble(*reason, false)
            .map(|trouble| trouble.happened.to_owned())
            .unwrap_or_default(),
        Outlook::Stage(stage) => words.ending(*stage).to_owned(),
        Outlook::Announced | Outlook::Late | Outlook::Silent | Outlook::PartlyDelivered { .. } => {
            String::new()
        }
    }
}

/// Of the only parcel, the day that the headline's is instead of.
fn was(shown: &Shown<'_>, outlook: &Outlook) -> String {
    let (words, today) = (shown.words(), shown.today());
    let mut outbound = outlook::on_the_way_out(shown.shipments);
    match (outlook, outbound.next(), outbound.next()) {
        (Outlook::Arriving { .. }, Some(parcel), None) if outlook::is_late(parcel) => {
            outlook::late_from(parcel, today)
                .map(|eta| words.eta(&eta, today).label)
                .unwrap_or_default()
        }
        _ => String::new(),
    }
}

/// The parcels in the order of their numbers; what comes back comes last, or
/// first once it is all that there is to tell.
fn in_order(shipments: &[Shipment], stage: OrderStage) -> Vec<&Shipment> {
    let is_going_back = matches!(stage, OrderStage::Returning | OrderStage::Returned);
    let mut parcels: Vec<&Shipment> = shipments.iter().collect();
    parcels.sort_by_key(|parcel| (parcel.is_return != is_going_back, parcel.shipment));
    parcels
}

/// How a parcel was handed over, if that says more than that it was.
fn handed_over(shown: &Shown<'_>) -> Option<Reason> {
    outlook::on_the_way_out(shown.shipments)
        .map(|parcel| parcel.reason)
        .find(|reason| {
            matches!(
                reason,
                Reason::Neighbor | Reason::Signed | Reason::Collected | Reason::CashOnDelivery
            )
        })
}

/// Where it stands, below the bar: the carrier's last word, if that is trouble.
fn caption(shown: &Shown<'_>, outlook: &Outlook) -> &'static str {
    let words = shown.words();
    match outlook {
        Outlook::Trouble(reason) if outlook::on_the_way_out(shown.shipments).count() == 1 => {
            words.scan(*reason)
        }
        _ => outlook::stage_in_words(shown.order, shown.shipments, words),
    }
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

fn lines(items: &[Item]) -> Vec<Line> {
    items
        .iter()
        .map(|item| Line {
            title: text::one_line(&item.title, 120),
            quantity: item.quantity,
        })
        .collect()
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
fn hints(shown: &Shown<'_>, stage: OrderStage) -> &'static str {
    match stage {
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
        | OrderStage::InWarehouse => "before",
        OrderStage::AvailableForPickup => "pickup",
        OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::InTransit
        | OrderStage::OutForDelivery
        | OrderStage::PartiallyDelivered => "moving",
    }
}
