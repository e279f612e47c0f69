//! One notice, from the decision to its fate (docs/adr/0003-exactly-once.md).
//!
//! Claim, render, look once more whether the address is suppressed, send,
//! mark. Whatever breaks in between leaves one of three things behind: nothing,
//! a notice that is due again, or a claim whose lease runs out and makes its
//! fate unknown. None of them is ever sent again at once.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::send::SendErrorKind;
use posthorn_domain::{
    notice::{Claim, Draft, MOST_ATTEMPTS, Notice, NoticeState, Suppression},
    policy::{self, Decision, Proposal},
};
use posthorn_platform::{Error, Next, store::notices::Put};
use tokio::time::sleep;
use tracing::{error, warn};

use crate::{
    Dispatch,
    case::Case,
    outcome::{Failure, Outcome},
    watch::Watch,
};

/// How long a worker may have a notice. Longer than the function's time-out in
/// infra/template.yaml, so that only a dead worker's lease runs out; shorter
/// than the queue's visibility time-out, so that whoever sees the message next
/// finds it run out.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// A call of a provider ends after ten seconds; the rest is for ourselves.
const LONGEST_CALL: SignedDuration = SignedDuration::from_secs(12);

/// How often the ledger may change under our hands before the message goes back
/// to the queue.
const MOST_CONFLICTS: usize = 5;

/// The pauses between attempts to write down what became of a call, on top of
/// those of the SDK: it is the one write that is worth waiting for.
const PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(1)];

/// A notice that is to be decided on and perhaps sent.
pub(crate) struct Pursuit<'a> {
    /// Who does it.
    pub(crate) dispatch: &'a Dispatch,
    /// What is known about the order.
    pub(crate) case: &'a Case,
    /// What is proposed.
    pub(crate) proposal: &'a Proposal,
    /// The same for the ledger.
    pub(crate) draft: Draft,
    /// Random: by it we know our own claim again.
    pub(crate) token: String,
    /// The time.
    pub(crate) watch: Watch,
}

/// Where the ledger stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    /// What was read, and what a write is conditional on.
    read: Option<Notice>,
    /// What it has come to by its age alone, not yet written.
    present: Option<Notice>,
}

impl Entry {
    /// As it was read.
    pub(crate) fn read(notice: Option<Notice>) -> Self {
        Self {
            present: notice.clone(),
            read: notice,
        }
    }

    /// As it was read, and what it has come to since.
    pub(crate) fn aged(read: Notice, present: Notice) -> Self {
        Self {
            read: Some(read),
            present: Some(present),
        }
    }
}

/// What to write, and what follows once it is written.
enum Step {
    /// A claim: send.
    Claim(Notice),
    /// The end, for now.
    End(Notice, Outcome),
}

impl Pursuit<'_> {
    /// Decides, and sends if that is the decision. An error means that it must
    /// be tried again; nothing was sent then, or nobody will send it again.
    pub(crate) async fn run(&self, mut entry: Entry) -> anyhow::Result<Outcome> {
        for _ in 0..MOST_CONFLICTS {
            let now = self.watch.now();
            let claim = self
                .draft
                .claim(entry.present.as_ref(), &self.token, LEASE, now);
            let step = match claim {
                Claim::Settled | Claim::Later { .. } => return Ok(Outcome::Nothing),
                Claim::Busy { until } => {
                    anyhow::bail!("another worker has notice {} until {until}", self.draft.id)
                }
                // The answer to our claim was lost, and it had been written.
                Claim::Ours(claimed) => return self.send(claimed).await,
                Claim::Lost(unknown) => Step::End(unknown, Outcome::Unknown),
                Claim::Won(claimed) => self.judge(claimed, entry.present.as_ref(), now).await?,
            };
            let (Step::Claim(next) | Step::End(next, _)) = &step;
            match self
                .dispatch
                .files
                .notices
                .put(next, entry.read.as_ref())
                .await
            {
                Ok(Put::Written) => {
                    return match step {
                        Step::Claim(claimed) => self.send(claimed).await,
                        Step::End(_, outcome) => Ok(outcome),
                    };
                }
                Ok(Put::Conflict(there)) => entry = Entry::read(Some(*there)),
                Err(error) if error.next() == Next::Never => return Err(error.into()),
                // It may have been written: only the ledger knows.
                Err(error) => entry = self.look_again(&error).await?,
            }
        }
        anyhow::bail!("notice {} is written too often by others", self.draft.id)
    }

    async fn look_again(&self, error: &Error) -> anyhow::Result<Entry> {
        let Draft { id, order, .. } = &self.draft;
        warn!(notice.id = %id, error.kind = %error.kind, "Lost the answer about notice {id}");
        let there = self.dispatch.files.notices.get(order, id).await?;
        Ok(Entry::read(there))
    }

    /// What to write: the claim, or why there is none.
    async fn judge(
        &self,
        claimed: Notice,
        present: Option<&Notice>,
        now: Timestamp,
    ) -> anyhow::Result<Step> {
        let decision = match self.decide(false, now) {
            // Whatever the list of suppressed addresses says.
            decision @ Decision::Suppress(_) => decision,
            Decision::Send | Decision::DeferUntil(_) => {
                self.decide(self.is_suppressed().await?, now)
            }
        };
        let step = match decision {
            Decision::Send => Some(Step::Claim(claimed)),
            Decision::DeferUntil(until) => present
                .map_or_else(
                    || Some(self.draft.deferred(until, now)),
                    |present| present.deferred(&self.token, until, now),
                )
                .map(|notice| Step::End(notice, Outcome::Deferred)),
            Decision::Suppress(reason) => present
                .map_or_else(
                    || Some(self.draft.suppressed(reason, now)),
                    |present| present.suppressed(&self.token, reason, now),
                )
                .map(|notice| Step::End(notice, Outcome::Suppressed(reason))),
        };
        step.with_context(|| format!("notice {} can be claimed but not decided on", self.draft.id))
    }

    fn decide(&self, is_suppressed: bool, now: Timestamp) -> Decision {
        policy::decide(self.proposal, &self.case.view(), is_suppressed, now)
    }

    async fn is_suppressed(&self) -> Result<bool, Error> {
        let Proposal {
            channel, recipient, ..
        } = self.proposal;
        let shop = &self.draft.order.shop;
        let contacts = &self.dispatch.files.contacts;
        let entry = contacts.suppression(shop, *channel, recipient).await?;
        Ok(entry.is_some())
    }

    /// Sends a notice that is claimed, and writes down what came of it.
    async fn send(&self, claimed: Notice) -> anyhow::Result<Outcome> {
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
