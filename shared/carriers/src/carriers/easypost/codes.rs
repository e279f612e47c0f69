//! What EasyPost's 10 statuses and 28 status details mean, all that it publishes.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a tracking detail means. The status says how far the shipment is; the
/// detail says more only while it is on its way.
pub(super) fn map_meaning(status: &str, detail: &str) -> ScanMeaning {
    let (status, detail) = (status.to_ascii_lowercase(), detail.to_ascii_lowercase());
    match (status.as_str(), detail.as_str()) {
        ("delivered" | "available_for_pickup", "arrived_at_pickup_location") => {
            Status(Reason::Ready)
        }
        ("delivered", _) => Status(Reason::DeliveredGeneric),
        ("available_for_pickup", _) => Status(Reason::Ready),
        ("return_to_sender", _) => Status(Reason::ToSender),
        ("cancelled", _) => Status(Reason::Voided),
        ("pre_transit", _) => Status(Reason::Label),
        (status, detail) => {
            let coarse = of_status(status);
            of_detail(detail).map_or(coarse, |meaning| {
                agree_with_status(meaning, coarse.shipment_status())
            })
        }
    }
}

/// Whether a detail is in no list, so that at most the status tells what it means.
pub(super) fn is_new(detail: &str) -> bool {
    let detail = detail.to_ascii_lowercase();
    let is_plain = matches!(
        detail.as_str(),
        "" | "failure" | "in_transit" | "status_update" | "unknown" | "delivered" | "error"
    );
    !is_plain && of_detail(&detail).is_none()
}

/// None if the detail says no more than the status, or is a new one.
fn of_detail(detail: &str) -> Option<ScanMeaning> {
    Some(match detail {
        "address_correction" => Status(Reason::BadAddress),
        "arrived_at_destination" | "arrived_at_facility" | "received_at_destination_facility" => {
            Status(Reason::ArrivalScan)
        }
        "arrived_at_pickup_location" => Status(Reason::Ready),
        "awaiting_information" => Note,
        "cancelled" => Status(Reason::Voided),
        "damaged" => Status(Reason::Damaged),
        "delayed" | "held" | "missorted" => Delay(DelayReason::Carrier),
        "delivery_exception" | "transit_exception" => Status(Reason::ExceptionGeneric),
        "departed_facility" | "departed_origin_facility" => Status(Reason::DepartureScan),
        "expired" => Status(Reason::Silent),
        "label_created" => Status(Reason::Label),
        "lost" => Status(Reason::Lost),
        "out_for_delivery" => Status(Reason::Today),
        "received_at_origin_facility" => Status(Reason::Accepted),
        "refused" => Status(Reason::Refused),
        "return" => Status(Reason::ToSender),
        "transferred_to_destination_carrier" => Status(Reason::Moving),
        "weather_delay" => Delay(DelayReason::Weather),
        // "failure", "in_transit", "status_update" and "unknown" among them.
        _ => return None,
    })
}

fn of_status(status: &str) -> ScanMeaning {
    match status {
        "in_transit" => Status(Reason::Moving),
        "out_for_delivery" => Status(Reason::Today),
        "failure" => Status(Reason::ExceptionGeneric),
        // EasyPost itself does not know, or could not ask.
        "unknown" | "error" => Note,
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delivery_stays_one_whatever_its_detail_says() {
        assert_eq!(
            map_meaning("delivered", "arrived_at_destination"),
            Status(Reason::DeliveredGeneric)
        );
        assert_eq!(
            map_meaning("delivered", "arrived_at_pickup_location"),
            Status(Reason::Ready)
        );
    }

    #[test]
    fn a_new_detail_leaves_the_status_and_a_new_status_is_unknown() {
        assert_eq!(
            map_meaning("in_transit", "teleported"),
            Status(Reason::Moving)
        );
        assert_eq!(map_meaning("teleported", ""), Unknown);
    }
}
