//! Canada Post, by Get Tracking Details of its developer programme (REST, XML,
//! `track-v2`).

mod codes;
mod read;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
};
use bytes::Bytes;
use http::{
    Request, Response,
    header::{ACCEPT, ACCEPT_LANGUAGE},
};
use posthorn_domain::tracking_number::TrackingNumber;

/// Canada Post.
#[derive(Debug, Clone, Copy)]
pub struct CanadaPost;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://soa-gw.canadapost.ca",
    auth: Auth::Basic {
        user: "username",
        password: "password",
        headers: &[],
    },
    needs: "a registration in the Developer Program, which is free",
    credentials: &[
        CredentialField::required_field(
            "username",
            "canadapost.ca, Developer Program, API keys, production key, before the colon",
        ),
        CredentialField::required_field(
            "password",
            "canadapost.ca, Developer Program, API keys, production key, behind the colon",
        ),
    ],
    // Canada Post throttles by key and shows the limit only next to the key.
    concurrency: 2,
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some(
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    ),
    ..CarrierProfile::with_name("canada_post", "Canada Post")
};

impl Carrier for CanadaPost {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            let url = format!(
                "{}/vis/track/pin/{}/detail",
                context.access.base_url(),
                wanted.number
            );
            Request::get(url)
                // Any other type, `*/*` too, is answered with an error.
                .header(ACCEPT, "application/vnd.cpc.track-v2+xml")
                .header(ACCEPT_LANGUAGE, "en-CA")
                .body(Bytes::new())
                .expect("a checked base URL and a number of letters and digits make a URL")
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::read_numbers(response)
    }
}
