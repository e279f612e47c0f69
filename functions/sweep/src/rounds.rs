//! Carriers and notifications take turns, until all is sent or time is up.
//!
//! A sweep that has much to do ends in time, wherever it is then: each carrier has
//! its turn for some thousand shipments and goes to the back, notifications go
//! beside them page by page, and how far all are is noted as they go. The next
//! minute goes on from there. Nothing is held but what is just being sent.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use futures::{StreamExt as _, future::join, stream::FuturesUnordered};
use jiff::Timestamp;
use posthorn_domain::id::CarrierId;
use posthorn_platform::store::{
    pagination::{IndexPosition, ResultPage},
    schedule::{Backlogs, ReleasedUntil},
};
use tokio::time::Instant;
use tracing::error;

use crate::{
    deadline::Deadline,
    release::release_due,
    rota::{BatchSize, FairScheduler, Queueable, QueuedItems, SlotTurn},
};

/// Carriers whose shipments are looked up and sent at once.
const CARRIERS: usize = 4;

/// Shipments of a carrier that are enough for one turn.
const ENOUGH: usize = 1000;

/// How often it is noted how far the sweep is: an ordinary one notes it once, at
/// its end.
const NOTED_EVERY: Duration = Duration::from_secs(10);

/// What a sweep reads and writes.
pub(crate) trait SweepBackend {
    /// A shipment that waits.
    type Member: Queueable;
    /// A notification that is due.
    type Notification;

    /// Some of the shipments of a slot.
    async fn list_waiting(
        &self,
        carrier: &CarrierId,
        turn: SlotTurn,
    ) -> anyhow::Result<QueuedItems<Self::Member>>;

    /// Sends shipments of a carrier to be polled.
    async fn send_batch(
        &self,
        carrier: &CarrierId,
        consecutive_failures: u32,
        members: Vec<Self::Member>,
    ) -> anyhow::Result<()>;

    /// Some of the notifications that are due in a minute.
    async fn list_due(
        &self,
        minute: Timestamp,
        after: Option<&IndexPosition>,
    ) -> anyhow::Result<ResultPage<Self::Notification, IndexPosition>>;

    /// Sends notifications to be judged again.
    async fn release_notifications(
        &self,
        notifications: Vec<Self::Notification>,
    ) -> anyhow::Result<()>;

    /// Notes how far the sweep is; false if another one has gone further.
    async fn note_progress(
        &self,
        lines: &Backlogs,
        released: &ReleasedUntil,
    ) -> anyhow::Result<bool>;
}

/// What is to do for one carrier.
#[derive(Debug)]
pub(crate) struct CarrierWork {
    pub(crate) carrier: CarrierId,
    pub(crate) rota: FairScheduler,
    /// For how many shipments there is room.
    pub(crate) room: usize,
    pub(crate) consecutive_failures: u32,
}

/// What a sweep came to.
#[derive(Debug, Default)]
pub(crate) struct SweepResult {
    /// Shipments that were sent.
    pub(crate) shipments: usize,
    /// Notifications that were sent.
    pub(crate) notifications: usize,
    /// Where the carriers' lines stand.
    pub(crate) lines: Backlogs,
    /// The earliest minute of a slot for which there was no time, though its
    /// carrier would have let us ask.
    pub(crate) waits_since: Option<Timestamp>,
    /// Whether another sweep has gone further.
    pub(crate) is_overtaken: bool,
    /// What failed first; the others went on.
    pub(crate) failure: Option<anyhow::Error>,
}

impl CarrierWork {
    fn is_done(&self) -> bool {
        self.room == 0 || self.rota.is_done()
    }

    fn open_backlogs(&self) -> Backlogs {
        let behind = self.rota.open_backlogs().into_iter();
        behind
            .map(|(cadence, line)| ((self.carrier.clone(), cadence), line))
            .collect()
    }
}

/// Releases the notifications from `released` to the minute `until` and does the
/// works, each as far as time allows.
pub(crate) async fn go_round<D: SweepBackend>(
    desk: &D,
    works: Vec<CarrierWork>,
    released: &Mutex<ReleasedUntil>,
    until: Timestamp,
    deadline: Deadline,
) -> SweepResult {
    let notifications = release_due(desk, released, until, deadline);
    let (mut came, (n_notifications, failure)) =
        join(poll_all(desk, works, released, deadline), notifications).await;
    came.notifications = n_notifications;
    came.failure = came.failure.or(failure);
    came
}

async fn poll_all<D: SweepBackend>(
    desk: &D,
    works: Vec<CarrierWork>,
    released: &Mutex<ReleasedUntil>,
    deadline: Deadline,
) -> SweepResult {
    let mut came = SweepResult::default();
    let mut lines: BTreeMap<CarrierId, Backlogs> = works
        .iter()
        .map(|work| (work.carrier.clone(), work.open_backlogs()))
        .collect();
    let (mut ended, waiting): (Vec<CarrierWork>, Vec<CarrierWork>) =
        works.into_iter().partition(CarrierWork::is_done);
    let mut waiting = VecDeque::from(waiting);
    let mut under_way = FuturesUnordered::new();
    let mut noted = Instant::now();
    loop {
        while under_way.len() < CARRIERS && !deadline.is_over() && !came.is_overtaken {
            let Some(work) = waiting.pop_front() else {
                break;
            };
            under_way.push(take_turn(desk, work, deadline));
        }
        let Some((work, sent)) = under_way.next().await else {
            break;
        };
        lines.insert(work.carrier.clone(), work.open_backlogs());
        let is_well = sent.is_ok();
        match sent {
            Ok(n_shipments) => came.shipments += n_shipments,
            Err(failure) => {
                let carrier = &work.carrier;
                error!(%carrier, "Could not send what is due of {carrier}: {failure:#}");
                came.failure.get_or_insert(failure);
            }
        }
        if is_well && !work.is_done() {
            waiting.push_back(work);
        } else {
            ended.push(work);
        }
        if noted.elapsed() >= NOTED_EVERY {
            let all = lines.values().flatten();
            let all = all.map(|(cohort, line)| (cohort.clone(), line.clone()));
            let so_far = lock_unpoisoned(released).clone();
            match desk.note_progress(&all.collect(), &so_far).await {
                Ok(is_first) => came.is_overtaken |= !is_first,
                Err(failure) => {
                    came.failure.get_or_insert(failure);
                }
            }
            noted = Instant::now();
        }
    }
    ended.extend(waiting);
    let unhurried = ended.iter().filter(|work| work.room > 0);
    came.waits_since = unhurried
        .flat_map(|work| work.rota.open_backlogs())
        .map(|(_, line)| line.next)
        .min();
    came.lines = lines.into_values().flatten().collect();
    came
}

/// One turn of a carrier; if it fails, all of it is to be done again.
async fn take_turn<D: SweepBackend>(
    desk: &D,
    mut work: CarrierWork,
    deadline: Deadline,
) -> (CarrierWork, anyhow::Result<usize>) {
    let before = work.rota.clone();
    let helping = BatchSize {
        room: work.room,
        enough: ENOUGH,
        deadline,
    };
    let carrier = &work.carrier;
    let taken = work
        .rota
        .take_batch(helping, |turn| desk.list_waiting(carrier, turn))
        .await;
    let sent = match taken {
        Ok(members) => {
            let n_members = members.len();
            let sent = if members.is_empty() {
                Ok(())
            } else {
                desk.send_batch(carrier, work.consecutive_failures, members)
                    .await
            };
            sent.map(|()| n_members)
        }
        Err(failure) => Err(failure),
    };
    match &sent {
        Ok(n_members) => work.room -= n_members,
        Err(_) => work.rota = before,
    }
    (work, sent)
}

/// What is noted, also after a panic of a holder.
pub(crate) fn lock_unpoisoned<T>(noted: &Mutex<T>) -> MutexGuard<'_, T> {
    noted.lock().unwrap_or_else(PoisonError::into_inner)
}
