//! Looks each minute for what is due, and puts it into its queue.
//!
//! Trigger  EventBridge Scheduler, each minute, with the scheduled time
//! Reads    how far the last sweep came, the cohorts that are due, the notices
//!          that are due
//! Writes   how far it came; parcels to `PollQueue`, 25 of a carrier in a
//!          message; notices to `DispatchQueue`
//! On error the watermark stays, so the next minute covers this one; the event
//!          lies in `SweepDlq` after its tries
//! Repeats  are harmless: a parcel that is asked after twice has nothing new,
//!          and a notice is judged by its state

mod plan;

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent};
use posthorn_domain::{
    cadence::Cadence,
    id::{CarrierId, OrderKey},
    notice::NoticeId,
};
use posthorn_platform::{
    Aws, Config, clock,
    config::ConfigError,
    queue::Queue,
    store::{
        due::DueParcel,
        keys::Cohort,
        notices::NoticeStore,
        orders::OrderStore,
        schedule::{Advanced, Schedule, ScheduleStore},
    },
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::plan::plan;

/// Parcels in a message to `poll`: enough to share the carrier's token and the
/// price of a message, few enough for one invocation's time.
const PARCELS_PER_MESSAGE: usize = 25;

/// Queries under way at once.
const QUERIES: usize = 16;

/// What to sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Event {
    /// The minute that the scheduler names; the clock's, if none.
    time: Option<Timestamp>,
    /// All active parcels now, whenever they are due: for an operator after a
    /// carrier's outage, for a demonstration, for tests. Moves no watermark.
    everything: bool,
}

/// Parcels of one carrier, to be asked after.
#[derive(Debug, Serialize)]
struct Poll<'a> {
    carrier: &'a CarrierId,
    parcels: &'a [DueParcel],
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

/// The function.
#[derive(Debug)]
pub struct Sweep {
    schedule: ScheduleStore,
    orders: OrderStore,
    notices: NoticeStore,
    poll: Queue,
    dispatch: Queue,
}

/// What a sweep found.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Parcels that went to `poll`.
    pub parcels: usize,
    /// Notices that went to `dispatch`.
    pub notices: usize,
}

impl Sweep {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::of("Sweep"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            schedule: ScheduleStore::new(aws, config)?,
            orders: OrderStore::new(aws, config)?,
            notices: NoticeStore::new(aws, config)?,
            poll: Queue::new(aws, config.required("POSTHORN_POLL_QUEUE")?),
            dispatch: Queue::new(aws, config.required("POSTHORN_DISPATCH_QUEUE")?),
        })
    }

    /// Sweeps.
    pub async fn handle(&self, event: LambdaEvent<Event>) -> Result<Swept, Error> {
        let swept = if event.payload.everything {
            self.sweep_everything().await?
        } else {
            let now = clock::now();
            self.sweep(event.payload.time.unwrap_or(now), now).await?
        };
        let Swept { parcels, notices } = swept;
        info!(
            n_parcels = parcels,
            n_notices = notices,
            "Swept {parcels} parcels and {notices} notices"
        );
        Ok(swept)
    }

    async fn sweep(&self, time: Timestamp, now: Timestamp) -> anyhow::Result<Swept> {
        let schedule = self.schedule.load().await?;
        let Some(plan) = plan(&schedule, time, now) else {
            return Ok(Swept::default());
        };
        let parcels = self
            .due(&plan.slots.into_iter().collect::<Vec<_>>())
            .await?;
        self.send(&parcels).await?;
        self.keep_in_mind(&schedule, &parcels, now).await?;
        let notices = self.review(&plan.minutes).await?;
        if self
            .schedule
            .advance(schedule.watermark, plan.until)
            .await?
            == Advanced::Overtaken
        {
            warn!("Another sweep was at work at the same time");
        }
        Ok(Swept {
            parcels: parcels.len(),
            notices,
        })
    }

    async fn sweep_everything(&self) -> anyhow::Result<Swept> {
        let mut parcels = 0;
        let mut after = None;
        loop {
            let page = self.orders.every_due(after).await?;
            parcels += page.items.len();
            self.send(&page.items).await?;
            after = page.next;
            if after.is_none() {
                return Ok(Swept {
                    parcels,
                    notices: 0,
                });
            }
        }
    }

    /// The parcels of the slots, from all shards.
    async fn due(&self, slots: &[(CarrierId, Cadence, u32)]) -> anyhow::Result<Vec<DueParcel>> {
        let shards = 0..self.orders.shards();
        let cohorts = slots.iter().flat_map(|(carrier, cadence, slot)| {
            shards.clone().map(|shard| Cohort {
                carrier: carrier.clone(),
                cadence: *cadence,
                slot: *slot,
                shard,
            })
        });
        let found: Vec<Vec<DueParcel>> = stream::iter(cohorts.collect::<Vec<_>>())
            .map(|cohort| self.members(cohort))
            .buffer_unordered(QUERIES)
            .try_collect()
            .await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn members(&self, cohort: Cohort) -> anyhow::Result<Vec<DueParcel>> {
        let mut members = Vec::new();
        let mut after = None;
        loop {
            let page = self.orders.due(&cohort, after).await?;
            members.extend(page.items);
            after = page.next;
            if after.is_none() {
                return Ok(members);
            }
        }
    }

    async fn send(&self, parcels: &[DueParcel]) -> anyhow::Result<()> {
        let mut by_carrier = BTreeMap::<&CarrierId, Vec<DueParcel>>::new();
        for parcel in parcels {
            by_carrier
                .entry(parcel.whom_to_ask())
                .or_default()
                .push(parcel.clone());
        }
        let messages: Vec<Poll<'_>> = by_carrier
            .iter()
            .flat_map(|(carrier, parcels)| {
                parcels
                    .chunks(PARCELS_PER_MESSAGE)
                    .map(|parcels| Poll { carrier, parcels })
            })
            .collect();
        self.poll.send_batch(&messages).await?;
        Ok(())
    }

    /// Dates the cohorts that have parcels, and drops those that have had none for days.
    async fn keep_in_mind(
        &self,
        schedule: &Schedule,
        parcels: &[DueParcel],
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let mut seen: Vec<_> = parcels
            .iter()
            .map(|parcel| (parcel.whom_to_ask(), parcel.cadence))
            .collect();
        seen.sort_unstable();
        seen.dedup();
        for (carrier, cadence) in seen {
            self.schedule
                .refresh(schedule, carrier, cadence, now)
                .await?;
        }
        for (carrier, cadence) in schedule.forgotten(now) {
            self.schedule
                .forget(schedule, &carrier, cadence, now)
                .await?;
        }
        Ok(())
    }

    /// Sends the notices that are due to `dispatch`; gives their number.
    async fn review(&self, minutes: &[Timestamp]) -> anyhow::Result<usize> {
        let found: Vec<Vec<(OrderKey, NoticeId)>> = stream::iter(minutes.to_vec())
            .map(|minute| self.notices.due(minute))
            .buffered(QUERIES)
            .try_collect()
            .await?;
        let reviews: Vec<Review> = found
            .into_iter()
            .flatten()
            .map(|(order, id)| Review {
                notice: Due { order, id },
            })
            .collect();
        self.dispatch.send_batch(&reviews).await?;
        Ok(reviews.len())
    }
}
