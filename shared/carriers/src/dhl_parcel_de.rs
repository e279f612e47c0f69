//! DHL Paket, by its API Parcel DE Shipment Tracking v0.
//!
//! The question is a piece of XML in the query, `d-get-piece-detail`: up to 20 of
//! the business customer's own parcels with all their events. (`d-get-piece` has
//! no events; `get-status-for-public-user` takes 15 and shows what everybody may
//! see.) The postal code of the recipient would show more personal data, for one
//! parcel at a time; nothing here needs it.

mod events;
mod read;
mod xml;

use crate::{
    access::Access,
    auth::{self, Session},
    carrier::{Answer, Call, Carrier, Context, Wanted},
    outcome::Failure,
    profile::{Auth, Clock, Field, Period, Profile, Quota, Unit},
};
use bytes::Bytes;
use http::{Request, Response, Uri, header::ACCEPT};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use posthorn_domain::tracking_number::TrackingNumber;
use quick_xml::escape::escape;
use std::time::Duration;

/// DHL Paket (Germany).
#[derive(Debug, Clone, Copy)]
pub struct DhlParcelDe;

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://api-eu.dhl.com",
    auth: Auth::Basic {
        user: "api_key",
        password: "api_secret",
        headers: &[],
    },
    needs: "a contract with DHL Paket: the business customer portal, and the app released for production",
    credentials: &[
        Field::required(
            "api_key",
            "developer.dhl.com, your app with Parcel DE Shipment Tracking, API Key",
        ),
        Field::required(
            "api_secret",
            "developer.dhl.com, your app with Parcel DE Shipment Tracking, API Secret",
        ),
        Field::required(
            "appname",
            "DHL business customer portal (GKP), a user with the right to track",
        ),
        Field::required("password", "the password of that user"),
    ],
    batch: 20,
    concurrency: 3,
    quotas: &[
        Quota {
            limit: 1_000,
            unit: Unit::Calls,
            period: Period::DayGmt,
        },
        Quota {
            limit: 10_000,
            unit: Unit::Numbers,
            period: Period::DayGmt,
        },
        Quota {
            limit: 3,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_secs(1)),
        },
    ],
    min_interval: Duration::from_mins(30),
    retention_days: 90,
    clock: Clock::Zone("Europe/Berlin"),
    tracking_url: Some(
        "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={number}",
    ),
    ..Profile::named("dhl_parcel_de", "DHL Paket")
};

/// How the element of the question begins, as it stands in the query: behind it
/// go the credentials.
const ELEMENT: &str = "%3Cdata";

impl Carrier for DhlParcelDe {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        let base_url = context.access.base_url();
        let address = format!("{base_url}/parcel/de/tracking/v0/shipments");
        wanted
            .chunks(PROFILE.batch)
            .map(|batch| Call::send(question(&address, batch), batch.to_vec(), context.now))
            .collect()
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::numbers(response)
    }

    /// HTTP Basic for the gateway, and name and password for the service behind
    /// it, as attributes of the question.
    fn authorize(
        &self,
        request: &mut Request<Bytes>,
        access: &Access,
        session: Option<&Session>,
    ) -> Result<(), Failure> {
        auth::authorize(&PROFILE, request, access, session)?;
        let attributes = format!(
            " appname=\"{}\" password=\"{}\"",
            escape(access.get("appname")),
            escape(access.get("password"))
        );
        let attributes = utf8_percent_encode(&attributes, NON_ALPHANUMERIC);
        let uri = request.uri().to_string();
        let uri = uri.replacen(ELEMENT, &format!("{ELEMENT}{attributes}"), 1);
        *request.uri_mut() = uri
            .parse::<Uri>()
            .map_err(|_| Failure::unauthorized("the credentials are too long for a URL"))?;
        Ok(())
    }
}

/// The question without the credentials, which [`Carrier::authorize`] adds.
fn question(address: &str, wanted: &[Wanted]) -> Request<Bytes> {
    let numbers: Vec<&str> = wanted.iter().map(|w| w.number.as_str()).collect();
    let xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\
         <data language-code=\"en\" request=\"d-get-piece-detail\" piece-code=\"{}\"/>",
        numbers.join(";")
    );
    let xml = utf8_percent_encode(&xml, NON_ALPHANUMERIC);
    Request::get(format!("{address}?xml={xml}"))
        .header(ACCEPT, "application/xml")
        .body(Bytes::new())
        .expect("a checked base URL and percent-encoded XML make a URL")
}
