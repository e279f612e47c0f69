//! The regional carriers of the United States, and Canada.

use super::{GS1, NumberFormat, PatternPart, Rule, check_by, format_with_check, plain_format};

/// The body without its letter, which counts four (C) or five (D) at the front.
const ONTRAC_C: Rule = Rule::Mod10 {
    odd: 2,
    even: 1,
    plus: 4,
};
const ONTRAC_D: Rule = Rule::Mod10 {
    odd: 2,
    even: 1,
    plus: 5,
};

pub(super) const FORMATS: &[NumberFormat] = &[
    format_with_check(
        "Canada Post 16",
        "canada_post",
        &[PatternPart::Digits(16)],
        check_by(GS1, 0, 15),
        66,
    ),
    format_with_check(
        "Purolator 12",
        "purolator",
        &[
            PatternPart::OneOf(&["0", "1", "2", "3", "4", "5"]),
            PatternPart::Digits(11),
        ],
        check_by(Rule::Luhn, 0, 11),
        58,
    ),
    plain_format(
        "Purolator letters",
        "purolator",
        &[PatternPart::Letters(3), PatternPart::Digits(9)],
        60,
    ),
    plain_format(
        "Canpar 22",
        "canpar",
        &[
            PatternPart::OneOf(&["C", "D", "K", "L", "S", "U", "X", "Z"]),
            PatternPart::Digits(21),
        ],
        85,
    ),
    format_with_check(
        "OnTrac C",
        "ontrac",
        &[PatternPart::Text("C"), PatternPart::Digits(14)],
        check_by(ONTRAC_C, 1, 14),
        95,
    ),
    format_with_check(
        "OnTrac D",
        "ontrac",
        &[PatternPart::Text("D"), PatternPart::Digits(14)],
        check_by(ONTRAC_D, 1, 14),
        95,
    ),
    plain_format(
        "LaserShip L",
        "lasership",
        &[
            PatternPart::OneOf(&["LA", "LE", "LH", "LI", "LN", "LX"]),
            PatternPart::OneOf(&["1", "2", "3"]),
            PatternPart::Digits(7),
        ],
        82,
    ),
    plain_format(
        "LaserShip L letter",
        "lasership",
        &[
            PatternPart::Text("L"),
            PatternPart::Letters(1),
            PatternPart::Digits(8),
        ],
        58,
    ),
    plain_format(
        "LaserShip 1LSCX",
        "lasership",
        &[PatternPart::Text("1LSCX"), PatternPart::Any(10)],
        88,
    ),
    plain_format(
        "LaserShip 1LS",
        "lasership",
        &[
            PatternPart::Text("1LS7"),
            PatternPart::OneOf(&["1", "2"]),
            PatternPart::Digits(10),
        ],
        88,
    ),
    // With the number of the piece, behind a hyphen.
    plain_format(
        "LaserShip 1LS piece",
        "lasership",
        &[
            PatternPart::Text("1LS7"),
            PatternPart::OneOf(&["1", "2"]),
            PatternPart::Digits(11),
            PatternPart::Text("1"),
        ],
        88,
    ),
    plain_format(
        "Amazon",
        "amazon",
        &[
            PatternPart::OneOf(&["TBA", "TBC", "TBM"]),
            PatternPart::Digits(12),
        ],
        88,
    ),
    // Abroad; A is also a letter of UPS.
    plain_format(
        "Amazon international",
        "amazon",
        &[
            PatternPart::OneOf(&["A", "C", "F"]),
            PatternPart::Digits(10),
        ],
        62,
    ),
    plain_format(
        "Amazon Europe",
        "amazon",
        &[
            PatternPart::OneOf(&["DE", "FR", "UK"]),
            PatternPart::Digits(10),
        ],
        48,
    ),
    plain_format(
        "Landmark LTN",
        "landmark",
        &[
            PatternPart::Text("LTN"),
            PatternPart::Digits(8),
            PatternPart::Text("N"),
            PatternPart::Digits(1),
        ],
        88,
    ),
    plain_format(
        "Landmark LTN",
        "landmark",
        &[
            PatternPart::Text("LTN"),
            PatternPart::Digits(9),
            PatternPart::Text("N"),
            PatternPart::Digits(1),
        ],
        88,
    ),
    plain_format(
        "Spee-Dee 20",
        "speedee",
        &[PatternPart::Text("SP"), PatternPart::Digits(18)],
        88,
    ),
    plain_format(
        "GOFO",
        "gofo",
        &[PatternPart::Text("GFUS"), PatternPart::Digits(14)],
        88,
    ),
    format_with_check(
        "Old Dominion PRO",
        "old_dominion",
        &[
            PatternPart::OneOf(&["072", "777", "778", "779", "780", "781", "782"]),
            PatternPart::Digits(8),
        ],
        check_by(Rule::Luhn, 0, 10),
        76,
    ),
    format_with_check(
        "Old Dominion guaranteed",
        "old_dominion",
        &[PatternPart::Text("80"), PatternPart::Digits(9)],
        check_by(Rule::Luhn, 0, 10),
        70,
    ),
];
