//! When a carrier is left alone: it says so, it is down, or it refuses us.

use super::purse::time_left;
use crate::outcome::{CarrierErrorKind, TrackingResult};
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// Rounds in a row without any answer after which a carrier is left alone.
const PATIENCE: u32 = 3;

/// For how long at first; twice as long after each probe that fails.
const FIRST_PAUSE: SignedDuration = SignedDuration::from_mins(2);

/// The longest pause: a carrier that is back is noticed within this.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(1);

/// One process's view of a carrier. What it decides is shared by a
/// [`BreakerChange`], so that the sweep sends nothing for the time being.
#[derive(Debug, Default)]
pub struct CircuitBreaker {
    failures: u32,
    paused_until: Option<Timestamp>,
}

/// What all processes must learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BreakerChange {
    /// The carrier is not asked before then.
    BackOff {
        /// When it may be asked again.
        until: Timestamp,
        /// How often in a row it has been left alone for want of an answer; 0
        /// if it only asked for patience.
        consecutive_failures: u32,
    },
    /// It answers again.
    Resume,
}

/// What a round of questions met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RoundResult {
    /// At least one question was answered.
    Answered,
    /// It wants us to wait.
    Throttled(Duration),
    /// No answer but that it is down or refuses us.
    Failed,
}

impl CircuitBreaker {
    /// How long the carrier may not be asked, as far as this process knows.
    pub fn current_backoff(&self, now: Timestamp) -> Option<Duration> {
        let until = self.paused_until.filter(|until| *until > now)?;
        Some(time_left(until, now))
    }

    /// Takes note of the outcomes of a round. `consecutive_failures` are those that the
    /// round's message knew of: with any, the round was a probe.
    pub fn note_outcomes<'a>(
        &mut self,
        outcomes: impl IntoIterator<Item = &'a TrackingResult>,
        consecutive_failures: u32,
        now: Timestamp,
    ) -> Option<BreakerChange> {
        match summarise_round(outcomes) {
            None => None,
            Some(RoundResult::Answered) => {
                self.failures = 0;
                self.paused_until = None;
                (consecutive_failures > 0).then_some(BreakerChange::Resume)
            }
            Some(RoundResult::Throttled(wait)) => {
                let wait = SignedDuration::try_from(wait).unwrap_or(LONGEST_PAUSE);
                Some(self.leave_alone(wait, consecutive_failures, now))
            }
            Some(RoundResult::Failed) => {
                self.failures = self.failures.saturating_add(1);
                if consecutive_failures == 0 && self.failures < PATIENCE {
                    return None;
                }
                let pause = FIRST_PAUSE * 2_i32.pow(consecutive_failures.min(5));
                let consecutive_failures = consecutive_failures.saturating_add(1);
                Some(self.leave_alone(pause.min(LONGEST_PAUSE), consecutive_failures, now))
            }
        }
    }

    fn leave_alone(
        &mut self,
        pause: SignedDuration,
        consecutive_failures: u32,
        now: Timestamp,
    ) -> BreakerChange {
        let until = now.checked_add(pause).unwrap_or(now);
        self.failures = 0;
        self.paused_until = Some(until);
        BreakerChange::BackOff {
            until,
            consecutive_failures,
        }
    }
}

/// What a round met; none if it never came to a question.
fn summarise_round<'a>(
    outcomes: impl IntoIterator<Item = &'a TrackingResult>,
) -> Option<RoundResult> {
    let mut met = None;
    for outcome in outcomes {
        let kind = match outcome {
            TrackingResult::Failed(failure) => Some(failure.kind),
            _ => None,
        };
        match kind {
            Some(CarrierErrorKind::RateLimited { after }) => {
                return Some(RoundResult::Throttled(
                    after.unwrap_or(Duration::from_mins(1)),
                ));
            }
            Some(CarrierErrorKind::OutOfQuota { .. }) => {}
            Some(
                CarrierErrorKind::Unauthorized
                | CarrierErrorKind::Denied
                | CarrierErrorKind::Unavailable,
            ) => {
                met = met.or(Some(RoundResult::Failed));
            }
            // One answer shows that the carrier is there, were it nonsense.
            Some(CarrierErrorKind::Rejected | CarrierErrorKind::Unreadable) | None => {
                met = Some(RoundResult::Answered);
            }
        }
    }
    met
}
