//! ShipEngine, also called the ShipStation API, by its Tracking API v1.
//!
//! It insists on the carrier's code, so a shipment of which it is unknown who
//! carries it cannot be asked for.
//!
//! It tells of a shipment that its tracking was started for, by a call for each, and
//! stops by itself when the shipment is delivered or meets an exception. Where it
//! posts to is set up by hand before; the specification does not say what becomes
//! of a start without that, so the credentials must say that there is a webhook.

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

/// ShipEngine.
#[derive(Debug, Clone, Copy)]
pub struct ShipEngine;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.shipengine.com",
    auth: Auth::Header {
        name: "API-Key",
        prefix: "",
        field: "api_key",
    },
    needs: "a production account, to which the accounts with the carriers are connected; the sandbox signs no pushes",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "dashboard.shipengine.com, API Management, the production key; the carrier's account must be connected there, also for labels made elsewhere",
        ),
        CredentialField::optional_field(
            subscribe::WEBHOOK,
            "`on`, once there is a webhook \"Tracking Event\" to Posthorn's address: each shipment is then subscribed to",
        ),
    ],
    clock: CarrierClock::LocalOftenOffset,
    push: Some(PushSupport {
        // Only the pushes of production are signed.
        verifier: Verifier::RsaSha256Jwks {
            key_id: "x-shipengine-rsa-sha256-key-id",
            signature: "x-shipengine-rsa-sha256-signature",
            timestamp: "x-shipengine-timestamp",
            max_skew: Duration::from_mins(5),
        },
        is_by_hand: true,
        subscribe_batch: Some(1),
        lifetime: None,
    }),
    ..CarrierProfile::with_name("shipengine", "ShipEngine")
};

impl Carrier for ShipEngine {
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
                "{base_url}/v1/tracking?carrier_code={}&tracking_number={}",
                carrier_code(carrier),
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

/// ShipEngine's code of one of our carriers. Most are the same; ShipEngine
/// refuses one that it does not know.
fn carrier_code(id: &CarrierId) -> &str {
    match id.as_str() {
        // USPS is sold by Stamps.com.
        "usps" => "stamps_com",
        same => same,
    }
}
