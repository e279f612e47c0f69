//! An order's life, told step by step, and what its customer hears of it.
//!
//! The story runs the rules as the functions do: a report is laid upon the
//! shipment, the change becomes facts, the shipments roll up to the order, each
//! fact becomes messages that are decided on, claimed and sent.

use crate::fixtures::{at, clock, contact, new_shipment, order, scan};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    contact::Contact,
    eta::{Eta, EtaSource},
    fact::Fact,
    id::CarrierId,
    journey as rules,
    notification::{ClaimOutcome, Notification, NotificationState},
    notification_type::{Channel, NotificationType},
    order::Order,
    policy::{self, Decision, OrderContext, ProposedNotification},
    report::Report,
    rollup,
    scan::Scan,
    settings::Settings,
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::Reason,
    tracking_number::TrackingNumber,
    transition::{self, ItemChange},
};

/// Something that happens at a time: `what` @ `at`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// A reason or status of the first shipment (`2: …` of the second), or one of
    /// the words that [`Story::step`] knows.
    pub(crate) what: &'static str,
    /// Day of November 2026 and time: `22 09:00`.
    pub(crate) at: &'static str,
}

/// What happens in an order's life, each at its time.
macro_rules! journey {
    [$($what:literal @ $at:literal),* $(,)?] => {
        [$($crate::story::Step { what: $what, at: $at }),*]
    };
}
pub(crate) use journey;

/// A story under way.
#[derive(Clone)]
pub(crate) struct Story {
    pub(crate) order: Order,
    pub(crate) shipments: Vec<Shipment>,
    pub(crate) contact: Contact,
    pub(crate) settings: Settings,
    pub(crate) ledger: Vec<Notification>,
    /// Facts that wait to be dispatched, for those who want them late.
    pub(crate) facts: Vec<Fact>,
    scans: Vec<(usize, Scan)>,
    /// What carriers state beside the scans from now on.
    stated: Option<Reason>,
    /// What the customer got, oldest first: `email delivered`.
    pub(crate) told: Vec<String>,
    /// Facts as they came about.
    pub(crate) happened: Vec<String>,
    /// Whether the roll-up of a change waits for the step `rollup`.
    pub(crate) is_rolled_up_later: bool,
    pub(crate) now: Timestamp,
}

impl Story {
    /// Before the order is placed.
    pub(crate) fn new() -> Self {
        let mut settings = Settings::default();
        // Off by default; here it shows what else is told in which order.
        settings
            .notification_types
            .insert(NotificationType::InTransit, vec![Channel::Email]);
        Self {
            order: order(),
            shipments: Vec::new(),
            contact: contact(),
            settings,
            ledger: Vec::new(),
            facts: Vec::new(),
            scans: Vec::new(),
            stated: None,
            told: Vec::new(),
            happened: Vec::new(),
            is_rolled_up_later: false,
            now: at("22 08:00"),
        }
    }

    /// Plays the steps; what is due meanwhile happens in between.
    pub(crate) fn play(&mut self, steps: &[Step]) {
        for step in steps {
            let now = at(step.at);
            self.wait_until(now);
            self.step(step);
            self.dispatch();
        }
    }

    /// What one step does, without any customer being told yet.
    pub(crate) fn step(&mut self, step: &Step) {
        self.now = at(step.at);
        let (shipment, what) = match step.what.split_once(": ") {
            Some((shipment, what)) => (shipment.parse::<usize>().unwrap() - 1, what),
            None => (0, step.what),
        };
        match what.split_once(' ').unwrap_or((what, "")) {
            ("order", _) => self.note_order(None),
            ("parcel", _) => self.register(|shipment| shipment),
            ("shop", stage) => self.set_stage(stage.parse().unwrap()),
            ("untracked", _) => self.register(|shipment| Shipment {
                tracking_number: None,
                ..shipment
            }),
            ("manual", _) => self.register(|shipment| Shipment {
                carrier: CarrierId::parse("manual").unwrap(),
                cadence: None,
                ..shipment
            }),
            ("number", number) => self.renumber(shipment, number),
            ("eta", day) => self.report(shipment, Some(day)),
            ("rollup", _) => self.roll_up(),
            ("silence", _) => self.ask_in_vain(shipment),
            ("wait", _) => {}
            ("stated", reason) => {
                self.stated = Some(reason.parse().unwrap());
                self.report(shipment, None);
            }
            _ => {
                self.scans.push((shipment, scan(what, step.at)));
                self.report(shipment, None);
            }
        }
    }

    fn register(&mut self, as_announced: impl Fn(Shipment) -> Shipment) {
        let number = u16::try_from(self.shipments.len() + 1).unwrap();
        let mut shipment = as_announced(new_shipment(number));
        shipment.registered_at = self.now;
        shipment.changed_at = self.now;
        // As `ingest` does it.
        shipment.eta = self
            .order
            .promised
            .map(|day| Eta::on_day(day, EtaSource::Store));
        shipment.eta_first = shipment.eta;
        self.shipments.push(shipment);
        self.note_shipment(self.shipments.len() - 1, None);
    }

    fn set_stage(&mut self, stage: OrderStage) {
        let old = self.order.clone();
        self.order
            .set_stage(stage, StageSource::Shop, None, self.now)
            .unwrap();
        self.note_order(Some(old));
    }

    fn renumber(&mut self, shipment: usize, number: &str) {
        let old = self.shipments[shipment].clone();
        let number = TrackingNumber::parse(number).unwrap();
        self.scans.retain(|(of, _)| *of != shipment);
        self.shipments[shipment] =
            rules::correct_number(&old, old.carrier.clone(), Some(number), self.now);
        self.note_shipment(shipment, Some(old));
    }

    fn report(&mut self, shipment: usize, eta: Option<&str>) {
        let of_shipment = self.scans.iter().filter(|(of, _)| *of == shipment);
        let report = Report {
            scans: of_shipment.map(|(_, scan)| scan.clone()).collect(),
            eta: eta
                .map(|day| Eta::on_day(clock(&format!("{day} 00:00")).date(), EtaSource::Carrier)),
            reported_status: self.stated,
            ..Report::default()
        };
        let old = self.shipments[shipment].clone();
        self.shipments[shipment] = rules::apply_report(&old, &report, self.now).shipment;
        self.note_shipment(shipment, Some(old));
    }

    /// The first shipment's carrier tells these scans, all at once.
    pub(crate) fn deliver(&mut self, scans: &[Scan], time: &str) {
        self.now = at(time);
        self.scans
            .extend(scans.iter().map(|scan| (0, scan.clone())));
        self.report(0, None);
    }

    /// The carrier of a shipment tells these scans besides those it has told.
    pub(crate) fn poll(&mut self, shipment: usize, scans: &[Scan]) {
        let told = scans.iter().map(|scan| (shipment, scan.clone()));
        self.scans.extend(told);
        self.report(shipment, None);
    }

    fn ask_in_vain(&mut self, shipment: usize) {
        let old = self.shipments[shipment].clone();
        self.shipments[shipment] = rules::apply_elapsed_time(&old, self.now).shipment;
        self.note_shipment(shipment, Some(old));
    }

    fn note_shipment(&mut self, shipment: usize, old: Option<Shipment>) {
        self.note(&ItemChange::Shipment {
            order: self.order.key.clone(),
            old: old.map(Box::new),
            new: Box::new(self.shipments[shipment].clone()),
        });
        if !self.is_rolled_up_later {
            self.roll_up();
        }
    }

    fn roll_up(&mut self) {
        if let Some(stage) = rollup::roll_up(&self.order, &self.shipments) {
            let old = self.order.clone();
            self.order
                .set_stage(stage, StageSource::Shipments, None, self.now)
                .unwrap();
            self.note_order(Some(old));
        }
    }

    fn note_order(&mut self, old: Option<Order>) {
        self.note(&ItemChange::Order {
            old: old.map(Box::new),
            new: Box::new(self.order.clone()),
        });
    }

    fn note(&mut self, change: &ItemChange) {
        let facts = transition::derive_facts(change, self.now);
        self.happened
            .extend(facts.iter().map(|fact| fact.event.detail_type().to_owned()));
        self.facts.extend(facts);
    }

    /// Decides on everything that has happened and not been dispatched yet.
    pub(crate) fn dispatch(&mut self) {
        for fact in std::mem::take(&mut self.facts) {
            self.tell(&fact);
        }
    }

    /// Decides on what one fact calls for, as often as it is delivered.
    pub(crate) fn tell(&mut self, fact: &Fact) {
        let proposals = policy::propose_notifications(fact, &self.view(), self.now);
        assert!(
            proposals.is_empty() || !policy::is_silent(&fact.event),
            "{:?} is held back by the rule and calls for {proposals:?}",
            fact.event
        );
        for proposal in proposals {
            self.carry_out(&proposal, &fact.id);
        }
    }

    fn carry_out(&mut self, proposal: &ProposedNotification, fact: &str) {
        let decision = policy::decide_send(proposal, &self.view(), false, self.now);
        let draft = proposal.to_draft(&self.order.key, fact);
        let known = self
            .ledger
            .iter()
            .position(|notification| notification.id == proposal.id);
        let existing = known.map(|index| self.ledger[index].clone());
        let next = match decision {
            Decision::Send => {
                let lease = SignedDuration::from_mins(1);
                match draft.claim_send(existing.as_ref(), "token", lease, self.now) {
                    ClaimOutcome::Won(claimed) => {
                        let moment = proposal.trigger.notification_type;
                        self.told.push(format!("{} {moment}", proposal.channel));
                        claimed.mark_sent("id", self.now)
                    }
                    _ => None,
                }
            }
            Decision::Defer { until, reason } => match &existing {
                None => Some(draft.to_deferred(until, reason, self.now)),
                Some(notification) => notification.defer("", until, reason, self.now),
            },
            Decision::Suppress(reason) => match &existing {
                None => Some(draft.to_suppressed(reason, self.now)),
                Some(notification) => notification.suppress("", reason, self.now),
            },
        };
        match (next, known) {
            (Some(notification), Some(index)) => self.ledger[index] = notification,
            (Some(notification), None) => self.ledger.push(notification),
            (None, _) => {}
        }
    }

    /// Lets time pass: what was put off is decided on again when it is due.
    pub(crate) fn wait_until(&mut self, then: Timestamp) {
        loop {
            let due = self
                .ledger
                .iter()
                .filter_map(|notification| match notification.state {
                    NotificationState::Deferred { until, .. } if until <= then => {
                        Some((until, notification.clone()))
                    }
                    _ => None,
                });
            let Some((until, notification)) = due.min_by_key(|(until, _)| *until) else {
                break;
            };
            self.now = self.now.max(until);
            let proposal = policy::revisit_notification(&notification, &self.view()).unwrap();
            self.carry_out(&proposal, &notification.fact);
        }
        self.now = then;
    }

    /// What is known now.
    pub(crate) fn view(&self) -> OrderContext<'_> {
        OrderContext {
            order: &self.order,
            shipments: &self.shipments,
            contact: &self.contact,
            settings: &self.settings,
            notification_log: &self.ledger,
        }
    }

    /// What became of each message: `sms shipped: overtaken`.
    pub(crate) fn fates(&self) -> Vec<String> {
        self.ledger
            .iter()
            .map(|notification| {
                let fate = notification.state.describe_state();
                format!(
                    "{} {}: {fate}",
                    notification.channel, notification.trigger.notification_type
                )
            })
            .collect()
    }
}
