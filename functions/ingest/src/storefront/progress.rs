//! Where a fulfilment stands by its storefront's word: reports of the source `store`.

use crate::validate;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    journey,
    report::Report,
    scan::{Place, Scan, ScanMeaning},
    shipment::Shipment,
    source::{MOST_OTHERS, Source},
    status::Reason,
};

/// What a storefront says of a fulfilment, and when that was so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress(Scan);

impl Progress {
    /// What `scan` says. None if it lies in the future by more than clocks differ.
    pub(super) fn new(scan: &Scan, now: Timestamp) -> Option<Self> {
        let latest = now + SignedDuration::from_mins(10);
        let instant = scan.time.to_instant();
        let country = scan.place.country.as_deref();
        instant.is_none_or(|at| at <= latest).then(|| {
            Self(Scan {
                place: Place {
                    country: country.and_then(|country| validate::country(country).ok()),
                    ..scan.place.clone()
                },
                ..scan.clone()
            })
        })
    }

    /// That the customer collected it at `at`.
    pub(super) fn from_collection(at: &str, now: Timestamp) -> Option<Self> {
        let scan = Scan {
            time: at.trim().parse().ok()?,
            meaning: ScanMeaning::Status(Reason::Collected),
            code: String::new(),
            text: String::new(),
            place: Place::default(),
            sequence: 0,
            is_inferred: false,
        };
        Self::new(&scan, now)
    }

    /// When that was so, if it is an instant.
    pub(super) fn to_instant(&self) -> Option<Timestamp> {
        self.0.time.to_instant()
    }

    /// The shipment after it; None if that changes nothing.
    ///
    /// Each update of a fulfilment repeats its status: it is news only where the
    /// storefront said otherwise last.
    pub(super) fn applied_to(&self, shipment: &Shipment, now: Timestamp) -> Option<Shipment> {
        let store = Source::from_storefront();
        let telling = shipment
            .other_sources
            .iter()
            .find(|telling| telling.source == store);
        let is_repeated = telling
            .and_then(|telling| telling.scans.last())
            .is_some_and(|last| {
                let is_plain = self.0.text.is_empty() && self.0.place == Place::default();
                last.meaning == self.0.meaning && (is_plain || last.is_retold_by(&self.0))
            });
        let is_full = telling.is_none() && shipment.other_sources.len() >= MOST_OTHERS;
        if is_repeated || is_full || shipment.reason == Reason::Voided {
            return None;
        }
        let report = Report {
            scans: vec![self.0.clone()],
            ..Report::default()
        };
        let advance = journey::advance_by(shipment, Some(&store), &report, now);
        advance.must_write(shipment).then_some(advance.shipment)
    }
}
