//! Which facts follow from a change of an item.

use crate::{
    eta::{Eta, EtaSource},
    fact::{Fact, FactEvent, PreviousEta, PreviousNumber, PreviousStage, PreviousStatus},
    id::OrderKey,
    order::Order,
    shipment::Shipment,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};
use jiff::{Timestamp, civil::Date};

/// An item before and after, as the table's stream tells it.
#[derive(Debug, Clone, PartialEq)]
pub enum ItemChange {
    /// The order's own item; `old` is none when it is new.
    Order {
        /// Before.
        old: Option<Box<Order>>,
        /// After.
        new: Box<Order>,
    },
    /// A shipment's item; `old` is none when it is new.
    Shipment {
        /// Whose.
        order: OrderKey,
        /// Before.
        old: Option<Box<Shipment>>,
        /// After.
        new: Box<Shipment>,
    },
}

/// The facts that `change`, recorded `at`, amounts to; none if only bookkeeping changed.
pub fn derive_facts(change: &ItemChange, at: Timestamp) -> Vec<Fact> {
    match change {
        ItemChange::Order { old, new } => {
            let event = stage_event(old.as_deref(), new);
            event
                .map(|event| Fact::new(new.key.clone(), new.version, at, event))
                .into_iter()
                .collect()
        }
        ItemChange::Shipment { order, old, new } => Fact::of_change(
            order,
            new.version,
            at,
            &shipment_events(old.as_deref(), new),
        ),
    }
}

fn stage_event(old: Option<&Order>, new: &Order) -> Option<FactEvent> {
    let previous = old.map(|old| old.stage);
    (previous != Some(new.stage)).then(|| FactEvent::OrderStageChanged {
        stage: new.stage,
        by: new.moved_by(),
        previous: PreviousStage { stage: previous },
    })
}

fn shipment_events(old: Option<&Shipment>, new: &Shipment) -> Vec<FactEvent> {
    let named = number_event(old, new);
    // Another number is another shipment: what was known of the old one is no
    // "before" of what is known of the new one.
    let is_another = named.is_some() && old.is_some_and(|old| !old.is_untracked());
    let old = old.filter(|_| !is_another);
    [
        named,
        status_changed(old, new),
        delay_event(old, new),
        eta_revised(old, new),
        eta_missed(old, new),
        stall_event(old, new),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn number_event(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let registered = || FactEvent::ShipmentRegistered {
        shipment: new.shipment,
        carrier: new.carrier.clone(),
        tracking_number: new.tracking_number.clone(),
    };
    let Some(old) = old else {
        return Some(registered());
    };
    let (before, after) = match (&old.tracking_number, &new.tracking_number) {
        (Some(before), Some(after)) => (before, after),
        (None, Some(_)) => return Some(registered()),
        (_, None) => return None,
    };
    // A carrier that was only guessed is found by asking; a correction
    // registers the shipment anew.
    let is_same_carrier = old.carrier == new.carrier
        || (old.candidates.is_some() && old.registered_at == new.registered_at);
    let is_same = before == after && is_same_carrier;
    (!is_same).then(|| FactEvent::TrackingNumberChanged {
        shipment: new.shipment,
        carrier: new.carrier.clone(),
        tracking_number: after.clone(),
        previous: PreviousNumber {
            carrier: old.carrier.clone(),
            tracking_number: before.clone(),
        },
    })
}

/// Another status, the same for another reason, or the same on another day where
/// that is news. From depot to depot is no
/// news to a customer: a reader of every scan reads the order.
fn status_changed(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let before = old.map_or(Reason::NoInfo, |old| old.reason);
    // One that was only stated had no day; that it has one now is none of another.
    let is_dated_since = is_of_a_day(before) && old.is_some_and(|old| old.status_since.is_none());
    let is_another_day = is_of_a_day(new.reason)
        && !is_dated_since
        && old.is_some_and(|old| expected_day(old) != expected_day(new));
    let is_on_its_way = before.is_plain_movement() && new.reason.is_plain_movement();
    let is_news = before != new.reason && !is_on_its_way;
    (is_news || is_another_day).then(|| FactEvent::ShipmentStatusChanged {
        shipment: new.shipment,
        status: new.current_status(),
        reason: new.reason,
        previous: PreviousStatus {
            status: before.to_status(),
            reason: before,
        },
    })
}

/// Whether the same on another day is news: a failed attempt, and being on the
/// vehicle.
fn is_of_a_day(reason: Reason) -> bool {
    reason.to_status() == ShipmentStatus::AttemptFailed || reason == Reason::Today
}

fn expected_day(shipment: &Shipment) -> Option<Date> {
    shipment.status_since.map(ScanTime::local_date)
}

/// It is late, late for another reason, or late by another day.
fn delay_event(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let reason = new.delay_reason()?;
    let before = old.and_then(|old| old.eta);
    let is_known = old.is_some_and(|old| old.delay_reason() == Some(reason));
    (!is_known || !is_same_days(before, new.eta)).then_some(FactEvent::ShipmentDelayed {
        shipment: new.shipment,
        reason,
        eta: new.eta,
        previous: PreviousEta { eta: before },
    })
}

/// Another day by the same source; the first that a carrier gives is a revision of
/// what the shop had promised only if it is later. A delay tells its ETA itself, and
/// a shipment at its end or at the pick-up point is awaited no more.
fn eta_revised(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let before = old?.eta?;
    let eta = new.eta?;
    let is_awaited = !new.current_status().is_final()
        && !matches!(
            new.current_status(),
            ShipmentStatus::AvailableForPickup | ShipmentStatus::Returning
        );
    let is_past_promise = before.source == EtaSource::Store && eta.to > before.to;
    let is_of_same_source = before.source == eta.source && !before.is_same_days(&eta);
    let is_revised = is_of_same_source || is_past_promise;
    (is_revised && is_awaited && new.delay_reason().is_none()).then_some(FactEvent::EtaRevised {
        shipment: new.shipment,
        eta,
        previous: PreviousEta { eta: Some(before) },
    })
}

fn eta_missed(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let eta = new.missed_eta()?;
    let is_known = old.and_then(Shipment::missed_eta) == Some(eta);
    (!is_known).then_some(FactEvent::EtaMissed {
        shipment: new.shipment,
        eta,
    })
}

fn stall_event(old: Option<&Shipment>, new: &Shipment) -> Option<FactEvent> {
    let since = new.stalled_since()?;
    let is_known = old.is_some_and(|old| old.stalled_since().is_some());
    (!is_known).then_some(FactEvent::ShipmentStalled {
        shipment: new.shipment,
        since,
    })
}

fn is_same_days(a: Option<Eta>, b: Option<Eta>) -> bool {
    match (a, b) {
        (Some(a), Some(b)) => a.is_same_days(&b),
        (None, None) => true,
        (Some(_), None) | (None, Some(_)) => false,
    }
}
