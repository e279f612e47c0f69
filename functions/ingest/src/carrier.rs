//! Who carries a parcel: what the shop says, or what the number tells.

use crate::{given::Fault, problem::Code};
use jiff::Timestamp;
use posthorn_carriers::{Fit, profile::Mode, recognise};
use posthorn_domain::{
    id::CarrierId, journey, settings::Settings, shipment::Shipment, tracking_number::TrackingNumber,
};
use tracing::warn;

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

/// The parcel, to be asked after as its shop wants it: with its carrier, or
/// with an aggregator in its place.
pub(crate) fn asked(shipment: Shipment, settings: &Settings, now: Timestamp) -> Shipment {
    let aggregator = aggregator(&shipment, settings);
    journey::ask_with(shipment, aggregator, now)
}

/// The aggregator that the shop names for such a parcel: for its carrier, or
/// for all whom we cannot ask. Of a parcel by hand at least somebody must have
/// said who carries it.
fn aggregator(shipment: &Shipment, settings: &Settings) -> Option<CarrierId> {
    let (carrier, name) = (&shipment.carrier, &shipment.carrier_name);
    if carrier.as_str() == SANDBOX {
        return None;
    }
    let is_nobodys = !can_be_asked(carrier) && (carrier.as_str() != MANUAL || name.is_some());
    let of_all = settings.aggregator.as_ref().filter(|_| is_nobodys);
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

/// The carrier that `number` tells by itself.
pub(crate) fn recognised(number: &TrackingNumber, is_test: bool) -> Result<CarrierId, Fault> {
    let candidates = recognise(number);
    match candidates.as_slice() {
        [best, ..] if best.carrier.as_str() == SANDBOX && !is_test => Err(sandbox_refused()),
        [best, rest @ ..] if best.is_binding() && rest.iter().all(|other| !other.is_binding()) => {
            Ok(best.carrier.clone())
        }
        [] => Err(Fault::new(
            Code::CarrierRequired,
            "is not a number that tells its carrier: check it, or give `carrier`",
        )
        .expecting(format!("`carrier` as one of {}", supported()))),
        several => {
            let ids: Vec<&str> = several
                .iter()
                .map(|candidate| candidate.carrier.as_str())
                .collect();
            Err(Fault::new(
                Code::CarrierRequired,
                "may be a number of more than one carrier: give `carrier`",
            )
            .expecting(format!("`carrier` as one of {}", ids.join(", "))))
        }
    }
}

fn sandbox_refused() -> Fault {
    Fault::new(
        Code::SandboxNotAllowed,
        "is a number of the sandbox carrier, which carries test orders only",
    )
    .expecting("an order with `test`, or a shop in test mode")
}
