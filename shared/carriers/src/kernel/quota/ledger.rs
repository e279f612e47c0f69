//! What was taken out of each quota of a credential, and what may still be.
//!
//! One ledger per credential is shared by all processes. No carrier is asked
//! without having taken the request out of it first, as a [`QuotaLease`] that holds
//! for a moment only; so a request that a lease covers is sent at the latest
//! when the lease ends, and a window is kept by counting from there.

use super::RequestCost;
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
/// calls: a quota that is used up at once leaves nothing for what is urgent later.
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
pub struct QuotaUsage {
    /// By quota: pieces of time, by number, and what was taken in each.
    taken: BTreeMap<String, Vec<(i64, u32)>>,
}

/// Leave to ask, for a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotaLease {
    /// How much.
    pub cost: RequestCost,
    /// Until when the last request must have been sent.
    pub until: Timestamp,
}

impl QuotaUsage {
    /// Takes up to `wanted` out of all `quotas`, or says how long to wait if
    /// that is not at least `least`.
    ///
    /// While less than half of each quota is used, more is given than was
    /// wanted, and for longer, so that who asks much need not come often.
    pub fn take_lease(
        &mut self,
        quotas: &[Quota],
        least: RequestCost,
        wanted: RequestCost,
        now: Timestamp,
    ) -> Result<QuotaLease, Duration> {
        let wanted = wanted.greater_of(least);
        let at = now.as_millisecond();
        self.forget_expired(quotas, at);
        let room = self.capacity_at(quotas, at);
        if !room.covers_cost(least) {
            let wait = quotas
                .iter()
                .map(|quota| quota.wait_millis(self.usage_of(quota), least, at))
                .max();
            let wait = wait.unwrap_or_default().max(SECOND / 10);
            return Err(Duration::from_millis(wait.unsigned_abs()));
        }
        let spare = self.spare_cost(quotas, at).lesser_of(room);
        let has_spare = spare.covers_cost(wanted) && spare.calls.min(spare.numbers) < u32::MAX;
        let (cost, hold) = if has_spare {
            (spare, SPARE)
        } else {
            let hold = quotas.iter().map(Quota::lease_duration).min();
            (wanted.lesser_of(room), hold.unwrap_or(SPARE))
        };
        let ends = quotas.iter().filter_map(|quota| quota.period_end(at));
        let until = ends.fold(at + hold, i64::min);
        for quota in quotas {
            let taken = self.taken.entry(quota.usage_key()).or_default();
            quota.take_units(taken, quota.counted_units(cost), until);
        }
        Ok(QuotaLease {
            cost,
            until: Timestamp::from_millisecond(until).unwrap_or(now),
        })
    }

    /// What may be sent on its way in the minute that begins `now`, so that
    /// little of it has to wait for a quota.
    pub fn minute_allowance(&self, quotas: &[Quota], now: Timestamp) -> RequestCost {
        let at = now.as_millisecond();
        quotas
            .iter()
            .fold(RequestCost::UNLIMITED, |allowance, quota| {
                allowance
                    .lesser_of(quota.as_cost(quota.minute_allowance_of(self.usage_of(quota), at)))
            })
    }

    /// How much of the quota that is nearest its limit is used, in percent.
    pub fn used_share(&self, quotas: &[Quota], now: Timestamp) -> u32 {
        let at = now.as_millisecond();
        let share = |quota: &Quota| {
            let used = u64::from(quota.used_units(self.usage_of(quota), at));
            u32::try_from(used * 100 / u64::from(quota.limit.max(1))).unwrap_or(u32::MAX)
        };
        quotas.iter().map(share).max().unwrap_or_default()
    }

    fn usage_of(&self, quota: &Quota) -> &[(i64, u32)] {
        self.taken
            .get(&quota.usage_key())
            .map_or(&[], |taken| taken.as_slice())
    }

    fn capacity_at(&self, quotas: &[Quota], at: i64) -> RequestCost {
        quotas.iter().fold(RequestCost::UNLIMITED, |room, quota| {
            room.lesser_of(quota.as_cost(quota.free_units(self.usage_of(quota), at)))
        })
    }

    /// A thirty-second part of each quota, if less than half of each is used.
    fn spare_cost(&self, quotas: &[Quota], at: i64) -> RequestCost {
        quotas.iter().fold(RequestCost::UNLIMITED, |spare, quota| {
            let part = quota.limit / 32;
            let is_calm = quota.used_units(self.usage_of(quota), at) + part <= quota.due_by(at) / 2;
            let part = if is_calm && part >= LEAST_SPARE {
                part
            } else {
                0
            };
            spare.lesser_of(quota.as_cost(part))
        })
    }

    /// Drops what has left its window, and quotas that the profile no longer has.
    fn forget_expired(&mut self, quotas: &[Quota], at: i64) {
        let known: BTreeMap<String, &Quota> = quotas
            .iter()
            .map(|quota| (quota.usage_key(), quota))
            .collect();
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
    fn usage_key(&self) -> String {
        let unit = match self.unit {
            Unit::Calls => "calls",
            Unit::Numbers => "numbers",
        };
        match self.period {
            Period::Rolling(_) => format!("{} {unit} in {}", self.limit, self.window_millis()),
            Period::DayGmt => format!("{} {unit} a day", self.limit),
        }
    }

    const fn counted_units(&self, cost: RequestCost) -> u32 {
        match self.unit {
            Unit::Calls => cost.calls,
            Unit::Numbers => cost.numbers,
        }
    }

    const fn as_cost(&self, count: u32) -> RequestCost {
        match self.unit {
            Unit::Calls => RequestCost {
                calls: count,
                ..RequestCost::UNLIMITED
            },
            Unit::Numbers => RequestCost {
                numbers: count,
                ..RequestCost::UNLIMITED
            },
        }
    }

    /// Its length in milliseconds.
    fn window_millis(&self) -> i64 {
        match self.period {
            Period::Rolling(window) => i64::try_from(window.as_millis()).unwrap_or(DAY),
            Period::DayGmt => DAY,
        }
    }

    /// Length of one piece of it.
    fn piece_millis(&self) -> i64 {
        match self.period {
            Period::Rolling(_) => (self.window_millis() / PIECES).max(1),
            Period::DayGmt => DAY,
        }
    }

    /// How long a lease holds: long enough for the requests of one invocation,
    /// short beside the window, which is counted from the lease's end.
    fn lease_duration(&self) -> i64 {
        (self.window_millis() / 60).clamp(SECOND / 4, 30 * SECOND)
    }

    /// When the period ends in which `at` lies, if it ends at all.
    fn period_end(&self, at: i64) -> Option<i64> {
        match self.period {
            Period::Rolling(_) => None,
            Period::DayGmt => Some((at.div_euclid(DAY) + 1) * DAY - 1),
        }
    }

    /// When what was taken in a piece counts no longer.
    fn leaves_at(&self, piece: i64) -> i64 {
        match self.period {
            Period::Rolling(_) => piece * self.piece_millis() + self.window_millis(),
            Period::DayGmt => (piece + 1) * DAY,
        }
    }

    fn take_units(&self, taken: &mut Vec<(i64, u32)>, count: u32, until: i64) {
        let piece = match self.period {
            // Rounded up: counted from the end of the piece.
            Period::Rolling(_) => until.div_euclid(self.piece_millis()) + 1,
            Period::DayGmt => until.div_euclid(DAY),
        };
        match taken.iter_mut().find(|(known, _)| *known == piece) {
            Some((_, known)) => *known = known.saturating_add(count),
            None => taken.push((piece, count)),
        }
        taken.sort_unstable();
    }

    /// What counts against it at `at`.
    fn used_units(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        sum_units(taken, |piece| self.leaves_at(piece) > at)
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
    fn inner_bounds(&self) -> impl Iterator<Item = (i64, u32)> {
        let window = self.window_millis();
        let is_long = window > EVEN_FROM && self.unit == Unit::Calls;
        let spread = is_long.then(|| (window / 8, (self.limit / 4).max(1)));
        [(window, self.limit)].into_iter().chain(spread)
    }

    /// How much may be taken at `at`.
    fn free_units(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        match self.period {
            Period::DayGmt => self.due_by(at).saturating_sub(self.used_units(taken, at)),
            Period::Rolling(_) => {
                let left = |(window, limit): (i64, u32)| {
                    let used = sum_units(taken, |piece| piece * self.piece_millis() + window > at);
                    limit.saturating_sub(used)
                };
                self.inner_bounds().map(left).min().unwrap_or_default()
            }
        }
    }

    /// How long until there is room for `cost`, or for as much as there ever is.
    fn wait_millis(&self, taken: &[(i64, u32)], cost: RequestCost, at: i64) -> i64 {
        let wanted = self.counted_units(cost);
        match self.period {
            Period::DayGmt => {
                let total = self.used_units(taken, at).saturating_add(wanted.max(1));
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
                    fits.map_or(0, |(piece, _)| piece * self.piece_millis() + window - at)
                };
                self.inner_bounds()
                    .map(wait)
                    .max()
                    .unwrap_or_default()
                    .max(0)
            }
        }
    }

    /// What may be sent on its way in the minute that begins at `at`. Of a
    /// short window, what it lets through in a minute: it is over before the
    /// minute is. Of a long one, what there is.
    fn minute_allowance_of(&self, taken: &[(i64, u32)], at: i64) -> u32 {
        if self.window_millis() > 5 * MINUTE {
            return self.free_units(taken, at);
        }
        let full_turn =
            i128::from(self.window_millis() + self.lease_duration() + self.piece_millis());
        let by = |minute: i64| i128::from(self.limit) * i128::from(minute * MINUTE) / full_turn;
        let minute = at.div_euclid(MINUTE);
        u32::try_from(by(minute + 1) - by(minute)).unwrap_or(u32::MAX)
    }
}

fn sum_units(taken: &[(i64, u32)], counts: impl Fn(i64) -> bool) -> u32 {
    taken
        .iter()
        .filter(|(piece, _)| counts(*piece))
        .fold(0, |sum, (_, count)| sum.saturating_add(*count))
}
