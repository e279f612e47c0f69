//! The numbers of our own carrier without shipments.

use super::{NumberFormat, PatternPart, plain_format};
use crate::carriers::sandbox::{NAMES, PREFIX};

pub(super) const FORMATS: &[NumberFormat] = &[plain_format(
    "sandbox",
    "sandbox",
    &[
        PatternPart::Text(PREFIX),
        PatternPart::OneOf(NAMES),
        PatternPart::LastDigits(1, 20),
    ],
    100,
)];
