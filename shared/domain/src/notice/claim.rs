//! Before the provider is called: who sends, and whether at all.

use jiff::{SignedDuration, Timestamp};

use super::{Claim, Deferral, Draft, Notice, NoticeEntry, NoticeState, Suppression};

impl Draft {
    /// What the worker with the random `token` finds, given what the ledger
    /// holds; `lease` is how long it may take.
    ///
    /// On [`Claim::Won`] the notice is written on condition that the ledger has
    /// not moved since it was read. If that write is refused, or its answer is
    /// lost, the ledger is read again and this asked again with the same token.
    pub fn claim(
        &self,
        existing: Option<&Notice>,
        token: &str,
        lease: SignedDuration,
        now: Timestamp,
    ) -> Claim {
        let Some(notice) = existing else {
            return Claim::Won(self.claimed(token, lease, now));
        };
        match &notice.state {
            NoticeState::Deferred { until, .. } if *until > now => Claim::Later { until: *until },
            NoticeState::Deferred { .. } => {
                let mut next = notice.with(claimed(token, lease, now), now);
                next.attempts += 1;
                next.basis.clone_from(&self.basis);
                Claim::Won(next)
            }
            NoticeState::Claimed { lease_until, .. } if *lease_until <= now => {
                Claim::Lost(notice.with(NoticeState::Unknown { since: now }, now))
            }
            NoticeState::Claimed { token: theirs, .. } if theirs == token => {
                Claim::Ours(notice.clone())
            }
            NoticeState::Claimed { lease_until, .. } => Claim::Busy {
                until: *lease_until,
            },
            NoticeState::Unknown { .. } => match notice.due_at() {
                Some(until) => Claim::Later { until },
                None => Claim::Settled,
            },
            NoticeState::Sent { .. }
            | NoticeState::Suppressed { .. }
            | NoticeState::Failed { .. }
            | NoticeState::Delivered { .. }
            | NoticeState::Bounced { .. }
            | NoticeState::Complained { .. } => Claim::Settled,
        }
    }

    /// The notice, put off until then before it was ever tried.
    pub fn deferred(&self, until: Timestamp, reason: Deferral, now: Timestamp) -> Notice {
        self.opened(NoticeState::Deferred { until, reason }, 0, now)
    }

    /// The notice, suppressed before it was ever tried.
    pub fn suppressed(&self, reason: Suppression, now: Timestamp) -> Notice {
        self.opened(NoticeState::Suppressed { reason, at: now }, 0, now)
    }

    /// The notice, failed before it was ever tried.
    pub fn failed(&self, reason: &str, now: Timestamp) -> Notice {
        self.opened(failed(reason, now), 0, now)
    }

    fn claimed(&self, token: &str, lease: SignedDuration, now: Timestamp) -> Notice {
        self.opened(claimed(token, lease, now), 1, now)
    }

    fn opened(&self, state: NoticeState, attempts: u32, now: Timestamp) -> Notice {
        Notice {
            id: self.id.clone(),
            order: self.order.clone(),
            occasion: self.occasion.clone(),
            channel: self.channel,
            recipient: self.recipient.clone(),
            fact: self.fact.clone(),
            basis: self.basis.clone(),
            history: vec![NoticeEntry {
                at: now,
                what: state.describe(),
            }],
            state,
            attempts,
            refusals: 0,
            useful_until: self.useful_until,
            created_at: now,
        }
    }
}

impl Notice {
    /// The draft that it came from, for claiming it when it is due.
    pub fn draft(&self) -> Draft {
        Draft {
            id: self.id.clone(),
            order: self.order.clone(),
            occasion: self.occasion.clone(),
            channel: self.channel,
            recipient: self.recipient.clone(),
            fact: self.fact.clone(),
            basis: self.basis.clone(),
            useful_until: self.useful_until,
        }
    }

    /// Whether the worker with `token` may call the provider now: the claim is
    /// its own and the lease outlasts the call, which takes `longest_call` at most.
    pub fn may_be_sent_by(
        &self,
        token: &str,
        longest_call: SignedDuration,
        now: Timestamp,
    ) -> bool {
        let ends = now.checked_add(longest_call).unwrap_or(Timestamp::MAX);
        matches!(
            &self.state,
            NoticeState::Claimed { token: theirs, lease_until }
                if theirs == token && ends < *lease_until
        )
    }

    /// Put off until then for this reason; a claim that comes to nothing in this
    /// way is no try. None if it is not for the worker with `token` to say.
    pub fn deferred(
        &self,
        token: &str,
        until: Timestamp,
        reason: Deferral,
        now: Timestamp,
    ) -> Option<Self> {
        if !self.is_undecided(token) {
            return None;
        }
        let mut next = self.with(NoticeState::Deferred { until, reason }, now);
        if matches!(self.state, NoticeState::Claimed { .. }) {
            next.attempts = next.attempts.saturating_sub(1);
        }
        Some(next)
    }

    /// Not sent, on purpose. None if it is not for the worker with `token` to say.
    pub fn suppressed(&self, token: &str, reason: Suppression, now: Timestamp) -> Option<Self> {
        self.is_undecided(token)
            .then(|| self.with(NoticeState::Suppressed { reason, at: now }, now))
    }

    /// Certainly not taken by the provider, and no more tries; `reason` in its
    /// words, without the address. None if it is not for the worker with `token` to say.
    pub fn failed(&self, token: &str, reason: &str, now: Timestamp) -> Option<Self> {
        self.is_undecided(token)
            .then(|| self.with(failed(reason, now), now))
    }

    /// Whether it has certainly not been sent and the worker with `token` may
    /// say what becomes of it: it waits, or that worker has claimed it. Another
    /// worker's claim is not to be touched, nor a message of unknown fate.
    fn is_undecided(&self, token: &str) -> bool {
        match &self.state {
            NoticeState::Deferred { .. } => true,
            NoticeState::Claimed { token: theirs, .. } => theirs == token,
            NoticeState::Sent { .. }
            | NoticeState::Unknown { .. }
            | NoticeState::Suppressed { .. }
            | NoticeState::Failed { .. }
            | NoticeState::Delivered { .. }
            | NoticeState::Bounced { .. }
            | NoticeState::Complained { .. } => false,
        }
    }
}

fn failed(reason: &str, now: Timestamp) -> NoticeState {
    NoticeState::Failed {
        reason: reason.to_owned(),
        at: now,
        was_taken: false,
    }
}

fn claimed(token: &str, lease: SignedDuration, now: Timestamp) -> NoticeState {
    NoticeState::Claimed {
        token: token.to_owned(),
        lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
    }
}
