//! Looks each minute for what is due, and puts it into its queue.
//!
//! Trigger  EventBridge Scheduler, each minute, with the scheduled time
//! Reads    how far the last sweep came, which carriers are left alone, what is
//!          left of carriers' quotas, the cohorts that are due, the notices that
//!          are due; every fifth minute, those of the last twenty once more
//! Writes   how far it came, and which cohorts their carriers' quotas leave
//!          behind; parcels to `PollQueue`, some 25 of a carrier in a message;
//!          notices to `DispatchQueue`
//! On error the watermark stays, so the next minute covers this one; the event
//!          lies in `SweepDlq` after its tries
//! Repeats  are harmless: a parcel that is asked after twice has nothing new,
//!          and a notice is judged by its state

mod plan;
mod review;
mod rota;
mod share;

use std::collections::BTreeMap;

use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent};
use posthorn_carriers::{Profile, profile_of, quota::parcels_per_message};
use posthorn_domain::id::CarrierId;
use posthorn_platform::{
    Aws, Config, clock,
    config::ConfigError,
    poll_request::PollRequest,
    queue::Queue,
    store::{
        due::DueParcel,
        limits::LimitStore,
        notices::NoticeStore,
        orders::OrderStore,
        schedule::{Advanced, Lines, Schedule, ScheduleStore},
    },
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::{plan::plan, share::Share};

/// Carriers whose parcels are looked up at once.
const CARRIERS: usize = 4;

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

/// The function.
#[derive(Debug)]
pub struct Sweep {
    schedule: ScheduleStore,
    limits: LimitStore,
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
            limits: LimitStore::new(aws, config)?,
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

    /// Sweeps what is due at `time`, as the scheduler names it; our own clock says `now`.
    pub async fn sweep(&self, time: Timestamp, now: Timestamp) -> anyhow::Result<Swept> {
        let schedule = self.schedule.load().await?;
        let Some(plan) = plan(schedule.watermark, time, now) else {
            return Ok(Swept::default());
        };
        // First, for the polls of a minute that then fails are sent once more.
        let notices = self.review(&plan.minutes).await?;
        let shares: Vec<Share> = stream::iter(carriers(&schedule))
            .map(|carrier| self.share(&schedule, carrier, &plan, now))
            .buffer_unordered(CARRIERS)
            .try_collect()
            .await?;
        let mut lines = Lines::new();
        for share in &shares {
            self.send(&share.carrier, &share.parcels, share.strikes)
                .await?;
            lines.extend(share.behind.clone());
        }
        self.keep_in_mind(&schedule, &shares, &lines, now).await?;
        if self
            .schedule
            .advance(schedule.watermark, plan.until, &lines)
            .await?
            == Advanced::Overtaken
        {
            warn!("Another sweep was at work at the same time");
        }
        Ok(Swept {
            parcels: shares.iter().map(|share| share.parcels.len()).sum(),
            notices,
        })
    }

    async fn sweep_everything(&self) -> anyhow::Result<Swept> {
        let mut parcels = 0;
        let mut after = None;
        loop {
            let page = self.orders.every_due(after).await?;
            parcels += page.items.len();
            let mut by_carrier = BTreeMap::<CarrierId, Vec<DueParcel>>::new();
            for parcel in page.items {
                let carrier = parcel.whom_to_ask().clone();
                by_carrier.entry(carrier).or_default().push(parcel);
            }
            for (carrier, parcels) in &by_carrier {
                self.send(carrier, parcels, 0).await?;
            }
            after = page.next;
            if after.is_none() {
                return Ok(Swept {
                    parcels,
                    notices: 0,
                });
            }
        }
    }

    /// Sends parcels of one carrier, those that are asked after most often first.
    async fn send(
        &self,
        carrier: &CarrierId,
        parcels: &[DueParcel],
        strikes: u32,
    ) -> anyhow::Result<()> {
        let messages: Vec<PollRequest<'_>> = parcels
            .chunks(per_message(carrier))
            .map(|parcels| PollRequest {
                carrier,
                parcels: parcels.into(),
                strikes,
                is_hinted: false,
            })
            .collect();
        self.poll.send_batch(&messages).await?;
        Ok(())
    }

    /// Dates the cohorts that have parcels; drops those that have had none for
    /// days, unless nobody has looked, and wishes for patience that are over.
    async fn keep_in_mind(
        &self,
        schedule: &Schedule,
        shares: &[Share],
        behind: &Lines,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        for Share { carrier, seen, .. } in shares {
            for cadence in seen {
                self.schedule
                    .refresh(schedule, carrier, *cadence, now)
                    .await?;
            }
        }
        for cohort in schedule.forgotten(now) {
            if !behind.contains_key(&cohort) {
                let (carrier, cadence) = cohort;
                self.schedule
                    .forget(schedule, &carrier, cadence, now)
                    .await?;
            }
        }
        for (carrier, pause) in &schedule.pauses {
            if pause.strikes == 0 && pause.until <= now {
                self.schedule.resume(carrier, 0, now).await?;
            }
        }
        Ok(())
    }
}

/// The carriers that have parcels.
fn carriers(schedule: &Schedule) -> Vec<CarrierId> {
    let mut carriers: Vec<CarrierId> = schedule
        .cohorts
        .keys()
        .map(|(carrier, _)| carrier.clone())
        .collect();
    carriers.dedup();
    carriers
}

fn per_message(carrier: &CarrierId) -> usize {
    let unknown = &Profile::named("unknown", "Unknown");
    parcels_per_message(profile_of(carrier).unwrap_or(unknown))
}

#[cfg(test)]
mod simulation;
