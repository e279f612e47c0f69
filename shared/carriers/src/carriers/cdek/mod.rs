//! CDEK, by its API v2.
//!
//! One order a call. Times come with an offset, mostly `+0000`. A return is an
//! order of its own, linked to the first one. CDEK posts changes by itself
//! without any signature and never twice, so such a post is a hint to ask, and
//! asking goes on.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json},
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, ClientAuth, CredentialField, PushSupport, Verifier,
    },
    reading::named,
};
use bytes::Bytes;
use http::{HeaderMap, Response};
use posthorn_domain::tracking_number::TrackingNumber;

/// CDEK.
#[derive(Debug, Clone, Copy)]
pub struct Cdek;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.cdek.ru",
    auth: Auth::OAuth2 {
        token_path: "/v2/oauth/token",
        client: ClientAuth::Form,
        scope: None,
    },
    needs: "a contract with CDEK",
    credentials: &[
        CredentialField::required_field(
            "client_id",
            "lk.cdek.ru, Integration, keys: Account (needs a contract)",
        ),
        CredentialField::required_field(
            "client_secret",
            "lk.cdek.ru, Integration, keys: Secure password",
        ),
        CredentialField::of_webhook(
            crate::verify::SECRET,
            "unguessable letters and digits: the end of the address of a webhook made with CDEK",
        ),
    ],
    // Neither limits nor how long an order can be asked after are documented.
    clock: CarrierClock::Offset,
    tracking_url: Some("https://www.cdek.ru/ru/tracking/?order_id={number}"),
    push: Some(PushSupport {
        verifier: Verifier::SecretPath,
        is_by_hand: true,
        // One subscription per kind of event stands for all orders, and stays.
        subscribe_batch: None,
        lifetime: None,
    }),
    ..CarrierProfile::with_name("cdek", "CDEK")
};

impl Carrier for Cdek {
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
                "{}/v2/orders?cdek_number={}",
                context.access.base_url(),
                wanted.number
            );
            get_json(url)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["entity", "attributes"], &["cdek_number"])
    }

    fn is_session_over(&self, response: &Response<Bytes>) -> bool {
        read::is_session_over(response)
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        read::parse_push(body)
    }
}
