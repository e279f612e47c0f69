//! From a push to the parcels that it is about.

use crate::{
    Stores,
    problem::{Code, Problem},
};
use http::HeaderMap;
use jiff::Timestamp;
use posthorn_carriers::{
    self as carriers, Access, Carrier, Failure, Found,
    profile::Verifier,
    verify::{self, Pushed, Refusal, Trust},
};
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentNumber},
    shipment::Shipment,
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    ErrorKind,
    metric::{self, Metric},
    record::{Arrangement, News, Parcel},
};
use serde::Serialize;
use std::fmt;
use tracing::{debug, error, info, warn};

/// Numbers in one push: more than any sender puts into one.
const MOST_NUMBERS: usize = 100;

/// A push as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Push<'a> {
    pub(crate) carrier: &'a str,
    pub(crate) token: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What became of a push. The later one counts more where several parcels are
/// in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// It comes from the carrier, and nobody can read it.
    Unreadable,
    /// It is about none of our parcels.
    Unknown,
    /// It says what is known.
    Unchanged,
    /// The carrier is asked.
    Asked,
    /// It is taken over.
    Recorded,
}

impl Outcome {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Unknown => "unknown",
            Self::Unchanged => "unchanged",
            Self::Asked => "asked",
            Self::Recorded => "recorded",
        }
    }
}

impl Stores {
    /// Takes a push in.
    ///
    /// Whatever its sender has signed is answered with a success, also where we
    /// make nothing of it: senders that meet refusals stop sending.
    pub(crate) async fn take(&self, push: Push<'_>, now: Timestamp) -> Result<Outcome, Problem> {
        let carrier = CarrierId::parse(push.carrier)
            .ok()
            .and_then(|id| carriers::find(&id))
            .filter(|carrier| carrier.profile().push.is_some())
            .ok_or_else(|| Problem::new(Code::UnknownCarrier, "no such carrier pushes"))?;
        let id = carrier.id();
        let trust = self.trust(carrier, push, now).await?;
        let outcome = match carrier.parse_push(push.headers, push.body) {
            Ok(told) => self.tell(&id, told, trust, now).await?,
            Err(failure) => unreadable(&id, &failure),
        };
        metric::emit(Metric::Push(metric::Push::Received {
            carrier: &id,
            outcome: outcome.as_str(),
        }));
        info!(carrier = %id, outcome = outcome.as_str(), "{} has told us by itself", carrier.profile().name);
        Ok(outcome)
    }

    /// How far a push may be believed.
    async fn trust(
        &self,
        carrier: &dyn Carrier,
        push: Push<'_>,
        now: Timestamp,
    ) -> Result<Trust, Problem> {
        let id = carrier.id();
        let Some(access) = self.access(carrier, now).await? else {
            return Err(refused(&id, &Refusal::NotSetUp));
        };
        let pushed = Pushed {
            headers: push.headers,
            token: push.token,
            body: push.body,
        };
        let verify = |keys| verify::verify(carrier.profile(), &access, keys, pushed, now);
        let verdict = match verify(&self.keys.known(&id, now)) {
            // The sender may have changed its keys since we asked, or had no
            // answer for us: nobody can tell, so the push is to come again.
            Err(Refusal::UnknownKey) if !self.keys.may_ask(&id, now) => {
                debug!(carrier = %id, "A push of {id} is signed with a key that we may not ask for yet");
                return Err(Problem::not_yet_proven());
            }
            Err(Refusal::UnknownKey) => {
                let keys = self
                    .client
                    .keys(carrier, &access)
                    .await
                    .map_err(|failure| {
                        warn!(carrier = %id, error.kind = failure.kind.as_str(), error = %failure, "Could not fetch the keys of {id}: {failure}");
                        Problem::unavailable()
                    })?;
                self.keys.keep(&id, keys.clone(), now);
                verify(&keys)
            }
            verdict => verdict,
        };
        verdict.map_err(|refusal| refused(&id, &refusal))
    }

    /// The secrets of a carrier's webhook; none if none are set. A sender that
    /// publishes its keys needs none.
    async fn access(
        &self,
        carrier: &dyn Carrier,
        now: Timestamp,
    ) -> Result<Option<Access>, Problem> {
        let id = carrier.id();
        let secret = self.secrets.webhook(&id, now).await.map_err(failed)?;
        let publishes_keys = carrier
            .profile()
            .push
            .is_some_and(|push| matches!(push.verifier, Verifier::RsaSha256Jwks { .. }));
        if secret.is_none() && !publishes_keys {
            return Ok(None);
        }
        let secret = secret.as_ref().map(secrecy::ExposeSecret::expose_secret);
        match Access::of_webhook(carrier.profile(), secret) {
            Ok(access) => Ok(Some(access)),
            Err(reason) => {
                error!(carrier = %id, %reason, "Set the parameter webhooks/{id}: {reason}");
                self.secrets.forget(&format!("webhooks/{id}"));
                Err(Problem::unavailable())
            }
        }
    }

    /// Brings what was told to the parcels that it is about. One that cannot be
    /// written keeps no other from it: the sender is asked to send again only when
    /// all have had their turn, and not at all for one that can never be read.
    async fn tell(
        &self,
        carrier: &CarrierId,
        told: Vec<(TrackingNumber, carriers::Outcome)>,
        trust: Trust,
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        let (mut most, mut unwritten) = (Outcome::Unknown, None);
        for (number, outcome) in told.into_iter().take(MOST_NUMBERS) {
            let found = match outcome {
                carriers::Outcome::Found(found) => Some(found).filter(|_| trust == Trust::Word),
                // Something has happened, and it does not say what.
                carriers::Outcome::NotYet { .. } => None,
                // That it does not know a number is no news of a carrier that was not asked.
                carriers::Outcome::NotFound
                | carriers::Outcome::Invalid
                | carriers::Outcome::Failed(_) => continue,
            };
            let parcels = match self.records.orders.by_number(carrier, &number).await {
                Ok(parcels) => parcels,
                Err(error) => {
                    unwritten = unwritten.or(Some(failed(error)));
                    continue;
                }
            };
            let Some(found) = found else {
                match self.ask(carrier, &number, &parcels, now).await {
                    Ok(outcome) => most = most.max(outcome),
                    Err(problem) => unwritten = unwritten.or(Some(problem)),
                }
                continue;
            };
            for (order, shipment) in &parcels {
                let parcel = Parcel {
                    order,
                    shipment: *shipment,
                    carrier,
                    tracking_number: &number,
                };
                match self.record(parcel, &found, now).await {
                    Ok(outcome) => most = most.max(outcome),
                    Err(error) if is_unreadable(&error) => left_out(order, *shipment, &error),
                    Err(error) => unwritten = unwritten.or(Some(failed(error))),
                }
            }
        }
        unwritten.map_or(Ok(most), Err)
    }

    async fn record(
        &self,
        parcel: Parcel<'_>,
        found: &[Found],
        now: Timestamp,
    ) -> anyhow::Result<Outcome> {
        let arrangement = Arrangement {
            is_pushed: true,
            subscribed_until: None,
            is_hinted: false,
        };
        let news_of = |before: &Shipment| news(before, found);
        let written = self
            .records
            .write(parcel, news_of, arrangement, now)
            .await?;
        Ok(if written {
            Outcome::Recorded
        } else {
            Outcome::Unchanged
        })
    }
}

/// What a push tells of a parcel: nothing of one that nobody follows any more,
/// for its number may have been given again.
fn news(before: &Shipment, found: &[Found]) -> News {
    let followed = before.cadence.is_some();
    let meant = if before.candidates.is_none() {
        Found::meant
    } else {
        Found::confirming
    };
    match meant(found.to_vec(), before.registered_at).filter(|_| followed) {
        Some(found) => News::Pushed {
            report: Box::new(found.report),
        },
        None => News::None,
    }
}

fn unreadable(carrier: &CarrierId, failure: &Failure) -> Outcome {
    warn!(%carrier, error = %failure, "A push of {carrier} cannot be read: {failure}");
    Outcome::Unreadable
}

fn refused(carrier: &CarrierId, refusal: &Refusal) -> Problem {
    let reason = refusal.as_str();
    metric::emit(Metric::Push(metric::Push::Rejected { carrier, reason }));
    warn!(%carrier, reason, "A push said to be of {carrier} was refused: {refusal}");
    // Whoever it was learns no more than that.
    Problem::new(
        Code::WrongSignature,
        "the push does not prove that it comes from the carrier",
    )
}

/// Whether what is stored cannot be read, so that no repetition will help.
fn is_unreadable(error: &anyhow::Error) -> bool {
    let error: Option<&posthorn_platform::Error> = error.downcast_ref();
    error.is_some_and(|error| error.kind == ErrorKind::Unreadable)
}

/// Counts a shipment that cannot be read and is left as it is.
pub(crate) fn left_out(order: &OrderKey, shipment: ShipmentNumber, error: impl fmt::Display) {
    error!(%order, %shipment, "Left a parcel of {order} as it is: {error:#}");
    let (item, field) = ("shipment", "");
    metric::emit(Metric::UnreadableField { item, field });
}

/// Something that we rely on failed. The sender sends again, and nothing that it
/// tells is lost.
pub(crate) fn failed(error: impl Into<anyhow::Error>) -> Problem {
    let error = error.into();
    error!("Could not take a push in: {error:#}");
    Problem::unavailable()
}
