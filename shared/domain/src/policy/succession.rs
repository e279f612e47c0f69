//! Which message of an order may follow which on one channel, and when.
//!
//! Two workers may decide at once, so each looks twice: before it claims a message
//! and after. Whichever claims later sees the claim of the other, for each claim
//! is written before the ledger is read again. Of two that see each other, the
//! lesser gives way (docs/adr/0026-one-order-one-voice.md).

use crate::{
    id::ShipmentIndex,
    notification::{
        Notification, NotificationBasis, NotificationState, NotificationTrigger, SuppressionReason,
    },
    notification_type::{ActionRequest, Chapter, Coverage, NotificationType},
    status::{Actor, Reason},
};
use jiff::{SignedDuration, Timestamp};

use super::{OrderContext, ProposedNotification};

/// For how long "it is moving" is no news to a customer who was told that the
/// carrier has scanned it.
const SCANNED_IS_MOVING: SignedDuration = SignedDuration::from_hours(12);

/// How long to wait for another worker that is about to send.
const IN_FLIGHT: SignedDuration = SignedDuration::from_mins(1);

/// Changes that were recorded no further apart may have happened the other way
/// round: the table's stream has their times by the clocks of many machines.
const UNCLEAR: SignedDuration = SignedDuration::from_mins(1);

/// What the other messages of the order make of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum MessagePlace {
    /// Nothing.
    Free,
    /// It has to wait until then.
    After(Timestamp),
    /// It is not needed any more.
    Pointless(SuppressionReason),
}

impl MessagePlace {
    /// Until when it has to wait, if it has to.
    pub(super) const fn earliest_send(self) -> Option<Timestamp> {
        match self {
            Self::After(at) => Some(at),
            Self::Free | Self::Pointless(_) => None,
        }
    }
}

/// One of two messages that are compared.
#[derive(Clone, Copy)]
struct ComparedMessage<'a> {
    trigger: &'a NotificationTrigger,
    basis: &'a NotificationBasis,
    id: &'a str,
}

impl ComparedMessage<'_> {
    const fn coverage(self) -> Coverage {
        self.trigger.notification_type.table_row().coverage
    }
}

impl<'a> From<&'a Notification> for ComparedMessage<'a> {
    fn from(notification: &'a Notification) -> Self {
        Self {
            trigger: &notification.trigger,
            basis: &notification.basis,
            id: &notification.id.0,
        }
    }
}

impl<'a> From<&'a ProposedNotification> for ComparedMessage<'a> {
    fn from(proposal: &'a ProposedNotification) -> Self {
        Self {
            trigger: &proposal.trigger,
            basis: &proposal.basis,
            id: &proposal.id.0,
        }
    }
}

/// The place of `proposal` among what the customer was told, or is being told,
/// about the order on the same channel.
pub(super) fn place_in_succession(
    proposal: &ProposedNotification,
    view: &OrderContext<'_>,
    now: Timestamp,
) -> MessagePlace {
    let mine = ComparedMessage::from(proposal);
    let others = || {
        view.notification_log.iter().filter_map(|notification| {
            let is_other =
                notification.channel == proposal.channel && notification.id != proposal.id;
            let told_at = notification.told_at().filter(|_| is_other)?;
            Some((notification, told_at))
        })
    };
    let is_superseded = |shipment| {
        others().any(|(notification, _)| {
            supersedes_message(ComparedMessage::from(notification), mine, shipment, view)
        })
    };
    if covered_shipments(mine).into_iter().all(is_superseded) {
        return MessagePlace::Pointless(SuppressionReason::Overtaken);
    }
    let apart = SignedDuration::from_mins(view.settings.caps.minutes_apart.into());
    let mut earliest = None;
    for (notification, told_at) in others() {
        let other = ComparedMessage::from(notification);
        let is_in_flight = is_in_flight(notification, now);
        let gives_way = !is_in_flight || outranks_message(other, mine);
        if tells_the_same(other, mine) && gives_way {
            return MessagePlace::Pointless(SuppressionReason::Merged);
        }
        let says_as_much = says_as_much(other, told_at, mine);
        if says_as_much && !is_in_flight {
            return MessagePlace::Pointless(SuppressionReason::Overtaken);
        }
        let has_to_know = says_as_much
            || tells_the_same(other, mine)
            || covered_shipments(other)
                .into_iter()
                .any(|shipment| supersedes_message(mine, other, shipment, view));
        let is_asking = asks_for_action(mine.trigger);
        let wait = match (is_in_flight, apart.is_zero()) {
            // It may not have seen this one, and must not come after it.
            (true, _) if has_to_know => Some(add_duration(now, IN_FLIGHT)),
            (true, false) if is_asking || !gives_way => Some(add_duration(now, IN_FLIGHT)),
            (true, false) => Some(add_duration(told_at, apart)),
            (false, false) if !is_asking => Some(add_duration(told_at, apart)),
            (true | false, _) => None,
        };
        earliest = earliest.max(wait.filter(|at| *at > now));
    }
    earliest.map_or(MessagePlace::Free, MessagePlace::After)
}

/// Whether a worker is about to send it. One that has died with it may have.
fn is_in_flight(notification: &Notification, now: Timestamp) -> bool {
    matches!(notification.state, NotificationState::Claimed { lease_until, .. } if lease_until > now)
}

/// The shipments that a message is about; one of none is about the order.
fn covered_shipments(side: ComparedMessage<'_>) -> Vec<Option<ShipmentIndex>> {
    match (side.trigger.shipment, side.coverage()) {
        (None, Coverage::SameWrite) if !side.basis.covers.is_empty() => {
            side.basis.covers.iter().copied().map(Some).collect()
        }
        (shipment, _) => vec![shipment],
    }
}

/// Whether a customer who was told `told` needs `mine` no more, as far as it is
/// about `shipment`.
fn supersedes_message(
    told: ComparedMessage<'_>,
    mine: ComparedMessage<'_>,
    shipment: Option<ShipmentIndex>,
    view: &OrderContext<'_>,
) -> bool {
    let is_concerned = match (shipment, told.trigger.shipment) {
        // What begins an order is past once any of its shipments is told of.
        (None, None) => true,
        (None, Some(_)) => is_about_the_beginning(mine.trigger.notification_type),
        (Some(mine), Some(told)) => mine == told,
        (Some(mine), None) if told.coverage() == Coverage::SameWrite => {
            told.basis.covers.contains(&mine)
        }
        // The end of an order is that of the shipments which it had by then.
        (Some(mine), None) => view
            .shipments
            .iter()
            .any(|one| one.shipment == mine && one.registered_at <= told.basis.at),
    };
    let (moment, by) = (
        mine.trigger.notification_type,
        told.trigger.notification_type,
    );
    is_concerned && moment.is_superseded_by(by) && is_later(told, mine, shipment)
}

/// Whether the news of `told` are later than those of `mine`. Versions order what
/// happened to one item at about one time; what is further apart the clock orders,
/// for an item that is restored from a backup begins anew from an older version.
/// The clock orders items too, whose ends are told last.
fn is_later(
    told: ComparedMessage<'_>,
    mine: ComparedMessage<'_>,
    shipment: Option<ShipmentIndex>,
) -> bool {
    let is_of_shipments = |side: ComparedMessage<'_>| {
        side.trigger.shipment.is_some() || side.coverage() == Coverage::SameWrite
    };
    if is_about_the_beginning(mine.trigger.notification_type) && is_of_shipments(told) {
        return true;
    }
    if told.trigger.shipment == shipment {
        let apart = told.basis.at.duration_since(mine.basis.at);
        if apart.abs() > UNCLEAR {
            return apart.is_positive();
        }
        told.basis.version > mine.basis.version
    } else {
        told.basis.at >= mine.basis.at
    }
}

/// Whether the rows of `other` say of the shipment what `mine` would say.
fn tells_the_same(other: ComparedMessage<'_>, mine: ComparedMessage<'_>) -> bool {
    let covers = |shipment: &ShipmentIndex| other.basis.covers.contains(shipment);
    let is_announced = mine.coverage() == Coverage::SameWrite && mine.trigger.repeat.is_empty();
    other.trigger.notification_type == mine.trigger.notification_type
        && (is_announced || other.trigger.repeat == mine.trigger.repeat)
        && mine.trigger.shipment.as_ref().is_some_and(covers)
}

/// Whether `mine` says no more than that it moves, and the customer was told a
/// little before that the carrier has scanned it.
fn says_as_much(told: ComparedMessage<'_>, told_at: Timestamp, mine: ComparedMessage<'_>) -> bool {
    let scanned = |shipment: &ShipmentIndex| told.basis.scanned.contains(shipment);
    (told.coverage(), mine.coverage()) == (Coverage::SameWrite, Coverage::OnTheRoad)
        && mine.trigger.shipment.as_ref().is_some_and(scanned)
        && mine.basis.at < add_duration(told_at, SCANNED_IS_MOVING)
}

/// Which of two messages that are sent at once goes first: a strict order.
fn outranks_message(one: ComparedMessage<'_>, other: ComparedMessage<'_>) -> bool {
    let rank = |side: ComparedMessage<'_>| {
        (
            side.trigger.notification_type.table_row().priority,
            side.basis.at,
        )
    };
    (rank(one), other.trigger.shipment, other.id) > (rank(other), one.trigger.shipment, one.id)
}

/// Whether it asks the customer to do something: such a message never waits for
/// others.
pub(super) fn asks_for_action(occasion: &NotificationTrigger) -> bool {
    match occasion.notification_type.table_row().asks {
        ActionRequest::Always => true,
        ActionRequest::ByReason => {
            let reason: Option<Reason> = occasion.repeat.parse().ok();
            reason.and_then(Reason::action_required) == Some(Actor::Customer)
        }
        ActionRequest::Never => false,
    }
}

/// What an order begins with, before any of its shipments.
fn is_about_the_beginning(moment: NotificationType) -> bool {
    moment.table_row().chapter == Chapter::Beginning
}

fn add_duration(at: Timestamp, duration: SignedDuration) -> Timestamp {
    super::usefulness::add_duration(at, duration)
}
