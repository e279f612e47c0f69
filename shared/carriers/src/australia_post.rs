//! Australia Post, and `StarTrack`, by the Shipping and Tracking API v1.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted, get_json, joined},
    named,
    profile::{Auth, Clock, Field, Period, Profile, Quota, Unit},
};
use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// Australia Post.
#[derive(Debug, Clone, Copy)]
pub struct AustraliaPost;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://digitalapi.auspost.com.au",
    auth: Auth::Basic {
        user: "api_key",
        password: "password",
        headers: &[("Account-Number", "account_number")],
    },
    needs: "a contract with Australia Post (eParcel) or StarTrack: the account number is part of the key",
    credentials: &[
        Field::required(
            "api_key",
            "developers.auspost.com.au, Shipping and Tracking, API key",
        ),
        Field::required(
            "password",
            "the password that you chose when you registered for the API",
        ),
        Field::required(
            "account_number",
            "your charge account: ten digits, or eight of a StarTrack account",
        ),
    ],
    // An eleventh number is answered with error 51101 for all of them.
    batch: 10,
    concurrency: 1,
    quotas: &[Quota {
        limit: 10,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_mins(1)),
    }],
    clock: Clock::Offset,
    tracking_url: Some("https://auspost.com.au/mypost/track/details/{number}"),
    ..Profile::named("australia_post", "Australia Post")
};

impl Carrier for AustraliaPost {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        wanted
            .chunks(PROFILE.batch)
            .map(|wanted| question(context.access.base_url(), wanted, context.now))
            .collect()
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &["tracking_results"], &["tracking_id"])
    }
}

fn question(base_url: &str, wanted: &[Wanted], now: Timestamp) -> Call {
    let request = get_json(format!(
        "{base_url}/shipping/v1/track?tracking_ids={}",
        joined(wanted, ",")
    ));
    Call::send(request, wanted.to_vec(), now)
}

/// The same question for each number alone: some errors are about one of them
/// and do not say which.
fn one_by_one(call: &Call) -> Answer {
    let base_url = match &call.exchange {
        crate::carrier::Exchange::Send(request) => {
            let url = request.uri().to_string();
            let end = url.find("/shipping/v1/").unwrap_or(0);
            url[..end].to_owned()
        }
        crate::carrier::Exchange::Known(_) => String::new(),
    };
    Answer {
        outcomes: Vec::new(),
        next: call
            .wanted
            .chunks(1)
            .map(|wanted| question(&base_url, wanted, call.asked_at))
            .collect(),
    }
}
