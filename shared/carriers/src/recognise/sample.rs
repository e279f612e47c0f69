//! Numbers made up by their format, for tests and measurements.

use super::{
    check::Check,
    format::{Format, Owner, Piece},
};

const ANY: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &[u8] = ANY.split_at(10).0;
const LETTERS: &[u8] = ANY.split_at(10).1;
/// Some of those whose posts have codes.
const COUNTRIES: [&str; 6] = ["BR", "CN", "DE", "FR", "GB", "US"];

impl Format {
    /// A number of this format, its free characters chosen by `seed` again and
    /// again, its check digit right. None if the seed leads to a check
    /// character that this format may not have, or is empty.
    pub fn made_up(&self, seed: &[u8]) -> Option<String> {
        let mut seed = seed.iter().copied().map(usize::from).cycle();
        let mut text = Vec::with_capacity(40);
        for piece in self.pattern {
            let (count, from) = match *piece {
                Piece::Text(fixed) => {
                    text.extend(fixed.bytes());
                    continue;
                }
                Piece::OneOf(choices) => {
                    let choice = choices[seed.next()? % choices.len()];
                    text.extend(choice.bytes());
                    continue;
                }
                Piece::Digits(count) => (count, DIGITS),
                Piece::Letters(count) => (count, LETTERS),
                Piece::Any(count) => (count, ANY.as_slice()),
                Piece::LastDigits(least, most) => {
                    (least + seed.next()? % (most - least + 1), DIGITS)
                }
                Piece::LastMixed(least, most) => {
                    (least + seed.next()? % (most - least + 1), ANY.as_slice())
                }
            };
            for _ in 0..count {
                text.push(from[seed.next()? % from.len()]);
            }
        }
        if let Owner::PostOf(at) = self.owner {
            let country = COUNTRIES[usize::from(text[at]) % COUNTRIES.len()];
            text[at..at + 2].copy_from_slice(country.as_bytes());
        }
        if let Check::Digit { from, at, rule } = self.check {
            text[at] = rule.character(&text[from..at]);
        }
        let text = String::from_utf8(text).ok()?;
        self.has_shape(text.as_bytes()).then_some(text)
    }
}
