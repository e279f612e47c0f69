//! Canada Post, by Get Tracking Details of its developer programme (REST, XML,
//! `track-v2`).

mod codes;
mod read;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted},
    profile::{Auth, Clock, Field, Profile},
};
use bytes::Bytes;
use http::{
    Request, Response,
    header::{ACCEPT, ACCEPT_LANGUAGE},
};
use posthorn_domain::tracking_number::TrackingNumber;

/// Canada Post.
#[derive(Debug, Clone, Copy)]
pub struct CanadaPost;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://soa-gw.canadapost.ca",
    auth: Auth::Basic {
        user: "username",
        password: "password",
        headers: &[],
    },
    needs: "a registration in the Developer Program, which is free",
    credentials: &[
        Field::required(
            "username",
            "canadapost.ca, Developer Program, API keys, production key, before the colon",
        ),
        Field::required(
            "password",
            "canadapost.ca, Developer Program, API keys, production key, behind the colon",
        ),
    ],
    // Canada Post throttles by key and shows the limit only next to the key.
    concurrency: 2,
    clock: Clock::LocalOftenOffset,
    tracking_url: Some(
        "https://www.canadapost-postescanada.ca/track-reperage/en#/search?searchFor={number}",
    ),
    ..Profile::named("canada_post", "Canada Post")
};

impl Carrier for CanadaPost {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            let url = format!(
                "{}/vis/track/pin/{}/detail",
                context.access.base_url(),
                wanted.number
            );
            Request::get(url)
                // Any other type, `*/*` too, is answered with an error.
                .header(ACCEPT, "application/vnd.cpc.track-v2+xml")
                .header(ACCEPT_LANGUAGE, "en-CA")
                .body(Bytes::new())
                .expect("a checked base URL and a number of letters and digits make a URL")
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::numbers(response)
    }
}
