//! One notification, from the decision to its fate (docs/adr/0003-exactly-once.md).
//!
//! Take a slot, render, look whether the address is suppressed, claim, send, mark.
//! Nothing is claimed before all else is ready, so that between a claim and the
//! call of the provider there is nothing on which a worker could get stuck or end.
//! Whatever breaks leaves one of three things behind: nothing, a notification that is
//! due again, or a claim whose lease runs out and makes its fate unknown. None of
//! them is ever sent again at once.

use std::time::Duration;

use anyhow::Context as _;
use jiff::{SignedDuration, Timestamp};
use posthorn_channels::render::Rendered;
use posthorn_domain::{
    notification::{
        ClaimOutcome, DeferralReason, Notification, NotificationDraft, SuppressionReason,
    },
    pace::{SlotGrant, SlotRequest},
    policy::{self, Decision, ProposedNotification},
};
use posthorn_platform::{
    RetryAdvice, ServiceError,
    store::{
        contacts::{STOP, SuppressedAddress},
        notifications::LogWrite,
    },
};
use tokio::time::sleep;
use tracing::{error, warn};

use crate::{
    Dispatch,
    context_loader::DispatchContext,
    invocation_clock::InvocationClock,
    outcome::{SendFailure, SendOutcome},
    sending::LONGEST_CALL,
};

/// How long a worker may have a notification. Longer than the function's time-out in
/// infra/template.yaml, so that only a dead worker's lease runs out; shorter
/// than the queue's visibility time-out, so that the worker that gets the message next
/// finds it run out.
pub(crate) const LEASE: SignedDuration = SignedDuration::from_secs(90);

/// How often the ledger may change under our hands before the message goes back
/// to the queue.
const MOST_CONFLICTS: usize = 5;

/// A send is begun only with this much time left: for the claim, the call and what
/// became of it.
const TO_SEND: SignedDuration = SignedDuration::from_secs(LONGEST_CALL.as_secs() + 4);

/// A notification of the ledger that has to wait longer than this for its provider waits
/// there, and not in the queue: `sweep` looks back at minutes that it has swept,
/// and would put it into the queue once more.
const LONGEST_IN_QUEUE: SignedDuration = SignedDuration::from_secs(60);

/// A notification that is to be decided on and perhaps sent.
pub(crate) struct SendAttempt<'a> {
    /// Who does it.
    pub(crate) dispatch: &'a Dispatch,
    /// What is known about the order.
    pub(crate) case: &'a DispatchContext,
    /// What is proposed.
    pub(crate) proposal: &'a ProposedNotification,
    /// The same for the ledger.
    pub(crate) draft: NotificationDraft,
    /// Random: by it we know our own claim again.
    pub(crate) token: String,
    /// How it came in.
    pub(crate) arrival: Arrival,
}

/// How a notification came in.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Arrival {
    /// The time.
    pub(crate) watch: InvocationClock,
    /// Its place in the line of its provider, if it has one.
    pub(crate) place: Option<Timestamp>,
    /// With how many messages.
    pub(crate) n_in_batch: usize,
}

/// Where the ledger stands.
#[derive(Debug, Clone, Default)]
pub(crate) struct LogEntry {
    /// What was read, and what a write is conditional on.
    read: Option<Notification>,
    /// What it has come to by its age alone, not yet written.
    present: Option<Notification>,
}

impl LogEntry {
    /// As it was read.
    pub(crate) fn from_read(notification: Option<Notification>) -> Self {
        Self {
            present: notification.clone(),
            read: notification,
        }
    }

    /// As it was read, and what it has come to since.
    pub(crate) fn from_reread(read: Notification, present: Notification) -> Self {
        Self {
            read: Some(read),
            present: Some(present),
        }
    }
}

/// What to write, and what follows once it is written.
pub(crate) enum WriteStep {
    /// A claim: send.
    Claim(Notification),
    /// The end, for now.
    End(Notification, SendOutcome),
    /// Nothing is to be written: it comes again when its turn comes.
    Wait(Timestamp),
}

/// What a send needs before it is claimed; kept over conflicts of the ledger.
#[derive(Debug, Default)]
pub(crate) struct PreparedSend {
    /// When it may go out is agreed on.
    has_slot: bool,
    /// It is among the shop's texts of the day.
    pub(crate) is_counted: bool,
    /// What it says.
    message: Option<Rendered>,
}

impl SendAttempt<'_> {
    /// Decides, and sends if that is the decision. An error means that it must
    /// be tried again; nothing was sent then, or it will not be sent again.
    pub(crate) async fn run_attempt(&self, mut entry: LogEntry) -> anyhow::Result<SendOutcome> {
        let mut ready = PreparedSend::default();
        for _ in 0..MOST_CONFLICTS {
            let claim = self.draft.claim_send(
                entry.present.as_ref(),
                &self.token,
                LEASE,
                self.current_time(),
            );
            let step = match claim {
                ClaimOutcome::Settled | ClaimOutcome::Later { .. } => {
                    return Ok(SendOutcome::Nothing);
                }
                ClaimOutcome::Busy { until } => {
                    anyhow::bail!(
                        "another worker has notification {} until {until}",
                        self.draft.id
                    )
                }
                // The answer to our claim was lost, and it had been written.
                ClaimOutcome::Ours(claimed) => {
                    return self.send_claimed(claimed, ready.message).await;
                }
                ClaimOutcome::Lost(unknown) => WriteStep::End(unknown, SendOutcome::Unknown),
                ClaimOutcome::Won(claimed) => {
                    self.judge_claim(claimed, entry.present.as_ref(), &mut ready)
                        .await?
                }
            };
            let next = match &step {
                WriteStep::Claim(next) | WriteStep::End(next, _) => next,
                WriteStep::Wait(until) => return Ok(SendOutcome::Waits(*until)),
            };
            match self
                .dispatch
                .files
                .notifications
                .put_notification(next, entry.read.as_ref())
                .await
            {
                Ok(LogWrite::Written) => {
                    return match step {
                        WriteStep::Claim(claimed) => {
                            self.send_claimed(claimed, ready.message).await
                        }
                        WriteStep::End(_, outcome) => Ok(outcome),
                        WriteStep::Wait(until) => Ok(SendOutcome::Waits(until)),
                    };
                }
                Ok(LogWrite::Conflict(there)) => entry = LogEntry::from_read(Some(*there)),
                Err(error) if error.retry_advice() == RetryAdvice::Never => {
                    return Err(error.into());
                }
                // It may have been written: only the ledger knows.
                Err(error) => entry = self.look_again(&error).await?,
            }
        }
        anyhow::bail!(
            "notification {} is written too often by others",
            self.draft.id
        )
    }

    async fn look_again(&self, error: &ServiceError) -> anyhow::Result<LogEntry> {
        let NotificationDraft { id, order, .. } = &self.draft;
        warn!(notification.id = %id, error.kind = %error.kind, "Lost the answer about notification {id}");
        let there = self
            .dispatch
            .files
            .notifications
            .get_notification(order, id)
            .await?;
        Ok(LogEntry::from_read(there))
    }

    /// What to write: the claim, once all else is ready, or why there is none.
    async fn judge_claim(
        &self,
        claimed: Notification,
        present: Option<&Notification>,
        ready: &mut PreparedSend,
    ) -> anyhow::Result<WriteStep> {
        // Whatever the list of suppressed addresses says, and before a slot is taken.
        match self.decide_send(false) {
            Decision::Suppress(reason) => return self.suppress_notification(present, reason),
            Decision::Defer { .. } => {}
            Decision::Send => {
                if let Some(reason) = self.brake_at_once() {
                    return self.suppress_text(present, reason);
                }
                if let Some(step) = self.get_ready(present, ready).await? {
                    return Ok(step);
                }
            }
        }
        let entry = self.find_suppression().await?;
        match self.decide_send(entry.is_some()) {
            Decision::Suppress(SuppressionReason::AddressSuppressed)
                if entry.is_some_and(|entry| entry.reason == STOP) =>
            {
                self.suppress_notification(present, SuppressionReason::Stop)
            }
            Decision::Suppress(reason) => self.suppress_notification(present, reason),
            Decision::Defer { until, reason } => self.defer_notification(present, until, reason),
            // It was to be put off, and its time has come in these milliseconds.
            Decision::Send if !ready.has_slot => Ok(WriteStep::Wait(self.current_time())),
            Decision::Send => match self.count_text(present, ready).await? {
                Some(reason) => self.suppress_text(present, reason),
                None => Ok(WriteStep::Claim(claimed)),
            },
        }
    }

    /// Takes a slot, waits for it, and writes the message; a step, if it is not to
    /// be sent now.
    async fn get_ready(
        &self,
        present: Option<&Notification>,
        ready: &mut PreparedSend,
    ) -> anyhow::Result<Option<WriteStep>> {
        let Arrival {
            watch,
            place,
            n_in_batch,
        } = self.arrival;
        let ProposedNotification {
            channel,
            trigger: occasion,
            ..
        } = self.proposal;
        anyhow::ensure!(watch.has_time(TO_SEND), "there is no time left to send it");
        if ready.message.is_none() {
            let links = &self.dispatch.links;
            let unsubscribe = links.unsubscribe_link(self.case, *channel).await;
            let rendered = self.case.render_message(
                occasion,
                *channel,
                links.tracking_base(),
                unsubscribe.as_deref(),
                self.current_time(),
            );
            match rendered {
                Ok(message) => ready.message = Some(message),
                Err(defect) => {
                    let id = &self.draft.id;
                    error!(notification.id = %id, %channel, error = %defect, "Could not write notification {id}");
                    let failed =
                        self.fail_unclaimed(present, "its template could not be rendered")?;
                    return Ok(Some(WriteStep::End(
                        failed,
                        SendOutcome::Failed(SendFailure::Unwritten),
                    )));
                }
            }
        }
        if !ready.has_slot {
            let want = SlotRequest {
                urgency: occasion.notification_type.table_row().urgency,
                place,
            };
            let pacer = &self.dispatch.pacer;
            match pacer
                .request_slot(*channel, want, n_in_batch, self.current_time())
                .await?
            {
                SlotGrant::At(at) => sleep(duration_until(at, self.current_time())).await,
                SlotGrant::Place(at) => return self.wait_until(present, at).map(Some),
            }
            ready.has_slot = true;
            anyhow::ensure!(watch.has_time(TO_SEND), "there is no time left to send it");
        }
        Ok(None)
    }

    /// Has it wait until `at`: in the queue, or for long in the ledger.
    fn wait_until(
        &self,
        present: Option<&Notification>,
        at: Timestamp,
    ) -> anyhow::Result<WriteStep> {
        let waits_in_ledger =
            present.is_some() && at.duration_since(self.current_time()) > LONGEST_IN_QUEUE;
        if waits_in_ledger {
            return self.defer_notification(present, at, DeferralReason::Provider);
        }
        Ok(WriteStep::Wait(at))
    }

    fn defer_notification(
        &self,
        present: Option<&Notification>,
        until: Timestamp,
        reason: DeferralReason,
    ) -> anyhow::Result<WriteStep> {
        let now = self.current_time();
        let deferred = match present {
            None => Some(self.draft.to_deferred(until, reason, now)),
            Some(present) => present.defer(&self.token, until, reason, now),
        };
        let deferred = deferred.with_context(|| self.undecidable_reason())?;
        Ok(WriteStep::End(deferred, SendOutcome::Deferred(reason)))
    }

    pub(crate) fn suppress_notification(
        &self,
        present: Option<&Notification>,
        reason: SuppressionReason,
    ) -> anyhow::Result<WriteStep> {
        let now = self.current_time();
        let suppressed = match present {
            None => Some(self.draft.to_suppressed(reason, now)),
            Some(present) => present.suppress(&self.token, reason, now),
        };
        let suppressed = suppressed.with_context(|| self.undecidable_reason())?;
        Ok(WriteStep::End(suppressed, SendOutcome::Suppressed(reason)))
    }

    /// Failed before it was ever claimed.
    fn fail_unclaimed(
        &self,
        present: Option<&Notification>,
        reason: &str,
    ) -> anyhow::Result<Notification> {
        let now = self.current_time();
        let failed = match present {
            None => Some(self.draft.to_failed(reason, now)),
            Some(present) => present.fail(&self.token, reason, now),
        };
        failed.with_context(|| self.undecidable_reason())
    }

    fn undecidable_reason(&self) -> String {
        format!(
            "notification {} can be claimed but not decided on",
            self.draft.id
        )
    }

    fn decide_send(&self, is_suppressed: bool) -> Decision {
        policy::decide_send(
            self.proposal,
            &self.case.to_order_context(),
            is_suppressed,
            self.current_time(),
        )
    }

    /// Why the address is not to be written to, if it is not.
    async fn find_suppression(&self) -> Result<Option<SuppressedAddress>, ServiceError> {
        let ProposedNotification {
            channel, recipient, ..
        } = self.proposal;
        let shop = &self.draft.order.shop;
        let contacts = &self.dispatch.files.contacts;
        contacts.find_suppression(shop, *channel, recipient).await
    }

    pub(crate) fn current_time(&self) -> Timestamp {
        self.arrival.watch.current_time()
    }
}

/// How long it is until `at`.
fn duration_until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO)
}
