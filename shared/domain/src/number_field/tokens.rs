//! Cuts a number field into links, words and pieces of numbers.

/// A part of a field between separators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldSegment {
    /// A link.
    Link(String),
    /// Anything else.
    Text(String),
}

impl FieldSegment {
    pub(super) fn link_url(&self) -> Option<&str> {
        match self {
            Self::Link(link) => Some(link),
            Self::Text(_) => None,
        }
    }

    pub(super) fn plain_text(&self) -> &str {
        match self {
            Self::Link(text) | Self::Text(text) => text,
        }
    }
}

/// A word of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FieldToken {
    /// Part of a number, or all of it: letters and digits.
    Piece(String),
    /// Says that what follows is a tracking number.
    Label,
    /// Says that what follows is a number of another kind.
    OtherLabel,
    /// Any other word.
    Word,
    /// What stands on both sides of it does not belong together.
    Break,
}

impl FieldToken {
    pub(super) const fn is_piece(&self) -> bool {
        matches!(self, Self::Piece(_))
    }

    pub(super) fn number_piece(&self) -> Option<&str> {
        match self {
            Self::Piece(piece) => Some(piece),
            Self::Label | Self::OtherLabel | Self::Word | Self::Break => None,
        }
    }
}

/// Beginnings of the words that stand before a tracking number.
const LABELS: &[&str] = &[
    "track",
    "trk",
    "trace",
    "num",
    "number",
    "numero",
    "nummer",
    "no",
    "nr",
    "awb",
    "hawb",
    "mawb",
    "waybill",
    "airway",
    "con",
    "connote",
    "consign",
    "parcel",
    "package",
    "pkg",
    "ship",
    "sendung",
    "sending",
    "zending",
    "paket",
    "kolli",
    "colli",
    "colis",
    "suivi",
    "seguimiento",
    "guia",
    "envio",
    "spedizione",
    "tracciamento",
    "lettera",
    "vettura",
    "rastre",
    "codigo",
    "codice",
    "objeto",
    "zasilk",
    "przesyl",
    "nadania",
    "sporing",
    "forsendelse",
    "seuranta",
    "takip",
    "kargo",
    "barcode",
    "label",
    "code",
    "id",
    "ref",
    "pro",
    "bol",
    "box",
    "pc",
    "is",
    "the",
    "your",
    "via",
    "with",
    "by",
    "de",
    "du",
    "n",
];
/// The same of words that stand before other numbers.
const OTHER_LABELS: &[&str] = &[
    "order", "bestell", "invoice", "rechnung", "po", "tel", "phone", "call", "mobile", "fax",
    "date", "datum", "customer", "kunde", "sku", "qty", "weight", "price", "zip", "plz",
];

/// The parts of `text` between separators, and the links in it.
pub(super) fn split_segments(text: &str) -> Vec<FieldSegment> {
    let text: String = text.chars().filter_map(plain_character).collect();
    let mut segments = Vec::new();
    let mut rest = String::new();
    for word in text.split_inclusive(char::is_whitespace) {
        let bare = word.trim();
        let Some(at) = link_in(bare) else {
            rest.push_str(word);
            continue;
        };
        let (before, link) = bare.split_at(at);
        rest.push_str(before);
        cut_segments(&mut segments, &rest);
        rest.clear();
        // Two links may stand side by side: `https://…,https://…`.
        let links = link.replace("http", " http");
        let links = links.split_whitespace().map(trimmed);
        segments.extend(links.filter(|link| !link.is_empty()).map(|link| {
            if link.contains("://") {
                FieldSegment::Link(link.to_owned())
            } else {
                FieldSegment::Link(format!("https://{link}"))
            }
        }));
    }
    cut_segments(&mut segments, &rest);
    segments
}

/// Where a link begins in `word`.
fn link_in(word: &str) -> Option<usize> {
    let lower = word.to_ascii_lowercase();
    let with_scheme = lower.find("http://").or_else(|| lower.find("https://"));
    with_scheme
        .or_else(|| lower.find("www."))
        .or_else(|| has_host(&lower).then_some(0))
}

/// Whether it begins with a host and goes on with a path: `ups.com/track?…`.
fn has_host(word: &str) -> bool {
    let Some((host, _)) = word.split_once('/') else {
        return false;
    };
    let mut labels = host.rsplit('.');
    let ends = labels
        .next()
        .is_some_and(|top| top.len() >= 2 && top.bytes().all(|b| b.is_ascii_lowercase()));
    let is_host = host
        .bytes()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    ends && labels.next().is_some() && is_host
}

/// Cuts `text` at what separates numbers.
fn cut_segments(segments: &mut Vec<FieldSegment>, text: &str) {
    let is_separator = |c: char| {
        matches!(
            c,
            ',' | ';' | '|' | '\\' | '&' | '+' | '、' | '；' | '•' | '·' | '\u{2028}' | '\u{2029}'
        )
    };
    for part in text.split(is_separator) {
        // A slash separates numbers, and the parts of a date.
        let mut whole = String::new();
        for word in part.split_inclusive(char::is_whitespace) {
            if is_date(word.trim()) {
                whole.push_str(word);
                continue;
            }
            let mut parts = word.split('/');
            whole.push_str(parts.next().unwrap_or_default());
            for part in parts {
                segments.push(FieldSegment::Text(std::mem::take(&mut whole)));
                whole.push_str(part);
            }
        }
        segments.push(FieldSegment::Text(whole));
    }
}

/// The words of a segment; `is_name` tells the names of carriers.
pub(super) fn split_tokens(text: &str, is_name: impl Fn(&str) -> bool) -> Vec<FieldToken> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < words.len() {
        let n_named = (1..=4.min(words.len() - at)).rev().find(|n| {
            let named = &words[at..at + n];
            let has_digits = |word: &&str| word.bytes().any(|b| b.is_ascii_digit());
            !named.iter().any(has_digits) && is_name(trimmed(&named.join(" ")))
        });
        if let Some(n) = n_named {
            tokens.push(FieldToken::Label);
            at += n;
            continue;
        }
        push_word(words[at], &mut tokens);
        at += 1;
    }
    tokens
}

fn push_word(word: &str, tokens: &mut Vec<FieldToken>) {
    if word.contains('@') || is_date(word) || is_clock(word) {
        tokens.push(FieldToken::Word);
        return;
    }
    let has_digit = |text: &str| text.bytes().any(|b| b.is_ascii_digit());
    // `AWB#1234567890`, `Tracking:1234567890`, `1.) 1234567890`.
    if let Some((label, rest)) = word.split_once([':', '#', '=', '№', '°', 'º']) {
        let n_digits = label.bytes().filter(u8::is_ascii_digit).count();
        let kind = kind_of_label(label);
        if n_digits > 2 {
            piece(label, tokens);
        }
        tokens.push(match kind {
            Some(kind) if n_digits <= 2 => kind,
            None if n_digits <= 2 => FieldToken::Label,
            _ => FieldToken::Break,
        });
        if !rest.is_empty() {
            self::push_word(rest, tokens);
        }
        return;
    }
    // Scripts without spaces: a label stands right before its number.
    if let Some(end) = word.rfind(|c: char| !c.is_ascii() && c.is_alphabetic()) {
        let after = &word[end..];
        let after = after
            .char_indices()
            .nth(1)
            .map_or("", |(at, _)| &after[at..]);
        let before = &word[..end];
        let is_script = !before.chars().any(|c| c.is_ascii_alphabetic());
        if has_digit(before) || !is_script {
            tokens.push(kind_of_label(word).unwrap_or(FieldToken::Word));
            return;
        }
        tokens.push(FieldToken::Label);
        if !after.is_empty() {
            self::push_word(after, tokens);
        }
        return;
    }
    let bare = trimmed(word);
    if bare.is_empty() {
        tokens.push(FieldToken::Break);
    } else if has_digit(bare) {
        piece(bare, tokens);
    } else if matches!(bare.to_lowercase().as_str(), "and" | "und" | "et" | "plus") {
        tokens.push(FieldToken::Break);
    } else if let Some(kind) = kind_of_label(bare) {
        tokens.push(kind);
    } else if bare.len() <= 4 && bare.bytes().all(|b| b.is_ascii_uppercase()) {
        tokens.push(FieldToken::Piece(bare.to_owned()));
    } else {
        tokens.push(FieldToken::Word);
    }
}

/// What only brackets, hyphens, dots and the like hold together is one piece, or
/// several where brackets set parts apart.
fn piece(text: &str, tokens: &mut Vec<FieldToken>) {
    let is_bracket = |c: char| matches!(c, '(' | ')' | '[' | ']' | '{' | '}' | '<' | '>' | '"');
    for part in text.split(is_bracket) {
        let is_joiner = |c: char| {
            matches!(
                c,
                '-' | '.' | '_' | '\'' | '\u{2010}'..='\u{2015}' | '\u{2212}'
            )
        };
        let part: String = part.chars().filter(|c| !is_joiner(*c)).collect();
        if part.is_empty() {
            continue;
        }
        tokens.push(if part.bytes().all(|b| b.is_ascii_alphanumeric()) {
            FieldToken::Piece(part)
        } else {
            FieldToken::Word
        });
    }
}

fn kind_of_label(word: &str) -> Option<FieldToken> {
    let word: String = word
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .map(without_accent)
        .collect();
    // Short ones are whole words: `no`, but not `none`.
    let is_any = |labels: &[&str]| {
        labels.iter().any(|label| {
            let is_whole = word == *label;
            is_whole || (label.len() >= 4 && word.starts_with(label))
        })
    };
    if is_any(OTHER_LABELS) {
        Some(FieldToken::OtherLabel)
    } else {
        is_any(LABELS).then_some(FieldToken::Label)
    }
}

const fn without_accent(c: char) -> char {
    match c {
        'á' | 'à' | 'â' | 'ä' | 'ã' | 'å' | 'ą' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'ę' | 'ě' => 'e',
        'í' | 'ì' | 'î' | 'ï' | 'ı' => 'i',
        'ó' | 'ò' | 'ô' | 'ö' | 'õ' | 'ø' => 'o',
        'ú' | 'ù' | 'û' | 'ü' | 'ů' => 'u',
        'ł' => 'l',
        'ç' | 'č' | 'ć' => 'c',
        'ñ' | 'ń' => 'n',
        'š' | 'ś' => 's',
        'ž' | 'ź' | 'ż' => 'z',
        other => other,
    }
}

/// Two or three short numbers with a year or without: `24/11/2026`, `24.11.`.
fn is_date(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = word.split(['/', '.', '-']).collect();
    if parts.len() == 2 && word.contains('-') {
        return false;
    }
    let are_digits = parts
        .iter()
        .all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    let lengths: Vec<usize> = parts.iter().map(|part| part.len()).collect();
    are_digits
        && matches!(
            lengths.as_slice(),
            [1..=2, 1..=2] | [1..=2, 1..=2, 2 | 4] | [4, 1..=2, 1..=2]
        )
}

/// `14:30`.
fn is_clock(word: &str) -> bool {
    let word = word.trim_matches(|c: char| !c.is_ascii_digit());
    let parts: Vec<&str> = word.split(':').collect();
    let is_two =
        |part: &&str| (1..=2).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (2..=3).contains(&parts.len()) && parts.iter().all(is_two)
}

fn trimmed(word: &str) -> &str {
    word.trim_matches(|c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '.' | ','
                    | ';'
                    | ':'
                    | '!'
                    | '?'
                    | '*'
                    | '#'
                    | '-'
                    | '_'
                    | '~'
                    | '\''
                    | '`'
                    | '"'
                    | '('
                    | ')'
                    | '['
                    | ']'
                    | '{'
                    | '}'
                    | '<'
                    | '>'
                    | '«'
                    | '»'
                    | '“'
                    | '”'
                    | '„'
                    | '‘'
                    | '’'
                    | '\u{2010}'..='\u{2015}' | '…'
            )
    })
}

/// The character as it is typed on a Latin keyboard; None of what cannot be seen.
fn plain_character(c: char) -> Option<char> {
    match c {
        '\u{3000}' => Some(' '),
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0),
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}' | '\u{ad}' => {
            None
        }
        _ if c.is_control() && !c.is_whitespace() => None,
        _ => Some(c),
    }
}
