//! What GLS's codes mean.
//!
//! The twelve statuses of a shipment are published whole. Of the event codes,
//! which `/tracking/events/codes` serves to customers, these are the ones that
//! the specification shows or that answers are known to hold; the others are
//! unknown, and then the shipment's status speaks.

use posthorn_domain::{
    scan::ScanMeaning::{self, Note, Status},
    status::Reason,
};

/// What the status of a shipment says.
pub(super) fn map_status(status: &str) -> ScanMeaning {
    match status.to_ascii_uppercase().as_str() {
        // None of these four has the shipment at GLS: a failed collection leaves
        // it where it was.
        "PREADVICE" | "PLANNEDPICKUP" | "INPICKUP" | "NOTPICKEDUP" => Status(Reason::Label),
        "INTRANSIT" => Status(Reason::Moving),
        "INWAREHOUSE" => Status(Reason::ArrivalScan),
        "INDELIVERY" => Status(Reason::Today),
        // In the parcel shop, where the recipient collects it.
        "DELIVEREDPS" => Status(Reason::Ready),
        "DELIVERED" => Status(Reason::DeliveredGeneric),
        "NOTDELIVERED" => Status(Reason::AttemptGeneric),
        "CANCELED" => Status(Reason::Voided),
        // The history is closed, however it ended.
        "FINAL" => Note,
        _ => ScanMeaning::Unknown,
    }
}

/// What an event says.
pub(super) fn map_event(code: &str) -> ScanMeaning {
    match code.to_ascii_uppercase().as_str() {
        "INTIAL.PREADVICE" | "INTIAL.E48_DATA" => Status(Reason::Label),
        "INTIAL.NORMAL" => Status(Reason::Accepted),
        "INBOUD.NORMAL" => Status(Reason::ArrivalScan),
        "OUTBOD.NORMAL" => Status(Reason::DepartureScan),
        "OUTDEL.NORMAL" => Status(Reason::Today),
        "DELIVD.NORMAL" | "DELIVD.POD" | "DELIVD.NO POD" => Status(Reason::DeliveredGeneric),
        "DELIVD.PARCELSHOP" => Status(Reason::Ready),
        // The recipient took it in the shop, proved by the shop's app.
        "DELIVD.DEL_BY_PSAPP" => Status(Reason::Collected),
        // The recipient chose another address or a locker; it is not there yet.
        "CHANGD.MONEWADDR" | "CHANGD.PARCELBOX" => Status(Reason::Forwarded),
        "CANCEL.NORMAL" => Status(Reason::Voided),
        _ => ScanMeaning::Unknown,
    }
}
