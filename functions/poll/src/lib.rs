//! Asks carriers about shipments and records what is new.
//!
//! Trigger  `PollQueue`: some 25 shipments of one carrier, from `sweep` and, when
//!          they are new, from `ingest`
//! Reads    the carrier's credentials; what is left of its quotas, if it has any;
//!          of the shipment nothing, unless something is new
//! Writes   the shipment, once, if something is new; the cohort it joins; what it
//!          takes out of quotas; that a carrier is to be left alone; shipments that
//!          must wait back to `PollQueue`, with a delay
//! Sends    subscriptions to carriers that can tell us by themselves
//! On error the message comes again and, after 10 tries, lies in `PollDlq`; what
//!          a carrier says that cannot be read leaves the shipment as it was, and
//!          one that refuses us is asked again when the shipment's slot comes
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
    Carrier, CarrierAccess, CarrierClient, CarrierError, CarrierErrorKind, TrackingResult,
    client::Timeouts,
    find_carrier,
    profile::PollMode,
    profile_of,
    quota::{BreakerChange, Disposition, RateLimiter},
};
use posthorn_domain::{id::CarrierId, shipment::Shipment, tracking_number::TrackingNumber};
use posthorn_platform::{
    Aws, Config, batch, clock,
    metric::{self, Metric},
    queue::Queue,
    shipment_recorder::{PollResult, PushSubscription, ShipmentRecorder},
    store::{
        carrier_limits::LimitStore,
        orders::OrderStore,
        poll_targets::PollTarget,
        schedule::{Backoff, ScheduleStore},
    },
};
use tracing::{error, info, warn};

use crate::{
    access::CarrierCredentials,
    in_time::DeadlineLimiter,
    limits::CarrierLimiters,
    message::{PollMessage, RequeuedShipments},
    news::poll_result,
    subscriptions::Subscriptions,
};

/// Shipments of a message that are written at a time.
const WRITES: usize = 5;

/// The function.
#[derive(Debug)]
pub struct Poll {
    client: CarrierClient,
    keys: CarrierCredentials,
    limits: CarrierLimiters,
    subscriptions: Subscriptions,
    records: ShipmentRecorder,
    queue: Queue,
}

impl Poll {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> anyhow::Result<Self> {
        Self::new(aws, &Config::for_function("Poll"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> anyhow::Result<Self> {
        Ok(Self {
            client: CarrierClient::new(Timeouts::default())?,
            keys: CarrierCredentials::new(aws, config)?,
            limits: CarrierLimiters::new(LimitStore::new(aws, config)?),
            subscriptions: Subscriptions::new(config)?,
            records: ShipmentRecorder {
                orders: OrderStore::new(aws, config)?,
                schedule: ScheduleStore::new(aws, config)?,
            },
            queue: Queue::new(aws, config.require_setting("POSTHORN_POLL_QUEUE")?),
        })
    }

    /// Works off a batch of the queue, all messages at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        let now = clock::now();
        let until = in_time::deadline_at(event.context.deadline);
        Ok(batch::process_queue(event.payload, |message| {
            self.poll_carrier(message, until, now)
        })
        .await)
    }

    async fn poll_carrier(
        &self,
        message: PollMessage,
        until: Option<Timestamp>,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let id = &message.carrier;
        let Some(carrier) = find_carrier(id) else {
            bail!("no carrier is called {id}");
        };
        if carrier.carrier_profile().mode == PollMode::Never {
            return Ok(());
        }
        let keeper = self.limits.carrier_limiter(carrier);
        // A probe is sent when the pause is over; our clock may be behind.
        if message.consecutive_failures == 0
            && let Some(pause) = keeper.current_backoff(now)
        {
            return self.requeue_all(&message, pause).await;
        }
        let wanted = message.tracking_queries();
        let access = match self.keys.load_access(carrier, now).await? {
            Ok(access) => access,
            Err(reason) => {
                let change = keeper.note_outcomes(
                    [&reason.clone().into()],
                    message.consecutive_failures,
                    now,
                );
                return self.leave_unasked(&message, &reason, change).await;
            }
        };
        let toll = keeper.message_limiter(wanted.len());
        let toll = DeadlineLimiter { toll, until };
        let outcomes: HashMap<TrackingNumber, TrackingResult> = self
            .client
            .track_within(carrier, &wanted, &access, &toll, now)
            .await
            .into_iter()
            .collect();
        let change = keeper.note_outcomes(outcomes.values(), message.consecutive_failures, now);
        let (n_changed, unwritten) = self
            .record_outcomes(carrier, &access, &toll, &message, &outcomes, now)
            .await;
        info!(
            carrier = %id,
            n_shipments = message.shipments.len(),
            n_changed,
            "Asked {} about {} shipments, {n_changed} have changed",
            carrier.carrier_profile().name,
            message.shipments.len(),
        );
        self.report_failures(carrier, &outcomes);
        self.report_breaker(id, change, message.consecutive_failures, now)
            .await?;
        if let Some(failure) = unwritten {
            // All of it comes again: what is written is known then.
            return Err(failure);
        }
        self.give_back(&message, &outcomes, keeper.current_backoff(now))
            .await
    }

    /// Leaves shipments to their next slot, as there is no key with which to ask.
    /// That is said once: no other message knows more of it.
    async fn leave_unasked(
        &self,
        message: &PollMessage,
        reason: &CarrierError,
        change: Option<BreakerChange>,
    ) -> anyhow::Result<()> {
        let (carrier, kind) = (&message.carrier, reason.kind.as_str());
        let n_shipments = message.shipments.len();
        for _ in 0..n_shipments {
            metric::emit_metric(Metric::CarrierFailed { carrier, kind });
        }
        if self.keys.is_newly_missed(carrier) {
            error!(%carrier, error.kind = kind, "{reason}");
        }
        info!(%carrier, n_shipments, "Left {n_shipments} shipments of {carrier} unasked");
        self.keys.forget_credentials(carrier);
        if let Some(BreakerChange::BackOff {
            until,
            consecutive_failures,
        }) = change
        {
            let pause = Backoff {
                until,
                consecutive_failures,
            };
            self.records.schedule.back_off(carrier, &pause).await?;
        }
        Ok(())
    }

    /// Tells the sweep that a carrier is to be left alone, or no longer.
    async fn report_breaker(
        &self,
        carrier: &CarrierId,
        change: Option<BreakerChange>,
        consecutive_failures: u32,
        now: Timestamp,
    ) -> anyhow::Result<()> {
        let schedule = &self.records.schedule;
        match change {
            Some(BreakerChange::BackOff {
                until,
                consecutive_failures,
            }) => {
                if consecutive_failures > 0 {
                    error!(%carrier, consecutive_failures, "{carrier} gives no answer and is left alone until {until}");
                }
                schedule
                    .back_off(
                        carrier,
                        &Backoff {
                            until,
                            consecutive_failures,
                        },
                    )
                    .await?;
            }
            Some(BreakerChange::Resume) => {
                info!(%carrier, "{carrier} answers again");
                schedule
                    .resume_carrier(carrier, consecutive_failures, now)
                    .await?;
            }
            None => {}
        }
        Ok(())
    }

    /// Sends all shipments back unasked.
    async fn requeue_all(&self, message: &PollMessage, pause: Duration) -> anyhow::Result<()> {
        let mut rest = RequeuedShipments::default();
        for shipment in &message.shipments {
            rest.requeue_failed(shipment, Disposition::rest_for(pause), message);
        }
        self.send_back(message, rest).await
    }

    /// Records what is new; gives the number of shipments written, and why one of them
    /// could not be and is to be tried again. None keeps another from being written,
    /// and one that can never be read is counted and left to its next slot.
    async fn record_outcomes(
        &self,
        carrier: &dyn Carrier,
        access: &CarrierAccess,
        toll: &dyn RateLimiter,
        message: &PollMessage,
        outcomes: &HashMap<TrackingNumber, TrackingResult>,
        now: Timestamp,
    ) -> (usize, Option<anyhow::Error>) {
        let kept = profile_of(&message.carrier).map_or(u16::MAX, |profile| profile.retention_days);
        let news: Vec<(&PollTarget, PollResult)> = message
            .shipments
            .iter()
            .filter_map(|target| {
                let outcome = outcomes.get(&target.tracking_number)?.clone();
                Some((target, poll_result(target, outcome, kept, now)?))
            })
            .filter(|(_, news)| *news != PollResult::None)
            .collect();
        let arranged = self
            .subscriptions
            .renew_subscriptions(&self.client, carrier, access, toll, &news, now)
            .await;
        let written: Vec<(&PollTarget, anyhow::Result<bool>)> = stream::iter(news)
            .map(|(target, news)| {
                let arrangement = PushSubscription {
                    is_hinted: message.is_hinted,
                    ..arranged.subscription_of(target)
                };
                async move {
                    let news_of = |_: &Shipment| news.clone();
                    let written =
                        self.records
                            .record_result(target.into(), news_of, arrangement, now);
                    (target, written.await)
                }
            })
            .buffer_unordered(WRITES)
            .collect()
            .await;
        let (mut n_changed, mut unwritten) = (0, None);
        for (target, written) in written {
            match written {
                Ok(is_changed) => n_changed += usize::from(is_changed),
                Err(failure) if is_unreadable(&failure) => {
                    let order = &target.order;
                    error!(%order, shipment = %target.shipment, "Left a target of {order} as it is: {failure:#}");
                    let (item, field) = ("shipment", "");
                    metric::emit_metric(Metric::UnreadableField { item, field });
                }
                Err(failure) => {
                    unwritten.get_or_insert(failure);
                }
            }
        }
        (n_changed, unwritten)
    }

    /// Counts each failure, and logs each kind once.
    fn report_failures(
        &self,
        carrier: &dyn Carrier,
        outcomes: &HashMap<TrackingNumber, TrackingResult>,
    ) {
        let id = carrier.id();
        let mut kinds = BTreeMap::new();
        for outcome in outcomes.values() {
            if let TrackingResult::Failed(failure) = outcome {
                let kind = failure.kind.as_str();
                if !matches!(failure.kind, CarrierErrorKind::OutOfQuota { .. }) {
                    metric::emit_metric(Metric::CarrierFailed { carrier: &id, kind });
                }
                kinds.entry(kind).or_insert((failure, 0)).1 += 1;
            }
        }
        for (kind, (failure, count)) in kinds {
            let name = carrier.carrier_profile().name;
            match failure.kind {
                CarrierErrorKind::Unauthorized | CarrierErrorKind::Denied => {
                    let parameter = self.keys.parameter_name(&id);
                    error!(
                        carrier = %id, error.kind = kind, error = %failure,
                        "{name} refuses us: see to the parameter {parameter}"
                    );
                    self.keys.forget_credentials(&id);
                }
                CarrierErrorKind::OutOfQuota { .. } => {
                    metric::emit_metric(Metric::ShipmentsHeldBack {
                        carrier: &id,
                        count,
                    });
                }
                CarrierErrorKind::RateLimited { .. }
                | CarrierErrorKind::Rejected
                | CarrierErrorKind::Unavailable
                | CarrierErrorKind::Unreadable => warn!(
                    carrier = %id, error.kind = kind, error = %failure, n_shipments = count,
                    "{name} has not answered about {count} shipments: {failure}"
                ),
            }
        }
    }

    /// Sends back to the queue what may have an answer soon. What stays away is
    /// asked after again when its slot comes: so does what a carrier has refused
    /// us, for no try would help before the credentials have been corrected.
    async fn give_back(
        &self,
        message: &PollMessage,
        outcomes: &HashMap<TrackingNumber, TrackingResult>,
        pause: Option<Duration>,
    ) -> anyhow::Result<()> {
        let mut rest = RequeuedShipments::default();
        let at_least = pause.unwrap_or_default();
        for shipment in &message.shipments {
            let Some(outcome) = outcomes.get(&shipment.tracking_number) else {
                continue;
            };
            match outcome {
                TrackingResult::Found(_) | TrackingResult::NotFound | TrackingResult::Invalid => {}
                TrackingResult::NotYet { after, ticket } => {
                    rest.requeue(shipment.clone(), *after, ticket.clone());
                }
                TrackingResult::Failed(failure) => {
                    let fate = Disposition::after_failure(failure.kind, message.returns, at_least);
                    rest.requeue_failed(shipment, fate, message);
                }
            }
        }
        self.send_back(message, rest).await
    }

    async fn send_back(
        &self,
        message: &PollMessage,
        rest: RequeuedShipments,
    ) -> anyhow::Result<()> {
        let (n_returned, mut n_left) = rest.len();
        match rest.into_message(message) {
            Some((rest, delay)) => {
                let queue = self.queue.with_delay(delay);
                let refused = queue.send_batch(std::slice::from_ref(&rest)).await?;
                // One of them is the reason; it takes no other with it.
                if !refused.is_empty() && rest.shipments.len() > 1 {
                    n_left += queue.send_batch(&rest.one_by_one()).await?.len();
                }
            }
            None => n_left += n_returned,
        }
        if n_left > 0 {
            warn!(
                carrier = %message.carrier, n_shipments = n_left,
                "{n_left} shipments wait for their next slot"
            );
        }
        Ok(())
    }
}

/// Whether what is stored cannot be read, so that no try will help.
fn is_unreadable(failure: &anyhow::Error) -> bool {
    let error: Option<&posthorn_platform::ServiceError> = failure.downcast_ref();
    error.is_some_and(|error| error.kind == posthorn_platform::ServiceErrorKind::Unreadable)
}
