//! What a message says of one parcel.

use crate::{
    locale::Locale,
    message::MessageContext,
    order_summary::{self, OrderOverview},
    shipment_summary::{self, OrderSummary, WhyBack},
    text,
    words::{DelayPhrases, EtaWords, PhraseSubject, ReturnPhrases, TroublePhrases},
};
use jiff::civil::Date;
use posthorn_domain::{
    carrier_view::CarrierView,
    eta::{Eta, EtaSource},
    journey::reconcile,
    notification_type::{Coverage, NotificationType, Tone},
    shipment::Shipment,
    status::Reason,
};
use serde::Serialize;

use super::NameLimits;

/// What a message says of the parcel that it is about, if it is about one.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a question that a template asks"
)]
#[derive(Debug, Clone, Serialize)]
pub(super) struct ParcelView {
    /// What the page's headline says of it, too.
    headline: String,
    /// The same without saying of what.
    state: String,
    is_amber: bool,
    parcel: String,
    thing: String,
    yours: String,
    /// Whether it is about more than one thing, as a verb has to know.
    is_plural: bool,
    /// Whether it is about an order that has several parcels, each with a row.
    is_of_several: bool,
    /// Of how many other parcels the same is to be said.
    n_alike: usize,
    is_part: bool,
    contents: String,
    carrier: String,
    carrier_start: String,
    carrier_name: String,
    tracking_number: String,
    tracking_url: String,
    is_untracked: bool,
    is_followed: bool,
    eta: EtaWords,
    is_today: bool,
    was: EtaWords,
    missed: EtaWords,
    left: String,
    delivered_on: String,
    reason: &'static str,
    is_scanned: bool,
    is_in_time: bool,
    place: String,
    delay: DelayPhrases,
    trouble: TroublePhrases,
    back: ReturnPhrases,
}

impl ParcelView {
    pub(super) fn new(
        message: &MessageContext<'_>,
        locale: &Locale,
        limits: &NameLimits,
        summary: &OrderOverview,
        parcel: Option<&Shipment>,
        parcels: &[&Shipment],
    ) -> Self {
        let (order, zone) = (message.order, message.time_zone);
        let (words, today) = (locale.words, summary.today);
        let row = summary.shipment_row(parcel.map(|parcel| parcel.shipment));
        // Of several parcels the day of one is not that of the others.
        let is_of_all =
            parcel.is_some() || matches!(row.which, PhraseSubject::Only | PhraseSubject::All);
        let eta = match (parcel, &row.outlook) {
            (_, OrderSummary::Arriving { eta, .. }) => is_of_all.then_some(*eta),
            (None, OrderSummary::Stage(_)) => summary.promised,
            _ => None,
        };
        let is_of_several = parcel.is_none() && !parcels.is_empty();
        let told_at_once = told_at_once(message, parcel);
        let was = previous_eta(message, parcel, eta, today);
        let in_words = |eta: Option<Eta>| {
            eta.map(|eta| words.format_eta(&eta, today))
                .unwrap_or_default()
        };
        let carrier = match parcel {
            Some(parcel) => (message.carrier)(parcel),
            None => common_carrier(message, &told_at_once),
        };
        let carrier_name = text::one_line(&carrier.name, limits.carrier);
        let (within, at_start) = words.labels().some_carrier;
        let which = phrase_subject(message, parcel, &told_at_once, summary);
        let tracking_url = carrier.url.as_deref().and_then(text::safe_url);
        let number = text::one_line(&order.number, limits.number);
        let delivered = parcel.map_or_else(|| parcels.to_vec(), |parcel| vec![parcel]);
        let delivered_on = shipment_summary::delivered_on(order, &delivered, zone);
        let left = parcel.and_then(|parcel| parcel.drop_off_location.as_deref());
        let is_promise =
            is_of_several && message.trigger.notification_type == NotificationType::EtaMissed;
        let missed = match &row.outlook {
            OrderSummary::Overdue(eta) if is_of_all => Some(*eta),
            _ if is_promise => order.promised.map(|day| Eta::on_day(day, EtaSource::Store)),
            _ => parcel.and_then(Shipment::missed_eta),
        };
        let delay = parcel.and_then(Shipment::delay_reason);
        let state = words.order_headline(&row.outlook, today);
        Self {
            headline: words.titled_headline(row.which, &state),
            state,
            is_amber: row.outlook.is_amber(),
            parcel: words.subject_name(which),
            thing: words.parcel_of_order(which, &number),
            yours: words.possessive_subject(which, &number),
            is_plural: matches!(which, PhraseSubject::Some(_)),
            is_of_several,
            n_alike: match parcel {
                Some(_) => summary.n_alike(row),
                None => 0,
            },
            is_part: matches!(
                which,
                PhraseSubject::Part | PhraseSubject::One { of: None, .. }
            ),
            contents: match (which, parcel) {
                (PhraseSubject::One { .. } | PhraseSubject::Part, Some(parcel)) => {
                    order_summary::describe_contents(parcel)
                }
                _ => String::new(),
            },
            carrier: text::non_empty_or(&carrier_name, within),
            carrier_start: text::non_empty_or(&carrier_name, at_start),
            tracking_number: parcel
                .and_then(|parcel| parcel.tracking_number.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            is_untracked: parcel.is_some_and(Shipment::is_untracked),
            is_followed: all_shipments(parcel, &told_at_once, shipment_summary::is_followed),
            is_today: eta.is_some_and(|eta| eta.from == today && eta.to == today),
            eta: in_words(eta),
            was: in_words(was),
            missed: in_words(missed),
            left: left.map(|at| words.drop_off_text(at)).unwrap_or_default(),
            delivered_on: delivered_on
                .map(|day| words.format_date(day, today))
                .unwrap_or_default(),
            reason: parcel
                .map(|parcel| parcel.reason)
                .or_else(|| shipment_summary::all_collected(&delivered))
                .map(Reason::as_str)
                .unwrap_or_default(),
            is_scanned: all_shipments(parcel, &told_at_once, shipment_summary::is_seen),
            is_in_time: parcel
                .is_some_and(|parcel| shipment_summary::keeps_promise(order, parcel, today, zone)),
            place: parcel.and_then(last_place).unwrap_or_default(),
            delay: delay
                .map(|reason| words.delay_phrases(reason))
                .unwrap_or_default(),
            trouble: words
                .trouble_phrases(
                    trouble_of(message.trigger.notification_type, parcel),
                    tracking_url.is_some(),
                )
                .unwrap_or_default(),
            back: words.return_phrases(why_back(message, parcel)),
            tracking_url: tracking_url.unwrap_or_default(),
            carrier_name,
        }
    }

    /// Whether the customer is to tell the shop something in particular.
    pub(super) const fn asks_for_action(&self) -> bool {
        !self.trouble.ask.is_empty()
    }

    /// Whether the customer has to know or to do something.
    pub(super) const fn is_amber(&self) -> bool {
        self.is_amber
    }
}

fn phrase_subject(
    message: &MessageContext<'_>,
    parcel: Option<&Shipment>,
    told_at_once: &[&Shipment],
    summary: &OrderOverview,
) -> PhraseSubject {
    let n = told_at_once.len();
    match parcel {
        Some(parcel) => shipment_summary::phrase_subject(message.order, parcel, message.shipments),
        None if n > 1 && n < summary.rows.len() => PhraseSubject::Some(n),
        None if summary.has_rows() || summary.rows.is_empty() => PhraseSubject::All,
        None => PhraseSubject::Only,
    }
}

/// When a shipment was expected before: for a delay, as the customer was told last.
fn previous_eta(
    message: &MessageContext<'_>,
    shipment: Option<&Shipment>,
    eta: Option<Eta>,
    today: Date,
) -> Option<Eta> {
    let shipment = shipment?;
    match message.trigger.notification_type {
        NotificationType::Delayed => {
            shipment_summary::late_from(message.order, shipment, today, message.time_zone)
        }
        _ => shipment
            .eta_before
            .filter(|before| eta.is_some_and(|eta| !eta.is_same_days(before))),
    }
}

/// The parcels that came in one write, of which one message tells.
fn told_at_once<'a>(message: &MessageContext<'a>, parcel: Option<&Shipment>) -> Vec<&'a Shipment> {
    let coverage = message.trigger.notification_type.table_row().coverage;
    if parcel.is_some() || coverage != Coverage::SameWrite {
        return Vec::new();
    }
    let came_then = |parcel: &&Shipment| {
        parcel.registered_at.to_string() == message.trigger.repeat && !parcel.is_untracked()
    };
    message.shipments.iter().filter(came_then).collect()
}

/// Who carries all of `parcels`, if it is the same; their pages stand beside each.
fn common_carrier(message: &MessageContext<'_>, parcels: &[&Shipment]) -> CarrierView {
    let mut names = parcels.iter().map(|parcel| (message.carrier)(parcel).name);
    let first = names.next().unwrap_or_default();
    let is_common = names.all(|name| name == first);
    CarrierView {
        name: if is_common { first } else { String::new() },
        url: None,
    }
}

fn all_shipments(
    parcel: Option<&Shipment>,
    told: &[&Shipment],
    is_so: impl Fn(&Shipment) -> bool,
) -> bool {
    match parcel {
        Some(parcel) => is_so(parcel),
        None => !told.is_empty() && told.iter().all(|parcel| is_so(parcel)),
    }
}

fn why_back(message: &MessageContext<'_>, parcel: Option<&Shipment>) -> WhyBack {
    match parcel {
        Some(parcel) => shipment_summary::why_back(message.order, parcel),
        None => order_summary::why_back(message.order, message.shipments),
    }
}

/// The reason to describe; the shipment may have moved on since the message was decided on.
fn trouble_of(moment: NotificationType, parcel: Option<&Shipment>) -> Reason {
    let reason = parcel.map(|parcel| parcel.reason);
    let reported = match moment.table_row().tone {
        Tone::Trouble => moment.reported_reason(reason),
        Tone::Usual | Tone::Late => reason,
    };
    reported.unwrap_or(Reason::NoInfo)
}

fn last_place(parcel: &Shipment) -> Option<String> {
    let history = reconcile::merged_history(parcel);
    let city = history.last()?.scan.place.city.as_deref()?;
    Some(text::place_name(city)).filter(|city| !city.is_empty())
}
