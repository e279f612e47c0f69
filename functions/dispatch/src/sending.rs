//! The second half of a pursuit: what is claimed is sent, and what came of it
//! is written down.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::{render::Rendered, send::SendErrorKind};
use posthorn_domain::notification::{
    DeferralReason, Notification, NotificationDraft, NotificationState, SuppressionReason,
};
use posthorn_platform::{
    RetryAdvice,
    metric::{self, Metric, NotificationFate},
    store::{
        contacts::{STOP, SuppressedAddress},
        notifications::LogWrite,
    },
};
use tokio::time::sleep;
use tracing::warn;

use crate::{
    outcome::{SendFailure, SendOutcome},
    send_attempt::SendAttempt,
};

/// A call of a provider ends after ten seconds; the rest is for ourselves.
pub(crate) const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(12);

/// The pauses between attempts to write down what became of a call, on top of
/// those of the SDK: it is the one write that is worth waiting for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

impl SendAttempt<'_> {
    /// Sends a notification that is claimed, and writes down what came of it.
    pub(crate) async fn send_claimed(
        &self,
        claimed: Notification,
        message: Option<Rendered>,
    ) -> anyhow::Result<SendOutcome> {
        let Self {
            dispatch,
            case,
            draft,
            ..
        } = self;
        let (id, channel) = (&draft.id, draft.channel);
        let Some(message) = message else {
            return self
                .release_claim(claimed, "it was claimed before it was written")
                .await;
        };
        if let Some(outcome) = self.give_way(&claimed).await? {
            return Ok(outcome);
        }
        // The result of a call that outlasts the invocation would be lost.
        let watch = &self.arrival.watch;
        if !claimed.may_be_sent_by(&self.token, LONGEST_CALL, self.current_time())
            || !watch.has_time(LONGEST_CALL)
        {
            return self
                .release_claim(claimed, "there was no time left for the call")
                .await;
        }
        let sent = dispatch
            .post
            .send_message(&message, &case.contact, id, &draft.order, &case.settings)
            .await;
        let refusal = match sent {
            Ok(receipt) => {
                let sent = |notification: &Notification, now| {
                    notification.mark_sent(&receipt.provider_id, now)
                };
                self.settle_send(claimed, sent).await?;
                return Ok(SendOutcome::Sent);
            }
            Err(refusal) => refusal,
        };
        let reason = refusal.to_string();
        match refusal.kind {
            SendErrorKind::NotAccepted { retry: true } => {
                self.count_refusal();
                self.release_claim(claimed, &reason).await
            }
            SendErrorKind::Throttled => {
                self.count_refusal();
                dispatch.pacer.slow_down(channel, self.current_time()).await;
                self.release_claim(claimed, &reason).await
            }
            SendErrorKind::OptedOut => self.opted_out(claimed).await,
            SendErrorKind::NotAccepted { retry: false } => {
                self.fail_claimed(claimed, SendFailure::Refused, &reason)
                    .await
            }
            SendErrorKind::Unknown => {
                warn!(notification.id = %id, %channel, error = reason, "It is unknown whether notification {id} was sent");
                let written = self
                    .settle_send(claimed, |notification, now| {
                        notification.mark_unknown(&self.token, now)
                    })
                    .await?;
                Ok(written.map_or(SendOutcome::Nothing, |_| SendOutcome::Unknown))
            }
        }
    }

    fn count_refusal(&self) {
        metric::emit_metric(Metric::Notification {
            fate: NotificationFate::Refused,
            channel: self.draft.channel,
            notification_type: self.draft.trigger.notification_type,
            reason: None,
        });
    }

    /// The recipient has asked the provider for no more: we keep to that ourselves.
    async fn opted_out(&self, claimed: Notification) -> anyhow::Result<SendOutcome> {
        let entry = SuppressedAddress {
            reason: STOP.to_owned(),
            at: self.current_time(),
            source: format!("sns: notification {}", self.draft.id),
        };
        let NotificationDraft { order, channel, .. } = &self.draft;
        let contacts = &self.dispatch.files.contacts;
        let recipient = &self.proposal.recipient;
        let kept = contacts
            .suppress_address(&order.shop, *channel, recipient, &entry)
            .await;
        if let Err(error) = kept {
            // The provider keeps to it, and says so again next time.
            warn!(shop = %order.shop, error.kind = %error.kind, "Could not suppress an address");
        }
        self.suppress_claimed(claimed, SuppressionReason::Stop)
            .await
    }

    /// Gives a claim back: certainly not sent, and to be tried again a while
    /// later, as long as it is of use.
    pub(crate) async fn release_claim(
        &self,
        claimed: Notification,
        reason: &str,
    ) -> anyhow::Result<SendOutcome> {
        let id = &self.draft.id;
        warn!(notification.id = %id, channel = %self.draft.channel, error = reason, "Notification {id} was not taken this time");
        let written = self
            .end_ours(claimed, |notification, now| {
                notification.release_after_refusal(&self.token, now)
            })
            .await?;
        Ok(match written.map(|notification| notification.state) {
            Some(NotificationState::Suppressed { reason, .. }) => SendOutcome::Suppressed(reason),
            Some(_) => SendOutcome::Deferred(DeferralReason::Provider),
            None => SendOutcome::Nothing,
        })
    }

    pub(crate) async fn suppress_claimed(
        &self,
        claimed: Notification,
        reason: SuppressionReason,
    ) -> anyhow::Result<SendOutcome> {
        let written = self
            .end_ours(claimed, |notification, now| {
                notification.suppress(&self.token, reason, now)
            })
            .await?;
        Ok(written.map_or(SendOutcome::Nothing, |_| SendOutcome::Suppressed(reason)))
    }

    async fn fail_claimed(
        &self,
        claimed: Notification,
        failure: SendFailure,
        reason: &str,
    ) -> anyhow::Result<SendOutcome> {
        warn!(notification.id = %self.draft.id, channel = %self.draft.channel, error = reason, "Notification {} failed", self.draft.id);
        let written = self
            .end_ours(claimed, |notification, now| {
                notification.fail(&self.token, reason, now)
            })
            .await?;
        Ok(written.map_or(SendOutcome::Nothing, |_| SendOutcome::Failed(failure)))
    }

    /// Writes the end of a claim as long as it is ours: of a message that was
    /// not sent, the worker that holds it now decides.
    pub(crate) async fn end_ours(
        &self,
        claimed: Notification,
        end: impl Fn(&Notification, Timestamp) -> Option<Notification>,
    ) -> anyhow::Result<Option<Notification>> {
        let is_ours = |notification: &Notification| matches!(&notification.state, NotificationState::Claimed { token, .. } if *token == self.token);
        self.settle_send(claimed, |notification, now| {
            is_ours(notification)
                .then(|| end(notification, now))
                .flatten()
        })
        .await
    }

    /// Lays what became of the call upon what the ledger holds by now; gives what
    /// it has written, if it said anything new.
    async fn settle_send(
        &self,
        claimed: Notification,
        next: impl Fn(&Notification, Timestamp) -> Option<Notification>,
    ) -> anyhow::Result<Option<Notification>> {
        let mut before = claimed;
        let mut pauses = PAUSES.into_iter();
        loop {
            let Some(notification) = next(&before, self.current_time()) else {
                return Ok(None);
            };
            match self
                .dispatch
                .files
                .notifications
                .put_notification(&notification, Some(&before))
                .await
            {
                Ok(LogWrite::Written) => return Ok(Some(notification)),
                Ok(LogWrite::Conflict(there)) => before = *there,
                Err(error) => match pauses.next() {
                    Some(pause) if error.retry_advice() != RetryAdvice::Never => sleep(pause).await,
                    _ => {
                        let state = notification.state.state_name();
                        let doing = format!(
                            "notification {} is {state}, and its fate is unknown",
                            notification.id
                        );
                        return Err(error).context(doing);
                    }
                },
            }
        }
    }
}
