//! What an event means: by its code in the table of its division, else by its
//! sentence, else by the coarse word that DHL gives for all divisions.

use super::{
    ecommerce::ECOMMERCE,
    ecommerce_europe::{ECOMMERCE_EUROPE, ECOMMERCE_PPL},
    parcel_nl::PARCEL_NL_TO_M,
    parcel_nl_from_n::PARCEL_NL_FROM_N,
    small_divisions::{FREIGHT, GLOBAL_FORWARDING, PARCEL_PL, REGISTERED_MAIL},
    wire::Event,
};
use crate::dhl::{EXPRESS, STANDARD_EVENTS, Table, begins, lookup};
use posthorn_domain::{
    scan::Meaning::{self, Note, Status},
    status::Reason,
};

/// The tables of each division that publishes its codes.
static DIVISIONS: &[(&str, &[Table])] = &[
    ("dgf", &[GLOBAL_FORWARDING]),
    ("ecommerce", &[ECOMMERCE]),
    ("ecommerce-europe", &[ECOMMERCE_EUROPE]),
    ("ecommerce-ppl", &[ECOMMERCE_PPL]),
    ("express", &[EXPRESS]),
    ("freight", &[FREIGHT]),
    ("parcel-de", &[STANDARD_EVENTS]),
    ("parcel-nl", &[PARCEL_NL_TO_M, PARCEL_NL_FROM_N]),
    ("parcel-pl", &[PARCEL_PL]),
    ("svb", &[REGISTERED_MAIL]),
];

/// What an event of a division means, and the raw code that says it.
pub(super) fn meaning<'e>(service: &str, event: &'e Event<'_>) -> (Meaning, &'e str) {
    let tables = DIVISIONS
        .binary_search_by_key(&service, |(division, _)| division)
        .map_or(&[][..], |at| DIVISIONS[at].1);
    let candidates = [&event.status_detailed, &event.status, &event.status_code];
    for code in candidates {
        if let Some(meaning) = tables.iter().find_map(|table| lookup(table, code)) {
            return (meaning, code);
        }
    }
    let coarse = event.status_code.as_ref();
    let code = candidates
        .into_iter()
        .map(AsRef::as_ref)
        .find(|text: &&str| !text.is_empty() && !text.contains(' '))
        .unwrap_or(coarse);
    let meaning = [&event.status, &event.description]
        .into_iter()
        .find_map(|text| sentence(text))
        .or_else(|| overall(coarse))
        .unwrap_or(Meaning::Unknown);
    (meaning, code)
}

/// The five words of `statusCode`.
fn overall(code: &str) -> Option<Meaning> {
    let reason = match code {
        "pre-transit" => Reason::Label,
        "transit" => Reason::Moving,
        "delivered" => Reason::DeliveredGeneric,
        "failure" => Reason::ExceptionGeneric,
        _ => return None,
    };
    Some(Status(reason))
}

/// Sentences of the divisions that give no code (`parcel-de` never does, and
/// `express` seldom), known by a part of them; the first that fits counts: what is
/// ready may say that it goes back if nobody comes. DHL publishes no list of them;
/// they are those of its examples, of its tables and of its pages, in English.
const SENTENCES: &[(&str, Meaning)] = &[
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
    ("signed for by", Status(Reason::DeliveredGeneric)),
    ("successfully delivered", Status(Reason::DeliveredGeneric)),
];

/// The sentences that begin with each letter, a bit for each.
const BY_FIRST_LETTER: [u64; 128] = {
    assert!(SENTENCES.len() <= 64, "a bit for each sentence");
    let mut bits = [0; 128];
    let mut at = 0;
    while at < SENTENCES.len() {
        bits[SENTENCES[at].0.as_bytes()[0] as usize] |= 1 << at;
        at += 1;
    }
    bits
};

fn sentence(text: &str) -> Option<Meaning> {
    // A code is no sentence.
    if !text.contains(' ') {
        return None;
    }
    let mut fitting: u64 = 0;
    for (at, byte) in text.bytes().enumerate() {
        let letter = usize::from(byte.to_ascii_lowercase());
        let mut candidates = BY_FIRST_LETTER.get(letter).copied().unwrap_or_default();
        while candidates != 0 {
            let index = candidates.trailing_zeros();
            if begins(text, at, SENTENCES[index as usize].0) {
                fitting |= 1 << index;
            }
            candidates &= candidates - 1;
        }
    }
    let first = usize::try_from(fitting.trailing_zeros()).ok()?;
    SENTENCES.get(first).map(|(_, meaning)| *meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(status_code: &'static str, status: &'static str) -> Event<'static> {
        Event {
            status_code: status_code.into(),
            status: status.into(),
            ..Event::default()
        }
    }

    #[test]
    fn tables_are_sorted_and_complete() {
        let mut n_codes = 0;
        for (division, tables) in DIVISIONS {
            let codes: Vec<&str> = tables.iter().copied().flatten().map(|row| row.0).collect();
            assert!(codes.windows(2).all(|pair| pair[0] < pair[1]), "{division}");
            n_codes += codes.len();
        }
        assert!(DIVISIONS.windows(2).all(|pair| pair[0].0 < pair[1].0));
        // 1,092 rows, two of them twice; 20 checkpoints of the older services.
        assert_eq!(n_codes, 1_090 + 20);
    }

    #[test]
    fn the_same_code_differs_by_division() {
        let of = |service, code| meaning(service, &event("transit", code)).0;
        assert_eq!(of("ecommerce", "150"), Status(Reason::Label));
        assert_eq!(of("ecommerce-ppl", "150"), Status(Reason::Accepted));
        assert_eq!(of("express", "DD"), Status(Reason::DeliveredGeneric));
        assert_eq!(of("parcel-de", "DD"), Note);
    }

    #[test]
    fn what_dhl_calls_delivered_may_wait_in_a_shop_or_be_back_at_the_sender() {
        let of = |service, code| meaning(service, &event("delivered", code)).0;
        assert_eq!(of("ecommerce-europe", "44"), Status(Reason::Ready));
        assert_eq!(of("ecommerce-europe", "302"), Status(Reason::Moving));
        assert_eq!(of("svb", "RETURNED_TO_SENDER"), Status(Reason::Received));
        let moving = Status(Reason::Moving);
        assert_eq!(of("parcel-nl", "DELIVERED_AT_PARCELSHOP"), moving);
    }

    #[test]
    fn a_code_in_no_table_counts_as_what_dhl_calls_it_for_all_divisions() {
        let (of, code) = (event("transit", "BRAND_NEW"), "BRAND_NEW");
        assert_eq!(meaning("parcel-nl", &of), (Status(Reason::Moving), code));
        let of = event("unknown", "BRAND_NEW");
        assert_eq!(meaning("parcel-nl", &of), (Meaning::Unknown, code));
    }
}
