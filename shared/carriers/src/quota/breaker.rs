//! When a carrier is left alone: it says so, it is down, or it refuses us.

use super::purse::left;
use crate::outcome::{ErrorKind, Outcome};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Rounds in a row without any answer after which a carrier is left alone.
const PATIENCE: u32 = 3;

/// For how long at first; twice as long after each probe that fails.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(2);

/// The longest pause: a carrier that is back is noticed within this.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// One process's view of a carrier. What it decides is shared by a
/// [`Change`], so that the sweep sends nothing for the time being.
#[derive(Debug, Default)]
pub struct Breaker {
    failures: u32,
    paused_until: Option<Timestamp>,
}

/// What all processes must learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nobody asks before then.
    Pause {
        /// When somebody may ask again.
        until: Timestamp,
        /// How often in a row it has been left alone for want of an answer; 0
        /// if it only asked for patience.
        strikes: u32,
    },
    /// It answers again.
    Resume,
}

/// What a round of questions met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Round {
    /// At least one question was answered.
    Answered,
    /// It wants us to wait.
    Throttled(Duration),
    /// No answer but that it is down or refuses us.
    Failed,
}

impl Breaker {
    /// How long nobody may ask, as far as this process knows.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        let until = self.paused_until.filter(|until| *until > now)?;
        Some(left(until, now))
    }

    /// Takes note of the outcomes of a round. `strikes` are those that the
    /// round's message knew of: with any, the round was a probe.
    pub fn note<'a>(
        &mut self,
        outcomes: impl IntoIterator<Item = &'a Outcome>,
        strikes: u32,
        now: Timestamp,
    ) -> Option<Change> {
        match round(outcomes) {
            None => None,
            Some(Round::Answered) => {
                self.failures = 0;
                self.paused_until = None;
                (strikes > 0).then_some(Change::Resume)
            }
            Some(Round::Throttled(wait)) => {
                let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_PAUSE);
                Some(self.leave_alone(wait, strikes, now))
            }
            Some(Round::Failed) => {
                self.failures = self.failures.saturating_add(1);
                if strikes == 0 && self.failures < PATIENCE {
                    return None;
                }
                let pause = FIRST_PAUSE * 2_i32.pow(strikes.min(5));
                let strikes = strikes.saturating_add(1);
                Some(self.leave_alone(pause.min(LONGEST_PAUSE), strikes, now))
            }
        }
    }

    fn leave_alone(&mut self, pause: SignedDuration, strikes: u32, now: Timestamp) -> Change {
        let until = now.checked_add(pause).unwrap_or(now);
        self.failures = 0;
        self.paused_until = Some(until);
        Change::Pause { until, strikes }
    }
}

/// What a round met; none if it never came to a question.
fn round<'a>(outcomes: impl IntoIterator<Item = &'a Outcome>) -> Option<Round> {
    let mut met = None;
    for outcome in outcomes {
        let kind = match outcome {
            Outcome::Failed(failure) => Some(failure.kind),
            _ => None,
        };
        match kind {
            Some(ErrorKind::RateLimited { after }) => {
                return Some(Round::Throttled(after.unwrap_or(Duration::from_mins(1))));
            }
            Some(ErrorKind::OutOfQuota { .. }) => {}
            Some(ErrorKind::Unauthorized | ErrorKind::Denied | ErrorKind::Unavailable) => {
                met = met.or(Some(Round::Failed));
            }
            // One answer shows that the carrier is there, were it nonsense.
            Some(ErrorKind::Rejected | ErrorKind::Unreadable) | None => {
                met = Some(Round::Answered);
            }
        }
    }
    met
}
