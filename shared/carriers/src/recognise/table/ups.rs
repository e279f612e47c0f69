//! UPS. The shapes are those of "Tracking support" at ups.com; the check digit
//! of the waybill is not documented and was derived from published numbers.

use super::{Format, Piece, Rule, by, checked, firm, plain};

/// The body of a 1Z number: 1 2 1 2 …, letters counted by their ASCII codes.
const ONE_TWO: Rule = Rule::Mod10 {
    odd: 1,
    even: 2,
    plus: 0,
};

pub(super) const FORMATS: &[Format] = &[
    firm(
        "UPS 1Z",
        "ups",
        &[Piece::Text("1Z"), Piece::Any(15), Piece::Digits(1)],
        by(ONE_TWO, 2, 17),
        99,
    ),
    checked(
        "UPS waybill",
        "ups",
        // Others, as C, stand before numbers of Amazon and of Packeta.
        &[
            Piece::OneOf(&["A", "H", "J", "K", "T", "V"]),
            Piece::Digits(10),
        ],
        by(ONE_TWO, 1, 10),
        65,
    ),
    plain(
        "UPS Mail Innovations",
        "ups",
        &[Piece::Text("MI"), Piece::LastDigits(7, 28)],
        75,
    ),
];
