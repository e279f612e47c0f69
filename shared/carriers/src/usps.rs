//! USPS, by its Tracking API v3 (3.2.6).
//!
//! Facts are from USPS's published specification. Beyond it: the limit of 60
//! calls an hour is what USPS grants an app by default, shared by all of its v3
//! APIs and the token endpoint, and an app whose product lacks the `tracking`
//! scope gets a token that USPS then refuses with 401. How long USPS remembers a
//! parcel stands in no specification: 120 days, longer where that was bought.
//!
//! Push is USPS's Subscriptions-Tracking v3r2: one subscription per Mailer ID or
//! per number, with a secret of 32 characters. Each push is an envelope
//! `{subscriptionId, subscriptionType, timestamp, payload}` whose `payload` is
//! JSON written as a text; `X-HMAC` signs the texts of `timestamp` and `payload`.
//! No age is documented beyond which a push is to be refused, and how long USPS
//! repeats one is not either, so the time is believed as it is signed. The
//! payload's shape is documented as that of a tracking answer; it was not seen
//! live.
//!
//! The subscription is made by hand, for the Mailer ID: it wants a scope of its
//! own (`subscriptions-tracking`), which USPS grants on application and without
//! which it refuses a token that asks for it, and one per number would cost each
//! parcel one of the 60 calls an hour. USPS writes to the address of its
//! `adminNotification` when nothing was to be told for 25 days, and deletes the
//! subscription five days later; that is what users report of it, the
//! specification does not say so.

mod codes;
mod read;
mod wire;

use crate::{
    auth::{self, Session},
    carrier::{Answer, Call, Carrier, Context, Wanted, get_json},
    named,
    outcome::{ErrorKind, Failure, Outcome},
    profile::{
        Auth, ClientAuth, Clock, Encoding, Field, Period, Profile, Push, Quota, Signed, Unit,
        Verifier,
    },
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Deserialize;
use std::time::Duration;

/// USPS, the postal service of the United States.
#[derive(Debug, Clone, Copy)]
pub struct Usps;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://apis.usps.com",
    auth: Auth::OAuth2 {
        token_path: "/oauth2/v3/token",
        client: ClientAuth::Json,
        scope: Some("tracking"),
    },
    needs: "a USPS business account with a Mailer ID. Tracking is not among the APIs that an app has to begin with: USPS grants it on a service request, and has taken weeks over it; pushes (`subscriptions-tracking`) want a request of their own",
    credentials: &[
        Field::required(
            "client_id",
            "developers.usps.com, your app, Consumer Key; its product must hold the scope `tracking`",
        ),
        Field::required(
            "client_secret",
            "developers.usps.com, your app, Consumer Secret",
        ),
        Field::of_webhook(
            crate::verify::SECRET,
            "the secret of 32 characters that the subscription of your Mailer ID was made with; only for pushes",
        ),
    ],
    concurrency: 2,
    quotas: &[Quota {
        limit: 60,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_hours(1)),
    }],
    min_interval: Duration::from_mins(30),
    retention_days: 120,
    clock: Clock::LocalOftenOffset,
    tracking_url: Some("https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
    push: Some(Push {
        verifier: Verifier::HmacSha256 {
            header: "X-HMAC",
            encoding: Encoding::Base64,
            signed: Signed::Fields(&["timestamp", "payload"]),
        },
        is_by_hand: true,
        subscribe_batch: None,
        lifetime: None,
    }),
    ..Profile::named("usps", "USPS")
};

impl Carrier for Usps {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            question(context.access.base_url(), wanted)
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["", "payload"], &["trackingNumber"])
    }

    /// USPS gives a token also to an app that may not track, and refuses it later.
    fn parse_login(&self, response: &Response<Bytes>) -> Result<Session, Failure> {
        #[derive(Default, Deserialize)]
        #[serde(default)]
        struct Granted {
            scope: String,
        }
        let session = auth::parse_login(response)?;
        let granted: Granted = serde_json::from_slice(response.body()).unwrap_or_default();
        let may_track = granted.scope.is_empty()
            || granted
                .scope
                .split([' ', ','])
                .any(|scope| scope == "tracking");
        if may_track {
            Ok(session)
        } else {
            Err(Failure::new(
                ErrorKind::Denied,
                "the app lacks the scope `tracking`; ask USPS for an API product that holds it",
            ))
        }
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, Outcome)>, Failure> {
        read::push(body)
    }
}

/// The hints tell parcels apart that travel under one number.
fn question(base_url: &str, wanted: &Wanted) -> Request<Bytes> {
    let mut url = format!(
        "{base_url}/tracking/v3/tracking/{}?expand=DETAIL",
        wanted.number
    );
    if let Some(zip) = wanted.hints.postal_code.as_deref().and_then(zip_code) {
        url.push_str("&destinationZIPCode=");
        url.push_str(zip);
    }
    if let Some(day) = wanted.hints.shipped_on {
        url.push_str("&mailingDate=");
        url.push_str(&day.to_string());
    }
    get_json(url)
}

/// The five digits of a ZIP Code; none of what is no ZIP Code.
fn zip_code(text: &str) -> Option<&str> {
    let (zip, rest) = text.trim().split_at_checked(5)?;
    let is_zip = zip.bytes().all(|byte| byte.is_ascii_digit());
    (is_zip && (rest.is_empty() || rest.starts_with('-'))).then_some(zip)
}
