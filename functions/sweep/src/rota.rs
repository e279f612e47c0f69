//! Whose turn it is, of one carrier's shipments.
//!
//! Each cadence is a line: its slots have their turns in the order in which
//! they fall due, minute after minute. While the carrier lets us ask after all
//! of them, every line ends at the present minute. When it does not, the lines
//! fall behind and go on from where they stopped, so that every line has a turn
//! and none has two before it; a line that is two periods behind leaves one
//! turn of all its slots out. Urgent lines are served first in seven minutes of
//! eight, the others in the eighth; lines of the same urgency take turns slot by
//! slot, so that all are slowed by the same factor.

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::cadence::Cadence;
use posthorn_platform::store::{pagination::IndexPosition, schedule::Backlog};

use crate::deadline::Deadline;

/// Slots that are looked up at once.
const SLOTS_AT_ONCE: usize = 4;

/// Shipments that are looked up at once in each of them: some hundred kilobytes of an
/// answer, and several times that while it is read.
pub(crate) const PER_PAGE: usize = 250;

/// The lines of one carrier.
#[derive(Debug, Clone)]
pub(crate) struct FairScheduler {
    lines: Vec<BacklogState>,
    until: i64,
    skipped: u64,
}

/// A line, in minutes since 1970.
#[derive(Debug, Clone)]
struct BacklogState {
    cadence: Cadence,
    /// A slot has its turn in one of so many periods.
    every: i64,
    next: i64,
    after: Option<IndexPosition>,
    pass: u64,
    /// Where every slot has had a turn by this sweep.
    full: i64,
}

/// The turn of one slot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SlotTurn {
    /// Of which line.
    pub(crate) cadence: Cadence,
    /// Which slot.
    pub(crate) slot: u32,
    /// The minute in which it fell due.
    pub(crate) minute: Timestamp,
    /// The last one of the slot that has had its turn.
    pub(crate) after: Option<IndexPosition>,
    pass: u64,
}

/// Something that waits for its turn.
pub(crate) trait Queueable {
    /// Its place within its slot, always the same.
    fn index_position(&self) -> IndexPosition;
}

/// Some of those who wait in a slot, in the order of their places.
#[derive(Debug)]
pub(crate) struct QueuedItems<T> {
    /// Those who are worth a question.
    pub(crate) members: Vec<T>,
    /// After which place to go on, if there may be more.
    pub(crate) next: Option<IndexPosition>,
}

/// How many are taken in one go.
#[derive(Debug, Clone, Copy)]
pub(crate) struct BatchSize {
    /// For how many there is room: not one more.
    pub(crate) room: usize,
    /// How many are enough to be sent; the rest of the slots that were looked up
    /// comes with them.
    pub(crate) enough: usize,
    /// When it is enough, whatever was taken.
    pub(crate) deadline: Deadline,
}

impl FairScheduler {
    /// The lines of a carrier from `first` to `until`; `behind` are those that
    /// were left behind earlier. The carrier wants no number to be asked after
    /// twice within `min_interval`.
    pub(crate) fn new<'a>(
        cadences: impl IntoIterator<Item = (Cadence, Option<&'a Backlog>)>,
        first: Timestamp,
        until: Timestamp,
        min_interval: SignedDuration,
    ) -> Self {
        let (first, until) = (to_minutes(first), to_minutes(until));
        let mut lines: Vec<BacklogState> = cadences
            .into_iter()
            .map(|(cadence, line)| BacklogState {
                cadence,
                every: period_step(cadence, min_interval),
                next: line.map_or(first, |line| to_minutes(line.next).min(until + 1)),
                after: line.and_then(|line| line.after.clone()),
                pass: line.map_or(0, |line| line.pass),
                full: 0,
            })
            .collect();
        let skipped = lines.iter_mut().map(|line| line.skip_turns(until)).sum();
        Self {
            lines,
            until,
            skipped,
        }
    }

    /// Those who have their turn now, as far as there is room and until they are
    /// enough; the others remain in line. `waiting` looks up who waits in a slot.
    pub(crate) async fn take_batch<T, E, F>(
        &mut self,
        helping: BatchSize,
        waiting: impl Fn(SlotTurn) -> F,
    ) -> Result<Vec<T>, E>
    where
        T: Queueable,
        F: Future<Output = Result<QueuedItems<T>, E>>,
    {
        let BatchSize {
            mut room,
            enough,
            deadline,
        } = helping;
        let mut taken = Vec::new();
        let is_enough = |n_taken| n_taken >= enough || deadline.is_over();
        while room > 0 && !is_enough(taken.len()) {
            let turns: Vec<SlotTurn> = std::iter::from_fn(|| self.next_turn())
                .take(SLOTS_AT_ONCE)
                .collect();
            if turns.is_empty() {
                break;
            }
            let found: Vec<QueuedItems<T>> = stream::iter(turns.clone())
                .map(&waiting)
                .buffered(SLOTS_AT_ONCE)
                .try_collect()
                .await?;
            for (mut turn, mut found) in turns.into_iter().zip(found) {
                loop {
                    let next = found.next.take();
                    taken.extend(self.serve_slot(&turn, found.members, &mut room));
                    let Some(next) = next else { break };
                    turn.after = Some(next);
                    // Of a slot as large as that the rest waits for the next helping.
                    if room == 0 || is_enough(taken.len()) {
                        self.put_back(&turn, turn.after.clone());
                        room = 0;
                        break;
                    }
                    found = waiting(turn.clone()).await?;
                }
            }
        }
        Ok(taken)
    }

    /// Those of the turn's slot for whom there is room.
    fn serve_slot<T: Queueable>(
        &mut self,
        turn: &SlotTurn,
        mut members: Vec<T>,
        room: &mut usize,
    ) -> Vec<T> {
        if *room == 0 {
            if !members.is_empty() {
                self.put_back(turn, turn.after.clone());
            }
            return Vec::new();
        }
        if members.len() > *room {
            members.truncate(*room);
            self.put_back(turn, members.last().map(T::index_position));
        }
        *room -= members.len();
        members
    }

    /// Whether no cohort may have a turn any more.
    pub(crate) fn is_done(&self) -> bool {
        !self.lines.iter().any(|line| line.is_waiting(self.until))
    }

    /// The lines that are behind.
    pub(crate) fn open_backlogs(&self) -> Vec<(Cadence, Backlog)> {
        let behind = || self.lines.iter().filter(|line| line.is_waiting(self.until));
        let least = |is_urgent| {
            let alike = behind().filter(|line| line.cadence.is_urgent() == is_urgent);
            alike.map(|line| line.pass).min().unwrap_or_default()
        };
        behind()
            .map(|line| {
                let line_at = Backlog {
                    next: from_minutes(line.next),
                    after: line.after.clone(),
                    pass: line.pass - least(line.cadence.is_urgent()),
                };
                (line.cadence, line_at)
            })
            .collect()
    }

    /// How many turns of slots were left out, because a whole period had passed.
    pub(crate) const fn skipped_turns(&self) -> u64 {
        self.skipped
    }

    fn next_turn(&mut self) -> Option<SlotTurn> {
        let until = self.until;
        let is_unhurried = is_unhurried(until);
        let line = self
            .lines
            .iter_mut()
            .filter(|line| line.is_waiting(until))
            .min_by_key(|line| {
                let is_later = line.cadence.is_urgent() == is_unhurried;
                (is_later, line.pass, line.cadence)
            })?;
        let minute = from_minutes(line.next);
        let turn = SlotTurn {
            cadence: line.cadence,
            slot: line.cadence.slot_at(minute),
            minute,
            after: line.after.take(),
            pass: line.pass,
        };
        line.pass += 1;
        line.next += 1;
        line.find_slot();
        Some(turn)
    }

    /// The turn was not taken, or not by those beyond `after`.
    fn put_back(&mut self, turn: &SlotTurn, after: Option<IndexPosition>) {
        let minute = to_minutes(turn.minute);
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

impl BacklogState {
    fn slot_count(&self) -> i64 {
        i64::from(self.cadence.to_minutes())
    }

    /// Goes on to the next minute whose slot has a turn.
    fn find_slot(&mut self) {
        while !self.has_turn() {
            self.next += 1;
        }
    }

    /// Whether the slot of the next minute has its turn in this period: each
    /// has it in one of `every`.
    fn has_turn(&self) -> bool {
        let (period, slot) = (
            self.next.div_euclid(self.slot_count()),
            self.next.rem_euclid(self.slot_count()),
        );
        (period + slot).rem_euclid(self.every) == 0
    }

    /// Whether a slot has its turn now: each has one in a sweep, however much
    /// was missed.
    const fn is_waiting(&self, until: i64) -> bool {
        self.next <= until && self.next < self.full
    }

    /// Leaves out turns that are followed by two others of the same slot; gives
    /// their number.
    fn skip_turns(&mut self, until: i64) -> u64 {
        let full = self.slot_count() * self.every;
        let rounds = ((until + 1 - self.next) / full - 1).max(0);
        self.next += rounds * full;
        self.find_slot();
        self.full = self.next + full;
        u64::try_from(rounds * self.slot_count()).unwrap_or_default()
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
fn period_step(cadence: Cadence, min_interval: SignedDuration) -> i64 {
    let period = i64::from(cadence.to_minutes());
    let wanted = min_interval.as_secs().div_euclid(60);
    (wanted + period - 1).div_euclid(period).max(1)
}

fn to_minutes(time: Timestamp) -> i64 {
    time.as_second().div_euclid(60)
}

fn from_minutes(minutes: i64) -> Timestamp {
    Timestamp::from_second(minutes * 60).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests;
