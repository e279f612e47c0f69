//! Has Shippo tell of a parcel: one call for each, answered with its track.

use super::{read, token};
use crate::{
    aggregate::post,
    carrier::{Call, Context, Wanted},
    outcome::{Failure, Outcome},
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
pub(super) fn calls(wanted: &[Wanted], context: &Context<'_>) -> Vec<Call> {
    let url = format!("{}/tracks/", context.access.base_url());
    wanted
        .iter()
        .filter_map(|wanted| {
            let track = NewTrack {
                carrier: token(wanted.hints.carrier.as_ref()?),
                tracking_number: wanted.number.as_str(),
            };
            let wanted = vec![wanted.clone()];
            Some(Call::send(post(&url, &track), wanted, context.now))
        })
        .collect()
}

/// The number, if Shippo will tell of it.
pub(super) fn taken(
    call: &Call,
    response: &Response<Bytes>,
) -> Result<Vec<TrackingNumber>, Failure> {
    let outcomes = read::answer(call, response).outcomes;
    match outcomes.into_iter().next() {
        Some((_, Outcome::Failed(failure))) => Err(failure),
        // The carrier need not know the number yet.
        _ => Ok(call.numbers()),
    }
}
