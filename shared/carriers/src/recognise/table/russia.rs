//! Russia and its neighbours.

use super::{Format, GS1, Piece, by, checked, plain};

pub(super) const FORMATS: &[Format] = &[
    // The index of the office, the month, the serial number, the check digit.
    checked(
        "Russian Post 14",
        "russian_post",
        &[
            Piece::OneOf(&["1", "2", "3", "4", "6", "8"]),
            Piece::Digits(13),
        ],
        by(GS1, 0, 13),
        64,
    ),
    plain("CDEK 10", "cdek", &[Piece::Digits(10)], 32),
    plain(
        "Boxberry",
        "boxberry",
        &[Piece::Text("DUD"), Piece::LastDigits(7, 10)],
        80,
    ),
    plain(
        "Nova Poshta 14",
        "nova_poshta",
        &[Piece::OneOf(&["20", "59"]), Piece::Digits(12)],
        52,
    ),
    plain(
        "Ukrposhta 13",
        "ukrposhta",
        &[Piece::Text("05"), Piece::Digits(11)],
        48,
    ),
];
