//! What the client does so that carriers tell us by themselves.

use super::{Asking, Attempt, Client};
use crate::{
    access::Access,
    carrier::{Callback, Carrier, Context, Wanted},
    outcome::{ErrorKind, Failure},
    quota::Toll,
    verify::Jwks,
};
use bytes::Bytes;
use http::Request;
use jiff::Timestamp;
use posthorn_domain::tracking_number::TrackingNumber;

impl Client {
    /// Has `carrier` tell `callback` about `wanted` by itself. Gives the numbers
    /// of which it will, and the first failure, if there was one. Who throttles
    /// us, refuses us or is down is not asked for the others.
    pub async fn subscribe(
        &self,
        carrier: &dyn Carrier,
        wanted: &[Wanted],
        callback: Callback<'_>,
        access: &Access,
        toll: &dyn Toll,
        now: Timestamp,
    ) -> (Vec<TrackingNumber>, Option<Failure>) {
        let (mut subscribed, mut failed) = (Vec::new(), None);
        let asking = Asking {
            carrier,
            access,
            toll,
            now,
        };
        for call in carrier.subscribe(wanted, callback, &Context { access, now }) {
            let answer = self.exchange(asking, &call).await;
            match answer.and_then(|response| carrier.parse_subscription(&call, &response)) {
                Ok(numbers) => subscribed.extend(numbers),
                Err(failure) => {
                    let is_about_one =
                        matches!(failure.kind, ErrorKind::Rejected | ErrorKind::Unreadable);
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
    pub async fn keys(&self, carrier: &dyn Carrier, access: &Access) -> Result<Jwks, Failure> {
        let request = Request::get(carrier.keys_url(access))
            .body(Bytes::new())
            .map_err(|_| Failure::rejected("the address of the keys is no URL"))?;
        let response = self.send(request).await.or_else(|attempt| match attempt {
            Attempt::Answered(response) => Ok(response),
            Attempt::Failed(failure) | Attempt::Final(failure) => Err(failure),
        })?;
        match Failure::of_status(&response, Timestamp::UNIX_EPOCH) {
            Some(failure) => Err(failure),
            None => Jwks::parse(response.body())
                .ok_or_else(|| Failure::unreadable("expected a set of keys (JWKS)")),
        }
    }
}
