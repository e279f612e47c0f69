//! After the provider was called: what became of it.

use crate::moment::{Channel, Moment};
use jiff::{SignedDuration, Timestamp};

use super::{Deferral, MOST_ATTEMPTS, Notice, NoticeEntry, NoticeState, ProviderEvent};

/// How long the provider's own event is waited for at least before a mail of
/// unknown fate is sent again.
const LEAST_PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// A mail that is sent again shall be of use for this long at least.
const LEAST_USE: SignedDuration = SignedDuration::from_mins(15);

/// What the history says of an automatic answer.
const ANSWERED: &str = "answered automatically";

/// How long the provider's own event is waited for before a mail of unknown fate
/// is sent again: its events come late now and then, and a mail that has arrived
/// must not come twice. What loses its use by waiting, or asks the customer to
/// act, waits an hour; what can wait, longer.
const fn patience(moment: Moment) -> SignedDuration {
    let hours = match moment {
        Moment::OutForDelivery
        | Moment::Appointment
        | Moment::AvailableForPickup
        | Moment::AttemptFailed
        | Moment::CustomsInfoRequired
        | Moment::Exception
        | Moment::Delayed
        | Moment::EtaRevised
        | Moment::EtaMissed
        | Moment::TrackingNumberChanged => 1,
        Moment::OrderReceived
        | Moment::Processing
        | Moment::PaymentConfirmed
        | Moment::InWarehouse
        | Moment::InTransit
        | Moment::BackOnTheWay
        | Moment::Forwarded
        | Moment::ParcelDelivered
        | Moment::Delivered
        | Moment::Cancelled => 4,
        Moment::Shipped | Moment::PartiallyShipped | Moment::Returning | Moment::Returned => 8,
        Moment::ReviewRequest => 24,
    };
    SignedDuration::from_hours(hours)
}

impl Notice {
    /// The provider took it and gave it `provider_id`. None if more than that
    /// is known already, as from an event that came first.
    pub fn sent(&self, provider_id: &str, now: Timestamp) -> Option<Self> {
        let event = ProviderEvent::Sent {
            provider_id: provider_id.to_owned(),
        };
        self.settled_by_event(&event, now)
    }

    /// The call of the worker with `token` had no answer: it may or may not
    /// have been sent. None if somebody knows better meanwhile.
    pub fn unknown(&self, token: &str, now: Timestamp) -> Option<Self> {
        let is_ours =
            matches!(&self.state, NoticeState::Claimed { token: theirs, .. } if theirs == token);
        is_ours.then(|| self.with(NoticeState::Unknown { since: now }, now))
    }

    /// What the provider told, laid upon what is known. Events come more than
    /// once and in any order: what says less than is known changes nothing.
    ///
    /// That a message was sent also overrules that it was suppressed or failed:
    /// then a call of unknown fate had reached the provider after all.
    pub fn settled_by_event(&self, event: &ProviderEvent, at: Timestamp) -> Option<Self> {
        let state = match event.clone() {
            ProviderEvent::Sent { provider_id } => NoticeState::Sent { provider_id, at },
            ProviderEvent::Delivered => NoticeState::Delivered { at },
            ProviderEvent::Undelivered { reason } => NoticeState::Failed {
                reason,
                at,
                was_taken: true,
            },
            ProviderEvent::Bounced { is_permanent } => NoticeState::Bounced { is_permanent, at },
            ProviderEvent::Complained => NoticeState::Complained { at },
            ProviderEvent::Answered { provider_id } => return self.answered(provider_id, at),
        };
        (weight(&state) > weight(&self.state)).then(|| self.with(state, at))
    }

    /// An automatic answer says no more than that it has arrived; the history
    /// notes it once.
    fn answered(&self, provider_id: String, at: Timestamp) -> Option<Self> {
        if self.history.iter().any(|entry| entry.what == ANSWERED) {
            return None;
        }
        let sent = self.settled_by_event(&ProviderEvent::Sent { provider_id }, at);
        let mut next = sent.unwrap_or_else(|| self.clone());
        next.history.push(NoticeEntry {
            at,
            what: ANSWERED.to_owned(),
        });
        Some(next)
    }

    /// When a message that is of unknown fate since then is sent again without
    /// the provider's event: a mail, once, as long as it is of use, for twice is
    /// better than never. A text never is, for it costs and disturbs: it stays of
    /// unknown fate until its delivery status tells.
    pub(super) fn sent_again_at(&self, since: Timestamp) -> Option<Timestamp> {
        let attempts = self.attempts.saturating_sub(self.refusals);
        if self.channel == Channel::Sms || attempts >= MOST_ATTEMPTS {
            return None;
        }
        let plus = |duration| since.checked_add(duration).ok();
        let last = self.useful_until.checked_sub(LEAST_USE).ok()?;
        let at = plus(patience(self.occasion.moment))?
            .min(last)
            .max(plus(LEAST_PATIENCE)?);
        (at <= self.useful_until).then_some(at)
    }

    /// The mail whose fate has been unknown for too long, as it is to be claimed
    /// and sent again. None as long as the provider may yet say, and if it is not
    /// to be sent again at all.
    pub fn sent_again(&self, now: Timestamp) -> Option<Self> {
        let NoticeState::Unknown { since } = self.state else {
            return None;
        };
        let at = self.sent_again_at(since)?;
        (at <= now).then(|| {
            self.with(
                NoticeState::Deferred {
                    until: now,
                    reason: Deferral::Provider,
                },
                now,
            )
        })
    }
}

/// How much a state says of the message's fate.
const fn weight(state: &NoticeState) -> u8 {
    match state {
        NoticeState::Deferred { .. }
        | NoticeState::Claimed { .. }
        | NoticeState::Unknown { .. }
        | NoticeState::Suppressed { .. }
        | NoticeState::Failed {
            was_taken: false, ..
        } => 0,
        NoticeState::Sent { .. } => 1,
        NoticeState::Failed {
            was_taken: true, ..
        } => 2,
        NoticeState::Delivered { .. } => 3,
        NoticeState::Bounced { .. } => 4,
        NoticeState::Complained { .. } => 5,
    }
}
