//! Australia Post, and `StarTrack`, by the Shipping and Tracking API v1.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{
        Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json,
        join_numbers,
    },
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, Period, Quota, Unit},
    reading::named,
};
use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// Australia Post.
#[derive(Debug, Clone, Copy)]
pub struct AustraliaPost;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://digitalapi.auspost.com.au",
    auth: Auth::Basic {
        user: "api_key",
        password: "password",
        headers: &[("Account-Number", "account_number")],
    },
    needs: "a contract with Australia Post (eParcel) or StarTrack: the account number is part of the key",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "developers.auspost.com.au, Shipping and Tracking, API key",
        ),
        CredentialField::required_field(
            "password",
            "the password that you chose when you registered for the API",
        ),
        CredentialField::required_field(
            "account_number",
            "your charge account: ten digits, or eight of a StarTrack account",
        ),
    ],
    // An eleventh number is answered with error 51101 for all of them.
    batch: 10,
    concurrency: 1,
    quotas: &[Quota {
        limit: 10,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_mins(1)),
    }],
    clock: CarrierClock::Offset,
    tracking_url: Some("https://auspost.com.au/mypost/track/details/{number}"),
    ..CarrierProfile::with_name("australia_post", "Australia Post")
};

impl Carrier for AustraliaPost {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        wanted
            .chunks(PROFILE.batch)
            .map(|wanted| build_request(context.access.base_url(), wanted, context.now))
            .collect()
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["tracking_results"], &["tracking_id"])
    }
}

fn build_request(base_url: &str, wanted: &[TrackingQuery], now: Timestamp) -> CarrierRequest {
    let request = get_json(format!(
        "{base_url}/shipping/v1/track?tracking_ids={}",
        join_numbers(wanted, ",")
    ));
    CarrierRequest::to_send(request, wanted.to_vec(), now)
}

/// The same question for each number alone: some errors are about one of them
/// and do not say which.
fn one_by_one(call: &CarrierRequest) -> ParsedResponse {
    let base_url = match &call.exchange {
        crate::carrier::Exchange::Send(request) => {
            let url = request.uri().to_string();
            let end = url.find("/shipping/v1/").unwrap_or(0);
            url[..end].to_owned()
        }
        crate::carrier::Exchange::Known(_) => String::new(),
    };
    ParsedResponse {
        outcomes: Vec::new(),
        next: call
            .queries
            .chunks(1)
            .map(|wanted| build_request(&base_url, wanted, call.asked_at))
            .collect(),
    }
}
