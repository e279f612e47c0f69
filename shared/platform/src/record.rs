//! What a carrier tells of a parcel, and the one write that records it: the same
//! whether the carrier was asked or told us by itself.

use anyhow::bail;
use jiff::Timestamp;
use posthorn_domain::{
    journey,
    report::Report,
    scan::{Meaning, Scan},
    shipment::Shipment,
};
use tracing::{debug, info};

use crate::{
    metric::{self, Metric},
    store::{
        due::DueParcel,
        orders::{OrderStore, Recorded},
        schedule::ScheduleStore,
    },
};

/// How often a write is tried against others that write the same parcel.
const ATTEMPTS: usize = 4;

/// What a carrier's answer means for one parcel.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
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

/// The tables that are written when a carrier tells something.
#[derive(Debug)]
pub struct Records {
    /// Where the parcels are.
    pub orders: OrderStore,
    /// Which cohorts the sweep looks at.
    pub schedule: ScheduleStore,
}

impl Records {
    /// Records `news` of a parcel; says whether it was written.
    pub async fn write(
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
                && before.tracking_number == parcel.tracking_number;
            if !is_same {
                debug!(%order, shipment = %number, "The parcel has another number by now");
                return Ok(false);
            }
            let Some(after) = after(&before, news, now) else {
                return Ok(false);
            };
            if let Some(cadence) = after.cadence.filter(|_| after.cadence != before.cadence) {
                let carrier = &after.carrier;
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
            && !before
                .scans
                .iter()
                .any(|known| known.code == scan.code && known.time == scan.time)
    };
    for scan in after.scans.iter().filter(is_new) {
        metric::emit(Metric::UnknownCarrierCode {
            carrier: &after.carrier,
            code: &scan.code,
        });
    }
}
