//! Russia and its neighbours.

use super::{GS1, NumberFormat, PatternPart, check_by, format_with_check, plain_format};

pub(super) const FORMATS: &[NumberFormat] = &[
    // The index of the office, the month, the serial number, the check digit.
    format_with_check(
        "Russian Post 14",
        "russian_post",
        &[
            PatternPart::OneOf(&["1", "2", "3", "4", "6", "8"]),
            PatternPart::Digits(13),
        ],
        check_by(GS1, 0, 13),
        64,
    ),
    plain_format("CDEK 10", "cdek", &[PatternPart::Digits(10)], 32),
    plain_format(
        "Boxberry",
        "boxberry",
        &[PatternPart::Text("DUD"), PatternPart::LastDigits(7, 10)],
        80,
    ),
    plain_format(
        "Nova Poshta 14",
        "nova_poshta",
        &[PatternPart::OneOf(&["20", "59"]), PatternPart::Digits(12)],
        52,
    ),
    plain_format(
        "Ukrposhta 13",
        "ukrposhta",
        &[PatternPart::Text("05"), PatternPart::Digits(11)],
        48,
    ),
];
