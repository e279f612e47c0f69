//! La Poste, by its Suivi API v2, which also knows the parcels of Colissimo
//! and Chronopost.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Answer, Call, Carrier, Context, Wanted},
    profile::{Auth, Clock, Field, Period, Profile, Quota, Unit},
};
use bytes::Bytes;
use http::{Request, Response, header::ACCEPT};
use std::time::Duration;

/// La Poste, with Colissimo and Chronopost.
#[derive(Debug, Clone, Copy)]
pub struct LaPoste;

const PROFILE: Profile = Profile {
    base_url: "https://api.laposte.fr",
    auth: Auth::Header {
        name: "X-Okapi-Key",
        prefix: "",
        field: "api_key",
    },
    credentials: &[Field::required(
        "api_key",
        "developer.laposte.fr, subscribe to Suivi v2 for free, production key",
    )],
    batch: 10,
    quotas: &[Quota {
        limit: 100,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_mins(1)),
    }],
    clock: Clock::Offset,
    tracking_url: Some("https://www.laposte.fr/outils/suivre-vos-envois?code={number}"),
    ..Profile::named("laposte", "La Poste")
};

impl Carrier for LaPoste {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        wanted
            .chunks(PROFILE.batch)
            .map(|wanted| {
                let numbers: Vec<&str> =
                    wanted.iter().map(|wanted| wanted.number.as_str()).collect();
                let request = Request::get(format!(
                    "{}/suivi/v2/idships/{}?lang=en_GB",
                    context.access.base_url(),
                    numbers.join(",")
                ))
                .header(ACCEPT, "application/json")
                .body(Bytes::new())
                .expect("a checked base URL and numbers of letters and digits make a URL");
                Call::send(request, wanted.to_vec(), context.now)
            })
            .collect()
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }
}
