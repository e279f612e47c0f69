//! What SF's operation codes (`opCode`) mean, all that it publishes.

use crate::reading::scans::agree_with_status;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What a point of a route means. SF gives a coarser status besides its
/// operation code, and a reason to those who have subscribed to it.
pub(super) fn map_meaning(code: &str, reason: &str, first_status: &str) -> ScanMeaning {
    let meaning = match (code, reason) {
        // "Not delivered" for this reason is a shipment called off.
        ("70", "46") => return Status(Reason::Voided),
        _ => map_operation(code),
    };
    match (meaning, first_status) {
        // Left in a locker, it is `80` with the status of waiting there.
        (Status(Reason::Signed), "" | "4") => meaning,
        (Status(Reason::Signed), "13") => Status(Reason::Ready),
        (Status(Reason::Signed) | Unknown, status) => by_first_status(status),
        (meaning, status) => agree_with_status(meaning, by_first_status(status).shipment_status()),
    }
}

/// Whether an operation is in no list, so that at most its status tells what it means.
pub(super) fn is_new(code: &str) -> bool {
    map_operation(code) == Unknown
}

/// Collected, on the way, on the vehicle, signed for: the four that are certain.
fn by_first_status(status: &str) -> ScanMeaning {
    Status(match status {
        "1" => Reason::Accepted,
        "2" => Reason::Moving,
        "3" => Reason::Today,
        "4" => Reason::Signed,
        _ => return Unknown,
    })
}

fn map_operation(code: &str) -> ScanMeaning {
    let reason = match code {
        // The sender gets it ready, in a warehouse of SF or in a locker.
        "127" | "138" | "141" | "201" | "205" | "206" | "646" | "647" => Reason::Label,
        "43" | "50" | "51" | "54" | "129" | "188" | "214" | "607" | "651" | "655" | "700"
        | "701" | "850" | "851" | "950" => Reason::Accepted,
        // Loaded, handed over, shuttled between legs.
        "30" | "34" | "41" | "46" | "47" | "64" | "65" | "86" | "123" | "136" | "147" | "153"
        | "186" | "189" | "190" | "202" | "208" | "407" | "626" | "627" | "633" | "634" | "643"
        | "649" | "656" | "657" | "847" | "921" | "930" | "932" | "3036" => Reason::Moving,
        "10" | "36" | "88" | "96" | "105" | "302" | "304" | "405" | "570" | "830" => {
            Reason::DepartureScan
        }
        "11" | "31" | "87" | "89" | "106" | "137" | "187" | "406" | "571" | "605" | "831"
        | "843" | "931" => Reason::ArrivalScan,
        "15" | "16" | "17" | "18" | "604" | "612" | "619" | "620" | "621" => {
            Reason::CustomsProcessing
        }
        "14" | "606" | "623" => Reason::CustomsReleased,
        // Released once the missing tax is paid.
        "613" => Reason::PaymentDue,
        "44" | "122" | "154" | "204" | "211" | "212" | "630" | "658" | "677" | "844" | "880"
        | "933" => Reason::Today,
        // In a locker, at a shop of SF or another station.
        "125" | "130" | "642" | "678" => Reason::Ready,
        "33" | "70" | "126" => Reason::AttemptGeneric,
        "80" | "97" | "935" | "8000" => Reason::Signed,
        "128" | "679" => Reason::Collected,
        "72" | "611" | "934" => Reason::ExceptionGeneric,
        "99" => Reason::Forwarded,
        "631" => Reason::ToSender,
        // Given back to the customer who had sent it.
        "215" | "660" => Reason::Received,
        // Held up in a depot.
        "66" | "77" | "833" => return Delay(DelayReason::Carrier),
        "614" => return Delay(DelayReason::Customs),
        // Records, weighings, bookings, appointments of fitters; and 648, which
        // is going back or elsewhere under a new number (`read::map_renumbering`).
        "75" | "84" | "98" | "131" | "135" | "140" | "151" | "152" | "632" | "648" | "664"
        | "676" | "870" | "900" => return Note,
        _ => return Unknown,
    };
    Status(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_locker_is_not_the_recipient() {
        assert_eq!(map_meaning("80", "", "4"), Status(Reason::Signed));
        assert_eq!(map_meaning("80", "", ""), Status(Reason::Signed));
        assert_eq!(map_meaning("80", "", "13"), Status(Reason::Ready));
        assert_eq!(map_meaning("80", "", "99"), Unknown);
        assert_eq!(map_meaning("125", "", "3"), Status(Reason::Ready));
    }

    #[test]
    fn an_unheard_operation_falls_back_to_its_status_and_then_to_unknown() {
        assert_eq!(map_meaning("310", "", "2"), Status(Reason::Moving));
        assert_eq!(map_meaning("310", "", "9"), Unknown);
        assert_eq!(map_meaning("", "", ""), Unknown);
    }

    #[test]
    fn a_reason_may_turn_a_failed_delivery_into_a_cancellation() {
        assert_eq!(map_meaning("70", "", "3"), Status(Reason::AttemptGeneric));
        assert_eq!(map_meaning("70", "46", ""), Status(Reason::Voided));
    }
}
