//! What of one carrier's shipments is sent to be asked after in this minute.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{CarrierProfile, profile_of, quota::QuotaUsage};
use posthorn_domain::{cadence, id::CarrierId};
use posthorn_platform::{
    metric::{self, Metric},
    store::{
        keys::Cohort,
        pagination::IndexPosition,
        poll_targets::PollTarget,
        schedule::{Backoff, Schedule},
    },
};
use tracing::error;

use crate::{
    Sweep,
    plan::SweepPlan,
    rota::{FairScheduler, PER_PAGE, Queueable, QueuedItems, SlotTurn},
    rounds::CarrierWork,
};

impl Sweep {
    /// What is to do for `carrier`.
    pub(crate) async fn plan_carrier(
        &self,
        schedule: &Schedule,
        carrier: CarrierId,
        plan: SweepPlan,
        now: Timestamp,
    ) -> CarrierWork {
        let profile = profile_of(&carrier);
        let cadences = schedule.cohorts.keys().filter(|(of, _)| *of == carrier);
        let cadences = cadences.map(|cohort| (cohort.1, schedule.backlogs.get(cohort)));
        let rota = FairScheduler::new(cadences, plan.first, plan.until, min_interval(profile));
        let (room, consecutive_failures) = self
            .carrier_capacity(schedule, &carrier, profile, now)
            .await;
        if rota.skipped_turns() > 0 {
            metric::emit_metric(Metric::TurnsSkipped {
                carrier: &carrier,
                count: rota.skipped_turns(),
            });
        }
        CarrierWork {
            carrier,
            rota,
            room,
            consecutive_failures,
        }
    }

    /// For how many shipments there is room at `carrier` in this minute, and how
    /// often in a row it gave no answer.
    async fn carrier_capacity(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        profile: Option<&'static CarrierProfile>,
        now: Timestamp,
    ) -> (usize, u32) {
        let pause = schedule.backoffs.get(carrier);
        let consecutive_failures = pause.map_or(0, |pause| pause.consecutive_failures);
        if consecutive_failures > 0 {
            metric::emit_metric(Metric::CarrierPaused { carrier });
        }
        if is_left_alone(pause, now) {
            return (0, consecutive_failures);
        }
        let Some(profile) = profile else {
            return (usize::MAX, consecutive_failures);
        };
        let mut ledger = QuotaUsage::default();
        if !profile.quotas.is_empty() {
            match self.limits.load_limits(carrier).await {
                Ok(loaded) => ledger = loaded.state,
                Err(error) => {
                    // It must not keep the sweep from all other carriers.
                    error!(%carrier, %error, "Could not read what {carrier} still allows: {error}");
                    return (0, consecutive_failures);
                }
            }
            let percent = ledger.used_share(profile.quotas, now);
            metric::emit_metric(Metric::QuotaUsed { carrier, percent });
        }
        (room(pause, &ledger, profile, now), consecutive_failures)
    }

    /// Some of the shipments of a slot that are worth a question, from one shard after
    /// the other; and whether there is any shipment among those that were looked at.
    pub(crate) async fn slot_members(
        &self,
        carrier: &CarrierId,
        turn: &SlotTurn,
    ) -> anyhow::Result<(QueuedItems<QueuedShipment>, bool)> {
        let shards = self.orders.cohort_shards();
        let mut after = turn.after.clone();
        let mut all: Vec<PollTarget> = Vec::new();
        let next = loop {
            let shard = after.as_ref().map_or(0, |after| after.shard);
            let cohort = Cohort {
                carrier: carrier.clone(),
                cadence: turn.cadence,
                slot: turn.slot,
                shard,
            };
            let most = i32::try_from(PER_PAGE - all.len())?;
            let page = self.orders.list_due(&cohort, after.as_ref(), most).await?;
            all.extend(page.items);
            let is_last = shard + 1 >= shards;
            let next = page
                .next
                .or_else(|| (!is_last).then(|| IndexPosition::at_begin_of(shard + 1)));
            if next.is_none() || all.len() >= PER_PAGE {
                break next;
            }
            after = next;
        };
        let is_any = !all.is_empty();
        all.retain(|shipment| !cadence::is_resting(&shipment.poll_state(), turn.minute));
        let members = all
            .into_iter()
            .map(|shipment| QueuedShipment { shipment, shards });
        let members = members.collect();
        Ok((QueuedItems { members, next }, is_any))
    }
}

/// A shipment that is to be asked after, where slots have so many shards.
#[derive(Debug)]
pub(crate) struct QueuedShipment {
    pub(crate) shipment: PollTarget,
    shards: u32,
}

/// Whether nothing at all is sent to a carrier.
fn is_left_alone(pause: Option<&Backoff>, now: Timestamp) -> bool {
    pause.is_some_and(|pause| pause.until > now)
}

/// For how many shipments there is room: of a carrier that gave no answer a single
/// call, as a probe.
pub(crate) fn room(
    pause: Option<&Backoff>,
    ledger: &QuotaUsage,
    profile: &CarrierProfile,
    now: Timestamp,
) -> usize {
    if is_left_alone(pause, now) {
        return 0;
    }
    let mut allowance = ledger.minute_allowance(profile.quotas, now);
    if pause.is_some_and(|pause| pause.consecutive_failures > 0) {
        allowance.calls = allowance.calls.min(1);
    }
    allowance.affordable_numbers(profile)
}

impl Queueable for QueuedShipment {
    fn index_position(&self) -> IndexPosition {
        self.shipment.index_position(self.shards)
    }
}

pub(crate) fn min_interval(profile: Option<&CarrierProfile>) -> SignedDuration {
    let interval = profile.map(|profile| profile.min_interval);
    interval
        .and_then(|interval| interval.try_into().ok())
        .unwrap_or(SignedDuration::ZERO)
}
