//! What a carrier and its shipments have seen, and what is made of it.

use super::{
    life::SimulatedShipment,
    world::{MINUTE, SECOND, World, at, milliseconds},
};
use posthorn_carriers::profile::{Period, Quota, Unit};
use std::ops::Range;

#[derive(Default)]
pub(super) struct Seen {
    /// When, and about how many numbers.
    pub(super) calls: Vec<(i64, usize)>,
    pub(super) numbers: usize,
    pub(super) dropped: usize,
    /// The longest that a shipment waited beyond its cadence.
    pub(super) late: i64,
    /// The longest that a new one waited for its first look.
    pub(super) late_first: i64,
    pub(super) forgotten: usize,
    pub(super) expired: usize,
    pub(super) next_day: usize,
    pub(super) last: usize,
    pub(super) messages: u64,
    pub(super) leases: usize,
    pub(super) returned: usize,
    pub(super) late_urgent: i64,
}

impl World {
    pub(super) const HEAD: &'static str = "carrier         shipments   polls   calls   saved   used     late   urgent    first  leases returned dropped expired forgot  next-day  last";

    /// How many shipments lie about whose last look is overdue.
    pub(super) fn without_last_look(&self) -> usize {
        let lacking =
            |shipment: &&SimulatedShipment| shipment.lacks_last_look(at(24 * 60 * MINUTE));
        self.shipments.iter().filter(lacking).count()
    }

    pub(super) fn calls_in(&self, during: &Range<i64>) -> usize {
        let calls = self.seen.calls.iter();
        calls.filter(|(time, _)| during.contains(time)).count()
    }

    /// The most that was taken out of a quota in any stretch of its period.
    pub(super) fn most(&self, quota: &Quota) -> usize {
        let count = |(_, numbers): &(i64, usize)| match quota.unit {
            Unit::Calls => 1,
            Unit::Numbers => *numbers,
        };
        let calls = &self.seen.calls;
        let (mut first, mut taken, mut most) = (0, 0, 0);
        for call in calls {
            let is_apart = |other: i64| match quota.period {
                Period::Rolling(window) => call.0 - other >= milliseconds(window),
                Period::DayGmt => call.0 / (1440 * MINUTE) != other / (1440 * MINUTE),
            };
            while is_apart(calls[first].0) {
                taken -= count(&calls[first]);
                first += 1;
            }
            taken += count(call);
            most = most.max(taken);
        }
        most
    }

    /// The share of what is allowed that was used, in percent, of the quota that
    /// allows least.
    pub(super) fn share(&self, hours: usize) -> usize {
        let share = |quota: &Quota| {
            let limit = usize::try_from(quota.limit).unwrap();
            let allowed = match quota.period {
                Period::Rolling(window) => {
                    let seconds = usize::try_from(window.as_secs()).unwrap();
                    limit * hours * 3600 / seconds
                }
                Period::DayGmt => limit * hours.div_ceil(24),
            };
            let used = match quota.unit {
                Unit::Calls => self.seen.calls.len(),
                Unit::Numbers => self.seen.calls.iter().map(|(_, numbers)| numbers).sum(),
            };
            used * 100 / allowed
        };
        let shares = self.profile.quotas.iter().map(share);
        shares.max().unwrap_or_default()
    }

    pub(super) fn report(&self, hours: usize) -> String {
        let Self { profile, seen, .. } = self;
        let used = match profile.quotas {
            [] => "–".to_owned(),
            _ => format!("{} %", self.share(hours)),
        };
        format!(
            "{:15}{:8}{:8}{:8}{:8}{:>7}{:7} s{:7} s{:7} s{:8}{:9}{:8}{:8}{:7}{:10}{:6}",
            profile.id,
            self.shipments.len(),
            seen.numbers,
            seen.calls.len(),
            seen.numbers - seen.calls.len(),
            used,
            seen.late / SECOND,
            seen.late_urgent / SECOND,
            seen.late_first / SECOND,
            seen.leases,
            seen.returned,
            seen.dropped,
            seen.expired,
            seen.forgotten,
            seen.next_day,
            seen.last,
        )
    }
}
