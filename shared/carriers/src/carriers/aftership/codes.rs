//! What AfterShip's 9 tags and their subtags ("Delivery Sub-statuses", 2026-07)
//! mean. We have seen that list in parts only, the rest in lists of others, so there
//! may be more.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a checkpoint or a tracking means. A subtag that is not in here leaves
/// the tag, but for `Exception`: that may also be a mere delay.
pub(super) fn map_meaning(tag: &str, subtag: &str) -> ScanMeaning {
    match of_subtag(subtag) {
        Unknown if subtag.is_empty() || !tag.eq_ignore_ascii_case("Exception") => of_tag(tag),
        meaning => agree_with_status(meaning, of_tag(tag).shipment_status()),
    }
}

/// Whether a subtag is in no list, so that at most the tag tells what it means.
pub(super) fn is_new(subtag: &str) -> bool {
    !subtag.is_empty() && of_subtag(subtag) == Unknown
}

fn of_subtag(subtag: &str) -> ScanMeaning {
    match subtag.to_ascii_lowercase().as_str() {
        "pending_001" | "pending_002" | "pending_003" | "pending_004" | "pending_005"
        | "pending_006" => Status(Reason::NoInfo),
        "inforeceived_001" => Status(Reason::Label),
        "intransit_001" => Status(Reason::Moving),
        "intransit_002" => Status(Reason::Accepted),
        "intransit_003" => Status(Reason::ArrivalScan),
        "intransit_004" => Status(Reason::ArrivedDestination),
        "intransit_005" => Status(Reason::CustomsReleased),
        "intransit_006" => Status(Reason::CustomsProcessing),
        "intransit_007" => Status(Reason::DepartureScan),
        "intransit_008" => Status(Reason::Resolved),
        "intransit_009" => Status(Reason::Forwarded),
        "outfordelivery_001" => Status(Reason::Today),
        "outfordelivery_003" => Status(Reason::Contacted),
        "outfordelivery_004" => Status(Reason::Appointment),
        // The second one is what it was called before 2018.
        "availableforpickup_001" | "outfordelivery_002" => Status(Reason::Ready),
        "attemptfail_001" => Status(Reason::AttemptGeneric),
        "attemptfail_002" => Status(Reason::NotHome),
        "attemptfail_003" => Status(Reason::Closed),
        "delivered_001" => Status(Reason::DeliveredGeneric),
        "delivered_002" => Status(Reason::Collected),
        "delivered_003" => Status(Reason::Signed),
        "delivered_004" => Status(Reason::CashOnDelivery),
        "delivered_005" => Status(Reason::Neighbor),
        "exception_001" => Status(Reason::ExceptionGeneric),
        "exception_002" => Status(Reason::Moved),
        "exception_003" => Status(Reason::Refused),
        "exception_004" => Delay(DelayReason::Customs),
        "exception_005" => Delay(DelayReason::External),
        "exception_006" => Status(Reason::PaymentDue),
        "exception_007" => Status(Reason::BadAddress),
        "exception_008" => Status(Reason::Unclaimed),
        "exception_009" => Status(Reason::RejectedByCarrier),
        "exception_010" => Status(Reason::ToSender),
        "exception_011" => Status(Reason::Received),
        "exception_012" => Status(Reason::Damaged),
        "exception_013" => Status(Reason::Lost),
        // These came in March 2026; 014 and 015 were never published.
        "exception_016" => Delay(DelayReason::Carrier),
        "exception_017" => Delay(DelayReason::Weather),
        "exception_018" => Status(Reason::CustomsInfoRequired),
        "exception_019" => Delay(DelayReason::Flight),
        "exception_020" => Status(Reason::Voided),
        "exception_021" => Status(Reason::Disposed),
        "expired_001" => Status(Reason::Silent),
        _ => Unknown,
    }
}

fn of_tag(tag: &str) -> ScanMeaning {
    match tag.to_ascii_lowercase().as_str() {
        "pending" => Status(Reason::NoInfo),
        "inforeceived" => Status(Reason::Label),
        "intransit" => Status(Reason::Moving),
        "outfordelivery" => Status(Reason::Today),
        "availableforpickup" => Status(Reason::Ready),
        "attemptfail" => Status(Reason::AttemptGeneric),
        "delivered" => Status(Reason::DeliveredGeneric),
        "exception" => Status(Reason::ExceptionGeneric),
        "expired" => Status(Reason::Silent),
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_subtag_leaves_its_tag_unless_it_may_be_a_delay() {
        assert_eq!(
            map_meaning("InTransit", "InTransit_099"),
            Status(Reason::Moving)
        );
        assert_eq!(map_meaning("Exception", "Exception_099"), Unknown);
        assert_eq!(
            map_meaning("Exception", ""),
            Status(Reason::ExceptionGeneric)
        );
        assert_eq!(map_meaning("Teleported", ""), Unknown);
    }
}
