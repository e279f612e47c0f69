//! Ends a sweep while there is still time to note how far it is.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

/// Kept free at the end of an invocation: for requests that are under way, each
/// eight seconds at most, and for the last write.
const RESERVE: Duration = Duration::from_secs(12);

/// How long a sweep goes on of which it is not known when it is ended.
const USUAL: Duration = Duration::from_secs(40);

/// When a sweep begins nothing new.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Deadline(Instant);

impl Deadline {
    /// The deadline of an invocation that is ended at `end`, in milliseconds since
    /// 1970; zero where that is not known.
    pub(crate) fn from_invocation_end(end: u64, now: Timestamp) -> Self {
        let left = u64::try_from(now.as_millisecond())
            .ok()
            .filter(|_| end > 0)
            .map(|now| Duration::from_millis(end.saturating_sub(now)).saturating_sub(RESERVE));
        Self::from_now(left.unwrap_or(USUAL))
    }

    /// So long from now.
    pub(crate) fn from_now(time: Duration) -> Self {
        Self(Instant::now() + time)
    }

    /// Whether time is up.
    pub(crate) fn is_over(self) -> bool {
        Instant::now() >= self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn time_is_up_before_the_invocation_is_ended() {
        let now = Timestamp::from_second(1_795_305_600).unwrap();
        let end = u64::try_from(now.as_millisecond()).unwrap() + 55_000;
        let deadline = Deadline::from_invocation_end(end, now);
        assert_eq!(deadline, Deadline::from_now(Duration::from_secs(43)));
        assert_eq!(
            Deadline::from_invocation_end(0, now),
            Deadline::from_now(USUAL)
        );
        assert!(Deadline::from_invocation_end(1, now).is_over());
        assert!(!deadline.is_over());
        tokio::time::advance(Duration::from_secs(43)).await;
        assert!(deadline.is_over());
    }
}
