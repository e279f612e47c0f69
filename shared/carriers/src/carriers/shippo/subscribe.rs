//! Has Shippo tell of a shipment: one call for each, answered with its track.

use super::{carrier_token, read};
use crate::{
    carrier::{CarrierRequest, RequestContext, TrackingQuery},
    outcome::{CarrierError, TrackingResult},
    reading::aggregate::post_json,
};
use bytes::Bytes;
use http::Response;
use posthorn_domain::tracking_number::TrackingNumber;
use serde::Serialize;

#[derive(Serialize)]
struct NewTrack<'a> {
    carrier: &'a str,
    tracking_number: &'a str,
}

/// The calls that subscribe to `wanted`, as far as it is known who carries them.
pub(super) fn subscription_requests(
    wanted: &[TrackingQuery],
    context: &RequestContext<'_>,
) -> Vec<CarrierRequest> {
    let url = format!("{}/tracks/", context.access.base_url());
    wanted
        .iter()
        .filter_map(|wanted| {
            let track = NewTrack {
                carrier: carrier_token(wanted.details.carrier.as_ref()?),
                tracking_number: wanted.number.as_str(),
            };
            let wanted = vec![wanted.clone()];
            Some(CarrierRequest::to_send(
                post_json(&url, &track),
                wanted,
                context.now,
            ))
        })
        .collect()
}

/// The number, if Shippo will tell of it.
pub(super) fn subscribed_numbers(
    call: &CarrierRequest,
    response: &Response<Bytes>,
) -> Result<Vec<TrackingNumber>, CarrierError> {
    let outcomes = read::read_response(call, response).outcomes;
    match outcomes.into_iter().next() {
        Some((_, TrackingResult::Failed(failure))) => Err(failure),
        // The carrier need not know the number yet.
        _ => Ok(call.queried_numbers()),
    }
}
