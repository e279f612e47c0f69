//! Where a shipment stands, given what happened to it, oldest first.

use crate::{
    scan::{Scan, ScanMeaning},
    status::{DelayReason, Reason, ShipmentStatus},
    time::ScanTime,
};
use jiff::Timestamp;

/// What moves a shipment, or does not: a scan that counts, or a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct JourneyStep {
    /// What it says.
    pub(super) meaning: ScanMeaning,
    /// When it happened, if that is known.
    pub(super) at: Option<ScanTime>,
    /// Whether it is said against everything before it.
    pub(super) is_correction: bool,
}

impl JourneyStep {
    /// What a carrier scanned.
    pub(super) const fn from_scan(scan: &Scan) -> Self {
        Self {
            meaning: scan.meaning,
            at: Some(scan.time),
            is_correction: false,
        }
    }
}

/// That it is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lateness {
    /// Why.
    pub(super) reason: DelayReason,
    /// Since when, if the carrier says so as an instant.
    pub(super) since: Option<Timestamp>,
}

/// What the steps amount to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FoldedStatus {
    /// The status and why.
    pub(super) reason: Reason,
    /// Since when, by the step that brought it.
    pub(super) since: Option<ScanTime>,
    /// The delay laid over it.
    pub(super) delay: Option<Lateness>,
    /// Whether anything told a status at all.
    pub(super) is_told: bool,
    /// Whether it goes back to the sender.
    pub(super) is_going_back: bool,
}

impl FoldedStatus {
    /// A shipment of which nothing is known but `reason`.
    pub(super) const fn from_reason(reason: Reason) -> Self {
        Self {
            reason,
            since: None,
            delay: None,
            is_told: false,
            is_going_back: reason.to_status().is_backward(),
        }
    }

    /// Lays a newer status upon this one, if it may follow.
    pub(super) fn apply(&mut self, told: Reason, at: Option<ScanTime>) {
        let told = match told.to_status() {
            ShipmentStatus::Delivered if self.is_going_back => Reason::Received,
            _ => told,
        };
        // A statement brings no time; the scan that is told later does.
        if self.is_told && told.to_status() == self.reason.to_status() && self.since.is_none() {
            self.since = at;
        }
        let Some(next) = self.next_reason(told, at) else {
            return;
        };
        if next.to_status() != self.reason.to_status() || self.is_another_day(next, at) {
            self.since = at;
        }
        self.reason = next;
        self.is_going_back |= next.to_status() == ShipmentStatus::Returning;
        if ends_delay(next.to_status()) {
            self.delay = None;
        }
    }

    /// Puts the shipment where a correction says that it is.
    fn apply_correction(&mut self, said: Reason, at: Option<ScanTime>) {
        if said.to_status() != self.reason.to_status() {
            self.since = at;
        }
        self.reason = said;
        self.is_going_back = Self::from_reason(said).is_going_back;
        if ends_delay(said.to_status()) {
            self.delay = None;
        }
    }

    /// What `told` makes of the present status; none if it changes nothing.
    fn next_reason(&self, told: Reason, at: Option<ScanTime>) -> Option<Reason> {
        use ShipmentStatus as S;
        let (from, to) = (self.reason.to_status(), told.to_status());
        if from == to {
            let says_more = self.is_another_day(told, at) || !is_vaguer(told, self.reason);
            return says_more.then_some(told);
        }
        match from {
            S::Returned => None,
            S::Delivered => denies_delivery(told).then_some(told),
            S::Cancelled => (is_physical(to)).then_some(told),
            S::Expired => Some(told),
            _ if self.is_going_back => self.following_on_the_way_back(told),
            S::Exception | S::AttemptFailed if is_movement(to) => self.moved_again(told, at),
            S::Pending
            | S::InfoReceived
            | S::PickedUp
            | S::InTransit
            | S::Customs
            | S::OutForDelivery
            | S::AvailableForPickup
            | S::AttemptFailed
            | S::Exception
            | S::Returning => match to {
                S::Exception | S::AttemptFailed | S::Returning => Some(told),
                _ => (to.progress_rank() >= from.progress_rank()).then_some(told),
            },
        }
    }

    /// Each day's failed attempt is one of its own, and so is each day on the
    /// vehicle; what was agreed or said before it does not last.
    fn is_another_day(&self, told: Reason, at: Option<ScanTime>) -> bool {
        matches!(
            told.to_status(),
            ShipmentStatus::AttemptFailed | ShipmentStatus::OutForDelivery
        ) && self.reason.to_status() == told.to_status()
            && scan_day(at) > scan_day(self.since)
    }

    /// On the way back only its end counts, or that there will be none; depots
    /// and failed attempts at the shop's own door are nothing to a customer.
    fn following_on_the_way_back(&self, told: Reason) -> Option<Reason> {
        match told.to_status() {
            ShipmentStatus::Returning | ShipmentStatus::Returned | ShipmentStatus::Cancelled => {
                Some(told)
            }
            ShipmentStatus::Exception => {
                matches!(told, Reason::Damaged | Reason::Lost | Reason::Disposed).then_some(told)
            }
            other => (self.reason.to_status() == ShipmentStatus::Exception && is_movement(other))
                .then_some(Reason::ToSender),
        }
    }

    /// It moves after a problem. After a failed attempt it first goes back to
    /// the depot on the same day, which is no progress.
    fn moved_again(&self, told: Reason, at: Option<ScanTime>) -> Option<Reason> {
        if self.reason.to_status() == ShipmentStatus::AttemptFailed
            && scan_day(at) <= scan_day(self.since)
        {
            return None;
        }
        let is_plain = told.to_status() == ShipmentStatus::PickedUp || told.is_plain_movement();
        if is_plain && self.reason.is_told_to_customer() {
            Some(Reason::Resolved)
        } else {
            Some(told)
        }
    }
}

/// Folds what happened, oldest first, to where the shipment stands.
///
/// With `is_return` the journey goes back to the sender, so `delivered` means
/// `returned`; only a delivery before a scan that says "returning" was one.
pub(super) fn replay(steps: &[JourneyStep], is_return: bool) -> FoldedStatus {
    let last_turn = steps
        .iter()
        .rposition(|step| step.meaning == ScanMeaning::Status(Reason::ToSender));
    let mut standing = FoldedStatus::from_reason(Reason::NoInfo);
    for (index, step) in steps.iter().enumerate() {
        match step.meaning {
            ScanMeaning::Status(reason) if step.is_correction => {
                standing.apply_correction(reason, step.at);
                standing.is_told = true;
            }
            ScanMeaning::Status(reason) => {
                let is_back = is_return && last_turn.is_none_or(|turn| turn < index);
                let reason = match reason.to_status() {
                    ShipmentStatus::Delivered if is_back => Reason::Received,
                    _ => reason,
                };
                standing.apply(reason, step.at);
                standing.is_told = true;
            }
            ScanMeaning::Delay(reason) => {
                if !standing.reason.to_status().is_final() {
                    let since = standing.delay.filter(|known| known.reason == reason);
                    let told = step.at.and_then(ScanTime::to_instant);
                    let since = since.map_or(told, |known| known.since);
                    standing.delay = Some(Lateness { reason, since });
                }
            }
            ScanMeaning::Note | ScanMeaning::Unknown | ScanMeaning::Withdrawn => {}
        }
    }
    standing
}

fn scan_day(at: Option<ScanTime>) -> Option<jiff::civil::Date> {
    at.map(ScanTime::local_date)
}

const fn is_movement(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Customs
    )
}

/// Whether a carrier must have had the shipment in hand for it.
pub(super) const fn is_physical(status: ShipmentStatus) -> bool {
    !matches!(
        status,
        ShipmentStatus::Pending
            | ShipmentStatus::InfoReceived
            | ShipmentStatus::Cancelled
            | ShipmentStatus::Expired
    )
}

/// Whether `told` says less than what is known of the same status already:
/// "delivered" after "signed for", a depot scan after "problem solved".
const fn is_vaguer(told: Reason, known: Reason) -> bool {
    match known {
        Reason::Resolved | Reason::Forwarded => told.is_plain_movement(),
        // That the recipient was contacted says nothing of the day.
        Reason::Contacted => false,
        _ => matches!(
            told,
            Reason::DeliveredGeneric
                | Reason::ExceptionGeneric
                | Reason::AttemptGeneric
                | Reason::Today
        ),
    }
}

/// Whether a scan after a delivery says that there was none. A damage or an
/// unspecified note after delivery does not.
const fn denies_delivery(told: Reason) -> bool {
    match told.to_status() {
        ShipmentStatus::Returning | ShipmentStatus::Returned | ShipmentStatus::AttemptFailed => {
            true
        }
        _ => matches!(
            told,
            Reason::Refused | Reason::BadAddress | Reason::Moved | Reason::Unclaimed | Reason::Lost
        ),
    }
}

/// Whether a shipment that got this far is late no more.
const fn ends_delay(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::OutForDelivery
            | ShipmentStatus::AvailableForPickup
            | ShipmentStatus::Returning
            | ShipmentStatus::Returned
            | ShipmentStatus::Delivered
            | ShipmentStatus::Cancelled
    )
}
