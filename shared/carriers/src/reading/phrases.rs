//! What events mean that carriers give in words alone.
//!
//! DHL Express, DHL eCommerce, DHL Parcel UK and Australia Post have no codes, or
//! leave them out, and publish no list of their texts. A text is known by its
//! beginning, since a place or a reason follows; the longest beginning that fits
//! counts. Letters' case, runs of white space and the kinds of hyphens and
//! apostrophes make no difference. A whole sentence is known by a part of it.
//!
//! | module | subject |
//! | --- | --- |
//! | `way` | from the announcement to the arrival near the recipient |
//! | `door` | delivery and collection |
//! | `trouble` | what holds a shipment up, and the way back |
//! | `ecommerce` | what DHL eCommerce's own list says besides |
//! | `parts` | parts of sentences |
//! | `refine` | what follows a beginning: a reason, or where it was left |

mod door;
mod ecommerce;
mod parts;
mod refine;
mod trouble;
mod way;

use posthorn_domain::scan::ScanMeaning;
use std::sync::LazyLock;

/// Phrases with one meaning, folded as [`Folded`] does it.
type PhraseGroup = (ScanMeaning, &'static [&'static str]);

/// Every phrase and its meaning, sorted.
static PHRASES: LazyLock<Vec<(&'static [u8], ScanMeaning)>> = LazyLock::new(|| {
    let topics = [
        way::PHRASES,
        door::PHRASES,
        trouble::PHRASES,
        ecommerce::PHRASES,
    ];
    let groups = topics.into_iter().flatten();
    let mut phrases: Vec<(&[u8], ScanMeaning)> = groups
        .flat_map(|(meaning, phrases)| {
            let bytes = phrases.iter().map(|phrase| phrase.as_bytes());
            bytes.map(|phrase| (phrase, *meaning))
        })
        .collect();
    phrases.sort_unstable_by_key(|(phrase, _)| *phrase);
    phrases
});

/// What a text means; none if we do not know it. A single word must be a phrase
/// by itself: it may as well be a code.
pub(crate) fn phrase_meaning(text: &str) -> Option<ScanMeaning> {
    let folded = Folded::from_text(text);
    let text = folded.as_bytes();
    if !text.contains(&b' ') {
        let at = PHRASES.binary_search_by_key(&text, |(phrase, _)| phrase);
        return at.ok().map(|at| PHRASES[at].1);
    }
    match_beginning(text)
        .or_else(|| parts::part_meaning(text))
        .or_else(|| match_beginning(without_subject(text)?))
}

/// The meaning of the longest phrase with which `text` begins, made more precise
/// by the rest of it.
fn match_beginning(text: &[u8]) -> Option<ScanMeaning> {
    let mut key = text;
    loop {
        let after = PHRASES.partition_point(|(phrase, _)| *phrase <= key);
        let (phrase, meaning) = *PHRASES.get(after.checked_sub(1)?)?;
        let n_common = phrase.iter().zip(key).take_while(|(a, b)| a == b).count();
        if n_common < phrase.len() {
            key = &key[..n_common];
            continue;
        }
        let rest = &text[n_common..];
        if rest.first().is_none_or(|byte| !is_of_word(*byte)) {
            return Some(refine::refine_meaning(meaning, rest));
        }
        key = &key[..n_common.checked_sub(1)?];
    }
}

const fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || !byte.is_ascii()
}

/// What is said of the shipment, if it is what the sentence is about: "picked up"
/// of "The shipment has been picked up". What will be, or is not, stays as it is. Of
/// another subject only the article goes.
fn without_subject(text: &[u8]) -> Option<&[u8]> {
    const ARTICLES: &[&[u8]] = &[b"a", b"the", b"this", b"your"];
    const NOUNS: &[&[u8]] = &[
        b"article",
        b"consignment",
        b"item",
        b"package",
        b"parcel",
        b"piece",
        b"shipment",
    ];
    const VERBS: &[&[u8]] = &[b"are", b"been", b"has", b"have", b"is", b"was", b"were"];
    let (article, rest) = first_word(text);
    let rest = if ARTICLES.contains(&article) {
        rest
    } else {
        text
    };
    let predicate = rest;
    let (noun, mut rest) = first_word(rest);
    if !NOUNS.contains(&noun) {
        return (predicate.len() < text.len()).then_some(predicate);
    }
    loop {
        let (word, after) = first_word(rest);
        if word.is_empty() {
            return None;
        }
        if !VERBS.contains(&word) {
            return Some(rest);
        }
        rest = after;
    }
}

fn first_word(text: &[u8]) -> (&[u8], &[u8]) {
    match text.iter().position(|byte| *byte == b' ') {
        Some(at) => (&text[..at], &text[at + 1..]),
        None => (text, &[]),
    }
}

/// Whether `part` is anywhere in `text`.
fn contains_part(text: &[u8], part: &str) -> bool {
    let part = part.as_bytes();
    text.windows(part.len()).any(|piece| piece == part)
}

/// As much of a text as may tell something.
const LONGEST: usize = 200;

/// The beginning of a text in small letters, with one space between words and
/// plain hyphens and apostrophes.
struct Folded {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Folded {
    fn from_text(text: &str) -> Self {
        let mut folded = Self {
            bytes: [0; LONGEST],
            len: 0,
        };
        let mut is_after_space = true;
        for char in text.chars() {
            let char = match char {
                '\u{2018}' | '\u{2019}' | '\u{b4}' | '`' => '\'',
                '\u{2010}'..='\u{2015}' => '-',
                char if char.is_whitespace() => ' ',
                char => char.to_ascii_lowercase(),
            };
            let is_space = char == ' ';
            let end = folded.len + char.len_utf8();
            if end > LONGEST {
                break;
            }
            if is_space && is_after_space {
                continue;
            }
            char.encode_utf8(&mut folded.bytes[folded.len..end]);
            folded.len = end;
            is_after_space = is_space;
        }
        if is_after_space {
            folded.len = folded.len.saturating_sub(1);
        }
        folded
    }

    fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

#[cfg(test)]
mod tests;
