//! The time within one invocation.

use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

/// A watch that was set when the message came in and runs on from there: a
/// lease must not outlast its term only because a call took long. It also knows
/// when Lambda ends the invocation, whatever is under way.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InvocationClock {
    set_to: Timestamp,
    set_at: Instant,
    deadline: Option<Timestamp>,
}

impl InvocationClock {
    /// Sets it to `now`; at `deadline` everything ends.
    pub(crate) fn start_at(now: Timestamp, deadline: Option<Timestamp>) -> Self {
        Self {
            set_to: now,
            set_at: Instant::now(),
            deadline,
        }
    }

    /// What it shows, to the millisecond: the ledger keeps no more.
    pub(crate) fn current_time(&self) -> Timestamp {
        let elapsed =
            SignedDuration::try_from(self.set_at.elapsed()).unwrap_or(SignedDuration::MAX);
        let now = self.set_to.checked_add(elapsed).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }

    /// Whether there is so much time left.
    pub(crate) fn has_time(&self, needed: SignedDuration) -> bool {
        self.time_left().is_none_or(|left| left >= needed)
    }

    /// How much time is left, if it ever ends.
    pub(crate) fn time_left(&self) -> Option<SignedDuration> {
        Some(self.deadline?.duration_since(self.current_time()))
    }
}
