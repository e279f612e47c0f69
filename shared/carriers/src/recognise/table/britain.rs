//! Britain, besides the postal numbers that end with `GB`.

use super::{NumberFormat, PatternPart, plain_format};

pub(super) const FORMATS: &[NumberFormat] = &[
    // The number in the two-dimensional barcode of a Royal Mail label.
    plain_format(
        "Royal Mail 2D",
        "royal_mail",
        &[PatternPart::Digits(2), PatternPart::Any(19)],
        20,
    ),
    plain_format(
        "Parcelforce 9",
        "parcelforce",
        &[PatternPart::Letters(2), PatternPart::Digits(7)],
        60,
    ),
    plain_format(
        "Parcelforce 14",
        "parcelforce",
        &[PatternPart::Letters(4), PatternPart::Digits(10)],
        60,
    ),
    // Abroad, as parcelforce.com describes it.
    plain_format(
        "Parcelforce 12",
        "parcelforce",
        &[PatternPart::Digits(12)],
        18,
    ),
    plain_format("Evri 16", "evri", &[PatternPart::Digits(16)], 35),
    plain_format(
        "Evri",
        "evri",
        &[
            PatternPart::Letters(1),
            PatternPart::Digits(2),
            PatternPart::Any(3),
            PatternPart::Digits(10),
        ],
        66,
    ),
    plain_format(
        "Yodel JD",
        "yodel",
        &[PatternPart::Text("JD"), PatternPart::Digits(16)],
        86,
    ),
    plain_format(
        "Yodel JJD",
        "yodel",
        &[PatternPart::Text("JJD"), PatternPart::Digits(16)],
        86,
    ),
    plain_format(
        "Yodel 8Y",
        "yodel",
        &[
            PatternPart::Text("8Y"),
            PatternPart::Letters(2),
            PatternPart::Digits(9),
        ],
        84,
    ),
    plain_format("DPD UK 14", "dpd_uk", &[PatternPart::Digits(14)], 30),
];
