//! The tables and queues of a sweep.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use jiff::Timestamp;
use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderKey},
    notification::NotificationId,
};
use posthorn_platform::store::{
    pagination::{IndexPosition, ResultPage},
    poll_targets::PollTarget,
    schedule::{Advanced, Backlogs, ReleasedUntil, Schedule, SweepProgress},
};
use serde::Serialize;

use crate::{
    Sweep,
    release::PER_PAGE,
    rota::{QueuedItems, SlotTurn},
    rounds::{SweepBackend, lock_unpoisoned},
    share::QueuedShipment,
};

/// Over which the notifications of a page are let go: thousands may be due in the
/// same minute (08:00), and those who send them may send so many a second.
const SPREAD: Duration = Duration::from_secs(55);

/// What one sweep works with.
#[derive(Debug)]
pub(crate) struct SweepDesk<'a> {
    sweep: &'a Sweep,
    schedule: &'a Schedule,
    until: Timestamp,
    /// The cohorts of which there are shipments, whether or not they had their turn.
    seen: Mutex<BTreeSet<(CarrierId, Cadence)>>,
}

/// A notification to be judged again.
#[derive(Debug, Serialize)]
struct NotificationReview {
    notification: DueMessage,
}

#[derive(Debug, Serialize)]
struct DueMessage {
    #[serde(flatten)]
    order: OrderKey,
    id: NotificationId,
}

impl<'a> SweepDesk<'a> {
    /// For a sweep up to the minute `until` that begins with `schedule`.
    pub(crate) fn new(sweep: &'a Sweep, schedule: &'a Schedule, until: Timestamp) -> Self {
        Self {
            sweep,
            schedule,
            until,
            seen: Mutex::default(),
        }
    }

    /// The cohorts of which a shipment was seen.
    pub(crate) fn seen_cohorts(self) -> BTreeSet<(CarrierId, Cadence)> {
        std::mem::take(&mut lock_unpoisoned(&self.seen))
    }
}

impl SweepBackend for SweepDesk<'_> {
    type Member = QueuedShipment;
    type Notification = (OrderKey, NotificationId);

    async fn list_waiting(
        &self,
        carrier: &CarrierId,
        turn: SlotTurn,
    ) -> anyhow::Result<QueuedItems<QueuedShipment>> {
        let (found, is_any) = self.sweep.slot_members(carrier, &turn).await?;
        if is_any {
            lock_unpoisoned(&self.seen).insert((carrier.clone(), turn.cadence));
        }
        Ok(found)
    }

    async fn send_batch(
        &self,
        carrier: &CarrierId,
        consecutive_failures: u32,
        members: Vec<QueuedShipment>,
    ) -> anyhow::Result<()> {
        let shipments = members.into_iter().map(|queued| queued.shipment);
        let mut shipments: Vec<PollTarget> = shipments.collect();
        // Those that are asked after most often go first.
        shipments.sort_by_key(|shipment| shipment.cadence);
        self.sweep
            .send_to_poll(carrier, &shipments, consecutive_failures)
            .await
    }

    async fn list_due(
        &self,
        minute: Timestamp,
        after: Option<&IndexPosition>,
    ) -> anyhow::Result<ResultPage<Self::Notification, IndexPosition>> {
        Ok(self
            .sweep
            .notifications
            .list_due(minute, after, PER_PAGE)
            .await?)
    }

    async fn release_notifications(
        &self,
        notifications: Vec<Self::Notification>,
    ) -> anyhow::Result<()> {
        let reviews: Vec<NotificationReview> = notifications
            .into_iter()
            .map(|(order, id)| NotificationReview {
                notification: DueMessage { order, id },
            })
            .collect();
        let queue = &self.sweep.dispatch;
        Ok(queue.send_batch_over(&reviews, SPREAD).await?)
    }

    async fn note_progress(
        &self,
        lines: &Backlogs,
        released: &ReleasedUntil,
    ) -> anyhow::Result<bool> {
        let progress = SweepProgress {
            backlogs: lines.clone(),
            released: Some(released.clone()),
            census: self.schedule.census.clone(),
        };
        let schedule = &self.sweep.schedule;
        let advanced = schedule.advance_watermark(self.schedule, self.until, &progress);
        Ok(advanced.await? == Advanced::Done)
    }
}
