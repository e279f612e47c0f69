//! Subscribes to Track Alerts: up to 100 numbers a call, for 14 days. A number
//! may be subscribed to again before. Alerts tell only what comes later.

use super::read;
use crate::{
    carrier::{Callback, CarrierRequest, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    wire,
};
use bytes::Bytes;
use http::{
    Request, Response,
    header::{ACCEPT, CONTENT_TYPE},
};
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

/// The most numbers in a call.
pub(super) const BATCH: usize = 100;

const PATH: &str = "/api/track/v1/subscription/standard/package";

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Taken {
    valid_tracking_numbers: Vec<String>,
}

/// The calls that subscribe to `wanted`. UPS refuses a call with any number that
/// is no 1Z number.
pub(super) fn subscription_requests(
    wanted: &[TrackingQuery],
    callback: Callback<'_>,
    context: &RequestContext<'_>,
) -> Vec<CarrierRequest> {
    let wanted: Vec<&TrackingQuery> = wanted
        .iter()
        .filter(|wanted| is_1z(&wanted.number))
        .collect();
    wanted
        .chunks(BATCH)
        .map(|chunk| {
            let numbers: Vec<&str> = chunk.iter().map(|wanted| wanted.number.as_str()).collect();
            let body = json!({
                "locale": "en_US",
                "countryCode": "US",
                "trackingNumberList": numbers,
                "destination": {
                    "url": callback.url,
                    "credentialType": "Bearer",
                    "credential": callback.secret,
                },
            })
            .to_string();
            let identity =
                Sha256::digest(format!("{}\n{PATH}\n{}", numbers.join(","), context.now));
            let request = Request::post(format!("{}{PATH}", context.access.base_url()))
                .header(ACCEPT, "application/json")
                .header(CONTENT_TYPE, "application/json")
                .header("transId", hex::encode(&identity[..16]))
                .header("transactionSrc", "posthorn")
                .body(Bytes::from(body))
                .expect("a checked base URL and a fixed path make a URL");
            let wanted = chunk.iter().map(|wanted| (*wanted).clone()).collect();
            CarrierRequest::to_send(request, wanted, context.now)
        })
        .collect()
}

/// The numbers that UPS has taken, of those that were asked for.
pub(super) fn subscribed_numbers(
    call: &CarrierRequest,
    response: &Response<Bytes>,
) -> Result<Vec<TrackingNumber>, CarrierError> {
    let body = serde_json::from_slice(response.body()).ok();
    match read::read_refusal(call, response, body.as_ref()) {
        Some(TrackingResult::Failed(failure)) => return Err(failure),
        Some(_) => {
            return Err(CarrierError::rejected_request(
                "UPS takes none of the numbers",
            ));
        }
        None => {}
    }
    let taken: Taken = wire::parse_json(response.body())
        .ok_or_else(|| CarrierError::unreadable_response("expected `validTrackingNumbers`"))?;
    let asked_for =
        |number: &TrackingNumber| call.queries.iter().any(|wanted| wanted.number == *number);
    Ok(taken
        .valid_tracking_numbers
        .iter()
        .filter_map(|number| TrackingNumber::parse(number).ok())
        .filter(asked_for)
        .collect())
}

fn is_1z(number: &TrackingNumber) -> bool {
    number.as_str().len() == 18 && number.as_str().starts_with("1Z")
}
