//! The second half of a pursuit: what is claimed is sent, and what came of it
//! is written down.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::send::SendErrorKind;
use posthorn_domain::notice::{MOST_ATTEMPTS, Notice, NoticeState, Suppression};
use posthorn_platform::{Next, store::notices::Put};
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
        let rendered = case.render(
            &draft.occasion,
            channel,
            &dispatch.track_url,
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
            SendErrorKind::NotAccepted { retry: true } if claimed.attempts < MOST_ATTEMPTS => {
                self.release(claimed, &reason).await
            }
            SendErrorKind::NotAccepted { .. } => {
                self.fail(claimed, Failure::Refused, &reason).await
            }
            SendErrorKind::Unknown => {
                warn!(notice.id = %id, %channel, error = reason, "Nobody knows whether notice {id} was sent");
                let is_written = self
                    .settle(claimed, |notice, now| notice.unknown(&self.token, now))
                    .await?;
                Ok(if is_written {
                    Outcome::Unknown
                } else {
                    Outcome::Nothing
                })
            }
        }
    }

    /// Gives a claim back: certainly not sent, and to be tried again a while later.
    async fn release(&self, claimed: Notice, reason: &str) -> anyhow::Result<Outcome> {
        let id = &self.draft.id;
        let pause = pause_after(claimed.attempts);
        warn!(notice.id = %id, channel = %self.draft.channel, error = reason, "Will try notice {id} again");
        self.end_ours(claimed, Outcome::Deferred, |notice, now| {
            let until = now.checked_add(pause).unwrap_or(Timestamp::MAX);
            notice.deferred(&self.token, until, now)
        })
        .await
    }

    async fn suppress(&self, claimed: Notice, reason: Suppression) -> anyhow::Result<Outcome> {
        self.end_ours(claimed, Outcome::Suppressed(reason), |notice, now| {
            notice.suppressed(&self.token, reason, now)
        })
        .await
    }

    async fn fail(
        &self,
        claimed: Notice,
        failure: Failure,
        reason: &str,
    ) -> anyhow::Result<Outcome> {
        warn!(notice.id = %self.draft.id, channel = %self.draft.channel, error = reason, "Notice {} failed", self.draft.id);
        self.end_ours(claimed, Outcome::Failed(failure), |notice, now| {
            notice.failed(&self.token, reason, now)
        })
        .await
    }

    /// Writes the end of a claim as long as it is ours: of a message that was
    /// not sent, whoever has it now knows better.
    async fn end_ours(
        &self,
        claimed: Notice,
        outcome: Outcome,
        end: impl Fn(&Notice, Timestamp) -> Option<Notice>,
    ) -> anyhow::Result<Outcome> {
        let is_ours = |notice: &Notice| matches!(&notice.state, NoticeState::Claimed { token, .. } if *token == self.token);
        let is_written = self
            .settle(claimed, |notice, now| {
                is_ours(notice).then(|| end(notice, now)).flatten()
            })
            .await?;
        Ok(if is_written {
            outcome
        } else {
            Outcome::Nothing
        })
    }

    /// Lays what became of the call upon what the ledger holds by now; whether
    /// it said anything new.
    async fn settle(
        &self,
        claimed: Notice,
        next: impl Fn(&Notice, Timestamp) -> Option<Notice>,
    ) -> anyhow::Result<bool> {
        let mut before = claimed;
        let mut pauses = PAUSES.into_iter();
        loop {
            let Some(notice) = next(&before, self.watch.now()) else {
                return Ok(false);
            };
            match self
                .dispatch
                .files
                .notices
                .put(&notice, Some(&before))
                .await
            {
                Ok(Put::Written) => return Ok(true),
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

/// How long to wait after the nth attempt that was certainly not accepted:
/// throttling passes in seconds, a paused account in hours.
fn pause_after(attempts: u32) -> SignedDuration {
    match attempts {
        0 | 1 => SignedDuration::from_secs(15),
        2 => SignedDuration::from_mins(2),
        3 => SignedDuration::from_mins(15),
        _ => SignedDuration::from_hours(2),
    }
}
