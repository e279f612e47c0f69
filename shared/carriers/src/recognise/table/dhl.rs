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
        &[Piece::OneOf(&["00340433", "00340434"]), Piece::Digits(12)],
        by(GS1, 0, 19),
        97,
    ),
    // The same without the application identifier of an SSCC.
    firm(
        "DHL Paket 18",
        "dhl_parcel_de",
        &[Piece::OneOf(&["340433", "340434"]), Piece::Digits(12)],
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
        &[Piece::Text("JVGL"), Piece::LastDigits(10, 20)],
        85,
    ),
    plain(
        "DHL eCommerce GM",
        "dhl_ecommerce",
        &[Piece::Text("GM"), Piece::LastDigits(14, 22)],
        80,
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
