//! The numbers of our own carrier without parcels.

use super::{Format, Piece, plain};
use crate::sandbox::{NAMES, PREFIX};

pub(super) const FORMATS: &[Format] = &[plain(
    "sandbox",
    "sandbox",
    &[
        Piece::Text(PREFIX),
        Piece::OneOf(NAMES),
        Piece::LastDigits(1, 20),
    ],
    100,
)];
