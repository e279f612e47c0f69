//! After the provider was called: what became of it.

use crate::notification_type::Channel;
use jiff::{SignedDuration, Timestamp};

use super::{
    DeferralReason, MOST_ATTEMPTS, Notification, NotificationEntry, NotificationState,
    ProviderEvent,
};

/// How long the provider's own event is waited for at least before a mail of
/// unknown fate is sent again.
const LEAST_PATIENCE: SignedDuration = SignedDuration::from_mins(15);

/// A mail that is sent again shall be of use for this long at least.
const LEAST_USE: SignedDuration = SignedDuration::from_mins(15);

/// What the history says of an automatic answer.
const ANSWERED: &str = "answered automatically";

impl Notification {
    /// The provider took it and gave it `provider_id`. None if more than that
    /// is known already, as from an event that came first.
    pub fn mark_sent(&self, provider_id: &str, now: Timestamp) -> Option<Self> {
        let event = ProviderEvent::Sent {
            provider_id: provider_id.to_owned(),
        };
        self.settled_by_event(&event, now)
    }

    /// The call of the worker with `token` had no answer: it may or may not
    /// have been sent. None if another writer knows better meanwhile.
    pub fn mark_unknown(&self, token: &str, now: Timestamp) -> Option<Self> {
        let is_ours = matches!(&self.state, NotificationState::Claimed { token: theirs, .. } if theirs == token);
        is_ours.then(|| self.with_state(NotificationState::Unknown { since: now }, now))
    }

    /// What the provider told, laid upon what is known. Events come more than
    /// once and in any order: what says less than is known changes nothing.
    ///
    /// That a message was sent also overrules that it was suppressed or failed:
    /// then a call of unknown fate had reached the provider after all.
    pub fn settled_by_event(&self, event: &ProviderEvent, at: Timestamp) -> Option<Self> {
        let state = match event.clone() {
            ProviderEvent::Sent { provider_id } => NotificationState::Sent { provider_id, at },
            ProviderEvent::Delivered => NotificationState::Delivered { at },
            ProviderEvent::Undelivered { reason } => NotificationState::Failed {
                reason,
                at,
                was_taken: true,
            },
            ProviderEvent::Bounced { is_permanent } => {
                NotificationState::Bounced { is_permanent, at }
            }
            ProviderEvent::Complained => NotificationState::Complained { at },
            ProviderEvent::Answered { provider_id } => {
                return self.mark_auto_replied(provider_id, at);
            }
        };
        (state_weight(&state) > state_weight(&self.state)).then(|| self.with_state(state, at))
    }

    /// An automatic answer says no more than that it has arrived; the history
    /// notes it once.
    fn mark_auto_replied(&self, provider_id: String, at: Timestamp) -> Option<Self> {
        if self.history.iter().any(|entry| entry.what == ANSWERED) {
            return None;
        }
        let sent = self.settled_by_event(&ProviderEvent::Sent { provider_id }, at);
        let mut next = sent.unwrap_or_else(|| self.clone());
        next.history.push(NotificationEntry {
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
        let at = plus(self.trigger.notification_type.table_row().resend_after())?
            .min(last)
            .max(plus(LEAST_PATIENCE)?);
        (at <= self.useful_until).then_some(at)
    }

    /// The mail whose fate has been unknown for too long, as it is to be claimed
    /// and sent again. None as long as the provider may yet say, and if it is not
    /// to be sent again at all.
    pub fn sent_again(&self, now: Timestamp) -> Option<Self> {
        let NotificationState::Unknown { since } = self.state else {
            return None;
        };
        let at = self.sent_again_at(since)?;
        (at <= now).then(|| {
            self.with_state(
                NotificationState::Deferred {
                    until: now,
                    reason: DeferralReason::Provider,
                },
                now,
            )
        })
    }
}

/// How much a state says of the message's fate.
const fn state_weight(state: &NotificationState) -> u8 {
    match state {
        NotificationState::Deferred { .. }
        | NotificationState::Claimed { .. }
        | NotificationState::Unknown { .. }
        | NotificationState::Suppressed { .. }
        | NotificationState::Failed {
            was_taken: false, ..
        } => 0,
        NotificationState::Sent { .. } => 1,
        NotificationState::Failed {
            was_taken: true, ..
        } => 2,
        NotificationState::Delivered { .. } => 3,
        NotificationState::Bounced { .. } => 4,
        NotificationState::Complained { .. } => 5,
    }
}
