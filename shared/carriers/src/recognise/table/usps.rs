//! USPS: the Intelligent Mail package barcode (Publication 199), alone or behind
//! the routing code `420` with a ZIP of five or nine digits, and the labels
//! before it.

use super::{
    GS1, NumberFormat, PatternPart, Rule, check_by, firm_format, format_with_check, postal_format,
};

/// What an Intelligent Mail package barcode begins with: 92 and 93 for a mailer
/// id of nine digits, 94 for six, 95 for retail, 91 of old.
const BARCODE: PatternPart = PatternPart::OneOf(&["91", "92", "93", "94", "95"]);

/// The service types of labels of twenty digits.
const SERVICES: PatternPart =
    PatternPart::OneOf(&["03", "13", "23", "70", "71", "73", "77", "81", "82"]);

/// The body of an old label without the leading `91`, which adds 9 × 3 + 1.
const WITHOUT_91: Rule = Rule::Mod10 {
    odd: 3,
    even: 1,
    plus: 28,
};

pub(super) const FORMATS: &[NumberFormat] = &[
    postal_format(firm_format(
        "USPS 22",
        "usps",
        &[BARCODE, PatternPart::Digits(20)],
        check_by(GS1, 0, 21),
        95,
    )),
    postal_format(firm_format(
        "USPS 26",
        "usps",
        &[BARCODE, PatternPart::Digits(24)],
        check_by(GS1, 0, 25),
        95,
    )),
    postal_format(firm_format(
        "USPS 420 30",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(5),
            BARCODE,
            PatternPart::Digits(20),
        ],
        check_by(GS1, 8, 29),
        98,
    )),
    postal_format(format_with_check(
        "USPS 420 34 (ZIP+4)",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(9),
            BARCODE,
            PatternPart::Digits(20),
        ],
        check_by(GS1, 12, 33),
        98,
    )),
    postal_format(format_with_check(
        "USPS 420 34",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(5),
            BARCODE,
            PatternPart::Digits(24),
        ],
        check_by(GS1, 8, 33),
        98,
    )),
    postal_format(firm_format(
        "USPS 420 38",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(9),
            BARCODE,
            PatternPart::Digits(24),
        ],
        check_by(GS1, 12, 37),
        98,
    )),
    postal_format(format_with_check(
        "USPS 20",
        "usps",
        &[SERVICES, PatternPart::Digits(18)],
        check_by(GS1, 0, 19),
        85,
    )),
    postal_format(format_with_check(
        "USPS 20 (without 91)",
        "usps",
        &[SERVICES, PatternPart::Digits(18)],
        check_by(WITHOUT_91, 0, 19),
        82,
    )),
    // The longest packages of the source ids of 94.
    postal_format(format_with_check(
        "USPS 30",
        "usps",
        &[PatternPart::Text("94"), PatternPart::Digits(28)],
        check_by(GS1, 0, 29),
        93,
    )),
    // The labels of twenty digits behind the routing code.
    postal_format(format_with_check(
        "USPS 420 28",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(5),
            SERVICES,
            PatternPart::Digits(18),
        ],
        check_by(WITHOUT_91, 8, 27),
        90,
    )),
    postal_format(format_with_check(
        "USPS 420 32",
        "usps",
        &[
            PatternPart::Text("420"),
            PatternPart::Digits(9),
            SERVICES,
            PatternPart::Digits(18),
        ],
        check_by(WITHOUT_91, 12, 31),
        90,
    )),
];
