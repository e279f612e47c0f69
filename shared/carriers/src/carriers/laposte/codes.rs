//! What La Poste's codes mean: the nineteen that Suivi v2 publishes.

use posthorn_domain::{
    scan::ScanMeaning::{self, Status},
    status::Reason,
};

/// What an event says.
pub(super) fn map_event(code: &str) -> ScanMeaning {
    match code.to_ascii_uppercase().as_str() {
        // Announced.
        "DR1" => Status(Reason::Label),
        // Taken in charge; also abroad, by the post that sends it.
        "PC1" | "PC2" => Status(Reason::Accepted),
        // Being processed: at home, where it was sent, or in transit; and
        // waiting to be presented.
        "ET1" | "ET2" | "ET4" | "EP1" => Status(Reason::Moving),
        // Being processed where it goes to.
        "ET3" => Status(Reason::ArrivedDestination),
        "DO1" => Status(Reason::CustomsProcessing),
        "DO2" => Status(Reason::CustomsReleased),
        // Held by customs, and no word of what for.
        "DO3" => Status(Reason::Security),
        "PB1" => Status(Reason::ExceptionGeneric),
        "PB2" => Status(Reason::Resolved),
        "MD2" => Status(Reason::Today),
        // Could not be distributed, and no word of why.
        "ND1" => Status(Reason::AttemptGeneric),
        "AG1" => Status(Reason::Ready),
        "RE1" => Status(Reason::ToSender),
        "DI1" => Status(Reason::DeliveredGeneric),
        // Distributed to the sender.
        "DI2" => Status(Reason::Received),
        _ => ScanMeaning::Unknown,
    }
}

/// What the last done of the five steps says. The fifth is the end of the
/// journey, whichever it is, and says nothing without its event.
pub(super) fn map_step(id: &str) -> Option<Reason> {
    match id {
        "1" => Some(Reason::Label),
        "2" => Some(Reason::Accepted),
        "3" | "4" => Some(Reason::Moving),
        _ => None,
    }
}
