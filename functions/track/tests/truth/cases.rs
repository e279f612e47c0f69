//! The states that a parcel may be in, and what is true in each.

use crate::{
    fixture::{Situation, order, parcel},
    read::ZONE,
};
use posthorn_domain::{
    notification_type::NotificationType,
    status::{Reason, ShipmentStatus},
};
use serde_json::{Value, json};

pub(crate) const YESTERDAY: &str = "2026-11-24";
pub(crate) const TODAY: &str = "2026-11-25";
pub(crate) const TOMORROW: &str = "2026-11-26";
pub(crate) const LATER: &str = "2026-11-30";

/// The moment at which a parcel of this status is told of.
pub(crate) fn moment(reason: Reason) -> NotificationType {
    match reason.to_status() {
        ShipmentStatus::Pending | ShipmentStatus::InfoReceived => NotificationType::Shipped,
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Customs => {
            NotificationType::InTransit
        }
        ShipmentStatus::OutForDelivery if reason == Reason::Appointment => {
            NotificationType::Appointment
        }
        ShipmentStatus::OutForDelivery => NotificationType::OutForDelivery,
        ShipmentStatus::AvailableForPickup => NotificationType::AvailableForPickup,
        ShipmentStatus::AttemptFailed => NotificationType::AttemptFailed,
        ShipmentStatus::Exception => NotificationType::Exception,
        ShipmentStatus::Returning => NotificationType::Returning,
        ShipmentStatus::Returned => NotificationType::Returned,
        ShipmentStatus::Delivered => NotificationType::Delivered,
        ShipmentStatus::Cancelled | ShipmentStatus::Expired => {
            NotificationType::TrackingNumberChanged
        }
    }
}

/// The stage to which parcels of this status have brought an order.
fn stage(reason: Reason) -> &'static str {
    match reason.to_status() {
        ShipmentStatus::Delivered => "delivered",
        ShipmentStatus::Returning => "returning",
        ShipmentStatus::Returned => "returned",
        ShipmentStatus::OutForDelivery => "out_for_delivery",
        ShipmentStatus::AvailableForPickup => "available_for_pickup",
        _ => "handed_to_carrier",
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Case {
    pub(crate) reason: Reason,
    /// The day it is expected, and perhaps hours.
    pub(crate) eta: Option<(&'static str, bool)>,
    pub(crate) promised: Option<&'static str>,
    pub(crate) is_manual: bool,
    pub(crate) since: &'static str,
}

impl Case {
    pub(crate) fn all() -> Vec<Self> {
        let mut cases = Vec::new();
        for reason in Reason::ALL.iter().copied() {
            for eta in [
                None,
                Some((YESTERDAY, false)),
                Some((TODAY, false)),
                Some((TODAY, true)),
                Some((TOMORROW, false)),
                Some((TOMORROW, true)),
                Some((LATER, false)),
            ] {
                for promised in [None, Some(YESTERDAY), Some(LATER)] {
                    for is_manual in [false, true] {
                        for since in [TODAY, YESTERDAY] {
                            cases.push(Self {
                                reason,
                                eta,
                                promised,
                                is_manual,
                                since,
                            });
                        }
                    }
                }
            }
        }
        cases
    }

    pub(crate) fn parcel(self, number: u16) -> Value {
        let mut parcel = parcel(number, self.reason.as_str());
        let eta = self.eta.map(|(day, has_window)| {
            let mut eta = json!({ "from": day, "to": day, "source": "carrier" });
            if has_window {
                eta["window"] = json!(["10:15:00", "12:15:00"]);
            }
            eta
        });
        parcel["eta"] = json!(eta);
        parcel["eta_first"] = json!(eta);
        parcel["status_since"] = json!(format!("{}T08:10:00-05:00", self.since));
        if self.is_manual {
            parcel["carrier"] = json!("manual");
            parcel["tracking_number"] = json!(format!("7788990012{number}"));
        } else if !self.reason.to_status().is_final() {
            parcel["cadence"] = json!("3h");
        }
        parcel
    }

    pub(crate) fn situation(self, others: Vec<Value>) -> Situation {
        let mut parcels = vec![self.parcel(1)];
        parcels.extend(others);
        let mut situation = order(stage(self.reason), parcels);
        situation.order["promised"] = json!(self.promised);
        situation.order["time_zone"] = json!(ZONE);
        situation
    }

    /// Whether the customer is still to get it, and nothing is wrong.
    pub(crate) fn is_coming(self) -> bool {
        matches!(
            self.reason.to_status(),
            ShipmentStatus::Pending
                | ShipmentStatus::InfoReceived
                | ShipmentStatus::PickedUp
                | ShipmentStatus::InTransit
                | ShipmentStatus::Customs
                | ShipmentStatus::OutForDelivery
        ) && !matches!(
            self.reason,
            Reason::CustomsInfoRequired | Reason::CustomsProhibited
        )
    }

    /// Whether it may be said to come today.
    pub(crate) fn comes_today(self) -> bool {
        let is_today = self.eta.is_some_and(|(day, _)| day == TODAY);
        let is_agreed_for_later = self
            .eta
            .is_some_and(|(day, has_window)| day > TODAY && has_window);
        let is_on_van = self.reason == Reason::Today && self.since == TODAY;
        self.is_coming() && (is_today || (is_on_van && !is_agreed_for_later))
    }

    /// The day on which it was expected, if that is past.
    pub(crate) fn is_overdue(self) -> bool {
        let said = self.eta.map(|(day, _)| day).or(self.promised);
        self.is_coming() && !self.comes_today() && said.is_some_and(|day| day < TODAY)
    }
}
