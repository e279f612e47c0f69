//! The numbers of the Universal Postal Union, by its standard S10.

use super::{Check, Format, Owner, Piece, Rule};

pub(super) const FORMATS: &[Format] = &[Format {
    name: "S10",
    owner: Owner::PostOf(11),
    pattern: &[Piece::Letters(2), Piece::Digits(9), Piece::Letters(2)],
    check: Check::Digit {
        from: 2,
        at: 10,
        rule: Rule::S10,
    },
    confidence: 95,
    is_firm: true,
    is_postal: true,
}];
