//! The languages in which customers can be written to.

/// Tags of the languages that have texts, in their usual case. The channels hold
/// the texts; a test of theirs compares the two lists.
pub const WRITTEN: &[&str] = &["en"];

/// Whether there are texts for `tag` (BCP 47): in that language, whatever the
/// script or country.
pub fn is_written(tag: &str) -> bool {
    let language = |tag: &str| {
        let end = tag.find(['-', '_']).unwrap_or(tag.len());
        tag[..end].to_ascii_lowercase()
    };
    WRITTEN
        .iter()
        .any(|written| language(written) == language(tag))
}
