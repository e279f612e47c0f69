//! Stops asking while there is still time to record what was answered.
//!
//! A carrier that is slow but well would otherwise cost the whole invocation:
//! every answer lost, every shipment asked after again, and in the end a dead letter.

use std::{future, time::Duration};

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{CarrierError, CarrierErrorKind, quota::RateLimiter};
use posthorn_platform::clock;

/// Kept free at the end of an invocation: for a request that is under way (ten
/// seconds at most, and its repetitions), for what is written, for what goes back.
const RESERVE: SignedDuration = SignedDuration::from_secs(25);

/// What was not asked comes again as soon as the queue likes.
const AGAIN_AFTER: Duration = Duration::from_secs(1);

/// Until when an invocation that ends at `deadline` (milliseconds since 1970)
/// may ask; none where the end is not given.
pub(crate) fn deadline_at(deadline: u64) -> Option<Timestamp> {
    let deadline = i64::try_from(deadline).ok().filter(|ms| *ms > 0)?;
    Timestamp::from_millisecond(deadline)
        .ok()?
        .checked_sub(RESERVE)
        .ok()
}

/// A toll that lets nothing through any more once time is up.
#[derive(Debug)]
pub(crate) struct DeadlineLimiter {
    /// What the carrier's quotas say.
    pub(crate) toll: Box<dyn RateLimiter>,
    /// When time is up.
    pub(crate) until: Option<Timestamp>,
}

impl RateLimiter for DeadlineLimiter {
    fn acquire(&self, numbers: usize) -> BoxFuture<'_, Result<(), CarrierError>> {
        if self.until.is_some_and(|until| clock::now() >= until) {
            let kind = CarrierErrorKind::OutOfQuota { after: AGAIN_AFTER };
            let failure = CarrierError::new(kind, "there was no time left to ask");
            return Box::pin(future::ready(Err(failure)));
        }
        self.toll.acquire(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_carriers::quota::Unlimited;

    async fn may_ask(until: Option<Timestamp>) -> bool {
        let toll = Box::new(Unlimited);
        DeadlineLimiter { toll, until }.acquire(1).await.is_ok()
    }

    #[tokio::test]
    async fn nothing_is_asked_once_time_is_up() {
        assert!(may_ask(None).await);
        assert!(may_ask(Some(clock::now() + SignedDuration::from_secs(30))).await);
        assert!(!may_ask(Some(clock::now())).await);
    }

    #[test]
    fn time_is_up_before_the_deadline() {
        assert_eq!(deadline_at(0), None);
        assert_eq!(deadline_at(60_000), Timestamp::from_second(35).ok());
    }
}
