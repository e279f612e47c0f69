//! USPS: the Intelligent Mail package barcode (Publication 199), alone or behind
//! the routing code `420` with a ZIP of five or nine digits, and the labels
//! before it.

use super::{Format, GS1, Piece, Rule, by, checked, firm, postal};

/// What an Intelligent Mail package barcode begins with: 92 and 93 for a mailer
/// id of nine digits, 94 for six, 95 for retail, 91 of old.
const BARCODE: Piece = Piece::OneOf(&["91", "92", "93", "94", "95"]);

/// The service types of labels of twenty digits.
const SERVICES: Piece = Piece::OneOf(&["03", "13", "23", "70", "71", "73", "77", "81", "82"]);

/// The body of an old label without the leading `91`, which adds 9 × 3 + 1.
const WITHOUT_91: Rule = Rule::Mod10 {
    odd: 3,
    even: 1,
    plus: 28,
};

pub(super) const FORMATS: &[Format] = &[
    postal(firm(
        "USPS 22",
        "usps",
        &[BARCODE, Piece::Digits(20)],
        by(GS1, 0, 21),
        95,
    )),
    postal(firm(
        "USPS 26",
        "usps",
        &[BARCODE, Piece::Digits(24)],
        by(GS1, 0, 25),
        95,
    )),
    postal(firm(
        "USPS 420 30",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(5),
            BARCODE,
            Piece::Digits(20),
        ],
        by(GS1, 8, 29),
        98,
    )),
    postal(checked(
        "USPS 420 34 (ZIP+4)",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(9),
            BARCODE,
            Piece::Digits(20),
        ],
        by(GS1, 12, 33),
        98,
    )),
    postal(checked(
        "USPS 420 34",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(5),
            BARCODE,
            Piece::Digits(24),
        ],
        by(GS1, 8, 33),
        98,
    )),
    postal(firm(
        "USPS 420 38",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(9),
            BARCODE,
            Piece::Digits(24),
        ],
        by(GS1, 12, 37),
        98,
    )),
    postal(checked(
        "USPS 20",
        "usps",
        &[SERVICES, Piece::Digits(18)],
        by(GS1, 0, 19),
        85,
    )),
    postal(checked(
        "USPS 20 (without 91)",
        "usps",
        &[SERVICES, Piece::Digits(18)],
        by(WITHOUT_91, 0, 19),
        82,
    )),
    // The longest packages of the source ids of 94.
    postal(checked(
        "USPS 30",
        "usps",
        &[Piece::Text("94"), Piece::Digits(28)],
        by(GS1, 0, 29),
        93,
    )),
    // The labels of twenty digits behind the routing code.
    postal(checked(
        "USPS 420 28",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(5),
            SERVICES,
            Piece::Digits(18),
        ],
        by(WITHOUT_91, 8, 27),
        90,
    )),
    postal(checked(
        "USPS 420 32",
        "usps",
        &[
            Piece::Text("420"),
            Piece::Digits(9),
            SERVICES,
            Piece::Digits(18),
        ],
        by(WITHOUT_91, 12, 31),
        90,
    )),
];
