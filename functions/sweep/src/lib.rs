//! Looks each minute for what is due, and puts it into its queue.
//!
//! Trigger  EventBridge Scheduler, each minute, with the scheduled time
//! Reads    how far the last sweep came, which carriers are left alone, what is
//!          left of carriers' quotas, the cohorts that are due, the notifications that
//!          are due; every fifth minute, those of the last twenty once more; the
//!          cohorts of all shipments, once a day
//! Writes   how far it came, and which cohorts wait, because their carriers' quotas
//!          or the time did not do; shipments to `PollQueue`, some 25 of a carrier in
//!          a message; notifications to `DispatchQueue`
//! On error of one carrier the others go on, and the next minute goes on where each
//!          of them stopped; so it does where time was up. An event that cannot be
//!          handled at all lies in `SweepDlq` after its tries
//! Repeats  are harmless: a shipment that is asked after twice has nothing new,
//!          and a notification is judged by its state

mod census;
mod deadline;
mod desk;
mod plan;
mod release;
mod rota;
mod rounds;
mod share;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Mutex,
};

use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use lambda_runtime::{Error, LambdaEvent};
use posthorn_carriers::{CarrierProfile, profile_of, quota::shipments_per_message};
use posthorn_domain::{cadence::Cadence, id::CarrierId};
use posthorn_platform::{
    Aws, Config, clock,
    config::ConfigError,
    metric::{self, Metric, PollingMetric},
    poll_request::PollRequest,
    queue::Queue,
    store::{
        carrier_limits::LimitStore,
        notifications::NotificationStore,
        orders::OrderStore,
        pagination::Cursor,
        poll_targets::PollTarget,
        schedule::{Advanced, Schedule, ScheduleStore, SweepProgress},
    },
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::{
    deadline::Deadline,
    desk::SweepDesk,
    plan::{minute_of, plan_sweep},
    rounds::{CarrierWork, SweepResult, go_round},
};

/// Carriers whose quotas are looked up at once.
const CARRIERS: usize = 4;

/// What to sweep.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct SweepEvent {
    /// The minute that the scheduler names; the clock's, if none.
    time: Option<Timestamp>,
    /// All active shipments now, whenever they are due: for an operator after a
    /// carrier's outage, for a demonstration, for tests. Moves no watermark.
    everything: bool,
    /// Where to go on with everything, as the last answer said.
    after: Option<Cursor>,
}

/// The function.
#[derive(Debug)]
pub struct Sweep {
    schedule: ScheduleStore,
    limits: LimitStore,
    orders: OrderStore,
    notifications: NotificationStore,
    poll: Queue,
    dispatch: Queue,
}

/// What a sweep found.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct SweepReport {
    /// Shipments that went to `poll`.
    pub shipments: usize,
    /// Notifications that went to `dispatch`.
    pub notifications: usize,
    /// Where to go on, if there was no time for everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Cursor>,
}

impl Sweep {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Sweep"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            schedule: ScheduleStore::new(aws, config)?,
            limits: LimitStore::new(aws, config)?,
            orders: OrderStore::new(aws, config)?,
            notifications: NotificationStore::new(aws, config)?,
            poll: Queue::new(aws, config.require_setting("POSTHORN_POLL_QUEUE")?),
            dispatch: Queue::new(aws, config.require_setting("POSTHORN_DISPATCH_QUEUE")?),
        })
    }

    /// Sweeps.
    pub async fn handle(&self, event: LambdaEvent<SweepEvent>) -> Result<SweepReport, Error> {
        let now = clock::now();
        let deadline = Deadline::from_invocation_end(event.context.deadline, now);
        let SweepEvent {
            time,
            everything,
            after,
        } = event.payload;
        let swept = if everything {
            self.sweep_everything(after, deadline).await?
        } else {
            Box::pin(self.sweep_until(time.unwrap_or(now), now, deadline)).await?
        };
        let SweepReport {
            shipments,
            notifications,
            ..
        } = swept;
        info!(
            n_shipments = shipments,
            n_notifications = notifications,
            "Swept {shipments} shipments and {notifications} notifications"
        );
        Ok(swept)
    }

    /// Sweeps what is due at `time`, as the scheduler names it; our own clock says `now`.
    pub async fn sweep_due(&self, time: Timestamp, now: Timestamp) -> anyhow::Result<SweepReport> {
        self.sweep_until(time, now, Deadline::from_invocation_end(0, now))
            .await
    }

    async fn sweep_until(
        &self,
        time: Timestamp,
        now: Timestamp,
        deadline: Deadline,
    ) -> anyhow::Result<SweepReport> {
        let schedule = self.schedule.load_schedule().await?;
        let Some(plan) = plan_sweep(schedule.watermark, time, now) else {
            return Ok(SweepReport::default());
        };
        let mut works: Vec<CarrierWork> = stream::iter(scheduled_carriers(&schedule))
            .map(|carrier| self.plan_carrier(&schedule, carrier, plan, now))
            .buffered(CARRIERS)
            .collect()
            .await;
        // Who is the first has the best chance where time is short.
        let minute = usize::try_from(plan.until.as_second() / 60).unwrap_or_default();
        let first = minute % works.len().max(1);
        works.rotate_left(first);
        let noted = schedule.released.as_ref();
        let released = release::release_start(noted, schedule.watermark, plan.first);
        let released = Mutex::new(released);
        let office = SweepDesk::new(self, &schedule, plan.until);
        let came = go_round(&office, works, &released, plan.until, deadline).await;
        let seen = office.seen_cohorts();
        let mut failure = None;
        if !came.is_overtaken {
            let kept = self.keep_in_mind(&schedule, &seen, &came, now).await;
            failure = kept.err();
        }
        let census = self.continue_census(&schedule, now, deadline).await;
        if minute % 60 == 0 {
            metric::emit_metric(Metric::Polling(PollingMetric::Active(census.active)));
        }
        let progress = SweepProgress {
            backlogs: came.lines,
            released: Some(rounds::lock_unpoisoned(&released).clone()),
            census,
        };
        let advanced = self
            .schedule
            .advance_watermark(&schedule, plan.until, &progress);
        if came.is_overtaken || advanced.await? == Advanced::Overtaken {
            warn!("Another sweep was at work at the same time");
        }
        // What is due and not sent, though its carrier would have let us ask.
        let since = came.waits_since.unwrap_or(plan.until).min(plan.until);
        let lag = minute_of(now).duration_since(since).as_mins();
        let lag = u32::try_from(lag.max(0)).unwrap_or(u32::MAX);
        metric::emit_metric(Metric::Polling(PollingMetric::LagMinutes(lag)));
        if came.shipments > 0 {
            metric::emit_metric(Metric::Polling(PollingMetric::Queued(came.shipments)));
        }
        match came.failure.or(failure) {
            Some(failure) => Err(failure),
            None => Ok(SweepReport {
                shipments: came.shipments,
                notifications: came.notifications,
                after: None,
            }),
        }
    }

    async fn sweep_everything(
        &self,
        mut after: Option<Cursor>,
        deadline: Deadline,
    ) -> anyhow::Result<SweepReport> {
        let mut shipments = 0;
        loop {
            let page = self.orders.every_due(after).await?;
            shipments += page.items.len();
            let mut by_carrier = BTreeMap::<CarrierId, Vec<PollTarget>>::new();
            for shipment in page.items {
                let carrier = shipment.whom_to_ask().clone();
                by_carrier.entry(carrier).or_default().push(shipment);
            }
            for (carrier, shipments) in &by_carrier {
                self.send_to_poll(carrier, shipments, 0).await?;
            }
            after = page.next;
            if after.is_none() || deadline.is_over() {
                return Ok(SweepReport {
                    shipments,
                    notifications: 0,
                    after,
                });
            }
        }
    }

    /// Sends shipments of one carrier. A message that the queue will never take is
    /// sent shipment by shipment, so that one of them takes no other with it.
    async fn send_to_poll(
        &self,
        carrier: &CarrierId,
        shipments: &[PollTarget],
        consecutive_failures: u32,
    ) -> anyhow::Result<()> {
        let size = per_message(carrier);
        let refused = self
            .send_in(size, carrier, shipments, consecutive_failures)
            .await?;
        if size > 1 {
            for index in refused {
                let alone = shipments.iter().skip(index * size).take(size);
                let alone: Vec<PollTarget> = alone.cloned().collect();
                self.send_in(1, carrier, &alone, consecutive_failures)
                    .await?;
            }
        }
        Ok(())
    }

    async fn send_in(
        &self,
        size: usize,
        carrier: &CarrierId,
        shipments: &[PollTarget],
        consecutive_failures: u32,
    ) -> anyhow::Result<Vec<usize>> {
        let messages: Vec<PollRequest<'_>> = shipments
            .chunks(size)
            .map(|shipments| PollRequest {
                carrier,
                shipments: shipments.into(),
                consecutive_failures,
                is_hinted: false,
            })
            .collect();
        Ok(self.poll.send_batch(&messages).await?)
    }

    /// Dates the cohorts that have shipments; drops those that have had none for
    /// days, unless the sweep has not looked, and wishes for patience that are over.
    async fn keep_in_mind(
        &self,
        schedule: &Schedule,
        seen: &BTreeSet<(CarrierId, Cadence)>,
        came: &SweepResult,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        for (carrier, cadence) in seen {
            self.schedule
                .refresh_cohort(schedule, carrier, *cadence, now)
                .await?;
        }
        for cohort in schedule.expired_cohorts(now) {
            if !came.lines.contains_key(&cohort) && !seen.contains(&cohort) {
                let (carrier, cadence) = cohort;
                self.schedule
                    .remove_cohort(schedule, &carrier, cadence, now)
                    .await?;
            }
        }
        for (carrier, pause) in &schedule.backoffs {
            if pause.consecutive_failures == 0 && pause.until <= now {
                self.schedule.resume_carrier(carrier, 0, now).await?;
            }
        }
        Ok(())
    }
}

/// The carriers that have shipments.
fn scheduled_carriers(schedule: &Schedule) -> Vec<CarrierId> {
    let mut carriers: Vec<CarrierId> = schedule
        .cohorts
        .keys()
        .map(|(carrier, _)| carrier.clone())
        .collect();
    carriers.dedup();
    carriers
}

fn per_message(carrier: &CarrierId) -> usize {
    let unknown = &CarrierProfile::with_name("unknown", "Unknown");
    shipments_per_message(profile_of(carrier).unwrap_or(unknown))
}

#[cfg(test)]
mod simulation;
