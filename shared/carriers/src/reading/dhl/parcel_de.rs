//! DHL Paket: its standard events, which both Parcel DE and Shipment Tracking Unified give.

use super::CodeTable;
use posthorn_domain::{
    scan::ScanMeaning::{Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// All 16. Alone they are coarse: `BV` is anything from a new label to a loss, and
/// most of it passes; `LA` is a shelf in any building.
pub(crate) static STANDARD_EVENTS: CodeTable = &[
    ("AA", Status(Reason::DepartureScan)),
    ("AE", Status(Reason::Accepted)),
    ("AN", Note),
    ("BV", Delay(DelayReason::Carrier)),
    ("DD", Note),
    ("EE", Status(Reason::ArrivalScan)),
    ("ES", Status(Reason::Accepted)),
    ("GT", Note),
    ("LA", Note),
    ("NB", Status(Reason::Moving)),
    ("PO", Status(Reason::Today)),
    ("VA", Status(Reason::Label)),
    ("ZF", Status(Reason::Ready)),
    ("ZN", Status(Reason::AttemptGeneric)),
    ("ZO", Status(Reason::CustomsProcessing)),
    ("ZU", Status(Reason::DeliveredGeneric)),
];
