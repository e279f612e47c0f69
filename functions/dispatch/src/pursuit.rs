//! One notice, from the decision to its fate (docs/adr/0003-exactly-once.md).
//!
//! Claim, render, look once more whether the address is suppressed, send,
//! mark. Whatever breaks in between leaves one of three things behind: nothing,
//! a notice that is due again, or a claim whose lease runs out and makes its
//! fate unknown. None of them is ever sent again at once.

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    notice::{Claim, Draft, Notice},
    policy::{self, Decision, Proposal},
};
use posthorn_platform::{Error, Next, store::notices::Put};
use tracing::warn;

use crate::{Dispatch, case::Case, outcome::Outcome, watch::Watch};

/// How long a worker may have a notice. Longer than the function's time-out in
/// infra/template.yaml, so that only a dead worker's lease runs out; shorter
/// than the queue's visibility time-out, so that whoever sees the message next
/// finds it run out.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How often the ledger may change under our hands before the message goes back
/// to the queue.
const MOST_CONFLICTS: usize = 5;

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
            Decision::Send | Decision::Defer { .. } => {
                self.decide(self.is_suppressed().await?, now)
            }
        };
        let step = match decision {
            Decision::Send => Some(Step::Claim(claimed)),
            Decision::Defer { until, reason } => present
                .map_or_else(
                    || Some(self.draft.deferred(until, reason, now)),
                    |present| present.deferred(&self.token, until, reason, now),
                )
                .map(|notice| Step::End(notice, Outcome::Deferred(reason))),
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

    pub(crate) async fn is_suppressed(&self) -> Result<bool, Error> {
        let Proposal {
            channel, recipient, ..
        } = self.proposal;
        let shop = &self.draft.order.shop;
        let contacts = &self.dispatch.files.contacts;
        let entry = contacts.suppression(shop, *channel, recipient).await?;
        Ok(entry.is_some())
    }
}
