//! Attempts at a change that a concurrent change may get in the way of.

use backon::{BackoffBuilder as _, ExponentialBackoff, ExponentialBuilder};
use posthorn_platform::{ServiceError, ServiceErrorKind, store::intake::Submitted};
use std::time::Duration;
use tokio::time::sleep;

/// How often a change is tried again. Of twenty at once each has its turn: the
/// later pauses are far longer than a write takes, and no two are the same.
const RETRIES: usize = 9;
const SHORTEST: Duration = Duration::from_millis(10);
const LONGEST: Duration = Duration::from_millis(200);

/// The tries of one change, with a pause between each two.
#[derive(Debug)]
pub(crate) struct Attempts {
    pauses: ExponentialBackoff,
    is_begun: bool,
}

impl Default for Attempts {
    fn default() -> Self {
        Self {
            pauses: ExponentialBuilder::default()
                .with_min_delay(SHORTEST)
                .with_max_delay(LONGEST)
                .with_max_times(RETRIES)
                .with_jitter()
                .build(),
            is_begun: false,
        }
    }
}

impl Attempts {
    /// Whether there is another try, once it is time for it.
    pub(crate) async fn wait_for_next(&mut self) -> bool {
        if !std::mem::replace(&mut self.is_begun, true) {
            return true;
        }
        let Some(pause) = self.pauses.next() else {
            return false;
        };
        sleep(pause).await;
        true
    }
}

/// A write that another transaction was in the way of, of which nothing is
/// written, as the conflict that it is.
pub(crate) fn unless_contended(
    written: Result<Submitted, ServiceError>,
) -> Result<Submitted, ServiceError> {
    match written {
        Err(error) if error.kind == ServiceErrorKind::Contended => Ok(Submitted::Conflict),
        written => written,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pauses_grow_and_stay_far_below_what_a_caller_waits_for() {
        let pauses: Vec<Duration> = Attempts::default().pauses.collect();
        assert_eq!(pauses.len(), RETRIES);
        assert!(pauses[0] < LONGEST / 4, "{pauses:?}");
        assert!(pauses[RETRIES - 1] >= LONGEST, "{pauses:?}");
        assert!(pauses.iter().sum::<Duration>() < Duration::from_secs(4));
    }
}
