//! What Australia Post's words mean. Its events have no codes and its statuses
//! are texts; neither is published as a list. These are the ones that the
//! documentation shows or that answers are known to hold; the others are
//! unknown.

use posthorn_domain::{
    scan::Meaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// What the status of an article or a consignment says.
pub(super) fn status(text: &str) -> Meaning {
    match text.to_ascii_lowercase().as_str() {
        "created" | "sealed" | "initiated" | "manifested" | "started" | "pending" => {
            Status(Reason::Label)
        }
        "lodged" | "accepted by driver" => Status(Reason::Accepted),
        "in transit" | "despatched" | "processing" | "transferred" => Status(Reason::Moving),
        "on board for delivery" | "onboard for delivery" | "onboard with driver" => {
            Status(Reason::Today)
        }
        "awaiting collection" | "ready for pickup" => Status(Reason::Ready),
        "attempted delivery" | "unsuccessful delivery" => Status(Reason::AttemptGeneric),
        "delivered" | "delivered in full" | "item delivered" => Status(Reason::DeliveredGeneric),
        "article damaged" => Status(Reason::Damaged),
        "held by courier" | "cannot be delivered" | "undeliverable" => {
            Status(Reason::ExceptionGeneric)
        }
        "contact sender" | "not compliant" => Status(Reason::RejectedByCarrier),
        "returning to sender" => Status(Reason::ToSender),
        "returned" => Status(Reason::Received),
        "cancelled" => Status(Reason::Voided),
        "possible delay" | "to be re-delivered" => Delay(DelayReason::Carrier),
        // The collection at the sender's failed; and no status at all.
        "unsuccessful pickup" | "unknown" => Note,
        _ => Meaning::Unknown,
    }
}

/// What an event says.
pub(super) fn event(text: &str) -> Meaning {
    let text = text.to_ascii_lowercase();
    match text.as_str() {
        "shipping information received by australia post"
        | "shipping information approved by australia post" => Status(Reason::Label),
        "received by australia post" | "received item from sender (outbound)" => {
            Status(Reason::Accepted)
        }
        "arrived at facility"
        | "item processed at facility"
        | "processed through australia post facility"
        | "processed at export facility" => Status(Reason::ArrivalScan),
        "departed facility" => Status(Reason::DepartureScan),
        "despatch parcels from export facility" => Status(Reason::DepartedOrigin),
        "processed by air carrier" | "cleared and awaiting international departure" => {
            Status(Reason::Moving)
        }
        "arrived at facility in destination country" => Status(Reason::ArrivedDestination),
        "arrived awaiting clearance (inbound)" | "item is in customs" => {
            Status(Reason::CustomsProcessing)
        }
        "item cleared by customs" => Status(Reason::CustomsReleased),
        "with australia post for delivery today" => Status(Reason::Today),
        "delivered - left in a safe place" => Status(Reason::DeliveredGeneric),
        // The recipient wishes it; it is not there yet.
        "receiver requested safe drop" => Note,
        // With the name of the next suburb, or of the country.
        text if text.starts_with("in transit to next facility") => Status(Reason::Moving),
        text if text.starts_with("arrived in ") => Status(Reason::ArrivalScan),
        text => status(text),
    }
}
