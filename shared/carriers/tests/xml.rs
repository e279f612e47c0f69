//! What if a carrier that speaks XML answered almost as it does? Tags and texts
//! of every recorded answer dropped, repeated, swapped or replaced.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;

use cases::{CASES, Case};
use posthorn_carriers::xml::{Document, Element, escape_text};
use proptest::prelude::*;
use std::sync::LazyLock;

/// The recorded answers that are XML.
static ANSWERS: LazyLock<Vec<(&Case, String)>> = LazyLock::new(|| {
    let answers = CASES.iter().filter_map(|case| {
        let body = case.recorded.response.body();
        Document::parse(body)?;
        Some((case, String::from_utf8(body.to_vec()).unwrap()))
    });
    let answers: Vec<_> = answers.collect();
    assert!(answers.len() > 50);
    answers
});

/// What a browser would call the inner text of the whole element.
fn all_text(element: Element<'_>) -> String {
    let inner: String = element.child_elements().map(all_text).collect();
    format!("{}{inner}", element.own_text())
}

/// The parts of a document: a tag, or the text up to the next.
fn parts(body: &str) -> Vec<String> {
    body.split_inclusive('>')
        .flat_map(|part| {
            let at = part.find('<').unwrap_or(0);
            [part[..at].to_owned(), part[at..].to_owned()]
        })
        .filter(|part| !part.is_empty())
        .collect()
}

#[derive(Debug, Clone)]
enum Bend {
    Drop,
    Repeat,
    Swap(prop::sample::Index),
    Text(String),
}

fn bend() -> impl Strategy<Value = Bend> {
    let text = prop_oneof![
        Just("0001-01-01".to_owned()),
        Just("99/99/9999 99:99:99 PM".to_owned()),
        Just("9999-12-31T23:59:60+99:99".to_owned()),
        Just("é€𝄞&amp;&#233;".to_owned()),
        Just("<![CDATA[<a>]]>".to_owned()),
        Just("65536".to_owned()),
        Just("-1".to_owned()),
        "[ -~]{0,12}",
    ];
    prop_oneof![
        1 => Just(Bend::Drop),
        1 => Just(Bend::Repeat),
        1 => any::<prop::sample::Index>().prop_map(Bend::Swap),
        4 => text.prop_map(Bend::Text),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_bent_piece_of_xml_makes_no_carrier_panic(
        which in any::<prop::sample::Index>(),
        bends in prop::collection::vec((any::<prop::sample::Index>(), bend()), 1..4),
    ) {
        let (case, body) = which.get(&ANSWERS);
        let mut parts = parts(body);
        for (place, bend) in bends {
            if parts.is_empty() {
                break;
            }
            let at = place.index(parts.len());
            match bend {
                Bend::Drop => {
                    parts.remove(at);
                }
                Bend::Repeat => {
                    let part = parts[at].clone();
                    parts.insert(at, part);
                }
                Bend::Swap(other) => {
                    let other = other.index(parts.len());
                    parts.swap(at, other);
                }
                // Behind a tag, so that the document mostly stays well-formed.
                Bend::Text(text) => match parts.get_mut(at + 1) {
                    Some(next) if !next.starts_with('<') => *next = text,
                    _ => parts.insert(at + 1, text),
                },
            }
        }
        case.read(parts.concat());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(document) = Document::parse(&body) {
            all_text(document.root_element());
        }
    }

    #[test]
    fn markup_in_any_order_does_not_make_the_reader_panic(
        pieces in prop::collection::vec(
            prop::sample::select(vec![
                "<a>", "</a>", "<b x='1'>", "</b>", "<a/>", "<n:a n:x=\"&lt;\" y />", "<a x=>",
                "<a x", "text", " ", "&amp;", "&#1;", "&#x", "&", ";", "<![CDATA[", "]]>", "<!--",
                "-->", "<?xml version='1.0'?>", "<?", "?>", "<!DOCTYPE a>", "<", ">", "é", "\u{feff}",
            ]),
            0..16,
        ),
    ) {
        if let Some(document) = Document::parse(pieces.concat().as_bytes()) {
            all_text(document.root_element());
        }
    }

    #[test]
    fn what_is_escaped_is_read_as_it_was(text in "[^\\p{Cc}]{0,40}") {
        let body = format!("<a x=\"{0}\">{0}</a>", escape_text(&text));
        let document = Document::parse(body.as_bytes()).unwrap();
        prop_assert_eq!(document.root_element().own_text(), text.trim());
        prop_assert_eq!(document.root_element().attribute_value("x"), text);
    }
}
