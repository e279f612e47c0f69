//! DPD in the Netherlands, Belgium and Luxembourg, by its Shipper Webservices
//! (SOAP): `LoginService` V2.1 and `ParcelLifeCycleService` V2.0. DPD elsewhere has
//! other services.

mod read;

use crate::{
    access::Access,
    auth::Session,
    carrier::{Answer, Call, Carrier, Context, Wanted},
    outcome::Failure,
    profile::{Auth, Clock, Field, Profile},
    xml::escape,
};
use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use secrecy::ExposeSecret as _;

/// DPD.
#[derive(Debug, Clone, Copy)]
pub struct Dpd;

pub(crate) const PROFILE: Profile = Profile {
    // Belgium is `https://wsshipper.dpd.be`.
    base_url: "https://wsshipper.dpd.nl",
    auth: Auth::Login,
    needs: "a contract with DPD in the Netherlands or Belgium; the DPD companies of other countries have interfaces of their own",
    credentials: &[
        Field::required(
            "delis_id",
            "the delisId that DPD's customer IT sends you for Shipper Webservices",
        ),
        Field::required("password", "comes with the delisId"),
    ],
    // "Rate limiting applies", how much is not published.
    concurrency: 2,
    clock: Clock::Local,
    tracking_url: Some(
        "https://www.dpdgroup.com/nl/mydpd/my-parcels/track?lang=en&parcelNumber={number}",
    ),
    ..Profile::named("dpd", "DPD")
};

/// In what language DPD answers, as its own examples name it.
const LANGUAGE: &str = "en_EN";
/// What [`Dpd::authorize`] fills in.
const EMPTY_HEADER: &str = "<soapenv:Header/>";

impl Carrier for Dpd {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        Call::each(wanted, context.now, |wanted| {
            let body = format!(
                "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
                 xmlns:ns=\"http://dpd.com/common/service/types/ParcelLifeCycleService/2.0\">\
                 {EMPTY_HEADER}<soapenv:Body><ns:getTrackingData>\
                 <parcelLabelNumber>{}</parcelLabelNumber>\
                 </ns:getTrackingData></soapenv:Body></soapenv:Envelope>",
                wanted.number
            );
            question(
                context.access,
                "ParcelLifeCycleService/V2_0",
                "ParcelLifeCycleService/2.0/getTrackingData",
                body,
            )
            .expect("a checked base URL makes a URL")
        })
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn login(&self, access: &Access) -> Option<Result<Request<Bytes>, Failure>> {
        let body = format!(
            "<soapenv:Envelope xmlns:soapenv=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:ns=\"http://dpd.com/common/service/types/LoginService/2.1\">{EMPTY_HEADER}\
             <soapenv:Body><ns:getAuth><delisId>{}</delisId><password>{}</password>\
             <messageLanguage>{LANGUAGE}</messageLanguage></ns:getAuth></soapenv:Body>\
             </soapenv:Envelope>",
            escape(access.get("delis_id")),
            escape(access.get("password")),
        );
        Some(question(
            access,
            "LoginService/V2_1",
            "LoginService/2.1/getAuth",
            body,
        ))
    }

    fn parse_login(&self, response: &Response<Bytes>) -> Result<Session, Failure> {
        read::session(response)
    }

    fn is_session_over(&self, response: &Response<Bytes>) -> bool {
        read::is_session_over(response)
    }

    /// The credentials stand in the header of the envelope, not of the request.
    fn authorize(
        &self,
        request: &mut Request<Bytes>,
        access: &Access,
        session: Option<&Session>,
    ) -> Result<(), Failure> {
        let session = session.ok_or_else(|| Failure::unauthorized("no session was opened"))?;
        let body = std::str::from_utf8(request.body())
            .ok()
            .and_then(|body| body.split_once(EMPTY_HEADER));
        let Some((before, after)) = body else {
            return Err(Failure::rejected("the question has no place for a session"));
        };
        let body = format!(
            "{before}<soapenv:Header><auth:authentication \
             xmlns:auth=\"http://dpd.com/common/service/types/Authentication/2.0\">\
             <delisId>{}</delisId><authToken>{}</authToken>\
             <messageLanguage>{LANGUAGE}</messageLanguage>\
             </auth:authentication></soapenv:Header>{after}",
            escape(access.get("delis_id")),
            escape(session.token.expose_secret()),
        );
        *request.body_mut() = Bytes::from(body);
        Ok(())
    }
}

/// The actions are those of DPD's published descriptions of these services.
fn question(
    access: &Access,
    service: &str,
    action: &str,
    body: String,
) -> Result<Request<Bytes>, Failure> {
    Request::post(format!("{}/soap/services/{service}", access.base_url()))
        .header(CONTENT_TYPE, "text/xml; charset=utf-8")
        .header(
            "SOAPAction",
            format!("\"http://dpd.com/common/service/{action}\""),
        )
        .body(Bytes::from(body))
        .map_err(|_| Failure::rejected("the base URL makes no URL"))
}
