//! Shippo, by its Tracking API.
//!
//! It insists on the carrier's name, so a parcel of which nobody knows who
//! carries it cannot be asked for.

mod codes;
mod read;
mod wire;

use crate::{
    aggregate::each_of_carrier,
    carrier::{Answer, Call, Carrier, Context, Wanted},
    named,
    outcome::{Failure, Outcome},
    profile::{Auth, Clock, Field, Profile, Push, Verifier},
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};

/// Shippo.
#[derive(Debug, Clone, Copy)]
pub struct Shippo;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api.goshippo.com",
    auth: Auth::Header {
        name: "authorization",
        prefix: "ShippoToken ",
        field: "token",
    },
    credentials: &[
        Field::required("token", "apps.goshippo.com, Settings, API, the live token"),
        Field::optional(
            crate::verify::SECRET,
            "letters and digits that nobody can guess: the end of the address of a webhook made at Shippo",
        ),
    ],
    clock: Clock::Utc,
    push: Some(Push {
        // Everybody may have a token of his own in the address of the webhook.
        // The other way, a signature `t=…,v1=…` in `Shippo-Auth-Signature`, must
        // be asked for at Shippo and takes them days.
        verifier: Verifier::SecretPath,
        // One POST to `/tracks/` for each number, with the carrier's name.
        subscribe_batch: Some(1),
        lifetime: None,
    }),
    ..Profile::named("shippo", "Shippo")
};

impl Carrier for Shippo {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        let base_url = context.access.base_url();
        each_of_carrier(wanted, context.now, |carrier, wanted| {
            format!("{base_url}/tracks/{}/{}", token(carrier), wanted.number)
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["", "data"], &["tracking_number"])
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
        read::push(body)
    }
}

/// Shippo's token of one of our carriers. Most are the same; Shippo refuses one
/// that it does not know.
fn token(id: &CarrierId) -> &str {
    match id.as_str() {
        "correos" => "correos_espana",
        "dhl_parcel_de" => "dhl_germany",
        "dpd" => "dpd_de",
        "evri" => "hermes_uk",
        "hermes" | "hermes_de" => "hermes_germany_b2c",
        "la_poste" => "colissimo",
        "mydhl" => "dhl_express",
        same => same,
    }
}
