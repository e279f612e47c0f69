//! Finds the text that a report is about, and records what became of it.

use std::time::Duration;

use jiff::SignedDuration;
use posthorn_domain::{
    contact::PhoneNumber,
    id::OrderKey,
    notification::{Notification, NotificationId, NotificationState, ProviderEvent},
    notification_type::Channel,
};
use posthorn_platform::{
    metric::{self, Metric, NotificationFate},
    store::contacts::{STOP, SuppressedAddress},
};
use serde::{Deserialize, Serialize};
use tracing::{info, warn};

use crate::{Feedback, sns::DeliveryReport};

/// When a report comes again whose text was not found. A worker that ended
/// between SNS's answer and the ledger leaves a claim, and the message that it was
/// made for turns it into a notification of unknown fate within four minutes.
const AGAIN_AFTER: Duration = Duration::from_mins(10);

/// SNS took a text after it was claimed, but the clocks of both may differ, and
/// before its fate became unknown.
const SKEW: SignedDuration = SignedDuration::from_mins(2);

/// A report in the queue, whose text is looked for once more.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TextLookup {
    /// The report.
    pub(crate) text: DeliveryReport,
}

impl Feedback {
    /// Records what became of a text. A report whose text is not found comes again
    /// once; then the text is another system's, which sends from the same account.
    pub(crate) async fn record_text(
        &self,
        report: DeliveryReport,
        is_last: bool,
    ) -> anyhow::Result<()> {
        let kind = match report.is_delivered {
            true => "delivered",
            false if report.is_opt_out() => "stop",
            false => "failed",
        };
        let Some(notification) = self.text_of(&report).await? else {
            if is_last {
                metric::emit_metric(Metric::TextEvent {
                    kind,
                    whose: "foreign",
                });
                return Ok(());
            }
            let queue = self.queue.with_delay(AGAIN_AFTER);
            return Ok(queue.send(&TextLookup { text: report }).await?);
        };
        metric::emit_metric(Metric::TextEvent {
            kind,
            whose: "ours",
        });
        let at = report.taken_at;
        if report.is_opt_out() {
            let entry = SuppressedAddress {
                reason: STOP.to_owned(),
                at,
                source: format!("sns: notification {}", notification.id),
            };
            let shop = &notification.order.shop;
            self.contacts
                .suppress_address(shop, Channel::Sms, &report.number, &entry)
                .await?;
            info!(%shop, source = entry.source, "Suppressed a number of {shop}");
        }
        let told = if report.is_delivered {
            ProviderEvent::Delivered
        } else {
            warn!(notification.id = %notification.id, reason = report.response, "Notification {} did not reach its handset", notification.id);
            metric::emit_metric(Metric::Notification {
                fate: NotificationFate::Failed,
                channel: Channel::Sms,
                notification_type: notification.trigger.notification_type,
                reason: Some("undelivered"),
            });
            ProviderEvent::Undelivered {
                reason: report.response,
            }
        };
        self.settle_notification(notification, &told, at).await
    }

    /// The text that SNS gave this id; or the one of unknown fate to a number that
    /// looks like this masked, if there is only one that SNS may have taken then: no
    /// table but that of contacts holds the number itself.
    async fn text_of(&self, report: &DeliveryReport) -> anyhow::Result<Option<Notification>> {
        for (order, id) in self.notifications.text_by_id(&report.message_id).await? {
            if let Some(notification) = self.notifications.get_notification(&order, &id).await? {
                return Ok(Some(notification));
            }
        }
        let Ok(number) = PhoneNumber::try_from(report.number.clone()) else {
            return Ok(None);
        };
        let mut found = Vec::new();
        for (order, id) in self
            .notifications
            .unknown_texts(&number.to_masked())
            .await?
        {
            let notification = self.find_unknown(&order, &id).await?;
            found.extend(notification.filter(|notification| may_be_of(notification, report)));
        }
        let only = found.pop();
        Ok(only.filter(|_| found.is_empty()))
    }

    async fn find_unknown(
        &self,
        order: &OrderKey,
        id: &NotificationId,
    ) -> anyhow::Result<Option<Notification>> {
        let notification = self.notifications.get_notification(order, id).await?;
        Ok(notification
            .filter(|notification| matches!(notification.state, NotificationState::Unknown { .. })))
    }
}

/// Whether SNS may have taken this text, whose fate is unknown, when it took the
/// report's.
fn may_be_of(notification: &Notification, report: &DeliveryReport) -> bool {
    let (NotificationState::Unknown { since }, Some(claimed_at)) =
        (&notification.state, notification.told_at())
    else {
        return false;
    };
    let taken_at = report.taken_at;
    claimed_at.duration_since(taken_at) <= SKEW && taken_at.duration_since(*since) <= SKEW
}
