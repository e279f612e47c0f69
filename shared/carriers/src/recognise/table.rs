//! The formats of all carriers, by family or part of the world.
//!
//! How sure a match is by itself follows from how often a number of somebody
//! else would match as well:
//!
//! | percent | what it takes |
//! | --- | --- |
//! | 100 | a prefix that we made up ourselves, for the sandbox |
//! | 90 and more | a check digit, and letters or a prefix of the carrier's own: binds |
//! | 80 to 89 | a prefix of the carrier's own, but nothing that proves a typing error |
//! | 50 to 79 | a check digit that one random number in ten has, too; a prefix that others use |
//! | below 50 | little more than a length |

mod americas;
mod asia;
mod britain;
mod dhl;
mod europe;
mod fedex;
mod postal;
mod russia;
mod sandbox;
mod ups;
mod usps;

use super::{
    check::{Check, Rule},
    format::{Format, Owner, Piece},
};

/// All of them.
pub(super) static TABLES: &[&[Format]] = &[
    postal::FORMATS,
    ups::FORMATS,
    fedex::FORMATS,
    usps::FORMATS,
    dhl::FORMATS,
    europe::FORMATS,
    britain::FORMATS,
    russia::FORMATS,
    americas::FORMATS,
    asia::FORMATS,
    sandbox::FORMATS,
];

/// A format without a check digit.
const fn plain(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [Piece],
    confidence: u8,
) -> Format {
    checked(name, carrier, pattern, Check::None, confidence)
}

/// A format with a check digit that not every number of this shape may have.
const fn checked(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [Piece],
    check: Check,
    confidence: u8,
) -> Format {
    Format {
        name,
        owner: Owner::Carrier(carrier),
        pattern,
        check,
        confidence,
        is_firm: false,
        is_postal: false,
    }
}

/// A format whose every number has its check digit.
const fn firm(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [Piece],
    check: Check,
    confidence: u8,
) -> Format {
    Format {
        is_firm: true,
        ..checked(name, carrier, pattern, check, confidence)
    }
}

/// The same for parcels that other carriers hand over to a post.
const fn postal(format: Format) -> Format {
    Format {
        is_postal: true,
        ..format
    }
}

const fn by(rule: Rule, from: usize, at: usize) -> Check {
    Check::Digit { from, at, rule }
}

/// The weights of GS1 (and of most carriers) for a body of odd length: 3 1 3 1 …
const GS1: Rule = Rule::Mod10 {
    odd: 3,
    even: 1,
    plus: 0,
};

/// The same for a body of even length: 1 3 1 3 …
const GS1_EVEN: Rule = Rule::Mod10 {
    odd: 1,
    even: 3,
    plus: 0,
};
