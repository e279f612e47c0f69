//! The continent of Europe.
//!
//! GLS and DPD number by depot, and differently in each country; the check
//! digit of GLS is not documented and so not asked for.

use super::{
    GS1, GS1_EVEN, NumberFormat, PatternPart, Rule, check_by, format_with_check, plain_format,
};

pub(super) const FORMATS: &[NumberFormat] = &[
    // The letter that DPD prints apart from the fourteen digits is their check character.
    format_with_check(
        "DPD 15",
        "dpd",
        &[PatternPart::Digits(14), PatternPart::Letters(1)],
        check_by(Rule::Mod37Mod36, 0, 14),
        94,
    ),
    format_with_check(
        "DPD 15",
        "dpd",
        &[PatternPart::Digits(15)],
        check_by(Rule::Mod37Mod36, 0, 14),
        62,
    ),
    plain_format("DPD 14", "dpd", &[PatternPart::Digits(14)], 42),
    // Destination, shipment, service and country, then one character over all of them.
    format_with_check(
        "DPD 28",
        "dpd",
        &[PatternPart::Digits(27), PatternPart::Any(1)],
        check_by(Rule::Mod37Mod36, 0, 27),
        94,
    ),
    plain_format("GLS 11", "gls", &[PatternPart::Digits(11)], 35),
    plain_format("GLS 12", "gls", &[PatternPart::Digits(12)], 28),
    plain_format(
        "GLS Track-ID",
        "gls",
        &[PatternPart::Letters(2), PatternPart::Any(6)],
        38,
    ),
    // GLS's own examples have shorter ones as well, with digits in front.
    plain_format("GLS Track-ID", "gls", &[PatternPart::LastMixed(6, 8)], 24),
    format_with_check(
        "Hermes 14",
        "hermes_de",
        &[PatternPart::Digits(14)],
        check_by(GS1, 0, 13),
        45,
    ),
    plain_format(
        "Hermes H",
        "hermes_de",
        &[PatternPart::Text("H"), PatternPart::Digits(19)],
        84,
    ),
    format_with_check(
        "Hermes SSCC",
        "hermes_de",
        &[PatternPart::Text("003406"), PatternPart::Digits(14)],
        check_by(GS1, 0, 19),
        70,
    ),
    plain_format(
        "PostNL 3S",
        "postnl",
        &[
            PatternPart::Text("3S"),
            PatternPart::Letters(4),
            PatternPart::LastDigits(7, 12),
        ],
        88,
    ),
    plain_format(
        "PostNL 3S",
        "postnl",
        &[
            PatternPart::Text("3S"),
            PatternPart::Letters(5),
            PatternPart::LastDigits(7, 11),
        ],
        88,
    ),
    // The customer's code has one to five letters, and sometimes a digit.
    plain_format(
        "PostNL 3S short",
        "postnl",
        &[
            PatternPart::Text("3S"),
            PatternPart::Letters(3),
            PatternPart::LastDigits(8, 12),
        ],
        86,
    ),
    plain_format(
        "PostNL 3S short",
        "postnl",
        &[
            PatternPart::Text("3S"),
            PatternPart::Letters(2),
            PatternPart::LastDigits(9, 12),
        ],
        84,
    ),
    plain_format(
        "PostNL 3S short",
        "postnl",
        &[
            PatternPart::Text("3S"),
            PatternPart::Letters(1),
            PatternPart::LastDigits(10, 12),
        ],
        80,
    ),
    // The product code and then ten digits and their check digit.
    format_with_check(
        "La Poste 13",
        "laposte",
        &[
            PatternPart::Digits(1),
            PatternPart::Letters(1),
            PatternPart::Digits(11),
        ],
        check_by(GS1_EVEN, 2, 12),
        92,
    ),
    plain_format(
        "Chronopost",
        "laposte",
        &[
            PatternPart::Text("X"),
            PatternPart::Letters(1),
            PatternPart::Digits(9),
            PatternPart::Letters(2),
        ],
        74,
    ),
    // The network that La Poste's shipments share with DPD's, by La Poste's prefixes.
    format_with_check(
        "La Poste 15 letters",
        "laposte",
        &[
            PatternPart::OneOf(&["865", "866", "870", "875", "880", "885"]),
            PatternPart::Digits(11),
            PatternPart::Letters(1),
        ],
        check_by(Rule::Mod37Mod36, 0, 14),
        94,
    ),
    // La Poste's test numbers have one of these; their check digit is not documented.
    plain_format("La Poste 15", "laposte", &[PatternPart::Digits(15)], 22),
    plain_format(
        "Mondial Relay 8",
        "mondial_relay",
        &[PatternPart::Digits(8)],
        25,
    ),
    plain_format(
        "bpost 24",
        "bpost",
        &[PatternPart::Text("3232"), PatternPart::Digits(20)],
        84,
    ),
    plain_format("InPost 24", "inpost", &[PatternPart::Digits(24)], 45),
    plain_format(
        "Packeta",
        "packeta",
        &[PatternPart::Text("Z"), PatternPart::Digits(10)],
        60,
    ),
    plain_format(
        "PostNord 11 SE",
        "postnord_sweden",
        &[PatternPart::Digits(11), PatternPart::Text("SE")],
        84,
    ),
    format_with_check(
        "PostNord SSCC",
        "postnord_sweden",
        &[PatternPart::Text("00373"), PatternPart::Digits(15)],
        check_by(GS1, 0, 19),
        78,
    ),
    format_with_check(
        "Bring SSCC",
        "bring",
        &[PatternPart::Text("00370"), PatternPart::Digits(15)],
        check_by(GS1, 0, 19),
        78,
    ),
    plain_format(
        "Posti",
        "posti",
        &[PatternPart::Text("JJFI"), PatternPart::LastDigits(16, 20)],
        86,
    ),
    // As posta.md describes the numbers of items within Moldova.
    plain_format(
        "Poșta Moldovei 14",
        "posta_moldovei",
        &[
            PatternPart::Text("D"),
            PatternPart::Letters(1),
            PatternPart::Digits(10),
            PatternPart::OneOf(&["AR", "AS", "CC", "RR"]),
        ],
        84,
    ),
    plain_format(
        "Correos 23",
        "correos",
        &[
            PatternPart::Letters(2),
            PatternPart::Any(20),
            PatternPart::Letters(1),
        ],
        50,
    ),
    plain_format(
        "TNT",
        "tnt",
        &[
            PatternPart::OneOf(&["GD", "GE"]),
            PatternPart::Digits(9),
            PatternPart::Text("WW"),
        ],
        85,
    ),
];
