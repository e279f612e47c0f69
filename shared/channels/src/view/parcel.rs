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
            missed: in_words(missed).phrase,
            left: left.map(|at| words.left(at)).unwrap_or_default(),
            delivered_on: delivered_on
                .map(|day| words.date(day, today))
                .unwrap_or_default(),
            reason: parcel
                .map(|parcel| parcel.reason.as_str())
                .unwrap_or_default(),
            is_scanned: parcel
                .is_some_and(|parcel| parcel.status().rank() >= ShipmentStatus::PickedUp.rank()),
            place: parcel.and_then(last_place).unwrap_or_default(),
            delay: delay.map(|reason| words.delay(reason)).unwrap_or_default(),
            trouble: words
                .trouble(trouble_of(message.occasion.moment, parcel))
                .unwrap_or_default(),
            carrier_name,
        }
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
