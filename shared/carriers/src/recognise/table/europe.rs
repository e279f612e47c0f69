//! The continent of Europe.
//!
//! GLS and DPD number by depot, and differently in each country; the check
//! digit of GLS is not documented and so not asked for.

use super::{Format, GS1, GS1_EVEN, Piece, Rule, by, checked, plain};

pub(super) const FORMATS: &[Format] = &[
    // The letter that DPD prints apart from the fourteen digits is their check character.
    checked(
        "DPD 15",
        "dpd",
        &[Piece::Digits(14), Piece::Letters(1)],
        by(Rule::Mod37Mod36, 0, 14),
        94,
    ),
    checked(
        "DPD 15",
        "dpd",
        &[Piece::Digits(15)],
        by(Rule::Mod37Mod36, 0, 14),
        62,
    ),
    plain("DPD 14", "dpd", &[Piece::Digits(14)], 42),
    // Destination, parcel, service and country, then one character over all of them.
    checked(
        "DPD 28",
        "dpd",
        &[Piece::Digits(27), Piece::Any(1)],
        by(Rule::Mod37Mod36, 0, 27),
        94,
    ),
    plain("GLS 11", "gls", &[Piece::Digits(11)], 35),
    plain("GLS 12", "gls", &[Piece::Digits(12)], 28),
    plain(
        "GLS Track-ID",
        "gls",
        &[Piece::Letters(2), Piece::Any(6)],
        38,
    ),
    // GLS's own examples have shorter ones as well, with digits in front.
    plain("GLS Track-ID", "gls", &[Piece::LastMixed(6, 8)], 24),
    checked(
        "Hermes 14",
        "hermes_de",
        &[Piece::Digits(14)],
        by(GS1, 0, 13),
        45,
    ),
    plain(
        "Hermes H",
        "hermes_de",
        &[Piece::Text("H"), Piece::Digits(19)],
        84,
    ),
    checked(
        "Hermes SSCC",
        "hermes_de",
        &[Piece::Text("003406"), Piece::Digits(14)],
        by(GS1, 0, 19),
        70,
    ),
    plain(
        "PostNL 3S",
        "postnl",
        &[
            Piece::Text("3S"),
            Piece::Letters(4),
            Piece::LastDigits(7, 12),
        ],
        88,
    ),
    plain(
        "PostNL 3S",
        "postnl",
        &[
            Piece::Text("3S"),
            Piece::Letters(5),
            Piece::LastDigits(7, 11),
        ],
        88,
    ),
    // The customer's code has one to five letters, and sometimes a digit.
    plain(
        "PostNL 3S short",
        "postnl",
        &[
            Piece::Text("3S"),
            Piece::Letters(3),
            Piece::LastDigits(8, 12),
        ],
        86,
    ),
    plain(
        "PostNL 3S short",
        "postnl",
        &[
            Piece::Text("3S"),
            Piece::Letters(2),
            Piece::LastDigits(9, 12),
        ],
        84,
    ),
    plain(
        "PostNL 3S short",
        "postnl",
        &[
            Piece::Text("3S"),
            Piece::Letters(1),
            Piece::LastDigits(10, 12),
        ],
        80,
    ),
    // The product code and then ten digits and their check digit.
    checked(
        "La Poste 13",
        "laposte",
        &[Piece::Digits(1), Piece::Letters(1), Piece::Digits(11)],
        by(GS1_EVEN, 2, 12),
        92,
    ),
    plain(
        "Chronopost",
        "laposte",
        &[
            Piece::Text("X"),
            Piece::Letters(1),
            Piece::Digits(9),
            Piece::Letters(2),
        ],
        74,
    ),
    // The network that La Poste's parcels share with DPD's, by La Poste's prefixes.
    checked(
        "La Poste 15 letters",
        "laposte",
        &[
            Piece::OneOf(&["865", "866", "870", "875", "880", "885"]),
            Piece::Digits(11),
            Piece::Letters(1),
        ],
        by(Rule::Mod37Mod36, 0, 14),
        94,
    ),
    // La Poste's test numbers have one of these; their check digit is not documented.
    plain("La Poste 15", "laposte", &[Piece::Digits(15)], 22),
    plain("Mondial Relay 8", "mondial_relay", &[Piece::Digits(8)], 25),
    plain(
        "bpost 24",
        "bpost",
        &[Piece::Text("3232"), Piece::Digits(20)],
        84,
    ),
    plain("InPost 24", "inpost", &[Piece::Digits(24)], 45),
    plain(
        "Packeta",
        "packeta",
        &[Piece::Text("Z"), Piece::Digits(10)],
        60,
    ),
    plain(
        "PostNord 11 SE",
        "postnord_sweden",
        &[Piece::Digits(11), Piece::Text("SE")],
        84,
    ),
    checked(
        "PostNord SSCC",
        "postnord_sweden",
        &[Piece::Text("00373"), Piece::Digits(15)],
        by(GS1, 0, 19),
        78,
    ),
    checked(
        "Bring SSCC",
        "bring",
        &[Piece::Text("00370"), Piece::Digits(15)],
        by(GS1, 0, 19),
        78,
    ),
    plain(
        "Posti",
        "posti",
        &[Piece::Text("JJFI"), Piece::LastDigits(16, 20)],
        86,
    ),
    // As posta.md describes the numbers of items within Moldova.
    plain(
        "Poșta Moldovei 14",
        "posta_moldovei",
        &[
            Piece::Text("D"),
            Piece::Letters(1),
            Piece::Digits(10),
            Piece::OneOf(&["AR", "AS", "CC", "RR"]),
        ],
        84,
    ),
    plain(
        "Correos 23",
        "correos",
        &[Piece::Letters(2), Piece::Any(20), Piece::Letters(1)],
        50,
    ),
    plain(
        "TNT",
        "tnt",
        &[
            Piece::OneOf(&["GD", "GE"]),
            Piece::Digits(9),
            Piece::Text("WW"),
        ],
        85,
    ),
];
