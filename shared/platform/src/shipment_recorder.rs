//! What a carrier tells of a shipment, and the one write that records it: the same
//! whether the carrier was asked or told us by itself.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_domain::{
    candidates::Denial,
    id::{CarrierId, OrderKey, ShipmentIndex},
    journey,
    report::Report,
    scan::Scan,
    shipment::Shipment,
    subscription,
    tracking_number::TrackingNumber,
};
use tracing::{debug, info, warn};

use crate::{
    metric::{self, Metric, PushMetric},
    store::{
        orders::{OrderStore, RecordOutcome},
        poll_targets::PollTarget,
        schedule::ScheduleStore,
    },
};

/// How often a write is tried against others that write the same shipment.
const ATTEMPTS: usize = 4;

/// What a carrier tells about one shipment.
#[derive(Debug, Clone, PartialEq)]
pub enum PollResult {
    /// The same as last time, and time has brought nothing either.
    None,
    /// Nothing from the carrier, but something is due.
    Silence,
    /// The carrier does not keep a shipment for so long.
    Forgotten,
    /// The shipment is none of this carrier's, and another may know it.
    Disowned(Denial),
    /// It was asked, and gives another answer than last time.
    Told {
        /// What it says.
        report: Box<Report>,
        /// Its hash.
        answer: String,
    },
    /// It told us by itself, and perhaps not all that it knows: its next answer
    /// is compared with its last one, as ever.
    Pushed {
        /// What it says.
        report: Box<Report>,
    },
}

/// Which shipment is meant, and the number that it must still have.
#[derive(Debug, Clone, Copy)]
pub struct ShipmentRef<'a> {
    /// Whose.
    pub order: &'a OrderKey,
    /// Which shipment of the order.
    pub shipment: ShipmentIndex,
    /// Who tells of it: its provider.
    pub carrier: &'a CarrierId,
    /// Under which number.
    pub tracking_number: &'a TrackingNumber,
}

impl<'a> From<&'a PollTarget> for ShipmentRef<'a> {
    fn from(shipment: &'a PollTarget) -> Self {
        Self {
            order: &shipment.order,
            shipment: shipment.shipment,
            carrier: shipment.whom_to_ask(),
            tracking_number: &shipment.tracking_number,
        }
    }
}

/// How a carrier tells by itself: noted when a shipment is written anyway, so that
/// it costs no write of its own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PushSubscription {
    /// Whether pushes of this carrier come here.
    pub is_pushed: bool,
    /// Until when the shipment has just been subscribed to, if it has.
    pub subscribed_until: Option<Timestamp>,
    /// Whether the carrier was asked because it had hinted that there is something
    /// to be told: what is learned so, it has told by itself.
    pub is_hinted: bool,
}

/// The tables that are written when a carrier tells something.
#[derive(Debug)]
pub struct ShipmentRecorder {
    /// Where the shipments are.
    pub orders: OrderStore,
    /// Which cohorts the sweep looks at.
    pub schedule: ScheduleStore,
}

impl ShipmentRecorder {
    /// Records what `news_of` makes of a shipment as it stands, which it may be
    /// asked several times; says whether the shipment was written.
    pub async fn record_result(
        &self,
        target: ShipmentRef<'_>,
        news_of: impl Fn(&Shipment) -> PollResult,
        arrangement: PushSubscription,
        now: Timestamp,
    ) -> anyhow::Result<bool> {
        let (order, number) = (target.order, target.shipment);
        for _ in 0..ATTEMPTS {
            let Some(before) = self.orders.load_shipment(order, number).await? else {
                debug!(%order, shipment = %number, "The shipment is gone");
                return Ok(false);
            };
            let is_same =
                before.provider() == target.carrier && before.has_number(target.tracking_number);
            if !is_same {
                debug!(%order, shipment = %number, "The shipment has another number by now");
                return Ok(false);
            }
            let news = news_of(&before);
            let Some(after) = shipment_after(&before, &news, arrangement, now) else {
                return Ok(false);
            };
            let carrier = after.provider();
            let is_moved = after.cadence != before.cadence || carrier != before.provider();
            if let Some(cadence) = after.cadence.filter(|_| is_moved) {
                self.schedule.ensure_cohort(carrier, cadence, now).await?;
            }
            match self
                .orders
                .record_shipment(order, &after, before.version)
                .await?
            {
                RecordOutcome::Written => {
                    log_result(target, &news, &before, &after, arrangement, now);
                    return Ok(true);
                }
                RecordOutcome::Conflict => {}
            }
        }
        bail!("shipment {number} of order {order} changes faster than it can be recorded")
    }
}

/// The shipment as it is to be written; none if there is nothing to write.
fn shipment_after(
    before: &Shipment,
    news: &PollResult,
    arrangement: PushSubscription,
    now: Timestamp,
) -> Option<Shipment> {
    let advance = match news {
        PollResult::None => return None,
        PollResult::Silence => journey::not_found(before, now),
        PollResult::Forgotten => journey::expire_tracking(before, now),
        PollResult::Disowned(denial) => {
            // What was arranged was arranged with the one who has said no.
            let after = journey::reject_candidate(before, *denial, now).shipment;
            return (after != *before).then_some(after);
        }
        PollResult::Told { report, .. } | PollResult::Pushed { report } => {
            journey::apply_report(before, report, now)
        }
    };
    let mut after = advance.shipment;
    if let PollResult::Told { answer, .. } = news {
        after.response_hash = Some(answer.clone());
    }
    // A subscription that did not keep its promise is made anew with the next
    // news; until then the shipment is asked after as if there were none.
    let until = if is_broken(news, before, &after, arrangement, now) {
        None
    } else {
        arrangement.subscribed_until.or(before.subscribed_until)
    };
    if until != after.subscribed_until {
        after = journey::record_subscription(&after, until, now);
    }
    if after == *before {
        return None;
    }
    after.is_pushed |= arrangement.is_pushed || arrangement.subscribed_until.is_some();
    after.version = before.version + 1;
    Some(after)
}

/// Whether we had to ask for what the carrier should have told by itself.
fn is_broken(
    news: &PollResult,
    before: &Shipment,
    after: &Shipment,
    arrangement: PushSubscription,
    now: Timestamp,
) -> bool {
    matches!(news, PollResult::Told { .. })
        && !arrangement.is_hinted
        && subscription::is_broken(before, after, now)
}

/// Tells people of what was written.
fn log_result(
    target: ShipmentRef<'_>,
    news: &PollResult,
    before: &Shipment,
    after: &Shipment,
    arrangement: PushSubscription,
    now: Timestamp,
) {
    let (order, number, carrier) = (target.order, target.shipment, target.carrier);
    count_unknown(before, after);
    if after.reason != before.reason {
        let status = after.reason;
        info!(%order, shipment = %number, %status, "Shipment {number} of {order} is now {status}");
    }
    tell_of_candidates(order, number, before, after);
    if is_broken(news, before, after, arrangement, now) {
        metric::emit_metric(Metric::Push(PushMetric::Missed { carrier }));
        warn!(%order, shipment = %number, %carrier, "{carrier} did not tell of shipment {number} of {order} by itself");
    }
}

/// Tells why a shipment has another carrier than it had, or has it for certain.
fn tell_of_candidates(
    order: &OrderKey,
    number: ShipmentIndex,
    before: &Shipment,
    after: &Shipment,
) {
    let (was, is) = (&before.carrier, &after.carrier);
    if was != is {
        info!(%order, shipment = %number, carrier = %is, "Shipment {number} of {order} is unknown to {was}: {is} is asked next");
    } else if before.candidates.is_some() && after.candidates.is_none() {
        info!(%order, shipment = %number, carrier = %is, "Shipment {number} of {order} is known to {is}: that is its carrier");
    }
}

/// Counts unknown codes, once for each scan that has one.
fn count_unknown(before: &Shipment, after: &Shipment) {
    let is_new = |scan: &&Scan| {
        !scan.is_understood()
            && !scans_from_provider(before)
                .any(|known| known.code == scan.code && known.time == scan.time)
    };
    for scan in scans_from_provider(after).filter(is_new) {
        metric::emit_metric(Metric::UnknownCarrierCode {
            carrier: after.provider(),
            code: &scan.code,
        });
    }
}

/// What the provider has told.
fn scans_from_provider(shipment: &Shipment) -> impl Iterator<Item = &Scan> {
    let source = shipment.source_of(shipment.provider());
    let is_own = source.is_none();
    let others = shipment.other_sources.iter();
    others
        .filter(move |telling| Some(&telling.source) == source.as_ref())
        .flat_map(|telling| &telling.scans)
        .chain(shipment.scans.iter().filter(move |_| is_own))
}
