//! USPS, by its Tracking API v3 (3.2.6).
//!
//! Facts are from USPS's published specification. Beyond it: the limit of 60
//! calls an hour is what USPS grants an app by default, shared by all of its v3
//! APIs and the token endpoint, and an app whose product lacks the `tracking`
//! scope gets a token that USPS then refuses with 401. How long USPS remembers a
//! shipment stands in no specification: 120 days, longer where that was bought.
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
//! shipment one of the 60 calls an hour. USPS writes to the address of its
//! `adminNotification` when nothing was to be told for 25 days, and deletes the
//! subscription five days later; that is what users report of it, the
//! specification does not say so.

mod codes;
mod read;
mod wire;

use crate::{
    auth::{self, LoginSession},
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json},
    outcome::{CarrierError, CarrierErrorKind, TrackingResult},
    profile::{
        Auth, CarrierClock, CarrierProfile, ClientAuth, CredentialField, Encoding, Period,
        PushSupport, Quota, SignedContent, Unit, Verifier,
    },
    reading::named,
};
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Deserialize;
use std::time::Duration;

/// USPS, the postal service of the United States.
#[derive(Debug, Clone, Copy)]
pub struct Usps;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://apis.usps.com",
    auth: Auth::OAuth2 {
        token_path: "/oauth2/v3/token",
        client: ClientAuth::Json,
        scope: Some("tracking"),
    },
    needs: "a USPS business account with a Mailer ID. Tracking is not among the APIs that an app has to begin with: USPS grants it on a service request, and has taken weeks over it; pushes (`subscriptions-tracking`) want a request of their own",
    credentials: &[
        CredentialField::required_field(
            "client_id",
            "developers.usps.com, your app, Consumer Key; its product must hold the scope `tracking`",
        ),
        CredentialField::required_field(
            "client_secret",
            "developers.usps.com, your app, Consumer Secret",
        ),
        CredentialField::of_webhook(
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
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://tools.usps.com/go/TrackConfirmAction?tLabels={number}"),
    push: Some(PushSupport {
        verifier: Verifier::HmacSha256 {
            header: "X-HMAC",
            encoding: Encoding::Base64,
            signed: SignedContent::Fields(&["timestamp", "payload"]),
        },
        is_by_hand: true,
        subscribe_batch: None,
        lifetime: None,
    }),
    ..CarrierProfile::with_name("usps", "USPS")
};

impl Carrier for Usps {
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
        named::in_json(response.body(), &["", "payload"], &["trackingNumber"])
    }

    /// USPS gives a token also to an app that may not track, and refuses it later.
    fn parse_login(&self, response: &Response<Bytes>) -> Result<LoginSession, CarrierError> {
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
            Err(CarrierError::new(
                CarrierErrorKind::Denied,
                "the app lacks the scope `tracking`; ask USPS for an API product that holds it",
            ))
        }
    }

    fn parse_push(
        &self,
        _headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Vec<(TrackingNumber, TrackingResult)>, CarrierError> {
        read::parse_push(body)
    }
}

/// The hints tell shipments apart that travel under one number.
fn build_request(base_url: &str, wanted: &TrackingQuery) -> Request<Bytes> {
    let mut url = format!(
        "{base_url}/tracking/v3/tracking/{}?expand=DETAIL",
        wanted.number
    );
    if let Some(zip) = wanted.details.postal_code.as_deref().and_then(zip_code) {
        url.push_str("&destinationZIPCode=");
        url.push_str(zip);
    }
    if let Some(day) = wanted.details.shipped_on {
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
