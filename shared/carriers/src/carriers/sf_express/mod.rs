//! SF Express, by `EXP_RECE_SEARCH_ROUTES` of its open platform.
//!
//! Each question is signed with its own text and time. Some numbers are shown
//! only together with the last four digits of a telephone number. Times are
//! China's without saying so; whether they are so for events abroad too is not
//! documented.

mod codes;
mod read;

use crate::{
    access::CarrierAccess,
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{Auth, CarrierClock, CarrierProfile, CredentialField, Period, Quota, Unit},
    reading::named,
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http::{Request, Response, header::CONTENT_TYPE};
use jiff::Timestamp;
use md5::{Digest as _, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;
use sha2::Sha256;
use std::time::Duration;

/// SF Express.
#[derive(Debug, Clone, Copy)]
pub struct SfExpress;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://sfapi.sf-express.com",
    auth: Auth::Body,
    needs: "an account with SF Express and an app that SF has approved for production",
    credentials: &[
        CredentialField::required_field(
            "partner_id",
            "qiao.sf-express.com, developer integration, customer code (顾客编码)",
        ),
        CredentialField::required_field(
            "checkword",
            "qiao.sf-express.com, developer integration, production check word (校验码)",
        ),
    ],
    batch: 10,
    // SF names these where it explains its error A1005.
    quotas: &[
        Quota {
            limit: 30,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_secs(1)),
        },
        Quota {
            limit: 3000,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_hours(24)),
        },
    ],
    clock: CarrierClock::Zone("Asia/Shanghai"),
    tracking_url: Some("https://www.sf-express.com/chn/en/waybill/waybill-detail/{number}"),
    ..CarrierProfile::with_name("sf_express", "SF Express")
};

impl Carrier for SfExpress {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        wanted
            // The digits of the telephone hold for all numbers of a question.
            .chunk_by(|a, b| a.details.phone_suffix == b.details.phone_suffix)
            .flat_map(|same| same.chunks(PROFILE.batch))
            .map(|wanted| {
                CarrierRequest::to_send(
                    build_request(wanted, context),
                    wanted.to_vec(),
                    context.now,
                )
            })
            .collect()
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["apiResultData.msgData.routeResps"],
            &["mailNo"],
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SfExpressQuery<'a> {
    language: &'static str,
    /// 1: the numbers are SF's own.
    tracking_type: &'static str,
    tracking_number: Vec<&'a str>,
    /// 1: the usual route.
    method_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_phone_no: Option<&'a str>,
}

fn build_request(wanted: &[TrackingQuery], context: &RequestContext<'_>) -> Request<Bytes> {
    let suffix = wanted
        .first()
        .and_then(|wanted| wanted.details.phone_suffix.as_deref());
    let data = serde_json::to_string(&SfExpressQuery {
        language: "zh-CN",
        tracking_type: "1",
        tracking_number: wanted.iter().map(|wanted| wanted.number.as_str()).collect(),
        method_type: "1",
        check_phone_no: suffix.filter(|suffix| !suffix.is_empty()),
    })
    .expect("texts make JSON");
    Request::post(format!("{}/std/service", context.access.base_url()))
        .header(
            CONTENT_TYPE,
            "application/x-www-form-urlencoded;charset=UTF-8",
        )
        .body(Bytes::from(form_body(&data, context.access, context.now)))
        .expect("a checked base URL makes a URL")
}

fn form_body(data: &str, access: &CarrierAccess, now: Timestamp) -> String {
    let timestamp = now.as_millisecond().to_string();
    let identity = Sha256::digest(format!("{data}\n{timestamp}"));
    let digest = sign_request(data, &timestamp, access.get_field("checkword"));
    [
        ("partnerID", access.get_field("partner_id")),
        ("requestID", &hex::encode(&identity[..16])),
        ("serviceCode", "EXP_RECE_SEARCH_ROUTES"),
        ("timestamp", &timestamp),
        ("msgDigest", &digest),
        ("msgData", data),
    ]
    .map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, NON_ALPHANUMERIC)))
    .join("&")
}

/// What Java's `URLEncoder` escapes besides the space.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'.')
    .remove(b'-')
    .remove(b'*')
    .remove(b'_');

/// The signature: MD5 over text, time and secret, URL-encoded as Java does.
fn sign_request(data: &str, timestamp: &str, checkword: &str) -> String {
    let signed = format!("{data}{timestamp}{checkword}");
    let encoded = utf8_percent_encode(&signed, ESCAPED)
        .to_string()
        .replace("%20", "+");
    STANDARD.encode(Md5::digest(encoded))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_encoded_as_java_does_before_it_is_hashed() {
        let encoded = Md5::digest("%7B%22a%22%3A+%22b-c%22%7D1700000000000se*cr_et.%7E");
        assert_eq!(
            sign_request(r#"{"a": "b-c"}"#, "1700000000000", "se*cr_et.~"),
            STANDARD.encode(encoded)
        );
    }
}
