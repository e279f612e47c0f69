//! The divisions of DHL.

use super::{Format, GS1, Piece, Rule, by, checked, firm, plain};

/// The Identcode of German parcels.
const IDENTCODE: Rule = Rule::Mod10 {
    odd: 4,
    even: 9,
    plus: 0,
};

pub(super) const FORMATS: &[Format] = &[
    firm(
        "DHL Express waybill",
        "dhl_express",
        &[Piece::Digits(10)],
        by(Rule::Mod7, 0, 9),
        60,
    ),
    checked(
        "DHL Express air waybill",
        "dhl_express",
        &[Piece::Digits(11)],
        by(Rule::Mod7, 0, 10),
        50,
    ),
    plain(
        "DHL Express piece",
        "dhl_express",
        &[Piece::Text("JD01"), Piece::Digits(16)],
        84,
    ),
    plain(
        "DHL Express piece",
        "dhl_express",
        &[Piece::Text("JJD01"), Piece::Digits(16)],
        84,
    ),
    plain(
        "DHL Express piece",
        "dhl_express",
        &[Piece::Text("JJD"), Piece::LastDigits(9, 10)],
        70,
    ),
    // An SSCC that begins with the company prefixes of Deutsche Post.
    firm(
        "DHL Paket 20",
        "dhl_parcel_de",
        &[
            Piece::OneOf(&["00340433", "00340434", "00340435"]),
            Piece::Digits(12),
        ],
        by(GS1, 0, 19),
        97,
    ),
    // The same without the application identifier of an SSCC.
    firm(
        "DHL Paket 18",
        "dhl_parcel_de",
        &[
            Piece::OneOf(&["340433", "340434", "340435"]),
            Piece::Digits(12),
        ],
        by(GS1, 0, 17),
        88,
    ),
    plain(
        "DHL Paket JJD",
        "dhl_parcel_de",
        &[Piece::Text("JJD00"), Piece::Digits(16)],
        85,
    ),
    plain(
        "DHL Paket JJD",
        "dhl_parcel_de",
        &[Piece::Text("JJD1"), Piece::Digits(12)],
        82,
    ),
    plain(
        "DHL Paket JJD long",
        "dhl_parcel_de",
        &[Piece::Text("JJD"), Piece::LastDigits(18, 24)],
        74,
    ),
    checked(
        "DHL Identcode",
        "dhl_parcel_de",
        &[Piece::Digits(12)],
        by(IDENTCODE, 0, 11),
        56,
    ),
    plain(
        "DHL Benelux",
        "dhl_benelux",
        &[Piece::Text("JVGL"), Piece::LastDigits(8, 24)],
        85,
    ),
    plain(
        "DHL eCommerce GM",
        "dhl_ecommerce",
        &[Piece::Text("GM"), Piece::LastDigits(10, 22)],
        80,
    ),
    // Hexadecimal ones begin with a digit as well.
    plain(
        "DHL eCommerce GM letters",
        "dhl_ecommerce",
        &[
            Piece::Text("GM"),
            Piece::Digits(1),
            Piece::LastMixed(11, 37),
        ],
        78,
    ),
    plain(
        "DHL eCommerce Asia letters",
        "dhl_ecommerce",
        &[
            Piece::OneOf(&["CN", "HK", "IN", "LX", "MY", "RX", "SG", "TH", "UV"]),
            Piece::Digits(1),
            Piece::LastMixed(13, 37),
        ],
        45,
    ),
    // Those that are known begin so; fourteen digits are many others' as well.
    plain(
        "DHL eCommerce 14",
        "dhl_ecommerce",
        &[Piece::Text("6012"), Piece::Digits(10)],
        52,
    ),
    plain(
        "DHL eCommerce 14",
        "dhl_ecommerce",
        &[Piece::OneOf(&["5", "6"]), Piece::Digits(13)],
        34,
    ),
    // Others use these letters as well.
    plain(
        "DHL eCommerce Asia",
        "dhl_ecommerce",
        &[
            Piece::OneOf(&["CN", "HK", "IN", "LX", "MY", "RX", "SG", "TH", "UV"]),
            Piece::LastDigits(12, 22),
        ],
        55,
    ),
];
