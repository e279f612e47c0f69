//! One notice, from the decision to its fate (docs/adr/0003-exactly-once.md).
//!
//! Take a slot, render, look whether the address is suppressed, claim, send, mark.
//! Nothing is claimed before all else is ready, so that between a claim and the
//! call of the provider there is nothing on which a worker could get stuck or end.
//! Whatever breaks leaves one of three things behind: nothing, a notice that is
//! due again, or a claim whose lease runs out and makes its fate unknown. None of
//! them is ever sent again at once.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::render::Rendered;
use posthorn_domain::{
    notice::{Claim, Deferral, Draft, Notice, Suppression},
    pace::{Slot, Want},
    policy::{self, Decision, Proposal},
};
use posthorn_platform::{
    Error, Next,
    store::{
        contacts::{STOP, SuppressedAddress},
        notices::Put,
    },
};
use tokio::time::sleep;
use tracing::{error, warn};

use crate::{
    Dispatch,
    case::Case,
    outcome::{Failure, Outcome},
    pacer,
    sending::LONGEST_CALL,
    watch::Watch,
};

/// How long a worker may have a notice. Longer than the function's time-out in
/// infra/template.yaml, so that only a dead worker's lease runs out; shorter
/// than the queue's visibility time-out, so that whoever sees the message next
/// finds it run out.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How often the ledger may change under our hands before the message goes back
/// to the queue.
const MOST_CONFLICTS: usize = 5;

/// A send is begun only with this much time left: for the claim, the call and what
/// became of it.
const TO_SEND: SignedDuration = SignedDuration::from_secs(LONGEST_CALL.as_secs() + 4);

/// A notice of the ledger that has to wait longer than this for its provider waits
/// there, and not in the queue: `sweep` looks back at minutes that it has swept,
/// and would put it into the queue once more.
const LONGEST_IN_QUEUE: SignedDuration = SignedDuration::from_secs(60);

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
    /// How it came in.
    pub(crate) arrival: Arrival,
}

/// How a notice came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// The time.
    pub(crate) watch: Watch,
    /// Its place in the line of its provider, if it has one.
    pub(crate) place: Option<Timestamp>,
    /// With how many messages.
    pub(crate) n_in_batch: usize,
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
pub(crate) enum Step {
    /// A claim: send.
    Claim(Notice),
    /// The end, for now.
    End(Notice, Outcome),
    /// Nothing is to be written: it comes again when its turn comes.
    Wait(Timestamp),
}

/// What a send needs before it is claimed; kept over conflicts of the ledger.
#[derive(Debug, Default)]
pub(crate) struct Ready {
    /// When it may go out is agreed on.
    has_slot: bool,
    /// It is among the shop's texts of the day.
    pub(crate) is_counted: bool,
    /// What it says.
    message: Option<Rendered>,
}

impl Pursuit<'_> {
    /// Decides, and sends if that is the decision. An error means that it must
    /// be tried again; nothing was sent then, or nobody will send it again.
    pub(crate) async fn run(&self, mut entry: Entry) -> anyhow::Result<Outcome> {
        let mut ready = Ready::default();
        for _ in 0..MOST_CONFLICTS {
            let claim = self
                .draft
                .claim(entry.present.as_ref(), &self.token, LEASE, self.now());
            let step = match claim {
                Claim::Settled | Claim::Later { .. } => return Ok(Outcome::Nothing),
                Claim::Busy { until } => {
                    anyhow::bail!("another worker has notice {} until {until}", self.draft.id)
                }
                // The answer to our claim was lost, and it had been written.
                Claim::Ours(claimed) => return self.send(claimed, ready.message).await,
                Claim::Lost(unknown) => Step::End(unknown, Outcome::Unknown),
                Claim::Won(claimed) => {
                    self.judge(claimed, entry.present.as_ref(), &mut ready)
                        .await?
                }
            };
            let next = match &step {
                Step::Claim(next) | Step::End(next, _) => next,
                Step::Wait(until) => return Ok(Outcome::Waits(*until)),
            };
            match self
                .dispatch
                .files
                .notices
                .put(next, entry.read.as_ref())
                .await
            {
                Ok(Put::Written) => {
                    return match step {
                        Step::Claim(claimed) => self.send(claimed, ready.message).await,
                        Step::End(_, outcome) => Ok(outcome),
                        Step::Wait(until) => Ok(Outcome::Waits(until)),
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

    /// What to write: the claim, once all else is ready, or why there is none.
    async fn judge(
        &self,
        claimed: Notice,
        present: Option<&Notice>,
        ready: &mut Ready,
    ) -> anyhow::Result<Step> {
        // Whatever the list of suppressed addresses says, and before a slot is taken.
        match self.decide(false) {
            Decision::Suppress(reason) => return self.suppressed(present, reason),
            Decision::Defer { .. } => {}
            Decision::Send => {
                if let Some(reason) = self.brake_at_once() {
                    return self.brake(present, reason);
                }
                if let Some(step) = self.get_ready(present, ready).await? {
                    return Ok(step);
                }
            }
        }
        let entry = self.suppression().await?;
        match self.decide(entry.is_some()) {
            Decision::Suppress(Suppression::AddressSuppressed)
                if entry.is_some_and(|entry| entry.reason == STOP) =>
            {
                self.suppressed(present, Suppression::Stop)
            }
            Decision::Suppress(reason) => self.suppressed(present, reason),
            Decision::Defer { until, reason } => self.deferred(present, until, reason),
            // It was to be put off, and its time has come in these milliseconds.
            Decision::Send if !ready.has_slot => Ok(Step::Wait(self.now())),
            Decision::Send => match self.count_text(present, ready).await? {
                Some(reason) => self.brake(present, reason),
                None => Ok(Step::Claim(claimed)),
            },
        }
    }

    /// Takes a slot, waits for it, and writes the message; a step, if it is not to
    /// be sent now.
    async fn get_ready(
        &self,
        present: Option<&Notice>,
        ready: &mut Ready,
    ) -> anyhow::Result<Option<Step>> {
        let Arrival {
            watch,
            place,
            n_in_batch,
        } = self.arrival;
        let Proposal {
            channel, occasion, ..
        } = self.proposal;
        anyhow::ensure!(watch.has(TO_SEND), "there is no time left to send it");
        if ready.message.is_none() {
            let links = &self.dispatch.links;
            let unsubscribe = links.unsubscribe(self.case, *channel).await;
            let rendered = self.case.render(
                occasion,
                *channel,
                links.base(),
                unsubscribe.as_deref(),
                self.now(),
            );
            match rendered {
                Ok(message) => ready.message = Some(message),
                Err(defect) => {
                    let id = &self.draft.id;
                    error!(notice.id = %id, %channel, error = %defect, "Could not write notice {id}");
                    let failed = self.ended(present, "its template could not be rendered")?;
                    return Ok(Some(Step::End(failed, Outcome::Failed(Failure::Unwritten))));
                }
            }
        }
        if !ready.has_slot {
            let want = Want {
                urgency: pacer::urgency(occasion.moment),
                place,
            };
            let pacer = &self.dispatch.pacer;
            match pacer.slot(*channel, want, n_in_batch, self.now()).await? {
                Slot::At(at) => sleep(until(at, self.now())).await,
                Slot::Place(at) => return self.wait(present, at).map(Some),
            }
            ready.has_slot = true;
            anyhow::ensure!(watch.has(TO_SEND), "there is no time left to send it");
        }
        Ok(None)
    }

    /// Has it wait until `at`: in the queue, or for long in the ledger.
    fn wait(&self, present: Option<&Notice>, at: Timestamp) -> anyhow::Result<Step> {
        let waits_in_ledger = present.is_some() && at.duration_since(self.now()) > LONGEST_IN_QUEUE;
        if waits_in_ledger {
            return self.deferred(present, at, Deferral::Provider);
        }
        Ok(Step::Wait(at))
    }

    fn deferred(
        &self,
        present: Option<&Notice>,
        until: Timestamp,
        reason: Deferral,
    ) -> anyhow::Result<Step> {
        let now = self.now();
        let deferred = match present {
            None => Some(self.draft.deferred(until, reason, now)),
            Some(present) => present.deferred(&self.token, until, reason, now),
        };
        let deferred = deferred.with_context(|| self.undecidable())?;
        Ok(Step::End(deferred, Outcome::Deferred(reason)))
    }

    pub(crate) fn suppressed(
        &self,
        present: Option<&Notice>,
        reason: Suppression,
    ) -> anyhow::Result<Step> {
        let now = self.now();
        let suppressed = match present {
            None => Some(self.draft.suppressed(reason, now)),
            Some(present) => present.suppressed(&self.token, reason, now),
        };
        let suppressed = suppressed.with_context(|| self.undecidable())?;
        Ok(Step::End(suppressed, Outcome::Suppressed(reason)))
    }

    /// Failed before it was ever claimed.
    fn ended(&self, present: Option<&Notice>, reason: &str) -> anyhow::Result<Notice> {
        let now = self.now();
        let failed = match present {
            None => Some(self.draft.failed(reason, now)),
            Some(present) => present.failed(&self.token, reason, now),
        };
        failed.with_context(|| self.undecidable())
    }

    fn undecidable(&self) -> String {
        format!("notice {} can be claimed but not decided on", self.draft.id)
    }

    fn decide(&self, is_suppressed: bool) -> Decision {
        policy::decide(self.proposal, &self.case.view(), is_suppressed, self.now())
    }

    /// Why the address is not to be written to, if it is not.
    async fn suppression(&self) -> Result<Option<SuppressedAddress>, Error> {
        let Proposal {
            channel, recipient, ..
        } = self.proposal;
        let shop = &self.draft.order.shop;
        let contacts = &self.dispatch.files.contacts;
        contacts.suppression(shop, *channel, recipient).await
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.arrival.watch.now()
    }
}

/// How long it is until `at`.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}
