//! Before the provider is called: who sends, and whether at all.

use jiff::{SignedDuration, Timestamp};

use super::{
    ClaimOutcome, DeferralReason, Notification, NotificationDraft, NotificationEntry,
    NotificationState, SuppressionReason,
};

impl NotificationDraft {
    /// What the worker with the random `token` finds, given what the ledger
    /// holds; `lease` is how long it may take.
    ///
    /// On [`ClaimOutcome::Won`] the notification is written on condition that the ledger has
    /// not moved since it was read. If that write is refused, or its answer is
    /// lost, the ledger is read again and this asked again with the same token.
    pub fn claim_send(
        &self,
        existing: Option<&Notification>,
        token: &str,
        lease: SignedDuration,
        now: Timestamp,
    ) -> ClaimOutcome {
        let Some(notification) = existing else {
            return ClaimOutcome::Won(self.to_claimed(token, lease, now));
        };
        match &notification.state {
            NotificationState::Deferred { until, .. } if *until > now => {
                ClaimOutcome::Later { until: *until }
            }
            NotificationState::Deferred { .. } => {
                let mut next = notification.with_state(claimed(token, lease, now), now);
                next.attempts += 1;
                next.basis.clone_from(&self.basis);
                ClaimOutcome::Won(next)
            }
            NotificationState::Claimed { lease_until, .. } if *lease_until <= now => {
                ClaimOutcome::Lost(
                    notification.with_state(NotificationState::Unknown { since: now }, now),
                )
            }
            NotificationState::Claimed { token: theirs, .. } if theirs == token => {
                ClaimOutcome::Ours(notification.clone())
            }
            NotificationState::Claimed { lease_until, .. } => ClaimOutcome::Busy {
                until: *lease_until,
            },
            NotificationState::Unknown { .. } => match notification.due_at() {
                Some(until) => ClaimOutcome::Later { until },
                None => ClaimOutcome::Settled,
            },
            NotificationState::Sent { .. }
            | NotificationState::Suppressed { .. }
            | NotificationState::Failed { .. }
            | NotificationState::Delivered { .. }
            | NotificationState::Bounced { .. }
            | NotificationState::Complained { .. } => ClaimOutcome::Settled,
        }
    }

    /// The notification, put off until then before it was ever tried.
    pub fn to_deferred(
        &self,
        until: Timestamp,
        reason: DeferralReason,
        now: Timestamp,
    ) -> Notification {
        self.with_first_state(NotificationState::Deferred { until, reason }, 0, now)
    }

    /// The notification, suppressed before it was ever tried.
    pub fn to_suppressed(&self, reason: SuppressionReason, now: Timestamp) -> Notification {
        self.with_first_state(NotificationState::Suppressed { reason, at: now }, 0, now)
    }

    /// The notification, failed before it was ever tried.
    pub fn to_failed(&self, reason: &str, now: Timestamp) -> Notification {
        self.with_first_state(failed(reason, now), 0, now)
    }

    fn to_claimed(&self, token: &str, lease: SignedDuration, now: Timestamp) -> Notification {
        self.with_first_state(claimed(token, lease, now), 1, now)
    }

    fn with_first_state(
        &self,
        state: NotificationState,
        attempts: u32,
        now: Timestamp,
    ) -> Notification {
        Notification {
            id: self.id.clone(),
            order: self.order.clone(),
            trigger: self.trigger.clone(),
            channel: self.channel,
            recipient: self.recipient.clone(),
            fact: self.fact.clone(),
            basis: self.basis.clone(),
            history: vec![NotificationEntry {
                at: now,
                what: state.describe_state(),
            }],
            state,
            attempts,
            refusals: 0,
            useful_until: self.useful_until,
            created_at: now,
        }
    }
}

impl Notification {
    /// The draft that it came from, for claiming it when it is due.
    pub fn to_draft(&self) -> NotificationDraft {
        NotificationDraft {
            id: self.id.clone(),
            order: self.order.clone(),
            trigger: self.trigger.clone(),
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
            NotificationState::Claimed { token: theirs, lease_until }
                if theirs == token && ends < *lease_until
        )
    }

    /// Put off until then for this reason; a claim that comes to nothing in this
    /// way is no try. None if it is not for the worker with `token` to say.
    pub fn defer(
        &self,
        token: &str,
        until: Timestamp,
        reason: DeferralReason,
        now: Timestamp,
    ) -> Option<Self> {
        if !self.is_undecided(token) {
            return None;
        }
        let mut next = self.with_state(NotificationState::Deferred { until, reason }, now);
        if matches!(self.state, NotificationState::Claimed { .. }) {
            next.attempts = next.attempts.saturating_sub(1);
        }
        Some(next)
    }

    /// Not sent, on purpose. None if it is not for the worker with `token` to say.
    pub fn suppress(&self, token: &str, reason: SuppressionReason, now: Timestamp) -> Option<Self> {
        self.is_undecided(token)
            .then(|| self.with_state(NotificationState::Suppressed { reason, at: now }, now))
    }

    /// Certainly not taken by the provider, and no more tries; `reason` in its
    /// words, without the address. None if it is not for the worker with `token` to say.
    pub fn fail(&self, token: &str, reason: &str, now: Timestamp) -> Option<Self> {
        self.is_undecided(token)
            .then(|| self.with_state(failed(reason, now), now))
    }

    /// Whether it has certainly not been sent and the worker with `token` may
    /// say what becomes of it: it waits, or that worker has claimed it. Another
    /// worker's claim is not to be touched, nor a message of unknown fate.
    fn is_undecided(&self, token: &str) -> bool {
        match &self.state {
            NotificationState::Deferred { .. } => true,
            NotificationState::Claimed { token: theirs, .. } => theirs == token,
            NotificationState::Sent { .. }
            | NotificationState::Unknown { .. }
            | NotificationState::Suppressed { .. }
            | NotificationState::Failed { .. }
            | NotificationState::Delivered { .. }
            | NotificationState::Bounced { .. }
            | NotificationState::Complained { .. } => false,
        }
    }
}

fn failed(reason: &str, now: Timestamp) -> NotificationState {
    NotificationState::Failed {
        reason: reason.to_owned(),
        at: now,
        was_taken: false,
    }
}

fn claimed(token: &str, lease: SignedDuration, now: Timestamp) -> NotificationState {
    NotificationState::Claimed {
        token: token.to_owned(),
        lease_until: now.checked_add(lease).unwrap_or(Timestamp::MAX),
    }
}
