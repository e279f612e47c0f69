//! FedEx, by its Track API v1.
//!
//! Facts are from FedEx's published specification ("Basic Integrated
//! Visibility"), its guide on rate limits and its table of tracking status
//! codes. FedEx pushes too (Advanced Integrated Visibility), but how such a push
//! is signed is not published without an account, so
//! [`CarrierProfile::push`] is empty and shipments are asked for.

mod codes;
mod read;
mod wire;

use crate::{
    carrier::{Carrier, CarrierRequest, ParsedResponse, RequestContext, TrackingQuery},
    profile::{
        Auth, CarrierClock, CarrierProfile, ClientAuth, CredentialField, Period, Quota, Unit,
    },
    reading::named,
    recognise::check::Rule,
};
use bytes::Bytes;
use http::{
    Request, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;
use std::time::Duration;

/// FedEx.
#[derive(Debug, Clone, Copy)]
pub struct Fedex;

pub(crate) const PROFILE: CarrierProfile = CarrierProfile {
    base_url: "https://apis.fedex.com",
    auth: Auth::OAuth2 {
        token_path: "/oauth/token",
        client: ClientAuth::Form,
        scope: None,
    },
    needs: "a FedEx account number, which the project at developer.fedex.com asks for; a production key has to be requested besides the test key. FedEx's webhook, which Posthorn does not use, is for accounts billed in the United States and is paid for",
    credentials: &[
        CredentialField::required_field(
            "client_id",
            "developer.fedex.com, your project with the Track API, API Key",
        ),
        CredentialField::required_field(
            "client_secret",
            "developer.fedex.com, your project with the Track API, Secret Key",
        ),
    ],
    batch: 30,
    // An organisation has 500,000 calls a day besides; one project never gets there.
    quotas: &[
        Quota {
            limit: 1_400,
            unit: Unit::Calls,
            period: Period::Rolling(Duration::from_secs(10)),
        },
        Quota {
            limit: 100_000,
            unit: Unit::Calls,
            period: Period::DayGmt,
        },
    ],
    clock: CarrierClock::LocalOftenOffset,
    tracking_url: Some("https://www.fedex.com/fedextrack/?trknbr={number}"),
    ..CarrierProfile::with_name("fedex", "FedEx")
};

impl Carrier for Fedex {
    fn carrier_profile(&self) -> &'static CarrierProfile {
        &PROFILE
    }

    fn build_requests(
        &self,
        wanted: &[TrackingQuery],
        context: &RequestContext<'_>,
    ) -> Vec<CarrierRequest> {
        CarrierRequest::in_batches(wanted, PROFILE.batch, context.now, |wanted| {
            build_request(context.access.base_url(), wanted)
        })
    }

    fn parse_response(&self, call: &CarrierRequest, response: &Response<Bytes>) -> ParsedResponse {
        read::read_response(call, response)
    }

    fn answered_numbers(&self, response: &Response<Bytes>) -> Vec<TrackingNumber> {
        named::in_json(
            response.body(),
            &["output.completeTrackResults"],
            &[
                "trackingNumber",
                "trackResults.trackingNumberInfo.trackingNumber",
            ],
        )
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct FedexQuery<'a> {
    include_detailed_scans: bool,
    tracking_info: Vec<Asked<'a>>,
}

/// Without the ship dates that FedEx lets us narrow the search by: a day that
/// the shop has wrong would hide the shipment, and of several shipments under one
/// number the right one is chosen later.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Asked<'a> {
    tracking_number_info: NumberInfo<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NumberInfo<'a> {
    tracking_number: &'a str,
}

/// The number that people read on the label and that FedEx knows, out of a barcode
/// that holds it: of 34 digits (GSN and Express) or of 32 (ASTRA).
pub(crate) fn on_label(number: &str) -> &str {
    let agrees = |from: usize, at: usize, weights: &'static [u32]| {
        let digits = number.as_bytes();
        Rule::Mod11Mod10(weights).check_character(&digits[from..at]) == digits[at]
    };
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number;
    }
    match number.len() {
        34 if agrees(20, 33, &[1, 7, 3]) => {
            // Fourteen digits, of which the first two are mostly zero.
            let serial = &number[20..];
            let n_zeros = serial.bytes().take_while(|byte| *byte == b'0').count();
            &serial[n_zeros.min(2)..]
        }
        32 if agrees(16, 27, &[3, 1, 7]) => &number[16..28],
        _ => number,
    }
}

fn build_request(base_url: &str, wanted: &[TrackingQuery]) -> Request<Bytes> {
    let question = FedexQuery {
        include_detailed_scans: true,
        tracking_info: wanted
            .iter()
            .map(|wanted| Asked {
                tracking_number_info: NumberInfo {
                    tracking_number: on_label(wanted.number.as_str()),
                },
            })
            .collect(),
    };
    let body = serde_json::to_vec(&question).expect("texts and a flag make JSON");
    Request::post(format!("{base_url}/track/v1/trackingnumbers"))
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json")
        // Without it the texts come in the language of the account.
        .header("x-locale", "en_US")
        .body(Bytes::from(body))
        .expect("a checked base URL makes a URL")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_barcode_holds_the_number_that_people_read() {
        for (barcode, number) in [
            ("1001921334250001000300779017972697", "779017972697"),
            ("9622001900000000000000776632517510", "776632517510"),
            ("1027590111820004833500785458233610", "785458233610"),
            ("32971514560102447849175802862014", "784917580286"),
            ("986578788855", "986578788855"),
            // Its check digit is another's.
            (
                "1001921334250001000300779017972698",
                "1001921334250001000300779017972698",
            ),
            (
                "4201002334249200190132607600833457",
                "4201002334249200190132607600833457",
            ),
        ] {
            assert_eq!(on_label(barcode), number);
        }
    }
}
