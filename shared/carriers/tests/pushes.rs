//! What each body that a carrier pushes is read as, and that none makes it panic.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use http::HeaderMap;
use posthorn_carriers::{Carrier, find};
use posthorn_domain::id::CarrierId;
use proptest::prelude::*;
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Carriers with bodies in `tests/pushes`, and those bodies.
fn pushes() -> Vec<(&'static dyn Carrier, PathBuf)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pushes");
    let mut pushes = Vec::new();
    for folder in fs::read_dir(root).unwrap() {
        let folder = folder.unwrap();
        let id = CarrierId::parse(folder.file_name().to_str().unwrap()).unwrap();
        let carrier = find(&id).unwrap();
        for file in fs::read_dir(folder.path()).unwrap() {
            pushes.push((carrier, file.unwrap().path()));
        }
    }
    pushes.sort_by(|(_, a), (_, b)| a.cmp(b));
    pushes
}

#[test]
fn every_push_is_read_as_it_was_reviewed() {
    for (carrier, file) in pushes() {
        let body = fs::read(&file).unwrap();
        let read = carrier.parse_push(&HeaderMap::new(), &body);
        let id = carrier.profile().id;
        let name = file.file_stem().unwrap().to_str().unwrap();
        insta::with_settings!({prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(format!("push__{id}__{name}"), format!("{read:#?}"));
        });
    }
}

#[test]
fn a_carrier_that_pushes_says_how_it_proves_itself() {
    for (carrier, _) in pushes() {
        assert!(carrier.profile().push.is_some(), "{}", carrier.profile().id);
    }
}

proptest! {
    #[test]
    fn no_push_makes_a_carrier_panic(
        which in any::<prop::sample::Index>(),
        field in any::<prop::sample::Index>(),
        junk in prop_oneof![
            Just(Value::Null),
            Just(serde_json::json!([{}])),
            Just(serde_json::json!({"a": 1})),
            Just(Value::from(-1)),
            ".{0,12}".prop_map(Value::from),
        ],
        cut in any::<prop::sample::Index>(),
    ) {
        let pushes = pushes();
        let (carrier, file) = which.get(&pushes);
        let body = fs::read(file).unwrap();
        let _cut = carrier.parse_push(&HeaderMap::new(), &body[..cut.index(body.len())]);
        if let Ok(Value::Object(mut fields)) = serde_json::from_slice(&body) {
            let names: Vec<String> = fields.keys().cloned().collect();
            if !names.is_empty() {
                fields.insert(field.get(&names).clone(), junk);
            }
            let bent = Value::Object(fields).to_string();
            let _bent = carrier.parse_push(&HeaderMap::new(), bent.as_bytes());
        }
    }
}
