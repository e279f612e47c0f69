//! What follows a known beginning: the reason, or where a shipment was left.

use super::contains_part;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason, ShipmentStatus},
};

/// A meaning and words of which any one stands for it.
type Sign = (ScanMeaning, &'static [&'static str]);

/// Why a shipment was not delivered; the first that fits counts. That it goes back
/// says more than why.
const WHY: &[Sign] = &[
    (
        Status(Reason::ToSender),
        &["return", "sent back", "back to sender"],
    ),
    (
        Status(Reason::Refused),
        &["refus", "reject", "declined by", "not accepted"],
    ),
    (
        Status(Reason::Access),
        &["identification", "no id", "proof of id", "verification"],
    ),
    (
        Status(Reason::BadAddress),
        &[
            "address",
            "no such number",
            "not provided",
            "postal code",
            "postcode",
            "unknown",
        ],
    ),
    (Status(Reason::Moved), &["moved"]),
    (
        Status(Reason::Closed),
        &["closed", "holiday/weekend", "not open"],
    ),
    (
        Status(Reason::NotHome),
        &[
            "absent",
            "attendance",
            "no answer",
            "no authori",
            "no one",
            "no response",
            "nobody",
            "not at home",
            "not available",
            "not home",
            "not in",
            "not present",
            "on holiday",
            "unavailable",
            "unattended",
        ],
    ),
    (
        Status(Reason::Access),
        &[
            "access",
            "dog",
            "locked",
            "oversize",
            "receptacle",
            "safe location",
            "safe place",
            "secure",
            "too large",
        ],
    ),
    (Status(Reason::Damaged), &["damage"]),
    (
        Status(Reason::PaymentDue),
        &["cash", "charges", "cod ", "duties", "duty", "payment"],
    ),
];

/// Why a shipment is held or late.
const HELD: &[Sign] = &[
    (Delay(DelayReason::Customs), &["clearance", "customs"]),
    (
        Delay(DelayReason::Weather),
        &["bushfire", "cyclone", "flood", "snow", "storm", "weather"],
    ),
    (Delay(DelayReason::Flight), &["flight"]),
    (
        Status(Reason::PaymentDue),
        &["charges", "duties", "duty", "payment", "taxes"],
    ),
    (Status(Reason::BadAddress), &["address"]),
    (
        Status(Reason::Ready),
        &["for collect", "to collect", "for pick", "awaiting collect"],
    ),
    (Note, &["as requested", "request"]),
];

/// Where a shipment was left that waits there for its recipient.
const SHOPS: &[&str] = &[
    "access point",
    "accesspoint",
    "collection point",
    "locker",
    "packstation",
    "parcel shop",
    "parcelshop",
    "parcelstation",
    "pick up point",
    "pick-up",
    "pickup",
    "post office",
    "retail outlet",
    "service point",
    "servicepoint",
];

pub(super) fn refine_meaning(meaning: ScanMeaning, rest: &[u8]) -> ScanMeaning {
    if rest.is_empty() {
        return meaning;
    }
    let by = |signs: &[Sign]| {
        let found = signs
            .iter()
            .find(|(_, words)| words.iter().any(|word| contains_part(rest, word)));
        found.map_or(meaning, |(meaning, _)| *meaning)
    };
    match meaning {
        Delay(DelayReason::Carrier) => by(HELD),
        Status(Reason::DeliveredGeneric) => drop_off_meaning(rest),
        Status(Reason::Accepted) => pickup_meaning(meaning, rest),
        Status(Reason::CustomsProcessing) if contains_part(rest, "delay") => {
            Delay(DelayReason::Customs)
        }
        Status(Reason::Refused) if contains_part(rest, "return") => Status(Reason::ToSender),
        Status(Reason::ExceptionGeneric | Reason::AttemptGeneric) => by(WHY),
        Status(reason)
            if reason.to_status() == ShipmentStatus::AttemptFailed
                && contains_part(rest, "return") =>
        {
            Status(Reason::ToSender)
        }
        Status(_) | Delay(_) | Note | ScanMeaning::Withdrawn | ScanMeaning::Unknown => meaning,
    }
}

/// Of a shipment that is "delivered": to whom, or to a place where it waits.
fn drop_off_meaning(rest: &[u8]) -> ScanMeaning {
    let start = rest.iter().position(u8::is_ascii_alphabetic);
    let rest = &rest[start.unwrap_or(rest.len())..];
    let is_place = [b"to ", b"at ", b"in "]
        .iter()
        .any(|word| rest.starts_with(*word));
    let has_any = |words: &[&str]| words.iter().any(|word| contains_part(rest, word));
    Status(if contains_part(rest, "neighbo") {
        Reason::Neighbor
    } else if is_place && has_any(&["sender", "shipper", "consignor"]) {
        Reason::Received
    } else if has_any(&["ready for", "for pick", "for collection", "be collected"])
        || (is_place && has_any(SHOPS) && !contains_part(rest, "mailbox"))
    {
        Reason::Ready
    } else {
        Reason::DeliveredGeneric
    })
}

/// Of a shipment that was "collected" or "picked up": by its recipient, or by the
/// carrier.
fn pickup_meaning(meaning: ScanMeaning, rest: &[u8]) -> ScanMeaning {
    let has_any = |words: &[&str]| words.iter().any(|word| contains_part(rest, word));
    let is_from_shop = rest.starts_with(b" from ") && has_any(SHOPS);
    if has_any(BY_RECIPIENT) || (is_from_shop && !has_any(&["courier", "driver", "agent"])) {
        Status(Reason::Collected)
    } else {
        meaning
    }
}

const BY_RECIPIENT: &[&str] = &[
    "by addressee",
    "by consignee",
    "by customer",
    "by receiver",
    "by recipient",
    "by the addressee",
    "by the consignee",
    "by the customer",
    "by the receiver",
    "by the recipient",
];
