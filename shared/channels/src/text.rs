//! Texts from outside, made fit to be shown.

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};
use posthorn_domain::contact::EmailAddress;
use url::Url;

/// `text` on one line of at most `max` characters: control characters, line
/// ends and those that turn the direction of writing are gone, so it can stand
/// in a subject, a header or a text message.
pub fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max * 4));
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let word: String = word.chars().filter(|c| !is_invisible(*c)).collect();
        if word.is_empty() {
            continue;
        }
        if length > 0 {
            line.push(' ');
            length += 1;
        }
        length += word.chars().count();
        line.push_str(&word);
        if length > max {
            let cut: String = line.chars().take(max.saturating_sub(1)).collect();
            return format!("{}…", cut.trim_end());
        }
    }
    line
}

/// `text` as lines, each fit to be shown; at most `max` characters in all.
pub fn split_lines(text: &str, max: usize) -> Vec<String> {
    let mut left = max;
    let mut lines = Vec::new();
    for line in text.lines() {
        let line = one_line(line, left);
        left = left.saturating_sub(line.chars().count());
        if !line.is_empty() {
            lines.push(line);
        }
        if left < 2 {
            break;
        }
    }
    lines
}

const fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}'
            | '\u{61c}'
            | '\u{200b}'..='\u{200c}'
            | '\u{200e}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2069}'
            | '\u{feff}'
            | '\u{e0000}'..='\u{e007f}'
    )
}

/// `url` if a link may lead there: `https` or `http`, nothing that runs.
pub fn safe_url(url: &str) -> Option<String> {
    let url = Url::parse(url.trim()).ok()?;
    (matches!(url.scheme(), "https" | "http") && url.has_host()).then(|| url.to_string())
}

/// Where a customer can ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Support {
    /// By mail.
    Email(String),
    /// On a page.
    Page(String),
}

impl Support {
    /// Takes what the shop entered: an address or a URL.
    pub fn parse(text: &str) -> Option<Self> {
        match EmailAddress::parse(text) {
            Ok(address) => Some(Self::Email(address.as_str().to_owned())),
            Err(_) => safe_url(text).map(Self::Page),
        }
    }

    /// Where a link to it leads.
    pub fn to_href(&self) -> String {
        match self {
            Self::Email(address) => format!("mailto:{address}"),
            Self::Page(url) => url.clone(),
        }
    }

    /// The same, with a mail begun under `subject`.
    pub fn href_about(&self, subject: &str) -> String {
        match self {
            Self::Email(_) => format!("{}?subject={}", self.to_href(), percent_encoded(subject)),
            Self::Page(_) => self.to_href(),
        }
    }
}

/// `text` for a part of a URL, where none of its characters means anything.
fn percent_encoded(text: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.bytes()
        .map(|byte| match byte {
            plain if is_plain(plain) => char::from(plain).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

/// What carriers shout, in ordinary writing: `FRONT DOOR` becomes `front door`.
pub fn calm_text(text: &str, max: usize) -> String {
    let text = one_line(text, max);
    if text.chars().any(char::is_lowercase) {
        text
    } else {
        text.to_lowercase()
    }
}

/// The name of a place as one writes it: `LOS ANGELES` becomes `Los Angeles`.
pub fn place_name(text: &str) -> String {
    let text = one_line(text, 60);
    if text.chars().any(char::is_lowercase) {
        return text;
    }
    let mut name = String::with_capacity(text.len());
    let mut is_start = true;
    for character in text.chars() {
        if is_start {
            name.push(character);
        } else {
            name.extend(character.to_lowercase());
        }
        is_start = !character.is_alphanumeric() && character != '\'';
    }
    name
}

/// What databases hold where they hold no name.
const NO_NAMES: &[&str] = &[
    "anonymous",
    "client",
    "customer",
    "dear",
    "first",
    "guest",
    "name",
    "n/a",
    "na",
    "nan",
    "nil",
    "no",
    "none",
    "null",
    "test",
    "undefined",
    "unknown",
    "user",
];

/// Titles: a person who gives one is called by the whole name.
const TITLES: &[&str] = &[
    "dr", "dr.", "frau", "herr", "miss", "mr", "mr.", "mrs", "mrs.", "ms", "ms.", "mx", "prof",
    "prof.", "sir",
];

/// How to greet a person of this name; none if it does not look like one.
pub fn greeting_name(name: &str) -> Option<String> {
    let name = one_line(name, 80);
    let is_odd = |c: char| c.is_ascii_digit() || "@/\\{}<>[]()$%&*=_|~^#:;!?\"…".contains(c);
    if name.chars().any(is_odd) || !name.chars().any(char::is_alphabetic) {
        return None;
    }
    let name = spell_words(&name);
    let words: Vec<&str> = name.split(' ').collect();
    let is_no_name = |word: &&str| NO_NAMES.contains(&word.to_lowercase().as_str());
    if words.iter().any(is_no_name) {
        return None;
    }
    let first = *words.first()?;
    let is_initial = first.chars().filter(|c| c.is_alphabetic()).count() < 2 && first.is_ascii();
    let called =
        if words.len() > 1 && (is_initial || TITLES.contains(&first.to_lowercase().as_str())) {
            name.as_str()
        } else {
            first.trim_end_matches(',')
        };
    if called.is_empty() || called.chars().count() > 40 {
        return None;
    }
    let is_one_case =
        !called.chars().any(char::is_lowercase) || !called.chars().any(char::is_uppercase);
    Some(if is_one_case {
        capitalise_word(called)
    } else {
        called.to_owned()
    })
}

/// The words of a name that have letters, without pictures and other signs.
fn spell_words(name: &str) -> String {
    let category = CodePointMapData::<GeneralCategory>::new();
    // Pictures have marks of their own: how they are drawn, and keys around them.
    let is_of_picture = |c: char| matches!(c, '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}');
    let belongs = |c: &char| {
        let is_mark = GeneralCategoryGroup::Mark.contains(category.get(*c));
        c.is_alphabetic() || (is_mark && !is_of_picture(*c)) || "-'’‘.,·・".contains(*c)
    };
    let words = name
        .split(' ')
        .map(|word| word.chars().filter(belongs).collect::<String>());
    let words: Vec<String> = words
        .filter(|word| word.contains(char::is_alphabetic))
        .collect();
    words.join(" ")
}

fn capitalise_word(name: &str) -> String {
    let mut is_start = true;
    let mut written = String::with_capacity(name.len());
    for character in name.chars() {
        if is_start {
            written.extend(character.to_uppercase());
        } else {
            written.extend(character.to_lowercase());
        }
        is_start = matches!(character, ' ' | '-' | '\'' | '’');
    }
    written
}

/// Returns `text`, or `other` if it is empty.
pub(crate) fn non_empty_or(text: &str, other: &str) -> String {
    let chosen = if text.is_empty() { other } else { text };
    chosen.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_stays_one_line() {
        assert_eq!(
            one_line(" Acme\r\nBcc: x@y.example\t\u{202e}!", 80),
            "Acme Bcc: x@y.example !"
        );
        assert_eq!(one_line("abcdefghij", 5), "abcd…");
        assert_eq!(one_line("abcde", 5), "abcde");
        assert_eq!(
            split_lines("one\n\n two \r\nthree", 100),
            ["one", "two", "three"]
        );
        assert_eq!(split_lines("one\ntwo three", 6), ["one", "tw…"]);
    }

    #[test]
    fn a_greeting_names_people_only() {
        for (name, greeting) in [
            ("Anna Schmidt", Some("Anna")),
            ("ANNA SCHMIDT", Some("Anna")),
            ("anna-lena", Some("Anna-Lena")),
            ("Dr. Anna Schmidt", Some("Dr. Anna Schmidt")),
            ("J. Doe", Some("J. Doe")),
            ("王小明", Some("王小明")),
            ("O'Brien", Some("O'Brien")),
            ("null", None),
            ("None None", None),
            ("Guest", None),
            ("anna@example.com", None),
            ("{{ customer.first_name }}", None),
            ("<script>", None),
            ("12345", None),
            ("", None),
            ("-", None),
            ("😀🌸 Zoë", Some("Zoë")),
            ("Zoë🌸", Some("Zoë")),
            ("★ MIA ★ Meyer", Some("Mia")),
            ("❤️", None),
            ("😀 🌸", None),
            ("نورة", Some("نورة")),
            ("प्रिया शर्मा", Some("प्रिया")),
            ("ʻAlohilani", Some("ʻAlohilani")),
        ] {
            assert_eq!(greeting_name(name).as_deref(), greeting, "{name}");
        }
    }

    #[test]
    fn a_link_leads_to_a_page_and_runs_nothing() {
        assert_eq!(
            safe_url("https://acme.example/help").as_deref(),
            Some("https://acme.example/help")
        );
        for url in [
            "javascript:alert(1)",
            "data:text/html,x",
            "//acme.example",
            "acme",
            "https://",
        ] {
            assert_eq!(safe_url(url), None, "{url}");
        }
    }

    #[test]
    fn support_is_an_address_or_a_page() {
        assert_eq!(
            Support::parse("help@acme.example")
                .map(|s| s.to_href())
                .as_deref(),
            Some("mailto:help@acme.example")
        );
        assert_eq!(
            Support::parse("https://acme.example/help")
                .map(|s| s.to_href())
                .as_deref(),
            Some("https://acme.example/help")
        );
        assert_eq!(Support::parse("call us"), None);
    }

    #[test]
    fn a_mail_begun_for_the_customer_has_a_subject_and_nothing_else() {
        let support = Support::parse("help@acme.example").unwrap();
        assert_eq!(
            support.href_about("Order #1&bcc=x@y.example"),
            "mailto:help@acme.example?subject=Order%20%231%26bcc%3Dx%40y.example"
        );
        let support = Support::parse("https://acme.example/help").unwrap();
        assert_eq!(
            support.href_about("Order #1001"),
            "https://acme.example/help"
        );
    }

    #[test]
    fn what_carriers_shout_is_said_calmly() {
        assert_eq!(calm_text("FRONT DOOR", 60), "front door");
        assert_eq!(calm_text("Porch of Nº 5", 60), "Porch of Nº 5");
        assert_eq!(place_name("LOS ANGELES"), "Los Angeles");
        assert_eq!(place_name("Köln"), "Köln");
    }
}
