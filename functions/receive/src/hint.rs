//! What nobody proves is a reason to ask, but not over and over: carriers tell in
//! bursts, and so could anybody who has learned the address.

use crate::{
    Stores,
    problem::Problem,
    take::{Outcome, failed, left_out},
};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentNumber},
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    ErrorKind,
    poll_request::PollRequest,
    store::{due::DueParcel, hints::Turn},
};
use std::{collections::BTreeMap, time::Duration};
use tracing::warn;

/// The most that a question waits for its turn: no longer does the queue hide it.
const LONGEST_GAP: SignedDuration = SignedDuration::from_mins(15);

impl Stores {
    /// Has the carrier asked about the parcels of a number: at once, or when the
    /// carrier may be asked after the number again.
    pub(crate) async fn ask(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
        parcels: &[(OrderKey, ShipmentNumber)],
        now: Timestamp,
    ) -> Result<Outcome, Problem> {
        if parcels.is_empty() {
            return Ok(Outcome::Unknown);
        }
        let turn = self.hints.take(carrier, number, gap(carrier), now).await;
        let delay = match turn.map_err(failed)? {
            Turn::Now => Duration::ZERO,
            Turn::Later(then) => then.duration_since(now).unsigned_abs(),
            Turn::Taken => return Ok(Outcome::Asked),
        };
        let asked = self.send(number, parcels, delay).await;
        if asked.is_err()
            && let Err(error) = self.hints.give_back(carrier, number).await
        {
            warn!(%carrier, %error, "A turn of {carrier} is lost: {error}");
        }
        asked
    }

    async fn send(
        &self,
        number: &TrackingNumber,
        parcels: &[(OrderKey, ShipmentNumber)],
        delay: Duration,
    ) -> Result<Outcome, Problem> {
        let mut due = BTreeMap::<CarrierId, Vec<DueParcel>>::new();
        for (order, shipment) in parcels {
            let found = self.records.orders.shipment(order, *shipment).await;
            let found = match found {
                Err(error) if error.kind == ErrorKind::Unreadable => {
                    left_out(order, *shipment, &error);
                    continue;
                }
                found => found.map_err(failed)?,
            };
            let parcel = found
                .filter(|shipment| shipment.has_number(number))
                .and_then(|shipment| DueParcel::of(order, &shipment));
            if let Some(parcel) = parcel {
                let carrier = parcel.whom_to_ask().clone();
                due.entry(carrier).or_default().push(parcel);
            }
        }
        let requests: Vec<PollRequest<'_>> = due
            .iter()
            .map(|(carrier, parcels)| PollRequest {
                carrier,
                parcels: parcels.as_slice().into(),
                strikes: 0,
                is_hinted: true,
            })
            .collect();
        if requests.is_empty() {
            return Ok(Outcome::Unknown);
        }
        let queue = self.poll.delayed(delay);
        queue.send_batch(&requests).await.map_err(failed)?;
        Ok(Outcome::Asked)
    }
}

/// How far apart the questions are to which hints lead: as far as the carrier
/// wants those after one number to be.
fn gap(carrier: &CarrierId) -> SignedDuration {
    posthorn_carriers::profile_of(carrier)
        .and_then(|profile| profile.min_interval.try_into().ok())
        .unwrap_or(LONGEST_GAP)
        .min(LONGEST_GAP)
}
