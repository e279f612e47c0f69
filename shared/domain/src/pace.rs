//! How fast messages may go out, shared by all who send them.
//!
//! A provider takes so many messages a second of an account. A worker that has one to
//! send takes a slot first; if none is free soon it gets a place in the
//! line, a time at which to ask again. What is urgent has a line of its own, and
//! while it is not empty, one slot in ten is left to the other line. Places
//! are given out as fast as slots are, so that no worker comes in vain and no slot
//! stays empty while a message waits (docs/adr/0027-a-pace-for-sending.md).
//!
//! Everything here is a rule without IO: the state is kept by who calls it.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// How far ahead a slot may lie. The worker that takes it waits so long; all
/// others that come in that time find slots behind it.
pub const HORIZON: SignedDuration = SignedDuration::from_secs(2);

/// Places in the line are given out a little faster than slots, for those who
/// stand in it come by a queue that is late now and then. A worker that finds no slot
/// goes to the end of the line.
const PLACES_PER_SLOT: f64 = 1.05;

/// What is left of the rate after a provider has said that it was too fast.
const SLOWED_TO: f64 = 0.85;

/// By how much the rate grows again, each second.
const RECOVERY: f64 = 1.005;

/// Refusals within this time are of one and the same haste.
const ONE_HASTE: SignedDuration = SignedDuration::from_secs(2);

/// One slot in so many is reserved for usual messages: a steady flow of urgent ones, of
/// any shop, delays them and does not starve them.
const RESERVED_EVERY: f64 = 10.0;

/// The slowest pace: one message in twenty seconds.
const LEAST_PER_SECOND: f64 = 0.05;

/// Which line a message stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Urgency {
    /// It loses its use by waiting, or asks the customer to act.
    Urgent,
    /// It can wait.
    Usual,
}

/// A message for which a slot is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlotRequest {
    /// Which line it stands in.
    pub urgency: Urgency,
    /// Its place in the line, if it has one.
    pub place: Option<Timestamp>,
}

/// What a message gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SlotGrant {
    /// It may be sent at that time, which is now or within [`HORIZON`].
    At(Timestamp),
    /// Its place in the line: it asks again then.
    Place(Timestamp),
}

/// What was given out so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ChannelRate {
    /// Slots are given out up to here, as places are; microseconds, so that many
    /// short steps lose nothing by rounding.
    slots_until: i64,
    urgent_until: i64,
    usual_until: i64,
    /// The slots that are reserved for usual messages are given out up to here, as are
    /// the places for them.
    reserved_slots_until: i64,
    reserved_until: i64,
    /// The share of the rate that is used since the provider was in trouble.
    share: Option<RateShare>,
    /// What the provider said that the account may send.
    told: Option<AccountRate>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct RateShare {
    of_rate: f64,
    at: i64,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct AccountRate {
    per_second: f64,
    at: i64,
}

impl ChannelRate {
    /// Gives a slot or a place to each of `wants`, at `per_second` messages; in the
    /// order of `wants`, but the urgent ones first, and of each line those first
    /// whose place has come.
    pub fn grant_slots(
        &mut self,
        wants: &[SlotRequest],
        per_second: f64,
        now: Timestamp,
    ) -> Vec<SlotGrant> {
        let step = self.slot_interval(per_second, now);
        let mut turns: Vec<usize> = (0..wants.len()).collect();
        turns.sort_by_key(|index| {
            let want = &wants[*index];
            (want.urgency == Urgency::Usual, !has_come(want, now))
        });
        let mut slots = vec![SlotGrant::Place(now); wants.len()];
        for index in turns {
            slots[index] = self.take_one(&wants[index], step, now);
        }
        slots
    }

    fn take_one(&mut self, want: &SlotRequest, step: f64, now: Timestamp) -> SlotGrant {
        let has_come = has_come(want, now);
        let now = now.as_microsecond();
        let is_behind_the_urgent = want.urgency == Urgency::Usual && self.urgent_until > now;
        let slot = self.slots_until.max(now);
        if is_behind_the_urgent {
            // Its slot may lie a little further ahead: those before it are all taken.
            if has_come
                && self.reserved_slots_until <= now + horizon_micros()
                && slot <= now + 2 * horizon_micros()
            {
                self.reserved_slots_until =
                    self.reserved_slots_until.max(now) + round_micros(step * RESERVED_EVERY);
                self.slots_until = slot + round_micros(step);
                return SlotGrant::At(from_micros(slot));
            }
            let behind = self.urgent_until.max(self.usual_until).max(slot);
            let reserved = self.reserved_until.max(now);
            if reserved < behind {
                self.reserved_until =
                    reserved + round_micros(step * RESERVED_EVERY / PLACES_PER_SLOT);
                return SlotGrant::Place(from_micros(reserved));
            }
        }
        let line = match want.urgency {
            Urgency::Urgent => self.urgent_until,
            Urgency::Usual => self.urgent_until.max(self.usual_until),
        };
        let is_first = line <= now || has_come;
        if is_first && !is_behind_the_urgent && slot <= now + horizon_micros() {
            self.slots_until = slot + round_micros(step);
            return SlotGrant::At(from_micros(slot));
        }
        let place = line.max(slot);
        let next = place + round_micros(step / PLACES_PER_SLOT);
        match want.urgency {
            Urgency::Urgent => self.urgent_until = next,
            Urgency::Usual => self.usual_until = next,
        }
        SlotGrant::Place(from_micros(place))
    }

    /// Whether no message waits and one could go out at once.
    pub fn is_idle(&self, now: Timestamp) -> bool {
        let until = self
            .slots_until
            .max(self.urgent_until)
            .max(self.usual_until);
        until <= now.as_microsecond()
    }

    /// The provider said that this was too fast, although there was a slot: the
    /// account may less than it seems, or others send from it. The pace is slowed
    /// down, once for all refusals of the same moment, and recovers by itself.
    pub fn slow_down(&mut self, now: Timestamp) {
        let since = |share: &RateShare| now.as_microsecond() - share.at;
        let is_new = self
            .share
            .as_ref()
            .is_none_or(|share| since(share) > to_micros(ONE_HASTE));
        if is_new {
            self.share = Some(RateShare {
                of_rate: self.send_share(now) * SLOWED_TO,
                at: now.as_microsecond(),
            });
        }
        let pause = now.as_microsecond() + to_micros(SignedDuration::from_secs(1));
        self.slots_until = self.slots_until.max(pause);
    }

    /// What the provider said that the account may send in a second, unless that
    /// is longer ago than `fresh`.
    pub fn account_rate(&self, fresh: SignedDuration, now: Timestamp) -> Option<f64> {
        let told = self.told.as_ref()?;
        let age = now.as_microsecond() - told.at;
        (age < to_micros(fresh)).then_some(told.per_second)
    }

    /// Keeps what the provider said.
    pub fn was_told(&mut self, per_second: f64, now: Timestamp) {
        self.told = Some(AccountRate {
            per_second,
            at: now.as_microsecond(),
        });
    }

    fn send_share(&self, now: Timestamp) -> f64 {
        let Some(share) = &self.share else {
            return 1.0;
        };
        let seconds = SignedDuration::from_micros(now.as_microsecond() - share.at).as_secs_f64();
        (share.of_rate * RECOVERY.powf(seconds.max(0.0))).min(1.0)
    }

    /// Microseconds from one slot to the next.
    fn slot_interval(&self, per_second: f64, now: Timestamp) -> f64 {
        1e6 / (per_second * self.send_share(now)).max(LEAST_PER_SECOND)
    }
}

/// Whether its place in the line has come, as nearly as a slot may lie ahead.
fn has_come(want: &SlotRequest, now: Timestamp) -> bool {
    want.place.is_some_and(|place| is_near(place, now))
}

/// Whether a place in the line is as near as a slot may lie ahead.
pub fn is_near(place: Timestamp, now: Timestamp) -> bool {
    place.duration_since(now) <= HORIZON
}

fn horizon_micros() -> i64 {
    to_micros(HORIZON)
}

fn to_micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "a step is at most twenty seconds"
)]
fn round_micros(micros: f64) -> i64 {
    micros.round() as i64
}

fn from_micros(micros: i64) -> Timestamp {
    Timestamp::from_microsecond(micros).unwrap_or(Timestamp::MAX)
}
