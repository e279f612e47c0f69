//! The shape of a number, as data, and the one interpreter of it.

use super::{check::Check, posts, table::TABLES};
use std::sync::LazyLock;

/// A shape of numbers. All of them stand in `recognise/table/`.
#[derive(Debug, Clone, Copy)]
pub struct NumberFormat {
    /// What it is called, as `UPS 1Z`.
    pub name: &'static str,
    /// Who gives such numbers.
    pub owner: Owner,
    /// Its characters from left to right.
    pub pattern: &'static [PatternPart],
    /// What its check digit proves, if it has one.
    pub check: Check,
    /// How sure a match is by itself, in percent; see `recognise/table.rs`.
    pub confidence: u8,
    /// Whether the carrier gives no number of this shape with another check
    /// digit, so that one is a typing error.
    pub is_firm: bool,
    /// Whether a post gives such numbers also to shipments that another carrier
    /// hands over to it: the check digit proves the form, not who was handed the
    /// shipment first and knows it by this number.
    pub is_postal: bool,
}

/// Who gives numbers of a format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The carrier with this id.
    Carrier(&'static str),
    /// The post of the country whose code begins at this character.
    PostOf(usize),
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy)]
pub enum PatternPart {
    /// This text.
    Text(&'static str),
    /// The first of these texts that fits; none of them is the beginning of another.
    OneOf(&'static [&'static str]),
    /// Exactly so many digits.
    Digits(usize),
    /// Exactly so many letters.
    Letters(usize),
    /// Exactly so many letters or digits.
    Any(usize),
    /// So many digits, up to the end.
    LastDigits(usize, usize),
    /// So many letters and digits, some of each, up to the end.
    LastMixed(usize, usize),
}

/// The longest number there is.
const LONGEST: usize = 40;
/// Digits and letters.
const FIRST: usize = 36;

/// The formats by length and first character, so that a number meets only those
/// that it may have.
static INDEX: LazyLock<Vec<Vec<&'static NumberFormat>>> = LazyLock::new(|| {
    let mut index = vec![Vec::new(); (LONGEST + 1) * FIRST];
    for format in all_formats() {
        let (shortest, longest) = format.length_range();
        for length in shortest..=longest.min(LONGEST) {
            for first in b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
                if format.may_begin_with(*first) {
                    index[slot_index(length, *first)].push(format);
                }
            }
        }
    }
    index
});

fn slot_index(length: usize, first: u8) -> usize {
    let place = match first {
        b'0'..=b'9' => first - b'0',
        b'A'..=b'Z' => first - b'A' + 10,
        _ => 0,
    };
    length.min(LONGEST) * FIRST + usize::from(place)
}

/// Every format.
pub fn all_formats() -> impl Iterator<Item = &'static NumberFormat> {
    TABLES.iter().copied().flatten()
}

/// The formats that a number with the length and first character of `text` may have.
pub(super) fn possible_formats(text: &[u8]) -> &'static [&'static NumberFormat] {
    let Some(first) = text.first() else {
        return &[];
    };
    &INDEX[slot_index(text.len(), *first)]
}

impl NumberFormat {
    /// Who gave `text`, a number of this shape: none if the country has no post.
    pub(super) fn number_owner(&self, text: &[u8]) -> Option<&'static str> {
        match self.owner {
            Owner::Carrier(id) => Some(id),
            Owner::PostOf(at) => posts::of_country(text.get(at..at + 2)?).map(|post| post.carrier),
        }
    }

    /// Whether `text` consists of the pieces of this format and nothing else.
    pub(super) fn has_shape(&self, text: &[u8]) -> bool {
        let mut rest = text;
        for piece in self.pattern {
            match piece.match_prefix(rest) {
                Some(after) => rest = after,
                None => return false,
            }
        }
        rest.is_empty()
    }

    /// The fewest and the most characters.
    pub fn length_range(&self) -> (usize, usize) {
        let lengths = self.pattern.iter().map(|piece| piece.part_length_range());
        lengths.fold((0, 0), |sum, piece| (sum.0 + piece.0, sum.1 + piece.1))
    }

    fn may_begin_with(&self, first: u8) -> bool {
        self.pattern
            .first()
            .is_some_and(|piece| piece.may_begin_with(first))
    }
}

impl PatternPart {
    fn match_prefix(self, text: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Text(expected) => text.strip_prefix(expected.as_bytes()),
            Self::OneOf(choices) => choices
                .iter()
                .find_map(|expected| text.strip_prefix(expected.as_bytes())),
            Self::Digits(length) => class_length(text, length, u8::is_ascii_digit),
            Self::Letters(length) => class_length(text, length, u8::is_ascii_uppercase),
            Self::Any(length) => class_length(text, length, u8::is_ascii_alphanumeric),
            Self::LastDigits(least, most) => {
                let is_length = (least..=most).contains(&text.len());
                is_length
                    .then(|| class_length(text, text.len(), u8::is_ascii_digit))
                    .flatten()
            }
            Self::LastMixed(least, most) => {
                let has = |kind: fn(&u8) -> bool| text.iter().any(kind);
                let is_mixed = (least..=most).contains(&text.len())
                    && has(u8::is_ascii_digit)
                    && has(u8::is_ascii_uppercase);
                is_mixed
                    .then(|| class_length(text, text.len(), u8::is_ascii_alphanumeric))
                    .flatten()
            }
        }
    }

    fn part_length_range(self) -> (usize, usize) {
        match self {
            Self::Text(text) => (text.len(), text.len()),
            Self::OneOf(choices) => {
                let lengths = || choices.iter().map(|text| text.len());
                (lengths().min().unwrap_or(0), lengths().max().unwrap_or(0))
            }
            Self::Digits(length) | Self::Letters(length) | Self::Any(length) => (length, length),
            Self::LastDigits(least, most) | Self::LastMixed(least, most) => (least, most),
        }
    }

    fn may_begin_with(self, first: u8) -> bool {
        match self {
            Self::Text(text) => text.as_bytes().first() == Some(&first),
            Self::OneOf(choices) => choices
                .iter()
                .any(|text| text.as_bytes().first() == Some(&first)),
            Self::Digits(_) | Self::LastDigits(..) => first.is_ascii_digit(),
            Self::Letters(_) => first.is_ascii_uppercase(),
            Self::Any(_) | Self::LastMixed(..) => true,
        }
    }
}

fn class_length(text: &[u8], length: usize, belongs: impl Fn(&u8) -> bool) -> Option<&[u8]> {
    let (head, rest) = text.split_at_checked(length)?;
    head.iter().all(belongs).then_some(rest)
}
