//! What an event means: by its code in the table of its division, else by its
//! words, else by the coarse word that DHL gives for all divisions.

use super::{
    ecommerce::ECOMMERCE,
    ecommerce_europe::{ECOMMERCE_EUROPE, ECOMMERCE_PPL},
    parcel_nl::PARCEL_NL_TO_M,
    parcel_nl_from_n::PARCEL_NL_FROM_N,
    small_divisions::{FREIGHT, GLOBAL_FORWARDING, PARCEL_PL, REGISTERED_MAIL},
    wire::Event,
};
use crate::reading::{
    dhl::{CodeTable, EXPRESS, STANDARD_EVENTS, lookup_code},
    phrases,
    scans::agree_with_status,
};
use posthorn_domain::{
    scan::ScanMeaning::{self, Status},
    status::Reason,
};

/// The tables of each division that publishes its codes.
static DIVISIONS: &[(&str, &[CodeTable])] = &[
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

/// What is made of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told<'e> {
    /// What it means.
    pub(super) meaning: ScanMeaning,
    /// The raw code that says it.
    pub(super) code: &'e str,
    /// Whether it is only DHL's coarse word that says it, beside a code or words
    /// that we do not know.
    pub(super) is_inferred: bool,
}

/// What an event of a division means. `word` is the coarse one for it.
pub(super) fn map_meaning<'e>(service: &str, event: &'e Event<'_>, word: &str) -> Told<'e> {
    let tables = DIVISIONS
        .binary_search_by_key(&service, |(division, _)| division)
        .map_or(&[][..], |at| DIVISIONS[at].1);
    let coarse = overall_status(word);
    let known = |meaning, code| Told {
        meaning: agree_with_status(meaning, coarse.map(Reason::to_status)),
        code,
        is_inferred: false,
    };
    let candidates = [&event.status_detailed, &event.status, &event.status_code];
    let find = |code: &str| tables.iter().find_map(|table| lookup_code(table, code));
    for code in candidates {
        if let Some(meaning) = find(code).or_else(|| twin_codes(code).find_map(|twin| find(&twin)))
        {
            return known(meaning, code);
        }
    }
    let code = candidates
        .into_iter()
        .map(AsRef::as_ref)
        .find(|text: &&str| !text.is_empty() && !text.contains(' '))
        .unwrap_or(&event.status_code);
    // Where a division has no code, its status repeats the coarse word.
    let mut said = [&event.status_detailed, &event.status, &event.description]
        .into_iter()
        .filter(|text| !text.is_empty() && !is_coarse(text))
        .peekable();
    let says_more = said.peek().is_some();
    if let Some(meaning) = said.find_map(|text| phrases::phrase_meaning(text)) {
        return known(meaning, code);
    }
    Told {
        meaning: coarse.map_or(ScanMeaning::Unknown, Status),
        code,
        is_inferred: says_more && coarse.is_some(),
    }
}

/// What the coarse word of an event says.
pub(super) fn overall_status(word: &str) -> Option<Reason> {
    let words = COARSE.iter();
    let (_, reason) = words.into_iter().find(|(known, _)| is_word(known, word))?;
    *reason
}

fn is_coarse(text: &str) -> bool {
    COARSE.iter().any(|(known, _)| is_word(known, text))
}

fn is_word(known: &str, text: &str) -> bool {
    text.trim().eq_ignore_ascii_case(known)
}

/// The five words of `statusCode`.
const COARSE: [(&str, Option<Reason>); 5] = [
    ("pre-transit", Some(Reason::Label)),
    ("transit", Some(Reason::Moving)),
    ("delivered", Some(Reason::DeliveredGeneric)),
    ("failure", Some(Reason::ExceptionGeneric)),
    ("unknown", None),
];

/// The kinds of places where a shipment of DHL in the Benelux waits, behind a
/// counter and without one. Each has the same codes, and DHL's list lacks some.
const PLACES: [&[&str]; 2] = [
    &["PARCELSHOP", "SERVICEPOINT", "POSTOFFICE"],
    &["PARCELSTATION", "PARCELLOCKER", "ACCESSPOINT", "LOCKER"],
];

/// The codes that say the same of another kind of place, the likest first.
fn twin_codes(code: &str) -> impl Iterator<Item = String> {
    let kinds = PLACES.iter().enumerate();
    let named = kinds
        .flat_map(|(kind, places)| places.iter().map(move |place| (kind, *place)))
        .filter(|_| code.contains('_'))
        .find(|(_, place)| code.split('_').any(|part| part == *place));
    let others = named.into_iter().flat_map(|(kind, named)| {
        let places = PLACES[kind].iter().chain(PLACES[1 - kind]);
        places
            .filter(move |place| **place != named)
            .map(move |place| (named, *place))
    });
    others.map(move |(named, place)| {
        let parts = code.split('_');
        let renamed = parts.map(|part| if part == named { place } else { part });
        renamed.collect::<Vec<_>>().join("_")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::scan::ScanMeaning::Note;

    fn event(status_code: &'static str, status: &'static str) -> Event<'static> {
        Event {
            status_code: status_code.into(),
            status: status.into(),
            ..Event::default()
        }
    }

    fn told<'e>(service: &str, event: &'e Event<'_>) -> (ScanMeaning, &'e str) {
        let told = map_meaning(service, event, &event.status_code);
        (told.meaning, told.code)
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
        let of = |service, code| told(service, &event("", code)).0;
        assert_eq!(of("ecommerce", "150"), Status(Reason::Label));
        assert_eq!(of("ecommerce-ppl", "150"), Status(Reason::Accepted));
        assert_eq!(of("express", "DD"), Status(Reason::DeliveredGeneric));
        assert_eq!(of("parcel-de", "DD"), Note);
    }

    #[test]
    fn what_dhl_calls_delivered_may_wait_in_a_shop_or_be_back_at_the_sender() {
        let of = |service, code| told(service, &event("delivered", code)).0;
        assert_eq!(of("ecommerce-europe", "44"), Status(Reason::Ready));
        assert_eq!(of("ecommerce-europe", "302"), Status(Reason::Moving));
        assert_eq!(of("svb", "RETURNED_TO_SENDER"), Status(Reason::Received));
        let moving = Status(Reason::Moving);
        assert_eq!(of("parcel-nl", "DELIVERED_AT_PARCELSHOP"), moving);
    }

    #[test]
    fn a_code_in_no_table_is_not_understood_and_counts_as_the_coarse_word() {
        let of = |word| {
            let event = event(word, "BRAND_NEW");
            let told = map_meaning("parcel-nl", &event, word);
            assert_eq!(told.code, "BRAND_NEW");
            (told.meaning, told.is_inferred)
        };
        assert_eq!(of("transit"), (Status(Reason::Moving), true));
        assert_eq!(of("delivered"), (Status(Reason::DeliveredGeneric), true));
        assert_eq!(of("unknown"), (ScanMeaning::Unknown, false));
        assert_eq!(of(""), (ScanMeaning::Unknown, false));
        let known = event("transit", "NOT_HOME");
        assert!(!map_meaning("parcel-nl", &known, "transit").is_inferred);
    }

    #[test]
    fn the_coarse_word_counts_where_nothing_else_is_said() {
        let of = |code, status| told("express", &event(code, status)).0;
        assert_eq!(of("transit", ""), Status(Reason::Moving));
        assert_eq!(
            of("delivered", "delivered"),
            Status(Reason::DeliveredGeneric)
        );
        assert_eq!(of("failure", "Failure"), Status(Reason::ExceptionGeneric));
        assert_eq!(of("unknown", "unknown"), ScanMeaning::Unknown);
    }

    #[test]
    fn a_signature_recorded_on_the_way_delivers_nothing() {
        let of = |code| told("parcel-nl", &event(code, "SIGNATURE_RECORDED")).0;
        assert_eq!(of("transit"), Note);
        assert_eq!(of("failure"), Note);
        assert_eq!(of("delivered"), Status(Reason::Signed));
        assert_eq!(of(""), Status(Reason::Signed));
    }

    #[test]
    fn a_code_says_of_a_locker_what_its_twin_says_of_a_shop() {
        let of = |code| told("parcel-nl", &event("transit", code)).0;
        for place in ["PARCELSTATION", "ACCESSPOINT", "SERVICEPOINT", "LOCKER"] {
            let code = format!("NOTIFICATION_FOR_{place}_COLLECTION_HAS_BEEN_SENT");
            let event = Event {
                status: code.clone().into(),
                ..event("transit", "")
            };
            let ready = (Status(Reason::Ready), code.as_str());
            assert_eq!(told("parcel-nl", &event), ready);
        }
        assert_eq!(
            of("STORAGE_PERIOD_ENDED_AT_SERVICEPOINT"),
            Status(Reason::ToSender)
        );
        assert_eq!(of("REFUSED_AT_PARCELSTATION"), Status(Reason::Refused));
        // The likest: what waits behind a counter, and what does not.
        assert_eq!(of("DELIVERED_AT_SERVICEPOINT"), Status(Reason::Moving));
        assert_eq!(of("DELIVERED_AT_PARCELLOCKER"), Status(Reason::Ready));
        assert_eq!(
            told("parcel-nl", &event("", "DELIVERED_AT_MOON")).0,
            ScanMeaning::Unknown
        );
    }
}
