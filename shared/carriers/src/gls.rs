//! GLS, by its Track And Trace API V1.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted, get_json, joined},
    profile::{Auth, ClientAuth, Clock, Field, Period, Profile, Quota, Unit},
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// GLS.
#[derive(Debug, Clone, Copy)]
pub struct Gls;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api.gls-group.net",
    auth: Auth::OAuth2 {
        token_path: "/oauth2/v2/token",
        client: ClientAuth::Basic,
        scope: None,
    },
    needs: "a GLS customer account, by which the app is released for production; 500 questions a day to begin with",
    credentials: &[
        Field::required(
            "client_id",
            "dev-portal.gls-group.net, your app with Track And Trace V1, API Key",
        ),
        Field::required(
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
    clock: Clock::Offset,
    tracking_url: Some("https://gls-group.com/GROUP/en/parcel-tracking?match={number}"),
    ..Profile::named("gls", "GLS")
};

impl Carrier for Gls {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::batches(wanted, PROFILE.batch, context.now, |wanted| {
            get_json(format!(
                "{}/track-and-trace-v1/tracking/simple/trackids/{}",
                context.access.base_url(),
                joined(wanted, ",")
            ))
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::numbers(response)
    }
}
