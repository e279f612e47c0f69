//! Sessions that carriers opened for us, for as long as they hold.

use crate::{
    access::CarrierAccess,
    auth::LoginSession,
    carrier::Carrier,
    outcome::{CarrierError, CarrierErrorKind},
    profile::Auth,
};
use bytes::Bytes;
use futures::lock::Mutex;
use http::{Request, Response};
use jiff::Timestamp;
use secrecy::ExposeSecret as _;
use std::{collections::HashMap, time::Duration};

/// A session is renewed this long before it ends, a short one after half its life.
const MARGIN: Duration = Duration::from_mins(1);

/// The sessions of this process, one per credentials.
#[derive(Debug, Default)]
pub(crate) struct Sessions {
    held: Mutex<HashMap<SessionKey, HeldSession>>,
}

type SessionKey = (&'static str, [u8; 16]);

#[derive(Debug, Clone)]
struct HeldSession {
    session: LoginSession,
    until: Timestamp,
}

impl Sessions {
    /// The session for `access`: the one at hand, unless it is over or is
    /// `stale`, which the carrier has refused; else a new one, which `send`
    /// asks for. Concurrent callers wait for it.
    pub(crate) async fn open_session<S, F>(
        &self,
        carrier: &dyn Carrier,
        access: &CarrierAccess,
        stale: Option<&LoginSession>,
        now: Timestamp,
        send: S,
    ) -> Result<LoginSession, CarrierError>
    where
        S: FnOnce(Request<Bytes>) -> F,
        F: Future<Output = Result<Response<Bytes>, CarrierError>>,
    {
        let key = (
            carrier.carrier_profile().id,
            access.credential_fingerprint(),
        );
        let mut held = self.held.lock().await;
        if let Some(held) = held.get(&key) {
            let is_stale = stale.is_some_and(|stale| {
                stale.token.expose_secret() == held.session.token.expose_secret()
            });
            if now < held.until && !is_stale {
                return Ok(held.session.clone());
            }
        }
        let Some(login) = carrier.login_request(access) else {
            return Err(CarrierError::unauthorized_access(
                "this carrier has no login",
            ));
        };
        let response = send(login?).await?;
        let by_status = CarrierError::of_status(&response, now)
            .filter(|failure| !matches!(failure.kind, CarrierErrorKind::Rejected));
        let session = match (carrier.carrier_profile().auth, by_status) {
            // SOAP refuses with status 500: who has a login of its own reads it first.
            (Auth::Login, by_status) => carrier.parse_login(&response).map_err(|refusal| {
                by_status
                    .filter(|_| matches!(refusal.kind, CarrierErrorKind::Unreadable))
                    .unwrap_or(refusal)
            })?,
            (_, Some(failure)) => return Err(failure),
            (_, None) => carrier.parse_login(&response)?,
        };
        let until = now
            + session
                .lifetime
                .saturating_sub(MARGIN.min(session.lifetime / 2));
        held.insert(
            key,
            HeldSession {
                session: session.clone(),
                until,
            },
        );
        Ok(session)
    }
}
