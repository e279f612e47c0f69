//! The look at the ledger between the claim and the call of the provider.

use std::time::Duration;

use jiff::Timestamp;
use posthorn_domain::{
    id::OrderKey,
    notification::{DeferralReason, Notification, NotificationState},
    policy::{self, Decision, OrderContext},
};
use posthorn_platform::{ServiceError, store::notifications::NotificationStore};
use tokio::time::sleep;

use crate::{outcome::SendOutcome, send_attempt::SendAttempt};

/// A call of a provider takes a fraction of a second: so long another worker that
/// is about to send is waited for, before the message waits for the next minute.
const PAUSES: [Duration; 4] = [Duration::from_millis(250); 4];

/// The order's messages, once no other worker is about to send one, or after a
/// second.
pub(crate) async fn settled_ledger(
    notifications: &NotificationStore,
    order: &OrderKey,
    now: Timestamp,
) -> Result<Vec<Notification>, ServiceError> {
    let mut ledger = notifications.load_log(order).await?;
    for pause in PAUSES {
        let is_being_sent = |notification: &Notification| matches!(notification.state, NotificationState::Claimed { lease_until, .. } if lease_until > now);
        if !ledger.iter().any(is_being_sent) {
            break;
        }
        sleep(pause).await;
        ledger = notifications.load_log(order).await?;
    }
    Ok(ledger)
}

impl SendAttempt<'_> {
    /// Judges a claimed notification once more, against all that others have claimed by
    /// now: of two messages of an order that workers are about to send at once,
    /// whichever was claimed later is judged with the other in sight
    /// (docs/adr/0026-one-order-one-voice.md). None if it is to be sent.
    pub(crate) async fn give_way(
        &self,
        claimed: &Notification,
    ) -> anyhow::Result<Option<SendOutcome>> {
        let mut decision = self.decide_again().await;
        for pause in PAUSES {
            let is_short = |until: &Timestamp| *until <= claimed.lease_until().unwrap_or_default();
            match &decision {
                Ok(Decision::Defer {
                    until,
                    reason: DeferralReason::Spacing,
                }) if is_short(until) => sleep(pause).await,
                _ => break,
            }
            decision = self.decide_again().await;
        }
        match decision {
            Ok(Decision::Send) => Ok(None),
            Ok(Decision::Suppress(reason)) => self
                .suppress_claimed(claimed.clone(), reason)
                .await
                .map(Some),
            Ok(Decision::Defer { until, reason }) => {
                let written = self
                    .end_ours(claimed.clone(), |notification, now| {
                        notification.defer(&self.token, until, reason, now)
                    })
                    .await?;
                let outcome =
                    written.map_or(SendOutcome::Nothing, |_| SendOutcome::Deferred(reason));
                Ok(Some(outcome))
            }
            Err(error) => {
                let released = self
                    .release_claim(claimed.clone(), &error.to_string())
                    .await;
                released.map(Some)
            }
        }
    }

    /// What is to be done by the ledger as it stands.
    async fn decide_again(&self) -> Result<Decision, ServiceError> {
        let ledger = self
            .dispatch
            .files
            .notifications
            .load_log(&self.draft.order)
            .await?;
        let view = OrderContext {
            notification_log: &ledger,
            ..self.case.to_order_context()
        };
        Ok(policy::decide_send(
            self.proposal,
            &view,
            false,
            self.current_time(),
        ))
    }
}
