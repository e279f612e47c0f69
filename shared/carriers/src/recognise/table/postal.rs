//! The numbers of the Universal Postal Union, by its standard S10.

use super::{Check, NumberFormat, Owner, PatternPart, Rule};

pub(super) const FORMATS: &[NumberFormat] = &[NumberFormat {
    name: "S10",
    owner: Owner::PostOf(11),
    pattern: &[
        PatternPart::Letters(2),
        PatternPart::Digits(9),
        PatternPart::Letters(2),
    ],
    check: Check::Digit {
        from: 2,
        at: 10,
        rule: Rule::S10,
    },
    confidence: 95,
    is_firm: true,
    is_postal: true,
}];
