//! From a push to the shipments that it is about.

use crate::{
    ReceiveStores,
    problem::{PushProblem, PushProblemCode},
};
use http::HeaderMap;
use jiff::Timestamp;
use posthorn_carriers::{
    self as carriers, Carrier, CarrierAccess, CarrierError, Found,
    profile::Verifier,
    verify::{self, Authenticity, PushRefusal, PushRequest},
};
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentIndex},
    shipment::Shipment,
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    ServiceErrorKind,
    metric::{self, Metric},
    shipment_recorder::{PollResult, PushSubscription, ShipmentRef},
};
use serde::Serialize;
use std::fmt;
use tracing::{debug, error, info, warn};

/// Numbers in one push: more than any sender puts into one.
const MOST_NUMBERS: usize = 100;

/// A push as it came.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IncomingPush<'a> {
    pub(crate) carrier: &'a str,
    pub(crate) token: &'a str,
    pub(crate) headers: &'a HeaderMap,
    pub(crate) body: &'a [u8],
}

/// What became of a push. The later one counts more where several shipments are
/// in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum PushOutcome {
    /// It comes from the carrier, and cannot be read.
    Unreadable,
    /// It is about none of our shipments.
    Unknown,
    /// It says what is known.
    Unchanged,
    /// The carrier is asked.
    Asked,
    /// It is taken over.
    Recorded,
}

impl PushOutcome {
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

impl ReceiveStores {
    /// Takes a push in.
    ///
    /// Whatever its sender has signed is answered with a success, also where we
    /// make nothing of it: senders that meet refusals stop sending.
    pub(crate) async fn handle_push(
        &self,
        push: IncomingPush<'_>,
        now: Timestamp,
    ) -> Result<PushOutcome, PushProblem> {
        let carrier = CarrierId::parse(push.carrier)
            .ok()
            .and_then(|id| carriers::find_carrier(&id))
            .filter(|carrier| carrier.carrier_profile().push.is_some())
            .ok_or_else(|| {
                PushProblem::new(PushProblemCode::UnknownCarrier, "no such carrier pushes")
            })?;
        let id = carrier.id();
        let trust = self.verify_push(carrier, push, now).await?;
        let outcome = match carrier.parse_push(push.headers, push.body) {
            Ok(told) => self.apply_results(&id, told, trust, now).await?,
            Err(failure) => unreadable_push(&id, &failure),
        };
        metric::emit_metric(Metric::Push(metric::PushMetric::Received {
            carrier: &id,
            outcome: outcome.as_str(),
        }));
        info!(carrier = %id, outcome = outcome.as_str(), "{} has told us by itself", carrier.carrier_profile().name);
        Ok(outcome)
    }

    /// How far a push may be believed.
    async fn verify_push(
        &self,
        carrier: &dyn Carrier,
        push: IncomingPush<'_>,
        now: Timestamp,
    ) -> Result<Authenticity, PushProblem> {
        let id = carrier.id();
        let Some(access) = self.load_secrets(carrier, now).await? else {
            return Err(refused_push(&id, &PushRefusal::NotSetUp));
        };
        let pushed = PushRequest {
            headers: push.headers,
            token: push.token,
            body: push.body,
        };
        let verify =
            |keys| verify::verify_push(carrier.carrier_profile(), &access, keys, pushed, now);
        let verdict = match verify(&self.keys.fresh_keys(&id, now)) {
            // The sender may have changed its keys since we asked, or had no
            // answer for us: that is undecided, so the push is to come again.
            Err(PushRefusal::UnknownKey) if !self.keys.may_ask(&id, now) => {
                debug!(carrier = %id, "A push of {id} is signed with a key that we may not ask for yet");
                return Err(PushProblem::not_yet_proven());
            }
            Err(PushRefusal::UnknownKey) => {
                let keys = self
                    .client
                    .fetch_keys(carrier, &access)
                    .await
                    .map_err(|failure| {
                        warn!(carrier = %id, error.kind = failure.kind.as_str(), error = %failure, "Could not fetch the keys of {id}: {failure}");
                        PushProblem::retry_later()
                    })?;
                self.keys.keep_keys(&id, keys.clone(), now);
                verify(&keys)
            }
            verdict => verdict,
        };
        verdict.map_err(|refusal| refused_push(&id, &refusal))
    }

    /// The secrets of a carrier's webhook; none if none are set. A sender that
    /// publishes its keys needs none.
    async fn load_secrets(
        &self,
        carrier: &dyn Carrier,
        now: Timestamp,
    ) -> Result<Option<CarrierAccess>, PushProblem> {
        let id = carrier.id();
        let secret = self
            .secrets
            .webhook_secrets(&id, now)
            .await
            .map_err(failed_dependency)?;
        let publishes_keys = carrier
            .carrier_profile()
            .push
            .is_some_and(|push| matches!(push.verifier, Verifier::RsaSha256Jwks { .. }));
        if secret.is_none() && !publishes_keys {
            return Ok(None);
        }
        let secret = secret.as_ref().map(secrecy::ExposeSecret::expose_secret);
        match CarrierAccess::of_webhook(carrier.carrier_profile(), secret) {
            Ok(access) => Ok(Some(access)),
            Err(reason) => {
                error!(carrier = %id, %reason, "Set the parameter webhooks/{id}: {reason}");
                self.secrets.forget_secret(&format!("webhooks/{id}"));
                Err(PushProblem::retry_later())
            }
        }
    }

    /// Brings what was told to the shipments that it is about. One that cannot be
    /// written keeps no other from it: the sender is asked to send again only when
    /// all have had their turn, and not at all for one that can never be read.
    async fn apply_results(
        &self,
        carrier: &CarrierId,
        told: Vec<(TrackingNumber, carriers::TrackingResult)>,
        trust: Authenticity,
        now: Timestamp,
    ) -> Result<PushOutcome, PushProblem> {
        let (mut most, mut unwritten) = (PushOutcome::Unknown, None);
        for (number, outcome) in told.into_iter().take(MOST_NUMBERS) {
            let found = match outcome {
                carriers::TrackingResult::Found(found) => {
                    Some(found).filter(|_| trust == Authenticity::Verified)
                }
                // Something has happened, and it does not say what.
                carriers::TrackingResult::NotYet { .. } => None,
                // That it does not know a number is no news of a carrier that was not asked.
                carriers::TrackingResult::NotFound
                | carriers::TrackingResult::Invalid
                | carriers::TrackingResult::Failed(_) => continue,
            };
            let shipments = match self.records.orders.by_number(carrier, &number).await {
                Ok(shipments) => shipments,
                Err(error) => {
                    unwritten = unwritten.or(Some(failed_dependency(error)));
                    continue;
                }
            };
            let Some(found) = found else {
                match self.trigger_poll(carrier, &number, &shipments, now).await {
                    Ok(outcome) => most = most.max(outcome),
                    Err(problem) => unwritten = unwritten.or(Some(problem)),
                }
                continue;
            };
            for (order, shipment) in &shipments {
                let target = ShipmentRef {
                    order,
                    shipment: *shipment,
                    carrier,
                    tracking_number: &number,
                };
                match self.record_result(target, &found, now).await {
                    Ok(outcome) => most = most.max(outcome),
                    Err(error) if is_unreadable(&error) => left_out(order, *shipment, &error),
                    Err(error) => unwritten = unwritten.or(Some(failed_dependency(error))),
                }
            }
        }
        unwritten.map_or(Ok(most), Err)
    }

    async fn record_result(
        &self,
        target: ShipmentRef<'_>,
        found: &[Found],
        now: Timestamp,
    ) -> anyhow::Result<PushOutcome> {
        let arrangement = PushSubscription {
            is_pushed: true,
            subscribed_until: None,
            is_hinted: false,
        };
        let news_of = |before: &Shipment| poll_result(before, found);
        let written = self
            .records
            .record_result(target, news_of, arrangement, now)
            .await?;
        Ok(if written {
            PushOutcome::Recorded
        } else {
            PushOutcome::Unchanged
        })
    }
}

/// What a push tells of a shipment: nothing of one that is not followed any more,
/// for its number may have been given again.
fn poll_result(before: &Shipment, found: &[Found]) -> PollResult {
    let followed = before.cadence.is_some();
    let meant = if before.candidates.is_none() {
        Found::select_meant
    } else {
        Found::select_confirmed
    };
    match meant(found.to_vec(), before.registered_at).filter(|_| followed) {
        Some(found) => PollResult::Pushed {
            report: Box::new(found.report),
        },
        None => PollResult::None,
    }
}

fn unreadable_push(carrier: &CarrierId, failure: &CarrierError) -> PushOutcome {
    warn!(%carrier, error = %failure, "A push of {carrier} cannot be read: {failure}");
    PushOutcome::Unreadable
}

fn refused_push(carrier: &CarrierId, refusal: &PushRefusal) -> PushProblem {
    let reason = refusal.as_str();
    metric::emit_metric(Metric::Push(metric::PushMetric::Rejected {
        carrier,
        reason,
    }));
    warn!(%carrier, reason, "A push said to be of {carrier} was refused: {refusal}");
    // The sender learns no more than that.
    PushProblem::new(
        PushProblemCode::WrongSignature,
        "the push does not prove that it comes from the carrier",
    )
}

/// Whether what is stored cannot be read, so that no repetition will help.
fn is_unreadable(error: &anyhow::Error) -> bool {
    let error: Option<&posthorn_platform::ServiceError> = error.downcast_ref();
    error.is_some_and(|error| error.kind == ServiceErrorKind::Unreadable)
}

/// Counts a shipment that cannot be read and is left as it is.
pub(crate) fn left_out(order: &OrderKey, shipment: ShipmentIndex, error: impl fmt::Display) {
    error!(%order, %shipment, "Left a shipment of {order} as it is: {error:#}");
    let (item, field) = ("shipment", "");
    metric::emit_metric(Metric::UnreadableField { item, field });
}

/// Something that we rely on failed. The sender sends again, and nothing that it
/// tells is lost.
pub(crate) fn failed_dependency(error: impl Into<anyhow::Error>) -> PushProblem {
    let error = error.into();
    error!("Could not take a push in: {error:#}");
    PushProblem::retry_later()
}
