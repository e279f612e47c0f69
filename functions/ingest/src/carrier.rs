//! Who carries a parcel: what the shop says, or what the number tells.

use crate::{given::Fault, problem::Code};
use jiff::Timestamp;
use posthorn_carriers::{
    Candidate, Clues, Fit, profile::Mode, recognise, recognise::sight, rejected,
};
use posthorn_domain::{
    id::CarrierId,
    journey,
    settings::Settings,
    shipment::{Hints, Shipment},
    tracking_number::TrackingNumber,
};
use tracing::warn;

/// The carrier that is never asked.
pub(crate) const MANUAL: &str = "manual";
/// The carrier that exists for tests only.
pub(crate) const SANDBOX: &str = "sandbox";

/// What a shop may have carried by whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rules {
    /// Whether it is a test order, which the sandbox may carry.
    pub(crate) is_test: bool,
    /// Whether the shop has somebody to ask after parcels of carriers whom we
    /// cannot ask ourselves.
    pub(crate) has_aggregator: bool,
}

impl Rules {
    /// The rules for an order of a shop with these settings.
    pub(crate) fn of(settings: &Settings, is_test: bool) -> Self {
        Self {
            is_test,
            has_aggregator: settings.aggregator.is_some(),
        }
    }

    /// Whether a parcel of `carrier` can be followed without anybody's help.
    fn allows(self, carrier: &str) -> bool {
        self.has_aggregator && sight::name(carrier).is_some()
    }

    /// A carrier that a shop named.
    pub(crate) fn named(self) -> impl Fn(&str) -> Result<CarrierId, Fault> {
        move |text| {
            CarrierId::parse(text)
                .ok()
                .filter(|id| posthorn_carriers::find(id).is_some() || self.allows(id.as_str()))
                .ok_or_else(|| {
                    Fault::new(Code::UnknownCarrier, "is none of the carriers that we know")
                        .expecting(supported())
                })
        }
    }
}

/// The carriers that a shop may name, for people: `ups, sandbox, manual`.
pub(crate) fn supported() -> String {
    let ids: Vec<&str> = posthorn_carriers::ALL
        .iter()
        .map(|carrier| carrier.profile().id)
        .collect();
    ids.join(", ")
}

/// The carrier that is never asked.
pub(crate) fn manual() -> CarrierId {
    CarrierId::parse(MANUAL).expect("the id of a carrier of ours is one")
}

/// Whether we can do no more for `carrier` than to name it and its page.
pub(crate) fn is_by_hand(carrier: &CarrierId) -> bool {
    carrier.as_str() == MANUAL || posthorn_carriers::find(carrier).is_none()
}

/// The parcel, to be asked after as its shop wants it: with its carrier, or
/// with an aggregator in its place.
pub(crate) fn asked(shipment: Shipment, settings: &Settings, now: Timestamp) -> Shipment {
    let aggregator = aggregator(&shipment, settings);
    let carrier = aggregator
        .as_ref()
        .filter(|_| is_by_hand(&shipment.carrier))
        .and_then(|_| by_sight(&shipment));
    let hints = Hints {
        carrier,
        ..shipment.hints.clone()
    };
    journey::ask_with(Shipment { hints, ..shipment }, aggregator, now)
}

/// Who carries a parcel that is followed by hand, as far as the shop's words
/// and the number tell.
fn by_sight(shipment: &Shipment) -> Option<CarrierId> {
    let clues = Clues {
        hint: shipment.carrier_name.as_deref(),
        url: shipment.tracking_url.as_deref(),
        ..Clues::default()
    };
    let named = sight::called(clues.hint.unwrap_or_default());
    match named.as_slice() {
        [only] => CarrierId::parse(only).ok(),
        _ => told(&shipment.tracking_number, &clues).map(|told| told.carrier_id()),
    }
}

/// The aggregator that the shop names for such a parcel: for its carrier, or
/// for all whom we cannot ask. Of a parcel by hand at least somebody must have
/// said who carries it.
fn aggregator(shipment: &Shipment, settings: &Settings) -> Option<CarrierId> {
    let (carrier, name) = (&shipment.carrier, &shipment.carrier_name);
    if carrier.as_str() == SANDBOX {
        return None;
    }
    let of_all = settings.aggregator.as_ref();
    let of_all = of_all.filter(|_| is_by_hand(carrier) && name.is_some());
    let named = settings.aggregators.get(carrier.as_str()).or(of_all)?;
    let aggregator = CarrierId::parse(named)
        .ok()
        .filter(|id| id.as_str() != SANDBOX && can_be_asked(id));
    if aggregator.is_none() {
        warn!("A shop's settings name {named:?} as aggregator, who cannot be asked");
    }
    aggregator.filter(|id| id != carrier)
}

fn can_be_asked(carrier: &CarrierId) -> bool {
    posthorn_carriers::find(carrier).is_some_and(|known| known.profile().mode != Mode::Never)
}

/// Whether `carrier`, whom the shop named, can have given `number`.
///
/// A shape that we do not know is taken on the shop's word: carriers have more
/// formats than anybody has written down. A wrong check digit is a typing error.
pub(crate) fn verify(
    carrier: &CarrierId,
    number: &TrackingNumber,
    rules: Rules,
) -> Result<(), Fault> {
    let Some(known) = posthorn_carriers::find(carrier) else {
        if rules.allows(carrier.as_str()) {
            return Ok(());
        }
        return Err(
            Fault::new(Code::UnknownCarrier, "is none of the carriers that we know")
                .expecting(supported()),
        );
    };
    if carrier.as_str() == SANDBOX && !rules.is_test {
        return Err(sandbox_refused());
    }
    let name = known.profile().name;
    match posthorn_carriers::fit(known, number) {
        Fit::Fits => Ok(()),
        Fit::OtherShape if carrier.as_str() != SANDBOX => Ok(()),
        Fit::OtherShape => Err(Fault::new(
            Code::InvalidTrackingNumber,
            "names no scenario of the sandbox carrier",
        )
        .expecting("a number like SANDBOX-STRAIGHT-0001")),
        Fit::WrongCheckDigit => Err(Fault::new(
            Code::WrongCheckDigit,
            format!("has the form of a {name} number, but its check digit is wrong"),
        )
        .expecting("the number as it stands on the label")),
    }
}

/// The carrier that `number` and what else is known tell, whether or not we can
/// ask it; none where they leave more than one.
pub(crate) fn told(number: &TrackingNumber, clues: &Clues<'_>) -> Option<Candidate> {
    let candidates = recognise(number, clues);
    match candidates.as_slice() {
        [best, rest @ ..] if best.is_binding() && rest.iter().all(|other| !other.is_binding()) => {
            Some(*best)
        }
        _ => None,
    }
}

/// The carrier of ours that `number` tells by itself; another that we know by
/// sight, if there is somebody to ask.
pub(crate) fn recognised(number: &TrackingNumber, rules: Rules) -> Result<CarrierId, Fault> {
    let clues = Clues::default();
    if let Some(best) = told(number, &clues) {
        if rules.allows(best.carrier) {
            let id = best.carrier_id();
            return verify(&id, number, rules).map(|()| id);
        }
        return ours(&best, rules.is_test);
    }
    let several: Vec<&str> = recognise(number, &clues)
        .iter()
        .filter(|candidate| posthorn_carriers::find(&candidate.carrier_id()).is_some())
        .map(|candidate| candidate.carrier)
        .collect();
    let mistyped = mistyped(number);
    if several.is_empty() {
        return Err(Fault::new(
            Code::CarrierRequired,
            format!(
                "is not a number that tells its carrier{mistyped}: check it, or give `carrier`"
            ),
        )
        .expecting(format!("`carrier` as one of {}", supported())));
    }
    Err(Fault::new(
        Code::CarrierRequired,
        format!("may be a number of more than one carrier{mistyped}: give `carrier`"),
    )
    .expecting(format!(
        "`carrier` as one of {}, or as {MANUAL}",
        several.join(", ")
    )))
}

/// Of which carriers `number` would be, were it not for its check digit: for the
/// middle of a sentence.
fn mistyped(number: &TrackingNumber) -> String {
    let names: Vec<&str> = rejected(number, &Clues::default())
        .iter()
        .filter(|found| found.is_firm)
        .filter_map(|found| sight::name(found.carrier))
        .collect();
    match names.as_slice() {
        [] => String::new(),
        names => format!(" (the check digit is wrong for {})", names.join(" and ")),
    }
}

/// The id of a carrier that we can ask.
pub(crate) fn ours(told: &Candidate, is_test: bool) -> Result<CarrierId, Fault> {
    if told.carrier == SANDBOX && !is_test {
        return Err(sandbox_refused());
    }
    let id = told.carrier_id();
    if posthorn_carriers::find(&id).is_some() {
        return Ok(id);
    }
    let name = sight::name(told.carrier).unwrap_or(told.carrier);
    Err(Fault::new(
        Code::CarrierRequired,
        format!("is a number of {name}, whom we cannot ask"),
    )
    .expecting(format!(
        "`carrier` as {MANUAL}, with `carrier_name` and `tracking_url`"
    )))
}

fn sandbox_refused() -> Fault {
    Fault::new(
        Code::SandboxNotAllowed,
        "is a number of the sandbox carrier, which carries test orders only",
    )
    .expecting("an order with `test`, or a shop in test mode")
}
