//! What CDEK's codes mean: statuses, their reasons and problems of delivery,
//! from the appendices of its API, with the names and numbers of older editions.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a status means that CDEK may have taken back.
pub(super) fn map_standing(code: &str, reason: &str, deleted: &str) -> ScanMeaning {
    if deleted.eq_ignore_ascii_case("true") || deleted == "1" {
        ScanMeaning::Withdrawn
    } else {
        map_status(code, reason)
    }
}

/// Whether the reason of a status is in no list: then the status alone tells.
pub(super) fn is_new(code: &str, reason: &str) -> bool {
    let explains = matches!(code, "NOT_DELIVERED" | "5") && !reason.is_empty();
    explains && !matches!(reason.parse(), Ok(1..=34_u16))
}

/// What a delay is for, of which there is no list but only words.
pub(super) fn delay_reason(description: &str) -> ScanMeaning {
    let description = description.to_lowercase();
    let says = |stems: &[&str]| stems.iter().any(|stem| description.contains(stem));
    Delay(
        if says(&["погод", "шторм", "снег", "паводок", "наводнен", "метел"])
        {
            DelayReason::Weather
        } else if says(&["тамож"]) {
            DelayReason::Customs
        } else if says(&["рейс", "авиа", "самолет", "самолёт", "аэропорт"])
        {
            DelayReason::Flight
        } else if says(&["форс", "дорог", "чрезвычайн", "границ", "огранич"])
        {
            DelayReason::External
        } else {
            DelayReason::Carrier
        },
    )
}

/// What a status means. `RETURNED_TO_…` is back in a warehouse on its way, not
/// back to the sender, as CDEK stresses.
pub(super) fn map_status(code: &str, reason: &str) -> ScanMeaning {
    let reason = match code.to_ascii_uppercase().as_str() {
        "ACCEPTED" | "CREATED" | "1" => Reason::Label,
        "REMOVED" | "2" => Reason::Voided,
        "INVALID" => Reason::RejectedByCarrier,
        "RECEIVED_AT_SHIPMENT_WAREHOUSE" | "RECEIVED_AT_SENDER_WAREHOUSE" | "3" => Reason::Accepted,
        "READY_FOR_SHIPMENT_IN_SENDER_CITY"
        | "READY_TO_SHIP_AT_SENDING_OFFICE"
        | "6"
        | "READY_FOR_SHIPMENT_IN_TRANSIT_CITY"
        | "READY_TO_SHIP_IN_TRANSIT_OFFICE"
        | "19"
        | "SENT_TO_TRANSIT_CITY"
        | "SEND_TO_TRANSIT_OFFICE"
        | "21"
        | "SENT_TO_SENDER_CITY"
        | "SEND_TO_SENDING_OFFICE"
        | "27"
        | "SENT_TO_RECIPIENT_CITY"
        | "SEND_TO_RECIPIENT_OFFICE"
        | "8"
        | "PASSED_TO_TRANSIT_CARRIER" => Reason::Moving,
        "TAKEN_BY_TRANSPORTER_FROM_SENDER_CITY"
        | "PASSED_TO_CARRIER_AT_SENDING_OFFICE"
        | "7"
        | "TAKEN_BY_TRANSPORTER_FROM_TRANSIT_CITY"
        | "PASSED_TO_CARRIER_AT_TRANSIT_OFFICE"
        | "20" => Reason::DepartureScan,
        "RETURNED_TO_SENDER_CITY_WAREHOUSE"
        | "RETURNED_TO_SENDER_WAREHOUSE"
        | "16"
        | "ACCEPTED_IN_TRANSIT_CITY"
        | "MET_AT_TRANSIT_OFFICE"
        | "22"
        | "ACCEPTED_AT_TRANSIT_WAREHOUSE"
        | "ACCEPTED_TO_OFFICE_TRANSIT_WAREHOUSE"
        | "13"
        | "RETURNED_TO_TRANSIT_WAREHOUSE"
        | "17"
        | "ENTERED_TO_TRANSIT_WAREHOUSE"
        | "ENTERED_TO_OFFICE_TRANSIT_WAREHOUSE"
        | "ACCEPTED_IN_SENDER_CITY"
        | "MET_AT_SENDING_OFFICE"
        | "28"
        | "ACCEPTED_IN_RECIPIENT_CITY"
        | "ARRIVED_AT_RECIPIENT_CITY"
        | "MET_AT_RECIPIENT_OFFICE"
        | "9"
        | "ACCEPTED_AT_RECIPIENT_CITY_WAREHOUSE"
        | "ACCEPTED_AT_DELIVERY_WAREHOUSE"
        | "10"
        | "ENTERED_TO_RECIPIENT_CITY_WAREHOUSE"
        | "ENTERED_TO_DELIVERY_WAREHOUSE"
        | "ENTERED_TO_PICK_UP_POINT"
        | "ENTERED_TO_WAREHOUSE_ON_DEMAND" => Reason::ArrivalScan,
        "IN_CUSTOMS_INTERNATIONAL" | "IN_CUSTOMS_LOCAL" => Reason::CustomsProcessing,
        "CUSTOMS_COMPLETE" => Reason::CustomsReleased,
        "SHIPPED_TO_DESTINATION" => Reason::DepartedOrigin,
        "ACCEPTED_AT_PICK_UP_POINT"
        | "ACCEPTED_AT_WAREHOUSE_ON_DEMAND"
        | "12"
        | "POSTOMAT_POSTED" => Reason::Ready,
        "TAKEN_BY_COURIER" | "ISSUED_FOR_DELIVERY" | "11" => Reason::Today,
        // The courier brought it back and will try again.
        "RETURNED_TO_RECIPIENT_CITY_WAREHOUSE" | "RETURNED_TO_DELIVERY_WAREHOUSE" | "18" => {
            Reason::AttemptGeneric
        }
        "DELIVERED" | "4" => Reason::DeliveredGeneric,
        "POSTOMAT_RECEIVED" => Reason::Collected,
        // Its time in the locker is over, the courier took it out.
        "POSTOMAT_SEIZED" => Reason::ToSender,
        "NOT_DELIVERED" | "5" => return not_delivered(reason),
        _ => return Unknown,
    };
    Status(reason)
}

/// Not delivered and going back, whether the address was wrong, no answer came,
/// it was refused or its time was over (1–19, 21–25, 31–34); unless there is
/// nothing left that could go back.
fn not_delivered(reason: &str) -> ScanMeaning {
    Status(match reason {
        "26" => Reason::Lost,
        "27" => Reason::Disposed,
        _ => Reason::ToSender,
    })
}

/// What a problem of delivery means.
pub(super) fn map_problem(code: &str) -> ScanMeaning {
    Status(match code {
        // A wrong telephone number.
        "1" => Reason::Unclaimed,
        "11" | "40" | "52" => Reason::Refused,
        "13" => Reason::NotHome,
        "17" => Reason::Closed,
        // Another address, another city, or a pick-up point instead.
        "19" | "46" | "56" => Reason::Forwarded,
        // A full or broken locker, or the pick-up point does not take it.
        "37" | "38" | "54" | "57" => Reason::AttemptGeneric,
        // Too large for the locker, a pass or a fee at the gate, no identity card.
        "39" | "42" | "43" | "44" | "45" => Reason::Access,
        "47" | "48" => Reason::BadAddress,
        "49" => Reason::RejectedByCarrier,
        // The shipment cannot be found, which may change.
        "55" => Reason::ExceptionGeneric,
        // Not ready, or the courier is not in time.
        "9" | "35" => return Delay(DelayReason::Carrier),
        // The recipient comes himself, calls the courier off or agrees on other hours.
        "36" | "41" | "53" => return Note,
        _ => return Unknown,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn returned_to_a_warehouse_is_no_return() {
        assert_eq!(
            map_status("RETURNED_TO_SENDER_CITY_WAREHOUSE", ""),
            Status(Reason::ArrivalScan)
        );
        assert_eq!(
            map_status("RETURNED_TO_RECIPIENT_CITY_WAREHOUSE", ""),
            Status(Reason::AttemptGeneric)
        );
    }

    #[test]
    fn one_word_lies_between_collected_and_going_back() {
        assert_eq!(
            map_status("POSTOMAT_RECEIVED", ""),
            Status(Reason::Collected)
        );
        assert_eq!(map_status("POSTOMAT_SEIZED", ""), Status(Reason::ToSender));
    }

    #[test]
    fn not_delivered_goes_back_unless_nothing_is_left() {
        assert_eq!(map_status("NOT_DELIVERED", "11"), Status(Reason::ToSender));
        assert_eq!(map_status("NOT_DELIVERED", ""), Status(Reason::ToSender));
        assert_eq!(map_status("NOT_DELIVERED", "26"), Status(Reason::Lost));
        assert_eq!(map_status("5", "27"), Status(Reason::Disposed));
    }

    #[test]
    fn a_new_code_is_unknown() {
        assert_eq!(map_status("TELEPORTED", ""), Unknown);
        assert_eq!(map_status("", ""), Unknown);
        assert_eq!(map_problem("99"), Unknown);
    }
}
