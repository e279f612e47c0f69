//! What 17TRACK's 9 statuses and their sub-statuses mean.
//!
//! 17TRACK adds sub-statuses without a new version, so one that is not in here
//! is unknown and no error.

use posthorn_domain::{
    scan::Meaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means: by its sub-status, and by its stage where it has none.
/// Most events of some carriers have neither.
pub(super) fn meaning(sub_status: &str, stage: &str) -> Meaning {
    match (sub_status, stage) {
        ("", "") => Note,
        ("", stage) => of_stage(stage),
        (sub_status, _) => of_sub_status(sub_status),
    }
}

fn of_sub_status(sub_status: &str) -> Meaning {
    match sub_status {
        "NotFound_Other" => Status(Reason::NoInfo),
        "NotFound_InvalidCode" => Status(Reason::InvalidNumber),
        "InfoReceived" => Status(Reason::Label),
        "InTransit_PickedUp" => Status(Reason::Accepted),
        "InTransit_Other" => Status(Reason::Moving),
        "InTransit_Departure" => Status(Reason::DepartedOrigin),
        "InTransit_Arrival" => Status(Reason::ArrivedDestination),
        "InTransit_CustomsProcessing" => Status(Reason::CustomsProcessing),
        "InTransit_CustomsReleased" => Status(Reason::CustomsReleased),
        "InTransit_CustomsRequiringInformation" => Status(Reason::CustomsInfoRequired),
        // These two are sent and not in the published list.
        "InTransit_TransportArrived" => Status(Reason::ArrivalScan),
        "InTransit_TransportDeparted" => Status(Reason::DepartureScan),
        "Expired_Other" => Status(Reason::Silent),
        "AvailableForPickup_Other" => Status(Reason::Ready),
        "OutForDelivery_Other" => Status(Reason::Today),
        "DeliveryFailure_Other" => Status(Reason::AttemptGeneric),
        "DeliveryFailure_NoBody" => Status(Reason::NotHome),
        "DeliveryFailure_Security" | "Exception_Security" => Status(Reason::Security),
        "DeliveryFailure_Rejected" | "Exception_Rejected" => Status(Reason::Refused),
        "DeliveryFailure_InvalidAddress" => Status(Reason::BadAddress),
        "Delivered_Other" => Status(Reason::DeliveredGeneric),
        "Exception_Other" => Status(Reason::ExceptionGeneric),
        "Exception_Returning" => Status(Reason::ToSender),
        "Exception_Returned" => Status(Reason::Received),
        "Exception_NoBody" => Status(Reason::Unclaimed),
        "Exception_Damage" => Status(Reason::Damaged),
        "Exception_Delayed" => Delay(DelayReason::External),
        "Exception_Lost" => Status(Reason::Lost),
        "Exception_Destroyed" => Status(Reason::Disposed),
        "Exception_Cancel" => Status(Reason::Voided),
        _ => Unknown,
    }
}

/// The milestones, by which an event is marked as the first of its kind.
fn of_stage(stage: &str) -> Meaning {
    match stage {
        "PickedUp" => Status(Reason::Accepted),
        "Departure" => Status(Reason::DepartedOrigin),
        "Arrival" => Status(Reason::ArrivedDestination),
        "Returning" => Status(Reason::ToSender),
        "Returned" => Status(Reason::Received),
        main => of_status(main),
    }
}

/// What the parcel as a whole is said to be.
pub(super) fn stated(status: &str, sub_status: &str) -> Meaning {
    match of_sub_status(sub_status) {
        Unknown => of_status(status),
        meaning => meaning,
    }
}

fn of_status(status: &str) -> Meaning {
    match status {
        "NotFound" => Status(Reason::NoInfo),
        "InfoReceived" => Status(Reason::Label),
        "InTransit" => Status(Reason::Moving),
        "Expired" => Status(Reason::Silent),
        "AvailableForPickup" => Status(Reason::Ready),
        "OutForDelivery" => Status(Reason::Today),
        "DeliveryFailure" => Status(Reason::AttemptGeneric),
        "Delivered" => Status(Reason::DeliveredGeneric),
        "Exception" => Status(Reason::ExceptionGeneric),
        // Where an event has no sub-status, its stage may be one.
        other => of_sub_status(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sub_status_of_an_event_is_not_guessed() {
        assert_eq!(meaning("InTransit_ByPigeon", "InTransit"), Unknown);
        assert_eq!(meaning("", "ByPigeon"), Unknown);
        assert_eq!(meaning("", ""), Note);
    }

    #[test]
    fn a_new_sub_status_of_the_parcel_leaves_its_status() {
        assert_eq!(
            stated("InTransit", "InTransit_ByPigeon"),
            Status(Reason::Moving)
        );
        assert_eq!(stated("ByPigeon", ""), Unknown);
    }
}
