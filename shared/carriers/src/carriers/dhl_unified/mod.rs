//! DHL, by its API Shipment Tracking – Unified 1.5: one key for the shipments of
//! all divisions.
//!
//! DHL asks for the division in `service` and warns that without it the answer
//! may be another division's shipment with the same number. A number may also be
//! that of a piece. DHL publishes no example for most of its divisions, and says
//! that their answers differ in shape and in what `status` holds: a code, or a
//! sentence.

mod codes;
mod ecommerce;
mod ecommerce_europe;
mod parcel_nl;
mod parcel_nl_from_n;
mod read;
mod small_divisions;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json},
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, CredentialField, Period, PushSupport, Quota, Unit,
        Verifier,
    },
    reading::named,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// DHL, all divisions.
#[derive(Debug, Clone, Copy)]
pub struct DhlUnified;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api-eu.dhl.com",
    auth: Auth::Header {
        name: "DHL-API-Key",
        prefix: "",
        field: "api_key",
    },
    needs: "a developer account. A key begins with 250 questions a day; DHL raises that on request, for shippers and their own parcels. Pushes are for direct customers of DHL only, and not for parcels of DHL Express",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "developer.dhl.com, your app with Shipment Tracking – Unified, API Key",
        ),
        CredentialField::of_webhook(
            crate::verify::SECRET,
            "the token that a subscription to pushes was made with; only for pushes",
        ),
    ],
    concurrency: 1,
    // The starting allowance; DHL raises the day's on request.
    quotas: &[
        Quota {
            limit: 250,
            unit: Unit::Calls,
            period: Period::DayGmt,
        },
        Quota {
            limit: 1,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_secs(5)),
        },
    ],
    // News take 10 to 30 minutes, and DHL counts on ten questions a shipment a day.
    min_interval: Duration::from_hours(1),
    retention_days: 90,
    clock: CarrierClock::FalseZulu,
    tracking_url: Some("https://www.dhl.com/global-en/home/tracking.html?tracking-id={number}"),
    push: Some(PushSupport {
        // Push API v1: `hook.authentication` of a subscription names a header
        // and a token, both ours to choose.
        verifier: Verifier::SharedHeader("x-posthorn-token"),
        // One subscription of the account stands for all of its shipments. There
        // are some for a number as well, whose size and end are not documented.
        is_by_hand: true,
        subscribe_batch: None,
        lifetime: None,
    }),
    serves: &[
        "dhl_express",
        "dhl_parcel_de",
        "dhl_ecommerce",
        "dhl_benelux",
    ],
    ..CarrierProfile::with_name("dhl_unified", "DHL")
};

impl Carrier for DhlUnified {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            build_request(context.access.base_url(), wanted)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["shipments", "shipment"], &["id"])
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        read::parse_push(body)
    }
}

fn build_request(base_url: &str, wanted: &TrackingQuery) -> Request<Bytes> {
    let mut url = format!(
        "{base_url}/track/shipments?trackingNumber={}&language=en",
        utf8_percent_encode(wanted.number.as_str(), NON_ALPHANUMERIC)
    );
    if let Some(service) = &wanted.details.service {
        url.push_str("&service=");
        let service = service.trim().to_ascii_lowercase();
        url.extend(utf8_percent_encode(&service, NON_ALPHANUMERIC));
    }
    get_json(url)
}
