//! Which notices are to be judged again, and that none is missed.

use std::time::Duration;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{id::OrderKey, notice::NoticeId};
use serde::Serialize;

use crate::Sweep;

/// How far back the minutes are looked at once more. A notice may stand in a
/// minute that was swept before: it was written a moment too late, by a worker
/// whose clock is behind, or read from an index that was. And one may have come
/// to a worker whose clock is behind, who found that it is not yet due. Ten
/// minutes of skew and the five until the next look are within it.
const LOOK_BACK: i64 = 20;

/// At every so many minutes. Twenty queries of half a read unit at each of them
/// are a cent and a half a month; at each minute they would be seven, and as
/// often would a notice that waits in the queue be put there once more.
const LOOK_BACK_EVERY: i64 = 5;

/// Queries under way at once. Each needs a connection of its own, and the
/// handshake for one takes a small function longer than several queries.
const QUERIES: usize = 2;

/// Over which the notices of a sweep are let go: thousands may be due in the
/// same minute (08:00), and those who send them may send so many a second.
const SPREAD: Duration = Duration::from_secs(55);

/// A notice to be judged again.
#[derive(Debug, Serialize)]
struct Review {
    notice: Due,
}

#[derive(Debug, Serialize)]
struct Due {
    #[serde(flatten)]
    order: OrderKey,
    id: NoticeId,
}

impl Sweep {
    /// Sends the notices that are due by `minutes` to `dispatch`; gives their number.
    pub(crate) async fn review(&self, minutes: &[Timestamp]) -> anyhow::Result<usize> {
        let found: Vec<Vec<(OrderKey, NoticeId)>> = stream::iter(with_a_look_back(minutes))
            .map(|minute| self.notices.due(minute))
            .buffered(QUERIES)
            .try_collect()
            .await?;
        let reviews: Vec<Review> = found
            .into_iter()
            .flatten()
            .map(|(order, id)| Review {
                notice: Due { order, id },
            })
            .collect();
        self.dispatch.send_batch_over(&reviews, SPREAD).await?;
        Ok(reviews.len())
    }
}

/// The minutes, oldest first, and now and then those before them once more.
fn with_a_look_back(minutes: &[Timestamp]) -> Vec<Timestamp> {
    let is_time = |minute: &Timestamp| (minute.as_second() / 60) % LOOK_BACK_EVERY == 0;
    let back = match minutes.first() {
        Some(first) if minutes.iter().any(is_time) => (1..=LOOK_BACK)
            .rev()
            .map(|n| *first - SignedDuration::from_mins(n))
            .collect(),
        _ => Vec::new(),
    };
    [back.as_slice(), minutes].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(minute: i64) -> Timestamp {
        let noon: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        noon + SignedDuration::from_mins(minute)
    }

    #[test]
    fn a_minute_is_looked_at_as_it_begins_and_then_now_and_then() {
        let looked_at: Vec<i64> = (0..60)
            .filter(|minute| with_a_look_back(&[at(*minute)]).contains(&at(3)))
            .collect();
        assert_eq!(looked_at, [3, 5, 10, 15, 20]);
        assert_eq!(with_a_look_back(&[at(1)]), [at(1)]);
        assert_eq!(with_a_look_back(&[]), []);
    }

    #[test]
    fn minutes_that_are_caught_up_are_looked_at_once() {
        let missed: Vec<Timestamp> = (1..=90).map(at).collect();
        let minutes = with_a_look_back(&missed);
        assert_eq!(minutes.len(), 110);
        assert!(minutes.is_sorted_by(|one, next| one < next));
    }
}
