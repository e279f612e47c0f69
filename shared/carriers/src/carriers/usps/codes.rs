//! What USPS's events mean.
//!
//! An event has a code (Publication 199, appendix G; Publication 97, appendix I)
//! and a name. The name says more: code `01` is "Delivered, In/At Mailbox" as
//! well as "Delivered, To Original Sender", and code `10` is any scan of a sorting
//! machine. So the name is read first, by how USPS's names begin, and the code
//! where the name is none of these. The codes are those of the tables in
//! Publication 97 and those seen in answers; the codes that international posts
//! use are many more and come with one of the names.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an event means.
pub(super) fn map_meaning(code: &str, name: &str) -> ScanMeaning {
    by_name(name).or_else(|| by_code(code)).unwrap_or(Unknown)
}

/// What the name of an event or of a status means.
pub(super) fn by_name(name: &str) -> Option<ScanMeaning> {
    NAMES
        .iter()
        .find(|(beginning, _)| begins_with(name, beginning))
        .map(|(_, meaning)| *meaning)
}

/// What the category means that USPS puts a shipment into.
pub(super) fn by_category(category: &str) -> Option<Reason> {
    Some(match category.to_ascii_lowercase().as_str() {
        "pre-shipment" | "usps awaiting item" => Reason::Label,
        "accepted" => Reason::Accepted,
        "in transit" | "in-transit" | "moving through network" => Reason::Moving,
        "out for delivery" | "out-for-delivery" => Reason::Today,
        "available for pickup" => Reason::Ready,
        "delivery attempt" | "delivery attempt: action needed" => Reason::AttemptGeneric,
        "delivered" => Reason::DeliveredGeneric,
        "delivered to agent" => Reason::Neighbor,
        "return to sender" => Reason::ToSender,
        "alert" => Reason::ExceptionGeneric,
        _ => return None,
    })
}

fn begins_with(name: &str, beginning: &str) -> bool {
    name.get(..beginning.len())
        .is_some_and(|head| head.eq_ignore_ascii_case(beginning))
}

/// How the names begin; the longer of two stands before the shorter.
const NAMES: &[(&str, ScanMeaning)] = &[
    ("In Transit, Arriving Late", Delay(DelayReason::Carrier)),
    ("In Transit", Status(Reason::Moving)),
    ("Arriv", Status(Reason::ArrivalScan)),
    ("Depart", Status(Reason::DepartureScan)),
    ("Processed", Status(Reason::Moving)),
    ("Processing Exception, Weather", Delay(DelayReason::Weather)),
    (
        "Processing Exception, Local Weather",
        Delay(DelayReason::Weather),
    ),
    (
        "Processing Exception, Regional Weather",
        Delay(DelayReason::Weather),
    ),
    ("Processing Exception", Delay(DelayReason::Carrier)),
    ("Out for Delivery", Status(Reason::Today)),
    ("Sorting Complete", Status(Reason::Moving)),
    ("Moving Through Network", Status(Reason::Moving)),
    ("Shipping Label Created", Status(Reason::Label)),
    ("Pre-Shipment", Status(Reason::Label)),
    ("Electronic Shipping Info", Status(Reason::Label)),
    ("Origin Post is Preparing", Status(Reason::Label)),
    ("Merchant Order Receipt", Status(Reason::Label)),
    ("Label Cancelled", Status(Reason::Voided)),
    ("Accept", Status(Reason::Accepted)),
    ("USPS in possession", Status(Reason::Accepted)),
    ("USPS picked up item", Status(Reason::Accepted)),
    ("Shipment Received", Status(Reason::Accepted)),
    ("Picked Up by Shipping Partner", Status(Reason::Accepted)),
    ("Tendered to Postal Service", Status(Reason::Moving)),
    ("Delivered, To Original Sender", Status(Reason::Received)),
    ("Delivered to Original Sender", Status(Reason::Received)),
    ("Delivered, Individual Picked Up", Status(Reason::Collected)),
    ("Delivered, Neighbor", Status(Reason::Neighbor)),
    // He brings it, or it lies with him: it has not arrived.
    (
        "Delivered to Agent for Final Delivery",
        Status(Reason::Moving),
    ),
    (
        "Delivered, To Agent for Final Delivery",
        Status(Reason::Moving),
    ),
    // An agent who takes mail for the recipient; USPS says no more after it.
    ("Delivered to Agent", Status(Reason::Neighbor)),
    ("Delivered, To Agent", Status(Reason::Neighbor)),
    // A parcel locker is a part of the recipient's own mailboxes.
    ("Delivered", Status(Reason::DeliveredGeneric)),
    ("Delivery Attempted - No Access", Status(Reason::Access)),
    ("Delivery Attempt", Status(Reason::AttemptGeneric)),
    ("Delivery Exception, Animal", Status(Reason::Access)),
    (
        "Delivery Exception, Local Weather",
        Delay(DelayReason::Weather),
    ),
    ("Delivery Exception", Status(Reason::ExceptionGeneric)),
    ("Delivery Status Not Updated", Note),
    ("Awaiting Delivery Scan", Note),
    (
        "Notice Left (No Authorized Recipient",
        Status(Reason::NotHome),
    ),
    ("Notice Left (No Secure Location", Status(Reason::Access)),
    ("Notice Left (Receptacle", Status(Reason::Access)),
    ("Notice Left (Business Closed", Status(Reason::Closed)),
    ("Notice Left", Status(Reason::AttemptGeneric)),
    ("No Authorized Recipient", Status(Reason::NotHome)),
    ("No Secure Location", Status(Reason::Access)),
    ("No Access", Status(Reason::Access)),
    ("Receptacle", Status(Reason::Access)),
    ("Business Closed", Status(Reason::Closed)),
    ("Addressee Not Available", Status(Reason::NotHome)),
    ("Attempted Delivery", Status(Reason::AttemptGeneric)),
    ("Missed Delivery", Status(Reason::AttemptGeneric)),
    ("Reminder to", Note),
    ("Redelivery Scheduled", Note),
    ("Rescheduled", Delay(DelayReason::Carrier)),
    ("Available for Returns Agent", Status(Reason::ToSender)),
    ("Tendered to Returns Agent", Status(Reason::ToSender)),
    ("Available for", Status(Reason::Ready)),
    ("Collect for Pick", Status(Reason::Ready)),
    ("Held at Post Office", Status(Reason::Ready)),
    ("Held in Customs", Status(Reason::CustomsProcessing)),
    (
        "Customs Clearance Processing Complete",
        Status(Reason::CustomsReleased),
    ),
    ("Inbound Out of Customs", Status(Reason::CustomsReleased)),
    ("Released from US Customs", Status(Reason::CustomsReleased)),
    ("Customs Clearance", Status(Reason::CustomsProcessing)),
    ("Inbound Into Customs", Status(Reason::CustomsProcessing)),
    ("International Dispatch", Status(Reason::DepartedOrigin)),
    (
        "Dispatched from USPS International",
        Status(Reason::DepartedOrigin),
    ),
    ("Dispatch", Status(Reason::DepartureScan)),
    ("Forward Expired", Status(Reason::Moved)),
    ("Forward", Status(Reason::Forwarded)),
    ("Missent", Delay(DelayReason::Carrier)),
    ("Mis-shipped", Delay(DelayReason::Carrier)),
    ("Moved, Left No Address", Status(Reason::Moved)),
    ("No Such Number", Status(Reason::BadAddress)),
    ("Insufficient Address", Status(Reason::BadAddress)),
    ("Addressee Unknown", Status(Reason::BadAddress)),
    ("Undeliverable as Addressed", Status(Reason::BadAddress)),
    ("Bad Address", Status(Reason::BadAddress)),
    ("Vacant", Status(Reason::BadAddress)),
    ("Refused", Status(Reason::Refused)),
    ("Payment of Charges", Status(Reason::PaymentDue)),
    ("Unclaimed/Being Returned", Status(Reason::ToSender)),
    ("Unclaimed", Status(Reason::Unclaimed)),
    ("Return to Sender", Status(Reason::ToSender)),
    ("Deceased", Status(Reason::ToSender)),
    ("Intercepted", Status(Reason::ToSender)),
    ("Customer Recall", Status(Reason::ToSender)),
    ("Sent to Mail Recovery", Status(Reason::Lost)),
    ("Dead Letter", Status(Reason::Lost)),
    ("Dead Mail", Status(Reason::Disposed)),
    ("Disposed", Status(Reason::Disposed)),
    ("Return Receipt", Note),
];

fn by_code(code: &str) -> Option<ScanMeaning> {
    Some(match code.to_ascii_uppercase().as_str() {
        "GX" | "MA" | "89" => Status(Reason::Label),
        "03" | "AD" | "OA" | "PA" | "TM" | "UA" | "80" => Status(Reason::Accepted),
        "07" | "14" | "19" | "41" | "81" | "A1" => Status(Reason::ArrivalScan),
        "82" | "EF" | "SF" | "T1" => Status(Reason::DepartureScan),
        "10" | "42" | "83" | "NT" | "PC" | "TL" => Status(Reason::Moving),
        "OF" => Status(Reason::Today),
        "16" => Status(Reason::Ready),
        "01" => Status(Reason::DeliveredGeneric),
        "43" => Status(Reason::Collected),
        "02" | "52" => Status(Reason::AttemptGeneric),
        "51" => Status(Reason::Closed),
        "30" | "53" | "54" | "55" => Status(Reason::Access),
        "56" => Status(Reason::NotHome),
        "04" => Status(Reason::Refused),
        "05" | "21" | "22" | "25" | "26" => Status(Reason::BadAddress),
        "23" | "24" => Status(Reason::Moved),
        "06" => Status(Reason::Forwarded),
        "27" => Status(Reason::Unclaimed),
        "09" | "28" | "29" | "31" | "44" => Status(Reason::ToSender),
        "11" => Status(Reason::Lost),
        "08" | "15" | "71" => Delay(DelayReason::Carrier),
        // No scan since it went out; a receipt; an agent of the recipient or,
        // for returns, of the shop.
        "DX" | "GC" | "17" => Note,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_hides_a_longer_one() {
        for (index, (name, _)) in NAMES.iter().enumerate() {
            let earlier = NAMES[..index]
                .iter()
                .find(|(earlier, _)| begins_with(name, earlier));
            assert_eq!(earlier, None, "before {name}");
        }
    }

    #[test]
    fn the_name_says_more_than_the_code() {
        assert_eq!(
            map_meaning("01", "Delivered, To Original Sender"),
            Status(Reason::Received)
        );
        assert_eq!(
            map_meaning("10", "ARRIVED AT USPS REGIONAL ORIGIN FACILITY"),
            Status(Reason::ArrivalScan)
        );
        assert_eq!(map_meaning("10", "Something new"), Status(Reason::Moving));
        assert_eq!(map_meaning("Q1", "Something new"), Unknown);
        assert_eq!(map_meaning("", ""), Unknown);
    }
}
