//! SF Express, by `EXP_RECE_SEARCH_ROUTES` of its open platform.
//!
//! Each question is signed with its own text and time. Some numbers are shown
//! only together with the last four digits of a telephone number. Times are
//! China's without saying so; whether they are so for events abroad too is not
//! documented.

mod codes;
mod read;

use crate::{
    access::Access,
    carrier::{Answer, Call, Carrier, Context, Wanted},
    named,
    profile::{Auth, Clock, Field, Period, Profile, Quota, Unit},
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

pub(crate) const PROFILE: Profile = Profile {
    base_url: "https://sfapi.sf-express.com",
    auth: Auth::Body,
    needs: "an account with SF Express and an app that SF has approved for production",
    credentials: &[
        Field::required(
            "partner_id",
            "qiao.sf-express.com, developer integration, customer code (顾客编码)",
        ),
        Field::required(
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
    clock: Clock::Zone("Asia/Shanghai"),
    tracking_url: Some("https://www.sf-express.com/chn/en/waybill/waybill-detail/{number}"),
    ..Profile::named("sf_express", "SF Express")
};

impl Carrier for SfExpress {
    fn profile(&self) -> &'static Profile {
        &PROFILE
    }

    fn plan(&self, wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
        wanted
            // The digits of the telephone hold for all numbers of a question.
            .chunk_by(|a, b| a.hints.phone_suffix == b.hints.phone_suffix)
            .flat_map(|same| same.chunks(PROFILE.batch))
            .map(|wanted| Call::send(question(wanted, context), wanted.to_vec(), context.now))
            .collect()
    }

    fn parse(&self, call: &Call, response: &Response<Bytes>) -> Answer {
        read::answer(call, response)
    }

    fn numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["apiResultData.msgData.routeResps"],
            &["mailNo"],
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Question<'a> {
    language: &'static str,
    /// 1: the numbers are SF's own.
    tracking_type: &'static str,
    tracking_number: Vec<&'a str>,
    /// 1: the usual route.
    method_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_phone_no: Option<&'a str>,
}

fn question(wanted: &[Wanted], context: &Context<'_>) -> Request<Bytes> {
    let suffix = wanted
        .first()
        .and_then(|wanted| wanted.hints.phone_suffix.as_deref());
    let data = serde_json::to_string(&Question {
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
        .body(Bytes::from(form(&data, context.access, context.now)))
        .expect("a checked base URL makes a URL")
}

fn form(data: &str, access: &Access, now: Timestamp) -> String {
    let timestamp = now.as_millisecond().to_string();
    let identity = Sha256::digest(format!("{data}\n{timestamp}"));
    let digest = digest(data, &timestamp, access.get("checkword"));
    [
        ("partnerID", access.get("partner_id")),
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
fn digest(data: &str, timestamp: &str, checkword: &str) -> String {
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
            digest(r#"{"a": "b-c"}"#, "1700000000000", "se*cr_et.~"),
            STANDARD.encode(encoded)
        );
    }
}
