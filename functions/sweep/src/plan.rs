//! Which minutes are due.

use jiff::{SignedDuration, Timestamp, Unit};

/// The most that one sweep catches up after an outage; the next goes on from
/// there, so a backlog of days cannot exceed the time of one invocation.
const MOST_AT_ONCE: SignedDuration = SignedDuration::from_hours(12);

/// How far ahead of our clock a scheduled time may be. A clock that is further
/// off would have us skip the minutes between, for the watermark never goes back.
const MOST_AHEAD: SignedDuration = SignedDuration::from_mins(15);

/// What one sweep has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SweepPlan {
    /// The first minute whose slots are due.
    pub(crate) first: Timestamp,
    /// The last one: where the watermark stands afterwards.
    pub(crate) until: Timestamp,
}

/// Everything after the watermark up to the minute of `time`, as the scheduler
/// named it; none if that minute has been swept already.
pub(crate) fn plan_sweep(
    watermark: Option<Timestamp>,
    time: Timestamp,
    clock: Timestamp,
) -> Option<SweepPlan> {
    let time = minute_of(time.min(clock + MOST_AHEAD));
    let minute = SignedDuration::from_mins(1);
    let first = match watermark {
        Some(watermark) => minute_of(watermark) + minute,
        None => time,
    };
    if first > time {
        return None;
    }
    let until = time.min(first + MOST_AT_ONCE);
    Some(SweepPlan { first, until })
}

/// The minute in which `time` is.
pub(crate) fn minute_of(time: Timestamp) -> Timestamp {
    let seconds = time.as_second().div_euclid(60) * 60;
    Timestamp::from_second(seconds).unwrap_or_else(|_| time.round(Unit::Minute).unwrap_or(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        format!("2026-11-22T{text}Z").parse().unwrap()
    }

    #[track_caller]
    fn check(watermark: Option<&str>, time: &str, expected: Option<(i64, &str)>) {
        let planned = plan_sweep(watermark.map(at), at(time), at("12:00:30"));
        let minutes = |plan: &SweepPlan| plan.until.duration_since(plan.first).as_mins() + 1;
        let found = planned.map(|plan| (minutes(&plan), plan.until));
        assert_eq!(found, expected.map(|(minutes, until)| (minutes, at(until))));
    }

    #[test]
    fn a_minute_is_swept_once() {
        check(None, "12:00:00", Some((1, "12:00:00")));
        check(Some("11:59:00"), "12:00:00", Some((1, "12:00:00")));
        check(Some("12:00:00"), "12:00:00", None);
        check(Some("12:00:00"), "11:58:00", None);
    }

    #[test]
    fn missed_minutes_are_caught_up() {
        check(Some("11:20:00"), "12:00:00", Some((40, "12:00:00")));
    }

    #[test]
    fn after_a_long_outage_one_sweep_goes_half_a_day_and_the_next_goes_on() {
        let days_ago = "2026-11-20T00:00:00Z".parse().unwrap();
        let first = plan_sweep(Some(days_ago), at("12:00:00"), at("12:00:30")).unwrap();
        assert_eq!(first.until, "2026-11-20T12:01:00Z".parse().unwrap());
        let next = plan_sweep(Some(first.until), at("12:01:00"), at("12:01:30")).unwrap();
        assert_eq!(next.first, "2026-11-20T12:02:00Z".parse().unwrap());
    }

    #[test]
    fn a_clock_far_ahead_does_not_skip_what_lies_between() {
        check(Some("12:00:00"), "23:00:00", Some((15, "12:15:00")));
    }

    #[test]
    fn seconds_do_not_matter() {
        check(Some("11:59:00"), "12:00:59", Some((1, "12:00:00")));
    }
}
