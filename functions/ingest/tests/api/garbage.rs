//! Whatever is sent, the answer is one of ours and never a failure.

use crate::shop::Shop;
use http::Method;
use lambda_http::{Context, LambdaEvent, tower::ServiceExt as _};
use posthorn_platform::{http_event, testing::http_events};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Map, Value, json};

const ROUTES: &[(&str, &str)] = &[
    ("POST", "/v1/orders"),
    ("GET", "/v1/orders/1"),
    ("POST", "/v1/orders/1/shipments"),
    ("PATCH", "/v1/orders/1/shipments/1"),
    ("POST", "/v1/orders/1/status"),
    ("GET", "/v1/orders/1/notifications"),
    ("POST", "/v1/webhooks/shopify/acme"),
    ("POST", "/v1/webhooks/shopify/unknown"),
];

const NAMES: &[&str] = &[
    "id",
    "number",
    "placed_at",
    "promised",
    "locale",
    "test",
    "customer",
    "items",
    "shipments",
    "name",
    "email",
    "phone",
    "country",
    "postcode",
    "time_zone",
    "consent",
    "sms",
    "title",
    "quantity",
    "tracking_number",
    "carrier",
    "carrier_name",
    "tracking_url",
    "stage",
    "comment",
    "at",
    "order_id",
    "tracking_numbers",
    "tracking_urls",
    "line_items",
    "fulfillments",
    "shipping_address",
    "status",
    "updated_at",
    "created_at",
    "order",
    "fulfillment",
];

const TEXTS: &[&str] = &[
    "",
    "1",
    "1Z5R89390357567127",
    "1Z5R89390357567128",
    "SANDBOX-STRAIGHT-0001",
    "ups",
    "manual",
    "sandbox",
    "en",
    "GB",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "-009999-01-01T00:00:00Z",
    "a@b.example",
    "+442079460018",
    "https://a.example/",
    "processing",
    "cancelled",
    "\u{0}",
    "Europe/London",
    "../..",
    "ß\u{301}\u{202e}",
    "cancelled",
    "9223372036854775807",
];

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::vec((prop::sample::select(NAMES), inner), 0..8).prop_map(|fields| {
                let fields = fields
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value));
                Value::from(fields.collect::<Map<String, Value>>())
            }),
        ]
    })
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        4 => value().prop_map(|value| value.to_string().into_bytes()),
        1 => prop::collection::vec(any::<u8>(), 0..64),
    ]
}

#[test]
fn whatever_event_comes_is_answered_and_is_no_failure_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let shop = runtime.block_on(Shop::open());
    let paths: &[&str] = &[
        "/v1/orders",
        "/v1/orders/1",
        "/v1/orders/1/shipments/1",
        "/v1/reports",
        "/v1/webhooks/shopify/acme",
        "/v1/openapi.json",
    ];
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&http_events(paths), |event| {
            let service = http_event::service(shop.ingest.clone().service());
            let event = LambdaEvent::new(event, Context::default());
            let answer = runtime.block_on(service.oneshot(event)).unwrap();
            let answer = serde_json::to_value(answer).unwrap();
            let status = answer["statusCode"].as_u64().unwrap();
            prop_assert!((200..500).contains(&status), "{answer}");
            Ok(())
        })
        .unwrap();
}

#[test]
fn whatever_is_sent_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let shop = runtime.block_on(async {
        let shop = Shop::open().await;
        shop.post(
            "/v1/orders",
            json!({"id": "1", "shipments": [{"tracking_number": "1Z5R89390357567127"}]}),
        )
        .await;
        shop
    });
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    let sent = (prop::sample::select(ROUTES), body(), any::<bool>());
    runner
        .run(&sent, |((method, path), body, is_keyed)| {
            let headers = [("idempotency-key", "k")];
            let headers = if is_keyed { &headers[..] } else { &[] };
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = runtime.block_on(shop.call(method, path, headers, body));
            prop_assert!(!answer.status.is_server_error(), "{path}: {answer:?}");
            if answer.status.is_client_error() {
                prop_assert_eq!(&answer.headers["content-type"], "application/problem+json");
                prop_assert_eq!(&answer.body["status"], &json!(answer.status.as_u16()));
            }
            Ok(())
        })
        .unwrap();
}

#[test]
fn whatever_a_signed_webhook_holds_is_answered() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let shop = runtime.block_on(Shop::open());
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    let topics: &[&str] = &[
        "orders/create",
        "fulfillments/create",
        "fulfillments/update",
    ];
    let sent = (prop::sample::select(topics), value(), value(), any::<u32>());
    runner
        .run(&sent, |(topic, mut order, lines, event)| {
            if let Some(order) = order.as_object_mut() {
                order.insert("id".to_owned(), json!(7));
                order.insert("order_id".to_owned(), json!(7));
                order.insert("tracking_numbers".to_owned(), lines);
            }
            let event = event.to_string();
            let answer = runtime.block_on(shop.deliver(topic, &event, -60, &order));
            prop_assert!(!answer.status.is_server_error(), "{topic}: {answer:?}");
            Ok(())
        })
        .unwrap();
}

#[tokio::test]
async fn paths_of_any_bytes_are_answered() {
    let shop = Shop::open().await;
    for path in [
        "/v1/orders/%00",
        "/v1/orders/%ff",
        "/v1/orders/%",
        "/v1/orders//",
        "/v1/webhooks/shopify/%ff",
        "/v1/orders/%2e%2e",
        "/",
    ] {
        let answer = shop.get(path).await;
        assert!(answer.status.is_client_error(), "{path}: {answer:?}");
        assert_eq!(
            answer.headers["content-type"], "application/problem+json",
            "{path}"
        );
    }
}
