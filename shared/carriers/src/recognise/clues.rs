//! What a shop knows besides the number, and what it does to the candidates.

use super::{CarrierMatch, MatchReason, NumberFit, fit_of, sight};
use posthorn_domain::tracking_number::TrackingNumber;

/// What is known besides the number; nothing by default.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clues<'a> {
    /// What the storefront calls the carrier, as `Deutsche Post`.
    pub carrier_name: Option<&'a str>,
    /// Where the storefront's tracking link leads.
    pub url: Option<&'a str>,
    /// Where the recipient is, in ISO 3166-1 alpha-2.
    pub country: Option<&'a str>,
    /// Where the shop is. A carrier that is at home in either may carry it.
    pub shop_country: Option<&'a str>,
    /// How many shipments the shop has sent lately with each carrier, by its id.
    pub mix: &'a [(&'a str, u32)],
}

/// The most that a candidate can have that must not bind.
const LOOSE: u8 = CarrierMatch::BINDING - 1;
/// A number that can be no other carrier's.
const CERTAIN: u8 = 100;
/// What a name and a number that fits are worth.
const TOLD_AND_FITS: u8 = 96;
/// What a name is worth with a number whose shape we do not know.
const TOLD: u8 = CarrierMatch::BINDING;
/// What a name is worth that may be any of several carriers.
const AMBIGUOUS: u8 = 60;
/// So many shipments make a mix that says something.
const MIX_FROM: u32 = 20;

impl Clues<'_> {
    fn are_none(&self) -> bool {
        let is_nowhere = self.country.is_none() && self.shop_country.is_none();
        self.carrier_name.is_none() && self.url.is_none() && is_nowhere && self.mix.is_empty()
    }

    /// The carriers that were named or linked to, and by which of them we know.
    pub(super) fn named_carriers(&self) -> (Vec<&'static str>, Vec<MatchReason>) {
        let hinted = self
            .carrier_name
            .map(sight::find_by_name)
            .unwrap_or_default();
        let linked = self.url.map(sight::find_by_host).unwrap_or_default();
        let both: Vec<&'static str> = hinted
            .iter()
            .copied()
            .filter(|id| linked.contains(id))
            .collect();
        if !both.is_empty() {
            (both, vec![MatchReason::CarrierName, MatchReason::Url])
        } else if !hinted.is_empty() {
            // The name was chosen from a list, the link was typed.
            (hinted, vec![MatchReason::CarrierName])
        } else if linked.is_empty() {
            (linked, Vec::new())
        } else {
            (linked, vec![MatchReason::Url])
        }
    }
}

/// Judges `candidates` by what else is known.
pub(super) fn weigh_candidates(
    candidates: &mut Vec<CarrierMatch>,
    number: &TrackingNumber,
    clues: &Clues<'_>,
) {
    if clues.are_none() {
        return;
    }
    for candidate in candidates.iter_mut() {
        by_country(candidate, clues);
        by_mix(candidate, clues);
    }
    by_word(candidates, number, clues);
}

/// Country and mix move what is undecided, and decide nothing by themselves: who
/// may be asked without them may be asked with them, if later.
fn move_confidence(candidate: &mut CarrierMatch, points: i16) {
    if !candidate.is_binding() {
        let sum = i16::from(candidate.confidence) + points;
        let least = if candidate.is_plausible() {
            CarrierMatch::PLAUSIBLE
        } else {
            1
        };
        let range = i16::from(least)..=i16::from(LOOSE);
        let moved = sum.clamp(*range.start(), *range.end());
        candidate.confidence = u8::try_from(moved).unwrap_or(LOOSE);
    }
}

fn by_country(candidate: &mut CarrierMatch, clues: &Clues<'_>) {
    let countries = [clues.country, clues.shop_country].into_iter().flatten();
    let mut at_home = countries.filter_map(|country| sight::is_at_home(candidate.carrier, country));
    match (at_home.next(), at_home.next()) {
        (Some(true), _) | (_, Some(true)) => {
            move_confidence(candidate, 8);
            candidate.reasons.insert_reason(MatchReason::Country);
        }
        (Some(false), _) | (_, Some(false)) => move_confidence(candidate, -12),
        (None, None) => {}
    }
}

fn by_mix(candidate: &mut CarrierMatch, clues: &Clues<'_>) {
    let total: u32 = clues.mix.iter().map(|(_, count)| *count).sum();
    if total < MIX_FROM {
        return;
    }
    let own = clues.mix.iter().find(|(id, _)| *id == candidate.carrier);
    let percent = own.map_or(0, |(_, count)| u64::from(*count) * 100 / u64::from(total));
    if percent == 0 {
        move_confidence(candidate, -6);
        return;
    }
    move_confidence(
        candidate,
        i16::try_from(percent * 3 / 10).unwrap_or_default(),
    );
    candidate.reasons.insert_reason(MatchReason::Mix);
    // One number in ten of others has the check digit: nine in ten shipments of
    // the shop's are this carrier's, so 99 numbers in 100 that agree are its own.
    if percent >= 90 && candidate.checksum == Some(true) && candidate.confidence >= 80 {
        candidate.confidence = candidate.confidence.max(CarrierMatch::BINDING);
    }
}

/// A named carrier outranks what a number looks like, unless a check digit
/// leaves no doubt about its carrier and no named carrier gives such numbers.
/// A post's number leaves that doubt: it may be on a shipment that the carrier who
/// was named hands over to the post (`docs/adr/0024-numbers-of-posts.md`).
fn by_word(candidates: &mut Vec<CarrierMatch>, number: &TrackingNumber, clues: &Clues<'_>) {
    let (told, reasons) = clues.named_carriers();
    // A number of our own sandbox is no carrier's, whatever is named.
    let is_ours = candidates.iter().any(|found| found.confidence == CERTAIN);
    if told.is_empty() || is_ours {
        return;
    }
    let is_told = |candidate: &CarrierMatch| told.contains(&candidate.carrier);
    let best = candidates
        .iter()
        .filter(|candidate| is_told(candidate))
        .map(|candidate| candidate.confidence)
        .max();
    let is_proved = candidates
        .iter()
        .any(|found| found.is_binding() && found.checksum == Some(true) && !found.is_postal);
    if best.is_none() && is_proved {
        return;
    }
    let is_shared = candidates
        .iter()
        .filter(|candidate| is_told(candidate) && Some(candidate.confidence) == best)
        .count()
        > 1;
    for candidate in candidates.iter_mut() {
        if !is_told(candidate) {
            candidate.confidence = candidate.confidence.min(LOOSE);
            continue;
        }
        for reason in &reasons {
            candidate.reasons.insert_reason(*reason);
        }
        candidate.confidence = if Some(candidate.confidence) == best && !is_shared {
            candidate.confidence.max(TOLD_AND_FITS)
        } else {
            candidate.confidence.min(LOOSE)
        };
    }
    if best.is_some() {
        return;
    }
    let is_one = told.len() == 1;
    // A product of DHL is carried by any of DHL's carriers, but `DHL` is the name of one.
    let is_named = |id| {
        clues
            .carrier_name
            .is_some_and(|hint| sight::is_its_name(id, hint))
    };
    let fitting = told
        .into_iter()
        .filter(|id| fit_of(id, number) != NumberFit::WrongCheckDigit);
    candidates.extend(fitting.map(|carrier| CarrierMatch {
        carrier,
        format: None,
        confidence: if is_one || is_named(carrier) {
            TOLD
        } else {
            AMBIGUOUS
        },
        checksum: None,
        is_postal: false,
        reasons: reasons.iter().copied().collect(),
    }));
}
