//! A shipment and what becomes of it, by the domain's own rules.

use crate::rota::Queueable;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    cadence::{self, Cadence, LAST_LOOKS},
    condition::ShipmentCondition,
    id::CarrierId,
    journey::{self, ElapsedEffect, PollState},
    status::Reason,
};
use posthorn_platform::store::pagination::IndexPosition;

const DAY: i64 = 24 * 60;

#[derive(Debug, Clone)]
pub(super) struct SimulatedShipment {
    pub(super) rank: u64,
    pub(super) glance: PollState,
    /// None before it is registered and after the last look.
    pub(super) cadence: Option<Cadence>,
    /// When it was asked after last.
    pub(super) last: Option<Timestamp>,
    pub(super) polls: u64,
    /// Whether it had come to its end before the day began.
    pub(super) began_over: bool,
    has_moved: bool,
}

/// What a look at a shipment was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PollKind {
    /// One of many.
    Usual,
    /// Its carrier has forgotten it.
    Forgotten,
    /// It has been silent for so long that it is given up.
    Expired,
    /// The one on the day after the end.
    NextDay,
    /// The one a week after the end; no look follows it.
    Last,
}

/// A shipment in a slot.
#[derive(Debug, Clone, Copy)]
pub(super) struct SlotMember {
    pub(super) id: usize,
    pub(super) rank: u64,
    pub(super) cadence: Cadence,
}

impl Queueable for SlotMember {
    fn index_position(&self) -> IndexPosition {
        IndexPosition {
            shard: 0,
            pk: format!("{:020}", self.rank),
            sk: String::new(),
        }
    }
}

pub(super) fn hash(value: u64) -> u64 {
    let mixed = (value ^ (value >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mixed = (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed ^ (mixed >> 32)
}

/// Of a hundred shipments, how many stand where.
const USUAL: [(Reason, usize); 5] = [
    (Reason::Today, 4),
    (Reason::ExceptionGeneric, 5),
    (Reason::Moving, 51),
    (Reason::Label, 30),
    (Reason::DeliveredGeneric, 10),
];
const FEW_URGENT: [(Reason, usize); 5] = [
    (Reason::Today, 1),
    (Reason::ExceptionGeneric, 2),
    (Reason::Moving, 57),
    (Reason::Label, 30),
    (Reason::DeliveredGeneric, 10),
];

impl SimulatedShipment {
    /// The shipment `id` of a carrier, as it stands when the day begins.
    pub(super) fn new(
        id: usize,
        rank: u64,
        carrier: &CarrierId,
        is_usual: bool,
        retention_days: u16,
        begin: Timestamp,
    ) -> Self {
        let mix = if is_usual { USUAL } else { FEW_URGENT };
        let mut place = id % 100;
        let fits = |(_, share): &&(Reason, usize)| {
            let fits = place < *share;
            place = place.saturating_sub(*share);
            fits
        };
        let (reason, _) = *mix.iter().find(fits).unwrap();
        let chance = |below: i64| i64::try_from(hash(rank) % below.unsigned_abs()).unwrap();
        let kept = DAY * i64::from(retention_days);
        // How many minutes ago it was registered, and last changed.
        let (registered, changed) = match (id % 1000, reason) {
            // Silent for a month in the course of the day.
            (107, _) => (40 * DAY, 30 * DAY - chance(20 * 60)),
            // Forgotten by its carrier in the course of the day.
            (111, _) => (kept - chance(20 * 60), DAY),
            (_, Reason::Today) => (3 * DAY, 0),
            (_, Reason::DeliveredGeneric) => (10 * DAY, chance(8 * DAY - 1)),
            _ => (3 * DAY, chance(2 * DAY)),
        };
        let reason = if matches!(id % 1000, 107 | 111) {
            Reason::Moving
        } else {
            reason
        };
        let at = |minutes: i64| begin - SignedDuration::from_mins(minutes);
        let mut glance = PollState {
            carrier: carrier.clone(),
            provider: None,
            reason,
            eta: None,
            conditions: Vec::new(),
            is_return: false,
            registered_at: at(registered),
            changed_at: at(changed),
            subscribed_until: None,
        };
        if id % 1000 == 107 {
            let since = at(26 * DAY);
            glance.conditions.push(ShipmentCondition::Stalled { since });
        }
        Self {
            rank,
            // One whose last look is due is still in its line.
            cadence: cadence::of_glance(&glance, begin).or(Some(Cadence::Day)),
            began_over: reason.to_status().is_final(),
            glance,
            last: None,
            polls: 0,
            has_moved: false,
        }
    }

    /// The same as one that is not known before `at`.
    pub(super) fn registered(mut self, at: Timestamp) -> Self {
        self.glance.reason = Reason::NoInfo;
        self.glance.registered_at = at;
        self.glance.changed_at = at;
        self.cadence = None;
        self.began_over = false;
        self.has_moved = true;
        self
    }

    /// Whether it has stood in one line all day, as far as it is followed at all.
    pub(super) const fn has_stayed(&self) -> bool {
        !self.has_moved && !self.began_over
    }

    pub(super) fn is_over(&self) -> bool {
        self.glance.reason.to_status().is_final()
    }

    /// Whether the look a week after its end is overdue.
    pub(super) fn lacks_last_look(&self, now: Timestamp) -> bool {
        let day = SignedDuration::from_hours(24) + SignedDuration::from_mins(2);
        let since = now.duration_since(self.glance.changed_at);
        self.is_over() && self.cadence.is_some() && since > LAST_LOOKS + day
    }

    /// Takes note of an answer. Sometimes there is news; else time does its work.
    pub(super) fn told(
        &mut self,
        has_news: bool,
        retention: SignedDuration,
        now: Timestamp,
    ) -> PollKind {
        self.polls += 1;
        self.last = Some(now);
        let look = self.look(has_news, retention, now);
        let cadence = match look {
            PollKind::Last => None,
            _ => cadence::of_glance(&self.glance, now),
        };
        self.has_moved |= cadence != self.cadence;
        self.cadence = cadence;
        look
    }

    fn look(&mut self, has_news: bool, retention: SignedDuration, now: Timestamp) -> PollKind {
        let glance = &mut self.glance;
        if !glance.reason.to_status().is_final() {
            if now.duration_since(glance.registered_at) >= retention {
                self.move_to(Reason::Silent, now);
                return PollKind::Forgotten;
            }
            if has_news && hash(self.rank ^ self.polls).is_multiple_of(24) {
                let next = after(glance.reason, self.rank ^ self.polls);
                self.move_to(next, now);
                return PollKind::Usual;
            }
        }
        match journey::elapsed_effect(&self.glance, now) {
            Some(ElapsedEffect::Finished) => PollKind::Last,
            Some(ElapsedEffect::Expired) => {
                self.move_to(Reason::Silent, now);
                PollKind::Expired
            }
            Some(ElapsedEffect::Stalled) => {
                let stalled = ShipmentCondition::Stalled { since: now };
                self.glance.conditions.push(stalled);
                PollKind::Usual
            }
            Some(ElapsedEffect::EtaMissed(_)) | None if self.is_over() => PollKind::NextDay,
            Some(ElapsedEffect::EtaMissed(_)) | None => PollKind::Usual,
        }
    }

    fn move_to(&mut self, reason: Reason, now: Timestamp) {
        self.glance.reason = reason;
        self.glance.changed_at = now;
        self.glance.conditions.clear();
    }
}

/// Where a shipment goes from here.
fn after(reason: Reason, seed: u64) -> Reason {
    match reason {
        Reason::NoInfo => Reason::Label,
        Reason::Label | Reason::ExceptionGeneric => Reason::Moving,
        Reason::Moving => Reason::Today,
        Reason::Today if hash(seed).is_multiple_of(4) => Reason::DeliveredGeneric,
        Reason::Today => Reason::ExceptionGeneric,
        other => other,
    }
}
