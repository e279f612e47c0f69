//! What there is to say of one parcel at a glance, before any words for it.

use crate::words::PhraseSubject;
use jiff::{civil::Date, tz::TimeZone};
use posthorn_domain::{
    eta::{Eta, EtaSource},
    journey::reconcile,
    order::Order,
    rollup,
    shipment::Shipment,
    stage::OrderStage,
    status::{Reason, ShipmentStatus},
    time::ScanTime,
};

/// The answer to "where is it?".
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OrderSummary {
    /// Of the order nothing is known beyond its stage.
    Stage(OrderStage),
    /// A parcel is announced to its carrier, who has not seen it yet.
    Announced,
    /// A parcel was sent without a tracking number: no carrier tells of it.
    Untracked,
    /// A parcel is where its carrier says, and no day is known.
    Status(Reason),
    /// What was bought and is in no parcel yet.
    ToCome,
    /// It is expected.
    Arriving {
        /// When; never a day that is past.
        eta: Eta,
        /// Whether that is later than it should be and than the shop promised.
        is_late: bool,
    },
    /// The day on which it was expected is past, and it has not come.
    Overdue(Eta),
    /// It is late and no new day is known.
    Late,
    /// There has been no news for longer than is usual.
    Silent,
    /// It can be collected.
    Ready,
    /// Something is wrong with a parcel.
    Trouble(Reason),
    /// It goes, or went, back to the shop.
    Back {
        /// Whether the shop has it.
        is_there: bool,
        /// Why.
        why: WhyBack,
    },
    /// The customer has it.
    Delivered {
        /// Since when, on the wall clock where it was handed over.
        on: Option<Date>,
        /// How it was handed over, if the carrier says.
        how: Option<Reason>,
        /// Where it was left, in the carrier's words.
        left_at: Option<String>,
    },
}

/// Why a parcel goes back to the shop, as far as that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum WhyBack {
    /// The customer had it.
    SentBack,
    /// It was refused at the door.
    Refused,
    /// It was not collected in time.
    Unclaimed,
    /// The address was wrong or the recipient has moved.
    BadAddress,
    /// Customs did not let it in.
    Customs,
    /// It was damaged on the way.
    Damaged,
    /// Delivery was tried and did not work out.
    NotHandedOver,
    /// Nothing is known.
    Unknown,
}

impl OrderSummary {
    /// Whether the customer has to know or to do something: amber.
    pub const fn is_amber(&self) -> bool {
        match self {
            Self::Overdue(_) | Self::Late | Self::Silent | Self::Ready | Self::Trouble(_) => true,
            Self::Arriving { is_late, .. } => *is_late,
            Self::Stage(_)
            | Self::Announced
            | Self::Untracked
            | Self::Status(_)
            | Self::ToCome
            | Self::Back { .. }
            | Self::Delivered { .. } => false,
        }
    }
}

/// What there is to say of a parcel of `order` on `today`, the day in the
/// recipient's `zone`.
pub fn of_parcel(order: &Order, parcel: &Shipment, today: Date, zone: &TimeZone) -> OrderSummary {
    match parcel.current_status() {
        ShipmentStatus::Delivered => {
            return OrderSummary::Delivered {
                on: parcel.status_since.map(ScanTime::local_date),
                how: Some(parcel.reason),
                left_at: parcel.drop_off_location.clone(),
            };
        }
        ShipmentStatus::Returning | ShipmentStatus::Returned => {
            return OrderSummary::Back {
                is_there: parcel.current_status() == ShipmentStatus::Returned,
                why: why_back(order, parcel),
            };
        }
        ShipmentStatus::AvailableForPickup => return OrderSummary::Ready,
        ShipmentStatus::Expired => return OrderSummary::Silent,
        ShipmentStatus::Pending
        | ShipmentStatus::InfoReceived
        | ShipmentStatus::PickedUp
        | ShipmentStatus::InTransit
        | ShipmentStatus::Customs
        | ShipmentStatus::OutForDelivery
        | ShipmentStatus::AttemptFailed
        | ShipmentStatus::Exception
        | ShipmentStatus::Cancelled => {}
    }
    if let Some(reason) = trouble_reason(parcel) {
        return OrderSummary::Trouble(reason);
    }
    if let Some(eta) = open_eta(order, parcel, today, zone) {
        let is_late = parcel.delay_reason().is_some() && !keeps_promise(order, parcel, today, zone);
        return OrderSummary::Arriving { eta, is_late };
    }
    if let Some(eta) = overdue_since(order, parcel, today, zone) {
        return OrderSummary::Overdue(eta);
    }
    if parcel.delay_reason().is_some() {
        OrderSummary::Late
    } else if parcel.stalled_since().is_some() {
        OrderSummary::Silent
    } else if is_seen(parcel) {
        OrderSummary::Status(parcel.reason)
    } else if parcel.is_untracked() {
        OrderSummary::Untracked
    } else {
        OrderSummary::Announced
    }
}

/// Where an order stands by its parcels, though the roll-up that follows each
/// of their changes may be a moment behind.
pub fn stage_by_shipments(order: &Order, shipments: &[Shipment]) -> OrderStage {
    rollup::roll_up(order, shipments).unwrap_or(order.stage)
}

/// Whether no carrier has had a parcel of the order in hand, though there are parcels.
pub fn is_only_announced(shipments: &[Shipment]) -> bool {
    on_the_way_out(shipments).next().is_some()
        && !on_the_way_out(shipments).any(|parcel| is_seen(parcel) || parcel.is_untracked())
}

/// Whether some parcels of an order have not come as far as its stage, which is that
/// of the one that is furthest.
pub fn is_stage_of_part(stage: OrderStage, shipments: &[Shipment]) -> bool {
    let reached = match stage {
        OrderStage::InTransit => ShipmentStatus::PickedUp,
        OrderStage::OutForDelivery => ShipmentStatus::OutForDelivery,
        OrderStage::AvailableForPickup => ShipmentStatus::AvailableForPickup,
        OrderStage::New
        | OrderStage::Processing
        | OrderStage::PaymentConfirmed
        | OrderStage::InWarehouse
        | OrderStage::HandedToCarrier
        | OrderStage::PartiallyShipped
        | OrderStage::PartiallyDelivered
        | OrderStage::Delivered
        | OrderStage::Cancelled
        | OrderStage::Returning
        | OrderStage::Returned => return false,
    };
    on_the_way_out(shipments)
        .any(|parcel| parcel.current_status().progress_rank() < reached.progress_rank())
}

/// Whether its carrier has had a parcel in hand.
pub fn is_seen(parcel: &Shipment) -> bool {
    parcel.current_status().progress_rank() >= ShipmentStatus::PickedUp.progress_rank()
}

/// Whether news of a parcel come by themselves: its carrier, or an aggregator,
/// is asked or tells.
pub const fn is_followed(parcel: &Shipment) -> bool {
    !parcel.is_untracked()
        && (parcel.cadence.is_some() || parcel.is_pushed || parcel.subscribed_until.is_some())
}

/// How a parcel is told from the others that were sent with it, and from what
/// is not sent yet. It keeps its name when another comes back; a return label
/// has none.
pub fn phrase_subject(order: &Order, parcel: &Shipment, shipments: &[Shipment]) -> PhraseSubject {
    let of = sent_out(shipments).count();
    let has_rest = !rollup::is_all_sent(order, shipments);
    let position = sent_out(shipments).position(|other| other.shipment == parcel.shipment);
    match position {
        Some(index) if of > 1 => PhraseSubject::One {
            position: index + 1,
            of: (!has_rest).then_some(of),
        },
        Some(_) if has_rest => PhraseSubject::Part,
        _ => PhraseSubject::Only,
    }
}

/// The parcels that were meant for the customer, even if they come back.
pub fn sent_out(shipments: &[Shipment]) -> impl Iterator<Item = &Shipment> {
    shipments.iter().filter(|parcel| {
        parcel.current_status() != ShipmentStatus::Cancelled
            && (!parcel.is_return || was_turned(parcel))
    })
}

/// Whether a parcel was on its way to the customer before it went back.
fn was_turned(parcel: &Shipment) -> bool {
    let history = reconcile::merged_history(parcel);
    reconcile::way_back(parcel, &history).is_some_and(|from| from > 0)
}

/// The parcels that come to the customer: neither returns nor voided labels.
pub fn on_the_way_out(shipments: &[Shipment]) -> impl Iterator<Item = &Shipment> {
    shipments
        .iter()
        .filter(|parcel| !parcel.is_return && parcel.current_status() != ShipmentStatus::Cancelled)
}

/// When a parcel is expected, unless it has come, cannot come or the day is
/// past; where its own day is not known, by the shop's promise.
///
/// What the shop promised is no date for a parcel that its carrier calls late.
/// Today it comes if its day is today, or if it was put on the vehicle today
/// and no hours of a later day are agreed.
pub fn open_eta(order: &Order, parcel: &Shipment, today: Date, zone: &TimeZone) -> Option<Eta> {
    if !is_coming(parcel) {
        return None;
    }
    let eta = reported_eta(order, parcel)
        .filter(|eta| eta.to >= today)
        .map(|eta| Eta {
            from: eta.from.max(today),
            ..eta
        });
    let is_agreed = eta.is_some_and(|eta| eta.window.is_some());
    let is_today = eta.is_some_and(|eta| eta.from == today && eta.to == today);
    if is_on_vehicle(parcel, today, zone) && !is_today && !is_agreed {
        return Some(Eta::on_day(today, EtaSource::Carrier));
    }
    eta.filter(|eta| !is_outdated(eta, parcel))
}

/// The day on which a parcel was expected, if it is past.
pub fn overdue_since(
    order: &Order,
    parcel: &Shipment,
    today: Date,
    zone: &TimeZone,
) -> Option<Eta> {
    if !is_coming(parcel) || open_eta(order, parcel, today, zone).is_some() {
        return None;
    }
    reported_eta(order, parcel).filter(|eta| eta.to < today)
}

/// When its source expects it.
fn reported_eta(order: &Order, parcel: &Shipment) -> Option<Eta> {
    let promised = || Some(Eta::on_day(order.promised?, EtaSource::Store));
    parcel.eta.or_else(promised)
}

fn is_outdated(eta: &Eta, parcel: &Shipment) -> bool {
    eta.source == EtaSource::Store && parcel.delay_reason().is_some()
}

/// Whether a scan of today says that a parcel is on the vehicle that delivers it.
fn is_on_vehicle(parcel: &Shipment, today: Date, zone: &TimeZone) -> bool {
    let day = |since: ScanTime| match since.to_instant() {
        Some(instant) => zone.to_datetime(instant).date(),
        None => since.local_date(),
    };
    parcel.reason == Reason::Today && parcel.status_since.is_some_and(|since| day(since) == today)
}

/// When a late parcel was expected before, as the customer was told last; none
/// if that was not earlier than it is now.
pub fn late_from(order: &Order, parcel: &Shipment, today: Date, zone: &TimeZone) -> Option<Eta> {
    let eta = open_eta(order, parcel, today, zone)?;
    parcel
        .eta_before
        .filter(|before| (before.to, before.from) < (eta.to, eta.from))
}

/// Whether a parcel, late though it is, is expected no later than the shop promised.
pub fn keeps_promise(order: &Order, parcel: &Shipment, today: Date, zone: &TimeZone) -> bool {
    let (eta, promised) = (open_eta(order, parcel, today, zone), order.promised);
    eta.is_some_and(|eta| promised.is_some_and(|promised| eta.to <= promised))
}

fn is_coming(parcel: &Shipment) -> bool {
    let may_come = match parcel.current_status() {
        ShipmentStatus::Pending
        | ShipmentStatus::InfoReceived
        | ShipmentStatus::PickedUp
        | ShipmentStatus::InTransit
        | ShipmentStatus::Customs
        | ShipmentStatus::OutForDelivery => !parcel.is_return,
        ShipmentStatus::AttemptFailed
        | ShipmentStatus::AvailableForPickup
        | ShipmentStatus::Exception
        | ShipmentStatus::Returning
        | ShipmentStatus::Returned
        | ShipmentStatus::Delivered
        | ShipmentStatus::Cancelled
        | ShipmentStatus::Expired => false,
    };
    may_come && trouble_reason(parcel).is_none()
}

/// Why a parcel is in trouble, if it is.
pub fn trouble_reason(parcel: &Shipment) -> Option<Reason> {
    let is_trouble = matches!(
        parcel.current_status(),
        ShipmentStatus::AttemptFailed | ShipmentStatus::Exception
    ) || matches!(
        parcel.reason,
        Reason::CustomsInfoRequired | Reason::CustomsProhibited
    );
    is_trouble.then_some(parcel.reason)
}

/// Why a parcel goes back, by what was last told before it turned.
pub fn why_back(order: &Order, parcel: &Shipment) -> WhyBack {
    let history = reconcile::merged_history(parcel);
    let turn = reconcile::way_back(parcel, &history).unwrap_or(history.len());
    let reasons = || {
        let before = history.iter().take(turn).rev();
        before.filter_map(|heard| match heard.scan.meaning {
            posthorn_domain::scan::ScanMeaning::Status(reason) if heard.counts => Some(reason),
            _ => None,
        })
    };
    let had_it = |reason: Reason| reason.to_status() == ShipmentStatus::Delivered;
    let was_delivered = order
        .stages
        .iter()
        .any(|change| change.stage == OrderStage::Delivered);
    if reasons().any(had_it) || (was_delivered && turn == 0) {
        return WhyBack::SentBack;
    }
    reasons().find_map(return_cause).unwrap_or(WhyBack::Unknown)
}

const fn return_cause(reason: Reason) -> Option<WhyBack> {
    match reason {
        Reason::Refused => Some(WhyBack::Refused),
        Reason::Unclaimed | Reason::Ready => Some(WhyBack::Unclaimed),
        Reason::BadAddress | Reason::Moved => Some(WhyBack::BadAddress),
        Reason::CustomsProhibited => Some(WhyBack::Customs),
        Reason::Damaged => Some(WhyBack::Damaged),
        Reason::AttemptGeneric | Reason::NotHome | Reason::Closed | Reason::Access => {
            Some(WhyBack::NotHandedOver)
        }
        _ => None,
    }
}

/// The day on which the last of it came.
pub fn delivered_on(order: &Order, parcels: &[&Shipment], zone: &TimeZone) -> Option<Date> {
    let by_carrier = parcels
        .iter()
        .filter(|parcel| parcel.current_status() == ShipmentStatus::Delivered)
        .filter_map(|parcel| parcel.status_since)
        .map(ScanTime::local_date)
        .max();
    let is_all_told = parcels
        .iter()
        .all(|parcel| parcel.current_status() == ShipmentStatus::Delivered);
    if by_carrier.is_some() && is_all_told {
        return by_carrier;
    }
    // Of some the shop alone has told, and they came with the last.
    let mut changes = order.stages.iter().rev();
    let by_shop = changes
        .find(|change| change.stage == OrderStage::Delivered)
        .map(|change| change.at.to_zoned(zone.clone()).date());
    by_carrier.max(by_shop)
}

/// That all of these were collected, if they were.
pub(crate) fn all_collected(parcels: &[&Shipment]) -> Option<Reason> {
    let mut reasons = parcels.iter().map(|parcel| parcel.reason);
    let is_so = !parcels.is_empty() && reasons.all(|reason| reason == Reason::Collected);
    is_so.then_some(Reason::Collected)
}
