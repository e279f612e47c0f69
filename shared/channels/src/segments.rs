//! How many segments a text message costs, and how to make it cost fewer.
//!
//! A message in the GSM 7-bit alphabet holds 160 characters, or 153 in each of
//! several parts; one character outside of it makes the whole message UCS-2,
//! with 70 and 67.

/// The default alphabet of GSM 03.38, one septet each.
const BASIC: &str = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
/// Its extension, two septets each.
const EXTENDED: &str = "^{}\\[~]|€\u{c}";

/// How many segments `text` takes.
pub fn count_segments(text: &str) -> usize {
    match septets(text) {
        Some(length) => parts(length, 160, 153),
        None => parts(text.encode_utf16().count(), 70, 67),
    }
}

/// Whether all of `text` is in the GSM 7-bit alphabet.
pub fn is_gsm7(text: &str) -> bool {
    septets(text).is_some()
}

/// `text` with typography and accents that GSM 7-bit lacks written plainly, if
/// that brings all of it into the alphabet; unchanged if not.
pub fn fold_to_gsm(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for character in text.chars() {
        if septets_of(character).is_some() {
            plain.push(character);
            continue;
        }
        match character {
            '‘' | '’' | '‚' | '′' | '`' | '´' => plain.push('\''),
            '“' | '”' | '„' | '″' | '«' | '»' => plain.push('"'),
            '‐'..='―' | '−' | '·' | '•' => plain.push('-'),
            '…' => plain.push_str("..."),
            '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}' | '\t' => plain.push(' '),
            '№' => plain.push_str("No."),
            '×' => plain.push('x'),
            '™' => plain.push_str("TM"),
            'ç' => plain.push('Ç'),
            'ł' => plain.push('l'),
            'Ł' => plain.push('L'),
            'đ' => plain.push('d'),
            'Đ' => plain.push('D'),
            'œ' => plain.push_str("oe"),
            'Œ' => plain.push_str("OE"),
            'ı' => plain.push('i'),
            other => match base_letter(other) {
                Some(letter) => plain.push(letter),
                None => return text.to_owned(),
            },
        }
    }
    plain
}

/// The letter under a Latin letter's accents, where Unicode takes it apart.
fn base_letter(character: char) -> Option<char> {
    let mut buffer = [0; 4];
    let taken_apart = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd()
        .normalize(character.encode_utf8(&mut buffer))
        .chars()
        .next()?;
    taken_apart.is_ascii_alphabetic().then_some(taken_apart)
}

fn septets(text: &str) -> Option<usize> {
    text.chars().map(septets_of).sum()
}

fn septets_of(character: char) -> Option<usize> {
    if BASIC.contains(character) {
        Some(1)
    } else if EXTENDED.contains(character) {
        Some(2)
    } else {
        None
    }
}

const fn parts(length: usize, alone: usize, in_parts: usize) -> usize {
    if length <= alone {
        1
    } else {
        length.div_ceil(in_parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_segment_holds_160_of_gsm_or_70_of_anything_else() {
        for (text, expected) in [
            ("a".repeat(160), 1),
            ("a".repeat(161), 2),
            ("a".repeat(306), 2),
            ("a".repeat(307), 3),
            ("€".repeat(80), 1),
            ("€".repeat(81), 2),
            ("я".repeat(70), 1),
            ("я".repeat(71), 2),
            ("я".repeat(135), 3),
            ("🎁".repeat(35), 1),
            ("🎁".repeat(36), 2),
        ] {
            assert_eq!(count_segments(&text), expected, "{text}");
        }
    }

    #[test]
    fn typography_does_not_double_the_price() {
        assert_eq!(
            fold_to_gsm("Zoë’s “café” – naïve…"),
            "Zoe's \"café\" - naive..."
        );
        assert!(is_gsm7(&fold_to_gsm("Łódź, Škoda, façade")));
        assert_eq!(fold_to_gsm("商店"), "商店");
    }
}
