//! What the client does so that carriers tell us by themselves.

use super::{CarrierClient, ClientTarget, FailedAttempt};
use crate::{
    access::CarrierAccess,
    carrier::{Callback, Carrier, RequestContext, TrackingQuery},
    outcome::{CarrierError, CarrierErrorKind},
    quota::RateLimiter,
    verify::Jwks,
};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;

impl CarrierClient {
    /// Has `carrier` tell `callback` about `wanted` by itself. Gives the numbers
    /// of which it will, and the first failure, if there was one. Who throttles
    /// us, refuses us or is down is not asked for the others.
    pub async fn subscribe_to_push(
        &self,
        carrier: &dyn Carrier,
        wanted: &[TrackingQuery],
        callback: Callback<'_>,
        access: &CarrierAccess,
        toll: &dyn RateLimiter,
        now: Timestamp,
    ) -> (Vec<TrackingNumber>, Option<CarrierError>) {
        let (mut subscribed, mut failed) = (Vec::new(), None);
        let asking = ClientTarget {
            carrier,
            access,
            toll,
            now,
        };
        for call in carrier.subscription_requests(wanted, callback, &RequestContext { access, now })
        {
            let answer = self.exchange_request(asking, &call).await;
            match answer.and_then(|response| carrier.parse_subscription(&call, &response)) {
                Ok(numbers) => subscribed.extend(numbers),
                Err(failure) => {
                    let is_about_one = matches!(
                        failure.kind,
                        CarrierErrorKind::Rejected | CarrierErrorKind::Unreadable
                    );
                    failed.get_or_insert(failure);
                    if !is_about_one {
                        break;
                    }
                }
            }
        }
        (subscribed, failed)
    }

    /// Fetches the keys with which `carrier` signs its pushes.
    pub async fn fetch_keys(
        &self,
        carrier: &dyn Carrier,
        access: &CarrierAccess,
    ) -> Result<Jwks, CarrierError> {
        let request = Request::get(carrier.keys_url(access))
            .body(Bytes::new())
            .map_err(|_| CarrierError::rejected_request("the address of the keys is no URL"))?;
        let response = self
            .send_request(request)
            .await
            .or_else(|attempt| match attempt {
                FailedAttempt::Answered(response) => Ok(response),
                FailedAttempt::Failed(failure) | FailedAttempt::Final(failure) => Err(failure),
            })?;
        match CarrierError::of_status(&response, Timestamp::UNIX_EPOCH) {
            Some(failure) => Err(failure),
            None => Jwks::parse(response.body())
                .ok_or_else(|| CarrierError::unreadable_response("expected a set of keys (JWKS)")),
        }
    }
}
