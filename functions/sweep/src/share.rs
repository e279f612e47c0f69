//! What of one carrier's parcels is sent to be asked after in this minute.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{Profile, profile_of, quota::Ledger};
use posthorn_domain::{cadence, id::CarrierId};
use posthorn_platform::{
    metric::{self, Metric},
    store::{
        due::DueParcel,
        keys::Cohort,
        page::Place,
        schedule::{Pause, Schedule},
    },
};
use tracing::error;

use crate::{
    Sweep,
    plan::Plan,
    rota::{Found, PER_PAGE, Rota, Turn, Waiting},
    rounds::Work,
};

impl Sweep {
    /// What is to do for `carrier`.
    pub(crate) async fn work(
        &self,
        schedule: &Schedule,
        carrier: CarrierId,
        plan: Plan,
        now: Timestamp,
    ) -> Work {
        let profile = profile_of(&carrier);
        let cadences = schedule.cohorts.keys().filter(|(of, _)| *of == carrier);
        let cadences = cadences.map(|cohort| (cohort.1, schedule.lines.get(cohort)));
        let rota = Rota::new(cadences, plan.first, plan.until, min_interval(profile));
        let (room, strikes) = self.room(schedule, &carrier, profile, now).await;
        if rota.skipped() > 0 {
            metric::emit(Metric::TurnsSkipped {
                carrier: &carrier,
                count: rota.skipped(),
            });
        }
        Work {
            carrier,
            rota,
            room,
            strikes,
        }
    }

    /// For how many parcels there is room at `carrier` in this minute, and how
    /// often in a row it gave no answer.
    async fn room(
        &self,
        schedule: &Schedule,
        carrier: &CarrierId,
        profile: Option<&'static Profile>,
        now: Timestamp,
    ) -> (usize, u32) {
        let pause = schedule.pauses.get(carrier);
        let strikes = pause.map_or(0, |pause| pause.strikes);
        if strikes > 0 {
            metric::emit(Metric::CarrierPaused { carrier });
        }
        if is_left_alone(pause, now) {
            return (0, strikes);
        }
        let Some(profile) = profile else {
            return (usize::MAX, strikes);
        };
        let mut ledger = Ledger::default();
        if !profile.quotas.is_empty() {
            match self.limits.load(carrier).await {
                Ok(loaded) => ledger = loaded.state,
                Err(error) => {
                    // It must not keep the sweep from all other carriers.
                    error!(%carrier, %error, "Nobody knows what {carrier} still allows: {error}");
                    return (0, strikes);
                }
            }
            let percent = ledger.share(profile.quotas, now);
            metric::emit(Metric::QuotaUsed { carrier, percent });
        }
        (room(pause, &ledger, profile, now), strikes)
    }

    /// Some of the parcels of a slot that are worth a question, from one shard after
    /// the other; and whether there is any parcel among those that were looked at.
    pub(crate) async fn members(
        &self,
        carrier: &CarrierId,
        turn: &Turn,
    ) -> anyhow::Result<(Found<Queued>, bool)> {
        let shards = self.orders.shards();
        let mut after = turn.after.clone();
        let mut all: Vec<DueParcel> = Vec::new();
        let next = loop {
            let shard = after.as_ref().map_or(0, |after| after.shard);
            let cohort = Cohort {
                carrier: carrier.clone(),
                cadence: turn.cadence,
                slot: turn.slot,
                shard,
            };
            let most = i32::try_from(PER_PAGE - all.len())?;
            let page = self.orders.due(&cohort, after.as_ref(), most).await?;
            all.extend(page.items);
            let is_last = shard + 1 >= shards;
            let next = page
                .next
                .or_else(|| (!is_last).then(|| Place::at_begin_of(shard + 1)));
            if next.is_none() || all.len() >= PER_PAGE {
                break next;
            }
            after = next;
        };
        let is_any = !all.is_empty();
        all.retain(|parcel| !cadence::is_resting(&parcel.glance(), turn.minute));
        let members = all.into_iter().map(|parcel| Queued { parcel, shards });
        let members = members.collect();
        Ok((Found { members, next }, is_any))
    }
}

/// A parcel that is to be asked after, where slots have so many shards.
#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) parcel: DueParcel,
    shards: u32,
}

/// Whether nothing at all is sent to a carrier.
fn is_left_alone(pause: Option<&Pause>, now: Timestamp) -> bool {
    pause.is_some_and(|pause| pause.until > now)
}

/// For how many parcels there is room: of a carrier that gave no answer a single
/// call, as a probe.
pub(crate) fn room(
    pause: Option<&Pause>,
    ledger: &Ledger,
    profile: &Profile,
    now: Timestamp,
) -> usize {
    if is_left_alone(pause, now) {
        return 0;
    }
    let mut allowance = ledger.allowance(profile.quotas, now);
    if pause.is_some_and(|pause| pause.strikes > 0) {
        allowance.calls = allowance.calls.min(1);
    }
    allowance.parcels(profile)
}

impl Waiting for Queued {
    fn place(&self) -> Place {
        self.parcel.place(self.shards)
    }
}

pub(crate) fn min_interval(profile: Option<&Profile>) -> SignedDuration {
    let interval = profile.map(|profile| profile.min_interval);
    interval
        .and_then(|interval| interval.try_into().ok())
        .unwrap_or(SignedDuration::ZERO)
}
