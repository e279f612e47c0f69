//! After the provider was called: what became of it.

use crate::moment::Channel;
use jiff::Timestamp;

use super::{Deferral, MOST_ATTEMPTS, Notice, NoticeState, ProviderEvent, Settling, UNKNOWN_FOR};

/// When a message of unknown fate is settled without the provider's event.
pub(super) fn settled_at(since: Timestamp) -> Timestamp {
    since.checked_add(UNKNOWN_FOR).unwrap_or(Timestamp::MAX)
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
            ProviderEvent::Bounced { is_permanent } => NoticeState::Bounced { is_permanent, at },
            ProviderEvent::Complained => NoticeState::Complained { at },
        };
        (weight(&state) > weight(&self.state)).then(|| self.with(state, at))
    }

    /// What becomes of a message whose fate has been unknown for too long: mail
    /// is sent again, for twice is better than never; a text is given up, for it
    /// costs and disturbs. None as long as the provider may yet say.
    pub fn settled_by_age(&self, now: Timestamp) -> Option<Settling> {
        let NoticeState::Unknown { since } = self.state else {
            return None;
        };
        if settled_at(since) > now {
            return None;
        }
        let failed = |reason: &str| {
            let reason = reason.to_owned();
            Settling::GivenUp(self.with(NoticeState::Failed { reason, at: now }, now))
        };
        Some(match self.channel {
            Channel::Sms => failed("the provider never said whether it took it"),
            Channel::Email if now > self.useful_until => failed(
                "the provider never said whether it took it, and it is too late to send it again",
            ),
            Channel::Email if self.attempts.saturating_sub(self.refusals) >= MOST_ATTEMPTS => {
                failed("the provider never said whether it took it, in as many tries as there are")
            }
            Channel::Email => {
                let released = NoticeState::Deferred {
                    until: now,
                    reason: Deferral::Provider,
                };
                Settling::Again(self.with(released, now))
            }
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
        | NoticeState::Failed { .. } => 0,
        NoticeState::Sent { .. } => 1,
        NoticeState::Delivered { .. } => 2,
        NoticeState::Bounced { .. } => 3,
        NoticeState::Complained { .. } => 4,
    }
}
