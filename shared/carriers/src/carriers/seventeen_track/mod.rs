//! 17TRACK, by its Tracking API v2.4: some thousand carriers behind one key.
//!
//! A number is registered once, which costs one unit of the plan; from then on
//! 17TRACK follows it and pushes, and reading is free. A question for a number
//! that is not registered registers it.

mod carriers;
mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, CredentialField, Period, PollMode, PushSupport, Quota,
        Unit, Verifier,
    },
    reading::{aggregate::post_json, named},
    verify,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;
use std::time::Duration;

/// 17TRACK.
#[derive(Debug, Clone, Copy)]
pub struct SeventeenTrack;

/// Where the version begins in a URL.
const ROOT: &str = "/track/v2.4/";

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.17track.net",
    auth: Auth::Header {
        name: "17token",
        prefix: "",
        field: "key",
    },
    needs: "a registration. A hundred new numbers a month are free, further ones are bought; each number counts once",
    credentials: &[
        CredentialField::required_field("key", "api.17track.net, Settings, Security, Access key"),
        CredentialField::of_webhook(
            verify::SECRET,
            "the access key once more: 17TRACK signs its pushes with it",
        ),
    ],
    mode: PollMode::RegisterThenPush,
    batch: 40,
    concurrency: 2,
    quotas: &[Quota {
        limit: 3,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_secs(1)),
    }],
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://t.17track.net/en#nums={number}"),
    push: Some(PushSupport {
        verifier: Verifier::Sha256Suffix {
            header: "sign",
            separator: b'/',
        },
        is_by_hand: true,
        // Registration is the subscription. 17TRACK stops by itself after 30
        // days without news and 15 days after the end.
        subscribe_batch: None,
        lifetime: None,
    }),
    ..CarrierProfile::with_name("17track", "17TRACK")
};

/// A number as `gettrackinfo` wants it. Without a carrier it answers for all
/// under which the number is registered, also where it corrected ours.
#[derive(Serialize)]
struct Number<'a> {
    number: &'a str,
}

/// A number as `register` wants it.
#[derive(Serialize)]
struct Registration<'a> {
    number: &'a str,
    /// 17TRACK detects it if it is not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    carrier: Option<u32>,
    /// What some carriers want to know of the recipient.
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
}

impl<'a> Registration<'a> {
    fn new(wanted: &'a TrackingQuery) -> Self {
        Self {
            number: wanted.number.as_str(),
            carrier: wanted
                .details
                .carrier
                .as_ref()
                .and_then(carriers::carrier_key),
            param: None,
        }
    }
}

impl Carrier for SeventeenTrack {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let url = format!("{}{ROOT}gettrackinfo", context.access.base_url());
        CarrierRequest::in_batches(wanted, PROFILE.batch, context.now, |wanted| {
            let numbers: Vec<Number<'_>> = wanted
                .iter()
                .map(|wanted| Number {
                    number: wanted.number.as_str(),
                })
                .collect();
            post_json(&url, &numbers)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["data.accepted", "data.rejected", "data"],
            &["number"],
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

fn register_request(base_url: &str, registrations: &[Registration<'_>]) -> Request<Bytes> {
    post_json(&format!("{base_url}{ROOT}register"), &registrations)
}
