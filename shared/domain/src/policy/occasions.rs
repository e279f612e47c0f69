//! Which moments a fact amounts to.

use crate::{
    eta::Eta,
    fact::{Event, Fact},
    id::ShipmentNumber,
    moment::Moment,
    notice::{Notice, Occasion},
    rollup,
    scan::Meaning,
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::{Reason, ShipmentStatus},
    time::ScanTime,
    tracking_number::TrackingNumber,
};
use jiff::{
    SignedDuration, Timestamp, ToSpan as _,
    civil::{Date, Time},
    tz::TimeZone,
};

use super::{View, coverage, hours, unasked, usefulness};

/// Tells that a shipment was sent without tracking from that its number is known.
pub(super) const UNTRACKED: &str = "untracked";

/// How long the number of a shipment that has none is waited for: shops often
/// enter it minutes after they have marked an order as sent.
const NUMBER_MAY_FOLLOW: SignedDuration = SignedDuration::from_mins(15);

/// A moment to tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) occasion: Occasion,
    pub(super) useful_until: Timestamp,
    pub(super) not_before: Option<Timestamp>,
}

/// What else the change behind `fact` is worth telling. An order and the shipments
/// that came with it are one change, though they are several items.
pub(super) fn beside(fact: &Fact, view: &View<'_>) -> Vec<Told> {
    let mut all: Vec<Told> = fact
        .beside
        .iter()
        .flat_map(|event| of(&fact.sibling(event), view))
        .filter(|told| !super::is_of_another_day(told.occasion.moment, told.not_before))
        .collect();
    let announced = match &fact.event {
        Event::OrderStageChanged {
            stage: OrderStage::New,
            ..
        } => coverage::with_the_order(view).collect(),
        Event::OrderStageChanged {
            stage: OrderStage::PartiallyShipped,
            ..
        } => view.shipments.iter().collect(),
        _ => Vec::new(),
    };
    all.extend(announced.into_iter().map(|shipment| Told {
        occasion: coverage::announcement(shipment, view),
        useful_until: usefulness::plus(fact.at, usefulness::of(Moment::Shipped)),
        not_before: None,
    }));
    all
}

/// The moments that `fact` amounts to; staff alone are concerned by the others.
pub(super) fn of(fact: &Fact, view: &View<'_>) -> Vec<Told> {
    let mut all = by_the_view(fact, view);
    for told in &mut all {
        told.stand_by_the_ledger(fact, view);
    }
    all
}

impl Told {
    /// A fact that comes again, after a worker died with it, is the same
    /// occasion as the first time, though the parcel has moved on: or else what
    /// was sent then would be sent once more under another name.
    fn stand_by_the_ledger(&mut self, fact: &Fact, view: &View<'_>) {
        let begun = view.ledger.iter().find(|notice| {
            notice.fact == fact.id && notice.occasion.moment == self.occasion.moment
        });
        if let Some(begun) = begun {
            self.occasion.clone_from(&begun.occasion);
        }
    }
}

fn by_the_view(fact: &Fact, view: &View<'_>) -> Vec<Told> {
    let zone = super::time_zone(view.contact, view.settings);
    let occasion = match &fact.event {
        Event::OrderStageChanged { stage, by, .. } => {
            return staged(*stage, *by, fact, view, &zone);
        }
        Event::ShipmentRegistered {
            shipment,
            tracking_number,
            ..
        } => Some(announced(
            *shipment,
            tracking_number.as_ref(),
            fact.item_version,
            view,
        )),
        Event::TrackingNumberChanged {
            shipment,
            tracking_number,
            ..
        } => Some(again(
            Moment::TrackingNumberChanged,
            *shipment,
            tracking_number.to_string(),
        )),
        Event::ShipmentStatusChanged {
            shipment, reason, ..
        } => status(*reason, *shipment, fact, view).or_else(|| arrived_before(fact, view)),
        Event::ShipmentDelayed {
            shipment,
            reason,
            eta,
            ..
        } => Some(again(
            Moment::Delayed,
            *shipment,
            delay_key(reason.as_str(), eta.as_ref()),
        )),
        Event::EtaRevised { shipment, eta, .. } => {
            Some(again(Moment::EtaRevised, *shipment, eta_key(eta)))
        }
        // The promise is the order's: that it passed is told of all shipments at once.
        Event::EtaMissed { eta, .. } if unasked::is_promise(eta, view) => Some(Occasion {
            moment: Moment::EtaMissed,
            shipment: None,
            repeat: eta_key(eta),
        }),
        Event::EtaMissed { shipment, eta } => {
            Some(again(Moment::EtaMissed, *shipment, eta_key(eta)))
        }
        Event::ShipmentStalled { .. } => None,
    };
    let Some(occasion) = occasion else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if let Event::ShipmentRegistered { shipment, .. } = &fact.event {
        all.extend(unasked::overdue(Some(*shipment), fact.at, view, &zone));
    }
    let useful_until = usefulness::of_parcel(&occasion, fact, view, &zone);
    let is_untracked = occasion.moment == Moment::Shipped && occasion.repeat == UNTRACKED;
    let not_before = is_untracked.then(|| usefulness::plus(fact.at, NUMBER_MAY_FOLLOW));
    all.insert(
        0,
        Told {
            occasion,
            useful_until,
            not_before,
        },
    );
    all
}

/// A new shipment, by itself or with those that came in the same write; that it is
/// sent without tracking; or the number of one of which that was said.
fn announced(
    shipment: ShipmentNumber,
    number: Option<&TrackingNumber>,
    item_version: u64,
    view: &View<'_>,
) -> Occasion {
    let mut known = view.shipments.iter();
    match (number, known.find(|known| known.shipment == shipment)) {
        (None, _) => again(Moment::Shipped, shipment, UNTRACKED.to_owned()),
        (Some(_), Some(known)) if item_version <= 1 => coverage::announcement(known, view),
        (Some(_), _) => once(Moment::Shipped, shipment),
    }
}

/// Tells one delay from another: its reason and the day it leads to.
pub(super) fn delay_key(reason: &str, eta: Option<&Eta>) -> String {
    match eta {
        Some(eta) => format!("{reason} {}", eta.to),
        None => reason.to_owned(),
    }
}

/// Tells one ETA from another: its days.
pub(super) fn eta_key(eta: &Eta) -> String {
    format!("{} {}", eta.from, eta.to)
}

fn staged(
    stage: OrderStage,
    by: StageSource,
    fact: &Fact,
    view: &View<'_>,
    zone: &TimeZone,
) -> Vec<Told> {
    if is_of_no_delivery(stage, view) {
        return Vec::new();
    }
    let moment = match (stage, by) {
        (OrderStage::Delivered, _) => Moment::Delivered,
        (OrderStage::PartiallyShipped, _) => Moment::PartiallyShipped,
        (OrderStage::New, StageSource::Shop) => Moment::OrderReceived,
        (OrderStage::Processing, StageSource::Shop) => Moment::Processing,
        (OrderStage::PaymentConfirmed, StageSource::Shop) => Moment::PaymentConfirmed,
        (OrderStage::InWarehouse, StageSource::Shop) => Moment::InWarehouse,
        (OrderStage::Cancelled, StageSource::Shop) => Moment::Cancelled,
        (OrderStage::Returning, StageSource::Shop) => Moment::Returning,
        (OrderStage::Returned, StageSource::Shop) => Moment::Returned,
        (
            OrderStage::HandedToCarrier
            | OrderStage::InTransit
            | OrderStage::OutForDelivery
            | OrderStage::AvailableForPickup
            | OrderStage::PartiallyDelivered,
            StageSource::Shop,
        )
        | (_, StageSource::Parcels) => return Vec::new(),
    };
    // An order that was delivered, came back into delivery and is delivered
    // again is told of again; all else once.
    let repeat = match view.order.times_at(stage) {
        times @ 2.. if moment == Moment::Delivered => times.to_string(),
        _ => String::new(),
    };
    let occasion = Occasion {
        moment,
        shipment: None,
        repeat: repeat.clone(),
    };
    let happened = match (moment, by) {
        (Moment::Delivered, StageSource::Parcels) => usefulness::last_arrival(view, zone)
            .unwrap_or(fact.at)
            .min(fact.at),
        _ => usefulness::of_stage(fact, view),
    };
    let mut told = vec![Told {
        occasion,
        useful_until: usefulness::plus(happened, usefulness::of(moment)),
        not_before: None,
    }];
    if moment == Moment::OrderReceived {
        told.extend(unasked::overdue(None, fact.at, view, zone));
    }
    if moment == Moment::Delivered {
        told.extend(review(happened, repeat, view, zone));
    }
    told
}

/// Whether nothing will be on its way of an order, so that there is nothing to say
/// of its stage: it was sold over the counter, or is a download. What ends it
/// otherwise is said.
fn is_of_no_delivery(stage: OrderStage, view: &View<'_>) -> bool {
    let is_told = matches!(
        stage,
        OrderStage::Cancelled | OrderStage::Returning | OrderStage::Returned
    );
    view.order.delivery_method.is_without_delivery() && view.shipments.is_empty() && !is_told
}

/// Some days after delivery, at ten in the morning: how was it?
fn review(delivered: Timestamp, repeat: String, view: &View<'_>, zone: &TimeZone) -> Option<Told> {
    view.settings.review_url.as_ref()?;
    let after = i64::from(view.settings.review_after_days).days();
    let day = zone.to_datetime(delivered).date().checked_add(after).ok()?;
    let at = hours::instant(day.to_datetime(Time::constant(10, 0, 0, 0)), zone)?;
    Some(Told {
        occasion: Occasion {
            moment: Moment::ReviewRequest,
            shipment: None,
            repeat,
        },
        useful_until: usefulness::plus(at, usefulness::of(Moment::ReviewRequest)),
        not_before: Some(at),
    })
}

fn status(
    reason: Reason,
    shipment: ShipmentNumber,
    fact: &Fact,
    view: &View<'_>,
) -> Option<Occasion> {
    use ShipmentStatus as S;
    let moment = match reason.status() {
        S::InTransit if reason == Reason::Resolved && was_told_of_problem(shipment, fact, view) => {
            return Some(again(Moment::BackOnTheWay, shipment, fact.id.clone()));
        }
        S::InTransit if reason == Reason::Forwarded => Moment::Forwarded,
        S::Customs if reason == Reason::CustomsInfoRequired => Moment::CustomsInfoRequired,
        S::Customs if reason == Reason::CustomsProhibited => return None,
        // Whoever has refused it is not told that it comes.
        S::PickedUp | S::InTransit | S::Customs if was_refused(shipment, view) => return None,
        S::PickedUp | S::InTransit | S::Customs => Moment::InTransit,
        // Nobody said that it comes today.
        S::OutForDelivery if reason == Reason::Contacted => return None,
        S::OutForDelivery if reason == Reason::Appointment => {
            let day = day_of(shipment, S::OutForDelivery, fact, view);
            return Some(again(Moment::Appointment, shipment, day.to_string()));
        }
        S::OutForDelivery => {
            let day = day_of(shipment, S::OutForDelivery, fact, view);
            return Some(again(Moment::OutForDelivery, shipment, day.to_string()));
        }
        S::AvailableForPickup => Moment::AvailableForPickup,
        S::AttemptFailed => {
            let day = day_of(shipment, S::AttemptFailed, fact, view);
            return Some(again(Moment::AttemptFailed, shipment, day.to_string()));
        }
        S::Exception if reason.is_told_to_customer() => {
            return Some(again(Moment::Exception, shipment, reason.to_string()));
        }
        S::Delivered if is_told_alone(view) => Moment::ParcelDelivered,
        S::Pending | S::InfoReceived | S::Exception | S::Delivered | S::Cancelled | S::Expired => {
            return None;
        }
        S::Returning => Moment::Returning,
        S::Returned => Moment::Returned,
    };
    Some(once(moment, shipment))
}

/// The day on which it came to the status, which tells one from the next.
fn day_of(shipment: ShipmentNumber, status: ShipmentStatus, fact: &Fact, view: &View<'_>) -> Date {
    standing(shipment, view, status)
        .and_then(|shipment| shipment.since)
        .map_or_else(
            || {
                let zone = super::time_zone(view.contact, view.settings);
                zone.to_datetime(fact.at).date()
            },
            ScanTime::date,
        )
}

/// Whether the recipient has refused it and no vehicle has brought it since.
fn was_refused(shipment: ShipmentNumber, view: &View<'_>) -> bool {
    let mut shipments = view.shipments.iter();
    let Some(shipment) = shipments.find(|known| known.shipment == shipment) else {
        return false;
    };
    let others = shipment.others.iter().flat_map(|source| &source.scans);
    let scans = || shipment.scans.iter().chain(others.clone());
    let last = |wanted: Reason| {
        scans()
            .filter(|scan| scan.meaning == Meaning::Status(wanted))
            .map(|scan| scan.time)
            .max()
    };
    last(Reason::Refused) > last(Reason::Today)
}

/// Whether a parcel's arrival is told by itself: where the shop wants that of
/// each of several, and where nothing else is on its way that would end in a
/// message about the order.
fn is_told_alone(view: &View<'_>) -> bool {
    let is_wanted = view.settings.moments.contains_key(&Moment::ParcelDelivered);
    (is_wanted && view.shipments.len() > 1)
        || rollup::is_rest_unsent(view.order, view.shipments)
        || rollup::is_over_in_part(view.shipments)
}

/// That the shipment which came last has arrived, to be told when the last of the
/// others ends in a way of which the customer hears nothing. What is told of an end
/// has a row for each shipment, and need not be followed by that.
fn arrived_before(fact: &Fact, view: &View<'_>) -> Option<Occasion> {
    let Event::ShipmentStatusChanged { reason, .. } = &fact.event else {
        return None;
    };
    if reason.status() == ShipmentStatus::Delivered || !rollup::is_over_in_part(view.shipments) {
        return None;
    }
    let arrived = view
        .shipments
        .iter()
        .filter(|shipment| shipment.status() == ShipmentStatus::Delivered && !shipment.is_return);
    let last = arrived.max_by_key(|shipment| shipment.changed_at)?;
    Some(once(Moment::ParcelDelivered, last.shipment))
}

/// Whether the customer knows of a problem with the parcel and has not been
/// told since that it is solved.
fn was_told_of_problem(shipment: ShipmentNumber, fact: &Fact, view: &View<'_>) -> bool {
    let told = view
        .ledger
        .iter()
        .filter(|notice| notice.occasion.shipment == Some(shipment));
    let problem = told
        .clone()
        .filter(|notice| {
            matches!(
                notice.occasion.moment,
                Moment::Exception | Moment::AttemptFailed | Moment::CustomsInfoRequired
            )
        })
        .filter_map(Notice::told_at)
        .max();
    let solved = told
        .filter(|notice| {
            notice.occasion.moment == Moment::BackOnTheWay && notice.occasion.repeat != fact.id
        })
        .filter_map(Notice::told_at)
        .max();
    problem > solved
}

pub(super) fn once(moment: Moment, shipment: ShipmentNumber) -> Occasion {
    again(moment, shipment, String::new())
}

fn again(moment: Moment, shipment: ShipmentNumber, repeat: String) -> Occasion {
    Occasion {
        moment,
        shipment: Some(shipment),
        repeat,
    }
}

/// The parcel, if it still has this status.
pub(super) fn standing<'a>(
    number: ShipmentNumber,
    view: &View<'a>,
    status: ShipmentStatus,
) -> Option<&'a Shipment> {
    view.shipments
        .iter()
        .find(|shipment| shipment.shipment == number && shipment.status() == status)
}
