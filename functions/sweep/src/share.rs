//! What of one carrier's parcels is sent to be asked after in this minute.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::{Profile, profile_of, quota::Ledger};
use posthorn_domain::{
    cadence::{self, Cadence},
    id::CarrierId,
};
use posthorn_platform::{
    metric::{self, Metric},
    store::{
        due::DueParcel,
        keys::Cohort,
        schedule::{Lines, Pause, Schedule},
    },
};
use tracing::error;

use crate::{
    Sweep,
    plan::Plan,
    rota::{Rota, Turn, Waiting},
};

/// What is due of one carrier.
#[derive(Debug)]
pub(crate) struct Share {
    pub(crate) carrier: CarrierId,
    pub(crate) parcels: Vec<DueParcel>,
    pub(crate) behind: Lines,
    /// The cadences of which there are parcels, whether or not they have their turn.
    pub(crate) seen: BTreeSet<Cadence>,
    pub(crate) strikes: u32,
}

impl Sweep {
    /// What is due of `carrier`, as far as it lets us ask.
    pub(crate) async fn share(
        &self,
        schedule: &Schedule,
        carrier: CarrierId,
        plan: &Plan,
        now: Timestamp,
    ) -> anyhow::Result<Share> {
        let profile = profile_of(&carrier);
        let cadences = schedule.cohorts.keys().filter(|(of, _)| *of == carrier);
        let cadences = cadences.map(|cohort| (cohort.1, schedule.lines.get(cohort)));
        let mut rota = Rota::new(cadences, plan.first, plan.until, min_interval(profile));
        let (room, strikes) = self.room(schedule, &carrier, profile, now).await;
        let seen = Mutex::new(BTreeSet::new());
        let waiting = |turn| self.waiting(&carrier, turn, &seen);
        let mut parcels = rota.take(room, waiting).await?;
        parcels.sort_by_key(|parcel| parcel.cadence);
        if rota.skipped() > 0 {
            metric::emit(Metric::TurnsSkipped {
                carrier: &carrier,
                count: rota.skipped(),
            });
        }
        let behind = rota.behind().into_iter();
        Ok(Share {
            behind: behind
                .map(|(cadence, line)| ((carrier.clone(), cadence), line))
                .collect(),
            seen: seen.into_inner().unwrap_or_else(PoisonError::into_inner),
            carrier,
            parcels,
            strikes,
        })
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

    /// The parcels of a slot that are worth a question, from all shards.
    async fn waiting(
        &self,
        carrier: &CarrierId,
        turn: Turn,
        seen: &Mutex<BTreeSet<Cadence>>,
    ) -> anyhow::Result<Vec<DueParcel>> {
        let mut waiting = Vec::new();
        for shard in 0..self.orders.shards() {
            let cohort = Cohort {
                carrier: carrier.clone(),
                cadence: turn.cadence,
                slot: turn.slot,
                shard,
            };
            waiting.extend(self.members(cohort).await?);
        }
        if !waiting.is_empty() {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(turn.cadence);
        }
        waiting.retain(|parcel| !cadence::is_resting(&parcel.glance(), turn.minute));
        Ok(waiting)
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

impl Waiting for DueParcel {
    fn rank(&self) -> u64 {
        Self::rank(self)
    }
}

pub(crate) fn min_interval(profile: Option<&Profile>) -> SignedDuration {
    let interval = profile.map(|profile| profile.min_interval);
    interval
        .and_then(|interval| interval.try_into().ok())
        .unwrap_or(SignedDuration::ZERO)
}
