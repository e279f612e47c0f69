//! Sentences, known by a part of them.

use super::refine::refine_meaning;
use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status},
    status::{DelayReason, Reason},
};

/// The first that fits counts: what is ready may say that it goes back if it is not
/// collected. DHL publishes no list of its sentences; these are parts of those of its
/// examples, of its tables and of its pages, in English.
const PARTS: &[(&str, ScanMeaning)] = &[
    ("ready for pick", Status(Reason::Ready)),
    ("ready for collection", Status(Reason::Ready)),
    ("handed over to the access point", Status(Reason::Ready)),
    ("handed over to the parcelshop", Status(Reason::Ready)),
    ("handed over to the parcelstation", Status(Reason::Ready)),
    ("handed over to the postoffice", Status(Reason::Ready)),
    ("delivered back to the", Status(Reason::Received)),
    ("returned to the sender", Status(Reason::ToSender)),
    ("returned to sender", Status(Reason::ToSender)),
    ("sent back to the sender", Status(Reason::ToSender)),
    ("picked up by the recipient", Status(Reason::Collected)),
    ("recipient has picked up", Status(Reason::Collected)),
    ("recipient was not available", Status(Reason::NotHome)),
    ("refused the shipment", Status(Reason::Refused)),
    ("could not be delivered", Status(Reason::AttemptGeneric)),
    ("loaded onto the delivery vehicle", Status(Reason::Today)),
    ("loaded to the van", Status(Reason::Today)),
    ("out with courier", Status(Reason::Today)),
    ("with delivery courier", Status(Reason::Today)),
    ("destination parcel center", Status(Reason::ArrivalScan)),
    ("parcel center of origin", Status(Reason::Moving)),
    ("arrived at dhl", Status(Reason::ArrivalScan)),
    (
        "departed from a dhl facility",
        Status(Reason::DepartureScan),
    ),
    (
        "clearance processing complete",
        Status(Reason::CustomsReleased),
    ),
    ("customs clearance status updated", Note),
    ("posted by the sender", Status(Reason::Accepted)),
    ("shipment picked up", Status(Reason::Accepted)),
    ("shipment has been picked up", Status(Reason::Accepted)),
    ("generated a shipment label", Status(Reason::Label)),
    ("to dhl electronically", Status(Reason::Label)),
    ("processed at", Status(Reason::Moving)),
    ("has been delayed", Delay(DelayReason::Carrier)),
    ("address has been corrected", Status(Reason::Resolved)),
    ("card has been left", Status(Reason::AttemptGeneric)),
    ("customs release", Status(Reason::CustomsReleased)),
    ("release by the customs", Status(Reason::CustomsReleased)),
    ("signed for by", Status(Reason::DeliveredGeneric)),
    ("successfully delivered", Status(Reason::DeliveredGeneric)),
];

/// The parts that begin with each letter, a bit for each.
const BY_FIRST_LETTER: [u64; 256] = {
    assert!(PARTS.len() <= 64, "a bit for each part");
    let mut bits = [0; 256];
    let mut at = 0;
    while at < PARTS.len() {
        bits[PARTS[at].0.as_bytes()[0] as usize] |= 1 << at;
        at += 1;
    }
    bits
};

pub(super) fn part_meaning(text: &[u8]) -> Option<ScanMeaning> {
    let mut fitting: u64 = 0;
    for (at, byte) in text.iter().enumerate() {
        let mut candidates = BY_FIRST_LETTER[usize::from(*byte)];
        while candidates != 0 {
            let index = candidates.trailing_zeros();
            if text[at..].starts_with(PARTS[index as usize].0.as_bytes()) {
                fitting |= 1 << index;
            }
            candidates &= candidates - 1;
        }
    }
    let first = usize::try_from(fitting.trailing_zeros()).ok()?;
    let (_, meaning) = PARTS.get(first)?;
    Some(match meaning {
        Status(Reason::AttemptGeneric) => refine_meaning(*meaning, text),
        meaning => *meaning,
    })
}
