//! The second half of a pursuit: what is claimed is sent, and what came of it
//! is written down.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::send::SendErrorKind;
use posthorn_domain::notice::{Deferral, Notice, NoticeState, Suppression};
use posthorn_platform::{
    Next,
    metric::{self, Metric},
    store::notices::Put,
};
use tokio::time::sleep;
use tracing::{error, warn};

use crate::{
    outcome::{Failure, Outcome},
    pursuit::Pursuit,
};

/// A call of a provider ends after ten seconds; the rest is for ourselves.
const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(12);

/// The pauses between attempts to write down what became of a call, on top of
/// those of the SDK: it is the one write that is worth waiting for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

impl Pursuit<'_> {
    /// Sends a notice that is claimed, and writes down what came of it.
    pub(crate) async fn send(&self, claimed: Notice) -> anyhow::Result<Outcome> {
        let Self {
            dispatch,
            case,
            draft,
            ..
        } = self;
        let (id, channel) = (&draft.id, draft.channel);
        let unsubscribe = dispatch.links.unsubscribe(case, channel).await;
        let rendered = case.render(
            &draft.occasion,
            channel,
            dispatch.links.base(),
            unsubscribe.as_deref(),
            self.watch.now(),
        );
        let message = match rendered {
            Ok(message) => message,
            Err(defect) => {
                error!(notice.id = %id, %channel, error = %defect, "Could not write notice {id}");
                return self
                    .fail(
                        claimed,
                        Failure::Unwritten,
                        "its template could not be rendered",
                    )
                    .await;
            }
        };
        if let Some(outcome) = self.give_way(&claimed).await? {
            return Ok(outcome);
        }
        match self.is_suppressed().await {
            Ok(false) => {}
            Ok(true) => return self.suppress(claimed, Suppression::AddressSuppressed).await,
            Err(error) => return self.release(claimed, &error.to_string()).await,
        }
        if !claimed.may_be_sent_by(&self.token, LONGEST_CALL, self.watch.now()) {
            return self
                .release(claimed, "the lease would not outlast the call")
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
                let moment = draft.occasion.moment;
                metric::emit(Metric::NoticeRefused { channel, moment });
                self.release(claimed, &reason).await
            }
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
            let Some(notice) = next(&before, self.watch.now()) else {
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
