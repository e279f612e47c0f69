//! Decides which messages a fact is worth, and sends each of them once.
//!
//! Trigger  `DispatchQueue`: facts from the bus, and notices that are due, from `sweep`
//! Reads    the order with its parcels, its contact and its ledger, the shop's
//!          settings, suppressed addresses; what SES lets the account send
//! Writes   the ledger: each decision with its reason, each step of a send; the pace
//!          of each provider and the shop's texts of the day; a number that
//!          has opted out; what has to wait for its provider, back to `DispatchQueue`;
//!          once per installation what links in mails are signed with
//! Sends    mail through SES and texts through SNS, with the SDK's retries off and
//!          no faster than they take it (docs/adr/0027-a-pace-for-sending.md)
//! On error of one notice the others go on; a message of which anything must be
//!          tried again goes back to the queue and, after 10 tries, to `DispatchDlq`
//! Repeats  are harmless: a notice is named by what caused it and claimed before
//!          it is sent (docs/adr/0003-exactly-once.md)

mod brake;
mod case;
mod left_behind;
mod links;
mod outcome;
mod pacer;
mod post;
mod pursuit;
mod second_look;
mod sending;
mod task;
mod turns;
mod watch;

use std::time::Duration;

use anyhow::Context as _;
use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use futures::future::join_all;
use jiff::Timestamp;
use lambda_runtime::LambdaEvent;
use posthorn_domain::{
    fact::Fact,
    id::OrderKey,
    notice::{Draft, Notice, NoticeId, NoticeState, Suppression},
    policy::{self, Proposal},
};
use posthorn_platform::{
    Aws, Config, batch, clock,
    config::ConfigError,
    metric::{self, Metric},
    queue::Queue,
    store::{
        contacts::ContactStore,
        notices::{NoticeStore, Put},
        orders::OrderStore,
        settings::SettingsStore,
    },
};
use tokio::time::timeout;
use tracing::info;

use crate::{
    case::{Case, Files},
    links::Links,
    outcome::Outcome,
    pacer::Pacer,
    post::Post,
    pursuit::{Arrival, Entry, Pursuit},
    task::{About, Places, Task},
    turns::Turns,
    watch::Watch,
};

/// What is kept of an invocation's time to answer in.
const TO_ANSWER: Duration = Duration::from_millis(500);

/// The shortest wait for a provider: SQS hides a message for whole seconds.
const LEAST_WAIT: Duration = Duration::from_secs(1);

/// The function.
#[derive(Debug)]
pub struct Dispatch {
    files: Files,
    pacer: Pacer,
    post: Post,
    queue: Queue,
    links: Links,
}

/// How the messages of a task came in.
#[derive(Debug, Clone, Copy)]
struct Arrivals<'a> {
    watch: Watch,
    places: &'a Places,
    n_in_batch: usize,
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
            pacer: Pacer::new(aws, config)?,
            queue: Queue::new(aws, config.required("POSTHORN_DISPATCH_QUEUE")?),
            post: Post::new(aws, config.optional("POSTHORN_CONFIGURATION_SET")),
            links: Links::new(aws, config)?,
        })
    }

    /// Works off a batch of the queue, all orders at once.
    pub async fn handle(
        &self,
        event: LambdaEvent<SqsEvent>,
    ) -> Result<SqsBatchResponse, lambda_runtime::Error> {
        let deadline = i64::try_from(event.context.deadline).ok();
        let deadline = deadline.and_then(|at| Timestamp::from_millisecond(at).ok());
        Ok(self.work_off(event.payload, clock::now(), deadline).await)
    }

    /// Works off a batch that came in at `now`, and says which messages must
    /// come again. What cannot be finished by `deadline` is not begun.
    pub async fn work_off(
        &self,
        event: SqsEvent,
        now: Timestamp,
        deadline: Option<Timestamp>,
    ) -> SqsBatchResponse {
        let turns = &Turns::default();
        let n_in_batch = event.records.len();
        batch::queue(event, |task: Task| async move {
            let watch = Watch::set(now, deadline);
            let work = self.do_task(task, turns, watch, n_in_batch);
            let Some(left) = watch.left() else {
                return work.await;
            };
            // One that hangs must not take the others with it that are done.
            let left = Duration::try_from(left).unwrap_or_default();
            let result = timeout(left.saturating_sub(TO_ANSWER), work).await;
            result.context("it would not have been done in time")?
        })
        .await
    }

    async fn do_task(
        &self,
        task: Task,
        turns: &Turns,
        watch: Watch,
        n_in_batch: usize,
    ) -> anyhow::Result<()> {
        let _turn = turns.wait(task.order()).await?;
        let arrivals = Arrivals {
            watch,
            places: &task.places,
            n_in_batch,
        };
        let places = match &task.about {
            About::Fact(fact) => Box::pin(self.tell(fact, arrivals)).await?,
            About::Notice { order, notice } => {
                Box::pin(self.review(order, notice, arrivals)).await?
            }
        };
        let Some(first) = places.values().min() else {
            return Ok(());
        };
        let wait = first.duration_since(watch.now());
        let wait = Duration::try_from(wait).unwrap_or_default().max(LEAST_WAIT);
        let about = task.about;
        let again = Task { about, places };
        Ok(self.queue.delayed(wait).send(&again).await?)
    }

    /// Tells the customer about `fact`, on each channel for itself. Gives the places
    /// in line of what has to wait for its provider.
    async fn tell(&self, fact: &Fact, arrivals: Arrivals<'_>) -> anyhow::Result<Places> {
        let (id, order, watch) = (&fact.id, &fact.order, arrivals.watch);
        let event = fact.event.name();
        let Some(case) = Box::pin(self.files.open(order, watch.now())).await? else {
            info!(fact.id = id, %order, event, "Fact {id}: there is no such order");
            return Ok(Places::new());
        };
        let proposals = policy::propose(fact, &case.view(), watch.now());
        let case = &case;
        self.settle_left_behind(case, fact, &proposals, watch.now())
            .await?;
        let results = join_all(proposals.iter().map(|proposal| async move {
            let entry = Entry::read(case.entry(&proposal.id).cloned());
            let draft = proposal.draft(order, id);
            let outcome = self.pursue(case, proposal, draft, entry, arrivals).await?;
            if outcome == Outcome::Sent {
                let lag = watch.now().duration_since(fact.at).as_secs_f64();
                metric::emit(Metric::StatusToNoticeSeconds {
                    channel: proposal.channel,
                    seconds: lag.max(0.0),
                });
            }
            anyhow::Ok((proposal, outcome))
        }))
        .await;
        let mut failure = None;
        let (mut told, mut places) = (Vec::new(), Places::new());
        for result in results {
            match result {
                Ok((proposal, outcome)) => {
                    let (channel, moment) = (proposal.channel, proposal.occasion.moment);
                    told.push(format!("{channel} {moment}: {outcome}"));
                    if let Outcome::Waits(until) = outcome {
                        let first = places.entry(channel).or_insert(until);
                        *first = until.min(*first);
                    }
                }
                // The first one says why the message comes again; the others
                // are tried again with it.
                Err(error) => failure = failure.or(Some(error)),
            }
        }
        let told = told.join(", ");
        info!(fact.id = id, %order, event, notices = told, "Fact {id}: {told}");
        failure.map_or(Ok(places), Err)
    }

    /// Judges a notice again that is due: a later state may have overtaken it,
    /// it may be too late, the customer may not want it any more.
    async fn review(
        &self,
        order: &OrderKey,
        id: &NoticeId,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<Places> {
        let case = Box::pin(self.files.open(order, arrivals.watch.now())).await?;
        let notice = case.as_ref().and_then(|case| Some((case, case.entry(id)?)));
        let outcome = match notice {
            Some((case, notice)) => self.review_in(case, notice, arrivals).await?,
            None => Outcome::Nothing,
        };
        info!(notice.id = %id, %order, outcome = %outcome, "Notice {id}: {outcome}");
        let waits = match (notice, outcome) {
            (Some((_, notice)), Outcome::Waits(until)) => Some((notice.channel, until)),
            _ => None,
        };
        Ok(waits.into_iter().collect())
    }

    async fn review_in(
        &self,
        case: &Case,
        notice: &Notice,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<Outcome> {
        let now = arrivals.watch.now();
        let present = match &notice.state {
            NoticeState::Unknown { .. } => match notice.sent_again(now) {
                None => return Ok(Outcome::Nothing),
                Some(again) => again,
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
            // The address is gone; nobody agreed to write elsewhere.
            return self
                .suppress(notice, &present, Suppression::NoConsent, now)
                .await;
        };
        if proposal.id == notice.id {
            let entry = Entry::aged(notice.clone(), present);
            let draft = proposal.draft(&notice.order, &notice.fact);
            return self.pursue(case, &proposal, draft, entry, arrivals).await;
        }
        // The address was corrected: to the new one it is another notice. First
        // that, for until this one is closed it leads there again.
        let entry = Entry::read(case.entry(&proposal.id).cloned());
        let draft = proposal.draft(&notice.order, &notice.fact);
        let outcome = self.pursue(case, &proposal, draft, entry, arrivals).await?;
        if !matches!(outcome, Outcome::Waits(_)) {
            let reason = Suppression::AddressChanged;
            self.suppress(notice, &present, reason, now).await?;
        }
        Ok(outcome)
    }

    /// Ends a notice that waits: `present` is what it has come to by its age.
    async fn suppress(
        &self,
        notice: &Notice,
        present: &Notice,
        reason: Suppression,
        now: Timestamp,
    ) -> anyhow::Result<Outcome> {
        match present.suppressed("", reason, now) {
            Some(suppressed) => self.close(notice, suppressed).await,
            None => Ok(Outcome::Nothing),
        }
    }

    async fn pursue(
        &self,
        case: &Case,
        proposal: &Proposal,
        draft: Draft,
        entry: Entry,
        arrivals: Arrivals<'_>,
    ) -> anyhow::Result<Outcome> {
        let pursuit = Pursuit {
            dispatch: self,
            case,
            proposal,
            draft,
            token: token()?,
            arrival: Arrival {
                watch: arrivals.watch,
                place: arrivals.places.get(&proposal.channel).copied(),
                n_in_batch: arrivals.n_in_batch,
            },
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
