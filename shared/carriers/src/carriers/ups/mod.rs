//! UPS, by its Track API v1 and its Track Alert v2.

mod cancelled;
mod codes;
mod push;
mod read;
mod subscribe;
mod tables;
mod wire;

use crate::{
    carrier::{Callback, Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, ClientAuth, CredentialField, PushSupport, Verifier,
    },
    reading::named,
    verify,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response, header::ACCEPT};
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;
use sha2::{Digest as _, Sha256};
use std::time::Duration;

/// UPS.
#[derive(Debug, Clone, Copy)]
pub struct Ups;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://onlinetools.ups.com",
    auth: Auth::OAuth2 {
        token_path: "/security/v1/oauth/token",
        client: ClientAuth::Basic,
        scope: None,
    },
    needs: "an app at developer.ups.com with the product Tracking, and with UPS Track Alert for pushes; UPS asks for an account number when the app is made",
    credentials: &[
        CredentialField::required_field("client_id", "developer.ups.com, your app, Client ID"),
        CredentialField::required_field(
            "client_secret",
            "developer.ups.com, your app, Client Secret",
        ),
        CredentialField::of_webhook(
            verify::SECRET,
            "a secret of your own, with which UPS signs in when it tells us by itself; without it UPS is only asked",
        ),
    ],
    retention_days: 120,
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://www.ups.com/track?tracknum={number}"),
    // A Track Alert is not signed: it brings back the credential that the
    // subscription chose.
    push: Some(PushSupport {
        verifier: Verifier::SharedHeader("credential"),
        is_by_hand: false,
        subscribe_batch: Some(subscribe::BATCH),
        lifetime: Some(Duration::from_hours(14 * 24)),
    }),
    ..CarrierProfile::with_name("ups", "UPS")
};

/// How many packages of a shipment a page holds.
const PAGE: usize = 50;

impl Carrier for Ups {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            let path = format!(
                "/api/track/v1/details/{}?locale=en_US&returnSignature=false",
                wanted.number
            );
            build_request(
                context.access.base_url(),
                &path,
                &wanted.number,
                context.now,
            )
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    /// A package need not have a number of its own, and one that UPS does not know
    /// is none.
    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["trackResponse.shipment", ""],
            &["package.trackingNumber", "inquiryNumber", "trackingNumber"],
        )
    }

    fn subscription_requests(
        &self,
        wanted: &[TrackingQuery],
        callback: Callback<'_>,
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        subscribe::subscription_requests(wanted, callback, context)
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
        push::read_alert(body)
    }
}

fn build_request(
    base_url: &str,
    path: &str,
    number: &TrackingNumber,
    now: Timestamp,
) -> Request<Bytes> {
    let identity = Sha256::digest(format!("{number}\n{path}\n{now}"));
    Request::get(format!("{base_url}{path}"))
        .header(ACCEPT, "application/json")
        // UPS refuses questions without these two; the first names the question.
        .header("transId", hex::encode(&identity[..16]))
        .header("transactionSrc", "posthorn")
        .body(Bytes::new())
        .expect("a checked base URL and a number of letters and digits make a URL")
}

/// The question for the packages of a shipment behind the first `offset`.
fn further_page(
    call: &CarrierRequest,
    number: &TrackingNumber,
    offset: usize,
) -> Option<Request<Bytes>> {
    let crate::carrier::Exchange::Send(request) = &call.exchange else {
        return None;
    };
    let uri = request.uri();
    let base = match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => {
            let prefix = uri.path().split("/api/track/").next().unwrap_or_default();
            format!("{scheme}://{authority}{prefix}")
        }
        _ => String::new(),
    };
    let path = format!(
        "/api/track/v1/shipment/details/{number}?locale=en_US&returnSignature=false&offset={offset}&count={PAGE}"
    );
    Some(build_request(&base, &path, number, call.asked_at))
}
