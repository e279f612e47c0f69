//! Royal Mail, by its Tracking API v2.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
    reading::named,
};
use bytes::Bytes;
use http::{Request, Response, header::ACCEPT};
use posthorn_domain::tracking_number::TrackingNumber;

/// Royal Mail.
#[derive(Debug, Clone, Copy)]
pub struct RoyalMail;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.royalmail.net",
    auth: Auth::Headers(&[
        ("X-IBM-Client-Id", "client_id"),
        ("X-IBM-Client-Secret", "client_secret"),
    ]),
    needs: "a Royal Mail business account, by which the app's subscription to Tracking is approved",
    credentials: &[
        CredentialField::required_field(
            "client_id",
            "developer.royalmail.net, your app with Tracking, Client ID",
        ),
        CredentialField::required_field(
            "client_secret",
            "developer.royalmail.net, your app with Tracking, Client Secret",
        ),
    ],
    clock: CarrierClock::Offset,
    tracking_url: Some("https://www.royalmail.com/track-your-item#/tracking-results/{number}"),
    ..CarrierProfile::with_name("royal_mail", "Royal Mail")
};

impl Carrier for RoyalMail {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            Request::get(format!(
                "{}/mailpieces/v2/{}/events",
                context.access.base_url(),
                wanted.number
            ))
            .header(ACCEPT, "application/json")
            // The terms of the API, without which it refuses the question.
            .header("X-Accept-RMG-Terms", "yes")
            .body(Bytes::new())
            .expect("a checked base URL and a number of letters and digits make a URL")
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    /// The barcode that people know, before the 2D one.
    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["mailPieces"],
            &["summary.oneDBarcode", "mailPieceId", "summary.uniqueItemId"],
        )
    }
}
