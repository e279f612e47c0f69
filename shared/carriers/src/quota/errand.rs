//! The rules by which a message to `poll` gets through: how its requests are paid
//! for, for which wait it is worth to wait, and what goes back to the queue.

use super::{Cost, Lease, Ledger, Purse};
use crate::{
    outcome::{ErrorKind, Retry},
    profile::{Profile, Quota},
};
use jiff::Timestamp;
use std::time::Duration;

/// What is waited for on the spot, and not in the queue: a rate of some requests
/// a second.
const SHORT_WAIT: Duration = Duration::from_millis(1300);

/// How often the requests of one message wait so: a waiting Lambda is billed.
const SHORT_WAITS: usize = 4;

/// How often parcels may go back to the queue; then the next sweep brings them.
const MOST_RETURNS: u8 = 3;

/// The longest that SQS hides a message.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// How far a message has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Errand {
    expected: Cost,
    n_waits: usize,
}

impl Errand {
    /// To ask after so many numbers.
    pub fn new(profile: &Profile, numbers: usize) -> Self {
        Self {
            expected: Cost::of(profile, numbers),
            n_waits: 0,
        }
    }

    /// What it will still need, as far as it is known.
    pub const fn expected(&self) -> Cost {
        self.expected
    }

    /// A request for so many numbers was paid for. A login, which is for none, was
    /// not among what was expected.
    pub fn paid(&mut self, numbers: usize) {
        if numbers > 0 {
            let cost = Cost::call(numbers);
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

impl Purse {
    /// Leases what is to be paid for, and what is expected besides, out of the
    /// `ledger`; or says how long there is nothing, and remembers it. The lease
    /// is to be put in ([`Purse::fill`]) when the ledger is kept.
    pub fn draw(
        &mut self,
        ledger: &mut Ledger,
        quotas: &[Quota],
        cost: Cost,
        expected: Cost,
        now: Timestamp,
    ) -> Result<Lease, Duration> {
        ledger
            .lease(quotas, cost, expected, now)
            .inspect_err(|wait| self.close(*wait, now))
    }
}

/// What becomes of a parcel after a question that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// No further try would help: its next turn is as good.
    Settled,
    /// It goes back to the queue, and rests there for so long.
    Back(Duration),
    /// It would rest for longer than the queue knows: it waits for its next turn.
    NextTurn,
}

impl Fate {
    /// After a failure of this kind, of a message that has been back so often. The
    /// carrier is to be left alone for `pause`.
    pub fn after(kind: ErrorKind, returns: u8, pause: Duration) -> Self {
        match (kind, kind.retry()) {
            (ErrorKind::Unreadable, _) | (_, Retry::Never) => Self::Settled,
            (_, Retry::After(wait)) => Self::resting(wait.max(pause)),
            (_, Retry::Soon) => {
                let soon = Duration::from_mins(1) * 2_u32.pow(u32::from(returns.min(3)));
                Self::resting(soon.max(pause))
            }
        }
    }

    /// That of a parcel that is to rest for so long.
    pub fn resting(delay: Duration) -> Self {
        if delay > LONGEST_DELAY {
            Self::NextTurn
        } else {
            Self::Back(delay)
        }
    }
}

/// Whether parcels may go back to the queue that have been back so often.
pub const fn may_return(returns: u8) -> bool {
    returns < MOST_RETURNS
}

/// The delay that the queue knows: whole seconds, and rather one more than that
/// parcels come back a moment too early and use up their returns in that moment.
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
        let out_of_quota = |minutes| ErrorKind::OutOfQuota {
            after: MINUTE * minutes,
        };
        let throttled = ErrorKind::RateLimited { after: None };
        for (kind, returns, pause, fate) in [
            (out_of_quota(3), 0, 0, Fate::Back(3 * MINUTE)),
            (out_of_quota(15), 0, 0, Fate::Back(15 * MINUTE)),
            (out_of_quota(16), 0, 0, Fate::NextTurn),
            (out_of_quota(3), 0, 5, Fate::Back(5 * MINUTE)),
            (throttled, 0, 0, Fate::Back(MINUTE)),
            (ErrorKind::Unavailable, 0, 0, Fate::Back(MINUTE)),
            (ErrorKind::Unavailable, 2, 0, Fate::Back(4 * MINUTE)),
            (ErrorKind::Unavailable, 0, 60, Fate::NextTurn),
            (ErrorKind::Unauthorized, 0, 0, Fate::Settled),
            (ErrorKind::Rejected, 0, 0, Fate::Settled),
            (ErrorKind::Unreadable, 0, 0, Fate::Settled),
        ] {
            let found = Fate::after(kind, returns, MINUTE * pause);
            assert_eq!(found, fate, "{kind:?}");
        }
        assert!(may_return(2) && !may_return(3));
        assert_eq!(queued_for(Duration::from_millis(1)), Duration::from_secs(1));
        assert_eq!(queued_for(2 * MINUTE), 2 * MINUTE);
        assert_eq!(queued_for(16 * MINUTE), 15 * MINUTE);
    }

    #[test]
    fn a_message_waits_on_the_spot_for_a_moment_and_not_often() {
        let mut errand = Errand::new(&Profile::named("acme", "Acme"), 25);
        assert!(!errand.may_wait(Duration::from_secs(2)));
        for _ in 0..4 {
            assert!(errand.may_wait(Duration::from_secs(1)));
        }
        assert!(!errand.may_wait(Duration::from_millis(1)));
    }

    #[test]
    fn a_login_is_not_among_what_was_expected() {
        let mut errand = Errand::new(&Profile::named("acme", "Acme"), 2);
        errand.paid(0);
        assert_eq!(errand.expected().calls, 2);
        errand.paid(1);
        assert_eq!(errand.expected(), Cost::call(1));
    }
}
