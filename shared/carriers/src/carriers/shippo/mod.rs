//! Shippo, by its Tracking API.
//!
//! It insists on the carrier's name, so a shipment of which it is unknown who
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
    carrier::{Callback, Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, PushSupport, Verifier},
    reading::{aggregate::each_of_carrier, named},
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use std::time::Duration;

/// Shippo.
#[derive(Debug, Clone, Copy)]
pub struct Shippo;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.goshippo.com",
    auth: Auth::Header {
        name: "authorization",
        prefix: "ShippoToken ",
        field: "token",
    },
    needs: "an account; tracking labels that were bought elsewhere is a paid service",
    credentials: &[
        CredentialField::required_field(
            "token",
            "apps.goshippo.com, Settings, API, the live token",
        ),
        CredentialField::of_webhook(
            crate::verify::SECRET,
            "unguessable letters and digits: the end of the address of a webhook made at Shippo",
        ),
        CredentialField::of_webhook(
            "signature_secret",
            "the secret that Shippo's staff gave you for signatures (ask for `HMAC Webhook Setup`; it takes up to ten working days); without it a push is only a hint",
        ),
    ],
    clock: CarrierClock::FalseZulu,
    push: Some(PushSupport {
        // Each account may have a token of its own in the address of the webhook;
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
    ..CarrierProfile::with_name("shippo", "Shippo")
};

impl Carrier for Shippo {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let base_url = context.access.base_url();
        each_of_carrier(wanted, context.now, |carrier, wanted| {
            format!(
                "{base_url}/tracks/{}/{}",
                carrier_token(carrier),
                wanted.number
            )
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["", "data"], &["tracking_number"])
    }

    fn subscription_requests(
        &self,
        wanted: &[TrackingQuery],
        _callback: Callback<'_>,
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        subscribe::subscription_requests(wanted, context)
    }

    fn parse_subscription(
        &self,
        call: &CarrierRequest,
        response: &Response<Bytes>,
    ) -> Result<Vec<TrackingNumber>, CarrierError> {
        subscribe::subscribed_numbers(call, response)
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        read::parse_push(body)
    }
}

/// Shippo's token of one of our carriers. Most are the same; Shippo refuses one
/// that it does not know.
fn carrier_token(id: &CarrierId) -> &str {
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
