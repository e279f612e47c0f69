//! DHL Paket, by its API Parcel DE Shipment Tracking v0.
//!
//! The question is a piece of XML in the query, `d-get-piece-detail`: up to 20 of
//! the business customer's own shipments with all their events. (`d-get-piece` has
//! no events; `get-status-for-public-user` takes 15 and shows what the public may
//! see.) The postal code of the recipient would show more personal data, for one
//! shipment at a time; nothing here needs it.

mod events;
mod read;
mod xml;

use crate::{
    access::CarrierAccess,
    auth::{self, LoginSession},
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::CarrierError,
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, Period, Quota, Unit},
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

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://api-eu.dhl.com",
    auth: Auth::Basic {
        user: "api_key",
        password: "api_secret",
        headers: &[],
    },
    needs: "a contract with DHL Paket: the business customer portal, and the app released for production",
    credentials: &[
        CredentialField::required_field(
            "api_key",
            "developer.dhl.com, your app with Parcel DE Shipment Tracking, API Key",
        ),
        CredentialField::required_field(
            "api_secret",
            "developer.dhl.com, your app with Parcel DE Shipment Tracking, API Secret",
        ),
        CredentialField::required_field(
            "appname",
            "DHL business customer portal (GKP), a user with the right to track",
        ),
        CredentialField::required_field("password", "the password of that user"),
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
    clock: CarrierClock::Zone("Europe/Berlin"),
    tracking_url: Some(
        "https://www.dhl.de/de/privatkunden/dhl-sendungsverfolgung.html?piececode={number}",
    ),
    ..CarrierProfile::with_name("dhl_parcel_de", "DHL Paket")
};

/// How the element of the question begins, as it stands in the query: behind it
/// go the credentials.
const ELEMENT: &str = "%3Cdata";

impl Carrier for DhlParcelDe {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        let base_url = context.access.base_url();
        let address = format!("{base_url}/parcel/de/tracking/v0/shipments");
        wanted
            .chunks(PROFILE.batch)
            .map(|batch| {
                CarrierRequest::to_send(build_request(&address, batch), batch.to_vec(), context.now)
            })
            .collect()
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        read::read_numbers(response)
    }

    /// HTTP Basic for the gateway, and name and password for the service behind
    /// it, as attributes of the question.
    fn authorize_request(
        &self,
        request: &mut Request<Bytes>,
        access: &CarrierAccess,
        session: Option<&LoginSession>,
    ) -> Result<(), CarrierError> {
        auth::authorize_request(&PROFILE, request, access, session)?;
        let attributes = format!(
            " appname=\"{}\" password=\"{}\"",
            escape(access.get_field("appname")),
            escape(access.get_field("password"))
        );
        let attributes = utf8_percent_encode(&attributes, NON_ALPHANUMERIC);
        let uri = request.uri().to_string();
        let uri = uri.replacen(ELEMENT, &format!("{ELEMENT}{attributes}"), 1);
        *request.uri_mut() = uri.parse::<Uri>().map_err(|_| {
            CarrierError::unauthorized_access("the credentials are too long for a URL")
        })?;
        Ok(())
    }
}

/// The question without the credentials, which [`Carrier::authorize_request`] adds.
fn build_request(address: &str, wanted: &[TrackingQuery]) -> Request<Bytes> {
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
