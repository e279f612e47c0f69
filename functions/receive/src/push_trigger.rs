//! An unsigned push is a reason to ask, but not over and over: carriers tell in
//! bursts, and so could any caller who has learned the address.

use crate::{
    ReceiveStores,
    handle_push::{PushOutcome, failed_dependency, left_out},
    problem::PushProblem,
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentIndex},
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    ServiceErrorKind,
    poll_request::PollRequest,
    store::{poll_targets::PollTarget, push_triggers::PollPermit},
};
use std::{collections::BTreeMap, time::Duration};
use tracing::warn;

/// The most that a question waits for its turn: no longer does the queue hide it.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(15);

impl ReceiveStores {
    /// Has the carrier asked about the shipments of a number: at once, or when the
    /// carrier may be asked after the number again.
    pub(crate) async fn trigger_poll(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
        shipments: &[(OrderKey, ShipmentIndex)],
        now: Timestamp,
    ) -> Result<PushOutcome, PushProblem> {
        if shipments.is_empty() {
            return Ok(PushOutcome::Unknown);
        }
        let turn = self
            .hints
            .take_permit(carrier, number, debounce_gap(carrier), now)
            .await;
        let delay = match turn.map_err(failed_dependency)? {
            PollPermit::Now => Duration::ZERO,
            PollPermit::Later(then) => then.duration_since(now).unsigned_abs(),
            PollPermit::Taken => return Ok(PushOutcome::Asked),
        };
        let asked = self.queue_poll(number, shipments, delay).await;
        if asked.is_err()
            && let Err(error) = self.hints.give_back(carrier, number).await
        {
            warn!(%carrier, %error, "A turn of {carrier} is lost: {error}");
        }
        asked
    }

    async fn queue_poll(
        &self,
        number: &TrackingNumber,
        shipments: &[(OrderKey, ShipmentIndex)],
        delay: Duration,
    ) -> Result<PushOutcome, PushProblem> {
        let mut due = BTreeMap::<CarrierId, Vec<PollTarget>>::new();
        for (order, shipment) in shipments {
            let found = self.records.orders.load_shipment(order, *shipment).await;
            let found = match found {
                Err(error) if error.kind == ServiceErrorKind::Unreadable => {
                    left_out(order, *shipment, &error);
                    continue;
                }
                found => found.map_err(failed_dependency)?,
            };
            let target = found
                .filter(|shipment| shipment.has_number(number))
                .and_then(|shipment| PollTarget::from_shipment(order, &shipment));
            if let Some(target) = target {
                let carrier = target.whom_to_ask().clone();
                due.entry(carrier).or_default().push(target);
            }
        }
        let requests: Vec<PollRequest<'_>> = due
            .iter()
            .map(|(carrier, shipments)| PollRequest {
                carrier,
                shipments: shipments.as_slice().into(),
                consecutive_failures: 0,
                is_hinted: true,
            })
            .collect();
        if requests.is_empty() {
            return Ok(PushOutcome::Unknown);
        }
        let queue = self.poll.with_delay(delay);
        queue
            .send_batch(&requests)
            .await
            .map_err(failed_dependency)?;
        Ok(PushOutcome::Asked)
    }
}

/// How far apart the questions are to which hints lead: as far as the carrier
/// wants those after one number to be.
fn debounce_gap(carrier: &CarrierId) -> SignedDuration {
    posthorn_carriers::profile_of(carrier)
        .and_then(|profile| profile.min_interval.try_into().ok())
        .unwrap_or(LONGEST_GAP)
        .min(LONGEST_GAP)
}
