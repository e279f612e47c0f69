//! Deliveries that are not as they should be.

use crate::fixtures::load_all;
use posthorn_domain::text::is_noncharacter;
use posthorn_storefronts::{StorefrontContact, StorefrontEvent, StorefrontFulfillment};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Every value within `value`.
fn leaves(value: &mut Value) -> Vec<&mut Value> {
    match value {
        Value::Array(elements) => elements.iter_mut().flat_map(leaves).collect(),
        Value::Object(fields) => fields.values_mut().flat_map(leaves).collect(),
        leaf => vec![leaf],
    }
}

/// The texts of an event that customers will read; `ingest` parses all others.
fn texts_for_customers(event: &StorefrontEvent) -> Vec<String> {
    let contact = |contact: &StorefrontContact| {
        let texts = [&contact.name, &contact.postcode, &contact.region];
        texts.into_iter().flatten().cloned().collect::<Vec<_>>()
    };
    let fulfillment = |fulfillment: &StorefrontFulfillment| {
        let items = fulfillment.items.iter().map(|item| item.title.clone());
        let mut texts = contact(&fulfillment.contact);
        texts.extend(fulfillment.order_number.clone().into_iter().chain(items));
        texts
    };
    match event {
        StorefrontEvent::OrderPlaced(order) | StorefrontEvent::OrderChanged(order) => {
            let items = order.items.iter().map(|item| item.title.clone());
            let mut texts = contact(&order.contact);
            texts.extend(order.number.clone().into_iter().chain(items));
            texts.extend(order.fulfillments.iter().flat_map(fulfillment));
            texts
        }
        StorefrontEvent::FulfillmentChanged {
            fulfillment: it, ..
        } => fulfillment(it),
        StorefrontEvent::FulfillmentProgressed { progress, .. } => {
            let scan = progress.iter();
            scan.flat_map(|scan| {
                let place = [&scan.place.city, &scan.place.region];
                let place = place.into_iter().flatten().cloned();
                place.chain([scan.text.clone()])
            })
            .collect()
        }
    }
}

#[test]
fn what_is_no_character_reaches_no_customer() {
    for fixture in load_all() {
        let mut body: Value = serde_json::from_str(&fixture.body).unwrap();
        for leaf in leaves(&mut body) {
            // Those with a meaning to a program stay as they are.
            if let Value::String(text) = leaf
                && text.contains(char::is_alphabetic)
                && !text.contains([':', '@', '_'])
            {
                text.insert_str(1, "\u{FFFE}\u{7}\r\n\u{FDD0}");
            }
        }
        let event = fixture.read(&body.to_string()).unwrap();
        let texts = event.iter().flat_map(texts_for_customers);
        for text in texts {
            let is_odd = |c: char| c.is_control() || is_noncharacter(c);
            assert!(!text.contains(is_odd), "{text:?} in {}", fixture.name);
        }
    }
}

fn odd_value() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        Just(json!([])),
        Just(json!([[{}], null, "a"])),
        Just(json!({"id": {"id": []}})),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_delivery_with_other_values_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), odd_value()), 1..8),
    ) {
        for fixture in load_all() {
            let mut body: Value = serde_json::from_str(&fixture.body).unwrap();
            for (index, value) in &changes {
                let mut leaves = leaves(&mut body);
                *leaves.swap_remove(index.index(leaves.len())) = value.clone();
            }
            // Without a panic, and in the same way each time.
            let body = body.to_string();
            prop_assert_eq!(fixture.read(&body), fixture.read(&body));
        }
    }

    #[test]
    fn a_delivery_with_other_bytes_is_read_or_refused(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..8),
        end in any::<prop::sample::Index>(),
        is_cut in any::<bool>(),
    ) {
        for fixture in load_all() {
            let mut body = fixture.body.clone().into_bytes();
            for (index, byte) in &changes {
                let at = index.index(body.len());
                body[at] = *byte;
            }
            if is_cut {
                body.truncate(end.index(body.len()));
            }
            let read = || fixture.storefront.read_delivery(&fixture.delivery(), &body);
            prop_assert_eq!(read(), read());
        }
    }
}
