//! Has ShipEngine tell of a shipment: one call for each, without a body, answered
//! with 204 and nothing.

use super::{carrier_code, read};
use crate::{
    carrier::{CarrierRequest, RequestContext, TrackingQuery},
    outcome::CarrierError,
};
use bytes::Bytes;
use http::{Request, Response, header::ACCEPT};
use posthorn_domain::tracking_number::TrackingNumber;

/// The field that says that there is a webhook to post to.
pub(super) const WEBHOOK: &str = "webhook";

/// The calls that subscribe to `wanted`, as far as it is known who carries them;
/// none if ShipEngine has nowhere to post to.
pub(super) fn subscription_requests(
    wanted: &[TrackingQuery],
    context: &RequestContext<'_>,
) -> Vec<CarrierRequest> {
    if !matches!(context.access.get_field(WEBHOOK), "on" | "true") {
        return Vec::new();
    }
    let base_url = context.access.base_url();
    wanted
        .iter()
        .filter_map(|wanted| {
            let carrier = carrier_code(wanted.details.carrier.as_ref()?);
            let number = &wanted.number;
            let request = Request::post(format!(
                "{base_url}/v1/tracking/start?carrier_code={carrier}&tracking_number={number}"
            ))
            .header(ACCEPT, "application/json")
            .body(Bytes::new())
            .expect("a checked base URL, a fixed path and a number make a URL");
            Some(CarrierRequest::to_send(
                request,
                vec![wanted.clone()],
                context.now,
            ))
        })
        .collect()
}

/// The number, if ShipEngine will tell of it.
pub(super) fn subscribed_numbers(
    call: &CarrierRequest,
    response: &Response<Bytes>,
) -> Result<Vec<TrackingNumber>, CarrierError> {
    let refused = serde_json::from_slice(response.body()).ok();
    match read::read_refusal(call, response, refused.as_ref()) {
        Some(failure) => Err(failure),
        None => Ok(call.queried_numbers()),
    }
}
