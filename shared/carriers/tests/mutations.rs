//! What if a carrier answered almost as it does? Every recorded answer, bent a
//! little: a piece of JSON replaced, dropped or repeated; bytes cut or changed.
//! No carrier may panic, speak of a number that was not asked for, or tell in
//! characters that queues refuse.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod cases;

use cases::CASES;
use proptest::prelude::*;
use serde_json::{Value, json};

fn junk() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        Just(json!({})),
        Just(json!([])),
        Just(json!([[], {}, null, "x"])),
        Just(json!("")),
        Just(json!("0001-01-01T00:00:00")),
        Just(json!("9999-12-31T23:59:60+99:99")),
        Just(json!("é€𝄞 2026-13-45")),
        Just(json!("a\u{FFFE}b\u{0}c\u{10FFFF}")),
        Just(json!(-1)),
        Just(json!(1e300)),
        Just(json!(u64::MAX)),
        Just(json!(true)),
        ".{0,16}".prop_map(Value::from),
    ]
}

/// What happens to one place of the document.
#[derive(Debug, Clone)]
enum Bend {
    Replace(Value),
    Wrap,
    Repeat,
    Drop,
}

fn bend() -> impl Strategy<Value = Bend> {
    prop_oneof![
        4 => junk().prop_map(Bend::Replace),
        1 => Just(Bend::Wrap),
        1 => Just(Bend::Repeat),
        1 => Just(Bend::Drop),
    ]
}

/// Every place of a document, as a JSON pointer.
fn places(value: &Value, here: &str, found: &mut Vec<String>) {
    found.push(here.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                places(inner, &format!("{here}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                places(inner, &format!("{here}/{index}"), found);
            }
        }
        _ => {}
    }
}

fn apply(document: &mut Value, place: &str, bend: &Bend) {
    let Some(target) = document.pointer_mut(place) else {
        return;
    };
    match bend {
        Bend::Replace(junk) => *target = junk.clone(),
        Bend::Wrap => *target = json!([target.take()]),
        Bend::Repeat => *target = json!([target.clone(), target.take()]),
        Bend::Drop => {
            let (parent, name) = place.rsplit_once('/').unwrap_or_default();
            if let Some(Value::Object(fields)) = document.pointer_mut(parent) {
                fields.remove(name);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn a_bent_piece_of_json_makes_no_carrier_panic(
        which in any::<prop::sample::Index>(),
        bends in prop::collection::vec((any::<prop::sample::Index>(), bend()), 1..4),
    ) {
        let case = which.get(&CASES);
        if let Ok(mut document) = serde_json::from_slice::<Value>(case.recorded.response.body()) {
            for (place, bend) in &bends {
                let mut found = Vec::new();
                places(&document, "", &mut found);
                let place = place.get(&found).clone();
                apply(&mut document, &place, bend);
            }
            case.read(document.to_string().into_bytes());
        }
    }

    #[test]
    fn a_cut_or_changed_answer_makes_no_carrier_panic(
        which in any::<prop::sample::Index>(),
        cut in any::<prop::sample::Index>(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        is_cut in any::<bool>(),
    ) {
        let case = which.get(&CASES);
        let mut body = case.recorded.response.body().to_vec();
        if !body.is_empty() {
            for (place, byte) in &changes {
                let at = place.index(body.len());
                body[at] = *byte;
            }
            if is_cut {
                body.truncate(cut.index(body.len()));
            }
            case.read(body);
        }
    }
}
