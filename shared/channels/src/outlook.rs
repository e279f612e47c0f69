//! What there is to say about an order at a glance, before any words for it.

use jiff::{civil::Date, tz::TimeZone};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    order::Order,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

/// The answer to "where is it?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is known beyond its stage.
    Stage(OrderStage),
    /// It is expected.
    Arriving {
        /// When.
        eta: Eta,
        /// Whether that is later than it should be.
        is_late: bool,
    },
    /// It is late and nobody says when it comes.
    Late,
    /// Nobody has seen it for long.
    Silent,
    /// Something is wrong with a parcel.
    Trouble(Reason),
    /// Some parcels have come.
    PartlyDelivered {
        /// How many.
        arrived: usize,
        /// Of how many.
        of: usize,
    },
    /// It is there.
    Delivered {
        /// Since when, on the wall clock where it was handed over.
        on: Option<Date>,
        /// Where it was left, in the carrier's words.
        left_at: Option<String>,
    },
}

/// What there is to say about an order.
pub fn of_order(order: &Order, shipments: &[Shipment], today: Date, zone: &TimeZone) -> Outlook {
    let outbound: Vec<&Shipment> = on_the_way_out(shipments).collect();
    let active = || outbound.iter().copied().filter(|s| !s.status().is_final());
    match order.stage {
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse
        | OrderStage::Cancelled
        | OrderStage::Returning
        | OrderStage::Returned => Outlook::Stage(order.stage),
        OrderStage::Delivered => Outlook::Delivered {
            on: delivered_on(order, &outbound, zone),
            left_at: match outbound.as_slice() {
                [parcel] => parcel.left_at.clone(),
                _ => None,
            },
        },
        OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::InTransit
        | OrderStage::OutForDelivery
        | OrderStage::AvailableForPickup
        | OrderStage::PartiallyDelivered => {
            if let Some(reason) = active().find_map(trouble) {
                return Outlook::Trouble(reason);
            }
            if outbound.len() > 1 && order.stage == OrderStage::PartiallyDelivered {
                let arrived = outbound
                    .iter()
                    .filter(|parcel| parcel.status() == ShipmentStatus::Delivered)
                    .count();
                return Outlook::PartlyDelivered {
                    arrived,
                    of: outbound.len(),
                };
            }
            if order.stage == OrderStage::AvailableForPickup {
                return Outlook::Stage(order.stage);
            }
            let is_late = active().any(is_late);
            if let Some(eta) = order_eta(order, shipments, today) {
                return Outlook::Arriving { eta, is_late };
            }
            if is_late {
                Outlook::Late
            } else if active().any(is_stalled) {
                Outlook::Silent
            } else {
                Outlook::Stage(order.stage)
            }
        }
    }
}

/// The parcels that come to the customer: neither returns nor voided labels.
pub fn on_the_way_out(shipments: &[Shipment]) -> impl Iterator<Item = &Shipment> {
    shipments
        .iter()
        .filter(|parcel| !parcel.is_return && parcel.status() != ShipmentStatus::Cancelled)
}

/// When the last open parcel is expected, or when the shop promised; nothing
/// that lies in the past, and nothing once all has come.
pub fn order_eta(order: &Order, shipments: &[Shipment], today: Date) -> Option<Eta> {
    if order.stage.step().is_none() || order.stage.is_final() {
        return None;
    }
    let latest = on_the_way_out(shipments)
        .filter_map(|parcel| eta(parcel, today))
        .max_by_key(|eta| (eta.to, eta.from));
    let promised = order
        .promised
        .filter(|day| *day >= today)
        .map(|day| Eta::on(day, EtaSource::Store));
    latest.or(promised)
}

/// When a parcel is expected, unless it has come, cannot come or the day is past.
pub fn eta(parcel: &Shipment, today: Date) -> Option<Eta> {
    let is_coming = match parcel.status() {
        ShipmentStatus::Pending
        | ShipmentStatus::InfoReceived
        | ShipmentStatus::PickedUp
        | ShipmentStatus::InTransit
        | ShipmentStatus::Customs
        | ShipmentStatus::OutForDelivery => true,
        ShipmentStatus::AttemptFailed
        | ShipmentStatus::AvailableForPickup
        | ShipmentStatus::Exception
        | ShipmentStatus::Returning
        | ShipmentStatus::Returned
        | ShipmentStatus::Delivered
        | ShipmentStatus::Cancelled
        | ShipmentStatus::Expired => false,
    };
    if !is_coming || trouble(parcel).is_some() {
        return None;
    }
    let eta = parcel.eta.filter(|eta| eta.to >= today);
    let is_on_the_van_today = parcel.status() == ShipmentStatus::OutForDelivery
        && parcel.since.is_some_and(|since| since.date() == today);
    if is_on_the_van_today && eta.is_none_or(|eta| eta.from != today || eta.to != today) {
        return Some(Eta::on(today, EtaSource::Carrier));
    }
    eta
}

/// Why a parcel is in trouble, if it is.
pub fn trouble(parcel: &Shipment) -> Option<Reason> {
    let is_trouble = matches!(
        parcel.status(),
        ShipmentStatus::AttemptFailed | ShipmentStatus::Exception
    ) || matches!(
        parcel.reason,
        Reason::CustomsInfoRequired | Reason::CustomsProhibited
    );
    is_trouble.then_some(parcel.reason)
}

/// Whether a parcel is later than it should be.
pub fn is_late(parcel: &Shipment) -> bool {
    parcel.delay().is_some() || parcel.missed_eta().is_some()
}

/// Whether nobody has seen a parcel for longer than is usual.
pub fn is_stalled(parcel: &Shipment) -> bool {
    parcel.status() == ShipmentStatus::Expired || parcel.stalled_since().is_some()
}

/// The day on which the last of it came.
pub fn delivered_on(order: &Order, parcels: &[&Shipment], zone: &TimeZone) -> Option<Date> {
    let by_carrier = parcels
        .iter()
        .filter(|parcel| parcel.status() == ShipmentStatus::Delivered)
        .filter_map(|parcel| parcel.since)
        .map(posthorn_domain::time::ScanTime::date)
        .max();
    by_carrier.or_else(|| {
        let change = order
            .stages
            .iter()
            .rev()
            .find(|change| change.stage == OrderStage::Delivered)?;
        Some(change.at.to_zoned(zone.clone()).date())
    })
}
