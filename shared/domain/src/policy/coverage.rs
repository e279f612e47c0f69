//! Of which shipments a message speaks, as they stand when it is sent.

use crate::{
    eta::EtaSource,
    id::ShipmentIndex,
    notification::{NotificationBasis, NotificationTrigger},
    notification_type::{Coverage, NotificationType},
    scan::Place,
    shipment::Shipment,
    status::{Reason, ShipmentStatus},
};
use jiff::{SignedDuration, Timestamp, civil::Date};

use super::{OrderContext, triggers};

/// Within that after its order a shipment came with it: storefronts send the two
/// one after the other.
const WITH_ITS_ORDER: SignedDuration = SignedDuration::from_secs(5);

/// What a message about `occasion` says now of which shipment; `at` and `version`
/// are those of the change that it tells of.
pub(super) fn notification_basis(
    occasion: &NotificationTrigger,
    at: Timestamp,
    version: u64,
    view: &OrderContext<'_>,
) -> NotificationBasis {
    let coverage = occasion.notification_type.table_row().coverage;
    let covers: Vec<ShipmentIndex> = match (coverage, occasion.shipment) {
        (Coverage::SameWrite, None) => shipment_indexes(registered_at(&occasion.repeat, view)),
        (Coverage::OnTheRoad | Coverage::SameDay | Coverage::SamePlace, Some(own)) => {
            let mut known = view.shipments.iter();
            let own = known.find(|shipment| shipment.shipment == own);
            let others = view.shipments.iter();
            own.map_or_else(Vec::new, |own| {
                shipment_indexes(others.filter(|other| {
                    other.shipment != own.shipment && is_alike(other, own, occasion)
                }))
            })
        }
        (Coverage::Own, _)
        | (Coverage::SameWrite, Some(_))
        | (Coverage::OnTheRoad | Coverage::SameDay | Coverage::SamePlace, None) => Vec::new(),
    };
    let is_of_shipped = |shipment: &&Shipment| {
        occasion.shipment == Some(shipment.shipment) || covers.contains(&shipment.shipment)
    };
    let is_scanned = |shipment: &&Shipment| {
        shipment.current_status().progress_rank() >= ShipmentStatus::PickedUp.progress_rank()
    };
    let scanned = match coverage {
        Coverage::SameWrite => {
            let shipments = view.shipments.iter().filter(is_of_shipped);
            shipment_indexes(shipments.filter(is_scanned))
        }
        Coverage::Own | Coverage::OnTheRoad | Coverage::SameDay | Coverage::SamePlace => Vec::new(),
    };
    NotificationBasis {
        at,
        version,
        covers,
        scanned,
    }
}

/// Whether the message about `own` says of `shipment`, in its row, what a message of
/// its own would say.
fn is_alike<'a>(shipment: &'a Shipment, own: &'a Shipment, occasion: &NotificationTrigger) -> bool {
    match occasion.notification_type.table_row().coverage {
        Coverage::OnTheRoad => {
            is_on_the_road(shipment.current_status()) && !shipment.reason.is_told_to_customer()
        }
        Coverage::SameDay => {
            let is_that_day = |day: Date| day.to_string() == occasion.repeat;
            let is_on_the_vehicle = shipment.reason == Reason::Today
                && shipment
                    .status_since
                    .is_some_and(|since| is_that_day(since.local_date()));
            // What a shop has promised does not say that it comes on that very day.
            let is_expected = shipment.eta.is_some_and(|eta| {
                eta.source.trust_level() >= EtaSource::Aggregator.trust_level()
                    && eta.from == eta.to
                    && is_that_day(eta.to)
            });
            is_on_the_vehicle || (is_on_the_road(shipment.current_status()) && is_expected)
        }
        Coverage::SamePlace => {
            let place = |shipment: &'a Shipment| {
                let known = shipment
                    .scans
                    .last()
                    .filter(|scan| scan.place != Place::default());
                known.map(|scan| (&shipment.carrier, &scan.place))
            };
            shipment.current_status() == ShipmentStatus::AvailableForPickup
                && place(shipment).is_some()
                && place(shipment) == place(own)
        }
        Coverage::Own | Coverage::SameWrite => false,
    }
}

/// Whether it moves between depots.
pub(super) const fn is_on_the_road(status: ShipmentStatus) -> bool {
    matches!(
        status,
        ShipmentStatus::PickedUp | ShipmentStatus::InTransit | ShipmentStatus::Customs
    )
}

/// The shipments that came with their numbers in one write: what tells them from
/// others is the instant of it.
pub(super) fn registered_at<'a>(
    instant: &str,
    view: &OrderContext<'a>,
) -> impl Iterator<Item = &'a Shipment> {
    let instant: Option<Timestamp> = instant.parse().ok();
    view.shipments
        .iter()
        .filter(move |shipment| Some(shipment.registered_at) == instant && !shipment.is_untracked())
}

/// The occasion that announces `shipment` at its registration: by itself, or
/// together with those that came in the same write.
pub(super) fn announcing_trigger(
    shipment: &Shipment,
    view: &OrderContext<'_>,
) -> NotificationTrigger {
    let instant = shipment.registered_at.to_string();
    if registered_at(&instant, view).count() > 1 {
        return NotificationTrigger {
            notification_type: NotificationType::Shipped,
            shipment: None,
            repeat: instant,
        };
    }
    triggers::one_time_trigger(NotificationType::Shipped, shipment.shipment)
}

/// The shipments that came with their order, and with numbers: for others the order
/// need not wait.
pub(super) fn with_the_order<'a>(view: &OrderContext<'a>) -> impl Iterator<Item = &'a Shipment> {
    let placed = view.order.created_at;
    view.shipments.iter().filter(move |shipment| {
        !shipment.is_untracked() && shipment.registered_at.duration_since(placed) <= WITH_ITS_ORDER
    })
}

fn shipment_indexes<'a>(shipments: impl Iterator<Item = &'a Shipment>) -> Vec<ShipmentIndex> {
    shipments.map(|shipment| shipment.shipment).collect()
}
