//! The rules by which a message to `poll` gets through: how its requests are paid
//! for, for which wait it is worth to wait, and what goes back to the queue.

use super::{QuotaLease, QuotaUsage, RequestCost, TokenLease};
use crate::{
    outcome::{CarrierErrorKind, CarrierRetry},
    profile::{CarrierProfile, Quota},
};
use jiff::Timestamp;
use std::time::Duration;

/// What is waited for on the spot, and not in the queue: a rate of some requests
/// a second.
const SHORT_WAIT: Duration = Duration::from_millis(1300);

/// How often the requests of one message wait so: a waiting Lambda is billed.
const SHORT_WAITS: usize = 4;

/// How often shipments may go back to the queue; then the next sweep brings them.
const MOST_RETURNS: u8 = 3;

/// The longest that SQS hides a message.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PollBudget {
    expected: RequestCost,
    n_waits: usize,
}

impl PollBudget {
    /// To ask after so many numbers.
    pub fn new(profile: &CarrierProfile, numbers: usize) -> Self {
        Self {
            expected: RequestCost::fewest_requests(profile, numbers),
            n_waits: 0,
        }
    }

    /// What it will still need, as far as it is known.
    pub const fn expected_cost(&self) -> RequestCost {
        self.expected
    }

    /// A request for so many numbers was paid for. A login, which is for none, was
    /// not among what was expected.
    pub fn record_payment(&mut self, numbers: usize) {
        if numbers > 0 {
            let cost = RequestCost::for_request(numbers);
            self.expected.calls = self.expected.calls.saturating_sub(cost.calls);
            self.expected.numbers = self.expected.numbers.saturating_sub(cost.numbers);
        }
    }

    /// Whether a request may wait for so long on the spot; if so, that counts.
    pub fn may_wait(&mut self, wait: Duration) -> bool {
        if wait > SHORT_WAIT {
            return false;
        }
        self.n_waits += 1;
        self.n_waits <= SHORT_WAITS
    }
}

impl TokenLease {
    /// Leases what is to be paid for, and what is expected besides, out of the
    /// `ledger`; or says how long there is nothing, and remembers it. The lease
    /// is to be put in ([`TokenLease::add_lease`]) when the ledger is kept.
    pub fn lease_tokens(
        &mut self,
        ledger: &mut QuotaUsage,
        quotas: &[Quota],
        cost: RequestCost,
        expected: RequestCost,
        now: Timestamp,
    ) -> Result<QuotaLease, Duration> {
        ledger
            .take_lease(quotas, cost, expected, now)
            .inspect_err(|wait| self.close_for(*wait, now))
    }
}

/// What becomes of a shipment after a question that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// No further try would help: its next turn is as good.
    Settled,
    /// It goes back to the queue, and rests there for so long.
    Back(Duration),
    /// It would rest for longer than the queue knows: it waits for its next turn.
    NextTurn,
}

impl Disposition {
    /// After a failure of this kind, of a message that has been back so often. The
    /// carrier is to be left alone for `pause`.
    pub fn after_failure(kind: CarrierErrorKind, returns: u8, pause: Duration) -> Self {
        match (kind, kind.retry_advice()) {
            (CarrierErrorKind::Unreadable, _) | (_, CarrierRetry::Never) => Self::Settled,
            (_, CarrierRetry::After(wait)) => Self::rest_for(wait.max(pause)),
            (_, CarrierRetry::Soon) => {
                let soon = Duration::from_mins(1) * 2_u32.pow(u32::from(returns.min(3)));
                Self::rest_for(soon.max(pause))
            }
        }
    }

    /// That of a shipment that is to rest for so long.
    pub fn rest_for(delay: Duration) -> Self {
        if delay > LONGEST_DELAY {
            Self::NextTurn
        } else {
            Self::Back(delay)
        }
    }
}

/// Whether shipments may go back to the queue that have been back so often.
pub const fn may_return(returns: u8) -> bool {
    returns < MOST_RETURNS
}

/// The delay that the queue knows: whole seconds, and rather one more than that
/// shipments come back a moment too early and use up their returns in that moment.
pub fn queued_for(delay: Duration) -> Duration {
    let seconds = delay.as_secs() + u64::from(delay.subsec_nanos() > 0);
    Duration::from_secs(seconds).min(LONGEST_DELAY)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[test]
    fn what_may_have_an_answer_soon_goes_back_and_what_has_none_does_not() {
        let out_of_quota = |minutes| CarrierErrorKind::OutOfQuota {
            after: MINUTE * minutes,
        };
        let throttled = CarrierErrorKind::RateLimited { after: None };
        for (kind, returns, pause, fate) in [
            (out_of_quota(3), 0, 0, Disposition::Back(3 * MINUTE)),
            (out_of_quota(15), 0, 0, Disposition::Back(15 * MINUTE)),
            (out_of_quota(16), 0, 0, Disposition::NextTurn),
            (out_of_quota(3), 0, 5, Disposition::Back(5 * MINUTE)),
            (throttled, 0, 0, Disposition::Back(MINUTE)),
            (
                CarrierErrorKind::Unavailable,
                0,
                0,
                Disposition::Back(MINUTE),
            ),
            (
                CarrierErrorKind::Unavailable,
                2,
                0,
                Disposition::Back(4 * MINUTE),
            ),
            (CarrierErrorKind::Unavailable, 0, 60, Disposition::NextTurn),
            (CarrierErrorKind::Unauthorized, 0, 0, Disposition::Settled),
            (CarrierErrorKind::Rejected, 0, 0, Disposition::Settled),
            (CarrierErrorKind::Unreadable, 0, 0, Disposition::Settled),
        ] {
            let found = Disposition::after_failure(kind, returns, MINUTE * pause);
            assert_eq!(found, fate, "{kind:?}");
        }
        assert!(may_return(2) && !may_return(3));
        assert_eq!(queued_for(Duration::from_millis(1)), Duration::from_secs(1));
        assert_eq!(queued_for(2 * MINUTE), 2 * MINUTE);
        assert_eq!(queued_for(16 * MINUTE), 15 * MINUTE);
    }

    #[test]
    fn a_message_waits_on_the_spot_for_a_moment_and_not_often() {
        let mut errand = PollBudget::new(&CarrierProfile::with_name("acme", "Acme"), 25);
        assert!(!errand.may_wait(Duration::from_secs(2)));
        for _ in 0..4 {
            assert!(errand.may_wait(Duration::from_secs(1)));
        }
        assert!(!errand.may_wait(Duration::from_millis(1)));
    }

    #[test]
    fn a_login_is_not_among_what_was_expected() {
        let mut errand = PollBudget::new(&CarrierProfile::with_name("acme", "Acme"), 2);
        errand.record_payment(0);
        assert_eq!(errand.expected_cost().calls, 2);
        errand.record_payment(1);
        assert_eq!(errand.expected_cost(), RequestCost::for_request(1));
    }
}
