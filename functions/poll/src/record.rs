//! What an outcome changes of a parcel, and the one write that records it.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_carriers::{Found, Outcome};
use posthorn_domain::{
    cadence,
    journey::{self, Glance},
    report::Report,
    scan::{Meaning, Scan},
    shipment::Shipment,
    status::Reason,
};
use posthorn_platform::{
    metric::{self, Metric},
    store::{
        due::DueParcel,
        orders::{OrderStore, Recorded},
        schedule::ScheduleStore,
    },
};
use tracing::{debug, info};

/// How often a write is tried against others that write the same parcel.
const ATTEMPTS: usize = 4;

/// What a carrier's answer means for one parcel.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum News {
    /// The same as last time, and time has brought nothing either.
    None,
    /// Nothing from the carrier, but something is due.
    Silence,
    /// Another answer than last time.
    Told {
        /// What it says.
        report: Box<Report>,
        /// Its hash.
        answer: String,
    },
}

/// The news for `parcel`, decided without reading it; none of an outcome that
/// tells nothing about the parcel.
pub(crate) fn news(parcel: &DueParcel, outcome: Outcome, now: Timestamp) -> Option<News> {
    let found = match outcome {
        Outcome::Found(found) => Found::meant(found, parcel.registered_at),
        // The shop has to correct it; our own words, so it has a hash as well.
        Outcome::Invalid => Some(Found::new(Report {
            stated: Some(Reason::InvalidNumber),
            ..Report::default()
        })),
        Outcome::NotFound => None,
        Outcome::NotYet { .. } | Outcome::Failed(_) => return None,
    };
    let told = found
        .map(|found| (found.answer(), found))
        .filter(|(answer, _)| parcel.answer.as_ref() != Some(answer));
    if let Some((answer, found)) = told {
        let report = Box::new(found.report);
        return Some(News::Told { report, answer });
    }
    let glance = glance(parcel);
    let is_due = journey::overdue(&glance, now).is_some()
        || cadence::of_glance(&glance, now) != Some(parcel.cadence);
    Some(if is_due { News::Silence } else { News::None })
}

fn glance(parcel: &DueParcel) -> Glance {
    Glance {
        carrier: parcel.carrier.clone(),
        asked: parcel.asked.clone(),
        reason: parcel.reason,
        eta: parcel.eta,
        conditions: parcel.conditions.clone(),
        is_return: parcel.is_return,
        registered_at: parcel.registered_at,
        changed_at: parcel.changed_at,
    }
}

/// The tables that a poll writes.
#[derive(Debug)]
pub(crate) struct Records {
    pub(crate) orders: OrderStore,
    pub(crate) schedule: ScheduleStore,
}

impl Records {
    /// Records `news` of a parcel; says whether it was written.
    pub(crate) async fn write(
        &self,
        parcel: &DueParcel,
        news: &News,
        now: Timestamp,
    ) -> anyhow::Result<bool> {
        if *news == News::None {
            return Ok(false);
        }
        let (order, number) = (&parcel.order, parcel.shipment);
        for _ in 0..ATTEMPTS {
            let Some(before) = self.orders.shipment(order, number).await? else {
                debug!(%order, shipment = %number, "The parcel is gone");
                return Ok(false);
            };
            let is_same = before.carrier == parcel.carrier
                && before.asked == parcel.asked
                && before.tracking_number == parcel.tracking_number;
            if !is_same {
                debug!(%order, shipment = %number, "The parcel has another number by now");
                return Ok(false);
            }
            let Some(after) = after(&before, news, now) else {
                return Ok(false);
            };
            if let Some(cadence) = after.cadence.filter(|_| after.cadence != before.cadence) {
                let carrier = after.whom_to_ask();
                self.schedule.ensure_cohort(carrier, cadence, now).await?;
            }
            match self.orders.record(order, &after, before.version).await? {
                Recorded::Written => {
                    count_unknown(&before, &after);
                    if after.reason != before.reason {
                        let status = after.reason;
                        info!(%order, shipment = %number, %status, "Parcel {number} of {order} is now {status}");
                    }
                    return Ok(true);
                }
                Recorded::Conflict => {}
            }
        }
        bail!("parcel {number} of order {order} changes faster than it can be recorded")
    }
}

/// The parcel as it is to be written; none if there is nothing to write.
fn after(before: &Shipment, news: &News, now: Timestamp) -> Option<Shipment> {
    let advance = match news {
        News::None => return None,
        News::Silence => journey::not_found(before, now),
        News::Told { report, .. } => journey::advance(before, report, now),
    };
    let mut after = advance.shipment;
    if let News::Told { answer, .. } = news
        && before.answer.as_ref() != Some(answer)
    {
        after.answer = Some(answer.clone());
        after.version = before.version + 1;
    }
    (after.version != before.version).then_some(after)
}

/// Counts codes that nobody knows, once for each scan that has one.
fn count_unknown(before: &Shipment, after: &Shipment) {
    let is_new = |scan: &&Scan| {
        scan.meaning == Meaning::Unknown
            && !told(before).any(|known| known.code == scan.code && known.time == scan.time)
    };
    for scan in told(after).filter(is_new) {
        metric::emit(Metric::UnknownCarrierCode {
            carrier: after.whom_to_ask(),
            code: &scan.code,
        });
    }
}

/// What whoever is asked has told.
fn told(shipment: &Shipment) -> impl Iterator<Item = &Scan> {
    let source = shipment.source_of(shipment.whom_to_ask());
    let is_own = source.is_none();
    let others = shipment.others.iter();
    others
        .filter(move |telling| Some(&telling.source) == source.as_ref())
        .flat_map(|telling| &telling.scans)
        .chain(shipment.scans.iter().filter(move |_| is_own))
}
