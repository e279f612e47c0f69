//! What there is to say about an order at a glance, before any words for it.

use crate::words::{Which, Words};
use jiff::{civil::Date, tz::TimeZone};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    journey::reconcile,
    order::Order,
    rollup,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
};

/// The answer to "where is it?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outlook {
    /// Nothing is known beyond its stage.
    Stage(OrderStage),
    /// A parcel is announced to its carrier, who has not seen it yet.
    Announced,
    /// It is expected.
    Arriving {
        /// When.
        eta: Eta,
        /// Whether that is later than it should be and than the shop promised.
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
    let stage = stage(order, shipments);
    match stage {
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse
        | OrderStage::Cancelled
        | OrderStage::Returning
        | OrderStage::Returned => Outlook::Stage(stage),
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
            if outbound.len() > 1 && stage == OrderStage::PartiallyDelivered {
                let arrived = outbound
                    .iter()
                    .filter(|parcel| parcel.status() == ShipmentStatus::Delivered)
                    .count();
                return Outlook::PartlyDelivered {
                    arrived,
                    of: outbound.len(),
                };
            }
            if stage == OrderStage::AvailableForPickup {
                return Outlook::Stage(stage);
            }
            let is_late =
                active().any(|parcel| is_late(parcel) && !keeps_promise(order, parcel, today));
            if let Some(eta) = order_eta(order, shipments, today) {
                return Outlook::Arriving { eta, is_late };
            }
            if is_late {
                Outlook::Late
            } else if active().any(is_stalled) {
                Outlook::Silent
            } else if stage == OrderStage::HandedToCarrier && is_only_announced(shipments) {
                Outlook::Announced
            } else {
                Outlook::Stage(stage)
            }
        }
    }
}

/// Where an order stands by its parcels, though the roll-up that follows each
/// of their changes may be a moment behind.
pub fn stage(order: &Order, shipments: &[Shipment]) -> OrderStage {
    rollup::roll_up(order, shipments).unwrap_or(order.stage)
}

/// The same in words. A label alone brings an order to the carrier's stage.
pub fn stage_in_words(order: &Order, shipments: &[Shipment], words: &dyn Words) -> &'static str {
    match stage(order, shipments) {
        OrderStage::HandedToCarrier if is_only_announced(shipments) => words.announced(),
        stage => words.stage(stage),
    }
}

fn is_only_announced(shipments: &[Shipment]) -> bool {
    on_the_way_out(shipments).next().is_some() && !on_the_way_out(shipments).any(is_seen)
}

/// Whether its carrier has had a parcel in hand.
pub fn is_seen(parcel: &Shipment) -> bool {
    parcel.status().rank() >= ShipmentStatus::PickedUp.rank()
}

/// How a parcel is told from the others that were sent with it. It keeps its
/// name when another comes back; a return label has none.
pub fn which(parcel: &Shipment, shipments: &[Shipment]) -> Which {
    let of = sent_out(shipments).count();
    let position = sent_out(shipments).position(|other| other.shipment == parcel.shipment);
    match position {
        Some(index) if of > 1 => Which::One {
            position: index + 1,
            of,
        },
        _ => Which::Only,
    }
}

/// The parcels that were meant for the customer, even if they come back.
pub fn sent_out(shipments: &[Shipment]) -> impl Iterator<Item = &Shipment> {
    shipments.iter().filter(|parcel| {
        let was_turned = || {
            let history = reconcile::history(parcel);
            reconcile::way_back(parcel, &history).is_some_and(|from| from > 0)
        };
        parcel.status() != ShipmentStatus::Cancelled && (!parcel.is_return || was_turned())
    })
}

/// The parcels that come to the customer: neither returns nor voided labels.
pub fn on_the_way_out(shipments: &[Shipment]) -> impl Iterator<Item = &Shipment> {
    shipments
        .iter()
        .filter(|parcel| !parcel.is_return && parcel.status() != ShipmentStatus::Cancelled)
}

/// When the last open parcel is expected, or when the shop promised; nothing
/// that lies in the past, nothing once all has come, and no promise for a
/// parcel that is known to be late or not to come.
pub fn order_eta(order: &Order, shipments: &[Shipment], today: Date) -> Option<Eta> {
    let stage = stage(order, shipments);
    if stage.step().is_none() || stage.is_final() {
        return None;
    }
    let latest = on_the_way_out(shipments)
        .filter_map(|parcel| eta(parcel, today))
        .max_by_key(|eta| (eta.to, eta.from));
    let may_be_kept = on_the_way_out(shipments).next().is_none()
        || rollup::is_rest_unsent(order, shipments)
        || on_the_way_out(shipments).any(|parcel| is_coming(parcel) && !is_late(parcel));
    let promised = order
        .promised
        .filter(|day| *day >= today && may_be_kept)
        .map(|day| Eta::on(day, EtaSource::Store));
    latest.or(promised)
}

/// When a parcel is expected, unless it has come, cannot come or the day is
/// past. What the shop promised is no date for a parcel that its carrier calls late.
pub fn eta(parcel: &Shipment, today: Date) -> Option<Eta> {
    if !is_coming(parcel) {
        return None;
    }
    let is_outdated = |eta: &Eta| eta.source == EtaSource::Store && parcel.delay().is_some();
    let eta = parcel
        .eta
        .filter(|eta| eta.to >= today && !is_outdated(eta));
    let is_on_the_van_today = parcel.status() == ShipmentStatus::OutForDelivery
        && parcel.since.is_some_and(|since| since.date() == today);
    if is_on_the_van_today && eta.is_none_or(|eta| eta.from != today || eta.to != today) {
        return Some(Eta::on(today, EtaSource::Carrier));
    }
    eta
}

/// When a late parcel was expected before, as the customer was told last; none
/// if that was not earlier than it is now.
pub fn late_from(parcel: &Shipment, today: Date) -> Option<Eta> {
    let eta = eta(parcel, today);
    parcel
        .eta_before
        .filter(|before| eta.is_some_and(|eta| (before.to, before.from) < (eta.to, eta.from)))
}

/// Whether a parcel, late though it is, is expected no later than the shop promised.
pub fn keeps_promise(order: &Order, parcel: &Shipment, today: Date) -> bool {
    let (eta, promised) = (eta(parcel, today), order.promised);
    eta.is_some_and(|eta| promised.is_some_and(|promised| eta.to <= promised))
}

fn is_coming(parcel: &Shipment) -> bool {
    let may_come = match parcel.status() {
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
    may_come && trouble(parcel).is_none()
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
