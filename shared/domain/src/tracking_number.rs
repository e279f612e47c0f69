//! Tracking numbers, as people type them and as carriers mean them.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A tracking number: 4 to 40 letters and digits, in upper case, without the
/// spaces and hyphens that people copy along with it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TrackingNumber(String);

/// Why a text is not a tracking number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TrackingNumberError {
    /// Too short or too long once spaces and hyphens are gone.
    #[error("has {0} letters and digits, expected 4 to 40")]
    Length(usize),
    /// Neither letter, digit, space nor hyphen.
    #[error("has the character {0:?}, expected letters, digits, spaces and hyphens")]
    Character(char),
}

impl TrackingNumber {
    /// The most characters of a number.
    pub const LONGEST: usize = 40;

    /// Normalises and checks what was typed.
    pub fn parse(text: &str) -> Result<Self, TrackingNumberError> {
        let mut number = String::with_capacity(text.len());
        for character in text.chars() {
            match character {
                c if c.is_ascii_alphanumeric() => number.push(c.to_ascii_uppercase()),
                c if c.is_whitespace()
                    || matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{200b}' | '\u{feff}') => {}
                c => return Err(TrackingNumberError::Character(c)),
            }
        }
        if (4..=Self::LONGEST).contains(&number.len()) {
            Ok(Self(number))
        } else {
            Err(TrackingNumberError::Length(number.len()))
        }
    }

    /// The normalised number.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number with all but its ends hidden, for where it is not needed whole.
    pub fn to_masked(&self) -> String {
        // Of a short number even the ends would be all of it.
        let shown = if self.0.len() < 8 { 1 } else { 2 };
        let (head, tail) = (&self.0[..shown], &self.0[self.0.len() - shown..]);
        format!("{head}…{tail}")
    }
}

impl fmt::Display for TrackingNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for TrackingNumber {
    type Error = TrackingNumberError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<TrackingNumber> for String {
    fn from(number: TrackingNumber) -> Self {
        number.0
    }
}
