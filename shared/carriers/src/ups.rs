//! UPS, by its Track API v1 and its Track Alert v2.

mod cancelled;
mod codes;
mod push;
mod read;
mod subscribe;
mod tables;
mod wire;

use crate::{
    carrier::{Answer, Call, Callback, Carrier, Context, Wanted},
    named,
    outcome::{Failure, Outcome},
    profile::{Auth, ClientAuth, Clock, Field, Profile, Push, Verifier},
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

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://onlinetools.ups.com",
    auth: Auth::OAuth2 {
        token_path: "/security/v1/oauth/token",
        client: ClientAuth::Basic,
        scope: None,
    },
    needs: "an app at developer.ups.com with the product Tracking, and with UPS Track Alert for pushes; UPS asks for an account number when the app is made",
    credentials: &[
        Field::required("client_id", "developer.ups.com, your app, Client ID"),
        Field::required(
            "client_secret",
            "developer.ups.com, your app, Client Secret",
        ),
        Field::of_webhook(
            verify::SECRET,
            "a secret of your own, with which UPS signs in when it tells us by itself; without it UPS is only asked",
        ),
    ],
    retention_days: 120,
    clock: Clock::LocalOftenOffset,
    tracking_url: Some("https://www.ups.com/track?tracknum={number}"),
    // A Track Alert is not signed: it brings back the credential that the
    // subscription chose.
    push: Some(Push {
        verifier: Verifier::SharedHeader("credential"),
        is_by_hand: false,
        subscribe_batch: Some(subscribe::BATCH),
        lifetime: Some(Duration::from_hours(14 * 24)),
    }),
    ..Profile::named("ups", "UPS")
};

/// How many packages of a shipment a page holds.
const PAGE: usize = 50;

impl Carrier for Ups {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            let path = format!(
                "/api/track/v1/details/{}?locale=en_US&returnSignature=false",
                wanted.number
            );
            question(
                context.access.base_url(),
                &path,
                &wanted.number,
                context.now,
            )
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    /// A package need not have a number of its own, and one that UPS does not know
    /// is none.
    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["trackResponse.shipment", ""],
            &["package.trackingNumber", "inquiryNumber", "trackingNumber"],
        )
    }

    fn subscribe(
        &self,
        wanted: &[Wanted],
        callback: Callback<'_>,
        context: &Context<'_>,
    ) -> Vec<Call> {
        subscribe::calls(wanted, callback, context)
    }

    fn parse_subscription(
        &self,
        call: &Call,
        response: &Response<Bytes>,
    ) -> Result<Vec<TrackingNumber>, Failure> {
        subscribe::taken(call, response)
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
        push::alert(body)
    }
}

fn question(base_url: &str, path: &str, number: &TrackingNumber, now: Timestamp) -> Request<Bytes> {
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
fn further_page(call: &Call, number: &TrackingNumber, offset: usize) -> Option<Request<Bytes>> {
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
    Some(question(&base, &path, number, call.asked_at))
}
