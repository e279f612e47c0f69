//! GLS, by its Track And Trace API V1.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{
        Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json,
        join_numbers,
    },
    profile::{
        Auth, CarrierClock, CarrierProfile, ClientAuth, CredentialField, Period, Quota, Unit,
    },
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// GLS.
#[derive(Debug, Clone, Copy)]
pub struct Gls;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.gls-group.net",
    auth: Auth::OAuth2 {
        token_path: "/oauth2/v2/token",
        client: ClientAuth::Basic,
        scope: None,
    },
    needs: "a GLS customer account, by which the app is released for production; 500 questions a day to begin with",
    credentials: &[
        CredentialField::required_field(
            "client_id",
            "dev-portal.gls-group.net, your app with Track And Trace V1, API Key",
        ),
        CredentialField::required_field(
            "client_secret",
            "dev-portal.gls-group.net, your app with Track And Trace V1, Secret",
        ),
    ],
    // An eleventh number is answered with 400 for all of them.
    batch: 10,
    concurrency: 2,
    quotas: &[Quota {
        limit: 500,
        unit: Unit::Calls,
        period: Period::DayGmt,
    }],
    min_interval: Duration::from_hours(1),
    clock: CarrierClock::Offset,
    tracking_url: Some("https://gls-group.com/GROUP/en/parcel-tracking?match={number}"),
    ..CarrierProfile::with_name("gls", "GLS")
};

impl Carrier for Gls {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::in_batches(wanted, PROFILE.batch, context.now, |wanted| {
            get_json(format!(
                "{}/track-and-trace-v1/tracking/simple/trackids/{}",
                context.access.base_url(),
                join_numbers(wanted, ",")
            ))
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::read_numbers(response)
    }
}
