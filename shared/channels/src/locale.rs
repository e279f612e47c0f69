//! The languages we speak, and which of them to speak to whom.

use crate::words::{Phrases, en::English};

/// A language: its tag, its words and its templates.
pub struct Locale {
    /// BCP 47 tag in its usual case: `en`, `zh-Hant`.
    pub tag: &'static str,
    /// Words for statuses, reasons and dates.
    pub words: &'static dyn Phrases,
    /// What mails say, a section per moment.
    pub(crate) email: &'static str,
    /// What text messages say, a section per moment.
    pub(crate) sms: &'static str,
}

impl std::fmt::Debug for Locale {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.tag)
    }
}

/// Every language; the first is spoken where none of them fits.
pub static LOCALES: &[Locale] = &[Locale {
    tag: "en",
    words: &English,
    email: include_str!("../templates/en/email.txt"),
    sms: include_str!("../templates/en/sms.txt"),
}];

impl Locale {
    /// The language for a BCP 47 tag: itself, or the nearest that is more
    /// general (RFC 4647, section 3.4: `zh-Hant-TW`, `zh-Hant`, `zh`), or the first.
    pub fn find_locale(tag: &str) -> &'static Self {
        let wanted = tag.replace('_', "-");
        let index = find_by_fallback(&wanted, |candidate| {
            LOCALES
                .iter()
                .position(|locale| locale.tag.eq_ignore_ascii_case(candidate))
        });
        &LOCALES[index.unwrap_or_default()]
    }
}

/// Asks `known` for ever more general forms of `tag` until it knows one.
fn find_by_fallback<T>(tag: &str, known: impl Fn(&str) -> Option<T>) -> Option<T> {
    let mut candidate = tag;
    loop {
        if let Some(found) = known(candidate) {
            return Some(found);
        }
        candidate = candidate.rsplit_once('-')?.0;
        // A single letter introduces an extension and means nothing alone.
        if let Some((rest, last)) = candidate.rsplit_once('-')
            && last.len() == 1
        {
            candidate = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tag_falls_back_to_what_is_more_general() {
        let asked = std::cell::RefCell::new(Vec::new());
        let found = find_by_fallback("zh-Hant-TW-u-hc-h24", |candidate| {
            asked.borrow_mut().push(candidate.to_owned());
            (candidate == "zh").then_some(())
        });
        assert_eq!(found, Some(()));
        assert_eq!(
            asked.into_inner(),
            [
                "zh-Hant-TW-u-hc-h24",
                "zh-Hant-TW-u-hc",
                "zh-Hant-TW",
                "zh-Hant",
                "zh"
            ]
        );
    }

    #[test]
    fn a_speaker_of_none_of_our_languages_gets_english() {
        for tag in [
            "",
            "en",
            "EN_us",
            "en-GB",
            "tlh",
            "zh-Hant-TW",
            "-",
            "x-private",
        ] {
            assert_eq!(Locale::find_locale(tag).tag, "en", "{tag}");
        }
    }
}
