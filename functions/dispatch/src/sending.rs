//! The second half of a pursuit: what is claimed is sent, and what came of it
//! is written down.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::{render::Rendered, send::SendErrorKind};
use posthorn_domain::notice::{Deferral, Draft, Notice, NoticeState, Suppression};
use posthorn_platform::{
    Next,
    metric::{self, Metric},
    store::{
        contacts::{STOP, SuppressedAddress},
        notices::Put,
    },
};
use tokio::time::sleep;
use tracing::warn;

use crate::{
    outcome::{Failure, Outcome},
    pursuit::Pursuit,
};

/// A call of a provider ends after ten seconds; the rest is for ourselves.
pub(crate) const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(12);

/// The pauses between attempts to write down what became of a call, on top of
/// those of the SDK: it is the one write that is worth waiting for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

impl Pursuit<'_> {
    /// Sends a notice that is claimed, and writes down what came of it.
    pub(crate) async fn send(
        &self,
        claimed: Notice,
        message: Option<Rendered>,
    ) -> anyhow::Result<Outcome> {
        let Self {
            dispatch,
            case,
            draft,
            ..
        } = self;
        let (id, channel) = (&draft.id, draft.channel);
        let Some(message) = message else {
            return self
                .release(claimed, "it was claimed before it was written")
                .await;
        };
        if let Some(outcome) = self.give_way(&claimed).await? {
            return Ok(outcome);
        }
        // Of a call that the invocation does not outlast nobody would know the end.
        let watch = &self.arrival.watch;
        if !claimed.may_be_sent_by(&self.token, LONGEST_CALL, self.now())
            || !watch.has(LONGEST_CALL)
        {
            return self
                .release(claimed, "there was no time left for the call")
                .await;
        }
        let sent = dispatch
            .post
            .send(&message, &case.contact, id, &draft.order, &case.settings)
            .await;
        let refusal = match sent {
            Ok(receipt) => {
                let sent = |notice: &Notice, now| notice.sent(&receipt.provider_id, now);
                self.settle(claimed, sent).await?;
                return Ok(Outcome::Sent);
            }
            Err(refusal) => refusal,
        };
        let reason = refusal.to_string();
        match refusal.kind {
            SendErrorKind::NotAccepted { retry: true } => {
                self.count_refusal();
                self.release(claimed, &reason).await
            }
            SendErrorKind::Throttled => {
                self.count_refusal();
                dispatch.pacer.slow_down(channel, self.now()).await;
                self.release(claimed, &reason).await
            }
            SendErrorKind::OptedOut => self.opted_out(claimed).await,
            SendErrorKind::NotAccepted { retry: false } => {
                self.fail(claimed, Failure::Refused, &reason).await
            }
            SendErrorKind::Unknown => {
                warn!(notice.id = %id, %channel, error = reason, "Nobody knows whether notice {id} was sent");
                let written = self
                    .settle(claimed, |notice, now| notice.unknown(&self.token, now))
                    .await?;
                Ok(written.map_or(Outcome::Nothing, |_| Outcome::Unknown))
            }
        }
    }

    fn count_refusal(&self) {
        metric::emit(Metric::NoticeRefused {
            channel: self.draft.channel,
            moment: self.draft.occasion.moment,
        });
    }

    /// The recipient has asked the provider for no more: we keep to that ourselves.
    async fn opted_out(&self, claimed: Notice) -> anyhow::Result<Outcome> {
        let entry = SuppressedAddress {
            reason: STOP.to_owned(),
            at: self.now(),
            source: format!("sns: notice {}", self.draft.id),
        };
        let Draft { order, channel, .. } = &self.draft;
        let contacts = &self.dispatch.files.contacts;
        let recipient = &self.proposal.recipient;
        let kept = contacts
            .suppress(&order.shop, *channel, recipient, &entry)
            .await;
        if let Err(error) = kept {
            // The provider keeps to it, and says so again next time.
            warn!(shop = %order.shop, error.kind = %error.kind, "Could not suppress an address");
        }
        self.suppress(claimed, Suppression::Stop).await
    }

    /// Gives a claim back: certainly not sent, and to be tried again a while
    /// later, as long as it is of use.
    pub(crate) async fn release(&self, claimed: Notice, reason: &str) -> anyhow::Result<Outcome> {
        let id = &self.draft.id;
        warn!(notice.id = %id, channel = %self.draft.channel, error = reason, "Notice {id} was not taken this time");
        let written = self
            .end_ours(claimed, |notice, now| notice.refused(&self.token, now))
            .await?;
        Ok(match written.map(|notice| notice.state) {
            Some(NoticeState::Suppressed { reason, .. }) => Outcome::Suppressed(reason),
            Some(_) => Outcome::Deferred(Deferral::Provider),
            None => Outcome::Nothing,
        })
    }

    pub(crate) async fn suppress(
        &self,
        claimed: Notice,
        reason: Suppression,
    ) -> anyhow::Result<Outcome> {
        let written = self
            .end_ours(claimed, |notice, now| {
                notice.suppressed(&self.token, reason, now)
            })
            .await?;
        Ok(written.map_or(Outcome::Nothing, |_| Outcome::Suppressed(reason)))
    }

    async fn fail(
        &self,
        claimed: Notice,
        failure: Failure,
        reason: &str,
    ) -> anyhow::Result<Outcome> {
        warn!(notice.id = %self.draft.id, channel = %self.draft.channel, error = reason, "Notice {} failed", self.draft.id);
        let written = self
            .end_ours(claimed, |notice, now| {
                notice.failed(&self.token, reason, now)
            })
            .await?;
        Ok(written.map_or(Outcome::Nothing, |_| Outcome::Failed(failure)))
    }

    /// Writes the end of a claim as long as it is ours: of a message that was
    /// not sent, whoever has it now knows better.
    pub(crate) async fn end_ours(
        &self,
        claimed: Notice,
        end: impl Fn(&Notice, Timestamp) -> Option<Notice>,
    ) -> anyhow::Result<Option<Notice>> {
        let is_ours = |notice: &Notice| matches!(&notice.state, NoticeState::Claimed { token, .. } if *token == self.token);
        self.settle(claimed, |notice, now| {
            is_ours(notice).then(|| end(notice, now)).flatten()
        })
        .await
    }

    /// Lays what became of the call upon what the ledger holds by now; gives what
    /// it has written, if it said anything new.
    async fn settle(
        &self,
        claimed: Notice,
        next: impl Fn(&Notice, Timestamp) -> Option<Notice>,
    ) -> anyhow::Result<Option<Notice>> {
        let mut before = claimed;
        let mut pauses = PAUSES.into_iter();
        loop {
            let Some(notice) = next(&before, self.now()) else {
                return Ok(None);
            };
            match self
                .dispatch
                .files
                .notices
                .put(&notice, Some(&before))
                .await
            {
                Ok(Put::Written) => return Ok(Some(notice)),
                Ok(Put::Conflict(there)) => before = *there,
                Err(error) => match pauses.next() {
                    Some(pause) if error.next() != Next::Never => sleep(pause).await,
                    _ => {
                        let state = notice.state.name();
                        let doing = format!("notice {} is {state}, and nobody knows", notice.id);
                        return Err(error).context(doing);
                    }
                },
            }
        }
    }
}
