//! Counts the shipments of the index, and finds cohorts that the schedule has lost.
//!
//! The sweep asks for the cohorts that its own bookkeeping names. Were that lost,
//! by hand or by a restore, it would find nothing due and no alarm would tell. So
//! the index itself is read through, a few pages a minute: each hour on the first
//! day, since who adds shipments relies for a day on an entry that was there, and
//! each day from then on.

use jiff::{SignedDuration, Timestamp};
use posthorn_platform::{
    metric::{self, Metric, PollingMetric},
    store::schedule::{Census, Schedule},
};
use tracing::error;

use crate::{Sweep, deadline::Deadline};

/// Pages of a megabyte that one sweep reads.
const PAGES: usize = 8;

/// How long after its end a count begins anew, and after so many ends.
const AT_FIRST: SignedDuration = SignedDuration::from_hours(1);
const USUALLY: SignedDuration = SignedDuration::from_hours(24);
const FIRST_ROUNDS: u32 = 25;

/// Whether there is something to count.
fn is_due(census: &Census, is_empty: bool, now: Timestamp) -> bool {
    let Some(ended_at) = census.ended_at.filter(|_| census.after.is_none()) else {
        return true;
    };
    // A schedule without cohorts is that of an idle installation, or a lost one.
    let is_suspicious = is_empty && now.as_second().div_euclid(60) % 5 == 0;
    let pause = if census.rounds < FIRST_ROUNDS {
        AT_FIRST
    } else {
        USUALLY
    };
    is_suspicious || now.duration_since(ended_at) >= pause
}

impl Sweep {
    /// Goes on with the count as far as time allows; gives where it is then.
    pub(crate) async fn continue_census(
        &self,
        schedule: &Schedule,
        now: Timestamp,
        deadline: Deadline,
    ) -> Census {
        let mut census = schedule.census.clone();
        if !is_due(&census, schedule.cohorts.is_empty(), now) {
            return census;
        }
        if census.after.is_none() {
            (census.found, census.unwatched) = (0, 0);
        }
        for _ in 0..PAGES {
            if deadline.is_over() {
                break;
            }
            let before = census.clone();
            match self.count_page(&mut census, schedule, now).await {
                Ok(true) => break,
                Ok(false) => {}
                Err(failure) => {
                    // Polls and notifications are sent already: the next minute
                    // goes on with the count.
                    error!("Could not count the shipments: {failure:#}");
                    return before;
                }
            }
        }
        census
    }

    /// Counts a page; whether it was the last.
    async fn count_page(
        &self,
        census: &mut Census,
        schedule: &Schedule,
        now: Timestamp,
    ) -> anyhow::Result<bool> {
        let page = self.orders.count_targets(census.after.take()).await?;
        for ((carrier, cadence), n_shipments) in page.items {
            census.found += n_shipments;
            let cohort = (carrier, cadence);
            let is_noted = schedule.cohorts.contains_key(&cohort);
            // It may have been noted since the schedule was read.
            if !is_noted
                && self
                    .schedule
                    .load_schedule()
                    .await?
                    .cohorts
                    .contains_key(&cohort)
            {
                continue;
            }
            let (carrier, cadence) = cohort;
            if !is_noted {
                census.unwatched += n_shipments;
                error!(
                    %carrier, %cadence, n_shipments,
                    "The schedule did not know of {n_shipments} shipments of {carrier} at {cadence}"
                );
            }
            self.schedule
                .refresh_cohort(schedule, &carrier, cadence, now)
                .await?;
        }
        census.after = page.next;
        if census.after.is_some() {
            return Ok(false);
        }
        census.ended_at = Some(now);
        census.rounds = census.rounds.saturating_add(1);
        census.active = census.found;
        if census.unwatched > 0 {
            metric::emit_metric(Metric::Polling(PollingMetric::Unwatched(census.unwatched)));
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_is_due_at_once_each_hour_at_first_and_each_day_later() {
        let now: Timestamp = "2026-11-22T12:01:00Z".parse().unwrap();
        let ended = |hours: i64, rounds| Census {
            ended_at: Some(now - SignedDuration::from_hours(hours)),
            rounds,
            ..Census::default()
        };
        assert!(is_due(&Census::default(), false, now));
        assert!(is_due(&ended(1, 24), false, now));
        assert!(!is_due(&ended(0, 24), false, now));
        assert!(!is_due(&ended(23, 25), false, now));
        assert!(is_due(&ended(24, 25), false, now));
        assert!(!is_due(&ended(0, 1), true, now));
        let fifth = now + SignedDuration::from_mins(4);
        assert!(is_due(&ended(0, 1), true, fifth));
        assert!(!is_due(&ended(0, 1), false, fifth));
    }
}
