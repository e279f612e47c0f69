//! Whose shipment it is, while only its number tells: the carriers that are asked
//! in turn until one of them knows it (`docs/adr/0021-candidates-in-turn.md`).

use crate::id::CarrierId;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

/// From so many percent on a number is taken to be a carrier's without
/// its being named.
pub const SURE: u8 = 90;

/// The most carriers that are asked in turn.
pub const MOST: usize = 4;

/// How long the likeliest is asked before the others have another turn: three
/// questions at the cadence of a shipment that was not seen yet.
const STAY: SignedDuration = SignedDuration::from_hours(20);

/// A carrier that may have given a shipment's number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierCandidate {
    /// Who.
    pub carrier: CarrierId,
    /// The aggregator that is asked in the carrier's place, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CarrierId>,
    /// How sure the number makes it, in percent; 0 of an aggregator, who may
    /// know any number.
    pub confidence: u8,
}

impl CarrierCandidate {
    /// A carrier of whose number it is so sure, asked directly.
    pub const fn new(carrier: CarrierId, confidence: u8) -> Self {
        Self {
            carrier,
            asked: None,
            confidence,
        }
    }

    /// Whether it is beyond doubt.
    pub const fn is_sure(&self) -> bool {
        self.confidence >= SURE
    }
}

/// What a carrier says against a number's being its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Denial {
    /// It does not know the number, or not yet.
    Unknown,
    /// It cannot have given such a number.
    Impossible,
}

/// The carriers that may have given a number, and whose turn it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    ranked: Vec<CarrierCandidate>,
    turn: usize,
    rounds: u32,
    since: Timestamp,
}

impl Candidates {
    /// `ranked`, the likeliest first, of whom the first is asked from `now` on;
    /// none if there is nothing to find out.
    pub fn from_ranked(ranked: Vec<CarrierCandidate>, now: Timestamp) -> Option<Self> {
        let mut ranked = ranked;
        ranked.truncate(MOST);
        let is_open = match ranked.as_slice() {
            [] => false,
            [only] => !only.is_sure(),
            _ => true,
        };
        is_open.then_some(Self {
            ranked,
            turn: 0,
            rounds: 0,
            since: now,
        })
    }

    /// All of them, the likeliest first.
    pub fn ranked(&self) -> &[CarrierCandidate] {
        &self.ranked
    }

    /// Who is asked now.
    pub fn current_candidate(&self) -> Option<&CarrierCandidate> {
        self.ranked.get(self.turn)
    }

    /// The same once the present one has said no; none if it is still its turn.
    ///
    /// Each is asked once at first. Then the likeliest has some three questions
    /// and each other one, round after round: most numbers that no carrier knows
    /// are those of labels that have not been scanned yet. Who is sure has his
    /// three questions at once.
    pub fn reject_current(&self, denial: Denial, now: Timestamp) -> Option<Self> {
        if self.ranked.len() < 2 {
            return None;
        }
        let mut next = Self {
            since: now,
            ..self.clone()
        };
        match denial {
            Denial::Unknown if self.keeps_current(now) => return None,
            Denial::Unknown => next.turn += 1,
            Denial::Impossible if self.turn < self.ranked.len() => {
                next.ranked.remove(self.turn);
            }
            Denial::Impossible => {}
        }
        if next.turn >= next.ranked.len() {
            next.turn = 0;
            next.rounds += 1;
        }
        Some(next)
    }

    fn keeps_current(&self, now: Timestamp) -> bool {
        let is_sure = self
            .current_candidate()
            .is_some_and(CarrierCandidate::is_sure);
        let is_patient = self.turn == 0 && (self.rounds > 0 || is_sure);
        is_patient && now.duration_since(self.since) < STAY
    }

    /// The same with `aggregator` saying who is asked in a carrier's place.
    #[must_use]
    pub fn asked_through(self, aggregator: impl Fn(&CarrierId) -> Option<CarrierId>) -> Self {
        let through = |candidate: CarrierCandidate| CarrierCandidate {
            asked: aggregator(&candidate.carrier),
            ..candidate
        };
        Self {
            ranked: self.ranked.into_iter().map(through).collect(),
            ..self
        }
    }
}
