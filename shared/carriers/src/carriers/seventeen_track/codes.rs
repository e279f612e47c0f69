//! What 17TRACK's 9 statuses and their sub-statuses mean.
//!
//! 17TRACK adds sub-statuses without a new version, so one that is not in here
//! is unknown and no error.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means: by its sub-status, and by its stage where it has none.
/// Most events of some carriers have neither.
pub(super) fn map_meaning(sub_status: &str, stage: &str) -> ScanMeaning {
    match (sub_status, stage) {
        ("", "") => Note,
        ("", stage) => of_stage(stage),
        (sub_status, stage) => {
            agree_with_status(of_sub_status(sub_status), of_stage(stage).shipment_status())
        }
    }
}

fn of_sub_status(sub_status: &str) -> ScanMeaning {
    match sub_status.to_ascii_lowercase().as_str() {
        "notfound_other" => Status(Reason::NoInfo),
        "notfound_invalidcode" => Status(Reason::InvalidNumber),
        "inforeceived" => Status(Reason::Label),
        "intransit_pickedup" => Status(Reason::Accepted),
        "intransit_other" => Status(Reason::Moving),
        "intransit_departure" => Status(Reason::DepartedOrigin),
        "intransit_arrival" => Status(Reason::ArrivedDestination),
        "intransit_customsprocessing" => Status(Reason::CustomsProcessing),
        "intransit_customsreleased" => Status(Reason::CustomsReleased),
        "intransit_customsrequiringinformation" => Status(Reason::CustomsInfoRequired),
        // These two are sent and not in the published list.
        "intransit_transportarrived" => Status(Reason::ArrivalScan),
        "intransit_transportdeparted" => Status(Reason::DepartureScan),
        "expired_other" => Status(Reason::Silent),
        "availableforpickup_other" => Status(Reason::Ready),
        "outfordelivery_other" => Status(Reason::Today),
        "deliveryfailure_other" => Status(Reason::AttemptGeneric),
        "deliveryfailure_nobody" => Status(Reason::NotHome),
        "deliveryfailure_security" | "exception_security" => Status(Reason::Security),
        "deliveryfailure_rejected" | "exception_rejected" => Status(Reason::Refused),
        "deliveryfailure_invalidaddress" => Status(Reason::BadAddress),
        "delivered_other" => Status(Reason::DeliveredGeneric),
        "exception_other" => Status(Reason::ExceptionGeneric),
        "exception_returning" => Status(Reason::ToSender),
        "exception_returned" => Status(Reason::Received),
        "exception_nobody" => Status(Reason::Unclaimed),
        "exception_damage" => Status(Reason::Damaged),
        "exception_delayed" => Delay(DelayReason::External),
        "exception_lost" => Status(Reason::Lost),
        "exception_destroyed" => Status(Reason::Disposed),
        "exception_cancel" => Status(Reason::Voided),
        _ => Unknown,
    }
}

/// The milestones, by which an event is marked as the first of its kind.
fn of_stage(stage: &str) -> ScanMeaning {
    match stage.to_ascii_lowercase().as_str() {
        "pickedup" => Status(Reason::Accepted),
        "departure" => Status(Reason::DepartedOrigin),
        "arrival" => Status(Reason::ArrivedDestination),
        "returning" => Status(Reason::ToSender),
        "returned" => Status(Reason::Received),
        main => of_status(main),
    }
}

/// What the shipment as a whole is said to be.
pub(super) fn overall_meaning(status: &str, sub_status: &str) -> ScanMeaning {
    match of_sub_status(sub_status) {
        Unknown => of_status(status),
        meaning => agree_with_status(meaning, of_status(status).shipment_status()),
    }
}

/// Whether a sub-status is in no list, so that at most the status tells what it means.
pub(super) fn is_new(sub_status: &str) -> bool {
    !sub_status.is_empty() && of_sub_status(sub_status) == Unknown
}

fn of_status(status: &str) -> ScanMeaning {
    match status.to_ascii_lowercase().as_str() {
        "notfound" => Status(Reason::NoInfo),
        "inforeceived" => Status(Reason::Label),
        "intransit" => Status(Reason::Moving),
        "expired" => Status(Reason::Silent),
        "availableforpickup" => Status(Reason::Ready),
        "outfordelivery" => Status(Reason::Today),
        "deliveryfailure" => Status(Reason::AttemptGeneric),
        "delivered" => Status(Reason::DeliveredGeneric),
        "exception" => Status(Reason::ExceptionGeneric),
        // Where an event has no sub-status, its stage may be one.
        other => of_sub_status(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_sub_status_of_an_event_is_not_guessed() {
        assert_eq!(map_meaning("InTransit_ByPigeon", "InTransit"), Unknown);
        assert_eq!(map_meaning("", "ByPigeon"), Unknown);
        assert_eq!(map_meaning("", ""), Note);
    }

    #[test]
    fn a_new_sub_status_of_the_parcel_leaves_its_status() {
        assert_eq!(
            overall_meaning("InTransit", "InTransit_ByPigeon"),
            Status(Reason::Moving)
        );
        assert_eq!(overall_meaning("ByPigeon", ""), Unknown);
    }
}
