//! Which characters may stand in a text that is kept and passed on.
//!
//! SQS takes the characters that XML 1.0 allows, and refuses a message with any
//! other. Unicode's 66 noncharacters have no meaning outside of a program, and no
//! person writes one: they are signs of a broken conversion.

use std::borrow::Cow;

/// Whether `c` is one of Unicode's 66 noncharacters: U+FDD0 to U+FDEF and the
/// last two code points of each plane.
pub const fn is_noncharacter(c: char) -> bool {
    (c as u32) & 0xFFFE == 0xFFFE || matches!(c, '\u{FDD0}'..='\u{FDEF}')
}

/// Whether `c` may stand in a text: no noncharacter, and no control character
/// but tab, line feed and carriage return.
pub fn is_allowed(c: char) -> bool {
    !is_noncharacter(c) && (!c.is_control() || matches!(c, '\t' | '\n' | '\r'))
}

/// The text with U+FFFD in the place of each character that is not allowed.
pub fn clean_text(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_allowed) {
        return Cow::Borrowed(text);
    }
    let clean = |c| if is_allowed(c) { c } else { '\u{FFFD}' };
    Cow::Owned(text.chars().map(clean).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unicode_has_66_noncharacters() {
        let all = '\0'..=char::MAX;
        assert_eq!(all.filter(|c| is_noncharacter(*c)).count(), 66);
    }

    #[test]
    fn what_may_not_stand_in_a_text_is_replaced_and_the_rest_stays() {
        assert_eq!(
            clean_text("a\u{FFFF}b\u{1FFFE}\0\u{85}"),
            "a\u{FFFD}b\u{FFFD}\u{FFFD}\u{FFFD}"
        );
        let fine = "Zoë\t1\r\n🌸 \u{FFFD}\u{E000}";
        assert!(matches!(clean_text(fine), Cow::Borrowed(text) if text == fine));
    }
}
