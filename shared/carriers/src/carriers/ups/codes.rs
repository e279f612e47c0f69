//! What UPS's codes mean, all that it publishes.
//!
//! The same two letters mean different things by the type of the activity and
//! by the product (`DL`: loaded, going back, or signed for), so there are
//! several tables. The type alone tells nothing: "D" is also loaded and out
//! for delivery.

use super::tables::{
    DELIVERIES, EXCEPTIONS, FREIGHT, FREIGHT_EXCEPTIONS, MAIL_INNOVATIONS, MANIFEST, MOVEMENTS,
    STATUS_CODES, Table, UPDATES,
};
use posthorn_domain::{
    scan::ScanMeaning::{self, Status},
    status::{DelayReason, Reason, ShipmentStatus},
};

/// What kind of product a shipment travels by: each has its own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    /// A shipment that UPS delivers.
    Parcel,
    /// A shipment that a post office delivers.
    MailInnovations,
    /// A pallet.
    Freight,
}

/// What an activity means. UPS gives its type, its code and a coarser status code.
pub(super) fn map_meaning(
    product: Product,
    kind: &str,
    code: &str,
    status_code: &str,
) -> ScanMeaning {
    let told = lookup_meaning(product, kind, code, status_code);
    match kind {
        "RS" => going_back(told),
        _ => told.unwrap_or(ScanMeaning::Unknown),
    }
}

/// Whether the code is in none of the tables of its type, so that at most the status
/// code tells what it means.
pub(super) fn is_new(product: Product, kind: &str, code: &str) -> bool {
    !code.is_empty() && !is_status_code(product, code) && by_activity(product, kind, code).is_none()
}

/// What the tables say of it.
fn lookup_meaning(
    product: Product,
    kind: &str,
    code: &str,
    status_code: &str,
) -> Option<ScanMeaning> {
    // What happens to a shipment on its way is no news of its label: UPS's own
    // example has a release by customs with status code 003.
    let by_status = |code| {
        let told = Section::Status.lookup_code(code);
        told.filter(|meaning| {
            kind != "X" || meaning.shipment_status() != Some(ShipmentStatus::InfoReceived)
        })
    };
    if is_status_code(product, code) {
        let code = if status_code.is_empty() {
            code
        } else {
            status_code
        };
        return by_status(code);
    }
    let by_activity = by_activity(product, kind, code);
    let by_status = by_status(status_code);
    match (by_activity, by_status) {
        (Some(told), Some(solution)) if product != Product::Freight => {
            Some(if solves_exception(told, solution) {
                solution
            } else {
                told
            })
        }
        (told, by_status) => told.or(by_status),
    }
}

/// In `currentStatus` UPS gives the status code as the code: three digits, while the
/// codes of activities have two characters.
fn is_status_code(product: Product, code: &str) -> bool {
    product != Product::Freight && code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a status code says that what the activity code names is over: UPS goes on
/// naming the problem ("pending release", `RZ`) when it tells of its end ("clearance
/// completed", 014). A delay lasts while the shipment is on its way.
fn solves_exception(told: ScanMeaning, solution: ScanMeaning) -> bool {
    use ShipmentStatus as S;
    let Some(solution) = solution.status_reason() else {
        return false;
    };
    let problem = match told {
        ScanMeaning::Status(Reason::PaymentDue | Reason::Security)
        | ScanMeaning::Delay(DelayReason::Customs) => S::Customs,
        ScanMeaning::Status(reason) => reason.to_status(),
        ScanMeaning::Delay(_) => S::InTransit,
        ScanMeaning::Note | ScanMeaning::Unknown | ScanMeaning::Withdrawn => return false,
    };
    if told == ScanMeaning::Status(Reason::CustomsReleased) {
        return false;
    }
    let is_late = matches!(told, ScanMeaning::Delay(_));
    if !is_late && !matches!(problem, S::Customs | S::Exception | S::AttemptFailed) {
        return false;
    }
    match solution {
        Reason::CustomsReleased => problem == S::Customs,
        Reason::Moving => matches!(problem, S::Customs | S::Exception) && !is_late,
        Reason::Forwarded => problem != S::Customs && !is_late,
        solution => matches!(
            solution.to_status(),
            S::Delivered | S::Returned | S::AvailableForPickup | S::OutForDelivery
        ),
    }
}

/// What the tables for this type of activity say of a code.
fn by_activity(product: Product, kind: &str, code: &str) -> Option<ScanMeaning> {
    let tables: &[Section] = match (product, kind) {
        // On its way, and picked up: the same letters as an exception's are none.
        (Product::MailInnovations, "I" | "P") => &[Section::Mail, Section::Movements],
        (Product::Freight, "I" | "P") => &[Section::Freight, Section::Movements],
        (Product::Parcel, "I" | "P") => &[Section::Movements],
        (Product::MailInnovations, _) => &[Section::Mail, Section::Movements, Section::Exceptions],
        (Product::Freight, _) | (_, "DO" | "DD" | "W") => &[
            Section::Freight,
            Section::FreightExceptions,
            Section::Movements,
        ],
        (_, "D") => &[Section::Deliveries, Section::Movements, Section::Exceptions],
        (_, "M" | "MV") => &[Section::Manifest, Section::Movements],
        (_, "U") => &[Section::Updates, Section::Movements, Section::Exceptions],
        (_, "X" | "RS") => &[Section::Exceptions, Section::Movements],
        _ => &[Section::Movements, Section::Exceptions],
    };
    tables.iter().find_map(|section| section.lookup_code(code))
}

/// `RS` is not among the types that UPS publishes. It is taken for "return to
/// sender", as which other connectors know it: what is delivered then has come
/// back to its sender.
fn going_back(told: Option<ScanMeaning>) -> ScanMeaning {
    let told = told.unwrap_or(Status(Reason::ToSender));
    if told.shipment_status() == Some(ShipmentStatus::Delivered) {
        Status(Reason::Received)
    } else {
        told
    }
}

#[derive(Clone, Copy)]
enum Section {
    Exceptions,
    Movements,
    Deliveries,
    Manifest,
    Updates,
    Status,
    Mail,
    Freight,
    FreightExceptions,
}

/// The codes of a table and their meanings, sorted by the code.
type Index = &'static [(u32, ScanMeaning)];

/// In the order of [`Section`].
static INDEX: [Index; 9] = [
    &sort_codes::<{ count_codes(EXCEPTIONS) }>(EXCEPTIONS),
    &sort_codes::<{ count_codes(MOVEMENTS) }>(MOVEMENTS),
    &sort_codes::<{ count_codes(DELIVERIES) }>(DELIVERIES),
    &sort_codes::<{ count_codes(MANIFEST) }>(MANIFEST),
    &sort_codes::<{ count_codes(UPDATES) }>(UPDATES),
    &sort_codes::<{ count_codes(STATUS_CODES) }>(STATUS_CODES),
    &sort_codes::<{ count_codes(MAIL_INNOVATIONS) }>(MAIL_INNOVATIONS),
    &sort_codes::<{ count_codes(FREIGHT) }>(FREIGHT),
    &sort_codes::<{ count_codes(FREIGHT_EXCEPTIONS) }>(FREIGHT_EXCEPTIONS),
];

/// How many codes a table has.
const fn count_codes(table: Table) -> usize {
    let mut total = 0;
    let mut row = 0;
    while row < table.len() {
        let codes = table[row].1.as_bytes();
        let mut at = 0;
        while at < codes.len() {
            if codes[at] != b' ' && (at == 0 || codes[at - 1] == b' ') {
                total += 1;
            }
            at += 1;
        }
        row += 1;
    }
    total
}

/// The codes of a table, each as a number, sorted while this is compiled.
const fn sort_codes<const COUNT: usize>(table: Table) -> [(u32, ScanMeaning); COUNT] {
    let mut index = [(0, ScanMeaning::Unknown); COUNT];
    let mut filled = 0;
    let mut row = 0;
    while row < table.len() {
        let (meaning, codes) = table[row];
        let codes = codes.as_bytes();
        let mut at = 0;
        while at < codes.len() {
            let mut code = 0;
            while at < codes.len() && codes[at] != b' ' {
                code = append_byte(code, codes[at]);
                at += 1;
            }
            if code != 0 {
                index[filled] = (code, meaning);
                filled += 1;
            }
            at += 1;
        }
        row += 1;
    }
    // Comb sort: a compiler counts its steps, and these are few.
    let mut gap = COUNT;
    let mut is_sorted = false;
    while gap > 1 || !is_sorted {
        gap = if gap > 1 { gap * 10 / 13 } else { 1 };
        if gap == 0 {
            gap = 1;
        }
        is_sorted = true;
        let mut at = 0;
        while at + gap < COUNT {
            if index[at].0 > index[at + gap].0 {
                let higher = index[at];
                index[at] = index[at + gap];
                index[at + gap] = higher;
                is_sorted = false;
            }
            at += 1;
        }
    }
    index
}

/// A code of at most four characters as a number.
const fn append_byte(code: u32, byte: u8) -> u32 {
    assert!(code < 1 << 24, "a code has at most four characters");
    code << 8 | byte as u32
}

impl Section {
    fn lookup_code(self, code: &str) -> Option<ScanMeaning> {
        // Numbers come padded (`006`) in answers and bare (`6`) in the publications.
        let bare = code.trim_start_matches('0');
        let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let upper = code.to_ascii_uppercase();
        let key = match (is_number, bare) {
            (true, "") => "0",
            (true, bare) => bare,
            (false, _) => upper.as_str(),
        };
        if key.is_empty() || key.len() > 4 {
            return None;
        }
        let key = key.bytes().fold(0, append_byte);
        let index = INDEX[self as usize];
        let at = index.binary_search_by_key(&key, |(code, _)| *code).ok()?;
        Some(index[at].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::scan::ScanMeaning::{Delay, Note};

    #[test]
    fn no_table_holds_a_code_twice() {
        for index in INDEX {
            assert!(index.windows(2).all(|pair| pair[0].0 < pair[1].0));
        }
    }

    #[test]
    fn the_code_tells_what_the_type_does_not() {
        let parcel = |kind, code, status| map_meaning(Product::Parcel, kind, code, status);
        assert_eq!(parcel("D", "OT", "021"), Status(Reason::Today));
        assert_eq!(parcel("D", "OD", "072"), Status(Reason::Moving));
        assert_eq!(parcel("D", "FS", "011"), Status(Reason::DeliveredGeneric));
        assert_eq!(parcel("I", "DP", "005"), Status(Reason::DepartureScan));
        assert_eq!(parcel("M", "DP", "003"), Status(Reason::Label));
        assert_eq!(parcel("X", "DP", "013"), Status(Reason::CustomsProhibited));
        assert_eq!(parcel("I", "EP", "005"), Status(Reason::DepartedOrigin));
        assert_eq!(parcel("D", "EP", "144"), Status(Reason::Ready));
        assert_eq!(
            map_meaning(Product::MailInnovations, "D", "DL", "011"),
            Status(Reason::Signed)
        );
    }

    #[test]
    fn an_unheard_code_falls_back_to_its_status_code_and_then_to_unknown() {
        assert_eq!(
            map_meaning(Product::Parcel, "X", "Q!", "053"),
            Delay(DelayReason::Weather)
        );
        assert_eq!(
            map_meaning(Product::Parcel, "X", "Q!", "999"),
            ScanMeaning::Unknown
        );
        assert_eq!(
            map_meaning(Product::Parcel, "", "", ""),
            ScanMeaning::Unknown
        );
    }

    #[test]
    fn a_solution_beats_the_code_of_the_problem() {
        let exception = |code, status| map_meaning(Product::Parcel, "X", code, status);
        for code in ["RZ", "BB", "5", "29", "DP"] {
            for solved in ["014", "084", "134"] {
                assert_eq!(
                    exception(code, solved),
                    Status(Reason::CustomsReleased),
                    "{code}"
                );
            }
        }
        assert_eq!(exception("RZ", "012"), Status(Reason::CustomsProcessing));
        assert_eq!(exception("RZ", "005"), Status(Reason::Moving));
        assert_eq!(exception("A8", "028"), Status(Reason::Forwarded));
        assert_eq!(exception("A8", "050"), Status(Reason::BadAddress));
        assert_eq!(exception("A8", "011"), Status(Reason::DeliveredGeneric));
        assert_eq!(exception("48", "017"), Status(Reason::Ready));
        assert_eq!(exception("48", "014"), Status(Reason::NotHome));
        assert_eq!(exception("7W", "005"), Delay(DelayReason::Weather));
        assert_eq!(exception("7W", "021"), Status(Reason::Today));
        assert_eq!(exception("KT", "035"), Status(Reason::Refused));
    }

    #[test]
    fn what_is_on_its_way_is_no_exception_by_its_letters() {
        let moving = |code, status| map_meaning(Product::Parcel, "I", code, status);
        assert_eq!(moving("RZ", "005"), Status(Reason::Moving));
        assert_eq!(moving("S9", ""), ScanMeaning::Unknown);
        assert_eq!(
            map_meaning(Product::Parcel, "X", "S9", ""),
            Status(Reason::Lost)
        );
        assert!(is_new(Product::Parcel, "I", "S9"));
        assert!(!is_new(Product::Parcel, "I", "AR"));
        assert!(!is_new(Product::Parcel, "", "011"));
        assert!(!is_new(Product::Parcel, "", ""));
    }

    #[test]
    fn what_goes_back_is_not_delivered() {
        let back = |code, status| map_meaning(Product::Parcel, "RS", code, status);
        assert_eq!(back("FS", "011"), Status(Reason::Received));
        assert_eq!(back("", "011"), Status(Reason::Received));
        assert_eq!(back("AR", "005"), Status(Reason::ArrivalScan));
        assert_eq!(back("", ""), Status(Reason::ToSender));
    }

    #[test]
    fn an_exception_is_no_news_of_the_label() {
        let exception = |code, status| map_meaning(Product::Parcel, "X", code, status);
        assert_eq!(exception("SR", "003"), Status(Reason::CustomsReleased));
        assert_eq!(exception("Q!", "003"), ScanMeaning::Unknown);
        assert_eq!(
            map_meaning(Product::MailInnovations, "X", "SR", "003"),
            Status(Reason::NotHome)
        );
    }

    #[test]
    fn a_status_code_in_the_place_of_the_code_is_not_taken_for_an_activity() {
        assert_eq!(
            map_meaning(Product::MailInnovations, "D", "026", ""),
            Status(Reason::DeliveredGeneric)
        );
        assert_eq!(
            map_meaning(Product::Parcel, "X", "034", "034"),
            Status(Reason::Received)
        );
    }

    #[test]
    fn a_code_that_tells_no_place_is_a_note() {
        assert_eq!(map_meaning(Product::Parcel, "X", "5A", "013"), Note);
        assert_eq!(map_meaning(Product::Parcel, "U", "UP", ""), Note);
    }
}
