//! Reads the field in which shops enter tracking numbers.
//!
//! The field is free text, and shops use it so: several numbers in it, labels
//! before them, links, words instead of a number. What is read is a number that
//! stands there, or none: white space within a number may be dropped only where
//! the pieces are not numbers by themselves.

mod tokens;

use crate::tracking_number::TrackingNumber;
use tokens::{FieldToken, split_segments, split_tokens};

/// What has to be known of carriers to read the field.
pub trait CarrierDirectory {
    /// Whether a carrier gives such numbers, and the check digit agrees.
    fn is_proved(&self, number: &TrackingNumber) -> bool;
    /// Whether the form leaves no doubt which carrier gave it.
    fn is_certain(&self, number: &TrackingNumber) -> bool;
    /// Whether some carrier gives numbers of this form, even if its check digit is
    /// wrong: a typing error.
    fn is_known_form(&self, number: &TrackingNumber) -> bool;
    /// Whether `words` are the name of a carrier.
    fn is_name(&self, words: &str) -> bool;
    /// The numbers that a link tells; none if it does not lead to a page about
    /// shipments.
    fn numbers_in_link(&self, link: &str) -> Vec<TrackingNumber>;
}

/// What a field says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NumberField {
    /// The numbers that stand in it, in their order, each once.
    pub numbers: Vec<TrackingNumber>,
    /// How many pieces of it look like a number and cannot be read as one. Words
    /// that say that there is no number, for example `none`, are not counted.
    pub unreadable: u16,
    /// A link in it that tells no number.
    pub link: Option<String>,
}

/// The most characters of a field that are looked at.
const LONGEST: usize = 2000;
/// The most numbers of a field.
const MOST: usize = 40;
/// The most pieces that may be one number, or several.
const MOST_PIECES: usize = 40;
/// From so many characters on a piece looks like a whole number.
const WHOLE: usize = 8;
/// With fewer characters a piece is no number.
const SHORTEST: usize = 4;
/// So many characters may be a whole number of a small carrier, or a group of one.
const DOUBTFUL: usize = 6;

/// Reads `text` with what `carriers` know.
pub fn parse_number_field(text: &str, carriers: &impl CarrierDirectory) -> NumberField {
    let mut field = NumberField::default();
    let text: String = text.chars().take(LONGEST).collect();
    for segment in split_segments(&text) {
        if let Some(link) = segment.link_url() {
            field.add_link(link, carriers);
        } else {
            field.add_text(segment.plain_text(), carriers);
        }
    }
    field
}

impl NumberField {
    fn add_number(&mut self, number: TrackingNumber) {
        if self.numbers.len() < MOST && !self.numbers.contains(&number) {
            self.numbers.push(number);
        }
    }

    fn add_link(&mut self, link: &str, carriers: &impl CarrierDirectory) {
        let numbers = carriers.numbers_in_link(link);
        if numbers.is_empty() {
            self.link.get_or_insert_with(|| link.to_owned());
        }
        for number in numbers {
            self.add_number(number);
        }
    }

    fn add_text(&mut self, text: &str, carriers: &impl CarrierDirectory) {
        if let Some(number) = spelled_out(text, carriers) {
            self.add_number(number);
            return;
        }
        let tokens = split_tokens(text, |words| carriers.is_name(words));
        let has_words = tokens.iter().any(|token| matches!(token, FieldToken::Word));
        let mut is_labelled = false;
        let mut is_other = false;
        let mut rest = tokens.as_slice();
        while let Some(first) = rest.first() {
            let length = rest.iter().take_while(|token| token.is_piece()).count();
            if length == 0 {
                // What is said of another kind of number goes on to the next label.
                is_other = match first {
                    FieldToken::OtherLabel => true,
                    FieldToken::Label => false,
                    _ => is_other,
                };
                is_labelled = matches!(first, FieldToken::Label);
                rest = &rest[1..];
                continue;
            }
            let (run, after) = rest.split_at(length);
            let pieces: Vec<&str> = run.iter().filter_map(FieldToken::number_piece).collect();
            match resolve_pieces(&pieces, carriers) {
                ResolvedPieces::Numbers(numbers) => {
                    for number in numbers {
                        let is_plain = is_labelled || (!has_words && !is_other);
                        if is_plain || carriers.is_proved(&number) {
                            self.add_number(number);
                        } else if !is_other && has_digits(number.as_str(), 5) {
                            self.unreadable += 1;
                        }
                    }
                }
                ResolvedPieces::Nothing => {}
                ResolvedPieces::Unclear if is_other => {}
                ResolvedPieces::Unclear => self.unreadable += 1,
            }
            is_labelled = false;
            rest = after;
        }
    }
}

/// The number that is all of `text`, with the right check digit, even if its letters
/// are small: `rr 473 124 829 gb`.
fn spelled_out(text: &str, carriers: &impl CarrierDirectory) -> Option<TrackingNumber> {
    let has_words = text.split_whitespace().any(|word| {
        let is_word = word.bytes().all(|b| b.is_ascii_alphabetic());
        is_word && word.len() > 2
    });
    let is_grouped = text.trim().contains(char::is_whitespace) && !has_words;
    let pieces: Vec<&str> = text.split_whitespace().collect();
    let is_short = pieces.iter().all(|piece| piece.len() < DOUBTFUL);
    tracking_number(text).filter(|number| is_grouped && is_short && carriers.is_proved(number))
}

/// What pieces between words or separators are.
enum ResolvedPieces {
    Numbers(Vec<TrackingNumber>),
    /// Too little for a number.
    Nothing,
    /// One number or several: it cannot be told.
    Unclear,
}

fn resolve_pieces(pieces: &[&str], carriers: &impl CarrierDirectory) -> ResolvedPieces {
    if pieces.len() > MOST_PIECES {
        return ResolvedPieces::Unclear;
    }
    if let Some(numbers) = proven_numbers(pieces, carriers) {
        // One in ten numbers has a right check digit by chance: pieces that may be
        // numbers by themselves are put together only if the form is beyond doubt.
        let is_joined = numbers.len() < pieces.len();
        let may_be_several = pieces.iter().all(|piece| piece.len() >= DOUBTFUL);
        let is_sure = numbers.iter().all(|number| {
            let text = number.as_str();
            let is_long = text.len() >= 2 * WHOLE || !text.bytes().all(|b| b.is_ascii_digit());
            is_long && carriers.is_certain(number)
        });
        return if is_joined && may_be_several && !is_sure {
            ResolvedPieces::Unclear
        } else {
            ResolvedPieces::Numbers(numbers)
        };
    }
    // Beside whole numbers a piece of a few characters counts them: `1. 1Z…`.
    let proved_alone: Vec<TrackingNumber> = pieces
        .iter()
        .filter_map(|piece| tracking_number(piece).filter(|number| carriers.is_proved(number)))
        .collect();
    let n_short = pieces.iter().filter(|piece| piece.len() < SHORTEST).count();
    if !proved_alone.is_empty() && proved_alone.len() + n_short == pieces.len() {
        return ResolvedPieces::Numbers(proved_alone);
    }
    let joined = pieces.concat();
    if let [one] = pieces {
        return match tracking_number(one) {
            Some(number) => ResolvedPieces::Numbers(vec![number]),
            None if has_digits(one, 5) && !is_placeholder(one) => ResolvedPieces::Unclear,
            None => ResolvedPieces::Nothing,
        };
    }
    let is_group = |piece: &&str| piece.bytes().all(|b| b.is_ascii_alphabetic());
    let n_whole = pieces.iter().filter(|piece| is_whole(piece)).count();
    if n_whole == pieces.len() {
        let numbers: Option<Vec<TrackingNumber>> =
            pieces.iter().map(|piece| tracking_number(piece)).collect();
        return numbers.map_or(ResolvedPieces::Unclear, ResolvedPieces::Numbers);
    }
    let is_doubtful = n_whole == 0
        && pieces.iter().all(|piece| piece.len() >= DOUBTFUL)
        && !pieces.iter().any(is_group);
    let Some(joined) = tracking_number(&joined) else {
        return if has_digits(&joined, 5) && !is_placeholder(&joined) {
            ResolvedPieces::Unclear
        } else {
            ResolvedPieces::Nothing
        };
    };
    // Letters before or after a number belong to it: `LX 123456789 CN`.
    let is_lettered = n_whole == 1
        && pieces
            .iter()
            .all(|piece| is_whole(piece) || is_group(piece));
    let is_grouped = n_whole == 0 || carriers.is_known_form(&joined);
    if !is_doubtful && (is_grouped || is_lettered) {
        ResolvedPieces::Numbers(vec![joined])
    } else {
        ResolvedPieces::Unclear
    }
}

/// The pieces put together to as few numbers as may be, each of which a carrier
/// gives with the right check digit; each piece by itself, where that is possible.
fn proven_numbers(
    pieces: &[&str],
    carriers: &impl CarrierDirectory,
) -> Option<Vec<TrackingNumber>> {
    let is_proved = |number: &TrackingNumber| carriers.is_proved(number);
    let each: Option<Vec<TrackingNumber>> = pieces
        .iter()
        .map(|piece| tracking_number(piece).filter(is_proved))
        .collect();
    if each.is_some() {
        return each;
    }
    // best[n]: how the first n pieces are put together.
    let mut best: Vec<Option<Vec<TrackingNumber>>> = vec![None; pieces.len() + 1];
    best[0] = Some(Vec::new());
    for end in 1..=pieces.len() {
        for begin in (0..end).rev() {
            let joined = pieces[begin..end].concat();
            if joined.len() > TrackingNumber::LONGEST {
                break;
            }
            let Some(before) = best[begin].clone() else {
                continue;
            };
            let is_better = best[end]
                .as_ref()
                .is_none_or(|known| before.len() + 1 < known.len());
            if let Some(number) = tracking_number(&joined).filter(is_proved)
                && is_better
            {
                let mut numbers = before;
                numbers.push(number);
                best[end] = Some(numbers);
            }
        }
    }
    best.pop().flatten()
}

/// The number that `text` is: with some digits, and not a placeholder. `AX77` is
/// one, `24hrs` is not.
fn tracking_number(text: &str) -> Option<TrackingNumber> {
    let number = TrackingNumber::parse(text).ok()?;
    let is_in_capitals = has_digits(text, 1) && !text.bytes().any(|b| b.is_ascii_lowercase());
    let is_number = has_digits(text, 3) || is_in_capitals;
    (is_number && !is_placeholder(number.as_str())).then_some(number)
}

/// Whether `text`, one word, stands for no number: a word that says so, or zeros.
pub fn says_none(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphanumeric);
    let word: String = letters.flat_map(char::to_lowercase).collect();
    NONE.contains(&word.as_str()) || word.bytes().all(|byte| byte == b'0')
}

/// Words for no number, without spaces and hyphens.
const NONE: &[&str] = &[
    "none",
    "null",
    "nil",
    "nan",
    "undefined",
    "unknown",
    "na",
    "tbd",
    "tba",
    "tbc",
    "pending",
    "notracking",
    "nonumber",
    "untracked",
    "pickup",
    "localpickup",
    "collection",
    "collected",
    "delivered",
    "handdelivered",
    "manual",
    "keine",
    "ohne",
    "ninguno",
    "aucun",
    "nessuno",
    "geen",
    "brak",
    "ingen",
    "xxxx",
    "xxxxx",
    "xxxxxx",
    "xxxxxxxx",
];

fn is_whole(piece: &str) -> bool {
    piece.len() >= WHOLE && has_digits(piece, 4)
}

fn has_digits(text: &str, least: usize) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= least
}

/// `0000000`, `99999`: something had to be entered.
fn is_placeholder(text: &str) -> bool {
    let mut bytes = text.bytes();
    let first = bytes.next();
    bytes.all(|byte| Some(byte) == first)
}
