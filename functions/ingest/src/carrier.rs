//! Who carries a shipment: what the shop says, or what the number tells.

mod candidates;
mod rules;

pub(crate) use candidates::{list_candidates, recognise_carriers, single_match, supported_id};
pub(crate) use rules::{InUse, Rules};

use crate::{field::Issue, problem::ProblemCode};
use jiff::Timestamp;
use posthorn_carriers::{
    Clues, NumberFit, PROFILES,
    carriers::sandbox,
    profile::PollMode,
    profile_of,
    recognise::{self, sight},
};
use posthorn_domain::{
    candidates::Candidates,
    id::CarrierId,
    journey,
    shipment::{QueryDetails, Shipment},
    tracking_number::TrackingNumber,
};

/// The carrier that is never asked.
pub(crate) const MANUAL: &str = "manual";
/// The carrier that exists for tests only.
pub(crate) const SANDBOX: &str = "sandbox";

/// The carriers that a shop may name, for people: `ups, sandbox, manual`.
pub(crate) fn supported_carriers() -> String {
    let ids: Vec<&str> = PROFILES.iter().map(|profile| profile.id).collect();
    ids.join(", ")
}

/// The carrier that is never asked.
pub(crate) fn manual_carrier() -> CarrierId {
    CarrierId::parse(MANUAL).expect("the id of a carrier of ours is one")
}

/// Whether we can do no more for `carrier` than to name it and its page.
pub(crate) fn is_by_hand(carrier: &CarrierId) -> bool {
    carrier.as_str() == MANUAL || profile_of(carrier).is_none()
}

/// The shipment, to be asked after as its shop wants it: with its carrier, or
/// with an aggregator in its place.
pub(crate) fn route_via(shipment: Shipment, rules: Rules<'_>, now: Timestamp) -> Shipment {
    let aggregator = named_aggregator(&shipment, rules);
    let carrier = aggregator
        .as_ref()
        .filter(|_| is_by_hand(&shipment.carrier))
        .and_then(|_| by_sight(&shipment, rules));
    let hints = QueryDetails {
        carrier,
        ..shipment.query_details.clone()
    };
    let through = |all: Candidates| all.asked_through(|carrier| rules.in_place_of(carrier));
    let shipment = Shipment {
        query_details: hints,
        candidates: shipment.candidates.map(through),
        ..shipment
    };
    journey::ask_with(shipment, aggregator, now)
}

/// Who carries a shipment that is followed by hand, as far as the shop's words
/// and the number tell.
fn by_sight(shipment: &Shipment, rules: Rules<'_>) -> Option<CarrierId> {
    let clues = Clues {
        carrier_name: shipment.carrier_name.as_deref(),
        url: shipment.tracking_url.as_deref(),
        ..rules.to_clues()
    };
    let named = sight::find_by_name(clues.carrier_name.unwrap_or_default());
    match named.as_slice() {
        [only] => CarrierId::parse(only).ok(),
        _ => single_match(shipment.tracking_number.as_ref()?, &clues).map(|told| told.carrier_id()),
    }
}

/// The aggregator that the shop names for such a shipment: for its carrier, or
/// for all that cannot be polled. For a shipment by hand at least the carrier's
/// name must have been given.
fn named_aggregator(shipment: &Shipment, rules: Rules<'_>) -> Option<CarrierId> {
    let carrier = &shipment.carrier;
    if carrier.as_str() == SANDBOX || shipment.is_untracked() {
        return None;
    }
    let is_unasked = if is_by_hand(carrier) {
        shipment.carrier_name.is_some()
    } else {
        rules.lacks_credentials(carrier)
    };
    rules
        .in_place_of(carrier)
        .or_else(|| rules.default_aggregator().filter(|_| is_unasked))
        .filter(|id| id != carrier)
}

/// Whether one of two carriers is asked after the shipments of the other.
pub(crate) fn is_served(one: &CarrierId, other: &CarrierId) -> bool {
    let serves = |service: &CarrierId, carrier: &CarrierId| {
        profile_of(service).is_some_and(|known| known.serves.contains(&carrier.as_str()))
    };
    serves(one, other) || serves(other, one)
}

/// Whether shipments of `carrier` can be polled.
pub(crate) fn can_be_asked(carrier: &CarrierId) -> bool {
    profile_of(carrier).is_some_and(|known| known.mode != PollMode::Never)
}

/// Whether `carrier`, whom the shop named, can have given `number`.
///
/// A shape that we do not know is taken on the shop's word: carriers have more
/// formats than are written down. A wrong check digit is a typing error.
pub(crate) fn verify_number(
    carrier: &CarrierId,
    number: &TrackingNumber,
    rules: Rules<'_>,
) -> Result<(), Issue> {
    let Some(known) = profile_of(carrier) else {
        if rules.allows_carrier(carrier.as_str()) {
            return Ok(());
        }
        return Err(Issue::new(
            ProblemCode::UnknownCarrier,
            "is none of the carriers that we know",
        )
        .with_expected(supported_carriers()));
    };
    if carrier.as_str() == SANDBOX && !rules.is_test {
        return Err(sandbox_refused());
    }
    let name = known.name;
    match posthorn_carriers::fit_number(known, number) {
        NumberFit::Fits => Ok(()),
        NumberFit::OtherShape if carrier.as_str() != SANDBOX => Ok(()),
        NumberFit::OtherShape => Err(Issue::new(
            ProblemCode::InvalidTrackingNumber,
            "names no scenario of the sandbox carrier",
        )
        .with_expected("a number like SANDBOX-STRAIGHT-0001")),
        NumberFit::WrongCheckDigit => Err(Issue::new(
            ProblemCode::WrongCheckDigit,
            format!("has the form of a {name} number, but its check digit is wrong"),
        )
        .with_expected("the number as it stands on the label")),
    }
}

/// What is doubtful about `number` as one of `carrier`, whom the shop named: it
/// has none of the forms that we know of it. Nothing, if we know no form at all.
pub(crate) fn doubt_number(carrier: &CarrierId, number: &TrackingNumber) -> Option<Issue> {
    let known = profile_of(carrier)?;
    recognise::is_of_unknown_form(known, number).then(|| {
        Issue::new(
            ProblemCode::UnknownForm,
            format!(
                "has none of the forms that we know of {}, who is asked after it all the same",
                known.name
            ),
        )
        .with_expected("the number as it stands on the label")
    })
}

/// What the shop has to look at about the number of `shipment`, if anything: it was
/// sent without one, or the storefront's field holds what cannot be read.
pub(crate) fn attention_issue(shipment: &Shipment) -> Option<Issue> {
    if shipment.has_unreadable_number() {
        return Some(
            Issue::new(
                ProblemCode::UnreadableNumber,
                "the storefront's field holds a text that cannot be read as a tracking number",
            )
            .with_expected("the tracking number alone, or several with a comma between them"),
        );
    }
    shipment.is_untracked().then(|| {
        Issue::new(
            ProblemCode::NoTrackingNumber,
            "is missing: without it the shipment cannot be polled",
        )
        .with_expected("the number by PATCH of the shipment, or in the storefront, if there is one")
    })
}

/// What is doubtful about following `shipment`: the field, and why. It is followed
/// all the same.
pub(crate) fn list_doubts(shipment: &Shipment, rules: Rules<'_>) -> Vec<(&'static str, Issue)> {
    let carrier = &shipment.carrier;
    let mut doubts = Vec::new();
    let number = shipment.tracking_number.as_ref();
    let is_test_number = number.is_some_and(sandbox::is_test_number);
    if is_test_number && carrier.as_str() != SANDBOX {
        let fault = Issue::new(
            ProblemCode::TestNumber,
            "is a test number of the sandbox carrier, no carrier knows it",
        );
        doubts.push((
            "tracking_number",
            fault.with_expected("an order with `test`, or a shop in test mode"),
        ));
    }
    let is_polled_itself = shipment.cadence.is_some() && shipment.provider() == carrier;
    if is_polled_itself && carrier.as_str() != SANDBOX && !rules.has_credentials(carrier) {
        let fault = Issue::new(
            ProblemCode::CarrierNotInUse,
            format!(
                "the parameter `Carriers` of the installation does not name {carrier}: \
                 without credentials nothing is known of the shipment"
            ),
        );
        doubts.push((
            "carrier",
            fault.with_expected("credentials of the carrier, and its id in `Carriers`"),
        ));
    }
    doubts
}

fn sandbox_refused() -> Issue {
    Issue::new(
        ProblemCode::SandboxNotAllowed,
        "is a number of the sandbox carrier, which carries test orders only",
    )
    .with_expected("an order with `test`, or a shop in test mode")
}
