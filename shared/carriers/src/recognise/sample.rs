//! Numbers made up by their format, for tests and measurements.

use super::{
    check::Check,
    format::{NumberFormat, Owner, PatternPart},
};

const ANY: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const DIGITS: &[u8] = ANY.split_at(10).0;
const LETTERS: &[u8] = ANY.split_at(10).1;
/// Some of those whose posts have codes.
const COUNTRIES: [&str; 6] = ["BR", "CN", "DE", "FR", "GB", "US"];

impl NumberFormat {
    /// A number of this format, its free characters chosen by `seed` again and
    /// again, its check digit right. None if the seed leads to a check
    /// character that this format may not have, or is empty.
    pub fn made_up(&self, seed: &[u8]) -> Option<String> {
        let mut seed = seed.iter().copied().map(usize::from).cycle();
        let mut text = Vec::with_capacity(40);
        for piece in self.pattern {
            let (count, from) = match *piece {
                PatternPart::Text(fixed) => {
                    text.extend(fixed.bytes());
                    continue;
                }
                PatternPart::OneOf(choices) => {
                    let choice = choices[seed.next()? % choices.len()];
                    text.extend(choice.bytes());
                    continue;
                }
                PatternPart::Digits(count) => (count, DIGITS),
                PatternPart::Letters(count) => (count, LETTERS),
                PatternPart::Any(count) => (count, ANY.as_slice()),
                PatternPart::LastDigits(least, most) => {
                    (least + seed.next()? % (most - least + 1), DIGITS)
                }
                PatternPart::LastMixed(least, most) => {
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
            text[at] = rule.check_character(&text[from..at]);
        }
        let text = String::from_utf8(text).ok()?;
        self.has_shape(text.as_bytes()).then_some(text)
    }
}
