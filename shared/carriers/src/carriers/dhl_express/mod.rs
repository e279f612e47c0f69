//! DHL Express, by its `MyDHL` API 3.1.1.
//!
//! `GET /tracking` takes many numbers, of shipments or of pieces but hardly of
//! both, and gives each event the wall clock where it happened; only the question
//! about a single shipment could ask for offsets too.

mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
    reading::named,
};
use bytes::Bytes;
use http::{Request, Response, header::ACCEPT};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use posthorn_domain::tracking_number::TrackingNumber;

/// DHL Express.
#[derive(Debug, Clone, Copy)]
pub struct DhlExpress;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://express.api.dhl.com/mydhlapi",
    auth: Auth::Basic {
        user: "username",
        password: "password",
        headers: &[],
    },
    needs: "an account number of DHL Express; DHL grants production access to the app after a request",
    credentials: &[
        CredentialField::required_field(
            "username",
            "developer.dhl.com, your app with MyDHL API, API Key",
        ),
        CredentialField::required_field(
            "password",
            "developer.dhl.com, your app with MyDHL API, API Secret",
        ),
    ],
    // The specification names no limit. A shipment with all its events is some
    // 20 kB, and as much again for each piece.
    batch: 25,
    // Neither are limits of calls published.
    concurrency: 2,
    retention_days: 90,
    clock: CarrierClock::Local,
    tracking_url: Some(
        "https://www.dhl.com/global-en/home/tracking/tracking-express.html?submit=1&tracking-id={number}",
    ),
    ..CarrierProfile::with_name("dhl_express", "DHL Express")
};

impl Carrier for DhlExpress {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let address = format!("{}/tracking", context.access.base_url());
        wanted
            .chunk_by(|one, next| is_piece(&one.number) == is_piece(&next.number))
            .flat_map(|alike| alike.chunks(PROFILE.batch))
            .map(|batch| {
                CarrierRequest::to_send(build_request(&address, batch), batch.to_vec(), context.now)
            })
            .collect()
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["shipments"],
            &["shipmentTrackingNumber", "pieces.trackingNumber"],
        )
    }
}

/// Whether this is the licence plate of a piece, as `JD014600006281230704`.
fn is_piece(number: &TrackingNumber) -> bool {
    number.as_str().starts_with('J')
}

fn build_request(address: &str, wanted: &[TrackingQuery]) -> Request<Bytes> {
    let mut url = format!("{address}?trackingView=all-checkpoints&levelOfDetail=all");
    for wanted in wanted {
        url.push_str(if is_piece(&wanted.number) {
            "&pieceTrackingNumber="
        } else {
            "&shipmentTrackingNumber="
        });
        url.extend(utf8_percent_encode(
            wanted.number.as_str(),
            NON_ALPHANUMERIC,
        ));
    }
    Request::get(url)
        .header(ACCEPT, "application/json")
        .header("Accept-Language", "eng")
        .body(Bytes::new())
        .expect("a checked base URL and percent-encoded numbers make a URL")
}
