//! UPS. The shapes are those of "Tracking support" at ups.com; the check digit
//! of the waybill is not documented and was derived from published numbers.

use super::{
    NumberFormat, PatternPart, Rule, check_by, firm_format, format_with_check, plain_format,
};

/// The body of a 1Z number: 1 2 1 2 …, letters counted by their ASCII codes.
const ONE_TWO: Rule = Rule::Mod10 {
    odd: 1,
    even: 2,
    plus: 0,
};

pub(super) const FORMATS: &[NumberFormat] = &[
    firm_format(
        "UPS 1Z",
        "ups",
        &[
            PatternPart::Text("1Z"),
            PatternPart::Any(15),
            PatternPart::Digits(1),
        ],
        check_by(ONE_TWO, 2, 17),
        99,
    ),
    format_with_check(
        "UPS waybill",
        "ups",
        // Others, as C, stand before numbers of Amazon and of Packeta.
        &[
            PatternPart::OneOf(&["A", "H", "J", "K", "T", "V"]),
            PatternPart::Digits(10),
        ],
        check_by(ONE_TWO, 1, 10),
        65,
    ),
    plain_format(
        "UPS Mail Innovations",
        "ups",
        &[PatternPart::Text("MI"), PatternPart::LastDigits(7, 28)],
        75,
    ),
];
