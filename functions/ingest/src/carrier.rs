//! Who carries a parcel: what the shop says, or what the number tells.

use crate::{given::Fault, problem::Code};
use posthorn_carriers::{Candidate, Clues, Fit, recognise, recognise::sight};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};

/// The carrier that is never asked.
pub(crate) const MANUAL: &str = "manual";
/// The carrier that exists for tests only.
pub(crate) const SANDBOX: &str = "sandbox";

/// The carriers that a shop may name, for people: `ups, sandbox, manual`.
pub(crate) fn supported() -> String {
    let ids: Vec<&str> = posthorn_carriers::ALL
        .iter()
        .map(|carrier| carrier.profile().id)
        .collect();
    ids.join(", ")
}

/// A carrier that a shop named.
pub(crate) fn named(text: &str) -> Result<CarrierId, Fault> {
    CarrierId::parse(text)
        .ok()
        .filter(|id| posthorn_carriers::find(id).is_some())
        .ok_or_else(|| {
            Fault::new(Code::UnknownCarrier, "is none of the carriers that we know")
                .expecting(supported())
        })
}

/// Whether `carrier`, whom the shop named, can have given `number`.
///
/// A shape that we do not know is taken on the shop's word: carriers have more
/// formats than anybody has written down. A wrong check digit is a typing error.
pub(crate) fn verify(
    carrier: &CarrierId,
    number: &TrackingNumber,
    is_test: bool,
) -> Result<(), Fault> {
    let Some(known) = posthorn_carriers::find(carrier) else {
        return Err(
            Fault::new(Code::UnknownCarrier, "is none of the carriers that we know")
                .expecting(supported()),
        );
    };
    if carrier.as_str() == SANDBOX && !is_test {
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

/// The carrier of ours that `number` tells by itself.
pub(crate) fn recognised(number: &TrackingNumber, is_test: bool) -> Result<CarrierId, Fault> {
    let clues = Clues::default();
    if let Some(best) = told(number, &clues) {
        return ours(&best, is_test);
    }
    let several: Vec<&str> = recognise(number, &clues)
        .iter()
        .filter(|candidate| posthorn_carriers::find(&candidate.carrier_id()).is_some())
        .map(|candidate| candidate.carrier)
        .collect();
    if several.is_empty() {
        return Err(Fault::new(
            Code::CarrierRequired,
            "is not a number that tells its carrier: check it, or give `carrier`",
        )
        .expecting(format!("`carrier` as one of {}", supported())));
    }
    Err(Fault::new(
        Code::CarrierRequired,
        "may be a number of more than one carrier: give `carrier`",
    )
    .expecting(format!(
        "`carrier` as one of {}, or as {MANUAL}",
        several.join(", ")
    )))
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
