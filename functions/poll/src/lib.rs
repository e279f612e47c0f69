//! Asks carriers about parcels and records what is new.
//!
//! Trigger  `PollQueue`: some 25 parcels of one carrier, from `sweep` and, when
//!          they are new, from `ingest`
//! Reads    the carrier's credentials; what is left of its quotas, if it has any;
//!          of the parcel nothing, unless something is new
//! Writes   the parcel, once, if something is new; the cohort it joins; what it
//!          takes out of quotas; that a carrier is to be left alone; parcels that
//!          must wait back to `PollQueue`, with a delay
//! Sends    subscriptions to carriers that can tell us by themselves
//! On error the message comes again and, after 10 tries, lies in `PollDlq`; what
//!          a carrier says that nobody can read leaves the parcel as it was, and
//!          one that refuses us is asked again when the parcel's slot comes
//! Repeats  are harmless: the same answer has the same hash and changes nothing

mod access;
mod in_time;
mod limits;
mod message;
mod news;
mod subscriptions;

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use anyhow::bail;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use posthorn_carriers::{
    Access, Carrier, Client, ErrorKind, Failure, Outcome,
    client::Timeouts,
    find,
    profile::Mode,
    profile_of,
    quota::{Change, Fate, Toll},
};
use posthorn_domain::{id::CarrierId, shipment::Shipment, tracking_number::TrackingNumber};
use posthorn_platform::{
    Aws, Config, batch, clock,
    metric::{self, Metric},
    queue::Queue,
    record::{Arrangement, News, Records},
    store::{
        due::DueParcel,
        limits::LimitStore,
        orders::OrderStore,
        schedule::{Pause, ScheduleStore},
    },
};
use tracing::{error, info, warn};

use crate::{
    access::Keys,
    in_time::InTime,
    limits::Limits,
    message::{Message, Rest},
    news::news,
    subscriptions::Subscriptions,
};

/// Parcels of a message that are written at a time.
const WRITES: usize = 5;

/// The function.
#[derive(Debug)]
pub struct Poll {
    client: Client,
    keys: Keys,
    limits: Limits,
    subscriptions: Subscriptions,
    records: Records,
    queue: Queue,
}

impl Poll {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> anyhow::Result<Self> {
        Self::new(aws, &Config::of("Poll"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            client: Client::new(Timeouts::default())?,
            keys: Keys::new(aws, config)?,
            limits: Limits::new(LimitStore::new(aws, config)?),
            subscriptions: Subscriptions::new(config)?,
            records: Records {
                orders: OrderStore::new(aws, config)?,
                schedule: ScheduleStore::new(aws, config)?,
            },
            queue: Queue::new(aws, config.required("POSTHORN_POLL_QUEUE")?),
        })
    }

    /// Works off a batch of the queue, all messages at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        let now = clock::now();
        let until = in_time::until(event.context.deadline);
        Ok(batch::queue(event.payload, |message| self.ask(message, until, now)).await)
    }

    async fn ask(
        &self,
        message: Message,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let id = &message.carrier;
        let Some(carrier) = find(id) else {
            bail!("no carrier is called {id}");
        };
        if carrier.profile().mode == Mode::Never {
            return Ok(());
        }
        let keeper = self.limits.keeper(carrier);
        // A probe is sent when the pause is over; our clock may be behind.
        if message.strikes == 0
            && let Some(pause) = keeper.pause(now)
        {
            return self.wait(&message, pause).await;
        }
        let wanted = message.wanted();
        let access = match self.keys.access(carrier, now).await? {
            Ok(access) => access,
            Err(reason) => {
                let change = keeper.note([&reason.clone().into()], message.strikes, now);
                return self.leave_unasked(&message, &reason, change).await;
            }
        };
        let toll = keeper.gate(wanted.len());
        let toll = InTime { toll, until };
        let outcomes: HashMap<TrackingNumber, Outcome> = self
            .client
            .track_within(carrier, &wanted, &access, &toll, now)
            .await
            .into_iter()
            .collect();
        let change = keeper.note(outcomes.values(), message.strikes, now);
        let (n_changed, unwritten) = self
            .record(carrier, &access, &toll, &message, &outcomes, now)
            .await;
        info!(
            carrier = %id,
            n_parcels = message.parcels.len(),
            n_changed,
            "Asked {} about {} parcels, {n_changed} have changed",
            carrier.profile().name,
            message.parcels.len(),
        );
        self.report_failures(carrier, &outcomes);
        self.tell(id, change, message.strikes, now).await?;
        if let Some(failure) = unwritten {
            // All of it comes again: what is written is known then.
            return Err(failure);
        }
        self.give_back(&message, &outcomes, keeper.pause(now)).await
    }

    /// Leaves parcels to their next slot, as there is no key with which to ask.
    /// That is said once: no other message knows more of it.
    async fn leave_unasked(
        &self,
        message: &Message,
        reason: &Failure,
        change: Option<Change>,
    ) -> anyhow::Result<()> {
        let (carrier, kind) = (&message.carrier, reason.kind.as_str());
        let n_parcels = message.parcels.len();
        for _ in 0..n_parcels {
            metric::emit(Metric::CarrierFailed { carrier, kind });
        }
        if self.keys.is_newly_missed(carrier) {
            error!(%carrier, error.kind = kind, "{reason}");
        }
        info!(%carrier, n_parcels, "Left {n_parcels} parcels of {carrier} unasked");
        self.keys.forget(carrier);
        if let Some(Change::Pause { until, strikes }) = change {
            let pause = Pause { until, strikes };
            self.records.schedule.pause(carrier, &pause).await?;
        }
        Ok(())
    }

    /// Tells the sweep that a carrier is to be left alone, or no longer.
    async fn tell(
        &self,
        carrier: &CarrierId,
        change: Option<Change>,
        strikes: u32,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let schedule = &self.records.schedule;
        match change {
            Some(Change::Pause { until, strikes }) => {
                if strikes > 0 {
                    error!(%carrier, strikes, "{carrier} gives no answer and is left alone until {until}");
                }
                schedule.pause(carrier, &Pause { until, strikes }).await?;
            }
            Some(Change::Resume) => {
                info!(%carrier, "{carrier} answers again");
                schedule.resume(carrier, strikes, now).await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Sends all parcels back unasked.
    async fn wait(&self, message: &Message, pause: Duration) -> anyhow::Result<()> {
        let mut rest = Rest::default();
        for parcel in &message.parcels {
            rest.retry(parcel, Fate::resting(pause), message);
        }
        self.send_back(message, rest).await
    }

    /// Records what is new; gives the number of parcels written, and why one of them
    /// could not be and is to be tried again. None keeps another from being written,
    /// and one that can never be read is counted and left to its next slot.
    async fn record(
        &self,
        carrier: &dyn Carrier,
        access: &Access,
        toll: &dyn Toll,
        message: &Message,
        outcomes: &HashMap<TrackingNumber, Outcome>,
        now: Timestamp,
    ) -> (usize, Option<anyhow::Error>) {
        let kept = profile_of(&message.carrier).map_or(u16::MAX, |profile| profile.retention_days);
        let news: Vec<(&DueParcel, News)> = message
            .parcels
            .iter()
            .filter_map(|parcel| {
                let outcome = outcomes.get(&parcel.tracking_number)?.clone();
                Some((parcel, news(parcel, outcome, kept, now)?))
            })
            .filter(|(_, news)| *news != News::None)
            .collect();
        let arranged = self
            .subscriptions
            .renew(&self.client, carrier, access, toll, &news, now)
            .await;
        let written: Vec<(&DueParcel, anyhow::Result<bool>)> = stream::iter(news)
            .map(|(parcel, news)| {
                let arrangement = Arrangement {
                    is_hinted: message.is_hinted,
                    ..arranged.of(parcel)
                };
                async move {
                    let news_of = |_: &Shipment| news.clone();
                    let written = self.records.write(parcel.into(), news_of, arrangement, now);
                    (parcel, written.await)
                }
            })
            .buffer_unordered(WRITES)
            .collect()
            .await;
        let (mut n_changed, mut unwritten) = (0, None);
        for (parcel, written) in written {
            match written {
                Ok(is_changed) => n_changed += usize::from(is_changed),
                Err(failure) if is_unreadable(&failure) => {
                    let order = &parcel.order;
                    error!(%order, shipment = %parcel.shipment, "Left a parcel of {order} as it is: {failure:#}");
                    let (item, field) = ("shipment", "");
                    metric::emit(Metric::UnreadableField { item, field });
                }
                Err(failure) => {
                    unwritten.get_or_insert(failure);
                }
            }
        }
        (n_changed, unwritten)
    }

    /// Counts each failure, and logs each kind once.
    fn report_failures(&self, carrier: &dyn Carrier, outcomes: &HashMap<TrackingNumber, Outcome>) {
        let id = carrier.id();
        let mut kinds = BTreeMap::new();
        for outcome in outcomes.values() {
            if let Outcome::Failed(failure) = outcome {
                let kind = failure.kind.as_str();
                if !matches!(failure.kind, ErrorKind::OutOfQuota { .. }) {
                    metric::emit(Metric::CarrierFailed { carrier: &id, kind });
                }
                kinds.entry(kind).or_insert((failure, 0)).1 += 1;
            }
        }
        for (kind, (failure, count)) in kinds {
            let name = carrier.profile().name;
            match failure.kind {
                ErrorKind::Unauthorized | ErrorKind::Denied => {
                    let parameter = self.keys.parameter(&id);
                    error!(
                        carrier = %id, error.kind = kind, error = %failure,
                        "{name} refuses us: see to the parameter {parameter}"
                    );
                    self.keys.forget(&id);
                }
                ErrorKind::OutOfQuota { .. } => {
                    metric::emit(Metric::ParcelsHeldBack {
                        carrier: &id,
                        count,
                    });
                }
                ErrorKind::RateLimited { .. }
                | ErrorKind::Rejected
                | ErrorKind::Unavailable
                | ErrorKind::Unreadable => warn!(
                    carrier = %id, error.kind = kind, error = %failure, n_parcels = count,
                    "{name} has not answered about {count} parcels: {failure}"
                ),
            }
        }
    }

    /// Sends back to the queue what may have an answer soon. What stays away is
    /// asked after again when its slot comes: so does what a carrier has refused
    /// us, for no try would help before somebody has corrected the credentials.
    async fn give_back(
        &self,
        message: &Message,
        outcomes: &HashMap<TrackingNumber, Outcome>,
        pause: Option<Duration>,
    ) -> anyhow::Result<()> {
        let mut rest = Rest::default();
        let at_least = pause.unwrap_or_default();
        for parcel in &message.parcels {
            let Some(outcome) = outcomes.get(&parcel.tracking_number) else {
                continue;
            };
            match outcome {
                Outcome::Found(_) | Outcome::NotFound | Outcome::Invalid => {}
                Outcome::NotYet { after, ticket } => {
                    rest.add(parcel.clone(), *after, ticket.clone());
                }
                Outcome::Failed(failure) => {
                    let fate = Fate::after(failure.kind, message.returns, at_least);
                    rest.retry(parcel, fate, message);
                }
            }
        }
        self.send_back(message, rest).await
    }

    async fn send_back(&self, message: &Message, rest: Rest) -> anyhow::Result<()> {
        let (n_returned, mut n_left) = rest.len();
        match rest.into_message(message) {
            Some((rest, delay)) => {
                let queue = self.queue.delayed(delay);
                let refused = queue.send_batch(std::slice::from_ref(&rest)).await?;
                // One of them is the reason; it takes no other with it.
                if !refused.is_empty() && rest.parcels.len() > 1 {
                    n_left += queue.send_batch(&rest.one_by_one()).await?.len();
                }
            }
            None => n_left += n_returned,
        }
        if n_left > 0 {
            warn!(
                carrier = %message.carrier, n_parcels = n_left,
                "{n_left} parcels wait for their next slot"
            );
        }
        Ok(())
    }
}

/// Whether what is stored cannot be read, so that no try will help.
fn is_unreadable(failure: &anyhow::Error) -> bool {
    let error: Option<&posthorn_platform::Error> = failure.downcast_ref();
    error.is_some_and(|error| error.kind == posthorn_platform::ErrorKind::Unreadable)
}
