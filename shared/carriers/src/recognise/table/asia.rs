//! Asia and Australia.

use super::{Format, Piece, Rule, by, checked, plain};

pub(super) const FORMATS: &[Format] = &[
    plain(
        "SF 15",
        "sf_express",
        &[Piece::Text("SF"), Piece::Digits(13)],
        88,
    ),
    plain("SF 12", "sf_express", &[Piece::Digits(12)], 20),
    plain("SF 15 digits", "sf_express", &[Piece::Digits(15)], 20),
    plain(
        "YunExpress",
        "yunexpress",
        &[Piece::Text("YT"), Piece::Digits(16)],
        88,
    ),
    plain(
        "Yanwen",
        "yanwen",
        &[Piece::Letters(2), Piece::Digits(9), Piece::Text("YP")],
        85,
    ),
    plain(
        "Cainiao LP",
        "cainiao",
        &[Piece::Text("LP"), Piece::Digits(14)],
        82,
    ),
    plain(
        "Cainiao CNG",
        "cainiao",
        &[Piece::Text("CNG"), Piece::Digits(14)],
        84,
    ),
    plain(
        "Yanwen BYS",
        "yanwen",
        &[Piece::Text("BYS"), Piece::Digits(9)],
        72,
    ),
    plain(
        "4PX",
        "4px",
        &[Piece::Text("4PX"), Piece::Digits(13), Piece::Text("CN")],
        88,
    ),
    plain(
        "JD Logistics",
        "jd_logistics",
        &[Piece::OneOf(&["JDV", "JDX"]), Piece::LastDigits(11, 13)],
        80,
    ),
    checked(
        "Yamato 12",
        "yamato",
        &[Piece::Digits(12)],
        by(Rule::Mod7, 0, 11),
        44,
    ),
    checked(
        "Sagawa 12",
        "sagawa",
        &[Piece::Digits(12)],
        by(Rule::Mod7, 0, 11),
        42,
    ),
    checked(
        "Japan Post 12",
        "japan_post",
        &[Piece::Digits(12)],
        by(Rule::Mod7, 0, 11),
        40,
    ),
    plain(
        "Australia Post 21",
        "australia_post",
        &[Piece::Text("33"), Piece::Any(19)],
        56,
    ),
    plain(
        "Australia Post 23",
        "australia_post",
        &[Piece::Text("33"), Piece::Any(21)],
        56,
    ),
    // A sender's three characters, the consignment and, in an article's, its place
    // in it: so are those of the examples of Australia Post's interface.
    plain(
        "Australia Post article",
        "australia_post",
        &[Piece::Digits(1), Piece::Letters(2), Piece::Digits(10)],
        52,
    ),
    plain(
        "Australia Post consignment",
        "australia_post",
        &[Piece::Digits(1), Piece::Letters(2), Piece::Digits(7)],
        46,
    ),
    // The whole barcode: the sender's three or five characters, the consignment, the
    // article, the product and the service.
    plain(
        "Australia Post barcode 21",
        "australia_post",
        &[Piece::Digits(1), Piece::Letters(2), Piece::Digits(18)],
        70,
    ),
    plain(
        "Australia Post barcode 23",
        "australia_post",
        &[Piece::Digits(1), Piece::Any(4), Piece::Digits(18)],
        44,
    ),
    plain(
        "Australia Post 16",
        "australia_post",
        &[Piece::Text("7XX1"), Piece::Digits(12)],
        60,
    ),
];
