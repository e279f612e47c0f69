//! Federal Express: Express, Ground and Ground Economy.

use super::{Format, GS1, GS1_EVEN, Piece, Rule, by, checked, firm, plain};

/// The body of a label of Ground Economy (once `SmartPost`) without its
/// leading `92`, which adds 9 × 3 + 2 to the sum.
const WITHOUT_92: Rule = Rule::Mod10 {
    odd: 3,
    even: 1,
    plus: 29,
};

/// The thirteen digits at the end of the long codes.
const SERIAL: Rule = Rule::Mod11Mod10(&[1, 7, 3]);

pub(super) const FORMATS: &[Format] = &[
    firm(
        "FedEx 12",
        "fedex",
        &[Piece::Digits(12)],
        by(Rule::Mod11Mod10(&[3, 1, 7]), 0, 11),
        62,
    ),
    firm(
        "FedEx Ground 15",
        "fedex",
        &[Piece::Digits(15)],
        by(GS1_EVEN, 0, 14),
        66,
    ),
    checked(
        "FedEx SSCC 18",
        "fedex",
        &[Piece::OneOf(&["00", "01", "02", "04"]), Piece::Digits(16)],
        by(GS1, 0, 17),
        50,
    ),
    checked(
        "FedEx Ground Economy 20",
        "fedex",
        &[Piece::Text("61"), Piece::Digits(18)],
        by(WITHOUT_92, 0, 19),
        86,
    ),
    // The same parcel as USPS knows it, who hands it over.
    checked(
        "FedEx Ground Economy 22",
        "fedex",
        &[Piece::Text("92612"), Piece::Digits(17)],
        by(GS1, 0, 21),
        70,
    ),
    checked(
        "FedEx Ground 96",
        "fedex",
        &[Piece::Text("96"), Piece::Digits(20)],
        by(GS1_EVEN, 7, 21),
        95,
    ),
    checked(
        "FedEx 34",
        "fedex",
        &[Piece::Text("100"), Piece::Digits(31)],
        by(SERIAL, 20, 33),
        96,
    ),
    // The newer ones begin with other digits. USPS has numbers as long, with `420`
    // or a nine in front.
    checked(
        "FedEx 34 (new)",
        "fedex",
        &[
            Piece::OneOf(&["0", "1", "2", "3", "5", "6", "7", "8"]),
            Piece::Digits(33),
        ],
        by(SERIAL, 20, 33),
        92,
    ),
    checked(
        "FedEx 34 (any)",
        "fedex",
        &[Piece::Digits(34)],
        by(SERIAL, 20, 33),
        60,
    ),
    // The barcode of an ASTRA label: the number of twelve digits stands inside it.
    checked(
        "FedEx ASTRA 32",
        "fedex",
        &[Piece::Text("3"), Piece::Digits(31)],
        by(Rule::Mod11Mod10(&[3, 1, 7]), 16, 27),
        92,
    ),
    checked(
        "FedEx Ground 96 34",
        "fedex",
        &[Piece::Text("96"), Piece::Digits(32)],
        by(SERIAL, 20, 33),
        95,
    ),
    plain(
        "FedEx door tag",
        "fedex",
        &[Piece::Text("DT"), Piece::Digits(12)],
        82,
    ),
];
