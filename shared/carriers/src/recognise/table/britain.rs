//! Britain, besides the postal numbers that end with `GB`.

use super::{Format, Piece, plain};

pub(super) const FORMATS: &[Format] = &[
    // The number in the two-dimensional barcode of a Royal Mail label.
    plain(
        "Royal Mail 2D",
        "royal_mail",
        &[Piece::Digits(2), Piece::Any(19)],
        20,
    ),
    plain(
        "Parcelforce 9",
        "parcelforce",
        &[Piece::Letters(2), Piece::Digits(7)],
        60,
    ),
    plain(
        "Parcelforce 14",
        "parcelforce",
        &[Piece::Letters(4), Piece::Digits(10)],
        60,
    ),
    // Abroad, as parcelforce.com describes it.
    plain("Parcelforce 12", "parcelforce", &[Piece::Digits(12)], 18),
    plain("Evri 16", "evri", &[Piece::Digits(16)], 35),
    plain(
        "Evri",
        "evri",
        &[
            Piece::Letters(1),
            Piece::Digits(2),
            Piece::Any(3),
            Piece::Digits(10),
        ],
        66,
    ),
    plain(
        "Yodel JD",
        "yodel",
        &[Piece::Text("JD"), Piece::Digits(16)],
        86,
    ),
    plain(
        "Yodel JJD",
        "yodel",
        &[Piece::Text("JJD"), Piece::Digits(16)],
        86,
    ),
    plain(
        "Yodel 8Y",
        "yodel",
        &[Piece::Text("8Y"), Piece::Letters(2), Piece::Digits(9)],
        84,
    ),
    plain("DPD UK 14", "dpd_uk", &[Piece::Digits(14)], 30),
];
