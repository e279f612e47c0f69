//! The tables and queues of a sweep.

use std::{collections::BTreeSet, sync::Mutex, time::Duration};

use jiff::Timestamp;
use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderKey},
    notice::NoticeId,
};
use posthorn_platform::store::{
    due::DueParcel,
    page::{Page, Place},
    schedule::{Advanced, Lines, Progress, Released, Schedule},
};
use serde::Serialize;

use crate::{
    Sweep,
    release::PER_PAGE,
    rota::{Found, Turn},
    rounds::{Desk, locked},
    share::Queued,
};

/// Over which the notices of a page are let go: thousands may be due in the
/// same minute (08:00), and those who send them may send so many a second.
const SPREAD: Duration = Duration::from_secs(55);

/// What one sweep works with.
#[derive(Debug)]
pub(crate) struct Office<'a> {
    sweep: &'a Sweep,
    schedule: &'a Schedule,
    until: Timestamp,
    /// The cohorts of which there are parcels, whether or not they had their turn.
    seen: Mutex<BTreeSet<(CarrierId, Cadence)>>,
}

/// A notice to be judged again.
#[derive(Debug, Serialize)]
struct Review {
    notice: Due,
}

#[derive(Debug, Serialize)]
struct Due {
    #[serde(flatten)]
    order: OrderKey,
    id: NoticeId,
}

impl<'a> Office<'a> {
    /// For a sweep up to the minute `until` that begins with `schedule`.
    pub(crate) fn new(sweep: &'a Sweep, schedule: &'a Schedule, until: Timestamp) -> Self {
        Self {
            sweep,
            schedule,
            until,
            seen: Mutex::default(),
        }
    }

    /// The cohorts of which a parcel was seen.
    pub(crate) fn seen(self) -> BTreeSet<(CarrierId, Cadence)> {
        std::mem::take(&mut locked(&self.seen))
    }
}

impl Desk for Office<'_> {
    type Member = Queued;
    type Notification = (OrderKey, NoticeId);

    async fn waiting(&self, carrier: &CarrierId, turn: Turn) -> anyhow::Result<Found<Queued>> {
        let (found, is_any) = self.sweep.members(carrier, &turn).await?;
        if is_any {
            locked(&self.seen).insert((carrier.clone(), turn.cadence));
        }
        Ok(found)
    }

    async fn send(
        &self,
        carrier: &CarrierId,
        strikes: u32,
        members: Vec<Queued>,
    ) -> anyhow::Result<()> {
        let parcels = members.into_iter().map(|queued| queued.parcel);
        let mut parcels: Vec<DueParcel> = parcels.collect();
        // Those that are asked after most often go first.
        parcels.sort_by_key(|parcel| parcel.cadence);
        self.sweep.send_to_poll(carrier, &parcels, strikes).await
    }

    async fn due(
        &self,
        minute: Timestamp,
        after: Option<&Place>,
    ) -> anyhow::Result<Page<Self::Notification, Place>> {
        Ok(self.sweep.notices.due(minute, after, PER_PAGE).await?)
    }

    async fn release(&self, notifications: Vec<Self::Notification>) -> anyhow::Result<()> {
        let reviews: Vec<Review> = notifications
            .into_iter()
            .map(|(order, id)| Review {
                notice: Due { order, id },
            })
            .collect();
        let queue = &self.sweep.dispatch;
        Ok(queue.send_batch_over(&reviews, SPREAD).await?)
    }

    async fn note(&self, lines: &Lines, released: &Released) -> anyhow::Result<bool> {
        let progress = Progress {
            lines: lines.clone(),
            released: Some(released.clone()),
            census: self.schedule.census.clone(),
        };
        let schedule = &self.sweep.schedule;
        let advanced = schedule.advance(self.schedule, self.until, &progress);
        Ok(advanced.await? == Advanced::Done)
    }
}
