//! Records what became of mails and texts, as SES and SNS report it, and suppresses
//! addresses that bounce, complain or opt out.
//!
//! Trigger  `FeedbackQueue`: events of SES's configuration set, through SNS; log lines
//!          of SNS about texts, by subscriptions of CloudWatch Logs
//! Reads    the notification that an event's tags name, or the text with SNS's id
//! Writes   the notification, where an event says more than is known; the suppression
//!          of an address that bounced for good, complained or opted out; a report
//!          whose text is not found, once, back to `FeedbackQueue`
//! On error the message goes back to the queue and, after 10 tries, to `FeedbackDlq`,
//!          where log lines end after 3
//! Repeats  are harmless, in any order: an event that says less than is known
//!          changes nothing and writes nothing

mod ses;
mod sns;
mod texts;

use anyhow::Context as _;
use aws_lambda_events::{
    cloudwatch_logs::LogsEvent,
    sqs::{SqsBatchResponse, SqsEvent},
};
use lambda_runtime::LambdaEvent;
use posthorn_channels::email;
use posthorn_domain::{
    contact::EmailAddress,
    id::{OrderKey, ShopId},
    notification::{Notification, NotificationId, NotificationState, ProviderEvent},
    notification_type::Channel,
};
use posthorn_platform::{
    Aws, Config, batch,
    config::ConfigError,
    metric::{self, Metric},
    queue::Queue,
    store::{
        contacts::{ContactStore, SuppressedAddress},
        notifications::{LogWrite, NotificationStore},
    },
};
use serde::{Deserialize, de::Error as _};
use serde_json::Value;
use tracing::{info, warn};

use crate::{
    ses::{SesEvent, SesNotification},
    texts::TextLookup,
};

/// How often a notification is read again because another writer was first.
const MOST_CONFLICTS: usize = 5;

/// The function.
#[derive(Debug)]
pub struct Feedback {
    notifications: NotificationStore,
    contacts: ContactStore,
    queue: Queue,
}

/// What the function is called with.
#[derive(Debug)]
pub enum Payload {
    /// A batch of the queue.
    Queue(SqsEvent),
    /// A batch of log lines.
    Logs(LogsEvent),
}

impl<'de> Deserialize<'de> for Payload {
    /// By the name that only one of them has: an error then says what of it is wrong.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.get("awslogs").is_some() {
            log_lines(&value).map(Self::Logs)
        } else {
            serde_json::from_value(value).map(Self::Queue)
        }
        .map_err(D::Error::custom)
    }
}

/// A message of the queue.
#[derive(Deserialize)]
#[serde(untagged)]
enum QueueMessage {
    /// SNS's envelope around an event of SES.
    Mail {
        #[serde(rename = "Message")]
        message: String,
    },
    /// A report whose text was not found the first time.
    Text(TextLookup),
    /// Log lines that could not be recorded, as Lambda puts them among the dead
    /// letters: a redrive brings them here.
    Undone {
        #[serde(rename = "requestPayload")]
        payload: Value,
    },
}

/// Log lines as Lambda hands them over. The library reads them from a text only.
fn log_lines(event: &Value) -> serde_json::Result<LogsEvent> {
    serde_json::from_str(&event.to_string())
}

impl Feedback {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::for_function("Feedback"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            notifications: NotificationStore::new(aws, config)?,
            contacts: ContactStore::new(aws, config)?,
            queue: Queue::new(aws, config.require_setting("POSTHORN_FEEDBACK_QUEUE")?),
        })
    }

    /// Records a batch of the queue or of log lines.
    pub async fn handle(
        &self,
        event: LambdaEvent<Payload>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        match event.payload {
            Payload::Queue(event) => Ok(Box::pin(self.record_all(event)).await),
            Payload::Logs(event) => {
                Box::pin(self.record_lines(&event)).await?;
                Ok(SqsBatchResponse::default())
            }
        }
    }

    /// Records a batch of the queue, all messages at once, and says which must
    /// come again.
    pub async fn record_all(&self, event: SqsEvent) -> SqsBatchResponse {
        let n_events = event.records.len();
        let response = batch::process_queue(event, |message: QueueMessage| async move {
            match message {
                QueueMessage::Mail { message } => {
                    self.record_event(ses::parse_notification(&message)?).await
                }
                QueueMessage::Text(TextLookup { text }) => self.record_text(text, true).await,
                QueueMessage::Undone { payload } => self.record_lines(&log_lines(&payload)?).await,
            }
        })
        .await;
        let n_failed = response.batch_item_failures.len();
        info!(
            n_events,
            n_failed, "Recorded {n_events} events of SES, {n_failed} failed"
        );
        response
    }

    /// Records a batch of log lines, each for itself; an error if anything of it must
    /// be tried again.
    pub async fn record_lines(&self, event: &LogsEvent) -> anyhow::Result<()> {
        let (reports, n_unreadable) = sns::parse_log_lines(event);
        if n_unreadable > 0 {
            warn!(n_unreadable, "Cannot read {n_unreadable} lines of SNS");
            metric::emit_metric(Metric::TextEvent {
                kind: "unreadable",
                whose: "foreign",
            });
        }
        let n_reports = reports.len();
        let mut failure = None;
        for report in reports {
            if let Err(error) = self.record_text(report, false).await {
                warn!(
                    error = format!("{error:#}"),
                    "Could not record a report of SNS"
                );
                failure = Some(error);
            }
        }
        info!(n_reports, "Recorded {n_reports} reports of SNS");
        failure.map_or(Ok(()), Err).context("record reports of SNS")
    }

    async fn record_event(&self, event: SesNotification) -> anyhow::Result<()> {
        let kind = event.news.as_str();
        let Some((order, notification)) = event.notification_key() else {
            metric::emit_metric(Metric::MailEvent {
                kind,
                whose: "foreign",
            });
            return Ok(());
        };
        metric::emit_metric(Metric::MailEvent {
            kind,
            whose: "ours",
        });
        let (told, at) = match event.news {
            SesEvent::Noted { .. } => return Ok(()),
            SesEvent::Sent { at } => {
                let provider_id = event.message_id;
                (ProviderEvent::Sent { provider_id }, at)
            }
            SesEvent::Delivered { at } => (ProviderEvent::Delivered, at),
            SesEvent::Bounced {
                is_permanent, at, ..
            } => (ProviderEvent::Bounced { is_permanent }, at),
            SesEvent::Complained { at, .. } => (ProviderEvent::Complained, at),
            SesEvent::Answered { at } => {
                let provider_id = event.message_id;
                (ProviderEvent::Answered { provider_id }, at)
            }
            SesEvent::Refused { ref reason, at } => {
                warn!(notification.id = %notification, reason, "SES took notification {notification} and then refused it");
                (
                    ProviderEvent::Bounced {
                        is_permanent: false,
                    },
                    at,
                )
            }
        };
        let present = self
            .notifications
            .get_notification(&order, &notification)
            .await?;
        if let Some(recipient) = event.news.burnt_address()
            && !present.as_ref().is_some_and(is_burnt)
        {
            let entry = SuppressedAddress {
                reason: told_reason(&told).to_owned(),
                at,
                source: format!("ses: notification {notification}"),
            };
            self.suppress_recipient(&order.shop, recipient, &entry)
                .await?;
        }
        let Some(present) = present else {
            info!(notification.id = %notification, "There is no notification {notification} any more");
            return Ok(());
        };
        self.settle_notification(present, &told, at).await
    }

    /// Lays `told` upon what is known; writes only if it says more.
    async fn settle_notification(
        &self,
        mut present: Notification,
        told: &ProviderEvent,
        at: jiff::Timestamp,
    ) -> anyhow::Result<()> {
        for _ in 0..MOST_CONFLICTS {
            let Some(next) = present.settled_by_event(told, at) else {
                return Ok(());
            };
            match self
                .notifications
                .put_notification(&next, Some(&present))
                .await?
            {
                LogWrite::Written => return Ok(()),
                LogWrite::Conflict(there) => present = *there,
            }
        }
        anyhow::bail!("notification {} is written too often by others", present.id)
    }

    async fn suppress_recipient(
        &self,
        shop: &ShopId,
        recipient: &str,
        entry: &SuppressedAddress,
    ) -> anyhow::Result<()> {
        let Ok(address) = EmailAddress::parse(recipient) else {
            warn!(%shop, source = entry.source, "SES names an address that is none");
            return Ok(());
        };
        self.contacts
            .suppress_address(shop, Channel::Email, address.as_str(), entry)
            .await?;
        info!(%shop, reason = entry.reason, source = entry.source, "Suppressed an address of {shop}");
        Ok(())
    }
}

/// Whether the address was suppressed when the notification came to this state.
const fn is_burnt(notification: &Notification) -> bool {
    matches!(
        notification.state,
        NotificationState::Complained { .. }
            | NotificationState::Bounced {
                is_permanent: true,
                ..
            }
    )
}

const fn told_reason(told: &ProviderEvent) -> &'static str {
    match told {
        ProviderEvent::Complained => "complaint",
        ProviderEvent::Bounced { .. }
        | ProviderEvent::Sent { .. }
        | ProviderEvent::Delivered
        | ProviderEvent::Answered { .. }
        | ProviderEvent::Undelivered { .. } => "bounce",
    }
}

impl SesNotification {
    /// The notification that it is about; none if it is not ours.
    fn notification_key(&self) -> Option<(OrderKey, NotificationId)> {
        let tags = self.tags.as_ref()?;
        let order = email::order_of_tag(&tags.order)?;
        Some((order, NotificationId(tags.notification.clone())))
    }
}

impl SesEvent {
    /// The address that is not to be written to any more, if any.
    fn burnt_address(&self) -> Option<&str> {
        match self {
            Self::Bounced {
                is_permanent: true,
                recipient,
                ..
            }
            | Self::Complained { recipient, .. } => recipient.as_deref(),
            Self::Bounced {
                is_permanent: false,
                ..
            }
            | Self::Sent { .. }
            | Self::Delivered { .. }
            | Self::Answered { .. }
            | Self::Refused { .. }
            | Self::Noted { .. } => None,
        }
    }
}
