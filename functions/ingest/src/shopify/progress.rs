//! Where a fulfilment stands by Shopify's word: reports of the source `store`.

use super::payload::FulfillmentEvent;
use crate::text;
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{
    journey,
    report::Report,
    scan::{Meaning, Place, Scan},
    shipment::Shipment,
    source::{MOST_OTHERS, Source},
    status::{DelayReason, Reason},
    time::ScanTime,
};

/// What Shopify says of a fulfilment, and when that was so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Progress(Scan);

impl Progress {
    /// What `status` says at `at`; None if it says nothing of where it is.
    pub(super) fn of(status: Option<&str>, at: &str, now: Timestamp) -> Option<Self> {
        let (time, meaning) = (time(at, now)?, meaning(status?)?);
        Some(Self(Scan {
            time,
            meaning,
            code: String::new(),
            text: String::new(),
            place: Place::default(),
            sequence: 0,
            is_inferred: false,
        }))
    }

    /// What an event says.
    pub(super) fn of_event(event: &FulfillmentEvent, now: Timestamp) -> Option<Self> {
        let at = event.happened_at.as_deref().or(event.created_at.as_deref());
        let Self(scan) = Self::of(event.status.as_deref(), at?, now)?;
        let line = |text: Option<&str>, max| text::line(max)(text?).ok();
        let country = event.country.as_deref();
        Some(Self(Scan {
            text: line(event.message.as_deref(), 200).unwrap_or_default(),
            place: Place {
                city: line(event.city.as_deref(), 60),
                region: line(event.province.as_deref(), 60),
                country: country.and_then(|country| text::country(country).ok()),
            },
            ..scan
        }))
    }

    /// When that was so, if it is an instant.
    pub(super) fn instant(&self) -> Option<Timestamp> {
        self.0.time.instant()
    }

    /// The shipment after it; None if that changes nothing.
    ///
    /// Each update of a fulfilment repeats its status: it is news only where the
    /// storefront said otherwise last.
    pub(super) fn applied_to(&self, shipment: &Shipment, now: Timestamp) -> Option<Shipment> {
        let store = Source::store();
        let telling = shipment
            .others
            .iter()
            .find(|telling| telling.source == store);
        let is_repeated = telling
            .and_then(|telling| telling.scans.last())
            .is_some_and(|last| {
                let is_plain = self.0.text.is_empty() && self.0.place == Place::default();
                last.meaning == self.0.meaning && (is_plain || last.is_retold_by(&self.0))
            });
        let is_full = telling.is_none() && shipment.others.len() >= MOST_OTHERS;
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

/// What Shopify's word for a status means. The status of a
/// label says nothing: of that the number itself tells.
fn meaning(status: &str) -> Option<Meaning> {
    let status = status.trim().to_ascii_lowercase();
    Some(match status.as_str() {
        "label_purchased" | "label_printed" => Meaning::Status(Reason::Label),
        "carrier_picked_up" => Meaning::Status(Reason::Accepted),
        "in_transit" => Meaning::Status(Reason::Moving),
        "out_for_delivery" => Meaning::Status(Reason::Today),
        "ready_for_pickup" | "ready_for_recipient_pickup" => Meaning::Status(Reason::Ready),
        "attempted_delivery" => Meaning::Status(Reason::AttemptGeneric),
        "failure" | "not_delivered" | "buyer_action_required" => {
            Meaning::Status(Reason::ExceptionGeneric)
        }
        "returning_to_sender" => Meaning::Status(Reason::ToSender),
        "delivered" => Meaning::Status(Reason::DeliveredGeneric),
        "picked_up" => Meaning::Status(Reason::Collected),
        "delayed" => Meaning::Delay(DelayReason::Carrier),
        _ => return None,
    })
}

/// A time that has been, give or take the clocks.
fn time(text: &str, now: Timestamp) -> Option<ScanTime> {
    let time: ScanTime = text.trim().parse().ok()?;
    let latest = now + SignedDuration::from_mins(10);
    time.instant().is_none_or(|at| at <= latest).then_some(time)
}
