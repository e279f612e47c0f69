//! Orders: posted once, with all faults at once, by their shop only.

use crate::shop::Shop;
use http::{Method, StatusCode};
use posthorn_domain::{id::ShopId, settings::Settings};
use serde_json::{Value, json};

fn order() -> Value {
    json!({
        "id": "1001", "number": "#1001", "placed_at": "2026-11-22T09:30:00+01:00",
        "promised": "2026-11-26", "locale": "en-gb",
        "customer": {
            "name": "Alex Example", "email": "alex@shopper.example", "phone": "020 7946 0018",
            "country": "GB", "postcode": "SW1A 2AA", "time_zone": "Europe/London",
            "consent": {"sms": true}
        },
        "items": [{"id": "l-1", "title": "Walking boots", "quantity": 1}, {"title": "Laces"}],
        "shipments": [{"tracking_number": "1Z 5R8 939 03 5756 7127"}]
    })
}

#[tokio::test]
async fn an_order_is_created_and_read_back_without_anything_personal() {
    let shop = Shop::in_installation(&Settings::default(), "ups").await;
    let created = shop.post("/v1/orders", order()).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!(created.headers["location"], "/v1/orders/1001");
    assert_eq!(created.headers["cache-control"], "no-store");
    assert_eq!(created.headers["x-content-type-options"], "nosniff");
    let link = created.body["tracking_url"].as_str().unwrap();
    assert_eq!(link.len(), "https://track.shop.example/t/".len() + 22);

    let read = shop.get("/v1/orders/1001").await;
    assert_eq!(read.status, StatusCode::OK);
    assert_eq!(read.body, created.body);
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(read.without_link());
    });
    for personal in ["Alex", "alex@", "7946", "SW1A"] {
        assert!(!read.body.to_string().contains(personal), "{personal}");
    }
    let contact = shop
        .contacts
        .get_contact(&shop.order_key("1001"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(contact.phone.unwrap().as_str(), "+442079460018");
    assert!(contact.consent.email && contact.consent.sms);
}

#[tokio::test]
async fn an_order_of_nothing_but_an_id_is_enough() {
    let shop = Shop::open().await;
    let created = shop.post("/v1/orders", json!({"id": "7"})).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
    assert_eq!(created.body["number"], "7");
    assert_eq!(created.body["locale"], "en");
    assert_eq!(created.body.get("customer"), None);
}

#[tokio::test]
async fn the_same_order_again_is_the_same_and_another_under_its_id_is_refused() {
    let shop = Shop::open().await;
    let first = shop.post("/v1/orders", order()).await;
    let again = shop.post("/v1/orders", order()).await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.body, first.body);
    for (name, value) in [
        ("number", json!("#1002")),
        ("items", json!([])),
        ("customer", json!({"email": "other@shopper.example"})),
        (
            "shipments",
            json!([{"tracking_number": "1Z410E7W0392751591"}]),
        ),
    ] {
        let mut other = order();
        other[name] = value;
        let refused = shop.post("/v1/orders", other).await;
        assert_eq!(
            (refused.status, refused.code()),
            (StatusCode::CONFLICT, "order_exists"),
            "{name}"
        );
    }
}

#[tokio::test]
async fn all_faults_are_named_at_once_and_none_repeats_what_was_sent() {
    let shop = Shop::open().await;
    let refused = shop
        .post(
            "/v1/orders",
            json!({
                "id": "../etc", "number": "x".repeat(65), "placed_at": "2026-11-23T00:00:00Z",
                "promised": "tomorrow", "locale": "english!", "test": "yes",
                "customer": {
                    "name": "Eve\u{7}", "email": "eve at shopper", "phone": "12", "country": "UK",
                    "time_zone": "Mars/Olympus", "postcode": 12345, "consent": {"sms": 1}
                },
                "items": [{"quantity": 0, "title": 5}, null, {"title": ""}, []],
                "shipments": [
                    {"service": "Ground"}, {"tracking_number": "??", "carrier": "acme"},
                    {"tracking_number": "1Z5R89390357567128", "carrier": "ups"},
                    {"tracking_number": "99 88 77"}, {"tracking_number": "SANDBOX-STRAIGHT-0001"},
                    {"tracking_number": "ABCD1", "carrier": "manual", "tracking_url": "http://acme.example"},
                    {"tracking_number": "1Z5R89390357567127", "carrier_name": "Acme"},
                    {"tracking_number": "1Z410E7W0392751591"}, {"tracking_number": "1z410e7w0392751591"},
                ]
            }),
        )
        .await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "invalid_body")
    );
    assert_eq!(refused.headers["content-type"], "application/problem+json");
    insta::assert_snapshot!(refused.faults().join("\n"));
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(refused.body);
    });
    for sent in ["eve", "Mars", "etc"] {
        assert!(
            !refused
                .body
                .to_string()
                .to_lowercase()
                .contains(&sent.to_lowercase()),
            "{sent}"
        );
    }
    assert_eq!(
        shop.get("/v1/orders/..%2Fetc").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn what_is_no_json_object_is_refused_with_its_place() {
    let shop = Shop::open().await;
    for (body, status, code) in [
        ("{\n  \"id\": ", StatusCode::BAD_REQUEST, "malformed_json"),
        ("", StatusCode::BAD_REQUEST, "malformed_json"),
        ("[]", StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
        ("null", StatusCode::UNPROCESSABLE_ENTITY, "invalid_body"),
        (
            "\"alex@shopper.example\"",
            StatusCode::UNPROCESSABLE_ENTITY,
            "invalid_body",
        ),
    ] {
        let refused = shop.call(Method::POST, "/v1/orders", &[], body).await;
        assert_eq!((refused.status, refused.code()), (status, code), "{body}");
        assert!(!refused.body.to_string().contains("alex"));
    }
    let refused = shop
        .call(Method::POST, "/v1/orders", &[], "{\n  \"id\": ")
        .await;
    assert_eq!(
        refused.body["detail"],
        "the body is not JSON at line 2, column 8"
    );
    let array = shop.call(Method::POST, "/v1/orders", &[], "[]").await;
    assert_eq!(array.body["detail"], "the body is an array");
    for body in [
        &b"{\"id\": \"1\", \"number\": \"K\xf6ln\"}"[..],
        "{\"id\": \"1\", \"number\": \"K\u{fffd}ln\"}".as_bytes(),
        &b"{\0}\0"[..],
    ] {
        let refused = shop.call(Method::POST, "/v1/orders", &[], body).await;
        assert_eq!(refused.code(), "malformed_json");
        let detail = refused.body["detail"].as_str().unwrap();
        assert!(detail.contains("is not UTF-8"), "{detail}");
    }
    let nested = "[".repeat(100_000);
    let refused = shop.call(Method::POST, "/v1/orders", &[], nested).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn absurd_sizes_and_other_types_of_content_are_refused() {
    let shop = Shop::open().await;
    let large = json!({"id": "1", "number": "x".repeat(256 * 1024)}).to_string();
    let refused = shop.call(Method::POST, "/v1/orders", &[], large).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::PAYLOAD_TOO_LARGE, "body_too_large")
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let refused = shop.call(Method::POST, "/v1/orders", &form, "{}").await;
    assert_eq!(refused.code(), "unsupported_media_type");
    let items: Vec<Value> = (0..201).map(|n| json!({"title": n.to_string()})).collect();
    let refused = shop
        .post("/v1/orders", json!({"id": "1", "items": items}))
        .await;
    assert_eq!(refused.faults(), ["items: too_many"]);
    let shipments: Vec<Value> = (1000..1041)
        .map(|n| json!({"tracking_number": n.to_string(), "carrier": "manual"}))
        .collect();
    let refused = shop
        .post("/v1/orders", json!({"id": "1", "shipments": shipments}))
        .await;
    assert_eq!(refused.faults(), ["shipments: too_many"]);
}

#[tokio::test]
async fn as_many_shipments_as_an_order_can_have_are_written_at_once() {
    let shop = Shop::open().await;
    let shipments: Vec<Value> = (1000..1040)
        .map(|n| json!({"tracking_number": n.to_string(), "carrier": "manual"}))
        .collect();
    let created = shop
        .post_once(
            "/v1/orders",
            "k",
            json!({"id": "1", "shipments": shipments}),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let more = json!({"tracking_number": "9999", "carrier": "manual"});
    let refused = shop.post("/v1/orders/1/shipments", more).await;
    assert_eq!(refused.code(), "too_many_shipments");
}

#[tokio::test]
async fn unknown_fields_are_ignored_and_named() {
    let shop = Shop::open().await;
    let created = shop
        .post(
            "/v1/orders",
            json!({
                "id": "1", "custmer": {}, "customer": {"fax": "1", "Anna Miller": 1},
                "ann@example.com": true, "4915112345678": {},
            }),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let named: Vec<&str> = created.body["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|warning| warning["field"].as_str().unwrap())
        .collect();
    assert_eq!(named, ["?", "?", "custmer", "customer.?", "customer.fax"]);
}

#[tokio::test]
async fn the_sandbox_carries_test_orders_only() {
    let number = json!([{"tracking_number": "SANDBOX-STRAIGHT-0001"}]);
    let shop = Shop::open().await;
    let refused = shop
        .post("/v1/orders", json!({"id": "1", "shipments": number}))
        .await;
    assert_eq!(
        refused.faults(),
        ["shipments[0].tracking_number: sandbox_not_allowed"]
    );
    let created = shop
        .post(
            "/v1/orders",
            json!({"id": "1", "test": true, "shipments": number}),
        )
        .await;
    assert_eq!(created.body["shipments"][0]["carrier"], "sandbox");
    let settings = Settings {
        test_mode: true,
        ..Settings::default()
    };
    let testing = Shop::with(&settings).await;
    let created = testing
        .post("/v1/orders", json!({"id": "1", "shipments": number}))
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    assert_eq!(created.body["test"], true);
}

#[tokio::test]
async fn the_same_idempotency_key_gets_the_same_answer() {
    let shop = Shop::open().await;
    let first = shop.post_once("/v1/orders", "key-1", order()).await;
    let again = shop.post_once("/v1/orders", "key-1", order()).await;
    assert_eq!(
        (first.status, again.status),
        (StatusCode::CREATED, StatusCode::CREATED)
    );
    assert_eq!(first.body, again.body);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(first.headers.get("idempotency-replayed"), None);
    let other = shop
        .post_once("/v1/orders", "key-1", json!({"id": "2"}))
        .await;
    assert_eq!(
        (other.status, other.code()),
        (StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused")
    );
    for bad in ["", "with space", &"x".repeat(129)] {
        let refused = shop.post_once("/v1/orders", bad, json!({"id": "2"})).await;
        assert_eq!(refused.code(), "invalid_idempotency_key", "{bad}");
    }
    assert!(shop.stored("2").await.is_none());
}

#[tokio::test]
async fn a_refused_request_leaves_its_key_free() {
    let shop = Shop::open().await;
    let refused = shop.post_once("/v1/orders", "k", json!({"id": ""})).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let created = shop.post_once("/v1/orders", "k", json!({"id": "1"})).await;
    assert_eq!(created.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_key_is_free_again_after_a_day() {
    let mut shop = Shop::open().await;
    shop.post_once("/v1/orders", "k", json!({"id": "1"})).await;
    shop.now += jiff::SignedDuration::from_hours(25);
    let created = shop.post_once("/v1/orders", "k", json!({"id": "2"})).await;
    assert_eq!(created.status, StatusCode::CREATED, "{:?}", created.body);
}

#[tokio::test]
async fn no_request_without_a_key_is_served_and_no_shop_sees_anothers_orders() {
    let mut shop = Shop::open().await;
    shop.post("/v1/orders", order()).await;
    for credential in [
        "",
        "Basic abc",
        "Bearer ",
        "Bearer ph_x",
        "Bearer ph_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        for (method, path) in [
            (Method::GET, "/v1/orders/1001"),
            (Method::POST, "/v1/orders"),
            (Method::PATCH, "/v1/orders/1001/shipments/1"),
        ] {
            let answer = shop
                .call(method, path, &[("authorization", credential)], "{")
                .await;
            assert_eq!(
                (answer.status, answer.code()),
                (StatusCode::UNAUTHORIZED, "unauthorized")
            );
            assert_eq!(
                answer.headers["www-authenticate"],
                "Bearer realm=\"posthorn\""
            );
        }
    }
    shop.key = shop.new_key(&ShopId::parse("other").unwrap()).await;
    for path in [
        "/v1/orders/1001",
        "/v1/orders/1001/notifications",
        "/v1/orders/1001/shipments/1",
    ] {
        assert_eq!(shop.get(path).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    // The same id is free in the other shop.
    assert_eq!(
        shop.post("/v1/orders", json!({"id": "1001"})).await.status,
        StatusCode::CREATED
    );
}

#[tokio::test]
async fn an_order_id_with_slashes_is_found_however_the_path_was_decoded() {
    let shop = Shop::open().await;
    let created = shop.post("/v1/orders", json!({"id": "2026/11/7"})).await;
    assert_eq!(created.headers["location"], "/v1/orders/2026%2F11%2F7");
    for path in [
        "/v1/orders/2026%2F11%2F7",
        "/v1/orders/2026/11/7",
        "/v1/orders/2026%2f11/7",
    ] {
        assert_eq!(shop.get(path).await.status, StatusCode::OK, "{path}");
        assert_eq!(
            shop.get(&format!("{path}/notifications")).await.status,
            StatusCode::OK,
            "{path}"
        );
    }
}

#[tokio::test]
async fn other_routes_and_methods_are_refused_as_problems() {
    let shop = Shop::open().await;
    let answer = shop.get("/v1/parcels").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::NOT_FOUND, "route_not_found")
    );
    let answer = shop.get("/v1/orders").await;
    assert_eq!(
        (answer.status, answer.code()),
        (StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed")
    );
    assert_eq!(answer.headers["allow"], "POST");
}

#[tokio::test]
async fn the_ledger_says_that_a_landline_takes_no_texts() {
    let shop = Shop::open().await;
    let customer = json!({"email": "alex@shopper.example", "phone": "+442079460958"});
    shop.post("/v1/orders", json!({"id": "1", "customer": customer}))
        .await;
    let ledger = shop.get("/v1/orders/1/notifications").await;
    assert_eq!(
        ledger.body["unreachable"],
        json!([{
            "channel": "sms", "reason": "takes_no_texts",
            "detail": "the telephone number is a landline or toll-free, which takes no texts"
        }])
    );
}

#[tokio::test]
async fn the_ledger_says_on_which_channels_the_customer_cannot_be_reached() {
    let shop = Shop::open().await;
    let customer = json!({"email": "alex@shopper.example"});
    shop.post("/v1/orders", json!({"id": "1", "customer": customer}))
        .await;
    let ledger = shop.get("/v1/orders/1/notifications").await;
    assert_eq!(
        ledger.body,
        json!({
            "order": "1", "notifications": [],
            "unreachable": [{
                "channel": "sms", "reason": "no_address",
                "detail": "the order came without a telephone number"
            }]
        })
    );
}
