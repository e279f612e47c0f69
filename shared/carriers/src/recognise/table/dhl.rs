//! The divisions of DHL.

use super::{
    GS1, NumberFormat, PatternPart, Rule, check_by, firm_format, format_with_check, plain_format,
};

/// The Identcode of German shipments.
const IDENTCODE: Rule = Rule::Mod10 {
    odd: 4,
    even: 9,
    plus: 0,
};

pub(super) const FORMATS: &[NumberFormat] = &[
    firm_format(
        "DHL Express waybill",
        "dhl_express",
        &[PatternPart::Digits(10)],
        check_by(Rule::Mod7, 0, 9),
        60,
    ),
    format_with_check(
        "DHL Express air waybill",
        "dhl_express",
        &[PatternPart::Digits(11)],
        check_by(Rule::Mod7, 0, 10),
        50,
    ),
    plain_format(
        "DHL Express piece",
        "dhl_express",
        &[PatternPart::Text("JD01"), PatternPart::Digits(16)],
        84,
    ),
    plain_format(
        "DHL Express piece",
        "dhl_express",
        &[PatternPart::Text("JJD01"), PatternPart::Digits(16)],
        84,
    ),
    plain_format(
        "DHL Express piece",
        "dhl_express",
        &[PatternPart::Text("JJD"), PatternPart::LastDigits(9, 10)],
        70,
    ),
    // An SSCC that begins with the company prefixes of Deutsche Post.
    firm_format(
        "DHL Paket 20",
        "dhl_parcel_de",
        &[
            PatternPart::OneOf(&["00340433", "00340434", "00340435"]),
            PatternPart::Digits(12),
        ],
        check_by(GS1, 0, 19),
        97,
    ),
    // The same without the application identifier of an SSCC.
    firm_format(
        "DHL Paket 18",
        "dhl_parcel_de",
        &[
            PatternPart::OneOf(&["340433", "340434", "340435"]),
            PatternPart::Digits(12),
        ],
        check_by(GS1, 0, 17),
        88,
    ),
    plain_format(
        "DHL Paket JJD",
        "dhl_parcel_de",
        &[PatternPart::Text("JJD00"), PatternPart::Digits(16)],
        85,
    ),
    plain_format(
        "DHL Paket JJD",
        "dhl_parcel_de",
        &[PatternPart::Text("JJD1"), PatternPart::Digits(12)],
        82,
    ),
    plain_format(
        "DHL Paket JJD long",
        "dhl_parcel_de",
        &[PatternPart::Text("JJD"), PatternPart::LastDigits(18, 24)],
        74,
    ),
    format_with_check(
        "DHL Identcode",
        "dhl_parcel_de",
        &[PatternPart::Digits(12)],
        check_by(IDENTCODE, 0, 11),
        56,
    ),
    plain_format(
        "DHL Benelux",
        "dhl_benelux",
        &[PatternPart::Text("JVGL"), PatternPart::LastDigits(8, 24)],
        85,
    ),
    plain_format(
        "DHL eCommerce GM",
        "dhl_ecommerce",
        &[PatternPart::Text("GM"), PatternPart::LastDigits(10, 22)],
        80,
    ),
    // Hexadecimal ones begin with a digit as well.
    plain_format(
        "DHL eCommerce GM letters",
        "dhl_ecommerce",
        &[
            PatternPart::Text("GM"),
            PatternPart::Digits(1),
            PatternPart::LastMixed(11, 37),
        ],
        78,
    ),
    plain_format(
        "DHL eCommerce Asia letters",
        "dhl_ecommerce",
        &[
            PatternPart::OneOf(&["CN", "HK", "IN", "LX", "MY", "RX", "SG", "TH", "UV"]),
            PatternPart::Digits(1),
            PatternPart::LastMixed(13, 37),
        ],
        45,
    ),
    // Those that are known begin so; fourteen digits are many others' as well.
    plain_format(
        "DHL eCommerce 14",
        "dhl_ecommerce",
        &[PatternPart::Text("6012"), PatternPart::Digits(10)],
        52,
    ),
    plain_format(
        "DHL eCommerce 14",
        "dhl_ecommerce",
        &[PatternPart::OneOf(&["5", "6"]), PatternPart::Digits(13)],
        34,
    ),
    // Others use these letters as well.
    plain_format(
        "DHL eCommerce Asia",
        "dhl_ecommerce",
        &[
            PatternPart::OneOf(&["CN", "HK", "IN", "LX", "MY", "RX", "SG", "TH", "UV"]),
            PatternPart::LastDigits(12, 22),
        ],
        55,
    ),
];
