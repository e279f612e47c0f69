//! Which moments a fact amounts to.

use crate::{
    eta::Eta,
    fact::{Fact, FactEvent},
    id::ShipmentIndex,
    notification::{Notification, NotificationTrigger},
    notification_type::{
        FollowUpDelay, NotificationType, Repetition, StatusCondition, Tone, TriggerRule,
    },
    scan::ScanMeaning,
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

use super::{
    OrderContext, arrival, coverage, lateness, quiet_hours,
    usefulness::{self, add_duration},
};

/// Tells that a shipment was sent without tracking from that its number is known.
pub(super) const UNTRACKED: &str = "untracked";

/// How long the number of a shipment that has none is waited for: shops often
/// enter it minutes after they have marked an order as sent.
const NUMBER_MAY_FOLLOW: SignedDuration = SignedDuration::from_mins(15);

/// A moment to tell of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PlannedNotification {
    pub(super) trigger: NotificationTrigger,
    pub(super) useful_until: Timestamp,
    pub(super) not_before: Option<Timestamp>,
}

/// What else the change behind `fact` is worth telling. An order and the shipments
/// that came with it are one change, though they are several items.
pub(super) fn accompanying_notifications(
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Vec<PlannedNotification> {
    let mut all: Vec<PlannedNotification> = fact
        .beside
        .iter()
        .flat_map(|event| planned_notifications(&fact.with_event(event), view))
        .filter(|told| !super::is_of_another_day(told.trigger.notification_type, told.not_before))
        .collect();
    let announced = match &fact.event {
        FactEvent::OrderStageChanged {
            stage: OrderStage::New,
            ..
        } => coverage::with_the_order(view).collect(),
        FactEvent::OrderStageChanged {
            stage: OrderStage::PartiallyShipped,
            ..
        } => view.shipments.iter().collect(),
        _ => Vec::new(),
    };
    all.extend(announced.into_iter().map(|shipment| PlannedNotification {
        trigger: coverage::announcing_trigger(shipment, view),
        useful_until: add_duration(fact.at, NotificationType::Shipped.table_row().useful_for()),
        not_before: None,
    }));
    all
}

/// The moments that `fact` amounts to; staff alone are concerned by the others.
pub(super) fn planned_notifications(
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Vec<PlannedNotification> {
    let mut all = by_the_view(fact, view);
    for told in &mut all {
        told.stand_by_the_ledger(fact, view);
    }
    all
}

impl PlannedNotification {
    /// A fact that comes again, after a worker died with it, is the same
    /// occasion as the first time, though the shipment has moved on: or else what
    /// was sent then would be sent once more under another name.
    fn stand_by_the_ledger(&mut self, fact: &Fact, view: &OrderContext<'_>) {
        let begun = view.notification_log.iter().find(|notification| {
            notification.fact == fact.id
                && notification.trigger.notification_type == self.trigger.notification_type
        });
        if let Some(begun) = begun {
            self.trigger.clone_from(&begun.trigger);
        }
    }
}

fn by_the_view(fact: &Fact, view: &OrderContext<'_>) -> Vec<PlannedNotification> {
    let zone = super::time_zone(view.contact, view.settings);
    let occasion = match &fact.event {
        FactEvent::OrderStageChanged { stage, by, .. } => {
            return plan_stage(*stage, *by, fact, view, &zone);
        }
        FactEvent::ShipmentRegistered {
            shipment,
            tracking_number,
            ..
        } => Some(plan_announcement(
            *shipment,
            tracking_number.as_ref(),
            fact.item_version,
            view,
        )),
        FactEvent::TrackingNumberChanged {
            shipment,
            tracking_number,
            ..
        } => Some(repeated_trigger(
            NotificationType::TrackingNumberChanged,
            *shipment,
            tracking_number.to_string(),
        )),
        FactEvent::ShipmentStatusChanged {
            shipment, reason, ..
        } => match plan_status(*reason, *shipment, fact, view) {
            Some(told)
                if !view
                    .settings
                    .channels_for(told.notification_type)
                    .is_empty() =>
            {
                Some(told)
            }
            silent => arrival::plan_earlier_arrival(fact, view).or(silent),
        },
        FactEvent::ShipmentDelayed {
            shipment,
            reason,
            eta,
            ..
        } => Some(repeated_trigger(
            NotificationType::Delayed,
            *shipment,
            delay_key(reason.as_str(), eta.as_ref()),
        )),
        FactEvent::EtaRevised { shipment, eta, .. } => Some(repeated_trigger(
            NotificationType::EtaRevised,
            *shipment,
            eta_key(eta),
        )),
        // The promise is the order's: that it passed is told of all shipments at once.
        FactEvent::EtaMissed { eta, .. } if lateness::is_promised_day(eta, view) => {
            Some(NotificationTrigger {
                notification_type: NotificationType::EtaMissed,
                shipment: None,
                repeat: eta_key(eta),
            })
        }
        FactEvent::EtaMissed { shipment, eta } => Some(repeated_trigger(
            NotificationType::EtaMissed,
            *shipment,
            eta_key(eta),
        )),
        FactEvent::ShipmentStalled { .. } => None,
    };
    let Some(occasion) = occasion else {
        return Vec::new();
    };
    let mut all = Vec::new();
    if let FactEvent::ShipmentRegistered { shipment, .. } | FactEvent::EtaRevised { shipment, .. } =
        &fact.event
    {
        all.extend(lateness::plan_overdue(
            Some(*shipment),
            fact.at,
            view,
            &zone,
        ));
    }
    let happened = usefulness::happened_at(&occasion, fact, view, &zone);
    all.extend(plan_follow_ups(&occasion, happened, view, &zone));
    let useful_until = usefulness::of_shipment(&occasion, happened, fact, view, &zone);
    let is_untracked =
        occasion.notification_type == NotificationType::Shipped && occasion.repeat == UNTRACKED;
    let not_before = is_untracked.then(|| add_duration(fact.at, NUMBER_MAY_FOLLOW));
    all.insert(
        0,
        PlannedNotification {
            trigger: occasion,
            useful_until,
            not_before,
        },
    );
    all
}

/// A new shipment, by itself or with those that came in the same write; that it is
/// sent without tracking; or the number of one of which that was said.
fn plan_announcement(
    shipment: ShipmentIndex,
    number: Option<&TrackingNumber>,
    item_version: u64,
    view: &OrderContext<'_>,
) -> NotificationTrigger {
    let mut known = view.shipments.iter();
    match (number, known.find(|known| known.shipment == shipment)) {
        (None, _) => repeated_trigger(NotificationType::Shipped, shipment, UNTRACKED.to_owned()),
        (Some(_), Some(known)) if item_version <= 1 => coverage::announcing_trigger(known, view),
        (Some(_), _) => one_time_trigger(NotificationType::Shipped, shipment),
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

fn plan_stage(
    stage: OrderStage,
    by: StageSource,
    fact: &Fact,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Vec<PlannedNotification> {
    if is_of_no_delivery(stage, view) {
        return Vec::new();
    }
    let is_triggered = |trigger: &TriggerRule| match trigger {
        TriggerRule::Stage(one) => *one == stage,
        TriggerRule::StageByShop(one) => *one == stage && by == StageSource::Shop,
        _ => false,
    };
    let Some(moment) = NotificationType::find_triggered(is_triggered).next() else {
        return Vec::new();
    };
    // An order that was delivered, came back into delivery and is delivered
    // again is told of again; all else once.
    let repeat = match view.order.times_at(stage) {
        times @ 2.. if moment.table_row().repetition == Repetition::EachTime => times.to_string(),
        _ => String::new(),
    };
    let occasion = NotificationTrigger {
        notification_type: moment,
        shipment: None,
        repeat,
    };
    let happened = match (moment, by) {
        (NotificationType::Delivered, StageSource::Shipments) => {
            usefulness::last_arrival(view, zone)
                .unwrap_or(fact.at)
                .min(fact.at)
        }
        _ => usefulness::of_stage(fact, view),
    };
    let mut told = vec![PlannedNotification {
        trigger: occasion,
        useful_until: add_duration(happened, moment.table_row().useful_for()),
        not_before: None,
    }];
    if moment == NotificationType::OrderReceived {
        told.extend(lateness::plan_overdue(None, fact.at, view, zone));
    }
    let told_of = told[0].trigger.clone();
    told.extend(plan_follow_ups(&told_of, happened, view, zone));
    told
}

/// Whether nothing will be on its way of an order, so that there is nothing to say
/// of its stage: it was sold over the counter, or is a download. What ends it
/// otherwise is said.
fn is_of_no_delivery(stage: OrderStage, view: &OrderContext<'_>) -> bool {
    let is_told = matches!(
        stage,
        OrderStage::Cancelled | OrderStage::Returning | OrderStage::Returned
    );
    view.order.delivery_method.is_without_delivery()
        && view.shipments.is_empty()
        && !view.order.has_unreadable_shipments
        && !is_told
}

/// The notifications that follow some days after one about a change that happened at
/// `happened`.
fn plan_follow_ups(
    first: &NotificationTrigger,
    happened: Timestamp,
    view: &OrderContext<'_>,
    zone: &TimeZone,
) -> Vec<PlannedNotification> {
    let settings = view.settings;
    let days_after = |trigger: &TriggerRule| match trigger {
        TriggerRule::FollowUp(after, delay) if *after == first.notification_type => match delay {
            FollowUpDelay::Review => settings
                .review_url
                .as_ref()
                .map(|_| settings.review_after_days),
            FollowUpDelay::Days(days) => Some(*days),
        },
        _ => None,
    };
    let plan = |notification_type: NotificationType| {
        let row = notification_type.table_row();
        let days = i64::from(row.triggers.iter().find_map(days_after)?).days();
        let day = zone.to_datetime(happened).date().checked_add(days).ok()?;
        let at = quiet_hours::to_instant(day.to_datetime(Time::constant(10, 0, 0, 0)), zone)?;
        Some(PlannedNotification {
            trigger: NotificationTrigger {
                notification_type,
                ..first.clone()
            },
            useful_until: add_duration(at, row.useful_for()),
            not_before: Some(at),
        })
    };
    NotificationType::ALL
        .iter()
        .copied()
        .filter_map(plan)
        .collect()
}

/// The notification of a shipment that came to its status by `reason`: that of a type
/// which names the reason, or else of one which names the status.
fn plan_status(
    reason: Reason,
    shipment: ShipmentIndex,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Option<NotificationTrigger> {
    let holds = |condition| holds_condition(condition, reason, shipment, fact, view);
    let by_reason = |trigger: &TriggerRule| matches!(trigger, TriggerRule::Reason(reasons, condition) if reasons.contains(&reason) && holds(*condition));
    let status = reason.to_status();
    let by_status = |trigger: &TriggerRule| matches!(trigger, TriggerRule::Status(statuses, condition) if statuses.contains(&status) && holds(*condition));
    let moment = NotificationType::find_triggered(by_reason)
        .chain(NotificationType::find_triggered(by_status))
        .next()?;
    let repeat = match moment.table_row().repetition {
        Repetition::EachDay => day_of(shipment, status, fact, view).to_string(),
        Repetition::EachReason => reason.to_string(),
        Repetition::EachChange => fact.id.clone(),
        Repetition::Once | Repetition::EachTime | Repetition::EachValue => String::new(),
    };
    Some(repeated_trigger(moment, shipment, repeat))
}

fn holds_condition(
    condition: StatusCondition,
    reason: Reason,
    shipment: ShipmentIndex,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> bool {
    match condition {
        StatusCondition::None => true,
        StatusCondition::ProblemReported => was_told_of_problem(shipment, fact, view),
        StatusCondition::BoundForCustomer => {
            reason != Reason::CustomsProhibited && !was_refused(shipment, view)
        }
        StatusCondition::ReportedToCustomer => reason.is_told_to_customer(),
        StatusCondition::ArrivesAlone => arrival::is_told_alone(view),
    }
}

/// The day on which it came to the status, which tells one from the next.
fn day_of(
    shipment: ShipmentIndex,
    status: ShipmentStatus,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Date {
    shipment_with_status(shipment, view, status)
        .and_then(|shipment| shipment.status_since)
        .map_or_else(
            || {
                let zone = super::time_zone(view.contact, view.settings);
                zone.to_datetime(fact.at).date()
            },
            ScanTime::local_date,
        )
}

/// Whether the recipient has refused it and no vehicle has brought it since.
fn was_refused(shipment: ShipmentIndex, view: &OrderContext<'_>) -> bool {
    let mut shipments = view.shipments.iter();
    let Some(shipment) = shipments.find(|known| known.shipment == shipment) else {
        return false;
    };
    let others = shipment
        .other_sources
        .iter()
        .flat_map(|source| &source.scans);
    let scans = || shipment.scans.iter().chain(others.clone());
    let last = |wanted: Reason| {
        scans()
            .filter(|scan| scan.meaning == ScanMeaning::Status(wanted))
            .map(|scan| scan.time)
            .max()
    };
    last(Reason::Refused) > last(Reason::Today)
}

/// Whether the customer knows of a problem with the shipment and has not been
/// told since that it is solved.
fn was_told_of_problem(shipment: ShipmentIndex, fact: &Fact, view: &OrderContext<'_>) -> bool {
    let told = view
        .notification_log
        .iter()
        .filter(|notification| notification.trigger.shipment == Some(shipment));
    let problem = told
        .clone()
        .filter(|notification| {
            notification.trigger.notification_type.table_row().tone == Tone::Trouble
        })
        .filter_map(Notification::told_at)
        .max();
    let solved = told
        .filter(|notification| {
            notification.trigger.notification_type == NotificationType::BackOnTheWay
                && notification.trigger.repeat != fact.id
        })
        .filter_map(Notification::told_at)
        .max();
    problem > solved
}

pub(super) fn one_time_trigger(
    moment: NotificationType,
    shipment: ShipmentIndex,
) -> NotificationTrigger {
    repeated_trigger(moment, shipment, String::new())
}

fn repeated_trigger(
    moment: NotificationType,
    shipment: ShipmentIndex,
    repeat: String,
) -> NotificationTrigger {
    NotificationTrigger {
        notification_type: moment,
        shipment: Some(shipment),
        repeat,
    }
}

/// The shipment, if it still has this status.
pub(super) fn shipment_with_status<'a>(
    number: ShipmentIndex,
    view: &OrderContext<'a>,
    status: ShipmentStatus,
) -> Option<&'a Shipment> {
    view.shipments
        .iter()
        .find(|shipment| shipment.shipment == number && shipment.current_status() == status)
}
