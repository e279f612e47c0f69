//! When a message may go out: no faster than its provider takes messages from
//! the account, which others may send from as well (docs/adr/0027-a-pace-for-sending.md).

use std::sync::{Mutex, PoisonError};

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::quota::SendQuota;
use posthorn_domain::{
    notification_type::Channel,
    pace::{self, ChannelRate, SlotGrant, SlotRequest},
};
use posthorn_platform::{
    Aws, Config, ServiceError,
    config::ConfigError,
    store::{
        carrier_limits::Versioned,
        pace::{PaceStore, TextCounter},
    },
};
use tokio::sync::{Mutex as Turn, oneshot};
use tracing::{debug, warn};

/// For how long the rate that SES told of an account is believed.
const FRESH: SignedDuration = SignedDuration::from_hours(1);

/// What an account outside the sandbox has at first, for when SES does not say.
const USUAL_MAILS_PER_SECOND: f64 = 14.0;

/// What SNS takes in most regions.
const USUAL_TEXTS_PER_SECOND: f64 = 20.0;

/// The share of the rate that all workers together may use without taking slots:
/// a write for each message would be a good part of what it costs to process.
const SPARE: f64 = 0.1;

/// A worker that has to wait longer than this from one spare message to the next
/// has none: its account is too slow for that.
const LONGEST_SPARE_PAUSE: SignedDuration = SignedDuration::from_secs(60);

/// After a worker has seen others wait, it sends no spare messages for this long.
const BUSY_FOR: SignedDuration = SignedDuration::from_secs(60);

/// With more messages than this in its batch a worker takes slots for all of them.
const QUIET_BATCH: usize = 2;

/// How often the shared state may change under our hands.
const MOST_CONFLICTS: usize = 20;

/// The paces of all channels.
#[derive(Debug)]
pub(crate) struct Pacer {
    store: PaceStore,
    quota: SendQuota,
    email: ChannelPace,
    sms: ChannelPace,
    /// At most so many texts a day, of all shops together.
    pub(crate) texts_per_day: u32,
    n_workers: f64,
}

/// The pace of one channel, as this worker knows it.
#[derive(Debug)]
struct ChannelPace {
    channel: Channel,
    /// What the deployment says; none if the provider is to be asked.
    per_second: Option<f64>,
    /// Who wants a slot while one of them is at work on taking slots for all.
    asking: Mutex<Vec<(SlotRequest, oneshot::Sender<SlotGrant>)>>,
    leader: Turn<()>,
    known: Mutex<RememberedPace>,
}

/// What a worker remembers between messages.
#[derive(Debug, Clone, Copy, Default)]
struct RememberedPace {
    pace: Option<Versioned<ChannelRate>>,
    read_at: Option<Timestamp>,
    /// Whether others write it too, so that what is known of it is mostly old.
    is_shared: bool,
    last_spare: Option<Timestamp>,
    busy_until: Option<Timestamp>,
}

impl Pacer {
    pub(crate) fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        let rate = |name| -> Result<Option<f64>, ConfigError> {
            let rate = config.parsed_or(name, "messages a second", 0.0_f64)?;
            Ok((rate.is_finite() && rate > 0.0).then_some(rate))
        };
        let per_second = rate("POSTHORN_TEXTS_PER_SECOND")?.unwrap_or(USUAL_TEXTS_PER_SECOND);
        Ok(Self {
            store: PaceStore::new(aws, config)?,
            quota: SendQuota::new(aws.sesv2_without_retries()),
            email: ChannelPace::new(Channel::Email, rate("POSTHORN_MAILS_PER_SECOND")?),
            sms: ChannelPace::new(Channel::Sms, Some(per_second)),
            texts_per_day: config.parsed_or("POSTHORN_TEXTS_PER_DAY", "a whole number", 1_000)?,
            n_workers: config
                .parsed_or("POSTHORN_DISPATCH_CONCURRENCY", "a whole number", 10_u32)?
                .max(1)
                .into(),
        })
    }

    /// A slot for a message on `channel`, or a place in the line. `n_in_batch` is
    /// with how many messages this one came in.
    pub(crate) async fn request_slot(
        &self,
        channel: Channel,
        want: SlotRequest,
        n_in_batch: usize,
        now: Timestamp,
    ) -> anyhow::Result<SlotGrant> {
        if let Some(place) = want.place
            && !pace::is_near(place, now)
        {
            return Ok(SlotGrant::Place(place));
        }
        let lane = self.channel_pace(channel);
        let is_quiet = n_in_batch <= QUIET_BATCH && want.place.is_none();
        if is_quiet && self.take_spare(lane, now).await? {
            return Ok(SlotGrant::At(now));
        }
        let (answer, mut slot) = oneshot::channel();
        lock_unpoisoned(&lane.asking).push((want, answer));
        // The first worker takes slots for all that ask by then.
        let _leader = lane.leader.lock().await;
        if let Ok(slot) = slot.try_recv() {
            return Ok(slot);
        }
        let asking = std::mem::take(&mut *lock_unpoisoned(&lane.asking));
        let wants: Vec<SlotRequest> = asking.iter().map(|(want, _)| *want).collect();
        let slots = self.take_slots(lane, &wants, now).await?;
        for ((_, answer), slot) in asking.into_iter().zip(slots) {
            // Who asked may have run out of time; then the slot stays empty.
            if answer.send(slot).is_err() {
                debug!(channel = %lane.channel, "A slot stays empty");
            }
        }
        slot.try_recv().context("no slot was taken for a message")
    }

    /// Tells that the provider has found us too fast.
    pub(crate) async fn slow_down(&self, channel: Channel, now: Timestamp) {
        let lane = self.channel_pace(channel);
        let slowed = self
            .update_pace(lane, |pace| {
                pace.slow_down(now);
            })
            .await;
        if let Err(error) = slowed {
            warn!(%channel, error = format!("{error:#}"), "Could not slow down");
        }
    }

    /// Counts a text on a day, unless it is one too many; returns whether it was counted.
    pub(crate) async fn count_text(
        &self,
        counter: TextCounter<'_>,
        day: &str,
        most: u32,
    ) -> Result<bool, ServiceError> {
        self.store.count_text(counter, day, most).await
    }

    const fn channel_pace(&self, channel: Channel) -> &ChannelPace {
        match channel {
            Channel::Email => &self.email,
            Channel::Sms => &self.sms,
        }
    }

    /// Whether this message may go without a slot: no other waits as far as this
    /// worker knows, and it has sent no such message for a while. All workers
    /// together use a small part of the rate so.
    async fn take_spare(&self, lane: &ChannelPace, now: Timestamp) -> anyhow::Result<bool> {
        let mut known = *lock_unpoisoned(&lane.known);
        let is_fresh = |at: Timestamp| now.duration_since(at) < FRESH;
        if known.busy_until.is_some_and(|until| now < until) {
            return Ok(false);
        }
        if !known.read_at.is_some_and(is_fresh) {
            known.pace = Some(self.store.load_pace(lane.channel).await?);
            known.read_at = Some(now);
            known.last_spare = None;
            let mut shared = lock_unpoisoned(&lane.known);
            (shared.pace, shared.read_at) = (known.pace, known.read_at);
        }
        let Some(pace) = known.pace.map(|known| known.state) else {
            return Ok(false);
        };
        // What no worker knows yet has to be asked for and written down.
        let Some(per_second) = lane.per_second.or_else(|| pace.account_rate(FRESH, now)) else {
            return Ok(false);
        };
        let pause = SignedDuration::try_from_secs_f64(self.n_workers / (per_second * SPARE))
            .unwrap_or(SignedDuration::MAX);
        let mut shared = lock_unpoisoned(&lane.known);
        let is_rested = |at: Timestamp| now.duration_since(at) >= pause;
        let may = pause <= LONGEST_SPARE_PAUSE
            && pace.is_idle(now)
            && shared.last_spare.is_none_or(is_rested);
        if may {
            shared.last_spare = Some(now);
        }
        Ok(may)
    }

    async fn take_slots(
        &self,
        lane: &ChannelPace,
        wants: &[SlotRequest],
        now: Timestamp,
    ) -> anyhow::Result<Vec<SlotGrant>> {
        let mut told = None;
        let known = *lock_unpoisoned(&lane.known);
        let known = match known.pace {
            Some(known) => known,
            None => self.store.load_pace(lane.channel).await?,
        };
        let per_second = if let Some(per_second) = lane
            .per_second
            .or_else(|| known.state.account_rate(FRESH, now))
        {
            per_second
        } else {
            let asked = self.query_account_rate().await;
            told = Some(asked);
            asked
        };
        let slots = self
            .update_pace(lane, |pace| {
                if let Some(told) = told {
                    pace.was_told(told, now);
                }
                pace.grant_slots(wants, per_second, now)
            })
            .await?;
        let is_busy = slots.iter().any(|slot| matches!(slot, SlotGrant::Place(_)));
        let mut shared = lock_unpoisoned(&lane.known);
        shared.read_at = Some(now);
        if is_busy {
            shared.busy_until = now.checked_add(BUSY_FOR).ok();
        }
        Ok(slots)
    }

    /// Changes the shared state, from what this worker knows of it on.
    async fn update_pace<T>(
        &self,
        lane: &ChannelPace,
        change: impl Fn(&mut ChannelRate) -> T,
    ) -> anyhow::Result<T> {
        let known = *lock_unpoisoned(&lane.known);
        let mut known = known.pace.filter(|_| !known.is_shared);
        for _ in 0..MOST_CONFLICTS {
            let Versioned { mut state, version } = match known.take() {
                Some(known) => known,
                None => self.store.load_pace(lane.channel).await?,
            };
            let result = change(&mut state);
            let is_written = self
                .store
                .replace_pace(lane.channel, &state, version)
                .await?;
            let mut shared = lock_unpoisoned(&lane.known);
            // Who is alone need not read what they wrote themselves.
            let last = shared.pace.map_or(0, |pace| pace.version);
            shared.is_shared = !is_written || version != last;
            if is_written {
                let version = version + 1;
                shared.pace = Some(Versioned { state, version });
                return Ok(result);
            }
        }
        anyhow::bail!(
            "the pace of {} is written too often by others",
            lane.channel
        )
    }

    /// What SES lets the account send. If it does not say, what is usual: should
    /// that be too much, the pace slows down by itself.
    async fn query_account_rate(&self) -> f64 {
        match self.quota.mails_per_second().await {
            Ok(per_second) => per_second,
            Err(error) => {
                warn!(error, "SES does not say how many mails it takes");
                USUAL_MAILS_PER_SECOND
            }
        }
    }
}

impl ChannelPace {
    fn new(channel: Channel, per_second: Option<f64>) -> Self {
        Self {
            channel,
            per_second,
            asking: Mutex::default(),
            leader: Turn::default(),
            known: Mutex::default(),
        }
    }
}

fn lock_unpoisoned<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
