//! What ShipEngine's 8 status codes and its status detail codes mean, all of
//! its specification (`tracking_status_detail_code`) and of the list that its
//! carriers map to.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means. `EX` stands on scans of USPS that are on time, so the
/// detail decides wherever there is one.
pub(super) fn map_meaning(status: &str, detail: &str) -> ScanMeaning {
    match detail {
        "" => of_status(status),
        detail => match of_detail(detail) {
            // A new detail of an exception may be a mere delay.
            Unknown if !status.eq_ignore_ascii_case("EX") => of_status(status),
            meaning if !status.eq_ignore_ascii_case("EX") => {
                agree_with_status(meaning, of_status(status).shipment_status())
            }
            meaning => meaning,
        },
    }
}

/// Whether a detail is in no list, so that at most the status tells what it means.
pub(super) fn is_new(detail: &str) -> bool {
    !detail.is_empty() && of_detail(detail) == Unknown
}

fn of_detail(detail: &str) -> ScanMeaning {
    match detail.to_ascii_uppercase().as_str() {
        // Not yet on its way.
        "AWAITING_DESPATCH"
        | "AWAITING_ELECTRONIC_ADVICE"
        | "AWAITING_PICKUP_DROP_OFF"
        | "COLLECTION_REQUESTED"
        | "ELEC_ADVICE_RECD_BY_CARRIER"
        | "NOT_YET_RECEIVED_BY_CARRIER"
        | "SHIPMENT_CREATED" => Status(Reason::Label),
        "COLLECTION_MADE"
        | "DESPATCHED"
        | "DROPPED_OFF"
        | "PICKED_UP"
        | "RECEIVED_BY_CARRIER"
        | "RECD_BY_CARRIER_NO_ELEC_ADVICE" => Status(Reason::Accepted),
        // On its way.
        "HUB_PROCESSING" | "IN_TRANSIT" | "SUB_CONTRACTOR_EVENT" | "SUB_CONTRACTOR_RECEIVED" => {
            Status(Reason::Moving)
        }
        "HUB_SCAN_IN" | "RECEIVED_LOCAL_DELIVERY_DEPOT" => Status(Reason::ArrivalScan),
        "HUB_SCAN_OUT" => Status(Reason::DepartureScan),
        "PARCEL_REDIRECTED" => Status(Reason::Forwarded),
        "CUSTOMS_CLEARED" => Status(Reason::CustomsReleased),
        "CUSTOMS_PROCESSING" => Status(Reason::CustomsProcessing),
        // Late.
        "CARRIER_DELAYS" | "COLLECTION_FAILED" | "HELD_BY_CARRIER" | "MISSORTED"
        | "PARCEL_REPACKED" | "ROUTING_ERROR" => Delay(DelayReason::Carrier),
        "DELAYED_NOT_CARRIER" | "DELIVERY_RESCHEDULED" => Delay(DelayReason::External),
        "HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING"
        | "HELD_BY_CUSTOMS"
        | "HELD_BY_EXPORT_CUSTOMS"
        | "HELD_BY_IMPORT_CUSTOMS" => Delay(DelayReason::Customs),
        // At the recipient's.
        "OUT_FOR_DELIVERY" => Status(Reason::Today),
        "DELIVERY_ARRANGED_WITH_RECIPIENT" | "DELIVERY_SCHEDULED" => Status(Reason::Appointment),
        "ATTEMPTED_DELIVERY"
        | "ATTEMPTED_DELIVERY_2ND"
        | "ATTEMPTED_DELIVERY_3RD"
        | "ATTEMPTED_DELIVERY_FINAL" => Status(Reason::AttemptGeneric),
        "CUSTOMER_CARDED" => Status(Reason::NotHome),
        "CUSTOMER_IDENTIFICATION_FAILED" | "NO_ACCESS_TO_RECIPIENTS_ADDRESS" => {
            Status(Reason::Access)
        }
        "COD_AMOUNT_NOT_PAID" | "INVALID_METHOD_OF_PAYMENT" => Status(Reason::PaymentDue),
        "AWAITING_COLLECTION_FROM_PICKUP_POINT"
        | "COLLECT_AT_LOCAL_PO"
        | "CUSTOMER_TO_COLLECT_FROM_CARRIER"
        | "DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION"
        | "DELIVERED_TO_LOCKER_COLLECTION_POINT" => Status(Reason::Ready),
        "DELIVERED"
        | "DELIVERED_SPECIFIED_SAFE_PLACE"
        | "DELIVERED_TO_PO_BOX"
        | "PROOF_OF_DELIVERY" => Status(Reason::DeliveredGeneric),
        "DELIVERED_TO_NEIGHBOUR" => Status(Reason::Neighbor),
        "COD_AMOUNT_PAID" => Status(Reason::CashOnDelivery),
        "PARCEL_COLLECTED_FROM_PICKUP_POINT" => Status(Reason::Collected),
        // Wrong.
        "ADDRESS_QUERY" => Status(Reason::BadAddress),
        "CUSTOMER_MOVED" => Status(Reason::Moved),
        "REFUSED_BY_CUSTOMER" => Status(Reason::Refused),
        "NOT_COLLECTED_FROM_PICKUP_POINT" => Status(Reason::Unclaimed),
        "HAZARDOUS_PROHIBITED"
        | "INCORRECT_DECLARATION"
        | "PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY" => Status(Reason::RejectedByCarrier),
        "DELIVERED_DAMAGED" | "PARCEL_DAMAGED" => Status(Reason::Damaged),
        "PARCEL_DISPOSED" => Status(Reason::Disposed),
        "PARCEL_LOST" => Status(Reason::Lost),
        "NOT_DELIVERED_ADDRESSEE_DECEASED" => Status(Reason::ExceptionGeneric),
        "NOT_DELIVERED" | "RETURN_TO_SENDER" => Status(Reason::ToSender),
        "CANCELLED" | "CANCELLED_BEFORE_DESPATCH" => Status(Reason::Voided),
        // Nothing of where it is; of a delivery in part the rest is on its way.
        "CARRIER_STATUS_NOT_MAPPED"
        | "DELIVERED_IN_PART"
        | "INFORMATION"
        | "PARCEL_OVER_LABELLED"
        | "PARCEL_UPDATE_NOTIFICATION"
        | "PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL"
        | "PARCEL_UPDATE_NOTIFICATION_VIA_SMS"
        | "POST_TRANSIT_STATUS" => Note,
        _ => Unknown,
    }
}

fn of_status(status: &str) -> ScanMeaning {
    match status.to_ascii_uppercase().as_str() {
        "AC" => Status(Reason::Accepted),
        "IT" => Status(Reason::Moving),
        "DE" => Status(Reason::DeliveredGeneric),
        "SP" => Status(Reason::Ready),
        "AT" => Status(Reason::AttemptGeneric),
        "EX" => Status(Reason::ExceptionGeneric),
        "NY" => Status(Reason::NoInfo),
        "UN" => Note,
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_detail_decides_and_a_new_one_is_guessed_only_where_it_does_no_harm() {
        assert_eq!(
            map_meaning("EX", "CARRIER_DELAYS"),
            Delay(DelayReason::Carrier)
        );
        assert_eq!(map_meaning("EX", "TELEPORTED"), Unknown);
        assert_eq!(map_meaning("IT", "TELEPORTED"), Status(Reason::Moving));
        assert_eq!(map_meaning("UN", ""), Note);
        assert_eq!(map_meaning("IT", "PROOF_OF_DELIVERY"), Note);
        assert_eq!(
            map_meaning("DE", "DELIVERED_TO_LOCKER_COLLECTION_POINT"),
            Status(Reason::Ready)
        );
    }
}
