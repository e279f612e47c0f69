//! Whose number is this? A table of formats, one interpreter of it, and what
//! else a shop knows.
//!
//! | module | subject |
//! | --- | --- |
//! | [`format`], [`check`] | what a number looks like, and what its check digit proves |
//! | `table` | the formats of all carriers |
//! | `sample` | numbers made up by their format |
//! | `posts` | which post gives the numbers of a country |
//! | [`sight`] | how storefronts call carriers, and where their pages are |
//! | `clues` | what name, link, country and the shop's own mix do to a guess |

pub mod check;
mod clues;
pub mod format;
mod posts;
mod sample;
pub mod sight;
mod table;

pub use clues::Clues;

use format::Owner;
use posthorn_domain::{candidates::SURE, id::CarrierId, tracking_number::TrackingNumber};
use serde::Serialize;
use std::cmp::Reverse;

/// A carrier that may have given a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CarrierMatch {
    /// The carrier's id. Not every one can be asked: see [`crate::find`] and [`sight`].
    pub carrier: &'static str,
    /// The format that matched; none if only a named carrier stands for it.
    pub format: Option<&'static str>,
    /// How sure, in percent.
    pub confidence: u8,
    /// Whether a check digit agreed; none where the format has none. A number
    /// whose check digit is wrong is no candidate at all.
    pub checksum: Option<bool>,
    /// Whether a post gives numbers of this format also to shipments that another
    /// carrier hands over to it, which then knows them by this number as well.
    pub is_postal: bool,
    /// What speaks for it.
    pub reasons: MatchReasons,
}

impl CarrierMatch {
    const BINDING: u8 = SURE;
    /// Below this a number has little more than the length of the carrier's.
    const PLAUSIBLE: u8 = 25;

    /// Whether the number may be given to this carrier without it being named.
    /// Without a check digit that agreed, or a name, it never may.
    pub const fn is_binding(&self) -> bool {
        self.confidence >= Self::BINDING
    }

    /// Whether the carrier may be asked after it where those that are likelier
    /// do not know it.
    pub const fn is_plausible(&self) -> bool {
        self.confidence >= Self::PLAUSIBLE
    }

    /// Whether a name or link stands for it, and not the number alone.
    pub const fn is_named(&self) -> bool {
        self.reasons.contains_reason(MatchReason::CarrierName)
            || self.reasons.contains_reason(MatchReason::Url)
    }

    /// The carrier's id as the domain knows it.
    pub fn carrier_id(&self) -> CarrierId {
        CarrierId::parse(self.carrier).expect("a test parses each id of the table")
    }
}

/// What speaks for a candidate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchReason {
    /// Length and fixed characters.
    Shape,
    /// The check digit agrees.
    Checksum,
    /// The storefront calls the carrier so.
    CarrierName,
    /// The storefront's link leads to the carrier's page.
    Url,
    /// The carrier is at home in the country.
    Country,
    /// The shop sends with it.
    Mix,
}

impl MatchReason {
    const ALL: [Self; 6] = [
        Self::Shape,
        Self::Checksum,
        Self::CarrierName,
        Self::Url,
        Self::Country,
        Self::Mix,
    ];
}

/// A few reasons, each at most once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MatchReasons(u8);

impl MatchReasons {
    const fn insert_reason(&mut self, reason: MatchReason) {
        self.0 |= 1 << reason as u8;
    }

    /// Whether `reason` is among them.
    pub const fn contains_reason(self, reason: MatchReason) -> bool {
        self.0 & (1 << reason as u8) != 0
    }

    /// Each of them.
    pub fn iter(self) -> impl Iterator<Item = MatchReason> {
        MatchReason::ALL
            .into_iter()
            .filter(move |reason| self.contains_reason(*reason))
    }
}

impl FromIterator<MatchReason> for MatchReasons {
    fn from_iter<I: IntoIterator<Item = MatchReason>>(reasons: I) -> Self {
        let mut all = Self::default();
        for reason in reasons {
            all.insert_reason(reason);
        }
        all
    }
}

/// A carrier that cannot have given a number: it has the carrier's shape, but not
/// the check digit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RejectedMatch {
    /// The carrier's id.
    pub carrier: &'static str,
    /// The format whose check digit is wrong.
    pub format: &'static str,
    /// Whether the carrier gives no number of this shape with another check digit,
    /// so that it is a typing error if the shipment is this carrier's.
    pub is_firm: bool,
    /// What speaks for it all the same.
    pub reasons: MatchReasons,
}

/// The carriers whose shape `number` has, and of none of whose shapes the check
/// digit agrees; first those that were named, then those that would be the
/// surest.
pub fn rejected_carriers(number: &TrackingNumber, clues: &Clues<'_>) -> Vec<RejectedMatch> {
    let text = number.as_str().as_bytes();
    let (told, words) = clues.named_carriers();
    let mut rejected: Vec<(bool, u8, RejectedMatch)> = Vec::new();
    for format in format::possible_formats(text) {
        let is_wrong =
            format.has_shape(text) && format.check.check_digit_agrees(text) == Some(false);
        let Some(carrier) = format.number_owner(text).filter(|_| is_wrong) else {
            continue;
        };
        if fit_of(carrier, number) == NumberFit::Fits {
            continue;
        }
        let is_told = told.contains(&carrier);
        let words = words.iter().copied().filter(|_| is_told);
        let found = RejectedMatch {
            carrier,
            format: format.name,
            is_firm: format.is_firm,
            reasons: words.chain([MatchReason::Shape]).collect(),
        };
        let known = rejected
            .iter_mut()
            .find(|(.., known)| known.carrier == carrier);
        match known {
            Some(known) if (known.2.is_firm, known.1) < (found.is_firm, format.confidence) => {
                *known = (is_told, format.confidence, found);
            }
            Some(_) => {}
            None => rejected.push((is_told, format.confidence, found)),
        }
    }
    rejected.sort_by_key(|(is_told, confidence, _)| Reverse((*is_told, *confidence)));
    rejected.into_iter().map(|(.., found)| found).collect()
}

/// The carriers that may have given `number`, the likeliest first, each once.
pub fn recognise_number(number: &TrackingNumber, clues: &Clues<'_>) -> Vec<CarrierMatch> {
    let text = number.as_str().as_bytes();
    let mut candidates: Vec<CarrierMatch> = Vec::new();
    for format in format::possible_formats(text) {
        if !format.has_shape(text) {
            continue;
        }
        let checksum = format.check.check_digit_agrees(text);
        let (Some(carrier), Some(true) | None) = (format.number_owner(text), checksum) else {
            continue;
        };
        let mut reasons = MatchReasons::default();
        reasons.insert_reason(MatchReason::Shape);
        if checksum.is_some() {
            reasons.insert_reason(MatchReason::Checksum);
        }
        let candidate = CarrierMatch {
            carrier,
            format: Some(format.name),
            confidence: format.confidence,
            checksum,
            is_postal: format.is_postal,
            reasons,
        };
        match candidates.iter_mut().find(|known| known.carrier == carrier) {
            Some(known) if known.confidence < candidate.confidence => *known = candidate,
            Some(_) => {}
            None => candidates.push(candidate),
        }
    }
    clues::weigh_candidates(&mut candidates, number, clues);
    candidates.sort_by_key(|candidate| Reverse(candidate.confidence));
    candidates
}

/// How a number fits a carrier that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberFit {
    /// It has one of the carrier's shapes, and its check digit agrees.
    Fits,
    /// It has one of the carrier's shapes, but its check digit is wrong, and the
    /// carrier gives no such number.
    WrongCheckDigit,
    /// It has none of the shapes that we know of the carrier, which may have more.
    OtherShape,
}

/// Whether `number` has none of the forms that we know of the carrier of
/// `profile` and of those whose shipments it knows; never, if we know no form of one
/// of these.
pub fn is_of_unknown_form(profile: &crate::CarrierProfile, number: &TrackingNumber) -> bool {
    let own = [profile.id];
    let givers: &[&str] = if profile.serves.is_empty() {
        &own
    } else {
        profile.serves
    };
    let formats = || table::TABLES.iter().copied().flatten();
    givers.iter().all(|giver| {
        formats().any(|format| matches!(format.owner, Owner::Carrier(id) if id == *giver))
            && fit_of(giver, number) == NumberFit::OtherShape
    })
}

/// How `number` fits the carrier of `profile`.
pub fn fit_number(profile: &crate::CarrierProfile, number: &TrackingNumber) -> NumberFit {
    fit_of(profile.id, number)
}

fn fit_of(carrier: &str, number: &TrackingNumber) -> NumberFit {
    let text = number.as_str().as_bytes();
    let mut fit = NumberFit::OtherShape;
    let own = format::possible_formats(text)
        .iter()
        .filter(|format| match format.owner {
            Owner::Carrier(id) => id == carrier,
            Owner::PostOf(_) => true,
        })
        .filter(|format| format.has_shape(text) && format.number_owner(text) == Some(carrier));
    for format in own {
        match format.check.check_digit_agrees(text) {
            Some(true) | None => return NumberFit::Fits,
            Some(false) if format.is_firm => fit = NumberFit::WrongCheckDigit,
            Some(false) => {}
        }
    }
    fit
}
