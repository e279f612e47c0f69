//! ShipEngine, also called the ShipStation API, by its Tracking API v1.
//!
//! It insists on the carrier's code, so a parcel of which nobody knows who
//! carries it cannot be asked for.

mod codes;
mod read;
mod wire;

use crate::{
    aggregate::unasked,
    carrier::{Answer, Call, Carrier, Context, Wanted},
    outcome::{Failure, Outcome},
    profile::{Auth, Clock, Field, Profile, Push, Verifier},
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::ACCEPT};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::time::Duration;

/// ShipEngine.
#[derive(Debug, Clone, Copy)]
pub struct ShipEngine;

const PROFILE: Profile = Profile {
    base_url: "https://api.shipengine.com",
    auth: Auth::Header {
        name: "API-Key",
        prefix: "",
        field: "api_key",
    },
    credentials: &[Field::required(
        "api_key",
        "dashboard.shipengine.com, API Management, the production key",
    )],
    clock: Clock::LocalOftenOffset,
    push: Some(Push {
        // Only the pushes of production are signed.
        verifier: Verifier::RsaSha256Jwks {
            key_id: "x-shipengine-rsa-sha256-key-id",
            signature: "x-shipengine-rsa-sha256-signature",
            timestamp: "x-shipengine-timestamp",
            max_skew: Duration::from_mins(5),
        },
        // One POST to `/v1/tracking/start` for each number, with the carrier's code.
        subscribe_batch: Some(1),
        lifetime: None,
    }),
    ..Profile::named("shipengine", "ShipEngine")
};

impl Carrier for ShipEngine {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        wanted
            .iter()
            .map(|wanted| {
                let Some(carrier) = &wanted.hints.carrier else {
                    return unasked(wanted, context.now);
                };
                let url = format!(
                    "{}/v1/tracking?carrier_code={}&tracking_number={}",
                    context.access.base_url(),
                    code(carrier),
                    wanted.number
                );
                let request = Request::get(url)
                    .header(ACCEPT, "application/json")
                    .body(Bytes::new())
                    .expect("a checked base URL, an id and a number make a URL");
                Call::send(request, vec![wanted.clone()], context.now)
            })
            .collect()
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
        read::push(body)
    }
}

/// ShipEngine's code of one of our carriers. Most are the same; ShipEngine
/// refuses one that it does not know.
fn code(id: &CarrierId) -> &str {
    match id.as_str() {
        // USPS is sold by Stamps.com.
        "usps" => "stamps_com",
        "mydhl" => "dhl_express",
        same => same,
    }
}
