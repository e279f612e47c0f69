//! DPD in the Netherlands, Belgium and Luxembourg, by its Shipper Webservices
//! (SOAP): `LoginService` V2.1 and `ShipmentLifeCycleService` V2.0. DPD elsewhere has
//! other services.

mod read;

use crate::{
    access::CarrierAccess,
    auth::LoginSession,
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    outcome::CarrierError,
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField},
    xml::escape_text,
};
use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use secrecy::ExposeSecret as _;

/// DPD.
#[derive(Debug, Clone, Copy)]
pub struct Dpd;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    // Belgium is `https://wsshipper.dpd.be`.
    base_url: "https://wsshipper.dpd.nl",
    auth: Auth::Login,
    needs: "a contract with DPD in the Netherlands or Belgium; the DPD companies of other countries have interfaces of their own",
    credentials: &[
        CredentialField::required_field(
            "delis_id",
            "the delisId that DPD's customer IT sends you for Shipper Webservices",
        ),
        CredentialField::required_field("password", "comes with the delisId"),
    ],
    // "Rate limiting applies", how much is not published.
    concurrency: 2,
    clock: CarrierClock::Local,
    tracking_url: Some(
        "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber={number}",
    ),
    ..CarrierProfile::with_name("dpd", "DPD")
};

/// In what language DPD answers, as its own examples name it.
const LANGUAGE: &str = "en_EN";
/// What [`Dpd::authorize`] fills in.
const EMPTY_HEADER: &str = "<soapenv:Header/>";

impl Carrier for Dpd {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::one_per_query(wanted, context.now, |wanted| {
            let body = format!(
                "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                 xmlns:ns=\"http://dpd.com/common/service/types/ParcelLifeCycleService/2.0\">\
                 {EMPTY_HEADER}<soapenv:Body><ns:getTrackingData>\
                 <parcelLabelNumber>{}</parcelLabelNumber>\
                 </ns:getTrackingData></soapenv:Body></soapenv:Envelope>",
                wanted.number
            );
            build_request(
                context.access,
                "ParcelLifeCycleService/V2_0",
                "ParcelLifeCycleService/2.0/getTrackingData",
                body,
            )
            .expect("a checked base URL makes a URL")
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn login_request(
        &self,
        access: &CarrierAccess,
    ) -> Option<Result<Request<Bytes>, CarrierError>> {
        let body = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:ns=\"http://dpd.com/common/service/types/LoginService/2.1\">{EMPTY_HEADER}\
             <soapenv:Body><ns:getAuth><delisId>{}</delisId><password>{}</password>\
             <messageLanguage>{LANGUAGE}</messageLanguage></ns:getAuth></soapenv:Body>\
             </soapenv:Envelope>",
            escape_text(access.get_field("delis_id")),
            escape_text(access.get_field("password")),
        );
        Some(build_request(
            access,
            "LoginService/V2_1",
            "LoginService/2.1/getAuth",
            body,
        ))
    }

    fn parse_login(&self, response: &Response<Bytes>) -> Result<LoginSession, CarrierError> {
        read::read_session(response)
    }

    fn is_session_over(&self, response: &Response<Bytes>) -> bool {
        read::is_session_over(response)
    }

    /// The credentials stand in the header of the envelope, not of the request.
    fn authorize_request(
        &self,
        request: &mut Request<Bytes>,
        access: &CarrierAccess,
        session: Option<&LoginSession>,
    ) -> Result<(), CarrierError> {
        let session =
            session.ok_or_else(|| CarrierError::unauthorized_access("no session was opened"))?;
        let body = std::str::from_utf8(request.body())
            .ok()
            .and_then(|body| body.split_once(EMPTY_HEADER));
        let Some((before, after)) = body else {
            return Err(CarrierError::rejected_request(
                "the question has no place for a session",
            ));
        };
        let body = format!(
            "{before}<soapenv:Header><auth:authentication \
             xmlns:auth=\"http://dpd.com/common/service/types/Authentication/2.0\">\
             <delisId>{}</delisId><authToken>{}</authToken>\
             <messageLanguage>{LANGUAGE}</messageLanguage>\
             </auth:authentication></soapenv:Header>{after}",
            escape_text(access.get_field("delis_id")),
            escape_text(session.token.expose_secret()),
        );
        *request.body_mut() = Bytes::from(body);
        Ok(())
    }
}

/// The actions are those of DPD's published descriptions of these services.
fn build_request(
    access: &CarrierAccess,
    service: &str,
    action: &str,
    body: String,
) -> Result<Request<Bytes>, CarrierError> {
    Request::post(format!("{}/soap/services/{service}", access.base_url()))
        .header(CONTENT_TYPE, "text/xml; charset=utf-8")
        .header(
            "SOAPAction",
            format!("\"http://dpd.com/common/service/{action}\""),
        )
        .body(Bytes::from(body))
        .map_err(|_| CarrierError::rejected_request("the base URL makes no URL"))
}
