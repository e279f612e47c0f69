//! What AfterShip's 9 tags and their subtags ("Delivery Sub-statuses", 2026-07)
//! mean. We have seen that list in parts only, the rest in lists of others, so there
//! may be more.

use posthorn_domain::{
    scan::Meaning::{self, Delay, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a checkpoint or a tracking means. A subtag that is not in here leaves
/// the tag, but for `Exception`: that may also be a mere delay.
pub(super) fn meaning(tag: &str, subtag: &str) -> Meaning {
    match of_subtag(subtag) {
        Unknown if subtag.is_empty() || tag != "Exception" => of_tag(tag),
        meaning => meaning,
    }
}

fn of_subtag(subtag: &str) -> Meaning {
    match subtag {
        "Pending_001" | "Pending_002" | "Pending_003" | "Pending_004" | "Pending_005"
        | "Pending_006" => Status(Reason::NoInfo),
        "InfoReceived_001" => Status(Reason::Label),
        "InTransit_001" => Status(Reason::Moving),
        "InTransit_002" => Status(Reason::Accepted),
        "InTransit_003" => Status(Reason::ArrivalScan),
        "InTransit_004" => Status(Reason::ArrivedDestination),
        "InTransit_005" => Status(Reason::CustomsReleased),
        "InTransit_006" => Status(Reason::CustomsProcessing),
        "InTransit_007" => Status(Reason::DepartureScan),
        "InTransit_008" => Status(Reason::Resolved),
        "InTransit_009" => Status(Reason::Forwarded),
        "OutForDelivery_001" => Status(Reason::Today),
        "OutForDelivery_003" => Status(Reason::Contacted),
        "OutForDelivery_004" => Status(Reason::Appointment),
        // The second one is what it was called before 2018.
        "AvailableForPickup_001" | "OutForDelivery_002" => Status(Reason::Ready),
        "AttemptFail_001" => Status(Reason::AttemptGeneric),
        "AttemptFail_002" => Status(Reason::NotHome),
        "AttemptFail_003" => Status(Reason::Closed),
        "Delivered_001" => Status(Reason::DeliveredGeneric),
        "Delivered_002" => Status(Reason::Collected),
        "Delivered_003" => Status(Reason::Signed),
        "Delivered_004" => Status(Reason::CashOnDelivery),
        "Delivered_005" => Status(Reason::Neighbor),
        "Exception_001" => Status(Reason::ExceptionGeneric),
        "Exception_002" => Status(Reason::Moved),
        "Exception_003" => Status(Reason::Refused),
        "Exception_004" => Delay(DelayReason::Customs),
        "Exception_005" => Delay(DelayReason::External),
        "Exception_006" => Status(Reason::PaymentDue),
        "Exception_007" => Status(Reason::BadAddress),
        "Exception_008" => Status(Reason::Unclaimed),
        "Exception_009" => Status(Reason::RejectedByCarrier),
        "Exception_010" => Status(Reason::ToSender),
        "Exception_011" => Status(Reason::Received),
        "Exception_012" => Status(Reason::Damaged),
        "Exception_013" => Status(Reason::Lost),
        // These came in March 2026; 014 and 015 were never published.
        "Exception_016" => Delay(DelayReason::Carrier),
        "Exception_017" => Delay(DelayReason::Weather),
        "Exception_018" => Status(Reason::CustomsInfoRequired),
        "Exception_019" => Delay(DelayReason::Flight),
        "Exception_020" => Status(Reason::Voided),
        "Exception_021" => Status(Reason::Disposed),
        "Expired_001" => Status(Reason::Silent),
        _ => Unknown,
    }
}

fn of_tag(tag: &str) -> Meaning {
    match tag {
        "Pending" => Status(Reason::NoInfo),
        "InfoReceived" => Status(Reason::Label),
        "InTransit" => Status(Reason::Moving),
        "OutForDelivery" => Status(Reason::Today),
        "AvailableForPickup" => Status(Reason::Ready),
        "AttemptFail" => Status(Reason::AttemptGeneric),
        "Delivered" => Status(Reason::DeliveredGeneric),
        "Exception" => Status(Reason::ExceptionGeneric),
        "Expired" => Status(Reason::Silent),
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_subtag_leaves_its_tag_unless_it_may_be_a_delay() {
        assert_eq!(
            meaning("InTransit", "InTransit_099"),
            Status(Reason::Moving)
        );
        assert_eq!(meaning("Exception", "Exception_099"), Unknown);
        assert_eq!(meaning("Exception", ""), Status(Reason::ExceptionGeneric));
        assert_eq!(meaning("Teleported", ""), Unknown);
    }
}
