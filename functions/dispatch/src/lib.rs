//! Decides which messages a fact is worth, and sends each of them once.
//!
//! Trigger  `DispatchQueue`: facts from the bus, and notices that are due, from `sweep`
//! Reads    the order with its parcels, its contact and its ledger, the shop's
//!          settings, suppressed addresses
//! Writes   the ledger: each decision with its reason, each step of a send; once per
//!          installation what links in mails are signed with
//! Sends    mail through SES and texts through SNS, with the SDK's retries off
//! On error of one notice the others go on; a message of which anything must be
//!          tried again goes back to the queue and, after 5 tries, to `DispatchDlq`
//! Repeats  are harmless: a notice is named by what caused it and claimed before
//!          it is sent (docs/adr/0003-exactly-once.md)

mod case;
mod left_behind;
mod links;
mod outcome;
mod post;
mod pursuit;
mod second_look;
mod sending;
mod task;
mod turns;
mod watch;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::join_all;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use posthorn_domain::{
    fact::Fact,
    id::OrderKey,
    notice::{Draft, Notice, NoticeId, NoticeState, Settling, Suppression},
    policy::{self, Proposal},
};
use posthorn_platform::{
    Aws, Config, batch, clock,
    config::ConfigError,
    metric::{self, Metric},
    store::{
        contacts::ContactStore,
        notices::{NoticeStore, Put},
        orders::OrderStore,
        settings::SettingsStore,
    },
};
use tracing::info;

use crate::{
    case::{Case, Files},
    links::Links,
    outcome::{Failure, Outcome},
    post::Post,
    pursuit::{Entry, Pursuit},
    task::Task,
    turns::Turns,
    watch::Watch,
};

/// The function.
#[derive(Debug)]
pub struct Dispatch {
    files: Files,
    post: Post,
    links: Links,
}

impl Dispatch {
    /// With the settings of the environment.
    pub fn from_env(aws: &Aws) -> Result<Self, ConfigError> {
        Self::new(aws, &Config::of("Dispatch"))
    }

    /// With settings given by hand.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            files: Files {
                orders: OrderStore::new(aws, config)?,
                contacts: ContactStore::new(aws, config)?,
                notices: NoticeStore::new(aws, config)?,
                settings: SettingsStore::new(aws, config)?,
            },
            post: Post::new(aws, config.optional("POSTHORN_CONFIGURATION_SET")),
            links: Links::new(aws, config)?,
        })
    }

    /// Works off a batch of the queue, all orders at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        Ok(self.work_off(event.payload, clock::now()).await)
    }

    /// Works off a batch that came in at `now`, and says which messages must
    /// come again.
    pub async fn work_off(&self, event: SqsEvent, now: Timestamp) -> SqsBatchResponse {
        let turns = &Turns::default();
        batch::queue(event, |task: Task| async move {
            let watch = Watch::set(now);
            let _turn = turns.wait(task.order()).await?;
            match task {
                Task::Tell(fact) => Box::pin(self.tell(&fact, watch)).await,
                Task::Review { order, notice } => {
                    Box::pin(self.review(&order, &notice, watch)).await
                }
            }
        })
        .await
    }

    /// Tells the customer about `fact`, on each channel for itself.
    async fn tell(&self, fact: &Fact, watch: Watch) -> anyhow::Result<()> {
        let (id, order) = (&fact.id, &fact.order);
        let event = fact.event.name();
        let Some(case) = Box::pin(self.files.open(order, watch.now())).await? else {
            info!(fact.id = id, %order, event, "Fact {id}: there is no such order");
            return Ok(());
        };
        let proposals = policy::propose(fact, &case.view(), watch.now());
        self.settle_left_behind(&case, fact, &proposals, watch.now())
            .await?;
        let results = join_all(proposals.iter().map(|proposal| async {
            let entry = Entry::read(case.entry(&proposal.id).cloned());
            let draft = proposal.draft(order, id);
            let outcome = self.pursue(&case, proposal, draft, entry, watch).await?;
            if outcome == Outcome::Sent {
                let lag = watch.now().duration_since(fact.at).as_secs_f64();
                metric::emit(Metric::StatusToNoticeSeconds {
                    channel: proposal.channel,
                    seconds: lag.max(0.0),
                });
            }
            anyhow::Ok(format!(
                "{} {}: {outcome}",
                proposal.channel, proposal.occasion.moment
            ))
        }))
        .await;
        let mut failure = None;
        let mut told = Vec::new();
        for result in results {
            match result {
                Ok(line) => told.push(line),
                // The first one says why the message comes again; the others
                // are tried again with it.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let told = told.join(", ");
        info!(fact.id = id, %order, event, notices = told, "Fact {id}: {told}");
        failure.map_or(Ok(()), Err)
    }

    /// Judges a notice again that is due: a later state may have overtaken it,
    /// it may be too late, the customer may not want it any more.
    async fn review(&self, order: &OrderKey, id: &NoticeId, watch: Watch) -> anyhow::Result<()> {
        let case = Box::pin(self.files.open(order, watch.now())).await?;
        let outcome = match &case {
            Some(case) => self.review_in(case, id, watch).await?,
            None => Outcome::Nothing,
        };
        info!(notice.id = %id, %order, outcome = %outcome, "Notice {id}: {outcome}");
        Ok(())
    }

    async fn review_in(&self, case: &Case, id: &NoticeId, watch: Watch) -> anyhow::Result<Outcome> {
        let Some(notice) = case.entry(id) else {
            return Ok(Outcome::Nothing);
        };
        let now = watch.now();
        let present = match &notice.state {
            NoticeState::Unknown { .. } => match notice.settled_by_age(now) {
                None => return Ok(Outcome::Nothing),
                Some(Settling::GivenUp(failed)) => return self.close(notice, failed).await,
                Some(Settling::Again(again)) => again,
            },
            // Claimed for this very message, by a worker that may have died.
            NoticeState::Claimed { .. } => return self.outlive(notice, now).await,
            NoticeState::Deferred { .. } => notice.clone(),
            NoticeState::Sent { .. }
            | NoticeState::Suppressed { .. }
            | NoticeState::Failed { .. }
            | NoticeState::Delivered { .. }
            | NoticeState::Bounced { .. }
            | NoticeState::Complained { .. } => return Ok(Outcome::Nothing),
        };
        let Some(proposal) = policy::revisit(&present, &case.view()) else {
            // The address is gone or another one; nobody agreed to write there.
            return match present.suppressed("", Suppression::NoConsent, now) {
                Some(suppressed) => self.close(notice, suppressed).await,
                None => Ok(Outcome::Nothing),
            };
        };
        let draft = proposal.draft(&notice.order, &notice.fact);
        let entry = Entry::aged(notice.clone(), present);
        self.pursue(case, &proposal, draft, entry, watch).await
    }

    async fn pursue(
        &self,
        case: &Case,
        proposal: &Proposal,
        draft: Draft,
        entry: Entry,
        watch: Watch,
    ) -> anyhow::Result<Outcome> {
        let pursuit = Pursuit {
            dispatch: self,
            case,
            proposal,
            draft,
            token: token()?,
            watch,
        };
        let outcome = pursuit.run(entry).await?;
        outcome.count(proposal.channel, proposal.occasion.moment);
        Ok(outcome)
    }

    /// Writes the end of a notice without any send; if somebody else was faster,
    /// the end is theirs.
    async fn close(&self, before: &Notice, end: Notice) -> anyhow::Result<Outcome> {
        let outcome = match &end.state {
            NoticeState::Suppressed { reason, .. } => Outcome::Suppressed(*reason),
            NoticeState::Failed { .. } => Outcome::Failed(Failure::GivenUp),
            NoticeState::Unknown { .. } => Outcome::Unknown,
            _ => Outcome::Nothing,
        };
        match self.files.notices.put(&end, Some(before)).await? {
            Put::Written => {
                outcome.count(end.channel, end.occasion.moment);
                Ok(outcome)
            }
            Put::Conflict(_) => Ok(Outcome::Nothing),
        }
    }
}

/// 128 random bits, by which a worker knows its own claim again.
fn token() -> anyhow::Result<String> {
    let mut bits = [0; 16];
    getrandom::fill(&mut bits)?;
    Ok(hex::encode(bits))
}
