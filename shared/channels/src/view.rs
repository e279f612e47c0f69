//! What templates may speak of: strings fit to be shown, never null.

use crate::{
    colour,
    locale::Locale,
    message::Message,
    outlook,
    text::{self, Support},
    words::{Delay, EtaWords, Trouble, Which},
};
use posthorn_domain::{
    eta::Eta,
    moment::{Channel, Moment},
    order::Item,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};
use serde::Serialize;

/// How many lines of items a mail shows.
const MAX_ITEMS: usize = 10;

/// Everything that a template may insert; what is not known is empty.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct View {
    shop: String,
    home_url: String,
    number: String,
    name: String,
    link: String,
    unsubscribe: String,
    support: Option<SupportView>,
    review_url: String,
    comment: Vec<String>,
    items: Vec<ItemView>,
    n_more_items: usize,
    colour: &'static str,
    is_review: bool,
    step: u8,
    stage: &'static str,
    n_parcels: usize,
    #[serde(flatten)]
    parcel: ParcelView,
}

/// What a message says of the parcel that it is about, if it is about one.
#[derive(Debug, Clone, Serialize)]
struct ParcelView {
    parcel: String,
    thing: String,
    status: &'static str,
    carrier: String,
    carrier_start: String,
    carrier_name: String,
    tracking_number: String,
    tracking_url: String,
    eta: EtaWords,
    was: EtaWords,
    missed: String,
    left: String,
    delivered_on: String,
    reason: &'static str,
    place: String,
    delay: Delay,
    trouble: Trouble,
}

#[derive(Debug, Clone, Serialize)]
struct SupportView {
    href: String,
    label: String,
    is_email: bool,
}

#[derive(Debug, Clone, Serialize)]
struct ItemView {
    title: String,
    quantity: u32,
}

impl View {
    pub(crate) fn new(message: &Message<'_>, locale: &Locale, channel: Channel) -> Self {
        let Message {
            order, settings, ..
        } = message;
        let moment = message.occasion.moment;
        let limits = Limits::of(channel);
        let parcels: Vec<&Shipment> = outlook::on_the_way_out(message.shipments).collect();
        let parcel = about(message, &parcels);
        let (items, n_more_items) = items(message, parcel, parcels.len());
        let url = |url: Option<&str>| url.and_then(text::safe_url).unwrap_or_default();
        let support = settings.support.as_deref().and_then(Support::parse);
        Self {
            shop: text::one_line(&settings.name, limits.shop),
            home_url: url(settings.home_url.as_deref()),
            number: text::one_line(&order.number, limits.number),
            name: message
                .name
                .and_then(text::greeting_name)
                .unwrap_or_default(),
            link: message.link.to_owned(),
            unsubscribe: url(message.unsubscribe),
            support: support.map(Into::into),
            review_url: url(settings.review_url.as_deref()),
            comment: comment(message),
            items,
            n_more_items,
            colour: if is_trouble(moment) {
                colour::TROUBLE
            } else {
                colour::hex(order.stage.colour())
            },
            is_review: moment == Moment::ReviewRequest,
            step: order.stage.step().unwrap_or_default(),
            stage: locale.words.stage(order.stage),
            n_parcels: parcels.len(),
            parcel: ParcelView::new(message, locale, &limits, parcel, &parcels),
        }
    }
}

impl ParcelView {
    fn new(
        message: &Message<'_>,
        locale: &Locale,
        limits: &Limits,
        parcel: Option<&Shipment>,
        parcels: &[&Shipment],
    ) -> Self {
        let order = message.order;
        let words = locale.words;
        let today = message.now.to_zoned(message.time_zone.clone()).date();
        let eta = match parcel {
            Some(parcel) => outlook::eta(parcel, today),
            None => outlook::order_eta(order, message.shipments, today),
        };
        let was = parcel
            .and_then(|parcel| parcel.eta_first)
            .filter(|first| eta.is_some_and(|eta| !eta.is_same_days(first)));
        let in_words = |eta: Option<Eta>| eta.map(|eta| words.eta(&eta, today)).unwrap_or_default();
        let carrier = parcel.map(message.carrier).unwrap_or_default();
        let carrier_name = text::one_line(&carrier.name, limits.carrier);
        let (within, at_start) = words.labels().some_carrier;
        let or = |unnamed: &str| {
            if carrier_name.is_empty() {
                unnamed.to_owned()
            } else {
                carrier_name.clone()
            }
        };
        let which = which(parcel, parcels);
        let number = text::one_line(&order.number, limits.number);
        let delivered = parcel.map_or_else(|| parcels.to_vec(), |parcel| vec![parcel]);
        let delivered_on = outlook::delivered_on(order, &delivered, message.time_zone);
        let left = parcel.and_then(|parcel| parcel.left_at.as_deref());
        let missed = parcel.and_then(Shipment::missed_eta);
        let delay = parcel.and_then(Shipment::delay);
        Self {
            parcel: words.parcel(which),
            thing: words.parcel_of_order(which, &number),
            status: parcel.map_or_else(
                || words.stage(order.stage),
                |parcel| words.scan(parcel.reason),
            ),
            carrier: or(within),
            carrier_start: or(at_start),
            tracking_number: parcel
                .map(|parcel| parcel.tracking_number.to_string())
                .unwrap_or_default(),
            tracking_url: carrier
                .url
                .as_deref()
                .and_then(text::safe_url)
                .unwrap_or_default(),
            eta: in_words(eta),
            was: in_words(was),
            missed: in_words(missed).label,
            left: left.map(|at| words.left(at)).unwrap_or_default(),
            delivered_on: delivered_on
                .map(|day| words.date(day, today))
                .unwrap_or_default(),
            reason: parcel
                .map(|parcel| parcel.reason.as_str())
                .unwrap_or_default(),
            place: parcel.and_then(last_place).unwrap_or_default(),
            delay: delay.map(|reason| words.delay(reason)).unwrap_or_default(),
            trouble: words
                .trouble(trouble_of(message.occasion.moment, parcel))
                .unwrap_or_default(),
            carrier_name,
        }
    }
}

/// How long names may be before they are cut.
struct Limits {
    shop: usize,
    number: usize,
    carrier: usize,
}

impl Limits {
    const fn of(channel: Channel) -> Self {
        match channel {
            Channel::Email => Self {
                shop: 80,
                number: 64,
                carrier: 60,
            },
            Channel::Sms => Self {
                shop: 24,
                number: 20,
                carrier: 20,
            },
        }
    }
}

impl From<Support> for SupportView {
    fn from(support: Support) -> Self {
        let href = support.href();
        match support {
            Support::Email(label) => Self {
                href,
                label,
                is_email: true,
            },
            Support::Page(label) => Self {
                href,
                label,
                is_email: false,
            },
        }
    }
}

/// The parcel that a message is about: the one of the occasion, or the only one.
fn about<'a>(message: &Message<'a>, parcels: &[&'a Shipment]) -> Option<&'a Shipment> {
    if let Some(number) = message.occasion.shipment {
        return message
            .shipments
            .iter()
            .find(|parcel| parcel.shipment == number);
    }
    let is_return = matches!(
        message.occasion.moment,
        Moment::Returning | Moment::Returned
    );
    let returned = message
        .shipments
        .iter()
        .find(|parcel| is_return && parcel.is_return);
    match (returned, parcels) {
        (Some(parcel), _) => Some(parcel),
        (None, [only]) => Some(*only),
        (None, _) => None,
    }
}

fn which(parcel: Option<&Shipment>, parcels: &[&Shipment]) -> Which {
    let of = parcels.len();
    if of < 2 {
        return Which::Only;
    }
    let Some(parcel) = parcel else {
        return Which::All;
    };
    match parcels
        .iter()
        .position(|other| other.shipment == parcel.shipment)
    {
        Some(index) => Which::One {
            position: index + 1,
            of,
        },
        None => Which::Only,
    }
}

/// What is in the parcel; all of the order if it is the only one or nobody says.
fn items(
    message: &Message<'_>,
    parcel: Option<&Shipment>,
    n_parcels: usize,
) -> (Vec<ItemView>, usize) {
    let items: &[Item] = match parcel {
        Some(parcel) if !parcel.items.is_empty() => &parcel.items,
        Some(_) if n_parcels > 1 => &[],
        Some(_) | None => &message.order.items,
    };
    let shown = items
        .iter()
        .take(MAX_ITEMS)
        .map(|item| ItemView {
            title: text::one_line(&item.title, 120),
            quantity: item.quantity,
        })
        .collect();
    (shown, items.len().saturating_sub(MAX_ITEMS))
}

/// What the shop said when the order came to the stage that the message is about.
fn comment(message: &Message<'_>) -> Vec<String> {
    let stage = match message.occasion.moment {
        Moment::OrderReceived => OrderStage::New,
        Moment::Processing => OrderStage::Processing,
        Moment::PaymentConfirmed => OrderStage::PaymentConfirmed,
        Moment::InWarehouse => OrderStage::InWarehouse,
        Moment::Delivered => OrderStage::Delivered,
        Moment::Returning => OrderStage::Returning,
        Moment::Returned => OrderStage::Returned,
        Moment::Cancelled => OrderStage::Cancelled,
        Moment::Shipped
        | Moment::PartiallyShipped
        | Moment::TrackingNumberChanged
        | Moment::InTransit
        | Moment::BackOnTheWay
        | Moment::Forwarded
        | Moment::CustomsInfoRequired
        | Moment::OutForDelivery
        | Moment::Appointment
        | Moment::AvailableForPickup
        | Moment::AttemptFailed
        | Moment::Exception
        | Moment::Delayed
        | Moment::EtaRevised
        | Moment::EtaMissed
        | Moment::ParcelDelivered
        | Moment::ReviewRequest => return Vec::new(),
    };
    let change = message
        .order
        .stages
        .iter()
        .rev()
        .find(|change| change.stage == stage);
    change
        .and_then(|change| change.comment.as_deref())
        .map(|comment| text::lines(comment, 1000))
        .unwrap_or_default()
}

const fn is_trouble(moment: Moment) -> bool {
    matches!(
        moment,
        Moment::CustomsInfoRequired
            | Moment::AttemptFailed
            | Moment::Exception
            | Moment::Delayed
            | Moment::EtaMissed
    )
}

/// The trouble to tell of; the parcel may have moved on since the message was decided on.
fn trouble_of(moment: Moment, parcel: Option<&Shipment>) -> Reason {
    let reason = parcel.map(|parcel| parcel.reason);
    let of = |status| reason.filter(|reason| reason.status() == status);
    match moment {
        Moment::CustomsInfoRequired => Reason::CustomsInfoRequired,
        Moment::AttemptFailed => {
            of(ShipmentStatus::AttemptFailed).unwrap_or(Reason::AttemptGeneric)
        }
        Moment::Exception => of(ShipmentStatus::Exception)
            .or_else(|| of(ShipmentStatus::Customs))
            .unwrap_or(Reason::ExceptionGeneric),
        _ => reason.unwrap_or(Reason::NoInfo),
    }
}

fn last_place(parcel: &Shipment) -> Option<String> {
    let city = parcel.scans.last()?.place.city.as_deref()?;
    Some(text::place_name(city)).filter(|city| !city.is_empty())
}
