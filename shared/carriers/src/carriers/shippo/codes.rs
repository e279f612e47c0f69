//! What Shippo's 6 statuses and their substatuses ("Event definitions") mean. The
//! statuses are those of its client libraries; of the substatuses we have seen its
//! documentation in parts only, so there may be more.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means. Old events have no substatus.
pub(super) fn map_meaning(status: &str, substatus: &str) -> ScanMeaning {
    let coarse = of_status(status);
    of_substatus(substatus).map_or(coarse, |meaning| {
        agree_with_status(meaning, coarse.shipment_status())
    })
}

/// Whether a substatus is in no list, so that at most the status tells what it means.
pub(super) fn is_new(substatus: &str) -> bool {
    !matches!(substatus, "" | "other") && of_substatus(substatus).is_none()
}

/// None if there is none, or a new one.
fn of_substatus(substatus: &str) -> Option<ScanMeaning> {
    Some(match substatus.to_ascii_lowercase().as_str() {
        "information_received" => Status(Reason::Label),
        "address_issue" => Status(Reason::BadAddress),
        // Something for the recipient to clear with the carrier, not said what.
        "contact_carrier" | "package_undeliverable" => Status(Reason::ExceptionGeneric),
        "delayed" | "package_held" => Delay(DelayReason::Carrier),
        "delivery_attempted" | "reschedule_delivery" => Status(Reason::AttemptGeneric),
        "delivery_rescheduled" => Delay(DelayReason::External),
        // A plan; the shipment is where it was.
        "delivery_scheduled" => Note,
        "location_inaccessible" => Status(Reason::Access),
        "notice_left" => Status(Reason::NotHome),
        "out_for_delivery" => Status(Reason::Today),
        "package_accepted" => Status(Reason::Accepted),
        "package_arrived" => Status(Reason::ArrivalScan),
        "package_damaged" => Status(Reason::Damaged),
        "package_departed" => Status(Reason::DepartureScan),
        "package_disposed" => Status(Reason::Disposed),
        "package_forwarded" => Status(Reason::Forwarded),
        "package_lost" => Status(Reason::Lost),
        "package_processed" | "package_processing" => Status(Reason::Moving),
        "package_unclaimed" => Status(Reason::Unclaimed),
        "pickup_available" => Status(Reason::Ready),
        "delivered" => Status(Reason::DeliveredGeneric),
        "return_to_sender" => Status(Reason::ToSender),
        _ => return None,
    })
}

fn of_status(status: &str) -> ScanMeaning {
    match status.to_ascii_uppercase().as_str() {
        "PRE_TRANSIT" => Status(Reason::Label),
        "TRANSIT" => Status(Reason::Moving),
        "DELIVERED" => Status(Reason::DeliveredGeneric),
        // On its way back or there: Shippo has one word for both.
        "RETURNED" => Status(Reason::ToSender),
        "FAILURE" => Status(Reason::ExceptionGeneric),
        "UNKNOWN" => Note,
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substatus_says_more_than_its_status_and_a_new_one_nothing() {
        assert_eq!(
            map_meaning("TRANSIT", "pickup_available"),
            Status(Reason::Ready)
        );
        assert_eq!(map_meaning("TRANSIT", "teleported"), Status(Reason::Moving));
        assert_eq!(map_meaning("UNKNOWN", "other"), Note);
        assert_eq!(map_meaning("TELEPORTED", ""), Unknown);
    }
}
