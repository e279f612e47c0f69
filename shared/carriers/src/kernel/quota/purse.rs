//! What one process has leased and not yet spent.

use super::{QuotaLease, RequestCost};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// A process's own part of a carrier's quotas.
#[derive(Debug, Default)]
pub struct TokenLease {
    held: Option<QuotaLease>,
    /// The ledger has said that there is nothing before then.
    closed_until: Option<Timestamp>,
}

/// What became of a payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acquired {
    /// Paid: the request may go out.
    Paid,
    /// The ledger has to be asked.
    Empty,
    /// There is nothing for so long; the ledger need not be asked.
    Closed(Duration),
}

impl TokenLease {
    /// Pays `cost` out of what is held.
    pub fn acquire_tokens(&mut self, cost: RequestCost, now: Timestamp) -> Acquired {
        let held = self.held.as_mut().filter(|held| now <= held.until);
        if let Some(held) = held.filter(|held| held.cost.covers_cost(cost)) {
            held.cost.calls -= cost.calls;
            held.cost.numbers -= cost.numbers;
            return Acquired::Paid;
        }
        match self.closed_until {
            Some(until) if until > now => Acquired::Closed(time_left(until, now)),
            _ => Acquired::Empty,
        }
    }

    /// Puts a lease in. What was left of the last is given up: it did not
    /// cover what is to be paid, or is over.
    pub fn add_lease(&mut self, lease: QuotaLease) {
        self.held = Some(lease);
        self.closed_until = None;
    }

    /// Remembers that there is nothing for so long.
    pub fn close_for(&mut self, wait: Duration, now: Timestamp) {
        let wait = SignedDuration::try_from(wait).unwrap_or(SignedDuration::MAX);
        self.closed_until = now.checked_add(wait).ok();
    }
}

/// How long from `now` until `then`.
pub(super) fn time_left(then: Timestamp, now: Timestamp) -> Duration {
    let left = then.duration_since(now).max(SignedDuration::ZERO);
    left.unsigned_abs()
}
