//! How much a carrier lets us ask, and how we keep to it.
//!
//! Everything here is a rule without IO: the functions keep the state and tell
//! the time (docs/adr/0013-polling-within-limits.md).
//!
//! | module | subject |
//! | --- | --- |
//! | [`ledger`] | what was taken out of each quota, and what may still be |
//! | [`purse`] | what one process has taken and not yet spent |
//! | [`breaker`] | when a carrier is left alone |
//! | [`errand`] | how a message pays, waits and goes back |

pub mod breaker;
pub mod errand;
pub mod ledger;
pub mod purse;

pub use breaker::{BreakerChange, CircuitBreaker};
pub use errand::{Disposition, PollBudget};
pub use ledger::{QuotaLease, QuotaUsage};
pub use purse::{Acquired, TokenLease};

use crate::{
    outcome::{CarrierError, CarrierErrorKind},
    profile::CarrierProfile,
};
use futures::future::{self, BoxFuture};
use std::{fmt, time::Duration};

/// Shipments in a message to `poll`, as far as whole calls make as many: enough
/// to share the price of a message, few enough for one invocation's time.
const SHIPMENTS_PER_MESSAGE: usize = 25;

/// The most shipments in a message, whatever a carrier takes in one call: a
/// message has 256 KB.
const MOST_PER_MESSAGE: usize = 100;

/// What a request takes out of a carrier's quotas.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestCost {
    /// Requests.
    pub calls: u32,
    /// Numbers asked after.
    pub numbers: u32,
}

impl RequestCost {
    /// More than any quota has.
    pub const UNLIMITED: Self = Self {
        calls: u32::MAX,
        numbers: u32::MAX,
    };

    /// One request for so many numbers.
    pub fn for_request(numbers: usize) -> Self {
        Self {
            calls: 1,
            numbers: u32::try_from(numbers).unwrap_or(u32::MAX),
        }
    }

    /// The fewest requests that ask for `numbers`.
    pub fn fewest_requests(profile: &CarrierProfile, numbers: usize) -> Self {
        Self {
            calls: Self::for_request(numbers.div_ceil(profile.batch.max(1))).numbers,
            numbers: Self::for_request(numbers).numbers,
        }
    }

    /// Whether `self` covers `other`.
    pub const fn covers_cost(self, other: Self) -> bool {
        self.calls >= other.calls && self.numbers >= other.numbers
    }

    /// The lesser of each.
    #[must_use]
    pub fn lesser_of(self, other: Self) -> Self {
        Self {
            calls: self.calls.min(other.calls),
            numbers: self.numbers.min(other.numbers),
        }
    }

    /// The greater of each.
    #[must_use]
    pub fn greater_of(self, other: Self) -> Self {
        Self {
            calls: self.calls.max(other.calls),
            numbers: self.numbers.max(other.numbers),
        }
    }

    /// The numbers that can be asked after for this.
    pub fn affordable_numbers(self, profile: &CarrierProfile) -> usize {
        let by_calls = to_usize(self.calls).saturating_mul(profile.batch.max(1));
        by_calls.min(to_usize(self.numbers))
    }
}

fn to_usize(number: u32) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

/// How many shipments of this carrier go into one message: whole calls.
pub fn shipments_per_message(profile: &CarrierProfile) -> usize {
    let batch = profile.batch.clamp(1, MOST_PER_MESSAGE);
    batch * (SHIPMENTS_PER_MESSAGE / batch).max(1)
}

/// Who is asked before each request to a carrier, logins, pages and repeated
/// attempts included, whether the carrier's quotas allow it.
pub trait RateLimiter: fmt::Debug + Send + Sync {
    /// Takes one request for so many numbers out of the quotas, or says when
    /// there may be one ([`CarrierErrorKind::OutOfQuota`]).
    fn acquire(&self, numbers: usize) -> BoxFuture<'_, Result<(), CarrierError>>;
}

/// For a carrier that counts nothing.
#[derive(Debug, Clone, Copy)]
pub struct Unlimited;

impl RateLimiter for Unlimited {
    fn acquire(&self, _numbers: usize) -> BoxFuture<'_, Result<(), CarrierError>> {
        Box::pin(future::ready(Ok(())))
    }
}

/// Our own count says that a quota is used up until `after` has passed.
pub fn out_of_quota(after: Duration) -> CarrierError {
    CarrierError::new(
        CarrierErrorKind::OutOfQuota { after },
        "what the carrier allows is used up",
    )
}
