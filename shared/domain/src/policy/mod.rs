//! Whether a fact is worth a message, and whether now.

mod arrival;
mod caps;
mod coverage;
mod ignored_facts;
mod lateness;
mod overtaken;
mod quiet_hours;
mod succession;
mod triggers;
mod usefulness;
mod zones;

pub use ignored_facts::{is_silent, is_silent_stage, is_silent_status};

use crate::{
    contact::Contact,
    fact::Fact,
    id::OrderKey,
    notification::{
        DeferralReason, Notification, NotificationBasis, NotificationDraft, NotificationId,
        NotificationState, NotificationTrigger, SuppressionReason,
    },
    notification_type::{Channel, NotificationType},
    order::Order,
    settings::Settings,
    shipment::Shipment,
};
use jiff::{Timestamp, tz::TimeZone};
use std::fmt;

use self::succession::MessagePlace;

/// What is known about an order when a message about it is decided on.
#[derive(Debug, Clone, Copy)]
pub struct OrderContext<'a> {
    /// The order as it stands now, which may be later than the fact.
    pub order: &'a Order,
    /// Its shipments as they stand now.
    pub shipments: &'a [Shipment],
    /// Whom to tell.
    pub contact: &'a Contact,
    /// What the shop decided.
    pub settings: &'a Settings,
    /// The ledger of this order: what was sent, deferred or suppressed so far.
    pub notification_log: &'a [Notification],
}

/// A message to be decided on. `Debug` shows the address masked.
#[derive(Clone, PartialEq, Eq)]
pub struct ProposedNotification {
    /// Its id.
    pub id: NotificationId,
    /// About what.
    pub trigger: NotificationTrigger,
    /// By which channel.
    pub channel: Channel,
    /// To whom: the address itself; empty if there is none that can be used.
    pub recipient: String,
    /// The same, masked.
    pub masked: String,
    /// After this it is of no use.
    pub useful_until: Timestamp,
    /// Not before this, if it lies ahead (a review request).
    pub not_before: Option<Timestamp>,
    /// What it says, as far as others have to know it.
    pub basis: NotificationBasis,
    /// The weightier messages about the same change, on the same channel: if one
    /// of them is told, this is not.
    pub weightier: Vec<ProposedNotification>,
}

impl fmt::Debug for ProposedNotification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proposal")
            .field("id", &self.id)
            .field("trigger", &self.trigger)
            .field("channel", &self.channel)
            .field("recipient", &self.masked)
            .field("useful_until", &self.useful_until)
            .field("not_before", &self.not_before)
            .field("basis", &self.basis)
            .field("weightier", &self.weightier)
            .finish()
    }
}

/// What to do with a proposal now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Send it.
    Send,
    /// Ask again then.
    Defer {
        /// When.
        until: Timestamp,
        /// Why not now.
        reason: DeferralReason,
    },
    /// Do not send it.
    Suppress(SuppressionReason),
}

/// The messages that `fact` calls for: one per moment and channel for which
/// there is an address and which the moment is meant for, by default or by the
/// shop's wish. That the shop has switched a channel off is for [`decide_send`] to say.
pub fn propose_notifications(
    fact: &Fact,
    view: &OrderContext<'_>,
    _now: Timestamp,
) -> Vec<ProposedNotification> {
    let beside: Vec<ProposedNotification> = triggers::accompanying_notifications(fact, view)
        .iter()
        .flat_map(|told| on_each_channel(told, fact, view))
        .collect();
    let mut proposals: Vec<ProposedNotification> = triggers::planned_notifications(fact, view)
        .iter()
        .flat_map(|told| on_each_channel(told, fact, view))
        .collect();
    for proposal in &mut proposals {
        let is_weightier = |other: &&ProposedNotification| {
            other.channel == proposal.channel
                && !is_of_another_day(proposal.trigger.notification_type, proposal.not_before)
                && other.trigger.notification_type.table_row().priority
                    > proposal.trigger.notification_type.table_row().priority
        };
        proposal.weightier = beside.iter().filter(is_weightier).cloned().collect();
    }
    proposals
}

/// Whether a message is about a day that lies ahead, and not about what happens now.
const fn is_of_another_day(moment: NotificationType, not_before: Option<Timestamp>) -> bool {
    moment.table_row().awaits.is_some() && not_before.is_some()
}

fn on_each_channel(
    told: &triggers::PlannedNotification,
    fact: &Fact,
    view: &OrderContext<'_>,
) -> Vec<ProposedNotification> {
    let occasion = &told.trigger;
    let basis = coverage::notification_basis(occasion, fact.at, fact.item_version, view);
    Channel::ALL
        .iter()
        .filter(|channel| is_meant_for(occasion.notification_type, **channel, view.settings))
        .filter_map(|channel| {
            let mut proposal =
                propose_on_channel(occasion.clone(), *channel, told.useful_until, view)?;
            proposal.not_before = told.not_before;
            proposal.basis = basis.clone();
            Some(proposal)
        })
        .collect()
}

/// The proposal of a notification in the ledger that is due again, to the address that
/// the customer has now: if that was corrected, it is another notification. None if they
/// have none any more.
pub fn revisit_notification(
    notification: &Notification,
    view: &OrderContext<'_>,
) -> Option<ProposedNotification> {
    let row = notification.trigger.notification_type.table_row();
    let not_before = match &notification.state {
        NotificationState::Deferred { until, .. } if row.awaits.is_some() => Some(*until),
        _ => None,
    };
    let NotificationBasis { at, version, .. } = notification.basis;
    let basis = coverage::notification_basis(&notification.trigger, at, version, view);
    let occasion = notification.trigger.clone();
    propose_on_channel(
        occasion,
        notification.channel,
        notification.useful_until,
        view,
    )
    .map(|proposal| ProposedNotification {
        not_before,
        basis,
        ..proposal
    })
}

/// What to do with `proposal`; `is_suppressed` says whether the address is on
/// the suppression list.
pub fn decide_send(
    proposal: &ProposedNotification,
    view: &OrderContext<'_>,
    is_suppressed: bool,
    now: Timestamp,
) -> Decision {
    let moment = proposal.trigger.notification_type;
    if !view
        .settings
        .channels_for(moment)
        .contains(&proposal.channel)
    {
        return Decision::Suppress(SuppressionReason::SwitchedOff);
    }
    if proposal.recipient.is_empty() {
        return Decision::Suppress(SuppressionReason::NoUsableAddress);
    }
    let has_consent = match proposal.channel {
        Channel::Email => view.contact.consent.email,
        Channel::Sms => view.contact.consent.sms,
    };
    if !has_consent {
        return Decision::Suppress(SuppressionReason::NoConsent);
    }
    let phone = view.contact.phone.as_ref();
    if proposal.channel == Channel::Sms && phone.is_some_and(|phone| !phone.takes_texts()) {
        return Decision::Suppress(SuppressionReason::TakesNoTexts);
    }
    if is_suppressed {
        return Decision::Suppress(SuppressionReason::AddressSuppressed);
    }
    if overtaken::is_overtaken(proposal, view) {
        return Decision::Suppress(SuppressionReason::Overtaken);
    }
    let place = succession::place_in_succession(proposal, view, now);
    if let MessagePlace::Pointless(reason) = place {
        return Decision::Suppress(reason);
    }
    if now > proposal.useful_until {
        return Decision::Suppress(SuppressionReason::TooLate);
    }
    let is_told = |other: &ProposedNotification| is_told(other, view, is_suppressed, now);
    if proposal.weightier.iter().any(is_told) {
        return Decision::Suppress(SuppressionReason::Merged);
    }
    let free_at = caps::free_at(proposal, view.notification_log, view.settings.caps, now);
    if free_at.is_some_and(|free_at| free_at > proposal.useful_until) {
        return Decision::Suppress(SuppressionReason::Cap);
    }
    let awaits = moment.table_row().awaits;
    let ahead = awaits.unwrap_or(DeferralReason::TrackingNumber);
    let (earliest, reason) = [
        (proposal.not_before, ahead),
        (free_at, DeferralReason::Cap),
        (place.earliest_send(), DeferralReason::Spacing),
    ]
    .into_iter()
    .filter_map(|(at, reason)| Some((at.filter(|at| *at > now)?, Some(reason))))
    .max_by_key(|(at, _)| *at)
    .unwrap_or((now, None));
    let at = next_decent_time(earliest, proposal.channel, view);
    let reason = if at > earliest {
        Some(DeferralReason::QuietHours)
    } else {
        reason
    };
    match reason {
        _ if at > proposal.useful_until => Decision::Suppress(SuppressionReason::TooLate),
        Some(reason) => Decision::Defer { until: at, reason },
        None => Decision::Send,
    }
}

/// Whether the customer was told of `other`, or will be.
fn is_told(
    other: &ProposedNotification,
    view: &OrderContext<'_>,
    is_suppressed: bool,
    now: Timestamp,
) -> bool {
    let known = view
        .notification_log
        .iter()
        .find(|notification| notification.id == other.id);
    match known {
        Some(notification) => notification.told_at().is_some() || notification.is_open(),
        None => !matches!(
            decide_send(other, view, is_suppressed, now),
            Decision::Suppress(_)
        ),
    }
}

/// The recipient's zone: what a message says of today and tomorrow is so there.
/// Where the address leaves several, the one in which most people live.
pub fn time_zone(contact: &Contact, settings: &Settings) -> TimeZone {
    zones::recipient_clocks(contact, settings).likeliest_zone()
}

/// The first decent time from `at` on: a text makes a noise, a mail does not.
fn next_decent_time(at: Timestamp, channel: Channel, view: &OrderContext<'_>) -> Timestamp {
    let (Channel::Sms, Some(quiet)) = (channel, view.settings.quiet_hours) else {
        return at;
    };
    let clocks = zones::recipient_clocks(view.contact, view.settings);
    quiet_hours::decent_from(at, quiet, clocks.all_zones())
}

fn is_meant_for(moment: NotificationType, channel: Channel, settings: &Settings) -> bool {
    settings.channels_for(moment).contains(&channel)
        || moment.table_row().channels.contains(&channel)
}

fn propose_on_channel(
    occasion: NotificationTrigger,
    channel: Channel,
    useful_until: Timestamp,
    view: &OrderContext<'_>,
) -> Option<ProposedNotification> {
    let address = match channel {
        Channel::Email => {
            let email = view.contact.email.as_ref();
            email.map(|email| (email.as_str().to_owned(), email.masked()))
        }
        Channel::Sms => {
            let phone = view.contact.phone.as_ref();
            phone.map(|phone| (phone.as_str().to_owned(), phone.to_masked()))
        }
    };
    // An address that was given and cannot be used is a reason that the ledger keeps.
    let is_unusable = view.contact.unusable.contains(&channel);
    let (recipient, masked) = address.or_else(|| is_unusable.then(Default::default))?;
    Some(ProposedNotification {
        id: NotificationId::derive_id(
            &view.order.key,
            view.order.created_at,
            &occasion,
            channel,
            &recipient,
        ),
        trigger: occasion,
        channel,
        recipient,
        masked,
        useful_until,
        not_before: None,
        basis: NotificationBasis::default(),
        weightier: Vec::new(),
    })
}

impl ProposedNotification {
    /// What the ledger keeps of it; `fact` is the id of the fact that caused it.
    pub fn to_draft(&self, order: &OrderKey, fact: &str) -> NotificationDraft {
        NotificationDraft {
            id: self.id.clone(),
            order: order.clone(),
            trigger: self.trigger.clone(),
            channel: self.channel,
            recipient: self.masked.clone(),
            fact: fact.to_owned(),
            basis: self.basis.clone(),
            useful_until: self.useful_until,
        }
    }
}
