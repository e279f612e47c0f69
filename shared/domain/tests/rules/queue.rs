//! Two workers of `dispatch`, step by step, with the queue and the sweep: what the
//! function does between its reads and writes, without them.

use crate::story::{Step, Story};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    fact::Fact,
    notification::{
        ClaimOutcome, Notification, NotificationDraft, NotificationId, NotificationState,
    },
    notification_type::{Channel, NotificationType},
    policy::{self, Decision, OrderContext, ProposedNotification},
    scan::Scan,
};
use std::collections::VecDeque;

const LEASE: SignedDuration = SignedDuration::from_mins(2);

/// What a worker has to do.
#[derive(Clone)]
pub(crate) enum Job {
    Tell(Box<Fact>),
    Review(NotificationId),
}

/// How far a worker is; it knows the order as it read it.
#[derive(Clone)]
enum Worker {
    Idle,
    /// It has read the order and is about to decide on what is left.
    Deciding {
        read: Box<Story>,
        left: VecDeque<(ProposedNotification, NotificationDraft)>,
    },
    /// It has claimed a message and is about to look again.
    Looking {
        read: Box<Story>,
        left: VecDeque<(ProposedNotification, NotificationDraft)>,
    },
    /// It is about to send it.
    Sending {
        read: Box<Story>,
        left: VecDeque<(ProposedNotification, NotificationDraft)>,
    },
}

/// A message that the provider took.
#[derive(Clone)]
pub(crate) struct Sent {
    pub(crate) at: Timestamp,
    pub(crate) notification: Notification,
}

/// Tables, two workers, and what is in the queue.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) story: Story,
    pub(crate) jobs: Vec<Job>,
    workers: [Worker; 2],
    pub(crate) sent: Vec<Sent>,
}

impl World {
    pub(crate) fn new(story: Story) -> Self {
        Self {
            story,
            jobs: Vec::new(),
            workers: [Worker::Idle, Worker::Idle],
            sent: Vec::new(),
        }
    }

    /// Something happens to the order.
    pub(crate) fn happen(&mut self, step: &Step) {
        let now = self.story.now;
        self.story.step(step);
        self.story.now = self.story.now.max(now);
        let facts = std::mem::take(&mut self.story.facts);
        self.jobs
            .extend(facts.into_iter().map(Box::new).map(Job::Tell));
    }

    /// A carrier tells `scans` of a shipment, all at once.
    pub(crate) fn poll(&mut self, shipment: usize, scans: &[Scan], now: Timestamp) {
        self.story.now = self.story.now.max(now);
        self.story.poll(shipment, scans);
        let facts = std::mem::take(&mut self.story.facts);
        self.jobs
            .extend(facts.into_iter().map(Box::new).map(Job::Tell));
    }

    /// The queue delivers the latest message twice.
    pub(crate) fn double(&mut self) {
        self.jobs.extend(self.jobs.last().cloned());
    }

    /// Whether a worker is at work.
    pub(crate) fn is_at_work(&self) -> bool {
        self.workers
            .iter()
            .any(|worker| !matches!(worker, Worker::Idle))
    }

    /// How many choices `worker` has for what it does next.
    pub(crate) fn choices(&self, worker: usize) -> usize {
        match self.workers[worker] {
            Worker::Idle => self.jobs.len(),
            _ => 1,
        }
    }

    /// Lets `worker` take one step; `choice` says which job it takes.
    pub(crate) fn work(&mut self, worker: usize, choice: usize) {
        let before = std::mem::replace(&mut self.workers[worker], Worker::Idle);
        self.workers[worker] = match before {
            Worker::Idle => self.begin(choice),
            Worker::Deciding { read, left } => self.decide(worker, read, left),
            Worker::Looking { read, left } => self.look(worker, read, left),
            Worker::Sending { read, left } => self.send(read, left),
        };
    }

    fn begin(&mut self, choice: usize) -> Worker {
        let read = Box::new(self.story.clone());
        let left: VecDeque<(ProposedNotification, NotificationDraft)> =
            match self.jobs.swap_remove(choice) {
                Job::Tell(fact) => policy::propose_notifications(&fact, &read.view(), read.now)
                    .into_iter()
                    .map(|proposal| {
                        let draft = proposal.to_draft(&read.order.key, &fact.id);
                        (proposal, draft)
                    })
                    .collect(),
                Job::Review(id) => {
                    let due = read
                        .ledger
                        .iter()
                        .find(|notification| notification.id == id)
                        .unwrap();
                    let is_due = matches!(due.state, NotificationState::Deferred { .. });
                    let proposal =
                        policy::revisit_notification(due, &read.view()).filter(|_| is_due);
                    let draft = |proposal: ProposedNotification| {
                        let draft = proposal.to_draft(&read.order.key, &due.fact);
                        (proposal, draft)
                    };
                    proposal.map(draft).into_iter().collect()
                }
            };
        deciding(read, left)
    }

    /// Decides by what it has read, and writes on condition that no other worker has.
    fn decide(
        &mut self,
        worker: usize,
        read: Box<Story>,
        mut left: VecDeque<(ProposedNotification, NotificationDraft)>,
    ) -> Worker {
        let (proposal, draft) = left.front().unwrap();
        let now = self.story.now;
        let there = self
            .story
            .ledger
            .iter()
            .find(|notification| notification.id == draft.id)
            .cloned();
        let token = worker.to_string();
        let ClaimOutcome::Won(claimed) = draft.claim_send(there.as_ref(), &token, LEASE, now)
        else {
            left.pop_front();
            return deciding(read, left);
        };
        let next = match policy::decide_send(proposal, &read.view(), false, now) {
            Decision::Send => {
                self.put(claimed);
                return Worker::Looking { read, left };
            }
            Decision::Defer { until, reason } => match &there {
                None => draft.to_deferred(until, reason, now),
                Some(there) => there.defer(&token, until, reason, now).unwrap(),
            },
            Decision::Suppress(reason) => match &there {
                None => draft.to_suppressed(reason, now),
                Some(there) => there.suppress(&token, reason, now).unwrap(),
            },
        };
        self.put(next);
        left.pop_front();
        deciding(read, left)
    }

    /// Looks at what others have claimed by now.
    fn look(
        &mut self,
        worker: usize,
        read: Box<Story>,
        mut left: VecDeque<(ProposedNotification, NotificationDraft)>,
    ) -> Worker {
        let (proposal, draft) = left.front().unwrap();
        let now = self.story.now;
        let view = OrderContext {
            notification_log: &self.story.ledger,
            ..read.view()
        };
        let token = worker.to_string();
        let mine = self
            .story
            .ledger
            .iter()
            .find(|notification| notification.id == draft.id)
            .unwrap();
        let next = match policy::decide_send(proposal, &view, false, now) {
            Decision::Send => return Worker::Sending { read, left },
            Decision::Defer { until, reason } => mine.defer(&token, until, reason, now),
            Decision::Suppress(reason) => mine.suppress(&token, reason, now),
        };
        self.put(next.unwrap());
        left.pop_front();
        deciding(read, left)
    }

    fn send(
        &mut self,
        read: Box<Story>,
        mut left: VecDeque<(ProposedNotification, NotificationDraft)>,
    ) -> Worker {
        let (_, draft) = left.pop_front().unwrap();
        let now = self.story.now;
        let mine = self
            .story
            .ledger
            .iter()
            .find(|notification| notification.id == draft.id)
            .unwrap();
        let notification = mine.mark_sent("id", now).unwrap();
        self.sent.push(Sent {
            at: now,
            notification: notification.clone(),
        });
        self.put(notification);
        deciding(read, left)
    }

    fn put(&mut self, notification: Notification) {
        let ledger = &mut self.story.ledger;
        match ledger.iter_mut().find(|there| there.id == notification.id) {
            Some(there) => *there = notification,
            None => ledger.push(notification),
        }
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.jobs.is_empty()
            && self
                .workers
                .iter()
                .all(|worker| matches!(worker, Worker::Idle))
    }

    /// The next minute in which something is due.
    pub(crate) fn next_due(&self) -> Option<Timestamp> {
        let due = self
            .story
            .ledger
            .iter()
            .filter_map(|notification| match notification.state {
                NotificationState::Deferred { until, .. } => Some(until),
                _ => None,
            });
        due.min()
    }

    /// The sweep puts into the queue what is due by then.
    pub(crate) fn sweep(&mut self, now: Timestamp) {
        self.story.now = self.story.now.max(now);
        let due = self
            .story
            .ledger
            .iter()
            .filter_map(|notification| match notification.state {
                NotificationState::Deferred { until, .. } if until <= now => {
                    Some(Job::Review(notification.id.clone()))
                }
                _ => None,
            });
        self.jobs.extend(due);
    }

    /// Works off what is left, and what is put off, one after the other.
    pub(crate) fn finish(&mut self) {
        for _ in 0..1_000 {
            while !self.is_idle() {
                let worker = usize::from(self.choices(0) == 0);
                self.work(worker, 0);
            }
            let Some(due) = self.next_due() else { return };
            self.sweep(due);
        }
        panic!("it never ends: {:#?}", self.fates());
    }

    pub(crate) fn fates(&self) -> Vec<String> {
        self.story.fates()
    }

    /// What the customer was told on `channel`, in order.
    pub(crate) fn told(&self, channel: Channel) -> Vec<NotificationType> {
        let sent = self
            .sent
            .iter()
            .filter(|sent| sent.notification.channel == channel);
        sent.map(|sent| sent.notification.trigger.notification_type)
            .collect()
    }
}

fn deciding(read: Box<Story>, left: VecDeque<(ProposedNotification, NotificationDraft)>) -> Worker {
    if left.is_empty() {
        Worker::Idle
    } else {
        Worker::Deciding { read, left }
    }
}
