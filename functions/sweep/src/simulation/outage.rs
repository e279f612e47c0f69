//! An installation of 100,000 shipments after hours without a sweep, with a clock
//! and a memory that are charged: what a sweep of a quarter of a gigabyte reads and
//! sends takes time, one thing after the other as far as its seventh of a processor
//! goes, and what it holds takes room. The rounds, the rota and the release are
//! those of the function.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    sync::Mutex,
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{cadence::Cadence, id::CarrierId};
use posthorn_platform::store::{
    pagination::{IndexPosition, ResultPage},
    schedule::{Backlogs, ReleasedUntil},
};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::{life::hash, world::MINUTE};
use crate::{
    deadline::Deadline,
    plan::plan_sweep,
    release,
    rota::{FairScheduler, PER_PAGE, Queueable, QueuedItems, SlotTurn},
    rounds::{CarrierWork, SweepBackend, SweepResult, go_round, lock_unpoisoned},
};

/// Between a request and its answer.
const ON_THE_WAY: Duration = Duration::from_millis(12);
/// What the processor has to do for a request, for a shipment that is read, for one
/// that is sent, and for a notification, at the share of 256 MB.
const FOR_A_REQUEST: Duration = Duration::from_millis(8);
const FOR_A_READ: Duration = Duration::from_micros(250);
const FOR_A_SEND: Duration = Duration::from_micros(150);
const FOR_A_NOTIFICATION: Duration = Duration::from_micros(80);

/// Bytes of a shipment while its answer is read, and until it is sent.
const READ: usize = 5000;
const HELD: usize = 1500;
/// Bytes that the function may hold beside what it needs anyway.
const MOST_BYTES: usize = 96 * 1024 * 1024;

/// When AWS ends it, and how long before it begins nothing new.
const TIMEOUT: Duration = Duration::from_secs(55);
const RESERVE: Duration = Duration::from_secs(12);

const CARRIERS: u64 = 10;
const SHIPMENTS: u64 = 100_000;

/// Of a hundred shipments, how many are polled how often.
const MIX: [(Cadence, u64); 5] = [
    (Cadence::QuarterHour, 4),
    (Cadence::Hour, 5),
    (Cadence::ThreeHours, 51),
    (Cadence::EightHours, 30),
    (Cadence::Day, 10),
];

#[derive(Debug, Clone, Copy)]
struct Member(u64);

impl Queueable for Member {
    fn index_position(&self) -> IndexPosition {
        place(self.0)
    }
}

fn place(id: u64) -> IndexPosition {
    IndexPosition {
        shard: 0,
        pk: format!("{id:010}"),
        sk: "1".to_owned(),
    }
}

fn at(minute: i64) -> Timestamp {
    super::world::at(minute * MINUTE)
}

fn minute_of(time: Timestamp) -> i64 {
    time.duration_since(at(0)).as_mins()
}

/// What is stored of a sweep.
#[derive(Debug, Clone)]
struct StoredSweep {
    watermark: i64,
    lines: Backlogs,
    released: ReleasedUntil,
}

struct Installation {
    slots: BTreeMap<(CarrierId, Cadence), Vec<Vec<u64>>>,
    cadences: Vec<Cadence>,
    /// In which minute each shipment was sent last.
    sent: RefCell<Vec<i64>>,
    /// By how many minutes one was late, since the time when that is looked at.
    latest: Cell<i64>,
    /// Notifications by the minute in which they are due; how often each was sent.
    due: RefCell<BTreeMap<i64, Vec<u32>>>,
    minute: Cell<i64>,
    processor_free: Cell<Instant>,
    bytes: Cell<usize>,
    most_bytes: Cell<usize>,
    state: RefCell<StoredSweep>,
    n_notes: Cell<usize>,
    /// So many times as slow as usual.
    slowness: Cell<u32>,
}

impl Installation {
    fn new() -> Self {
        let mut slots = BTreeMap::new();
        let (mut cadences, mut sent) = (Vec::new(), Vec::new());
        for id in 0..SHIPMENTS {
            let mut share = hash(id) % 100;
            let fits = |(_, part): &&(Cadence, u64)| {
                let fits = share < *part;
                share = share.saturating_sub(*part);
                fits
            };
            let (cadence, _) = *MIX.iter().find(fits).unwrap();
            let carrier = CarrierId::parse(&format!("carrier{}", id % CARRIERS)).unwrap();
            let n_slots = usize::try_from(cadence.to_minutes()).unwrap();
            let slots: &mut Vec<Vec<u64>> = slots
                .entry((carrier, cadence))
                .or_insert_with(|| vec![Vec::new(); n_slots]);
            let slot = cadence.slot_of(hash(id + SHIPMENTS));
            slots[usize::try_from(slot).unwrap()].push(id);
            cadences.push(cadence);
            // As if all had been polled in time until now.
            let since = i64::from(
                (cadence.slot_at(at(-1)) + cadence.to_minutes() - slot) % cadence.to_minutes(),
            );
            sent.push(-1 - since);
        }
        Self {
            slots,
            cadences,
            sent: RefCell::new(sent),
            latest: Cell::new(0),
            due: RefCell::default(),
            minute: Cell::new(0),
            processor_free: Cell::new(Instant::now()),
            bytes: Cell::new(0),
            most_bytes: Cell::new(0),
            state: RefCell::new(StoredSweep {
                watermark: -1,
                lines: Backlogs::new(),
                released: ReleasedUntil {
                    next: at(0),
                    after: None,
                },
            }),
            n_notes: Cell::new(0),
            slowness: Cell::new(1),
        }
    }

    /// Waits for an answer, and for the processor to be through with it.
    async fn work(&self, processor: Duration) {
        let slowness = self.slowness.get();
        sleep(ON_THE_WAY * slowness).await;
        let begin = self.processor_free.get().max(Instant::now());
        self.processor_free.set(begin + processor * slowness);
        sleep_until(self.processor_free.get()).await;
    }

    fn hold(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() + bytes);
        self.most_bytes
            .set(self.most_bytes.get().max(self.bytes.get()));
    }

    fn drop(&self, bytes: usize) {
        self.bytes.set(self.bytes.get() - bytes);
    }

    /// Sweeps the minute; it is ended after `limit`. What it came to, if it came to an end.
    async fn sweep(&self, minute: i64, limit: Duration) -> Option<SweepResult> {
        self.minute.set(minute);
        self.bytes.set(0);
        let StoredSweep {
            watermark,
            lines,
            released,
        } = self.state.borrow().clone();
        let plan = plan_sweep(Some(at(watermark)), at(minute), at(minute)).unwrap();
        let mut carriers: Vec<CarrierId> = self
            .slots
            .keys()
            .map(|(carrier, _)| carrier.clone())
            .collect();
        carriers.dedup();
        let works = carriers.into_iter().map(|carrier| {
            let cadences = self.slots.keys().filter(|(of, _)| *of == carrier);
            let cadences = cadences.map(|cohort| (cohort.1, lines.get(cohort)));
            CarrierWork {
                rota: FairScheduler::new(cadences, plan.first, plan.until, SignedDuration::ZERO),
                carrier: carrier.clone(),
                room: usize::MAX,
                consecutive_failures: 0,
            }
        });
        let released = Mutex::new(released);
        let deadline = Deadline::from_now(TIMEOUT.saturating_sub(RESERVE));
        let rounds = go_round(self, works.collect(), &released, plan.until, deadline);
        let came = timeout(limit, rounds).await.ok()?;
        assert!(came.failure.is_none());
        let released = lock_unpoisoned(&released).clone();
        *self.state.borrow_mut() = StoredSweep {
            watermark: minute_of(plan.until),
            lines: came.lines.clone(),
            released,
        };
        Some(came)
    }

    /// Sweeps each minute; how many of them it took until nothing waited any more.
    async fn live(&self, minutes: std::ops::Range<i64>) -> i64 {
        let begin = minutes.start;
        let mut caught_up = begin;
        for minute in minutes {
            let time = Instant::now();
            let came = self.sweep(minute, TIMEOUT).await.expect("it ends in time");
            assert!(
                self.most_bytes.get() < MOST_BYTES,
                "{}",
                self.most_bytes.get()
            );
            if came.waits_since.is_some() || locked_next(&self.state) <= minute {
                caught_up = minute + 1;
            }
            sleep_until(time + Duration::from_mins(1)).await;
        }
        caught_up - begin
    }

    /// The longest time in minutes for which a shipment has waited beyond its cadence.
    fn overdue(&self, minute: i64) -> i64 {
        let sent = self.sent.borrow();
        let late = sent
            .iter()
            .zip(&self.cadences)
            .map(|(sent, cadence)| minute - sent - i64::from(cadence.to_minutes()));
        late.max().unwrap()
    }
}

fn locked_next(state: &RefCell<StoredSweep>) -> i64 {
    minute_of(state.borrow().released.next)
}

impl SweepBackend for Installation {
    type Member = Member;
    type Notification = (i64, usize);

    async fn list_waiting(
        &self,
        carrier: &CarrierId,
        turn: SlotTurn,
    ) -> anyhow::Result<QueuedItems<Member>> {
        let slot = &self.slots[&(carrier.clone(), turn.cadence)][usize::try_from(turn.slot)?];
        let after = turn
            .after
            .map_or(Ok(None), |after| after.pk.parse().map(Some))?;
        let left = slot
            .iter()
            .filter(|id| after.is_none_or(|after: u64| **id > after));
        let mut members: Vec<Member> = left.map(|id| Member(*id)).take(PER_PAGE + 1).collect();
        let is_all = members.len() <= PER_PAGE;
        members.truncate(PER_PAGE);
        let n = members.len();
        self.hold(n * READ);
        self.work(FOR_A_REQUEST + FOR_A_READ * u32::try_from(n)?)
            .await;
        self.drop(n * READ);
        self.hold(n * HELD);
        let next = members
            .last()
            .filter(|_| !is_all)
            .map(Queueable::index_position);
        Ok(QueuedItems { members, next })
    }

    async fn send_batch(&self, _: &CarrierId, _: u32, members: Vec<Member>) -> anyhow::Result<()> {
        // Ten messages of 25 a request, four requests at once.
        for requests in members.chunks(1000) {
            let n_requests = u32::try_from(requests.len().div_ceil(250))?;
            let each = FOR_A_SEND * u32::try_from(requests.len())?;
            self.work(FOR_A_REQUEST * n_requests + each).await;
        }
        self.drop((members.len() * HELD).min(self.bytes.get()));
        let minute = self.minute.get();
        let mut sent = self.sent.borrow_mut();
        for Member(id) in members {
            let id = usize::try_from(id)?;
            let late = minute - sent[id] - i64::from(self.cadences[id].to_minutes());
            self.latest.set(self.latest.get().max(late));
            sent[id] = minute;
        }
        Ok(())
    }

    async fn list_due(
        &self,
        minute: Timestamp,
        after: Option<&IndexPosition>,
    ) -> anyhow::Result<ResultPage<(i64, usize), IndexPosition>> {
        let minute = minute_of(minute);
        let from: usize = after.map_or(Ok(0), |after| after.pk.parse())?;
        let n_due = self.due.borrow().get(&minute).map_or(0, Vec::len);
        let end = n_due.min(from + usize::try_from(release::PER_PAGE)?);
        let n = u32::try_from(end - from)?;
        self.work(FOR_A_REQUEST + FOR_A_NOTIFICATION * n).await;
        let next = (end < n_due).then(|| IndexPosition {
            pk: end.to_string(),
            ..IndexPosition::default()
        });
        let items = (from..end).map(|index| (minute, index)).collect();
        Ok(ResultPage { items, next })
    }

    async fn release_notifications(&self, notifications: Vec<(i64, usize)>) -> anyhow::Result<()> {
        for requests in notifications.chunks(40) {
            let n_requests = u32::try_from(requests.len().div_ceil(10))?;
            let each = FOR_A_NOTIFICATION * u32::try_from(requests.len())?;
            self.work(FOR_A_REQUEST * n_requests + each).await;
        }
        let mut due = self.due.borrow_mut();
        for (minute, index) in notifications {
            due.get_mut(&minute).unwrap()[index] += 1;
        }
        Ok(())
    }

    async fn note_progress(
        &self,
        lines: &Backlogs,
        released: &ReleasedUntil,
    ) -> anyhow::Result<bool> {
        self.work(FOR_A_REQUEST).await;
        self.n_notes.set(self.n_notes.get() + 1);
        *self.state.borrow_mut() = StoredSweep {
            watermark: self.minute.get(),
            lines: lines.clone(),
            released: released.clone(),
        };
        Ok(true)
    }
}

#[tokio::test(start_paused = true)]
async fn after_three_hours_without_a_sweep_all_are_polled_within_minutes() {
    let world = Installation::new();
    world.live(0..30).await;
    assert_eq!(
        world.latest.get(),
        0,
        "an ordinary minute does all that is due"
    );
    assert_eq!(world.n_notes.get(), 0, "and writes once, at its end");
    let took = world.live(210..216).await;
    eprintln!(
        "after three hours: {took} minutes, {} MB at most",
        world.most_bytes.get() / 1024 / 1024
    );
    assert!(took <= 4, "{took} minutes");
    assert!(world.overdue(215) <= 0);
    // And from then on all are in time again.
    world.latest.set(0);
    world.live(216..416).await;
    assert!(world.latest.get() <= 2, "{}", world.latest.get());
    assert!(world.overdue(415) <= 0);
}

#[tokio::test(start_paused = true)]
async fn thirty_thousand_notifications_of_one_minute_keep_no_shipment_from_being_polled() {
    let world = Installation::new();
    world.due.borrow_mut().insert(3, vec![0; 30_000]);
    let took = world.live(0..30).await;
    eprintln!("30,000 notifications: {took} minutes");
    assert!(took <= 3 + 5, "{took} minutes");
    assert!(
        world.latest.get() <= 2,
        "{} minutes late",
        world.latest.get()
    );
    let due = world.due.borrow();
    // They were not sent meanwhile, so a look back finds them again.
    assert!(due[&3].iter().all(|times| (1..=5).contains(times)));
}

#[tokio::test(start_paused = true)]
async fn after_an_outage_polls_and_notifications_starve_each_other_of_nothing() {
    let world = Installation::new();
    world.live(0..1).await;
    for minute in 30..150 {
        world.due.borrow_mut().insert(minute, vec![0; 250]);
    }
    let polled = |world: &Installation| {
        let sent = world.sent.borrow();
        sent.iter().filter(|sent| **sent >= 180).count()
    };
    world.live(180..181).await;
    let (n_polled, released) = (polled(&world), locked_next(&world.state));
    eprintln!("in the first minute: {n_polled} polls, notifications up to minute {released}");
    assert!(n_polled > 15_000, "{n_polled} polls");
    assert!(released > 45, "up to minute {released}");
    let took = world.live(181..192).await;
    assert!(took <= 8, "{took} minutes");
    let due = world.due.borrow();
    assert!(due.values().flatten().all(|times| *times > 0));
}

#[tokio::test(start_paused = true)]
async fn a_sweep_that_is_ended_before_its_time_has_come_forward() {
    let world = Installation::new();
    world.live(0..1).await;
    let mut behind = Vec::new();
    for minute in 180..220 {
        let time = Instant::now();
        // Ended half way, as by a lack of memory, in three minutes of four.
        let limit = if minute % 4 == 0 {
            TIMEOUT
        } else {
            TIMEOUT / 2
        };
        world.processor_free.set(time);
        world.sweep(minute, limit).await;
        behind.push(world.state.borrow().lines.len());
        sleep_until(time + Duration::from_mins(1)).await;
    }
    assert!(world.n_notes.get() > 0);
    assert_eq!(behind.last(), Some(&0), "{behind:?}");
    assert!(world.overdue(219) <= 1, "{}", world.overdue(219));
}

#[tokio::test(start_paused = true)]
async fn when_all_is_four_times_as_slow_every_sweep_still_ends_in_time() {
    let world = Installation::new();
    world.live(0..1).await;
    world.slowness.set(4);
    for minute in 180..200 {
        let time = Instant::now();
        let came = world.sweep(minute, TIMEOUT).await;
        assert!(came.is_some(), "minute {minute} was not swept to its end");
        sleep_until(time + Duration::from_mins(1)).await;
    }
    world.slowness.set(1);
    let took = world.live(200..210).await;
    assert!(took <= 6, "{took} minutes");
}
