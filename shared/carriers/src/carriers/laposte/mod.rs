//! La Poste, by its Suivi API v2, which also knows the shipments of Colissimo
//! and Chronopost.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{
        Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery, get_json,
        join_numbers,
    },
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, Period, Quota, Unit},
    reading::named,
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;
use std::time::Duration;

/// La Poste, with Colissimo and Chronopost.
#[derive(Debug, Clone, Copy)]
pub struct LaPoste;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api.laposte.fr",
    auth: Auth::Header {
        name: "X-Okapi-Key",
        prefix: "",
        field: "api_key",
    },
    needs: "nothing but a registration: the key is free, and given at once",
    credentials: &[CredentialField::required_field(
        "api_key",
        "developer.laposte.fr, subscribe to Suivi v2 for free, production key",
    )],
    batch: 10,
    quotas: &[Quota {
        limit: 100,
        unit: Unit::Calls,
        period: Period::Rolling(Duration::from_mins(1)),
    }],
    clock: CarrierClock::Offset,
    tracking_url: Some("https://www.laposte.fr/outils/suivre-vos-envois?code={number}"),
    ..CarrierProfile::with_name("laposte", "La Poste")
};

impl Carrier for LaPoste {
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
                "{}/suivi/v2/idships/{}?lang=en_GB",
                context.access.base_url(),
                join_numbers(wanted, ",")
            ))
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(response.body(), &[""], &["shipment.idShip", "idShip"])
    }
}
