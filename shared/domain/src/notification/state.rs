//! What a state means to those who read it.

use jiff::Timestamp;

use super::{Notification, NotificationEntry, NotificationState};

/// The name of a worker's claim, which is also its line in the history.
const CLAIMED: &str = "claimed";

impl NotificationState {
    /// The name of the state.
    pub const fn state_name(&self) -> &'static str {
        match self {
            Self::Deferred { .. } => "deferred",
            Self::Claimed { .. } => CLAIMED,
            Self::Sent { .. } => "sent",
            Self::Unknown { .. } => "unknown",
            Self::Suppressed { .. } => "suppressed",
            Self::Failed { .. } => "failed",
            Self::Delivered { .. } => "delivered",
            Self::Bounced { .. } => "bounced",
            Self::Complained { .. } => "complained",
        }
    }

    /// The name with its reason, as the history keeps it.
    pub fn describe_state(&self) -> String {
        let name = self.state_name();
        match self {
            Self::Deferred { until, reason } => format!("{name} until {until}: {reason}"),
            Self::Suppressed { reason, .. } => format!("{name}: {reason}"),
            Self::Failed { reason, .. } => format!("{name}: {reason}"),
            Self::Bounced {
                is_permanent: true, ..
            } => format!("{name}: permanent"),
            Self::Bounced { .. } => format!("{name}: transient"),
            Self::Claimed { .. }
            | Self::Sent { .. }
            | Self::Unknown { .. }
            | Self::Delivered { .. }
            | Self::Complained { .. } => name.to_owned(),
        }
    }
}

impl Notification {
    /// Whether something will yet be done about it. What only the provider can
    /// still tell is not open, though its fate is unknown.
    pub fn is_open(&self) -> bool {
        matches!(self.state, NotificationState::Claimed { .. }) || self.due_at().is_some()
    }

    /// Whether a worker was once about to send it, whatever came of that.
    pub fn was_claimed(&self) -> bool {
        self.refusals > 0 || self.history.iter().any(|entry| entry.what == CLAIMED)
    }

    /// When the sweep has to come back to it, if it has to.
    ///
    /// Not to a claim when its lease ends: entering each in the index and
    /// removing it again would double what a message costs to write. A claim
    /// whose worker died is found by the message of the queue that it was made
    /// for, which comes again until it is done or lies among the dead letters.
    pub fn due_at(&self) -> Option<Timestamp> {
        match &self.state {
            NotificationState::Deferred { until, .. } => Some(*until),
            NotificationState::Unknown { since } => self.sent_again_at(*since),
            NotificationState::Claimed { .. }
            | NotificationState::Sent { .. }
            | NotificationState::Suppressed { .. }
            | NotificationState::Failed { .. }
            | NotificationState::Delivered { .. }
            | NotificationState::Bounced { .. }
            | NotificationState::Complained { .. } => None,
        }
    }

    /// Grows with each change; a write is conditional on it. It follows from the
    /// length of the history and the number of refusals, so the store needs no
    /// attribute of its own for it: a refusal takes at most one line away.
    pub fn revision_number(&self) -> usize {
        let refusals = usize::try_from(self.refusals).unwrap_or(usize::MAX);
        self.history
            .len()
            .saturating_add(refusals.saturating_mul(2))
    }

    /// Until when the worker that has claimed it may take, if one has.
    pub const fn lease_until(&self) -> Option<Timestamp> {
        match self.state {
            NotificationState::Claimed { lease_until, .. } => Some(lease_until),
            _ => None,
        }
    }

    /// When the customer was told, or may have been; none if certainly not.
    pub fn told_at(&self) -> Option<Timestamp> {
        match &self.state {
            NotificationState::Deferred { .. }
            | NotificationState::Suppressed { .. }
            | NotificationState::Failed { .. } => None,
            NotificationState::Sent { at, .. } => Some(*at),
            NotificationState::Claimed { .. }
            | NotificationState::Unknown { .. }
            | NotificationState::Delivered { .. }
            | NotificationState::Bounced { .. }
            | NotificationState::Complained { .. } => self
                .history
                .iter()
                .rev()
                .find(|entry| matches!(entry.what.as_str(), "claimed" | "sent"))
                .map(|entry| entry.at),
        }
    }

    /// The notification in another state, with a line in its history.
    pub(super) fn with_state(&self, state: NotificationState, now: Timestamp) -> Self {
        let mut next = self.clone();
        next.history.push(NotificationEntry {
            at: now,
            what: state.describe_state(),
        });
        next.state = state;
        next
    }
}
