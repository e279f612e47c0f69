//! What is due: which slots of which cohorts, and which minutes of the notices.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp, Unit};
use posthorn_domain::{cadence::Cadence, id::CarrierId};
use posthorn_platform::store::schedule::Schedule;

/// The most that one sweep catches up after an outage; the next goes on from
/// there, so a backlog of days cannot exceed the time of one invocation.
const MOST_AT_ONCE: SignedDuration = SignedDuration::from_hours(12);

/// How far ahead of our clock a scheduled time may be. A clock that is further
/// off would have us skip the minutes between, for the watermark never goes back.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// What one sweep has to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// Slots to query, each once.
    pub(crate) slots: BTreeSet<(CarrierId, Cadence, u32)>,
    /// Minutes whose deferred and unsettled notices are due, oldest first.
    pub(crate) minutes: Vec<Timestamp>,
    /// Where the watermark stands afterwards.
    pub(crate) until: Timestamp,
}

/// Everything after the watermark up to the minute of `time`, as the scheduler
/// named it; none if that minute has been swept already.
pub(crate) fn plan(schedule: &Schedule, time: Timestamp, clock: Timestamp) -> Option<Plan> {
    let time = minute_of(time.min(clock + MOST_AHEAD));
    let minute = SignedDuration::from_mins(1);
    let first = match schedule.watermark {
        Some(watermark) => minute_of(watermark) + minute,
        None => time,
    };
    if first > time {
        return None;
    }
    let until = time.min(first + MOST_AT_ONCE);
    let minutes: Vec<Timestamp> = std::iter::successors(Some(first), |last| Some(*last + minute))
        .take_while(|minute| *minute <= until)
        .collect();
    let slots = schedule
        .cohorts
        .keys()
        .flat_map(|(carrier, cadence)| {
            let period = usize::try_from(cadence.minutes()).unwrap_or(usize::MAX);
            // A period back is all slots; further back is the same slots again.
            let lately = minutes.iter().rev().take(period);
            lately.map(|minute| (carrier.clone(), *cadence, cadence.slot_at(*minute)))
        })
        .collect();
    Some(Plan {
        slots,
        minutes,
        until,
    })
}

fn minute_of(time: Timestamp) -> Timestamp {
    let seconds = time.as_second().div_euclid(60) * 60;
    Timestamp::from_second(seconds).unwrap_or_else(|_| time.round(Unit::Minute).unwrap_or(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    fn schedule(watermark: Option<&str>, cohorts: &[(&str, Cadence)]) -> Schedule {
        Schedule {
            watermark: watermark.map(at),
            cohorts: cohorts
                .iter()
                .map(|(carrier, cadence)| {
                    (
                        (CarrierId::parse(carrier).unwrap(), *cadence),
                        at("00:00:00"),
                    )
                })
                .collect(),
        }
    }

    #[track_caller]
    fn check(
        watermark: Option<&str>,
        time: &str,
        cohorts: &[(&str, Cadence)],
        expected: Option<(usize, usize, &str)>,
    ) {
        let planned = plan(&schedule(watermark, cohorts), at(time), at("12:00:30"));
        let found = planned.map(|plan| (plan.slots.len(), plan.minutes.len(), plan.until));
        assert_eq!(
            found,
            expected.map(|(slots, minutes, until)| (slots, minutes, at(until)))
        );
    }

    #[test]
    fn each_minute_has_one_slot_of_each_cadence() {
        let cohorts = [
            ("ups", Cadence::QuarterHour),
            ("ups", Cadence::ThreeHours),
            ("gls", Cadence::Day),
        ];
        check(
            Some("11:59:00"),
            "12:00:00",
            &cohorts,
            Some((3, 1, "12:00:00")),
        );
        check(None, "12:00:00", &cohorts, Some((3, 1, "12:00:00")));
    }

    #[test]
    fn an_idle_installation_has_only_its_notices_to_look_at() {
        check(Some("11:59:00"), "12:00:00", &[], Some((0, 1, "12:00:00")));
    }

    #[test]
    fn a_minute_is_swept_once() {
        check(
            Some("12:00:00"),
            "12:00:00",
            &[("ups", Cadence::Hour)],
            None,
        );
        check(
            Some("12:00:00"),
            "11:58:00",
            &[("ups", Cadence::Hour)],
            None,
        );
    }

    #[test]
    fn missed_minutes_are_caught_up_and_no_slot_comes_twice() {
        let cohorts = [
            ("ups", Cadence::QuarterHour),
            ("ups", Cadence::Hour),
            ("sandbox", Cadence::Minute),
        ];
        check(
            Some("11:20:00"),
            "12:00:00",
            &cohorts,
            Some((15 + 40 + 1, 40, "12:00:00")),
        );
    }

    #[test]
    fn after_a_long_outage_one_sweep_goes_half_a_day_and_the_next_goes_on() {
        let days_ago = Schedule {
            watermark: Some("2026-11-20T00:00:00Z".parse().unwrap()),
            ..Schedule::default()
        };
        let first = plan(&days_ago, at("12:00:00"), at("12:00:30")).unwrap();
        assert_eq!(first.until, "2026-11-20T12:01:00Z".parse().unwrap());
        let next = plan(
            &Schedule {
                watermark: Some(first.until),
                ..days_ago
            },
            at("12:01:00"),
            at("12:01:30"),
        )
        .unwrap();
        assert_eq!(next.minutes[0], "2026-11-20T12:02:00Z".parse().unwrap());
    }

    #[test]
    fn a_clock_far_ahead_does_not_skip_what_lies_between() {
        check(Some("12:00:00"), "23:00:00", &[], Some((0, 15, "12:15:00")));
    }

    #[test]
    fn seconds_do_not_matter() {
        check(
            Some("11:59:00"),
            "12:00:59",
            &[("ups", Cadence::Minute)],
            Some((1, 1, "12:00:00")),
        );
    }

    #[test]
    fn every_parcel_is_swept_once_in_every_period() {
        for cadence in Cadence::ALL {
            let cohorts = [("ups", *cadence)];
            let mut swept = std::collections::BTreeMap::<u32, u32>::new();
            let begin = at("00:00:00");
            for minute in 0..cadence.minutes() {
                let now = begin + SignedDuration::from_mins(i64::from(minute) + 1);
                let before = Schedule {
                    watermark: Some(begin + SignedDuration::from_mins(i64::from(minute))),
                    ..schedule(None, &cohorts)
                };
                for (_, _, slot) in plan(&before, now, now).unwrap().slots {
                    *swept.entry(slot).or_default() += 1;
                }
            }
            assert_eq!(swept.len(), cadence.minutes() as usize, "{cadence}");
            assert!(swept.values().all(|times| *times == 1), "{cadence}");
        }
    }
}
