//! Asia and Australia.

use super::{NumberFormat, PatternPart, Rule, check_by, format_with_check, plain_format};

pub(super) const FORMATS: &[NumberFormat] = &[
    plain_format(
        "SF 15",
        "sf_express",
        &[PatternPart::Text("SF"), PatternPart::Digits(13)],
        88,
    ),
    plain_format("SF 12", "sf_express", &[PatternPart::Digits(12)], 20),
    plain_format("SF 15 digits", "sf_express", &[PatternPart::Digits(15)], 20),
    plain_format(
        "YunExpress",
        "yunexpress",
        &[PatternPart::Text("YT"), PatternPart::Digits(16)],
        88,
    ),
    plain_format(
        "Yanwen",
        "yanwen",
        &[
            PatternPart::Letters(2),
            PatternPart::Digits(9),
            PatternPart::Text("YP"),
        ],
        85,
    ),
    plain_format(
        "Cainiao LP",
        "cainiao",
        &[PatternPart::Text("LP"), PatternPart::Digits(14)],
        82,
    ),
    plain_format(
        "Cainiao CNG",
        "cainiao",
        &[PatternPart::Text("CNG"), PatternPart::Digits(14)],
        84,
    ),
    plain_format(
        "Yanwen BYS",
        "yanwen",
        &[PatternPart::Text("BYS"), PatternPart::Digits(9)],
        72,
    ),
    plain_format(
        "4PX",
        "4px",
        &[
            PatternPart::Text("4PX"),
            PatternPart::Digits(13),
            PatternPart::Text("CN"),
        ],
        88,
    ),
    plain_format(
        "JD Logistics",
        "jd_logistics",
        &[
            PatternPart::OneOf(&["JDV", "JDX"]),
            PatternPart::LastDigits(11, 13),
        ],
        80,
    ),
    format_with_check(
        "Yamato 12",
        "yamato",
        &[PatternPart::Digits(12)],
        check_by(Rule::Mod7, 0, 11),
        44,
    ),
    format_with_check(
        "Sagawa 12",
        "sagawa",
        &[PatternPart::Digits(12)],
        check_by(Rule::Mod7, 0, 11),
        42,
    ),
    format_with_check(
        "Japan Post 12",
        "japan_post",
        &[PatternPart::Digits(12)],
        check_by(Rule::Mod7, 0, 11),
        40,
    ),
    plain_format(
        "Australia Post 21",
        "australia_post",
        &[PatternPart::Text("33"), PatternPart::Any(19)],
        56,
    ),
    plain_format(
        "Australia Post 23",
        "australia_post",
        &[PatternPart::Text("33"), PatternPart::Any(21)],
        56,
    ),
    // A sender's three characters, the consignment and, in an article's, its place
    // in it: so are those of the examples of Australia Post's interface.
    plain_format(
        "Australia Post article",
        "australia_post",
        &[
            PatternPart::Digits(1),
            PatternPart::Letters(2),
            PatternPart::Digits(10),
        ],
        52,
    ),
    plain_format(
        "Australia Post consignment",
        "australia_post",
        &[
            PatternPart::Digits(1),
            PatternPart::Letters(2),
            PatternPart::Digits(7),
        ],
        46,
    ),
    // The whole barcode: the sender's three or five characters, the consignment, the
    // article, the product and the service.
    plain_format(
        "Australia Post barcode 21",
        "australia_post",
        &[
            PatternPart::Digits(1),
            PatternPart::Letters(2),
            PatternPart::Digits(18),
        ],
        70,
    ),
    plain_format(
        "Australia Post barcode 23",
        "australia_post",
        &[
            PatternPart::Digits(1),
            PatternPart::Any(4),
            PatternPart::Digits(18),
        ],
        44,
    ),
    plain_format(
        "Australia Post 16",
        "australia_post",
        &[PatternPart::Text("7XX1"), PatternPart::Digits(12)],
        60,
    ),
];
