//! Shopify's webhooks: late, twice, out of order, corrected.

use crate::shop::{Shop, signature};
use http::{HeaderMap, HeaderName, Method, StatusCode};
use posthorn_domain::order::OrderItem;
use serde_json::{Value, json};

const ORDER: &str = "820982911946154508";
const ONE: &str = "1Z5R89390357567127";
const TWO: &str = "1Z410E7W0392751591";
const THREE: &str = "1Z999AA10123456784";

fn order() -> Value {
    body_of(include_str!(
        "../../../../shared/storefronts/fixtures/shopify/orders_create.http"
    ))
}

/// The body of a recorded delivery, which comes behind the blank line.
fn body_of(delivery: &str) -> Value {
    let (_, body) = delivery.split_once("\n\n").unwrap();
    serde_json::from_str(body).unwrap()
}

fn fulfillment(numbers: &[&str]) -> Value {
    let mut body = body_of(include_str!(
        "../../../../shared/storefronts/fixtures/shopify/fulfillments_create.http"
    ));
    body["tracking_numbers"] = json!(numbers);
    body["tracking_number"] = json!(numbers.first());
    if numbers.is_empty() {
        body["tracking_url"] = Value::Null;
        body["tracking_urls"] = json!([]);
    }
    body
}

async fn shop_with_order() -> Shop {
    let shop = Shop::open().await;
    let taken = shop.deliver("orders/create", "o-1", -30, &order()).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    shop
}

#[tokio::test]
async fn an_order_is_taken_over_with_whom_to_tell() {
    let shop = shop_with_order().await;
    let read = shop.get(&format!("/v1/orders/{ORDER}")).await;
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(read.without_link());
    });
    let contact = shop
        .contacts
        .get_contact(&shop.order_key(ORDER))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(contact.name.as_deref(), Some("Morwenna Trevelyan"));
    assert_eq!(contact.email.unwrap().as_str(), "morwenna@shopper.example");
    assert_eq!(contact.phone.unwrap().as_str(), "+447911123456");
    assert_eq!(contact.country.as_deref(), Some("GB"));
    assert_eq!(contact.postcode.as_deref(), Some("TR18 4AE"));
    assert!(contact.consent.sms);
}

#[tokio::test]
async fn only_a_subscription_is_consent_to_texts() {
    for state in ["not_subscribed", "pending", "unsubscribed", "redacted", ""] {
        let shop = Shop::open().await;
        let mut body = order();
        body["customer"]["sms_marketing_consent"]["state"] = json!(state);
        shop.deliver("orders/create", "o-1", 0, &body).await;
        let contact = shop
            .contacts
            .get_contact(&shop.order_key(ORDER))
            .await
            .unwrap()
            .unwrap();
        assert!(!contact.consent.sms, "{state}");
        assert!(contact.consent.email, "{state}");
        // The door's number, in its national form.
        assert_eq!(contact.phone.unwrap().as_str(), "+442079460018");
    }
}

#[tokio::test]
async fn a_body_wrapped_as_in_the_rest_api_is_the_same_order() {
    let shop = Shop::open().await;
    let taken = shop
        .deliver("orders/create", "o-1", 0, &json!({"order": order()}))
        .await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let wrapped = json!({"fulfillment": fulfillment(&[ONE])});
    shop.deliver("fulfillments/create", "f-1", 1, &wrapped)
        .await;
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {ONE} pending")]
    );
}

#[tokio::test]
async fn an_event_that_comes_twice_is_taken_over_once() {
    let shop = shop_with_order().await;
    let again = shop.deliver("orders/create", "o-1", -30, &order()).await;
    assert_eq!(again.body, json!({"outcome": "duplicate"}));
    let other = shop.deliver("orders/create", "o-2", -30, &order()).await;
    assert_eq!(other.body, json!({"outcome": "unchanged"}));
    let body = fulfillment(&[ONE, TWO]);
    for (event, outcome) in [
        ("f-1", "recorded"),
        ("f-1", "duplicate"),
        ("f-2", "unchanged"),
    ] {
        let taken = shop.deliver("fulfillments/create", event, 0, &body).await;
        assert_eq!(taken.body, json!({"outcome": outcome}), "{event}");
    }
    let shipments = [
        format!("1 ups {ONE} pending"),
        format!("2 ups {TWO} pending"),
    ];
    assert_eq!(shop.shipments(ORDER).await, shipments);
}

#[tokio::test]
async fn a_corrected_number_takes_the_place_of_the_wrong_one() {
    let shop = shop_with_order().await;
    shop.deliver("fulfillments/create", "f-1", 0, &fulfillment(&[ONE, TWO]))
        .await;
    let taken = shop
        .deliver("fulfillments/update", "f-2", 1, &fulfillment(&[ONE, THREE]))
        .await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let shipments = [
        format!("1 ups {ONE} pending"),
        format!("2 ups {THREE} pending"),
    ];
    assert_eq!(shop.shipments(ORDER).await, shipments);
    let view = shop.stored(ORDER).await.unwrap();
    assert_eq!(view.shipments[1].former_numbers[0].as_str(), TWO);
}

#[tokio::test]
async fn an_older_update_does_not_undo_a_newer_one() {
    let shop = shop_with_order().await;
    shop.deliver("fulfillments/update", "f-2", 5, &fulfillment(&[TWO]))
        .await;
    for (topic, event, minute) in [
        ("fulfillments/create", "f-1", 0),
        ("fulfillments/update", "f-3", 4),
    ] {
        let taken = shop
            .deliver(topic, event, minute, &fulfillment(&[ONE]))
            .await;
        assert_eq!(taken.body, json!({"outcome": "stale"}), "{topic}");
    }
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {TWO} pending")]
    );
}

#[tokio::test]
async fn an_old_body_with_fresh_headers_undoes_nothing() {
    let shop = shop_with_order().await;
    let (mut wrong, mut right) = (fulfillment(&[ONE]), fulfillment(&[TWO]));
    wrong["updated_at"] = json!("2026-11-22T09:40:00+00:00");
    right["updated_at"] = json!("2026-11-22T10:50:00+01:00");
    for (event, body, outcome) in [
        ("f-1", &wrong, "recorded"),
        ("f-2", &right, "recorded"),
        ("f-3", &wrong, "stale"),
    ] {
        let taken = shop
            .deliver_as_it_is("fulfillments/update", event, 0, body)
            .await;
        assert_eq!(taken.body, json!({"outcome": outcome}), "{event}");
    }
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {TWO} pending")]
    );

    let mut renamed = order();
    renamed["name"] = json!("#OTHER");
    let taken = shop.deliver("orders/updated", "o-2", -20, &renamed).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let taken = shop
        .deliver_as_it_is("orders/create", "o-3", 0, &order())
        .await;
    assert_eq!(taken.body, json!({"outcome": "stale"}));
    assert_eq!(shop.stored(ORDER).await.unwrap().order.number, "#OTHER");
}

#[tokio::test]
async fn a_delivery_that_is_out_of_time_is_refused() {
    let shop = Shop::open().await;
    for minute in [-25 * 60, 11] {
        let refused = shop.deliver("orders/create", "o-1", minute, &order()).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::UNAUTHORIZED, "stale_delivery")
        );
    }
    assert!(shop.stored(ORDER).await.is_none());
}

#[tokio::test]
async fn only_what_travels_in_shipments_and_is_still_bought_is_waited_for() {
    let shop = Shop::open().await;
    let mut body = order();
    let lines = body["line_items"].as_array_mut().unwrap();
    let mut tip = lines[1].clone();
    tip["name"] = json!("Tip");
    tip["requires_shipping"] = json!(false);
    lines[1]["current_quantity"] = json!(1);
    let mut removed = lines[1].clone();
    removed["name"] = json!("Hat");
    removed["current_quantity"] = json!(0);
    lines.extend([tip.clone(), removed]);
    shop.deliver("orders/create", "o-1", -30, &body).await;
    let mut shipment = fulfillment(&[ONE]);
    let lines = shipment["line_items"].as_array_mut().unwrap();
    lines[0]["quantity"] = json!(1);
    lines[0]["current_quantity"] = json!(5);
    lines.push(tip);
    shop.deliver("fulfillments/create", "f-1", 0, &shipment)
        .await;
    let view = shop.stored(ORDER).await.unwrap();
    let listed = |items: &[OrderItem]| -> Vec<String> {
        let listed = items.iter();
        let listed = listed.map(|item| format!("{} {}", item.quantity, item.title));
        listed.collect()
    };
    assert_eq!(
        listed(&view.order.items),
        ["1 Walking boots - 42", "1 Laces"]
    );
    let sent = listed(&view.shipments[0].items);
    assert_eq!(sent[0], "1 Walking boots - 42");
    assert!(!sent.contains(&"2 Tip".to_owned()), "{sent:?}");
}

#[tokio::test]
async fn an_item_that_is_taken_out_of_an_order_is_waited_for_no_more() {
    let shop = shop_with_order().await;
    let mut body = order();
    body["line_items"][1]["current_quantity"] = json!(0);
    let taken = shop.deliver("orders/updated", "o-2", 0, &body).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    assert_eq!(shop.stored(ORDER).await.unwrap().order.items.len(), 1);
    let late = shop.deliver("orders/updated", "o-3", -5, &order()).await;
    assert_eq!(late.body, json!({"outcome": "stale"}));
    assert_eq!(shop.stored(ORDER).await.unwrap().order.items.len(), 1);
}

#[tokio::test]
async fn an_order_from_before_is_not_taken_for_a_new_one() {
    let shop = Shop::open().await;
    let taken = shop.deliver("orders/updated", "o-1", 0, &order()).await;
    assert_eq!(taken.body, json!({"outcome": "ignored"}));
    assert!(shop.stored(ORDER).await.is_none());
}

#[tokio::test]
async fn a_cancelled_fulfilment_voids_the_shipments_that_were_never_scanned() {
    let shop = shop_with_order().await;
    shop.deliver("fulfillments/create", "f-1", 0, &fulfillment(&[ONE, TWO]))
        .await;
    let mut body = fulfillment(&[ONE, TWO]);
    body["status"] = json!("cancelled");
    let taken = shop.deliver("fulfillments/update", "f-2", 1, &body).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let shipments = [
        format!("1 ups {ONE} cancelled"),
        format!("2 ups {TWO} cancelled"),
    ];
    assert_eq!(shop.shipments(ORDER).await, shipments);
    let again = shop.deliver("fulfillments/update", "f-3", 2, &body).await;
    assert_eq!(again.body, json!({"outcome": "unchanged"}));
}

#[tokio::test]
async fn a_number_that_is_gone_is_void_and_no_number_says_nothing() {
    let shop = shop_with_order().await;
    shop.deliver("fulfillments/create", "f-1", 0, &fulfillment(&[ONE, TWO]))
        .await;
    shop.deliver("fulfillments/update", "f-2", 1, &fulfillment(&[]))
        .await;
    assert_eq!(shop.shipments(ORDER).await.len(), 2);
    shop.deliver("fulfillments/update", "f-3", 2, &fulfillment(&[ONE]))
        .await;
    let shipments = [
        format!("1 ups {ONE} pending"),
        format!("2 ups {TWO} cancelled"),
    ];
    assert_eq!(shop.shipments(ORDER).await, shipments);
}

#[tokio::test]
async fn a_fulfilment_without_a_number_brings_its_shipment_when_it_has_one() {
    let shop = shop_with_order().await;
    let taken = shop
        .deliver("fulfillments/create", "f-1", 0, &fulfillment(&[]))
        .await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    assert_eq!(
        shop.shipments(ORDER).await,
        ["1 manual (untracked) pending"]
    );
    shop.deliver("fulfillments/update", "f-2", 1, &fulfillment(&[ONE]))
        .await;
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {ONE} pending")]
    );
}

#[tokio::test]
async fn a_fulfilment_before_its_order_makes_the_order_and_the_order_completes_it() {
    let shop = Shop::open().await;
    let taken = shop
        .deliver("fulfillments/create", "f-1", 0, &fulfillment(&[ONE]))
        .await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let view = shop.stored(ORDER).await.unwrap();
    assert_eq!(view.order.number, "#L2041");
    assert_eq!(shop.cohorts().await, ["ups 8h"]);
    let contact = shop
        .contacts
        .get_contact(&shop.order_key(ORDER))
        .await
        .unwrap()
        .unwrap();
    assert!(contact.email.is_some() && !contact.consent.sms);

    let taken = shop.deliver("orders/create", "o-1", -30, &order()).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    let after = shop.stored(ORDER).await.unwrap();
    assert_eq!(after.order.token, view.order.token);
    assert_eq!(after.order.locale, "en-GB");
    assert_eq!(after.shipments, view.shipments);
    let contact = shop
        .contacts
        .get_contact(&shop.order_key(ORDER))
        .await
        .unwrap()
        .unwrap();
    assert!(contact.consent.sms);
}

#[tokio::test]
async fn a_fulfilment_that_says_not_whom_to_tell_is_sent_back_until_its_order_had_time_to_come() {
    let shop = Shop::open().await;
    let mut body = fulfillment(&[ONE]);
    body["email"] = Value::Null;
    body["destination"] = Value::Null;
    let refused = shop.deliver("fulfillments/create", "f-1", -1, &body).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::SERVICE_UNAVAILABLE, "order_not_yet_known")
    );
    assert_eq!(refused.headers["retry-after"], "60");
    let taken = shop.deliver("fulfillments/create", "f-1", -11, &body).await;
    assert_eq!(taken.body, json!({"outcome": "recorded"}));
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {ONE} pending")]
    );
}

#[tokio::test]
async fn an_order_that_left_at_once_comes_with_its_shipments() {
    let shop = Shop::open().await;
    let mut body = order();
    body["fulfillments"] = json!([fulfillment(&[ONE])]);
    shop.deliver("orders/create", "o-1", 0, &body).await;
    assert_eq!(
        shop.shipments(ORDER).await,
        [format!("1 ups {ONE} pending")]
    );
}

#[tokio::test]
async fn a_test_order_may_use_the_sandbox_and_another_may_not() {
    for (is_test, carrier) in [(true, "sandbox"), (false, "manual")] {
        let shop = Shop::open().await;
        let mut body = order();
        body["test"] = json!(is_test);
        shop.deliver("orders/create", "o-1", 0, &body).await;
        let mut shipment = fulfillment(&["SANDBOX-STRAIGHT-0001"]);
        shipment["tracking_company"] = json!("Other");
        shop.deliver("fulfillments/create", "f-1", 1, &shipment)
            .await;
        assert_eq!(
            shop.shipments(ORDER).await,
            [format!("1 {carrier} SANDBOXSTRAIGHT0001 pending")]
        );
    }
}

#[tokio::test]
async fn an_unknown_company_is_followed_by_hand_with_the_link_of_the_shop() {
    let shop = shop_with_order().await;
    let mut body = fulfillment(&["AX 77-1"]);
    body["tracking_company"] = json!("Acme Express");
    body["tracking_urls"] = json!(["https://acme-express.example/t/AX771"]);
    shop.deliver("fulfillments/create", "f-1", 0, &body).await;
    let read = shop.get(&format!("/v1/orders/{ORDER}/shipments/1")).await;
    assert_eq!(read.body["carrier"], "manual");
    assert_eq!(read.body["carrier_name"], "Acme Express");
    assert_eq!(
        read.body["tracking_url"],
        "https://acme-express.example/t/AX771"
    );
}

#[tokio::test]
async fn other_topics_are_acknowledged_and_left_alone() {
    let shop = Shop::open().await;
    let taken = shop
        .deliver("products/update", "p-1", 0, &json!({"id": 1}))
        .await;
    assert_eq!(
        (taken.status, taken.body),
        (StatusCode::OK, json!({"outcome": "ignored"}))
    );
}

#[tokio::test]
async fn a_wrong_signature_is_refused_before_anything_is_read() {
    let shop = Shop::open().await;
    let body = order().to_string().into_bytes();
    let cases = [
        ("/v1/webhooks/shopify/acme", signature("other", &body)),
        ("/v1/webhooks/shopify/acme", String::new()),
        ("/v1/webhooks/shopify/unknown", signature("hush", &body)),
        (
            "/v1/webhooks/shopify/NOT%20A%20SHOP",
            signature("hush", &body),
        ),
    ];
    for (path, signature) in cases {
        for bytes in [body.clone(), b"{".to_vec()] {
            let headers = HeaderMap::from_iter([
                (
                    HeaderName::from_static("x-shopify-topic"),
                    "orders/create".parse().unwrap(),
                ),
                (
                    HeaderName::from_static("x-shopify-hmac-sha256"),
                    signature.parse().unwrap(),
                ),
            ]);
            let refused = shop.send(Method::POST, path, headers, bytes).await;
            assert_eq!(
                (refused.status, refused.code()),
                (StatusCode::UNAUTHORIZED, "wrong_signature"),
                "{path}"
            );
        }
    }
    assert!(shop.stored(ORDER).await.is_none());
}

#[tokio::test]
async fn the_parameter_store_is_not_asked_about_shops_that_there_are_not() {
    let shop = Shop::open().await;
    let body = order().to_string().into_bytes();
    for name in ["unknown", "acme-2", "a"] {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-shopify-hmac-sha256"),
            signature("hush", &body).parse().unwrap(),
        )]);
        let path = format!("/v1/webhooks/shopify/{name}");
        let refused = shop.send(Method::POST, &path, headers, body.clone()).await;
        assert_eq!(refused.code(), "wrong_signature");
    }
    assert!(shop.parameters_read().is_empty());
    shop.deliver("orders/create", "o-1", 0, &order()).await;
    assert_eq!(
        shop.parameters_read(),
        ["/posthorn/test/shops/acme/shopify"]
    );
}

#[tokio::test]
async fn a_signed_body_without_an_id_is_refused_by_name() {
    let shop = Shop::open().await;
    let refused = shop
        .deliver("orders/create", "o-1", 0, &json!({"name": "#1"}))
        .await;
    assert_eq!(refused.faults(), ["id: required"]);
    let refused = shop
        .deliver("fulfillments/create", "f-1", 0, &json!({"id": 1}))
        .await;
    assert_eq!(refused.faults(), ["order_id: required"]);
    let refused = shop.deliver("orders/create", "o-1", 0, &json!([])).await;
    assert_eq!(refused.code(), "malformed_json");
}
