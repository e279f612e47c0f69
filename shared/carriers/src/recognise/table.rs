//! The formats of all carriers, by family or part of the world.
//!
//! How sure a match is by itself follows from how often a number of another
//! carrier would match as well:
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
    format::{NumberFormat, Owner, PatternPart},
};

/// All of them.
pub(super) static TABLES: &[&[NumberFormat]] = &[
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
const fn plain_format(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [PatternPart],
    confidence: u8,
) -> NumberFormat {
    format_with_check(name, carrier, pattern, Check::None, confidence)
}

/// A format with a check digit that not every number of this shape may have.
const fn format_with_check(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [PatternPart],
    check: Check,
    confidence: u8,
) -> NumberFormat {
    NumberFormat {
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
const fn firm_format(
    name: &'static str,
    carrier: &'static str,
    pattern: &'static [PatternPart],
    check: Check,
    confidence: u8,
) -> NumberFormat {
    NumberFormat {
        is_firm: true,
        ..format_with_check(name, carrier, pattern, check, confidence)
    }
}

/// The same for shipments that other carriers hand over to a post.
const fn postal_format(format: NumberFormat) -> NumberFormat {
    NumberFormat {
        is_postal: true,
        ..format
    }
}

const fn check_by(rule: Rule, from: usize, at: usize) -> Check {
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
