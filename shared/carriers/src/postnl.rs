//! PostNL, by its Status API v2.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted, get_json},
    named,
    profile::{Auth, Clock, Field, Profile},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;

/// PostNL.
#[derive(Debug, Clone, Copy)]
pub struct PostNl;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api.postnl.nl",
    auth: Auth::Header {
        name: "apikey",
        prefix: "",
        field: "api_key",
    },
    needs: "a PostNL business account; the key for production is asked for there",
    credentials: &[Field::required(
        "api_key",
        "developer.postnl.nl, or Mijn PostNL for business, API key for production",
    )],
    clock: Clock::Zone("Europe/Amsterdam"),
    tracking_url: Some("https://jouw.postnl.nl/track-and-trace/{number}"),
    ..Profile::named("postnl", "PostNL")
};

impl Carrier for PostNl {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            // Without `detail` PostNL tells the last status alone.
            get_json(format!(
                "{}/shipment/v2/status/barcode/{}?detail=true&language=EN",
                context.access.base_url(),
                wanted.number
            ))
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["CompleteStatus.Shipment", "CurrentStatus.Shipment"],
            &["Barcode"],
        )
    }
}
