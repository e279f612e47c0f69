//! EasyPost, by its Trackers API v2.
//!
//! A tracker is created by the question. The same question within three months
//! returns the same tracker and costs nothing.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, CredentialField, Encoding, PushSupport, SignedContent,
        Verifier,
    },
    reading::{aggregate::post_json, named},
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use serde::Serialize;

/// EasyPost.
#[derive(Debug, Clone, Copy)]
pub struct EasyPost;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.easypost.com",
    // The key is the user's name; the password is empty.
    auth: Auth::Basic {
        user: "api_key",
        password: "",
        headers: &[],
    },
    needs: "an account in production; trackers of labels bought elsewhere are charged one by one",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "easypost.com, API keys, the production key; the test key knows only EZ1000000001 and its like",
        ),
        CredentialField::of_webhook(
            "webhook_secret",
            "the secret that the webhook was created with; only for pushes",
        ),
    ],
    clock: CarrierClock::FalseZulu,
    push: Some(PushSupport {
        // The secret is normalised (NFKD) before it is a key.
        verifier: Verifier::HmacSha256 {
            header: "x-hmac-signature",
            encoding: Encoding::Hex("hmac-sha256-hex="),
            signed: SignedContent::Body,
        },
        is_by_hand: true,
        // Each tracker is pushed to the webhooks of its account.
        subscribe_batch: None,
        lifetime: None,
    }),
    ..CarrierProfile::with_name("easypost", "EasyPost")
};

#[derive(Serialize)]
struct EasyPostQuery<'a> {
    tracker: NewTracker<'a>,
}

#[derive(Serialize)]
struct NewTracker<'a> {
    tracking_code: &'a str,
    /// EasyPost detects it if it is not given, which takes longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<&'static str>,
}

impl Carrier for EasyPost {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let url = format!("{}/v2/trackers", context.access.base_url());
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            let question = EasyPostQuery {
                tracker: NewTracker {
                    tracking_code: wanted.number.as_str(),
                    carrier: wanted.details.carrier.as_ref().and_then(carrier_name),
                },
            };
            post_json(&url, &question)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["", "trackers", "result"],
            &["tracking_code"],
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

/// EasyPost's name of one of our carriers. One that is not in here is left to
/// its detection.
fn carrier_name(id: &CarrierId) -> Option<&'static str> {
    Some(match id.as_str() {
        "australia_post" => "AustraliaPost",
        "canada_post" => "CanadaPost",
        "dhl_express" => "DHLExpress",
        "dpd_uk" => "DPDUK",
        "fedex" => "FedEx",
        "ontrac" => "OnTrac",
        "postnl" => "PostNL",
        "purolator" => "Purolator",
        "royal_mail" => "RoyalMail",
        "sf_express" => "SFExpress",
        "ups" => "UPS",
        "usps" => "USPS",
        _ => return None,
    })
}
