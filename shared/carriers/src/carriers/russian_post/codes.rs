//! What the operations of Russian Post mean: its published dictionary of
//! operation codes and attributes. Only the pair says it: of type 2, "handed
//! over", some attributes mean the addressee and some the sender.
//!
//! A pair that says nothing of where the shipment is stands under [`Note`], so
//! that one which is in no group is really new.

use posthorn_domain::{
    scan::ScanMeaning::{self, Delay, Note, Status, Unknown},
    status::{DelayReason, Reason},
};

/// What an operation means. Types without attributes come with none or with 0.
pub(super) const fn map_meaning(kind: u16, attribute: u16) -> ScanMeaning {
    match kind {
        1 => Status(Reason::Accepted),
        2 => handed_over(attribute),
        // For customs operations; every other reason sends it back.
        3 => match attribute {
            13 => Status(Reason::CustomsProcessing),
            _ => Status(Reason::ToSender),
        },
        4 => map_forwarding(attribute),
        // Not handed over.
        5 => match attribute {
            0 | 9 => Status(Reason::ExceptionGeneric),
            1 => Status(Reason::Lost),
            2 => Status(Reason::Security),
            3 => Delay(DelayReason::Carrier),
            8 => Status(Reason::CustomsProhibited),
            _ => Unknown,
        },
        // Stored at the office; 4 and 5 prolong it.
        6 => match attribute {
            0..=3 => Status(Reason::Ready),
            4 | 5 => Note,
            _ => Unknown,
        },
        7 => match attribute {
            0..=2 => Status(Reason::Unclaimed),
            3 | 4 => Status(Reason::Security),
            _ => Unknown,
        },
        8 => map_processing(attribute),
        9 => Status(Reason::ArrivedDestination),
        10 => Status(Reason::DepartedOrigin),
        11 => Status(Reason::CustomsProcessing),
        12 | 42 => map_attempt(attribute),
        14 => map_clearance(attribute),
        15 | 23 => Status(Reason::Unclaimed),
        16 | 17 => Status(Reason::Disposed),
        18 => Status(Reason::Lost),
        // Duties paid, registration, opened, SRM, notices, kinds of payment,
        // refusal of courier delivery, cells and storage terms, a further number.
        19 | 20 | 25 | 30 | 34 | 35 | 36 | 41 | 43 | 45 | 47 | 49 | 52 | 55 | 58 | 59 | 60 | 63 => {
            Note
        }
        21 => match attribute {
            0 | 1 => Status(Reason::DeliveredGeneric),
            2 | 3 => Status(Reason::Signed),
            _ => Unknown,
        },
        22 => match attribute {
            0 | 9 => Status(Reason::AttemptGeneric),
            1 | 6 => Status(Reason::Access),
            2..=4 => Status(Reason::BadAddress),
            5 => Status(Reason::Refused),
            7 | 8 => Status(Reason::Moved),
            _ => Unknown,
        },
        24 => prolonged_by_customs(attribute),
        26 => match attribute {
            1 => Status(Reason::Voided),
            0 | 2 => Note,
            _ => Unknown,
        },
        27 | 28 | 37 => Status(Reason::Label),
        13 | 29 | 32 | 33 | 61 => Status(Reason::Moving),
        31 => map_carriage(attribute),
        38 => match attribute {
            4 => Status(Reason::BadAddress),
            0 | 13 => Delay(DelayReason::External),
            25 => Delay(DelayReason::Carrier),
            _ => Unknown,
        },
        // Declared before it arrives.
        39 => match attribute {
            0..=2 | 7 => Note,
            3 | 4 => Status(Reason::CustomsProcessing),
            5 => Status(Reason::CustomsInfoRequired),
            6 | 9 => Status(Reason::CustomsProhibited),
            8 => Status(Reason::CustomsReleased),
            _ => Unknown,
        },
        40 => match attribute {
            0 | 2 => Status(Reason::CustomsProcessing),
            1 => Note,
            3 => Status(Reason::CustomsProhibited),
            _ => Unknown,
        },
        44 => Status(Reason::RejectedByCarrier),
        46 => Status(Reason::Voided),
        48 => Status(Reason::DeliveredGeneric),
        50 | 57 => Status(Reason::AttemptGeneric),
        51 => match attribute {
            1 | 2 => Status(Reason::Closed),
            0 | 3..=6 => Status(Reason::AttemptGeneric),
            _ => Unknown,
        },
        53 => Status(Reason::Appointment),
        54 => match attribute {
            0 | 1 => Status(Reason::Appointment),
            2 => Delay(DelayReason::Carrier),
            _ => Unknown,
        },
        // The addressee left it in the locker.
        56 => Status(Reason::Refused),
        62 => Status(Reason::Received),
        1027 => Status(Reason::ExceptionGeneric),
        _ => Unknown,
    }
}

const fn handed_over(attribute: u16) -> ScanMeaning {
    match attribute {
        0 | 1 | 5 | 6 | 8 | 10..=15 | 17..=19 | 25..=27 => Status(Reason::DeliveredGeneric),
        // Out of a locker.
        3 | 21 | 23 => Status(Reason::Collected),
        2 | 4 | 7 | 9 | 16 | 20 | 22 | 24 | 28..=31 => Status(Reason::Received),
        _ => Unknown,
    }
}

const fn map_forwarding(attribute: u16) -> ScanMeaning {
    match attribute {
        // Sent astray.
        3 => Delay(DelayReason::Carrier),
        4 => Status(Reason::Security),
        5 | 6 => Status(Reason::Unclaimed),
        0..=2 | 7..=19 => Status(Reason::Forwarded),
        _ => Unknown,
    }
}

const fn map_processing(attribute: u16) -> ScanMeaning {
    match attribute {
        1 | 4 | 6 | 8 | 20 | 31 => Status(Reason::DepartureScan),
        3 | 5 | 7 | 30 | 44 | 73 => Status(Reason::ArrivalScan),
        0 | 12 | 17 | 22 | 32 | 49 | 64 | 68..=72 | 75 | 77 => Status(Reason::Moving),
        // 2 is the office where it waits for the addressee, unless a courier
        // or postman takes it on (15, 18); then lockers, pick-up points and
        // the days that it is still kept.
        2 | 9 | 10 | 14 | 27 | 28 | 33 | 35 | 39 | 42 | 43 | 56..=60 | 74 => Status(Reason::Ready),
        11 | 76 => Status(Reason::Forwarded),
        13 => Status(Reason::ArrivedDestination),
        15 | 18 => Status(Reason::Today),
        21 => Delay(DelayReason::External),
        29 | 53 | 65 => Status(Reason::ExceptionGeneric),
        40 => Status(Reason::Unclaimed),
        41 => Status(Reason::ToSender),
        // Suspended by the law against money laundering.
        47 => Status(Reason::Security),
        16 | 19 | 23..=26 | 34 | 36..=38 | 48 | 50..=52 | 54 | 55 | 61..=63 | 66 | 67 | 78 => Note,
        _ => Unknown,
    }
}

/// A failed attempt, the first or the second.
const fn map_attempt(attribute: u16) -> ScanMeaning {
    match attribute {
        1 | 10 => Status(Reason::NotHome),
        3 | 4 => Status(Reason::BadAddress),
        5 | 16 => Status(Reason::Moved),
        6 => Status(Reason::Refused),
        // The addressee will collect it.
        9 => Status(Reason::Ready),
        12 | 21 => Status(Reason::Unclaimed),
        14 => Status(Reason::Damaged),
        15 => Status(Reason::PaymentDue),
        19 | 20 => Status(Reason::CustomsInfoRequired),
        23 => Status(Reason::RejectedByCarrier),
        24 => Status(Reason::CustomsProhibited),
        25 => Delay(DelayReason::Carrier),
        26 => Status(Reason::ExceptionGeneric),
        28 => Status(Reason::Lost),
        // The age could not be shown.
        30 => Status(Reason::Access),
        _ => Status(Reason::AttemptGeneric),
    }
}

const fn map_clearance(attribute: u16) -> ScanMeaning {
    match attribute {
        1 | 5 | 13 | 16 | 22 | 26 => Status(Reason::CustomsReleased),
        2 | 4 | 9 | 17 | 20 | 23 | 25 => Status(Reason::CustomsProhibited),
        6 | 14 => Status(Reason::PaymentDue),
        0 | 3 | 7 | 10..=12 | 18 | 19 | 21 | 24 => Status(Reason::CustomsProcessing),
        8 => Delay(DelayReason::Customs),
        15 => Status(Reason::CustomsInfoRequired),
        _ => Unknown,
    }
}

const fn prolonged_by_customs(attribute: u16) -> ScanMeaning {
    match attribute {
        0..=4 | 1020 | 1058 | 1062..=1064 | 1070 | 1099 => Delay(DelayReason::Customs),
        1019 => Status(Reason::CustomsProhibited),
        5 | 1050..=1057 | 1059..=1061 | 1065 | 1073 => Status(Reason::CustomsInfoRequired),
        _ => Unknown,
    }
}

/// In the hands of an airline or railway: its "delivered" (21) is only at the
/// end of its leg.
const fn map_carriage(attribute: u16) -> ScanMeaning {
    match attribute {
        1 | 14 | 21 | 23 | 40 | 59 => Status(Reason::ArrivalScan),
        24 => Status(Reason::DepartureScan),
        31 | 41..=43 | 48 | 74 => Status(Reason::Moving),
        57 | 82 => Delay(DelayReason::Carrier),
        5..=7 => Note,
        _ => Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn handed_over_to_the_sender_is_returned() {
        for attribute in [2, 4, 7, 9, 16, 20, 22, 24, 28, 29, 30, 31] {
            assert_eq!(
                map_meaning(2, attribute),
                Status(Reason::Received),
                "{attribute}"
            );
        }
        for attribute in (0..=31)
            .filter(|attribute| ![2, 4, 7, 9, 16, 20, 22, 24, 28, 29, 30, 31].contains(attribute))
        {
            let Status(reason) = map_meaning(2, attribute) else {
                panic!("{attribute}");
            };
            assert_eq!(reason.to_status().to_string(), "delivered", "{attribute}");
        }
        assert_eq!(map_meaning(2, 32), Unknown);
    }

    #[test]
    fn every_published_attribute_of_processing_is_known_but_the_reserved() {
        let unknown: Vec<u16> = (0..=78)
            .filter(|attribute| map_meaning(8, *attribute) == Unknown)
            .collect();
        assert_eq!(unknown, [45, 46]);
    }

    #[test]
    fn the_end_of_a_flight_is_no_delivery() {
        assert_eq!(map_meaning(31, 21), Status(Reason::ArrivalScan));
    }

    #[test]
    fn a_type_that_is_not_published_is_unknown() {
        assert_eq!(map_meaning(0, 0), Unknown);
        assert_eq!(map_meaning(64, 1), Unknown);
        assert_eq!(map_meaning(8, 79), Unknown);
    }
}
