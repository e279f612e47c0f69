//! What a message says of one parcel.

use crate::{
    locale::Locale,
    message::Message,
    outlook, text,
    words::{Delay, EtaWords, Trouble, Which},
};
use posthorn_domain::{
    eta::Eta,
    journey::reconcile,
    moment::Moment,
    shipment::Shipment,
    status::{Reason, ShipmentStatus},
};
use serde::Serialize;

use super::Limits;

/// What a message says of the parcel that it is about, if it is about one.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ParcelView {
    parcel: String,
    thing: String,
    yours: String,
    contents: String,
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
    is_scanned: bool,
    is_in_time: bool,
    place: String,
    delay: Delay,
    trouble: Trouble,
}

impl ParcelView {
    pub(super) fn new(
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
        let was = parcel.and_then(|parcel| match message.occasion.moment {
            Moment::Delayed => outlook::late_from(parcel, today),
            _ => parcel
                .eta_before
                .filter(|before| eta.is_some_and(|eta| !eta.is_same_days(before))),
        });
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
        let which = which(parcel, message.shipments);
        let tracking_url = carrier.url.as_deref().and_then(text::safe_url);
        let number = text::one_line(&order.number, limits.number);
        let delivered = parcel.map_or_else(|| parcels.to_vec(), |parcel| vec![parcel]);
        let delivered_on = outlook::delivered_on(order, &delivered, message.time_zone);
        let left = parcel.and_then(|parcel| parcel.left_at.as_deref());
        let missed = parcel.and_then(Shipment::missed_eta);
        let delay = parcel.and_then(Shipment::delay);
        Self {
            parcel: words.parcel(which),
            thing: words.parcel_of_order(which, &number),
            yours: words.yours(which, &number),
            contents: match (which, parcel) {
                (Which::One { .. }, Some(parcel)) => contents(parcel),
                _ => String::new(),
            },
            status: parcel.map_or_else(
                || outlook::stage_in_words(order, message.shipments, words),
                |parcel| words.scan(parcel.reason),
            ),
            carrier: or(within),
            carrier_start: or(at_start),
            tracking_number: parcel
                .and_then(|parcel| parcel.tracking_number.as_ref())
                .map(ToString::to_string)
                .unwrap_or_default(),
            eta: in_words(eta),
            was: in_words(was),
            missed: in_words(missed).phrase,
            left: left.map(|at| words.left(at)).unwrap_or_default(),
            delivered_on: delivered_on
                .map(|day| words.date(day, today))
                .unwrap_or_default(),
            reason: parcel
                .map(|parcel| parcel.reason.as_str())
                .unwrap_or_default(),
            is_scanned: parcel.is_some_and(outlook::is_seen),
            is_in_time: parcel.is_some_and(|parcel| outlook::keeps_promise(order, parcel, today)),
            place: parcel.and_then(last_place).unwrap_or_default(),
            delay: delay.map(|reason| words.delay(reason)).unwrap_or_default(),
            trouble: words
                .trouble(
                    trouble_of(message.occasion.moment, parcel),
                    tracking_url.is_some(),
                )
                .unwrap_or_default(),
            tracking_url: tracking_url.unwrap_or_default(),
            carrier_name,
        }
    }

    /// Whether the customer is to tell the shop something in particular.
    pub(super) const fn asks(&self) -> bool {
        !self.trouble.ask.is_empty()
    }
}

fn which(parcel: Option<&Shipment>, shipments: &[Shipment]) -> Which {
    match parcel {
        Some(parcel) => outlook::which(parcel, shipments),
        None if outlook::sent_out(shipments).count() > 1 => Which::All,
        None => Which::Only,
    }
}

/// What is in a parcel, in a few words: `Tent, 2 × Stove`.
fn contents(parcel: &Shipment) -> String {
    let titles: Vec<String> = parcel
        .items
        .iter()
        .map(|item| match item.quantity {
            1 => item.title.clone(),
            n => format!("{n} × {}", item.title),
        })
        .collect();
    text::one_line(&titles.join(", "), 80)
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
        Moment::Exception => of(ShipmentStatus::Exception).unwrap_or(Reason::ExceptionGeneric),
        _ => reason.unwrap_or(Reason::NoInfo),
    }
}

fn last_place(parcel: &Shipment) -> Option<String> {
    let history = reconcile::history(parcel);
    let city = history.last()?.scan.place.city.as_deref()?;
    Some(text::place_name(city)).filter(|city| !city.is_empty())
}
