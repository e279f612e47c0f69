//! Texts of a storefront that customers will read.

use posthorn_domain::text::is_noncharacter;

/// Returns `text` on one line and cut after `max` characters. None if nothing is
/// left of it.
pub fn clean_line(text: &str, max: usize) -> Option<String> {
    let is_odd = |c: char| c.is_control() || is_noncharacter(c);
    let line: String = text
        .chars()
        .map(|c| if is_odd(c) { ' ' } else { c })
        .collect();
    let line: String = line.trim().chars().take(max).collect();
    (!line.is_empty()).then_some(line)
}

/// Returns `text` if it is one line of 1 to `max` characters as it stands.
pub fn valid_line(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    let is_plain = !text.contains(|c: char| c.is_control() || is_noncharacter(c));
    (is_plain && (1..=max).contains(&text.chars().count())).then(|| text.to_owned())
}
