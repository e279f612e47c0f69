//! The world of the model: a ledger, two workers, a sweep, a provider, a clock.

use crate::{fixtures::at, notifications::draft};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    notification::{ClaimOutcome, Notification, NotificationState, ProviderEvent},
    notification_type::Channel,
};
use std::{
    hash::{DefaultHasher, Hash as _, Hasher as _},
    mem,
    rc::Rc,
};

/// Two minutes, of which a call may take one.
const LEASE: SignedDuration = SignedDuration::from_mins(2);
/// After which a mail of unknown fate is sent again.
const PATIENCE: SignedDuration = SignedDuration::from_hours(8);
const CALL: SignedDuration = SignedDuration::from_mins(1);

/// Where a worker is; a crash at any point takes it back to `Idle`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Worker {
    Idle,
    /// It has read the ledger and is about to write, on condition that the
    /// ledger has not moved since.
    Write {
        expected: Option<usize>,
        next: Rc<Notification>,
        is_claim: bool,
    },
    /// The claim is its own; it is about to call the provider.
    Hold {
        notification: Rc<Notification>,
    },
    /// The provider took it, refused it, or did not answer.
    Answered {
        is_taken: bool,
    },
    Unanswered,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct World {
    now: Timestamp,
    pub(crate) ledger: Option<Rc<Notification>>,
    workers: [Worker; 2],
    tokens: [u8; 2],
    /// When the provider took the message, each time.
    pub(crate) sent: Vec<Timestamp>,
    /// Whether the fate of the last sending was unknown for so long that the
    /// message was released to be sent again.
    pub(crate) has_window: bool,
    /// Whether an event of the provider is on its way.
    has_event: bool,
    deliveries: u8,
    crashes: u8,
    losses: u8,
    minutes: u8,
    waits: u8,
}

impl World {
    /// Before anything happened.
    pub(crate) fn new() -> Self {
        Self {
            now: at("22 09:00"),
            ledger: None,
            workers: [Worker::Idle, Worker::Idle],
            tokens: [0, 0],
            sent: Vec::new(),
            has_window: false,
            has_event: false,
            deliveries: 3,
            crashes: 1,
            losses: 2,
            minutes: 2,
            waits: 2,
        }
    }

    fn token(&self, worker: usize) -> String {
        format!("{worker}.{}", self.tokens[worker])
    }

    /// Every world that can come next.
    pub(crate) fn next(&self, channel: Channel) -> Vec<Self> {
        let mut worlds = Vec::new();
        for worker in 0..2 {
            self.crash(worker, &mut worlds);
            self.work(worker, channel, &mut worlds);
        }
        self.pass(&mut worlds);
        if self.has_event {
            worlds.push(self.with(|world| {
                world.has_event = false;
                let event = ProviderEvent::Sent {
                    provider_id: "id".to_owned(),
                };
                world.update(|notification, now| notification.settled_by_event(&event, now));
            }));
        }
        let ledger = self.ledger.as_ref();
        if let Some(next) = ledger.and_then(|notification| notification.sent_again(self.now)) {
            worlds.push(self.with(|world| {
                world.has_window = self.was_unknown_since_sent();
                world.ledger = Some(Rc::new(next));
            }));
        }
        worlds
    }

    /// A worker dies with what it has; one that has not yet claimed has nothing.
    fn crash(&self, worker: usize, worlds: &mut Vec<Self>) {
        let has_claim = !matches!(self.workers[worker], Worker::Idle | Worker::Write { .. });
        if self.crashes > 0 && has_claim {
            worlds.push(self.with(|world| {
                world.crashes -= 1;
                world.workers[worker] = Worker::Idle;
            }));
        }
    }

    fn pass(&self, worlds: &mut Vec<Self>) {
        if self.minutes > 0 {
            worlds.push(self.with(|world| {
                world.minutes -= 1;
                world.now += SignedDuration::from_mins(1);
            }));
        }
        if self.waits > 0 {
            worlds.push(self.with(|world| {
                world.waits -= 1;
                world.now += PATIENCE;
            }));
        }
    }

    /// The next step of one worker, and each way in which it can end.
    fn work(&self, worker: usize, channel: Channel, worlds: &mut Vec<Self>) {
        let token = self.token(worker);
        let to = |next: Worker| self.with(|world| world.workers[worker] = next.clone());
        match self.workers[worker].clone() {
            Worker::Idle if self.deliveries > 0 => worlds.push(self.with(|world| {
                world.deliveries -= 1;
                world.tokens[worker] += 1;
                world.read(worker, channel);
            })),
            Worker::Idle => {}
            Worker::Write {
                expected,
                next,
                is_claim,
            } => {
                let is_unmoved = self.revision() == expected;
                let written = self.with(|world| {
                    if is_unmoved {
                        world.ledger = Some(Rc::clone(&next));
                    }
                });
                let reread = written.with(|world| world.read(worker, channel));
                if self.losses > 0 {
                    worlds.push(reread.with(|world| world.losses -= 1));
                }
                worlds.push(match (is_unmoved, is_claim) {
                    (true, true) => written
                        .with(|world| world.workers[worker] = Worker::Hold { notification: next }),
                    (true, false) => written.with(|world| world.workers[worker] = Worker::Idle),
                    (false, _) => reread,
                });
            }
            Worker::Hold { notification }
                if notification.may_be_sent_by(&token, CALL, self.now) =>
            {
                let take = |after: Worker, cost: u8| {
                    self.with(|world| {
                        world.losses -= cost;
                        world.sent.push(world.now);
                        world.has_window = false;
                        world.has_event = true;
                        world.workers[worker] = after.clone();
                    })
                };
                worlds.push(take(Worker::Answered { is_taken: true }, 0));
                worlds.push(to(Worker::Answered { is_taken: false }));
                if self.losses > 0 {
                    worlds.push(take(Worker::Unanswered, 1));
                    worlds.push(self.with(|world| {
                        world.losses -= 1;
                        world.workers[worker] = Worker::Unanswered;
                    }));
                }
            }
            Worker::Hold { .. } => worlds.push(to(Worker::Idle)),
            Worker::Answered { is_taken } => worlds.push(self.with(|world| {
                world.workers[worker] = Worker::Idle;
                world.update(|notification, now| {
                    if is_taken {
                        notification.mark_sent("id", now)
                    } else {
                        notification.release_after_refusal(&token, now)
                    }
                });
            })),
            Worker::Unanswered => worlds.push(self.with(|world| {
                world.workers[worker] = Worker::Idle;
                world.update(|notification, now| notification.mark_unknown(&token, now));
            })),
        }
    }

    /// A worker reads the ledger and decides what to do.
    fn read(&mut self, worker: usize, channel: Channel) {
        let expected = self.revision();
        let token = self.token(worker);
        let claim = draft(channel).claim_send(self.ledger.as_deref(), &token, LEASE, self.now);
        self.workers[worker] = match claim {
            ClaimOutcome::Won(next) => Worker::Write {
                expected,
                next: Rc::new(next),
                is_claim: true,
            },
            ClaimOutcome::Lost(next) => Worker::Write {
                expected,
                next: Rc::new(next),
                is_claim: false,
            },
            ClaimOutcome::Ours(notification) => Worker::Hold {
                notification: Rc::new(notification),
            },
            ClaimOutcome::Busy { .. } | ClaimOutcome::Later { .. } | ClaimOutcome::Settled => {
                Worker::Idle
            }
        };
    }

    fn update(&mut self, step: impl Fn(&Notification, Timestamp) -> Option<Notification>) {
        let now = self.now;
        if let Some(next) = self
            .ledger
            .as_deref()
            .and_then(|notification| step(notification, now))
        {
            self.ledger = Some(Rc::new(next));
        }
    }

    fn revision(&self) -> Option<usize> {
        self.ledger
            .as_ref()
            .map(|notification| notification.revision_number())
    }

    fn with(&self, change: impl FnOnce(&mut Self)) -> Self {
        let mut world = self.clone();
        change(&mut world);
        world
    }

    /// Whether the fate is unknown, has been for long enough, and became so
    /// after the last sending.
    fn was_unknown_since_sent(&self) -> bool {
        let Some(NotificationState::Unknown { since }) = self.ledger.as_ref().map(|it| &it.state)
        else {
            return false;
        };
        let is_long = self.now.duration_since(*since) >= PATIENCE;
        is_long && self.sent.last().is_none_or(|sent| sent <= since)
    }
}

/// Two worlds of the same fingerprint have the same future: of a history only
/// its length matters, and of a message nothing but its state.
pub(crate) fn fingerprint(world: &World) -> u64 {
    let mut hasher = DefaultHasher::new();
    mark(world.ledger.as_deref(), &mut hasher);
    for worker in &world.workers {
        mem::discriminant(worker).hash(&mut hasher);
        match worker {
            Worker::Write {
                expected,
                next,
                is_claim,
            } => {
                mark(Some(next), &mut hasher);
                (expected, is_claim).hash(&mut hasher);
            }
            Worker::Hold { notification } => mark(Some(notification), &mut hasher),
            Worker::Answered { is_taken } => is_taken.hash(&mut hasher),
            Worker::Idle | Worker::Unanswered => {}
        }
    }
    let budgets = [
        world.deliveries,
        world.crashes,
        world.losses,
        world.minutes,
        world.waits,
    ];
    let past = (world.now, world.tokens, &world.sent);
    (past, world.has_window, world.has_event, budgets).hash(&mut hasher);
    hasher.finish()
}

fn mark(notification: Option<&Notification>, hasher: &mut DefaultHasher) {
    let Some(notification) = notification else {
        return 0.hash(hasher);
    };
    (notification.attempts, notification.revision_number()).hash(hasher);
    mem::discriminant(&notification.state).hash(hasher);
    match &notification.state {
        NotificationState::Claimed { token, lease_until } => (token, lease_until).hash(hasher),
        NotificationState::Deferred { until: at, .. }
        | NotificationState::Unknown { since: at } => {
            at.hash(hasher);
        }
        _ => {}
    }
}
