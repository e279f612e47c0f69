//! Whose turn it is, of one carrier's parcels.
//!
//! Each cadence is a line: its slots have their turns in the order in which
//! they fall due, minute after minute. While the carrier lets us ask after all
//! of them, every line ends at the present minute. When it does not, the lines
//! fall behind and go on from where they stopped, so that everybody has a turn
//! and nobody has two before it; a line that is two periods behind leaves one
//! turn of all its slots out. Urgent lines are served first in seven minutes of
//! eight, the others in the eighth; lines of the same urgency take turns slot by
//! slot, so that all are slowed by the same factor.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::cadence::Cadence;
use posthorn_platform::store::schedule::Line;

/// Slots that are looked up at once.
const QUERIES: usize = 8;

/// Where there is room for fewer parcels than this, fewer slots are looked up
/// before it is seen how many they hold.
const PLENTY: usize = 500;
const SLOTS_AT_ONCE: usize = 3;

/// The lines of one carrier.
#[derive(Debug)]
pub(crate) struct Rota {
    lines: Vec<State>,
    until: i64,
    skipped: u64,
}

/// A line, in minutes since 1970.
#[derive(Debug)]
struct State {
    cadence: Cadence,
    /// A slot has its turn in one of so many periods.
    every: i64,
    next: i64,
    after: Option<u64>,
    pass: u64,
    /// Where every slot has had a turn by this sweep.
    full: i64,
}

/// The turn of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    /// Of which line.
    pub(crate) cadence: Cadence,
    /// Which slot.
    pub(crate) slot: u32,
    /// The minute in which it fell due.
    pub(crate) minute: Timestamp,
    after: Option<u64>,
    pass: u64,
}

/// Something that waits for its turn.
pub(crate) trait Waiting {
    /// Its place within its slot, always the same.
    fn rank(&self) -> u64;
}

impl Rota {
    /// The lines of a carrier from `first` to `until`; `behind` are those that
    /// were left behind earlier. The carrier wants no number to be asked after
    /// twice within `min_interval`.
    pub(crate) fn new<'a>(
        cadences: impl IntoIterator<Item = (Cadence, Option<&'a Line>)>,
        first: Timestamp,
        until: Timestamp,
        min_interval: SignedDuration,
    ) -> Self {
        let (first, until) = (minutes(first), minutes(until));
        let mut lines: Vec<State> = cadences
            .into_iter()
            .map(|(cadence, line)| State {
                cadence,
                every: every(cadence, min_interval),
                next: line.map_or(first, |line| minutes(line.next).min(until + 1)),
                after: line.and_then(|line| line.after),
                pass: line.map_or(0, |line| line.pass),
                full: 0,
            })
            .collect();
        let skipped = lines.iter_mut().map(|line| line.skip(until)).sum();
        Self {
            lines,
            until,
            skipped,
        }
    }

    /// Those who have their turn now, as far as there is room; the others remain
    /// in line. `waiting` looks up who waits in a slot.
    pub(crate) async fn take<T, E, F>(
        &mut self,
        mut room: usize,
        waiting: impl Fn(Turn) -> F,
    ) -> Result<Vec<T>, E>
    where
        T: Waiting,
        F: Future<Output = Result<Vec<T>, E>>,
    {
        let at_once = if room < PLENTY {
            SLOTS_AT_ONCE
        } else {
            QUERIES
        };
        let mut taken = Vec::new();
        while room > 0 {
            let turns: Vec<Turn> = std::iter::from_fn(|| self.turn()).take(at_once).collect();
            if turns.is_empty() {
                break;
            }
            let members: Vec<Vec<T>> = stream::iter(turns.clone())
                .map(&waiting)
                .buffered(QUERIES)
                .try_collect()
                .await?;
            for (turn, members) in turns.iter().zip(members) {
                taken.extend(self.serve(turn, members, &mut room));
            }
        }
        Ok(taken)
    }

    /// Those of the turn's slot for whom there is room.
    fn serve<T: Waiting>(&mut self, turn: &Turn, mut members: Vec<T>, room: &mut usize) -> Vec<T> {
        if let Some(after) = turn.after {
            members.retain(|member| member.rank() > after);
        }
        if *room == 0 && !members.is_empty() {
            self.put_back(turn, turn.after);
            return Vec::new();
        }
        if members.len() > *room {
            members.sort_by_key(T::rank);
            members.truncate(*room);
            self.put_back(turn, members.last().map(T::rank));
        }
        *room -= members.len();
        members
    }

    /// The lines that are behind.
    pub(crate) fn behind(&self) -> Vec<(Cadence, Line)> {
        let behind = || self.lines.iter().filter(|line| line.waits(self.until));
        let least = |is_urgent| {
            let alike = behind().filter(|line| line.cadence.is_urgent() == is_urgent);
            alike.map(|line| line.pass).min().unwrap_or_default()
        };
        behind()
            .map(|line| {
                let line_at = Line {
                    next: timestamp(line.next),
                    after: line.after,
                    pass: line.pass - least(line.cadence.is_urgent()),
                };
                (line.cadence, line_at)
            })
            .collect()
    }

    /// How many turns of slots were left out, because a whole period had passed.
    pub(crate) const fn skipped(&self) -> u64 {
        self.skipped
    }

    fn turn(&mut self) -> Option<Turn> {
        let until = self.until;
        let is_unhurried = is_unhurried(until);
        let line = self
            .lines
            .iter_mut()
            .filter(|line| line.waits(until))
            .min_by_key(|line| {
                let is_later = line.cadence.is_urgent() == is_unhurried;
                (is_later, line.pass, line.cadence)
            })?;
        let minute = timestamp(line.next);
        let turn = Turn {
            cadence: line.cadence,
            slot: line.cadence.slot_at(minute),
            minute,
            after: line.after.take(),
            pass: line.pass,
        };
        line.pass += 1;
        line.next += 1;
        line.find();
        Some(turn)
    }

    /// The turn was not taken, or not by those beyond `after`.
    fn put_back(&mut self, turn: &Turn, after: Option<u64>) {
        let minute = minutes(turn.minute);
        let line = self
            .lines
            .iter_mut()
            .find(|line| line.cadence == turn.cadence && minute < line.next);
        if let Some(line) = line {
            line.next = minute;
            line.after = after;
            line.pass = turn.pass;
        }
    }
}

impl State {
    fn slots(&self) -> i64 {
        i64::from(self.cadence.minutes())
    }

    /// Goes on to the next minute whose slot has a turn.
    fn find(&mut self) {
        while !self.has_turn() {
            self.next += 1;
        }
    }

    /// Whether the slot of the next minute has its turn in this period: each
    /// has it in one of `every`.
    fn has_turn(&self) -> bool {
        let (period, slot) = (
            self.next.div_euclid(self.slots()),
            self.next.rem_euclid(self.slots()),
        );
        (period + slot).rem_euclid(self.every) == 0
    }

    /// Whether a slot has its turn now: each has one in a sweep, however much
    /// was missed.
    const fn waits(&self, until: i64) -> bool {
        self.next <= until && self.next < self.full
    }

    /// Leaves out turns that are followed by two others of the same slot; gives
    /// their number.
    fn skip(&mut self, until: i64) -> u64 {
        let full = self.slots() * self.every;
        let rounds = ((until + 1 - self.next) / full - 1).max(0);
        self.next += rounds * full;
        self.find();
        self.full = self.next + full;
        u64::try_from(rounds * self.slots()).unwrap_or_default()
    }
}

/// Whether this is one of the minutes in which those who are not urgent go
/// first: one of eight, spread so that they fall together with no other rhythm,
/// as of a quota that gives a call every four minutes.
const fn is_unhurried(minute: i64) -> bool {
    // Multiples of the golden ratio, as fractions of 2^32.
    minute.wrapping_mul(0x9e37_79b9).rem_euclid(1 << 32) < (1 << 32) / 8
}

/// In one of how many periods a slot has its turn, so that no number is asked
/// after more often than the carrier wants.
fn every(cadence: Cadence, min_interval: SignedDuration) -> i64 {
    let period = i64::from(cadence.minutes());
    let wanted = min_interval.as_secs().div_euclid(60);
    (wanted + period - 1).div_euclid(period).max(1)
}

fn minutes(time: Timestamp) -> i64 {
    time.as_second().div_euclid(60)
}

fn timestamp(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{convert::Infallible, future::ready};

    /// A parcel, by slot and place in it.
    #[derive(Debug, Clone, Copy, PartialEq, Eq)]
    struct Parcel(u32, u64);

    impl Waiting for Parcel {
        fn rank(&self) -> u64 {
            self.1
        }
    }

    fn at(minute: i64) -> Timestamp {
        timestamp(20_000 * 1440 + minute)
    }

    /// Sweeps each minute from the first to the last with so much room; gives
    /// who had his turn, as `cadence:slot.place`.
    async fn swept(
        cadences: &[Cadence],
        min_interval: i64,
        minutes: &[(i64, usize)],
        in_slot: u64,
    ) -> Vec<Vec<String>> {
        let mut behind: Vec<(Cadence, Line)> = Vec::new();
        let (mut all, mut last) = (Vec::new(), minutes[0].0 - 1);
        for (minute, room) in minutes {
            let cadences = cadences.iter().map(|cadence| {
                let line = behind.iter().find(|(of, _)| of == cadence);
                (*cadence, line.map(|(_, line)| line))
            });
            let interval = SignedDuration::from_mins(min_interval);
            let mut rota = Rota::new(cadences, at(last + 1), at(*minute), interval);
            let waiting = |turn: Turn| {
                let members = (0..in_slot).rev();
                let members = members.map(|place| (turn.cadence, Parcel(turn.slot, place)));
                ready(Ok::<_, Infallible>(members.collect()))
            };
            let taken: Vec<(Cadence, Parcel)> = rota.take(*room, waiting).await.unwrap();
            let name = |(cadence, parcel): &(Cadence, Parcel)| {
                format!("{cadence}:{}.{}", parcel.0, parcel.1)
            };
            all.push(taken.iter().map(name).collect());
            behind = rota.behind();
            last = *minute;
        }
        all
    }

    impl Waiting for (Cadence, Parcel) {
        fn rank(&self) -> u64 {
            self.1.rank()
        }
    }

    const PLENTY_OF_ROOM: usize = usize::MAX;

    #[tokio::test]
    async fn each_minute_one_slot_of_each_cadence_has_its_turn() {
        let cadences = [Cadence::QuarterHour, Cadence::ThreeHours];
        let minutes = [(16, PLENTY_OF_ROOM), (17, PLENTY_OF_ROOM)];
        let all = swept(&cadences, 0, &minutes, 1).await;
        assert_eq!(all, [["15m:1.0", "3h:16.0"], ["15m:2.0", "3h:17.0"]]);
    }

    #[tokio::test]
    async fn missed_minutes_are_caught_up_and_no_slot_has_two_turns() {
        let cadences = [Cadence::QuarterHour, Cadence::Hour, Cadence::Minute];
        let minutes = [(0, PLENTY_OF_ROOM), (40, PLENTY_OF_ROOM)];
        let mut all = swept(&cadences, 0, &minutes, 1).await.remove(1);
        assert_eq!(all.len(), 15 + 40 + 1);
        all.sort();
        all.dedup();
        assert_eq!(all.len(), 15 + 40 + 1);
    }

    #[tokio::test]
    async fn who_finds_no_room_is_the_first_of_the_next_minute() {
        let minutes = [(0, 2), (1, 2), (2, 0), (3, 3), (4, PLENTY_OF_ROOM)];
        let mut all = swept(&[Cadence::Hour], 0, &minutes, 3).await;
        for taken in &mut all {
            taken.sort();
        }
        let few: [&[&str]; 4] = [
            &["1h:0.0", "1h:0.1"],
            &["1h:0.2", "1h:1.0"],
            &[],
            &["1h:1.1", "1h:1.2", "1h:2.0"],
        ];
        assert_eq!(all[..4], few);
        let served: usize = all.iter().map(Vec::len).sum();
        assert_eq!(served, 5 * 3, "all have had their turn in the end");
        let mut each: Vec<String> = all.concat();
        each.sort();
        each.dedup();
        assert_eq!(each.len(), 5 * 3, "and nobody two");
    }

    #[tokio::test]
    async fn with_too_little_room_everybody_has_one_turn_before_anybody_has_two() {
        // Fifteen slots of four, and room for three a minute.
        let minutes: Vec<(i64, usize)> = (0..400).map(|minute| (minute, 3)).collect();
        let all = swept(&[Cadence::QuarterHour], 0, &minutes, 4)
            .await
            .concat();
        let mut turns = std::collections::BTreeMap::<&str, usize>::new();
        for (index, parcel) in all.iter().enumerate() {
            *turns.entry(parcel).or_default() += 1;
            let most = turns.values().max().unwrap();
            let all_but_one = turns.len() == 60 && turns.values().all(|turns| turns + 1 >= *most);
            assert!(*most == 1 || all_but_one, "the turn {index} of {parcel}");
        }
        assert_eq!(all.len(), 1200);
    }

    #[tokio::test]
    async fn urgent_parcels_go_first_and_the_others_are_not_starved() {
        let cadences = [Cadence::QuarterHour, Cadence::EightHours];
        let minutes: Vec<(i64, usize)> = (0..900).map(|minute| (minute, 1)).collect();
        let all = swept(&cadences, 0, &minutes, 2).await.concat();
        let urgent = all.iter().filter(|name| name.starts_with("15m")).count();
        assert_eq!(all.len(), 900);
        assert!((780..=795).contains(&urgent), "{urgent} of 900");
    }

    #[tokio::test]
    async fn no_number_is_asked_after_more_often_than_its_carrier_wants() {
        let minutes: Vec<(i64, usize)> = (0..240).map(|minute| (minute, PLENTY_OF_ROOM)).collect();
        let all = swept(&[Cadence::QuarterHour], 40, &minutes, 1).await;
        let times = |name: &str| -> Vec<usize> {
            let minutes = all.iter().enumerate();
            minutes
                .filter(|(_, taken)| taken.iter().any(|parcel| parcel == name))
                .map(|(minute, _)| minute)
                .collect()
        };
        for slot in 0..15 {
            let times = times(&format!("15m:{slot}.0"));
            assert!(times.len() >= 5, "{times:?}");
            assert!(times.windows(2).all(|pair| pair[1] - pair[0] == 45));
        }
    }

    #[tokio::test]
    async fn a_line_that_is_two_periods_behind_leaves_a_turn_out() {
        let line = Line {
            next: at(0),
            after: Some(7),
            pass: 0,
        };
        let lines = [(Cadence::QuarterHour, Some(&line))];
        let rota = Rota::new(lines, at(28), at(28), SignedDuration::ZERO);
        assert_eq!((rota.skipped(), &rota.behind()[0].1), (0, &line));
        let rota = Rota::new(lines, at(30), at(30), SignedDuration::ZERO);
        assert_eq!(rota.skipped(), 15);
        let behind = rota.behind();
        assert_eq!(behind[0].1.next, at(15));
        assert_eq!(behind[0].1.after, Some(7));
    }
}
