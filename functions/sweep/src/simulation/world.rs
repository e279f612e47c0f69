//! Carriers with their parcels, a queue, and processes that work it off.

use crate::{
    plan::plan,
    rota::{Rota, Turn, Waiting},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{
    Profile,
    profile::{Period, Quota, Unit},
    quota::{Cost, Ledger, Purse, Taken, parcels_per_message},
};
use posthorn_domain::cadence::Cadence::{self, Day, EightHours, Hour, QuarterHour, ThreeHours};
use posthorn_platform::store::schedule::Line;
use std::{
    cmp::Reverse,
    collections::{BTreeMap, BinaryHeap},
    convert::Infallible,
    future::ready,
    time::Duration,
};

const fn calls(limit: u32, period: Period) -> Quota {
    Quota {
        limit,
        unit: Unit::Calls,
        period,
    }
}

const fn in_seconds(limit: u32, seconds: u64) -> Quota {
    calls(limit, Period::Rolling(Duration::from_secs(seconds)))
}

const fn a_day(limit: u32) -> Quota {
    calls(limit, Period::DayGmt)
}

const fn carrier(id: &'static str, batch: usize, quotas: &'static [Quota]) -> Profile {
    Profile {
        batch,
        quotas,
        ..Profile::named(id, id)
    }
}

/// Carriers, how many parcels each has, and whether it lets us ask after all of
/// them as often as we should like.
pub(super) const CARRIERS: [(Profile, usize, bool); 10] = [
    (carrier("ups", 1, &[]), 20_000, true),
    (
        carrier("fedex", 30, &[a_day(100_000), in_seconds(1400, 10)]),
        24_000,
        true,
    ),
    (carrier("17track", 40, &[in_seconds(3, 1)]), 24_000, true),
    (
        carrier("la_poste", 10, &[in_seconds(100, 60)]),
        12_000,
        true,
    ),
    (
        carrier("australia_post", 10, &[in_seconds(10, 60)]),
        8_000,
        true,
    ),
    (carrier("dhl_parcel_de", 20, &[a_day(1000)]), 8_000, false),
    (carrier("gls", 10, &[a_day(500)]), 2_500, false),
    (carrier("usps", 1, &[in_seconds(60, 3600)]), 800, false),
    (
        carrier("dhl", 1, &[a_day(250), in_seconds(1, 5)]),
        400,
        false,
    ),
    (
        carrier("russian_post", 1, &[in_seconds(100, 24 * 3600)]),
        300,
        false,
    ),
];

/// Of a hundred parcels, how many are asked after how often.
const USUAL: [(Cadence, usize); 5] = [
    (QuarterHour, 4),
    (Hour, 5),
    (ThreeHours, 51),
    (EightHours, 30),
    (Day, 10),
];
const FEW_URGENT: [(Cadence, usize); 5] = [
    (QuarterHour, 1),
    (Hour, 2),
    (ThreeHours, 57),
    (EightHours, 30),
    (Day, 10),
];

/// Processes that poll, each with purses of its own.
const PROCESSES: usize = 4;
/// As in `poll`: how often parcels may go back to the queue, and for how long.
const MOST_RETURNS: u8 = 3;
const LONGEST_DELAY: Duration = Duration::from_mins(15);
/// As in `poll`: a wait that is not worth the queue, and how often in a message.
const SHORT_WAIT: Duration = Duration::from_millis(1300);
const SHORT_WAITS: usize = 4;

const SECOND: i64 = 1000;
pub(super) const MINUTE: i64 = 60 * SECOND;

#[derive(Debug, Clone, Copy)]
pub(super) struct Parcel {
    pub(super) id: usize,
    pub(super) rank: u64,
    pub(super) cadence: Cadence,
    pub(super) last: Option<i64>,
    pub(super) polls: u64,
}

impl Waiting for Parcel {
    fn rank(&self) -> u64 {
        self.rank
    }
}

/// One carrier with its parcels, what is stored of it, and what it has seen.
pub(super) struct World {
    pub(super) profile: Profile,
    pub(super) is_enough: bool,
    pub(super) parcels: Vec<Parcel>,
    pub(super) slots: BTreeMap<Cadence, Vec<Vec<usize>>>,
    pub(super) lines: BTreeMap<Cadence, Line>,
    pub(super) ledger: Ledger,
    pub(super) purses: [Purse; PROCESSES],
    queue: BinaryHeap<Reverse<(i64, u64, Message)>>,
    pub(super) seen: Seen,
}

/// Parcels on their way: how often they have been back, and how often their
/// requests have waited for a moment.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Message {
    returns: u8,
    waits: usize,
    process: usize,
    ids: Vec<usize>,
}

#[derive(Default)]
pub(super) struct Seen {
    pub(super) calls: Vec<i64>,
    pub(super) numbers: usize,
    pub(super) messages: u64,
    pub(super) leases: usize,
    pub(super) returned: usize,
    pub(super) dropped: usize,
    /// The longest that a parcel waited beyond its cadence.
    pub(super) late: i64,
    pub(super) late_urgent: i64,
}

fn hash(value: u64) -> u64 {
    let mixed = (value ^ (value >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 32)
}

fn begin() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

fn at(milliseconds: i64) -> Timestamp {
    begin() + SignedDuration::from_millis(milliseconds)
}

fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

impl World {
    pub(super) fn new(index: usize) -> Self {
        let (profile, n_parcels, is_enough) = CARRIERS[index];
        let mut world = Self {
            profile,
            is_enough,
            parcels: Vec::new(),
            slots: BTreeMap::new(),
            lines: BTreeMap::new(),
            ledger: Ledger::default(),
            purses: Default::default(),
            queue: BinaryHeap::new(),
            seen: Seen::default(),
        };
        let mix = if is_enough { USUAL } else { FEW_URGENT };
        for (cadence, _) in mix {
            let slots = vec![Vec::new(); usize::try_from(cadence.minutes()).unwrap()];
            world.slots.insert(cadence, slots);
        }
        for id in 0..n_parcels {
            let mut place = id % 100;
            let fits = |(_, share): &&(Cadence, usize)| {
                let fits = place < *share;
                place = place.saturating_sub(*share);
                fits
            };
            let (cadence, _) = *mix.iter().find(fits).unwrap();
            let rank = hash(u64::try_from(index * 1_000_000 + id).unwrap());
            world.parcels.push(Parcel {
                id,
                rank,
                cadence,
                last: None,
                polls: 0,
            });
            world.join(id);
        }
        world
    }

    fn slot(&mut self, id: usize) -> &mut Vec<usize> {
        let Parcel { rank, cadence, .. } = self.parcels[id];
        let slot = usize::try_from(cadence.slot_of(hash(rank))).unwrap();
        &mut self.slots.get_mut(&cadence).unwrap()[slot]
    }

    fn join(&mut self, id: usize) {
        self.slot(id).push(id);
    }

    pub(super) async fn sweep(&mut self, watermark: i64, time: i64) {
        let plan = plan(Some(at(watermark)), at(time), at(time)).unwrap();
        let lines = &self.lines;
        let cadences = self
            .slots
            .keys()
            .map(|cadence| (*cadence, lines.get(cadence)));
        let interval = SignedDuration::try_from(self.profile.min_interval).unwrap();
        let mut rota = Rota::new(cadences, plan.first, plan.until, interval);
        let allowance = self.ledger.allowance(self.profile.quotas, at(time));
        let waiting = |turn: Turn| {
            let members = &self.slots[&turn.cadence][usize::try_from(turn.slot).unwrap()];
            let members = members.iter().map(|id| self.parcels[*id]);
            ready(Ok::<Vec<Parcel>, Infallible>(members.collect()))
        };
        let mut parcels = rota
            .take(allowance.parcels(&self.profile), waiting)
            .await
            .unwrap();
        parcels.sort_by_key(|parcel| parcel.cadence);
        self.lines = rota.behind().into_iter().collect();
        for parcels in parcels.chunks(parcels_per_message(&self.profile)) {
            let ids = parcels.iter().map(|parcel| parcel.id).collect();
            // A queue takes a moment.
            let delay = i64::try_from(hash(self.seen.messages) % 3000).unwrap();
            self.send(time + delay, 0, ids);
        }
    }

    fn send(&mut self, time: i64, returns: u8, mut ids: Vec<usize>) {
        self.seen.messages += 1;
        ids.sort_by_key(|id| self.parcels[*id].cadence);
        let process = usize::try_from(self.seen.messages).unwrap() % PROCESSES;
        let message = Message {
            returns,
            waits: 0,
            process,
            ids,
        };
        self.queue
            .push(Reverse((time, self.seen.messages, message)));
    }

    /// Works off what is in the queue until `time`, request by request.
    pub(super) fn poll(&mut self, time: i64) {
        while let Some(Reverse((due, _, _))) = self.queue.peek()
            && *due < time
        {
            let Reverse((now, number, message)) = self.queue.pop().unwrap();
            if let Some((later, message)) = self.ask(now, message) {
                self.queue.push(Reverse((later, number, message)));
            }
        }
    }

    /// The next request of a message; when the message goes on, if it does.
    fn ask(&mut self, now: i64, mut message: Message) -> Option<(i64, Message)> {
        let size = self.profile.batch.min(message.ids.len());
        match self.pay(message.process, now, size, message.ids.len()) {
            Ok(()) => {
                self.seen.calls.push(now);
                for id in message.ids.drain(..size) {
                    self.asked(id, now);
                }
                // Five at a time, a fifth of a second each.
                (!message.ids.is_empty()).then_some((now + 40, message))
            }
            Err(wait) if wait <= SHORT_WAIT && message.waits < SHORT_WAITS => {
                message.waits += 1;
                Some((now + milliseconds(wait), message))
            }
            Err(wait) => {
                if message.returns < MOST_RETURNS && wait <= LONGEST_DELAY {
                    self.seen.returned += message.ids.len();
                    let seconds = (milliseconds(wait) / SECOND).max(1);
                    self.send(now + seconds * SECOND, message.returns + 1, message.ids);
                } else {
                    self.seen.dropped += message.ids.len();
                }
                None
            }
        }
    }

    fn pay(
        &mut self,
        process: usize,
        now: i64,
        numbers: usize,
        left: usize,
    ) -> Result<(), Duration> {
        let (cost, now) = (Cost::call(numbers), at(now));
        let (quotas, purse) = (self.profile.quotas, &mut self.purses[process]);
        if quotas.is_empty() {
            return Ok(());
        }
        match purse.pay(cost, now) {
            Taken::Paid => return Ok(()),
            Taken::Closed(wait) => return Err(wait),
            Taken::Empty => {}
        }
        let expected = Cost::of(&self.profile, left);
        match self.ledger.lease(quotas, cost, expected, now) {
            Ok(lease) => {
                self.seen.leases += 1;
                purse.fill(lease);
                purse.pay(cost, now);
                Ok(())
            }
            Err(wait) => {
                purse.close(wait, now);
                Err(wait)
            }
        }
    }

    fn asked(&mut self, id: usize, now: i64) {
        self.seen.numbers += 1;
        let parcel = &mut self.parcels[id];
        if let Some(last) = parcel.last {
            let late = now - last - i64::from(parcel.cadence.minutes()) * MINUTE;
            self.seen.late = self.seen.late.max(late);
            if parcel.cadence.is_urgent() {
                self.seen.late_urgent = self.seen.late_urgent.max(late);
            }
        }
        parcel.last = Some(now);
        parcel.polls += 1;
        // Sometimes there is news, and the parcel goes on to another cadence.
        if self.is_enough && hash(parcel.rank ^ parcel.polls).is_multiple_of(24) {
            self.slot(id).retain(|other| *other != id);
            let parcel = &mut self.parcels[id];
            parcel.cadence = match parcel.cadence {
                EightHours => ThreeHours,
                ThreeHours => QuarterHour,
                QuarterHour => Hour,
                _ => EightHours,
            };
            self.join(id);
        }
    }

    /// The most calls in any stretch of the quota's period.
    pub(super) fn most(&self, quota: &Quota) -> usize {
        let calls = &self.seen.calls;
        let mut first = 0;
        let mut most = 0;
        for (index, call) in calls.iter().enumerate() {
            let is_apart = |other: i64| match quota.period {
                Period::Rolling(window) => call - other >= milliseconds(window),
                Period::DayGmt => call / (1440 * MINUTE) != other / (1440 * MINUTE),
            };
            while is_apart(calls[first]) {
                first += 1;
            }
            most = most.max(index + 1 - first);
        }
        most
    }

    /// The share of the allowed calls that was used, in percent, of the quota
    /// that allows least.
    pub(super) fn share(&self, hours: usize) -> usize {
        let allowed = |quota: &Quota| {
            let limit = usize::try_from(quota.limit).unwrap();
            match quota.period {
                Period::Rolling(window) => {
                    let seconds = usize::try_from(window.as_secs()).unwrap();
                    limit * hours * 3600 / seconds
                }
                Period::DayGmt => limit * hours.div_ceil(24),
            }
        };
        let allowed = self.profile.quotas.iter().map(allowed).min();
        allowed.map_or(0, |allowed| self.seen.calls.len() * 100 / allowed)
    }

    pub(super) fn report(&self, hours: usize) -> String {
        let Self { profile, seen, .. } = self;
        let used = match profile.quotas {
            [] => "–".to_owned(),
            _ => format!("{} %", self.share(hours)),
        };
        format!(
            "{:15}{:8}{:8}{:8}{:8}{:>7}{:7} s{:7} s{:8}{:9}{:8}",
            profile.id,
            self.parcels.len(),
            seen.numbers,
            seen.calls.len(),
            seen.numbers - seen.calls.len(),
            used,
            seen.late / SECOND,
            seen.late_urgent / SECOND,
            seen.leases,
            seen.returned,
            seen.dropped,
        )
    }
}
