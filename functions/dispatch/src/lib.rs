//! Decides which messages a fact is worth, and sends each of them once.
//!
//! Trigger  `DispatchQueue`: facts from the bus, and notifications that are due, from `sweep`
//! Reads    the order with its shipments, its contact and its ledger, the shop's
//!          settings, suppressed addresses; what SES lets the account send
//! Writes   the ledger: each decision with its reason, each step of a send; the pace
//!          of each provider and the shop's texts of the day; a number that
//!          has opted out; what has to wait for its provider, back to `DispatchQueue`;
//!          once per installation what links in mails are signed with
//! Sends    mail through SES and texts through SNS, with the SDK's retries off and
//!          no faster than they take it (docs/adr/0027-a-pace-for-sending.md)
//! On error of one notification the others go on; a message of which anything must be
//!          tried again goes back to the queue and, after 10 tries, to `DispatchDlq`
//! Repeats  are harmless: a notification is named by what caused it and claimed before
//!          it is sent (docs/adr/0003-exactly-once.md)

mod context_loader;
mod invocation_clock;
mod links;
mod message_limiter;
mod order_locks;
mod outcome;
mod providers;
mod second_look;
mod send_attempt;
mod sending;
mod stale_claims;
mod task;
mod text_limits;

use std::time::Duration;

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::join_all;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use posthorn_domain::{
    fact::Fact,
    id::OrderKey,
    notification::{
        Notification, NotificationDraft, NotificationId, NotificationState, SuppressionReason,
    },
    policy::{self, ProposedNotification},
};
use posthorn_platform::{
    Aws, Config, batch, clock,
    config::ConfigError,
    metric::{self, Metric},
    queue::Queue,
    store::{
        contacts::ContactStore,
        notifications::{LogWrite, NotificationStore},
        orders::OrderStore,
        settings::SettingsStore,
    },
};
use tokio::time::timeout;
use tracing::info;

use crate::{
    context_loader::{ContextLoader, DispatchContext},
    invocation_clock::InvocationClock,
    links::Links,
    message_limiter::Pacer,
    order_locks::OrderLocks,
    outcome::SendOutcome,
    providers::Providers,
    send_attempt::{Arrival, LogEntry, SendAttempt},
    task::{DispatchTask, QueuePlaces, TaskSubject},
};

/// What is kept of an invocation's time to answer in.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// The shortest wait for a provider: SQS hides a message for whole seconds.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// The function.
#[derive(Debug)]
pub struct Dispatch {
    files: ContextLoader,
    pacer: Pacer,
    post: Providers,
    queue: Queue,
    links: Links,
}

/// How the messages of a task came in.
#[derive(Debug, Clone, Copy)]
struct Arrivals<'a> {
    watch: InvocationClock,
    places: &'a QueuePlaces,
    n_in_batch: usize,
}

impl Dispatch {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Dispatch"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            files: ContextLoader {
                orders: OrderStore::new(aws, config)?,
                contacts: ContactStore::new(aws, config)?,
                notifications: NotificationStore::new(aws, config)?,
                settings: SettingsStore::new(aws, config)?,
            },
            pacer: Pacer::new(aws, config)?,
            queue: Queue::new(aws, config.require_setting("POSTHORN_DISPATCH_QUEUE")?),
            post: Providers::new(aws, config.find_setting("POSTHORN_CONFIGURATION_SET")),
            links: Links::new(aws, config)?,
        })
    }

    /// Works off a batch of the queue, all orders at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        let deadline = i64::try_from(event.context.deadline).ok();
        let deadline = deadline.and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(self.work_off(event.payload, clock::now(), deadline).await)
    }

    /// Works off a batch that came in at `now`, and says which messages must
    /// come again. What cannot be finished by `deadline` is not begun.
    pub async fn work_off(
        &self,
        event: SqsEvent,
        now: Timestamp,
        deadline: Option<Timestamp>,
    ) -> SqsBatchResponse {
        let turns = &OrderLocks::default();
        let n_in_batch = event.records.len();
        batch::process_queue(event, |task: DispatchTask| async move {
            let watch = InvocationClock::start_at(now, deadline);
            let work = self.do_task(task, turns, watch, n_in_batch);
            let Some(left) = watch.time_left() else {
                return work.await;
            };
            // One that hangs must not take the others with it that are done.
            let left = Duration::try_from(left).unwrap_or_default();
            let result = timeout(left.saturating_sub(TO_ANSWER), work).await;
            result.context("it would not have been done in time")?
        })
        .await
    }

    async fn do_task(
        &self,
        task: DispatchTask,
        turns: &OrderLocks,
        watch: InvocationClock,
        n_in_batch: usize,
    ) -> anyhow::Result<()> {
        let _turn = turns.lock_order(task.order_key()).await?;
        let arrivals = Arrivals {
            watch,
            places: &task.places,
            n_in_batch,
        };
        let places = match &task.about {
            TaskSubject::Fact(fact) => Box::pin(self.notify(fact, arrivals)).await?,
            TaskSubject::Notification {
                order,
                notification,
            } => Box::pin(self.review_notification(order, notification, arrivals)).await?,
        };
        let Some(first) = places.values().min() else {
            return Ok(());
        };
        let wait = first.duration_since(watch.current_time());
        let wait = Duration::try_from(wait).unwrap_or_default().max(LEAST_WAIT);
        let about = task.about;
        let again = DispatchTask { about, places };
        Ok(self.queue.with_delay(wait).send(&again).await?)
    }

    /// Tells the customer about `fact`, on each channel for itself. Gives the places
    /// in line of what has to wait for its provider.
    async fn notify(&self, fact: &Fact, arrivals: Arrivals<'_>) -> anyhow::Result<QueuePlaces> {
        let (id, order, watch) = (&fact.id, &fact.order, arrivals.watch);
        let event = fact.event.detail_type();
        let Some(case) = Box::pin(self.files.load_context(order, watch.current_time())).await?
        else {
            info!(fact.id = id, %order, event, "Fact {id}: there is no such order");
            return Ok(QueuePlaces::new());
        };
        if let Some(shipment) = fact.event.shipment_index() {
            case.order.require_shipment(shipment)?;
        }
        let proposals =
            policy::propose_notifications(fact, &case.to_order_context(), watch.current_time());
        let case = &case;
        self.settle_left_behind(case, fact, &proposals, watch.current_time())
            .await?;
        let results = join_all(proposals.iter().map(|proposal| async move {
            let entry = LogEntry::from_read(case.find_notification(&proposal.id).cloned());
            let draft = proposal.to_draft(order, id);
            let outcome = self
                .attempt_send(case, proposal, draft, entry, arrivals)
                .await?;
            if outcome == SendOutcome::Sent {
                let lag = watch.current_time().duration_since(fact.at).as_secs_f64();
                metric::emit_metric(Metric::StatusToNotificationSeconds {
                    channel: proposal.channel,
                    seconds: lag.max(0.0),
                });
            }
            anyhow::Ok((proposal, outcome))
        }))
        .await;
        let mut failure = None;
        let (mut told, mut places) = (Vec::new(), QueuePlaces::new());
        for result in results {
            match result {
                Ok((proposal, outcome)) => {
                    let (channel, moment) = (proposal.channel, proposal.trigger.notification_type);
                    told.push(format!("{channel} {moment}: {outcome}"));
                    if let SendOutcome::Waits(until) = outcome {
                        let first = places.entry(channel).or_insert(until);
                        *first = until.min(*first);
                    }
                }
                // The first one says why the message comes again; the others
                // are tried again with it.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let told = told.join(", ");
        info!(fact.id = id, %order, event, notifications = told, "Fact {id}: {told}");
        failure.map_or(Ok(places), Err)
    }

    /// Judges a notification again that is due: a later state may have overtaken it,
    /// it may be too late, the customer may not want it any more.
    async fn review_notification(
        &self,
        order: &OrderKey,
        id: &NotificationId,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<QueuePlaces> {
        let case = Box::pin(
            self.files
                .load_context(order, arrivals.watch.current_time()),
        )
        .await?;
        let notification = case
            .as_ref()
            .and_then(|case| Some((case, case.find_notification(id)?)));
        let outcome = match notification {
            Some((case, notification)) => self.review_in(case, notification, arrivals).await?,
            None => SendOutcome::Nothing,
        };
        info!(notification.id = %id, %order, outcome = %outcome, "Notification {id}: {outcome}");
        let waits = match (notification, outcome) {
            (Some((_, notification)), SendOutcome::Waits(until)) => {
                Some((notification.channel, until))
            }
            _ => None,
        };
        Ok(waits.into_iter().collect())
    }

    async fn review_in(
        &self,
        case: &DispatchContext,
        notification: &Notification,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<SendOutcome> {
        let now = arrivals.watch.current_time();
        if let Some(shipment) = notification.trigger.shipment {
            case.order.require_shipment(shipment)?;
        }
        let present = match &notification.state {
            NotificationState::Unknown { .. } => match notification.sent_again(now) {
                None => return Ok(SendOutcome::Nothing),
                Some(again) => again,
            },
            // Claimed for this very message, by a worker that may have died.
            NotificationState::Claimed { .. } => {
                return self.resolve_stale_claim(notification, now).await;
            }
            NotificationState::Deferred { .. } => notification.clone(),
            NotificationState::Sent { .. }
            | NotificationState::Suppressed { .. }
            | NotificationState::Failed { .. }
            | NotificationState::Delivered { .. }
            | NotificationState::Bounced { .. }
            | NotificationState::Complained { .. } => return Ok(SendOutcome::Nothing),
        };
        let Some(proposal) = policy::revisit_notification(&present, &case.to_order_context())
        else {
            // The address is gone, and there is no consent to another.
            return self
                .suppress_waiting(notification, &present, SuppressionReason::NoConsent, now)
                .await;
        };
        if proposal.id == notification.id {
            let entry = LogEntry::from_reread(notification.clone(), present);
            let draft = proposal.to_draft(&notification.order, &notification.fact);
            return self
                .attempt_send(case, &proposal, draft, entry, arrivals)
                .await;
        }
        // The address was corrected: to the new one it is another notification. First
        // that, for until this one is closed it leads there again.
        let entry = LogEntry::from_read(case.find_notification(&proposal.id).cloned());
        let draft = proposal.to_draft(&notification.order, &notification.fact);
        let outcome = self
            .attempt_send(case, &proposal, draft, entry, arrivals)
            .await?;
        if !matches!(outcome, SendOutcome::Waits(_)) {
            let reason = SuppressionReason::AddressChanged;
            self.suppress_waiting(notification, &present, reason, now)
                .await?;
        }
        Ok(outcome)
    }

    /// Ends a notification that waits: `present` is what it has come to by its age.
    async fn suppress_waiting(
        &self,
        notification: &Notification,
        present: &Notification,
        reason: SuppressionReason,
        now: Timestamp,
    ) -> anyhow::Result<SendOutcome> {
        match present.suppress("", reason, now) {
            Some(suppressed) => self.close_notification(notification, suppressed).await,
            None => Ok(SendOutcome::Nothing),
        }
    }

    async fn attempt_send(
        &self,
        case: &DispatchContext,
        proposal: &ProposedNotification,
        draft: NotificationDraft,
        entry: LogEntry,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<SendOutcome> {
        let pursuit = SendAttempt {
            dispatch: self,
            case,
            proposal,
            draft,
            token: random_token()?,
            arrival: Arrival {
                watch: arrivals.watch,
                place: arrivals.places.get(&proposal.channel).copied(),
                n_in_batch: arrivals.n_in_batch,
            },
        };
        let outcome = pursuit.run_attempt(entry).await?;
        outcome.count_outcome(proposal.channel, proposal.trigger.notification_type);
        Ok(outcome)
    }

    /// Writes the end of a notification without any send; if another worker was faster,
    /// its end stands.
    async fn close_notification(
        &self,
        before: &Notification,
        end: Notification,
    ) -> anyhow::Result<SendOutcome> {
        let outcome = match &end.state {
            NotificationState::Suppressed { reason, .. } => SendOutcome::Suppressed(*reason),
            NotificationState::Unknown { .. } => SendOutcome::Unknown,
            _ => SendOutcome::Nothing,
        };
        match self
            .files
            .notifications
            .put_notification(&end, Some(before))
            .await?
        {
            LogWrite::Written => {
                outcome.count_outcome(end.channel, end.trigger.notification_type);
                Ok(outcome)
            }
            LogWrite::Conflict(_) => Ok(SendOutcome::Nothing),
        }
    }
}

/// 128 random bits, by which a worker knows its own claim again.
fn random_token() -> anyhow::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)?;
    Ok(hex::encode(bits))
}
