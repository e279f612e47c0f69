//! Shippo, by its Tracking API.
//!
//! It insists on the carrier's name, so a parcel of which nobody knows who
//! carries it cannot be asked for.
//!
//! It tells of a number that was registered, by a call for each, to the webhooks
//! that were set up by hand before. Registering one twice has each event told
//! twice. A push carries a secret in its address, or a signature on top, for whom
//! Shippo has agreed on a secret with ("Webhook security" in its documentation):
//! `Shippo-Auth-Signature: t=…,v1=…`, the latter the HMAC-SHA256 of time, full stop
//! and body. That the time is in seconds since 1970 and that there may be several
//! `v1`, as when a secret is changed, is not documented; the first is what all who
//! verify it take it for, the second does no harm.

mod codes;
mod read;
mod subscribe;
mod wire;

use crate::{
    aggregate::each_of_carrier,
    carrier::{Answer, Call, Callback, Carrier, Context, Wanted},
    named,
    outcome::{Failure, Outcome},
    profile::{Auth, Clock, Field, Profile, Push, Verifier},
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::time::Duration;

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
    needs: "an account; tracking labels that were bought elsewhere is a paid service",
    credentials: &[
        Field::required("token", "apps.goshippo.com, Settings, API, the live token"),
        Field::of_webhook(
            crate::verify::SECRET,
            "letters and digits that nobody can guess: the end of the address of a webhook made at Shippo",
        ),
        Field::of_webhook(
            "signature_secret",
            "the secret that Shippo's staff gave you for signatures (ask for `HMAC Webhook Setup`; it takes up to ten working days); without it a push is only a hint",
        ),
    ],
    clock: Clock::FalseZulu,
    push: Some(Push {
        // Everybody may have a token of his own in the address of the webhook;
        // a signature must be asked for.
        verifier: Verifier::SecretPathOrSignature {
            header: "shippo-auth-signature",
            field: "signature_secret",
            max_skew: Duration::from_mins(5),
        },
        is_by_hand: true,
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

    fn subscribe(
        &self,
        wanted: &[Wanted],
        _callback: Callback<'_>,
        context: &Context<'_>,
    ) -> Vec<Call> {
        subscribe::calls(wanted, context)
    }

    fn parse_subscription(
        &self,
        call: &Call,
        response: &Response<Bytes>,
    ) -> Result<Vec<TrackingNumber>, Failure> {
        subscribe::taken(call, response)
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
        "hermes_de" => "hermes_germany_b2c",
        "laposte" => "colissimo",
        same => same,
    }
}
