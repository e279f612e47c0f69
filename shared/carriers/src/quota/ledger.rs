//! What was taken out of each quota of a credential, and what may still be.
//!
//! One ledger per credential is shared by all processes. Nobody asks a carrier
//! without having taken the request out of it first, as a [`Lease`] that holds
//! for a moment only; so a request that a lease covers is sent at the latest
//! when the lease ends, and a window is kept by counting from there.

use super::Cost;
use crate::profile::{Period, Quota, Unit};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const DAY: i64 = 24 * 60 * MINUTE;

/// A rolling window is counted in so many pieces. What is taken in one of them
/// is given back when the whole piece has left the window, which costs a
/// fortieth of the rate and keeps the item small.
const PIECES: i64 = 40;

/// Of a window longer than this, no eighth may see more than a quarter of the
/// calls: whoever burns a quota at once leaves nothing for what is urgent later.
const EVEN_FROM: i64 = 15 * MINUTE;

/// The share of a day's quota that may be used at 00:00; the rest comes evenly
/// until 24:00. What is not used remains.
const HEAD_START: u32 = 16;

/// How long a lease of spare requests holds, and the fewest that are worth it:
/// what is not used is lost.
const SPARE: i64 = 5 * MINUTE;
const LEAST_SPARE: u32 = 32;

/// What was taken out of each quota. Equal for all processes, stored as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ledger {
    /// By quota: pieces of time, by number, and what was taken in each.
    taken: BTreeMap<String, Vec<(i64, u32)>>,
}

/// Leave to ask, for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// How much.
    pub cost: Cost,
    /// Until when the last request must have been sent.
    pub until: Timestamp,
}

impl Ledger {
    /// Takes up to `wanted` out of all `quotas`, or says how long to wait if
    /// that is not at least `least`.
    ///
    /// While less than half of each quota is used, more is given than was
    /// wanted, and for longer, so that who asks much need not come often.
    pub fn lease(
        &mut self,
        quotas: &[Quota],
        least: Cost,
        wanted: Cost,
        now: Timestamp,
    ) -> Result<Lease, Duration> {
        let wanted = wanted.most(least);
        let at = now.as_millisecond();
        self.forget(quotas, at);
        let room = self.room(quotas, at);
        if !room.covers(least) {
            let wait = quotas
                .iter()
                .map(|quota| quota.wait(self.of(quota), least, at))
                .max();
            let wait = wait.unwrap_or_default().max(SECOND / 10);
            return Err(Duration::from_millis(wait.unsigned_abs()));
        }
        let spare = self.spare(quotas, at).least(room);
        let has_spare = spare.covers(wanted) && spare.calls.min(spare.numbers) < u32::MAX;
        let (cost, hold) = if has_spare {
            (spare, SPARE)
        } else {
            let hold = quotas.iter().map(Quota::hold).min();
            (wanted.least(room), hold.unwrap_or(SPARE))
        };
        let ends = quotas.iter().filter_map(|quota| quota.end(at));
        let until = ends.fold(at + hold, i64::min);
        for quota in quotas {
            let taken = self.taken.entry(quota.name()).or_default();
            quota.take(taken, quota.count(cost), until);
        }
        Ok(Lease {
            cost,
            until: Timestamp::from_millisecond(until).unwrap_or(now),
        })
    }

    /// What may be sent on its way in the minute that begins `now`, so that
    /// little of it has to wait for a quota.
    pub fn allowance(&self, quotas: &[Quota], now: Timestamp) -> Cost {
        let at = now.as_millisecond();
        quotas.iter().fold(Cost::UNLIMITED, |allowance, quota| {
            allowance.least(quota.as_cost(quota.allowance(self.of(quota), at)))
        })
    }

    /// How much of the quota that is nearest its limit is used, in percent.
    pub fn share(&self, quotas: &[Quota], now: Timestamp) -> u32 {
        let at = now.as_millisecond();
        let share = |quota: &Quota| {
            let used = u64::from(quota.used(self.of(quota), at));
            u32::try_from(used * 100 / u64::from(quota.limit.max(1))).unwrap_or(u32::MAX)
        };
        quotas.iter().map(share).max().unwrap_or_default()
    }

    fn of(&self, quota: &Quota) -> &[(i64, u32)] {
        self.taken
            .get(&quota.name())
            .map_or(&[], |taken| taken.as_slice())
    }

    fn room(&self, quotas: &[Quota], at: i64) -> Cost {
        quotas.iter().fold(Cost::UNLIMITED, |room, quota| {
            room.least(quota.as_cost(quota.room(self.of(quota), at)))
        })
    }

    /// A thirty-second part of each quota, if less than half of each is used.
    fn spare(&self, quotas: &[Quota], at: i64) -> Cost {
        quotas.iter().fold(Cost::UNLIMITED, |spare, quota| {
            let part = quota.limit / 32;
            let is_calm = quota.used(self.of(quota), at) + part <= quota.due_by(at) / 2;
            let part = if is_calm && part >= LEAST_SPARE {
                part
            } else {
                0
            };
            spare.least(quota.as_cost(part))
        })
    }

    /// Drops what has left its window, and quotas that the profile no longer has.
    fn forget(&mut self, quotas: &[Quota], at: i64) {
        let known: BTreeMap<String, &Quota> =
            quotas.iter().map(|quota| (quota.name(), quota)).collect();
        self.taken.retain(|name, taken| {
            let Some(quota) = known.get(name) else {
                return false;
            };
            taken.retain(|(piece, _)| quota.leaves_at(*piece) > at);
            !taken.is_empty()
        });
    }
}

impl Quota {
    /// What identifies it in the ledger, as in `60 calls in 3600000`.
    fn name(&self) -> String {
        let unit = match self.unit {
            Unit::Calls => "calls",
            Unit::Numbers => "numbers",
        };
        match self.period {
            Period::Rolling(_) => format!("{} {unit} in {}", self.limit, self.window()),
            Period::DayGmt => format!("{} {unit} a day", self.limit),
        }
    }

    const fn count(&self, cost: Cost) -> u32 {
        match self.unit {
            Unit::Calls => cost.calls,
            Unit::Numbers => cost.numbers,
        }
    }

    const fn as_cost(&self, count: u32) -> Cost {
        match self.unit {
            Unit::Calls => Cost {
                calls: count,
                ..Cost::UNLIMITED
            },
            Unit::Numbers => Cost {
                numbers: count,
                ..Cost::UNLIMITED
            },
        }
    }

    /// Its length in milliseconds.
    fn window(&self) -> i64 {
        match self.period {
            Period::Rolling(window) => i64::try_from(window.as_millis()).unwrap_or(DAY),
            Period::DayGmt => DAY,
        }
    }

    /// Length of one piece of it.
    fn piece(&self) -> i64 {
        match self.period {
            Period::Rolling(_) => (self.window() / PIECES).max(1),
            Period::DayGmt => DAY,
        }
    }

    /// How long a lease holds: long enough for the requests of one invocation,
    /// short beside the window, which is counted from the lease's end.
    fn hold(&self) -> i64 {
        (self.window() / 60).clamp(SECOND / 4, 30 * SECOND)
    }

    /// When the period ends in which `at` lies, if it ends at all.
    fn end(&self, at: i64) -> Option<i64> {
        match self.period {
            Period::Rolling(_) => None,
            Period::DayGmt => Some((at.div_euclid(DAY) + 1) * DAY - 1),
        }
    }

    /// When what was taken in a piece counts no longer.
    fn leaves_at(&self, piece: i64) -> i64 {
        match self.period {
            Period::Rolling(_) => piece * self.piece() + self.window(),
            Period::DayGmt => (piece + 1) * DAY,
        }
    }

    fn take(&self, taken: &mut Vec<(i64, u32)>, count: u32, until: i64) {
        let piece = match self.period {
            // Rounded up: counted from the end of the piece.
            Period::Rolling(_) => until.div_euclid(self.piece()) + 1,
            Period::DayGmt => until.div_euclid(DAY),
        };
        match taken.iter_mut().find(|(known, _)| *known == piece) {
            Some((_, known)) => *known = known.saturating_add(count),
            None => taken.push((piece, count)),
        }
        taken.sort_unstable();
    }

    /// What counts against it at `at`.
    fn used(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        sum(taken, |piece| self.leaves_at(piece) > at)
    }

    /// How much of it may have been used by `at`.
    fn due_by(&self, at: i64) -> u32 {
        match self.period {
            Period::Rolling(_) => self.limit,
            Period::DayGmt => {
                let first = self.limit / HEAD_START;
                let passed = u64::from(self.limit - first) * at.rem_euclid(DAY).unsigned_abs()
                    / DAY.unsigned_abs();
                let due = first.saturating_add(u32::try_from(passed).unwrap_or(u32::MAX));
                due.max(1).min(self.limit)
            }
        }
    }

    /// Windows within it and their limits: its own, and one that spreads the
    /// use over a long one.
    fn bounds(&self) -> impl Iterator<Item = (i64, u32)> {
        let window = self.window();
        let is_long = window > EVEN_FROM && self.unit == Unit::Calls;
        let spread = is_long.then(|| (window / 8, (self.limit / 4).max(1)));
        [(window, self.limit)].into_iter().chain(spread)
    }

    /// How much may be taken at `at`.
    fn room(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        match self.period {
            Period::DayGmt => self.due_by(at).saturating_sub(self.used(taken, at)),
            Period::Rolling(_) => {
                let left = |(window, limit): (i64, u32)| {
                    let used = sum(taken, |piece| piece * self.piece() + window > at);
                    limit.saturating_sub(used)
                };
                self.bounds().map(left).min().unwrap_or_default()
            }
        }
    }

    /// How long until there is room for `cost`, or for as much as there ever is.
    fn wait(&self, taken: &[(i64, u32)], cost: Cost, at: i64) -> i64 {
        let wanted = self.count(cost);
        match self.period {
            Period::DayGmt => {
                let total = self.used(taken, at).saturating_add(wanted.max(1));
                let (first, day) = (self.limit / HEAD_START, at.div_euclid(DAY) * DAY);
                if total > self.limit {
                    return day + DAY - at;
                }
                let rest = i64::from((self.limit - first).max(1));
                let due = i64::from(total.saturating_sub(first)) * DAY / rest + SECOND;
                (day + due - at).max(0)
            }
            Period::Rolling(_) => {
                let wait = |(window, limit): (i64, u32)| {
                    let wanted = wanted.min(limit);
                    let mut used = 0;
                    let fits = taken.iter().rev().find(|(_, count)| {
                        used += count;
                        used > limit - wanted
                    });
                    fits.map_or(0, |(piece, _)| piece * self.piece() + window - at)
                };
                self.bounds().map(wait).max().unwrap_or_default().max(0)
            }
        }
    }

    /// What may be sent on its way in the minute that begins at `at`. Of a
    /// short window, what it lets through in a minute: it is over before the
    /// minute is. Of a long one, what there is.
    fn allowance(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        if self.window() > 5 * MINUTE {
            return self.room(taken, at);
        }
        let full_turn = i128::from(self.window() + self.hold() + self.piece());
        let by = |minute: i64| i128::from(self.limit) * i128::from(minute * MINUTE) / full_turn;
        let minute = at.div_euclid(MINUTE);
        u32::try_from(by(minute + 1) - by(minute)).unwrap_or(u32::MAX)
    }
}

fn sum(taken: &[(i64, u32)], counts: impl Fn(i64) -> bool) -> u32 {
    taken
        .iter()
        .filter(|(piece, _)| counts(*piece))
        .fold(0, |sum, (_, count)| sum.saturating_add(*count))
}
