//! What the list of DHL eCommerce in the Americas and Asia says besides, by the number of
//! each event; many of its answers hold the words without the number.

use super::PhraseGroup;
use posthorn_domain::{
    scan::ScanMeaning::{Delay, Note, Status},
    status::{DelayReason, Reason},
};

pub(super) const PHRASES: &[PhraseGroup] = &[
    (
        Note,
        &[
            "approaching pick up location",
            "approaching return pick up location",
            "cod amount deposited",
            "cod amount remitted",
            "dn received",
            "dn send",
            "duty/tax payment not collected. package will be sent for processing and customs may request payment",
            "out for parcel collection",
            "paper pod has been successfully delivered",
            "paper pod return processed to facility",
            "paper pod return shipment was not delivered",
            "parcel authorized to leave",
            "pick up rescheduled",
            "piece but no data",
            "rescheduled by request from consignee",
            "the shipment information is edited",
            "unsuccessful collection attempt",
            "unsuccessful return pickup",
        ],
    ),
    (
        Delay(DelayReason::Carrier),
        &["handover to service point failed"],
    ),
    (
        Status(Reason::Accepted),
        &[
            "partner event - shipment picked up by shipping partner",
            "physical package received with no electronic data",
        ],
    ),
    (
        Status(Reason::ArrivalScan),
        &["partner event - shipment has arrived at partner facility"],
    ),
    (Status(Reason::BadAddress), &["vacant"]),
    (Status(Reason::CashOnDelivery), &["cod amount collected"]),
    (
        Status(Reason::CustomsProcessing),
        &[
            "parcel held for exam - partner",
            "partner event - arrived at customs facility",
        ],
    ),
    (
        Status(Reason::CustomsReleased),
        &["partner event - departed customs facility"],
    ),
    (
        Status(Reason::DepartureScan),
        &[
            "partner event - departed partner facility",
            "shipment uplift success",
        ],
    ),
    (
        Status(Reason::Disposed),
        &["undelivered - processes for local disposal"],
    ),
    (
        Status(Reason::ExceptionGeneric),
        &[
            "dead letter",
            "deceased",
            "held in facility - awaiting instructions",
            "return delivery failed",
        ],
    ),
    (
        Status(Reason::Label),
        &["available for delivery to dhl distribution center"],
    ),
    (Status(Reason::Moved), &["forward expired"]),
    (
        Status(Reason::Moving),
        &[
            "item or sack scanned by usps",
            "package screened successfully",
            "shipment accepted by usps",
        ],
    ),
    (
        Status(Reason::Neighbor),
        &["delivered at residential concierge"],
    ),
    (Status(Reason::NotHome), &["consignee on holiday"]),
    (Status(Reason::PaymentDue), &["cod not ready"]),
    (
        Status(Reason::Ready),
        &[
            "delivered to pick-up location  customer notified",
            "shipment handed over to local customs office",
        ],
    ),
    (
        Status(Reason::Received),
        &["return handed out at service point", "returned to customer"],
    ),
    (
        Status(Reason::Refused),
        &["duties and tax payment refused by consignee"],
    ),
    (
        Status(Reason::RejectedByCarrier),
        &["package screening exception - cannot be shipped international"],
    ),
    (Status(Reason::Resolved), &["parcel recover"]),
    (
        Status(Reason::ToSender),
        &[
            "arrived at origin return facility",
            "attempted return delivery",
            "departed return facility",
            "enroute to origin return facility",
            "out for return",
            "package screening exception - returning to shipper",
            "shipment recalled by sender",
            "successful return pickup",
        ],
    ),
    (Status(Reason::Unclaimed), &["uncontactable"]),
];
