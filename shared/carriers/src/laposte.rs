//! La Poste, by its Suivi API v2, which also knows the parcels of Colissimo
//! and Chronopost.

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
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// La Poste, with Colissimo and Chronopost.
#[derive(Debug, Clone, Copy)]
pub struct LaPoste;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api.laposte.fr",
    auth: Auth::Header {
        name: "X-Okapi-Key",
        prefix: "",
        field: "api_key",
    },
    needs: "nothing but a registration: the key is free, and given at once",
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
        Call::batches(wanted, PROFILE.batch, context.now, |wanted| {
            get_json(format!(
                "{}/suivi/v2/idships/{}?lang=en_GB",
                context.access.base_url(),
                joined(wanted, ",")
            ))
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &[""], &["shipment.idShip", "idShip"])
    }
}
