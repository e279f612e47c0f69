//! Which notifications are to be judged again, and that none is missed.

use std::sync::Mutex;

use jiff::{SignedDuration, Timestamp};
use posthorn_platform::store::schedule::ReleasedUntil;
use tracing::error;

use crate::{
    deadline::Deadline,
    rounds::{SweepBackend, lock_unpoisoned},
};

/// Notifications that are looked up at once.
pub(crate) const PER_PAGE: i32 = 1000;

/// The most that one sweep releases: more than most providers take in a minute, and
/// what they do not take comes back. The next minute goes on from there.
const MOST: usize = 10_000;

/// How far back the minutes are looked at once more. A notification may stand in a
/// minute that was swept before: it was written a moment too late, by a worker
/// whose clock is behind, or read from an index that was. And one may have come
/// to a worker whose clock is behind, who found that it is not yet due. Ten
/// minutes of skew and the five until the next look are within it.
const LOOK_BACK: i64 = 20;

/// At every so many minutes. Twenty queries of half a read unit at each of them
/// are a cent and a half a month; at each minute they would be seven, and as
/// often would a notification that waits in the queue be put there once more.
const LOOK_BACK_EVERY: i64 = 5;

/// Where to begin when it is not known how far the last sweep came.
const BEFORE_THE_FIRST: SignedDuration = SignedDuration::from_hours(1);

/// Where to begin, as it was noted; else at the minute `first` of the sweep, and
/// where there was no sweep, some time before it.
pub(crate) fn release_start(
    noted: Option<&ReleasedUntil>,
    watermark: Option<Timestamp>,
    first: Timestamp,
) -> ReleasedUntil {
    let next = match (noted, watermark) {
        (Some(noted), _) => return noted.clone(),
        (None, Some(_)) => first,
        (None, None) => first - BEFORE_THE_FIRST,
    };
    ReleasedUntil { next, after: None }
}

/// Sends the notifications that are due from `released` to the minute `until`, as
/// far as time allows, and moves `released`; gives their number, and what failed.
pub(crate) async fn release_due<D: SweepBackend>(
    desk: &D,
    released: &Mutex<ReleasedUntil>,
    until: Timestamp,
    deadline: Deadline,
) -> (usize, Option<anyhow::Error>) {
    let first = lock_unpoisoned(released).next;
    let mut n_released = 0;
    let done = release_until(desk, released, until, deadline, &mut n_released).await;
    let done = match done {
        Ok(true) => look_back(desk, first, until, deadline, &mut n_released).await,
        Ok(false) => Ok(()),
        Err(failure) => Err(failure),
    };
    if let Err(failure) = &done {
        error!("Could not release what is due: {failure:#}");
    }
    (n_released, done.err())
}

/// Goes on to the minute `until`; whether it came so far.
async fn release_until<D: SweepBackend>(
    desk: &D,
    released: &Mutex<ReleasedUntil>,
    until: Timestamp,
    deadline: Deadline,
    n_released: &mut usize,
) -> anyhow::Result<bool> {
    loop {
        let ReleasedUntil { next, after } = lock_unpoisoned(released).clone();
        if next > until {
            return Ok(true);
        }
        if deadline.is_over() || *n_released >= MOST {
            return Ok(false);
        }
        let page = desk.list_due(next, after.as_ref()).await?;
        let n_due = page.items.len();
        if n_due > 0 {
            desk.release_notifications(page.items).await?;
        }
        *n_released += n_due;
        *lock_unpoisoned(released) = match page.next {
            Some(after) => ReleasedUntil {
                next,
                after: Some(after),
            },
            None => ReleasedUntil {
                next: next + SignedDuration::from_mins(1),
                after: None,
            },
        };
    }
}

/// Now and then, the minutes before `first` once more.
async fn look_back<D: SweepBackend>(
    desk: &D,
    first: Timestamp,
    until: Timestamp,
    deadline: Deadline,
    n_released: &mut usize,
) -> anyhow::Result<()> {
    for minute in looked_back(first, until) {
        let mut after = None;
        loop {
            if deadline.is_over() || *n_released >= MOST {
                return Ok(());
            }
            let page = desk.list_due(minute, after.as_ref()).await?;
            let n_due = page.items.len();
            if n_due > 0 {
                desk.release_notifications(page.items).await?;
            }
            *n_released += n_due;
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    Ok(())
}

/// The minutes to look back at in a sweep from `first` to `until`.
fn looked_back(first: Timestamp, until: Timestamp) -> Vec<Timestamp> {
    let minute = |time: Timestamp| time.as_second().div_euclid(60);
    let is_time = (minute(first)..=minute(until)).any(|minute| minute % LOOK_BACK_EVERY == 0);
    if !is_time {
        return Vec::new();
    }
    let back = (1..=LOOK_BACK).rev();
    back.map(|n| first - SignedDuration::from_mins(n)).collect()
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
        let again: Vec<i64> = (0..60)
            .filter(|minute| looked_back(at(*minute), at(*minute)).contains(&at(3)))
            .collect();
        assert_eq!(again, [5, 10, 15, 20]);
        assert_eq!(looked_back(at(1), at(1)), []);
        assert_eq!(looked_back(at(5), at(4)), []);
    }

    #[test]
    fn minutes_that_are_caught_up_are_looked_at_once() {
        let back = looked_back(at(1), at(90));
        assert_eq!(back.len(), 20);
        assert!(back.iter().all(|minute| *minute < at(1)));
    }

    #[test]
    fn a_sweep_begins_where_the_last_one_ended() {
        let noted = ReleasedUntil {
            next: at(3),
            after: None,
        };
        assert_eq!(release_start(Some(&noted), Some(at(8)), at(9)), noted);
        assert_eq!(release_start(None, Some(at(8)), at(9)).next, at(9));
        assert_eq!(release_start(None, None, at(9)).next, at(9 - 60));
    }
}
