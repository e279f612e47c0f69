//! Federal Express: Express, Ground and Ground Economy.

use super::{
    GS1, GS1_EVEN, NumberFormat, PatternPart, Rule, check_by, firm_format, format_with_check,
    plain_format,
};

/// The body of a label of Ground Economy (once `SmartPost`) without its
/// leading `92`, which adds 9 × 3 + 2 to the sum.
const WITHOUT_92: Rule = Rule::Mod10 {
    odd: 3,
    even: 1,
    plus: 29,
};

/// The thirteen digits at the end of the long codes.
const SERIAL: Rule = Rule::Mod11Mod10(&[1, 7, 3]);

pub(super) const FORMATS: &[NumberFormat] = &[
    firm_format(
        "FedEx 12",
        "fedex",
        &[PatternPart::Digits(12)],
        check_by(Rule::Mod11Mod10(&[3, 1, 7]), 0, 11),
        62,
    ),
    firm_format(
        "FedEx Ground 15",
        "fedex",
        &[PatternPart::Digits(15)],
        check_by(GS1_EVEN, 0, 14),
        66,
    ),
    format_with_check(
        "FedEx SSCC 18",
        "fedex",
        &[
            PatternPart::OneOf(&["00", "01", "02", "04"]),
            PatternPart::Digits(16),
        ],
        check_by(GS1, 0, 17),
        50,
    ),
    format_with_check(
        "FedEx Ground Economy 20",
        "fedex",
        &[PatternPart::Text("61"), PatternPart::Digits(18)],
        check_by(WITHOUT_92, 0, 19),
        86,
    ),
    // The same shipment as USPS knows it, who hands it over.
    format_with_check(
        "FedEx Ground Economy 22",
        "fedex",
        &[PatternPart::Text("92612"), PatternPart::Digits(17)],
        check_by(GS1, 0, 21),
        70,
    ),
    format_with_check(
        "FedEx Ground 96",
        "fedex",
        &[PatternPart::Text("96"), PatternPart::Digits(20)],
        check_by(GS1_EVEN, 7, 21),
        95,
    ),
    format_with_check(
        "FedEx 34",
        "fedex",
        &[PatternPart::Text("100"), PatternPart::Digits(31)],
        check_by(SERIAL, 20, 33),
        96,
    ),
    // The newer ones begin with other digits. USPS has numbers as long, with `420`
    // or a nine in front.
    format_with_check(
        "FedEx 34 (new)",
        "fedex",
        &[
            PatternPart::OneOf(&["0", "1", "2", "3", "5", "6", "7", "8"]),
            PatternPart::Digits(33),
        ],
        check_by(SERIAL, 20, 33),
        92,
    ),
    format_with_check(
        "FedEx 34 (any)",
        "fedex",
        &[PatternPart::Digits(34)],
        check_by(SERIAL, 20, 33),
        60,
    ),
    // The barcode of an ASTRA label: the number of twelve digits stands inside it.
    format_with_check(
        "FedEx ASTRA 32",
        "fedex",
        &[PatternPart::Text("3"), PatternPart::Digits(31)],
        check_by(Rule::Mod11Mod10(&[3, 1, 7]), 16, 27),
        92,
    ),
    format_with_check(
        "FedEx Ground 96 34",
        "fedex",
        &[PatternPart::Text("96"), PatternPart::Digits(32)],
        check_by(SERIAL, 20, 33),
        95,
    ),
    plain_format(
        "FedEx door tag",
        "fedex",
        &[PatternPart::Text("DT"), PatternPart::Digits(12)],
        82,
    ),
];
