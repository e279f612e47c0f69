//! Carriers with their shipments, a queue, and processes that work it off.

use super::{
    life::{PollKind, SimulatedShipment, SlotMember, hash},
    seen::Seen,
};
use crate::{
    deadline::Deadline,
    plan::plan_sweep,
    rota::{BatchSize, FairScheduler, Queueable as _, QueuedItems, SlotTurn},
    share::{min_interval, room},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{
    CarrierError, CarrierErrorKind, CarrierProfile, TrackingResult, find_carrier,
    quota::{
        Acquired, BreakerChange, CircuitBreaker, Disposition, PollBudget, QuotaUsage, RequestCost,
        TokenLease, errand, shipments_per_message,
    },
};
use posthorn_domain::{
    cadence::{self, Cadence},
    id::CarrierId,
};
use posthorn_platform::store::schedule::{Backlog, Backoff};
use std::{collections::BTreeMap, convert::Infallible, future::ready, ops::Range, time::Duration};

/// Carriers, how many shipments each has, and whether it lets us ask after all of
/// them as often as we should like.
pub(super) const SHOP: [(&str, usize, bool); 10] = [
    ("ups", 20_000, true),
    ("fedex", 24_000, true),
    ("17track", 20_000, true),
    ("laposte", 12_000, true),
    ("australia_post", 6_000, true),
    ("sf_express", 7_000, false),
    ("dhl_parcel_de", 7_000, false),
    ("gls", 2_000, false),
    ("usps", 1_000, false),
    ("dhl_unified", 1_000, false),
];

/// Processes that poll, each with purses and breakers of its own.
pub(super) const PROCESSES: usize = 4;

pub(super) const SECOND: i64 = 1000;
pub(super) const MINUTE: i64 = 60 * SECOND;

/// One carrier with its shipments, what is stored of it, and what it has seen.
pub(super) struct World {
    pub(super) profile: &'static CarrierProfile,
    pub(super) is_enough: bool,
    pub(super) shipments: Vec<SimulatedShipment>,
    pub(super) slots: BTreeMap<Cadence, Vec<Vec<usize>>>,
    pub(super) lines: BTreeMap<Cadence, Backlog>,
    pub(super) pause: Option<Backoff>,
    /// When the carrier answers nothing but this.
    pub(super) trouble: Option<(Range<i64>, CarrierErrorKind)>,
    pub(super) seen: Seen,
    ledger: QuotaUsage,
    purses: [TokenLease; PROCESSES],
    breakers: [CircuitBreaker; PROCESSES],
    queue: BTreeMap<(i64, u64), SimulatedMessage>,
    /// Who is registered when.
    to_come: Vec<(i64, usize)>,
}

/// Shipments on their way.
struct SimulatedMessage {
    returns: u8,
    consecutive_failures: u32,
    process: usize,
    errand: PollBudget,
    has_begun: bool,
    ids: Vec<usize>,
    is_answered: bool,
    failed: Vec<(usize, CarrierErrorKind)>,
}

fn begin() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

pub(super) fn at(milliseconds: i64) -> Timestamp {
    begin() + SignedDuration::from_millis(milliseconds)
}

fn since_begin(time: Timestamp) -> i64 {
    i64::try_from(time.duration_since(begin()).as_millis()).unwrap()
}

pub(super) fn milliseconds(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap()
}

impl World {
    pub(super) fn new(index: usize) -> Self {
        let (id, n_shipments, is_enough) = SHOP[index];
        let carrier = CarrierId::parse(id).unwrap();
        let profile = find_carrier(&carrier).unwrap().carrier_profile();
        let slots = Cadence::ALL.iter().map(|cadence| {
            let slots = usize::try_from(cadence.to_minutes()).unwrap();
            (*cadence, vec![Vec::new(); slots])
        });
        let mut world = Self {
            profile,
            is_enough,
            shipments: Vec::new(),
            slots: slots.collect(),
            lines: BTreeMap::new(),
            pause: None,
            trouble: None,
            seen: Seen::default(),
            ledger: QuotaUsage::default(),
            purses: Default::default(),
            breakers: Default::default(),
            queue: BTreeMap::new(),
            to_come: Vec::new(),
        };
        for id in 0..n_shipments {
            let rank = hash(u64::try_from(index * 1_000_000 + id).unwrap());
            let kept = profile.retention_days;
            let shipment = SimulatedShipment::new(id, rank, &carrier, is_enough, kept, begin());
            // Two of a hundred are registered in the course of the day.
            if id % 50 == 49 {
                let time = i64::try_from(hash(rank) % (20 * 3600)).unwrap() * SECOND;
                world.to_come.push((time, id));
                world.shipments.push(shipment.registered(at(time)));
            } else {
                world.shipments.push(shipment);
                world.join(id);
            }
        }
        world.to_come.sort_unstable_by(|one, other| other.cmp(one));
        world
    }

    /// Those who are registered in the minute before `time`: `ingest` has them
    /// asked after at once.
    pub(super) fn register(&mut self, time: i64) {
        while let Some((due, id)) = self.to_come.pop_if(|(due, _)| *due < time) {
            let shipment = &mut self.shipments[id];
            shipment.cadence = cadence::of_glance(&shipment.glance, at(due));
            self.join(id);
            self.send(time, 0, 0, vec![id]);
        }
    }

    fn slot(&mut self, id: usize) -> Option<&mut Vec<usize>> {
        let SimulatedShipment { rank, cadence, .. } = self.shipments[id];
        let slot = usize::try_from(cadence?.slot_of(hash(rank))).unwrap();
        self.slots.get_mut(&cadence?).map(|slots| &mut slots[slot])
    }

    fn join(&mut self, id: usize) {
        if let Some(slot) = self.slot(id) {
            slot.push(id);
        }
    }

    pub(super) async fn sweep(&mut self, watermark: i64, time: i64) {
        let plan = plan_sweep(Some(at(watermark)), at(time), at(time)).unwrap();
        let (lines, profile) = (&self.lines, self.profile);
        let cadences = self.slots.iter().filter(|(_, slots)| {
            let mut slots = slots.iter();
            slots.any(|slot| !slot.is_empty())
        });
        let cadences = cadences.map(|(cadence, _)| (*cadence, lines.get(cadence)));
        let mut rota = FairScheduler::new(
            cadences,
            plan.first,
            plan.until,
            min_interval(Some(profile)),
        );
        let room = room(self.pause.as_ref(), &self.ledger, profile, at(time));
        let waiting = |turn: SlotTurn| {
            let slot = &self.slots[&turn.cadence][usize::try_from(turn.slot).unwrap()];
            let awake = |id: &&usize| {
                let glance = &self.shipments[**id].glance;
                !cadence::is_resting(glance, turn.minute)
            };
            let member = |id: &usize| SlotMember {
                id: *id,
                rank: self.shipments[*id].rank,
                cadence: turn.cadence,
            };
            let is_left = |member: &SlotMember| {
                let after = turn.after.as_ref();
                after.is_none_or(|after| member.index_position() > *after)
            };
            let members = slot.iter().filter(awake).map(member);
            let mut members: Vec<SlotMember> = members.filter(is_left).collect();
            members.sort_by_key(|member| member.rank);
            let next = None;
            ready(Ok::<_, Infallible>(QueuedItems { members, next }))
        };
        let helping = BatchSize {
            room,
            enough: usize::MAX,
            deadline: Deadline::from_now(Duration::from_hours(1)),
        };
        let mut members = rota.take_batch(helping, waiting).await.unwrap();
        members.sort_by_key(|member| member.cadence);
        self.lines = rota.open_backlogs().into_iter().collect();
        let consecutive_failures = self
            .pause
            .as_ref()
            .map_or(0, |pause| pause.consecutive_failures);
        for members in members.chunks(shipments_per_message(profile)) {
            let ids = members.iter().map(|member| member.id).collect();
            // A queue takes a moment.
            let delay = i64::try_from(hash(self.seen.messages) % 3000).unwrap();
            self.send(time + delay, 0, consecutive_failures, ids);
        }
        let is_done = |pause: &Backoff| pause.consecutive_failures == 0 && pause.until <= at(time);
        self.pause = self.pause.take().filter(|pause| !is_done(pause));
    }

    fn send(&mut self, time: i64, returns: u8, consecutive_failures: u32, mut ids: Vec<usize>) {
        self.seen.messages += 1;
        ids.sort_by_key(|id| self.shipments[*id].cadence);
        let process = usize::try_from(self.seen.messages).unwrap() % PROCESSES;
        let message = SimulatedMessage {
            returns,
            consecutive_failures,
            process,
            errand: PollBudget::new(self.profile, ids.len()),
            has_begun: false,
            ids,
            is_answered: false,
            failed: Vec::new(),
        };
        self.queue.insert((time, self.seen.messages), message);
    }

    /// Works off what is in the queue until `time`, request by request.
    pub(super) fn poll(&mut self, time: i64) {
        while let Some(first) = self.queue.first_entry()
            && first.key().0 < time
        {
            let ((now, number), message) = first.remove_entry();
            if let Some((later, message)) = self.ask(now, message) {
                self.queue.insert((later, number), message);
            }
        }
    }

    /// The next request of a message; when the message goes on, if it does.
    fn ask(&mut self, now: i64, mut message: SimulatedMessage) -> Option<(i64, SimulatedMessage)> {
        let process = message.process;
        if !std::mem::replace(&mut message.has_begun, true)
            && message.consecutive_failures == 0
            && let Some(pause) = self.breakers[process].current_backoff(at(now))
        {
            let fates = message
                .ids
                .iter()
                .map(|id| (*id, Disposition::rest_for(pause)));
            let fates = fates.collect();
            self.give_back(now, message.returns, fates);
            return None;
        }
        let size = self.profile.batch.min(message.ids.len());
        let failure = match self.pay(process, now, size, message.errand.expected_cost()) {
            Ok(()) => {
                message.errand.record_payment(size);
                self.seen.calls.push((now, size));
                self.trouble_at(now)
            }
            Err(wait) if message.errand.may_wait(wait) => {
                return Some((now + milliseconds(wait), message));
            }
            Err(after) => Some(CarrierErrorKind::OutOfQuota { after }),
        };
        match failure {
            None => {
                message.is_answered = true;
                for id in message.ids.drain(..size) {
                    self.answered(id, now);
                }
            }
            // The client halts the round.
            Some(kind) => {
                let left = message.ids.drain(..).map(|id| (id, kind));
                message.failed.extend(left);
            }
        }
        if message.ids.is_empty() {
            self.end(now, &message);
            return None;
        }
        // Five at a time, a fifth of a second each.
        Some((now + 40, message))
    }

    fn trouble_at(&self, now: i64) -> Option<CarrierErrorKind> {
        let (during, kind) = self.trouble.as_ref()?;
        let left = || Duration::from_millis((during.end - now).unsigned_abs());
        during.contains(&now).then(|| match kind {
            CarrierErrorKind::RateLimited { .. } => CarrierErrorKind::RateLimited {
                after: Some(left()),
            },
            other => *other,
        })
    }

    fn pay(
        &mut self,
        process: usize,
        now: i64,
        numbers: usize,
        expected: RequestCost,
    ) -> Result<(), Duration> {
        let (cost, now) = (RequestCost::for_request(numbers), at(now));
        let (quotas, purse) = (self.profile.quotas, &mut self.purses[process]);
        if quotas.is_empty() {
            return Ok(());
        }
        match purse.acquire_tokens(cost, now) {
            Acquired::Paid => return Ok(()),
            Acquired::Closed(wait) => return Err(wait),
            Acquired::Empty => {}
        }
        let lease = purse.lease_tokens(&mut self.ledger, quotas, cost, expected, now)?;
        self.seen.leases += 1;
        purse.add_lease(lease);
        assert_eq!(purse.acquire_tokens(cost, now), Acquired::Paid);
        Ok(())
    }

    /// The round of a message is over: what it met is noted, and what has no
    /// answer goes back.
    fn end(&mut self, now: i64, message: &SimulatedMessage) {
        let mut outcomes: Vec<TrackingResult> = Vec::new();
        outcomes.extend(message.is_answered.then_some(TrackingResult::NotFound));
        let failure = message.failed.first().map(|(_, kind)| *kind);
        outcomes.extend(failure.map(|kind| CarrierError::new(kind, "").into()));
        let breaker = &mut self.breakers[message.process];
        match breaker.note_outcomes(&outcomes, message.consecutive_failures, at(now)) {
            Some(BreakerChange::BackOff {
                until,
                consecutive_failures,
            }) => {
                let known = self
                    .pause
                    .as_ref()
                    .map_or(0, |pause| pause.consecutive_failures);
                if known <= consecutive_failures {
                    self.pause = Some(Backoff {
                        until,
                        consecutive_failures,
                    });
                }
            }
            Some(BreakerChange::Resume) => {
                let is_the_same = |pause: &Backoff| {
                    pause.consecutive_failures == message.consecutive_failures
                        && pause.until <= at(now)
                };
                self.pause = self.pause.take().filter(|pause| !is_the_same(pause));
            }
            None => {}
        }
        let pause = breaker.current_backoff(at(now)).unwrap_or_default();
        let fates = message.failed.iter();
        let fates = fates.map(|(id, kind)| {
            (
                *id,
                Disposition::after_failure(*kind, message.returns, pause),
            )
        });
        self.give_back(now, message.returns, fates.collect());
    }

    fn give_back(&mut self, now: i64, returns: u8, fates: Vec<(usize, Disposition)>) {
        let (mut back, mut delay) = (Vec::new(), Duration::ZERO);
        for (id, fate) in fates {
            match fate {
                Disposition::Back(rest) if errand::may_return(returns) => {
                    back.push(id);
                    delay = errand::queued_for(delay.max(rest));
                }
                Disposition::Back(_) | Disposition::NextTurn | Disposition::Settled => {
                    self.seen.dropped += 1;
                }
            }
        }
        if !back.is_empty() {
            self.seen.returned += back.len();
            // The queue takes a moment.
            let seconds = i64::try_from(delay.as_secs()).unwrap();
            self.send(now + seconds * SECOND + 100, returns + 1, 0, back);
        }
    }

    fn answered(&mut self, id: usize, now: i64) {
        self.seen.numbers += 1;
        self.note_delay(id, now);
        let kept = SignedDuration::from_hours(24 * i64::from(self.profile.retention_days));
        let before = self.shipments[id].cadence;
        let look = self.shipments[id].told(self.is_enough, kept, at(now));
        match look {
            PollKind::Usual => {}
            PollKind::Forgotten => self.seen.forgotten += 1,
            PollKind::Expired => self.seen.expired += 1,
            PollKind::NextDay => self.seen.next_day += 1,
            PollKind::Last => self.seen.last += 1,
        }
        let after = self.shipments[id].cadence;
        if before != after {
            self.shipments[id].cadence = before;
            if let Some(slot) = self.slot(id) {
                slot.retain(|other| *other != id);
            }
            self.shipments[id].cadence = after;
            self.join(id);
        }
    }

    /// How much later than it should be a shipment is asked after. Of one that is
    /// over only the looks count.
    fn note_delay(&mut self, id: usize, now: i64) {
        let shipment = &self.shipments[id];
        let Some(cadence) = shipment.cadence.filter(|_| !shipment.is_over()) else {
            return;
        };
        let registered = since_begin(shipment.glance.registered_at);
        if shipment.last.is_none() && registered >= 0 {
            self.seen.late_first = self.seen.late_first.max(now - registered);
            return;
        }
        // It is unknown when one was asked after before the day began.
        let last = shipment.last.map_or(0, since_begin);
        let late = now - last - i64::from(cadence.to_minutes()) * MINUTE;
        self.seen.late = self.seen.late.max(late);
        if cadence.is_urgent() {
            self.seen.late_urgent = self.seen.late_urgent.max(late);
        }
    }
}
