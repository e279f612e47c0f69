//! The regional carriers of the United States, and Canada.

use super::{Format, GS1, Piece, Rule, by, checked, plain};

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

pub(super) const FORMATS: &[Format] = &[
    checked(
        "Canada Post 16",
        "canada_post",
        &[Piece::Digits(16)],
        by(GS1, 0, 15),
        66,
    ),
    checked(
        "Purolator 12",
        "purolator",
        &[
            Piece::OneOf(&["0", "1", "2", "3", "4", "5"]),
            Piece::Digits(11),
        ],
        by(Rule::Luhn, 0, 11),
        58,
    ),
    plain(
        "Purolator letters",
        "purolator",
        &[Piece::Letters(3), Piece::Digits(9)],
        60,
    ),
    plain(
        "Canpar 22",
        "canpar",
        &[
            Piece::OneOf(&["C", "D", "K", "L", "S", "U", "X", "Z"]),
            Piece::Digits(21),
        ],
        85,
    ),
    checked(
        "OnTrac C",
        "ontrac",
        &[Piece::Text("C"), Piece::Digits(14)],
        by(ONTRAC_C, 1, 14),
        95,
    ),
    checked(
        "OnTrac D",
        "ontrac",
        &[Piece::Text("D"), Piece::Digits(14)],
        by(ONTRAC_D, 1, 14),
        95,
    ),
    plain(
        "LaserShip L",
        "lasership",
        &[
            Piece::OneOf(&["LA", "LE", "LH", "LI", "LN", "LX"]),
            Piece::OneOf(&["1", "2", "3"]),
            Piece::Digits(7),
        ],
        82,
    ),
    plain(
        "LaserShip L letter",
        "lasership",
        &[Piece::Text("L"), Piece::Letters(1), Piece::Digits(8)],
        58,
    ),
    plain(
        "LaserShip 1LSCX",
        "lasership",
        &[Piece::Text("1LSCX"), Piece::Any(10)],
        88,
    ),
    plain(
        "LaserShip 1LS",
        "lasership",
        &[
            Piece::Text("1LS7"),
            Piece::OneOf(&["1", "2"]),
            Piece::Digits(10),
        ],
        88,
    ),
    // With the number of the piece, behind a hyphen.
    plain(
        "LaserShip 1LS piece",
        "lasership",
        &[
            Piece::Text("1LS7"),
            Piece::OneOf(&["1", "2"]),
            Piece::Digits(11),
            Piece::Text("1"),
        ],
        88,
    ),
    plain(
        "Amazon",
        "amazon",
        &[Piece::OneOf(&["TBA", "TBC", "TBM"]), Piece::Digits(12)],
        88,
    ),
    // Abroad; A is also a letter of UPS.
    plain(
        "Amazon international",
        "amazon",
        &[Piece::OneOf(&["A", "C", "F"]), Piece::Digits(10)],
        62,
    ),
    plain(
        "Amazon Europe",
        "amazon",
        &[Piece::OneOf(&["DE", "FR", "UK"]), Piece::Digits(10)],
        48,
    ),
    plain(
        "Landmark LTN",
        "landmark",
        &[
            Piece::Text("LTN"),
            Piece::Digits(8),
            Piece::Text("N"),
            Piece::Digits(1),
        ],
        88,
    ),
    plain(
        "Landmark LTN",
        "landmark",
        &[
            Piece::Text("LTN"),
            Piece::Digits(9),
            Piece::Text("N"),
            Piece::Digits(1),
        ],
        88,
    ),
    plain(
        "Spee-Dee 20",
        "speedee",
        &[Piece::Text("SP"), Piece::Digits(18)],
        88,
    ),
    plain(
        "GOFO",
        "gofo",
        &[Piece::Text("GFUS"), Piece::Digits(14)],
        88,
    ),
    checked(
        "Old Dominion PRO",
        "old_dominion",
        &[
            Piece::OneOf(&["072", "777", "778", "779", "780", "781", "782"]),
            Piece::Digits(8),
        ],
        by(Rule::Luhn, 0, 10),
        76,
    ),
    checked(
        "Old Dominion guaranteed",
        "old_dominion",
        &[Piece::Text("80"), Piece::Digits(9)],
        by(Rule::Luhn, 0, 10),
        70,
    ),
];
