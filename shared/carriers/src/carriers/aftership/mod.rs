//! AfterShip, by its Tracking API 2025-01.
//!
//! A list of trackings is asked for by number; a number that is not in it is
//! created, one call each. AfterShip then follows it and pushes.

mod codes;
mod read;
mod slugs;
mod wire;

use crate::{
    carrier::{
        Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json,
        join_numbers,
    },
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, CredentialField, Encoding, Period, PollMode,
        PushSupport, Quota, SignedContent, Unit, Verifier,
    },
    reading::{aggregate::post_json, named},
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;
use std::time::Duration;

/// AfterShip.
#[derive(Debug, Clone, Copy)]
pub struct AfterShip;

/// Where the version begins in a URL.
const ROOT: &str = "/tracking/2025-01/";

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.aftership.com",
    auth: Auth::Header {
        name: "as-api-key",
        prefix: "",
        field: "api_key",
    },
    needs: "a plan of AfterShip's that includes the API; each tracking that is created counts",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "admin.aftership.com, Settings, API keys, with the permission to read and create trackings",
        ),
        CredentialField::of_webhook(
            "webhook_secret",
            "admin.aftership.com, Notifications, Webhooks, Webhook secret; only for pushes",
        ),
    ],
    mode: PollMode::RegisterThenPush,
    // The list takes more, but each number that is not in it costs a call.
    batch: 10,
    concurrency: 2,
    quotas: &[Quota {
        limit: 10,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_secs(1)),
    }],
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://www.aftership.com/track/{number}"),
    push: Some(PushSupport {
        verifier: Verifier::HmacSha256 {
            header: "aftership-hmac-sha256",
            encoding: Encoding::Base64,
            signed: SignedContent::Body,
        },
        is_by_hand: true,
        // Creating a tracking is the subscription.
        subscribe_batch: None,
        lifetime: None,
    }),
    ..CarrierProfile::with_name("aftership", "AfterShip")
};

/// The most trackings on a page.
const PAGE: usize = 200;

impl Carrier for AfterShip {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::in_batches(wanted, PROFILE.batch, context.now, |wanted| {
            list_request(context.access.base_url(), wanted, "")
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["data.trackings", "data", "msg"],
            &["tracking_number"],
        )
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        read::parse_push(body)
    }
}

/// The question for the page of trackings that begins at `cursor`.
fn list_request(base_url: &str, wanted: &[TrackingQuery], cursor: &str) -> Request<Bytes> {
    let numbers = join_numbers(wanted, "%2C");
    let cursor = if cursor.is_empty() {
        String::new()
    } else {
        format!("&cursor={}", utf8_percent_encode(cursor, NON_ALPHANUMERIC))
    };
    let url = format!("{base_url}{ROOT}trackings?tracking_numbers={numbers}&limit={PAGE}{cursor}");
    get_json(url)
}

/// A tracking as AfterShip wants it. Some carriers need more than the number,
/// which is then given if the shop gave it.
#[derive(Serialize)]
struct NewTracking<'a> {
    tracking_number: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    slug: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_postal_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tracking_ship_date: Option<String>,
}

fn create_request(base_url: &str, wanted: &TrackingQuery) -> Request<Bytes> {
    let hints = &wanted.details;
    let tracking = NewTracking {
        tracking_number: wanted.number.as_str(),
        slug: hints.carrier.as_ref().and_then(slugs::carrier_slug),
        destination_postal_code: hints.postal_code.as_deref(),
        tracking_ship_date: hints
            .shipped_on
            .map(|day| day.strftime("%Y%m%d").to_string()),
    };
    post_json(&format!("{base_url}{ROOT}trackings"), &tracking)
}
