//! PostNL, by its Status API v2.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
    reading::named,
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;

/// PostNL.
#[derive(Debug, Clone, Copy)]
pub struct PostNl;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.postnl.nl",
    auth: Auth::Header {
        name: "apikey",
        prefix: "",
        field: "api_key",
    },
    needs: "a PostNL business account; the key for production is asked for there",
    credentials: &[CredentialField::required_field(
        "api_key",
        "developer.postnl.nl, or Mijn PostNL for business, API key for production",
    )],
    clock: CarrierClock::Zone("Europe/Amsterdam"),
    tracking_url: Some("https://jouw.postnl.nl/track-and-trace/{number}"),
    ..CarrierProfile::with_name("postnl", "PostNL")
};

impl Carrier for PostNl {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            // Without `detail` PostNL tells the last status alone.
            get_json(format!(
                "{}/shipment/v2/status/barcode/{}?detail=true&language=EN",
                context.access.base_url(),
                wanted.number
            ))
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["CompleteStatus.Shipment", "CurrentStatus.Shipment"],
            &["Barcode"],
        )
    }
}
