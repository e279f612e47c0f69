//! What if a carrier that speaks XML answered almost as it does? Tags and texts
//! of every recorded answer dropped, repeated, swapped or replaced.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use bytes::Bytes;
use http::Response;
use posthorn_carriers::{
    ALL, Carrier,
    recorded::Recorded,
    xml::{Document, Element, escape},
};
use proptest::prelude::*;
use std::{fs, path::Path, sync::LazyLock};

struct Case {
    carrier: &'static dyn Carrier,
    recorded: Recorded,
    body: String,
}

/// The recorded answers that are XML.
static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for carrier in ALL.iter().copied() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("fixtures")
            .join(carrier.profile().id);
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let recorded = Recorded::parse(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
            let body = recorded.response.body();
            if Document::parse(body).is_some() {
                let body = String::from_utf8(body.to_vec()).unwrap();
                cases.push(Case {
                    carrier,
                    recorded,
                    body,
                });
            }
        }
    }
    assert!(cases.len() > 50);
    cases
});

fn read(case: &Case, body: String) {
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = case.recorded.response.status();
    *response.headers_mut() = case.recorded.response.headers().clone();
    let answer = case.carrier.parse(&case.recorded.call, &response);
    let asked = &case.recorded.call.wanted;
    for (number, _) in &answer.outcomes {
        assert!(
            asked.iter().any(|wanted| wanted.number == *number),
            "{} spoke of {number}, for which nobody asked",
            case.carrier.profile().id
        );
    }
}

/// What a browser would call the inner text of the whole element.
fn all_text(element: Element<'_>) -> String {
    let inner: String = element.elements().map(all_text).collect();
    format!("{}{inner}", element.text())
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
        let case = which.get(&CASES);
        let mut parts = parts(&case.body);
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
        read(case, parts.concat());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Some(document) = Document::parse(&body) {
            all_text(document.root());
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
            all_text(document.root());
        }
    }

    #[test]
    fn what_is_escaped_is_read_as_it_was(text in "[^\\p{Cc}]{0,40}") {
        let body = format!("<a x=\"{0}\">{0}</a>", escape(&text));
        let document = Document::parse(body.as_bytes()).unwrap();
        prop_assert_eq!(document.root().text(), text.trim());
        prop_assert_eq!(document.root().attribute("x"), text);
    }
}
