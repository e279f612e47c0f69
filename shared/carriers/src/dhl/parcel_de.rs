//! DHL Paket: its standard events, which both Parcel DE and Shipment Tracking Unified give.

use super::Table;
use posthorn_domain::{
    scan::Meaning::{Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// All 16. Alone they are coarse: `BV` is anything from a new label to a loss, and
/// most of it passes; `LA` is a shelf in any building.
pub(crate) static STANDARD_EVENTS: Table = &[
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
