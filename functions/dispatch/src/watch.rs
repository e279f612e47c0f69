//! The time within one invocation.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// A watch that was set when the message came in and runs on from there: a
/// lease must not outlast its term only because a call took long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watch {
    set_to: Timestamp,
    set_at: Instant,
}

impl Watch {
    /// Sets it to `now`.
    pub(crate) fn set(now: Timestamp) -> Self {
        Self {
            set_to: now,
            set_at: Instant::now(),
        }
    }

    /// What it shows, to the millisecond: the ledger keeps no more.
    pub(crate) fn now(&self) -> Timestamp {
        let elapsed =
            SignedDuration::try_from(self.set_at.elapsed()).unwrap_or(SignedDuration::MAX);
        let now = self.set_to.checked_add(elapsed).unwrap_or(Timestamp::MAX);
        Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
    }
}
