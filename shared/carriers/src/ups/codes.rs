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
    scan::Meaning::{self, Status},
    status::Reason,
};
use std::{collections::HashMap, sync::LazyLock};

/// What kind of product a parcel travels by: each has its own codes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Product {
    /// A parcel that UPS delivers.
    Parcel,
    /// A parcel that a post office delivers.
    MailInnovations,
    /// A pallet.
    Freight,
}

/// What an activity means. UPS gives its type, its code and a coarser status code.
pub(super) fn meaning(product: Product, kind: &str, code: &str, status_code: &str) -> Meaning {
    // In `currentStatus` UPS gives the status code as the code: three digits,
    // while the codes of activities have two characters.
    let is_status_code = code.len() == 3 && code.bytes().all(|byte| byte.is_ascii_digit());
    if is_status_code && product != Product::Freight {
        let code = if status_code.is_empty() {
            code
        } else {
            status_code
        };
        return Section::Status.lookup(code).unwrap_or(Meaning::Unknown);
    }
    let tables: &[Section] = match (product, kind) {
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
    tables
        .iter()
        .find_map(|section| section.lookup(code))
        .or_else(|| Section::Status.lookup(status_code))
        .unwrap_or(if kind == "RS" {
            Status(Reason::ToSender)
        } else {
            Meaning::Unknown
        })
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

const SECTIONS: [Table; 9] = [
    EXCEPTIONS,
    MOVEMENTS,
    DELIVERIES,
    MANIFEST,
    UPDATES,
    STATUS_CODES,
    MAIL_INNOVATIONS,
    FREIGHT,
    FREIGHT_EXCEPTIONS,
];

static INDEX: LazyLock<[HashMap<&'static str, Meaning>; 9]> = LazyLock::new(|| {
    SECTIONS.map(|table| {
        table
            .iter()
            .flat_map(|(meaning, codes)| codes.split_whitespace().map(|code| (code, *meaning)))
            .collect()
    })
});

impl Section {
    fn lookup(self, code: &str) -> Option<Meaning> {
        // Numbers come padded (`006`) in answers and bare (`6`) in the publications.
        let bare = code.trim_start_matches('0');
        let is_number = !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_digit());
        let key = match (is_number, bare) {
            (true, "") => "0",
            (true, bare) => bare,
            (false, _) => code,
        };
        INDEX[self as usize].get(key).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use posthorn_domain::{
        scan::Meaning::{Delay, Note},
        status::DelayReason,
    };
    use std::collections::HashSet;

    #[test]
    fn no_table_holds_a_code_twice() {
        for table in SECTIONS {
            let mut seen = HashSet::new();
            for code in table.iter().flat_map(|(_, codes)| codes.split_whitespace()) {
                assert!(seen.insert(code), "{code}");
            }
        }
    }

    #[test]
    fn the_code_tells_what_the_type_does_not() {
        let parcel = |kind, code, status| meaning(Product::Parcel, kind, code, status);
        assert_eq!(parcel("D", "OT", "021"), Status(Reason::Today));
        assert_eq!(parcel("D", "OD", "072"), Status(Reason::Moving));
        assert_eq!(parcel("D", "FS", "011"), Status(Reason::DeliveredGeneric));
        assert_eq!(parcel("I", "DP", "005"), Status(Reason::DepartureScan));
        assert_eq!(parcel("M", "DP", "003"), Status(Reason::Label));
        assert_eq!(parcel("X", "DP", "013"), Status(Reason::CustomsProhibited));
        assert_eq!(parcel("I", "EP", "005"), Status(Reason::DepartedOrigin));
        assert_eq!(parcel("D", "EP", "144"), Status(Reason::Ready));
        assert_eq!(
            meaning(Product::MailInnovations, "D", "DL", "011"),
            Status(Reason::Signed)
        );
    }

    #[test]
    fn an_unheard_code_falls_back_to_its_status_code_and_then_to_unknown() {
        assert_eq!(
            meaning(Product::Parcel, "X", "Q!", "053"),
            Delay(DelayReason::Weather)
        );
        assert_eq!(meaning(Product::Parcel, "X", "Q!", "999"), Meaning::Unknown);
        assert_eq!(meaning(Product::Parcel, "", "", ""), Meaning::Unknown);
    }

    #[test]
    fn a_status_code_in_the_place_of_the_code_is_not_taken_for_an_activity() {
        assert_eq!(
            meaning(Product::MailInnovations, "D", "026", ""),
            Status(Reason::DeliveredGeneric)
        );
        assert_eq!(
            meaning(Product::Parcel, "X", "034", "034"),
            Status(Reason::Received)
        );
    }

    #[test]
    fn a_code_that_tells_no_place_is_a_note() {
        assert_eq!(meaning(Product::Parcel, "X", "5A", "013"), Note);
        assert_eq!(meaning(Product::Parcel, "U", "UP", ""), Note);
    }
}
