//! What templates may speak of: strings fit to be shown, never null.

mod shipment;

use crate::{
    colour,
    locale::Locale,
    message::MessageContext,
    order_summary::{self, OrderOverview, SummaryRow},
    shipment_summary,
    text::{self, Support},
    words::{Labels, Phrases},
};
use posthorn_domain::{
    notification_type::{Channel, NotificationType, PageButton, Tone},
    order::OrderItem,
    rollup,
    shipment::Shipment,
};
use serde::Serialize;
use shipment::ParcelView;

/// How many lines of items a mail shows.
const MAX_ITEMS: usize = 10;

/// Everything that a template may insert; what is not known is empty.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question that a template asks"
)]
#[derive(Debug, Clone, Serialize)]
pub(crate) struct MessageView {
    shop: String,
    home_url: String,
    number: String,
    name: String,
    link: String,
    support: Option<SupportView>,
    review_url: String,
    comment: Vec<String>,
    items: Vec<ItemView>,
    n_more_items: usize,
    colour: &'static str,
    colour_in_the_dark: &'static str,
    unsubscribe: String,
    is_review: bool,
    step: u8,
    stage: &'static str,
    rows: Vec<RowView>,
    n_parcels: usize,
    n_arrived: usize,
    has_more_to_come: bool,
    is_sent: bool,
    tells_shipped: bool,
    tells_out_for_delivery: bool,
    cancelled: &'static str,
    button: &'static str,
    ask_url: String,
    #[serde(flatten)]
    parcel: ParcelView,
}

/// A parcel of several, in a line.
#[derive(Debug, Clone, Serialize)]
struct RowView {
    title: String,
    contents: String,
    says: String,
    is_amber: bool,
    carrier: String,
    number: String,
    url: String,
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

impl MessageView {
    pub(crate) fn new(message: &MessageContext<'_>, locale: &Locale, channel: Channel) -> Self {
        let MessageContext {
            order, settings, ..
        } = message;
        let moment = message.trigger.notification_type;
        let row = moment.table_row();
        let limits = NameLimits::for_channel(channel);
        let parcels: Vec<&Shipment> = shipment_summary::on_the_way_out(message.shipments).collect();
        let parcel = subject_shipment(message, &parcels);
        let n_parcels = shipment_summary::sent_out(message.shipments).count();
        let (items, n_more_items) = list_items(message, parcel, &parcels, n_parcels);
        let summary = OrderOverview::summarise_order(
            order,
            message.shipments,
            message.now,
            message.time_zone,
        );
        let stage = summary.stage;
        let number = text::one_line(&order.number, limits.number);
        let told = ParcelView::new(message, locale, &limits, &summary, parcel, &parcels);
        let is_sent = parcels
            .iter()
            .any(|parcel| shipment_summary::is_seen(parcel));
        let url = |url: Option<&str>| url.and_then(text::safe_url).unwrap_or_default();
        let support = settings.support.as_deref().and_then(Support::parse);
        let label = locale.words.labels().order;
        let ask_url = support
            .as_ref()
            .filter(|_| row.tone == Tone::Trouble && told.asks_for_action())
            .map(|support| support.href_about(&format!("{label} {number}")));
        let colour = if row.tone != Tone::Usual || told.is_amber() {
            colour::TROUBLE
        } else {
            colour::to_hex(stage.stage_colour())
        };
        Self {
            shop: text::one_line(settings.display_name(), limits.shop),
            home_url: url(settings.home_url.as_deref()),
            number,
            name: message
                .name
                .and_then(text::greeting_name)
                .unwrap_or_default(),
            link: message.link.to_owned(),
            support: support.map(Into::into),
            review_url: url(settings.review_url.as_deref()),
            comment: shop_comment(message),
            items,
            n_more_items,
            colour,
            colour_in_the_dark: colour::hex_in_the_dark(colour),
            unsubscribe: message.unsubscribe.unwrap_or_default().to_owned(),
            is_review: moment == NotificationType::ReviewRequest,
            step: stage.progress_step().unwrap_or_default(),
            stage: summary.stage_in_words(locale.words),
            rows: shipment_rows(message, &summary, locale.words),
            n_parcels,
            n_arrived: parcels.len(),
            has_more_to_come: summary.has_more_to_come(),
            is_sent,
            tells_shipped: order.delivery_method.has_tracking()
                && settings
                    .channels_for(NotificationType::Shipped)
                    .contains(&channel),
            tells_out_for_delivery: settings
                .channels_for(NotificationType::OutForDelivery)
                .contains(&channel),
            cancelled: locale.words.cancelled_text(is_sent),
            button: button_label(moment, parcel, locale.words.labels()),
            ask_url: ask_url.unwrap_or_default(),
            parcel: told,
        }
    }
}

/// Each parcel in a line, where there are several; the next event first.
fn shipment_rows(
    message: &MessageContext<'_>,
    summary: &OrderOverview,
    words: &dyn Phrases,
) -> Vec<RowView> {
    if !summary.has_rows() {
        return Vec::new();
    }
    let row = |row: &SummaryRow| {
        let mut parcels = message.shipments.iter();
        let parcel = parcels.find(|parcel| Some(parcel.shipment) == row.shipment);
        let carrier = parcel.map(message.carrier).unwrap_or_default();
        let number = parcel.and_then(|parcel| parcel.tracking_number.as_ref());
        RowView {
            title: words.subject_name(row.which),
            contents: parcel
                .map(order_summary::describe_contents)
                .unwrap_or_default(),
            says: words.in_full(&row.outlook, summary.today),
            is_amber: row.outlook.is_amber(),
            carrier: text::one_line(&carrier.name, 60),
            number: number.map(ToString::to_string).unwrap_or_default(),
            url: carrier
                .url
                .as_deref()
                .and_then(text::safe_url)
                .unwrap_or_default(),
        }
    };
    summary.rows.iter().map(row).collect()
}

/// What the button to the tracking page says: there is nothing to track in
/// what has ended or stands still.
const fn button_label(
    moment: NotificationType,
    parcel: Option<&Shipment>,
    labels: &Labels,
) -> &'static str {
    if parcel.is_none() {
        return labels.view_order;
    }
    match moment.table_row().button {
        PageButton::Details => labels.details,
        PageButton::Track => labels.track,
    }
}

/// How long names may be before they are cut.
struct NameLimits {
    shop: usize,
    number: usize,
    carrier: usize,
}

impl NameLimits {
    const fn for_channel(channel: Channel) -> Self {
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
        let href = support.to_href();
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
fn subject_shipment<'a>(
    message: &MessageContext<'a>,
    parcels: &[&'a Shipment],
) -> Option<&'a Shipment> {
    if let Some(number) = message.trigger.shipment {
        return message
            .shipments
            .iter()
            .find(|parcel| parcel.shipment == number);
    }
    let is_return = message.trigger.notification_type.is_about_return();
    // What was not sent may be late as well as what was.
    let has_rest = !rollup::is_all_sent(message.order, message.shipments);
    if has_rest && message.trigger.notification_type == NotificationType::EtaMissed {
        return None;
    }
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

/// What is in the parcel; all of the order if it is the only one or it is unknown.
/// Where a part is told of, never what is still to come.
fn list_items(
    message: &MessageContext<'_>,
    parcel: Option<&Shipment>,
    parcels: &[&Shipment],
    n_parcels: usize,
) -> (Vec<ItemView>, usize) {
    let is_part = message.trigger.notification_type.table_row().is_of_part;
    let items: Vec<&OrderItem> = match parcel {
        Some(parcel) if !parcel.items.is_empty() => parcel.items.iter().collect(),
        Some(_) if is_part || n_parcels > 1 => Vec::new(),
        None if is_part => parcels.iter().flat_map(|parcel| &parcel.items).collect(),
        Some(_) | None => message.order.items.iter().collect(),
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
fn shop_comment(message: &MessageContext<'_>) -> Vec<String> {
    let Some(stage) = message.trigger.notification_type.order_stage() else {
        return Vec::new();
    };
    let change = message
        .order
        .stages
        .iter()
        .rev()
        .find(|change| change.stage == stage);
    change
        .and_then(|change| change.comment.as_deref())
        .map(|comment| text::split_lines(comment, 1000))
        .unwrap_or_default()
}
