//! Whose number is this? A table of formats and one interpreter of it.

use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};

/// The shape of a carrier's numbers. All of a carrier's formats stand in its
/// [`crate::profile::Profile::formats`]; the interpreter is [`recognise`].
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// What it is called, as `UPS 1Z`.
    pub name: &'static str,
    /// Its characters from left to right.
    pub pattern: &'static [Piece],
    /// What the check digit proves, if there is one.
    pub check: Check,
    /// How sure a match is whose check digit agrees, in percent.
    pub confidence: u8,
}

/// A part of a pattern.
#[derive(Debug, Clone, Copy)]
pub enum Piece {
    /// This text.
    Text(&'static str),
    /// The first of these texts that fits.
    OneOf(&'static [&'static str]),
    /// Exactly so many digits.
    Digits(usize),
    /// Exactly so many letters.
    Letters(usize),
    /// Exactly so many letters or digits.
    Any(usize),
    /// One or more digits up to the end.
    RestDigits,
}

/// How a check digit comes about. Positions count characters from 0.
#[derive(Debug, Clone, Copy)]
pub enum Check {
    /// There is none.
    None,
    /// The digit that lifts a weighted sum to the next ten. A letter counts as
    /// its ASCII code less three, modulo ten.
    Mod10 {
        /// First character of the body, which ends right before the check digit.
        from: usize,
        /// The check digit.
        at: usize,
        /// Weight of the body's first, third, … character.
        odd: u32,
        /// Weight of the body's second, fourth, … character.
        even: u32,
    },
}

/// A carrier that may have given a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The carrier.
    pub carrier: CarrierId,
    /// The format that matched.
    pub format: &'static str,
    /// How sure, in percent.
    pub confidence: u8,
    /// Whether a check digit agreed; none where the format has none. A number
    /// whose check digit is wrong is no candidate at all.
    pub checksum: Option<bool>,
}

impl Candidate {
    /// Whether the number may be given to this carrier without anybody saying so.
    pub const fn is_binding(&self) -> bool {
        self.confidence >= 90
    }
}

/// The carriers that may have given `number`, the likeliest first.
pub fn recognise(number: &TrackingNumber) -> Vec<Candidate> {
    let text = number.as_str().as_bytes();
    let mut candidates: Vec<Candidate> = crate::ALL
        .iter()
        .flat_map(|carrier| {
            let formats = carrier.profile().formats.iter();
            formats.filter_map(|format| {
                Some(Candidate {
                    carrier: carrier.id(),
                    format: format.name,
                    confidence: format.confidence,
                    checksum: format.matches(text)?,
                })
            })
        })
        .collect();
    candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.confidence));
    candidates
}

/// How a number fits a carrier that somebody named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It has one of the carrier's shapes, and its check digit agrees.
    Fits,
    /// It has one of the carrier's shapes, but its check digit is wrong.
    WrongCheckDigit,
    /// It has none of the shapes that we know of the carrier, which may have more.
    OtherShape,
}

/// How `number` fits `carrier`.
pub fn fit(carrier: &dyn crate::Carrier, number: &TrackingNumber) -> Fit {
    let text = number.as_str().as_bytes();
    let formats = carrier.profile().formats;
    if formats.iter().any(|format| format.matches(text).is_some()) {
        Fit::Fits
    } else if formats.iter().any(|format| format.has_shape(text)) {
        Fit::WrongCheckDigit
    } else {
        Fit::OtherShape
    }
}

impl Format {
    fn has_shape(&self, text: &[u8]) -> bool {
        let rest = self
            .pattern
            .iter()
            .try_fold(text, |rest, piece| piece.eat(rest));
        rest.is_some_and(<[u8]>::is_empty)
    }

    /// None if `text` does not have this shape or its check digit is wrong;
    /// else whether a check digit agreed.
    #[expect(
        clippy::option_option,
        reason = "no match and no check digit are two things"
    )]
    fn matches(&self, text: &[u8]) -> Option<Option<bool>> {
        if !self.has_shape(text) {
            return None;
        }
        match self.check.agrees(text) {
            Some(false) => None,
            verdict => Some(verdict),
        }
    }
}

impl Piece {
    fn eat(self, text: &[u8]) -> Option<&[u8]> {
        match self {
            Self::Text(expected) => text.strip_prefix(expected.as_bytes()),
            Self::OneOf(choices) => choices
                .iter()
                .find_map(|expected| text.strip_prefix(expected.as_bytes())),
            Self::Digits(length) => class(text, length, u8::is_ascii_digit),
            Self::Letters(length) => class(text, length, u8::is_ascii_uppercase),
            Self::Any(length) => class(text, length, u8::is_ascii_alphanumeric),
            Self::RestDigits => {
                let is_number = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
                is_number.then_some(&[])
            }
        }
    }
}

fn class(text: &[u8], length: usize, belongs: impl Fn(&u8) -> bool) -> Option<&[u8]> {
    let (head, rest) = text.split_at_checked(length)?;
    head.iter().all(belongs).then_some(rest)
}

impl Check {
    fn agrees(self, text: &[u8]) -> Option<bool> {
        match self {
            Self::None => None,
            Self::Mod10 {
                from,
                at,
                odd,
                even,
            } => {
                let sum: u32 = text
                    .get(from..at)?
                    .iter()
                    .zip([odd, even].into_iter().cycle())
                    .map(|(byte, weight)| value(*byte) * weight)
                    .sum();
                Some((10 - sum % 10) % 10 == value(*text.get(at)?))
            }
        }
    }
}

fn value(byte: u8) -> u32 {
    if byte.is_ascii_digit() {
        u32::from(byte - b'0')
    } else {
        u32::from(byte.saturating_sub(3)) % 10
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carriers_of(number: &str) -> Vec<(String, Option<bool>)> {
        recognise(&TrackingNumber::parse(number).unwrap())
            .into_iter()
            .map(|candidate| (candidate.carrier.to_string(), candidate.checksum))
            .collect()
    }

    #[test]
    fn a_ups_number_is_known_by_its_check_digit() {
        for number in [
            "1Z5R89390357567127",
            "1z 9x9e03 03 0001 0015",
            "1Z410E7W0392751591",
        ] {
            assert_eq!(
                carriers_of(number),
                [("ups".to_owned(), Some(true))],
                "{number}"
            );
        }
    }

    #[test]
    fn a_ups_number_with_a_wrong_check_digit_is_nobodys() {
        assert_eq!(carriers_of("1Z5R89390357567128"), []);
    }

    #[test]
    fn a_wrong_check_digit_is_told_from_another_shape() {
        let fit = |number| fit(&crate::ups::Ups, &TrackingNumber::parse(number).unwrap());
        assert_eq!(fit("1Z5R89390357567127"), Fit::Fits);
        assert_eq!(fit("1Z5R89390357567128"), Fit::WrongCheckDigit);
        assert_eq!(fit("ABCD"), Fit::OtherShape);
    }

    #[test]
    fn a_sandbox_number_names_a_scenario_and_a_serial() {
        assert_eq!(
            carriers_of("SANDBOX-STRAIGHT-0001"),
            [("sandbox".to_owned(), None)]
        );
        assert_eq!(carriers_of("SANDBOX-UNHEARD-0001"), []);
        assert_eq!(carriers_of("SANDBOX-STRAIGHT"), []);
    }

    #[test]
    fn a_number_of_no_shape_has_no_candidate() {
        assert_eq!(carriers_of("ABCD"), []);
    }
}
