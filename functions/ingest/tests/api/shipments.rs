//! Shipments: added once, corrected, told apart.

use crate::shop::Shop;
use futures::future::join_all;
use http::{Method, StatusCode};
use posthorn_domain::settings::Settings;
use serde_json::{Value, json};

const UPS: &str = "1Z5R89390357567127";
const OTHER_UPS: &str = "1Z410E7W0392751591";

async fn shop_with_order() -> Shop {
    let shop = Shop::in_installation(&Settings::default(), "ups,17track").await;
    shop.post("/v1/orders", json!({"id": "1", "promised": "2026-11-26"}))
        .await;
    shop
}

#[tokio::test]
async fn a_shipment_is_added_with_the_carrier_that_its_number_tells() {
    let shop = shop_with_order().await;
    let added = shop
        .post(
            "/v1/orders/1/shipments",
            json!({"tracking_number": UPS, "items": [{"title": "Boots"}]}),
        )
        .await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    assert_eq!(added.headers["location"], "/v1/orders/1/shipments/1");
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(added.body);
    });
    let read = shop.get("/v1/orders/1/shipments/1").await;
    assert_eq!(read.body, added.body);
}

#[tokio::test]
async fn the_sweep_knows_of_a_carrier_whose_shipment_is_taken_in() {
    let shop = shop_with_order().await;
    let by_hand = json!({"tracking_number": "777777", "carrier": "manual"});
    shop.post("/v1/orders/1/shipments", by_hand).await;
    assert!(shop.cohorts().await.is_empty());
    shop.patch(
        "/v1/orders/1/shipments/1",
        json!({"tracking_number": UPS, "carrier": "ups"}),
    )
    .await;
    assert_eq!(shop.cohorts().await, ["ups 8h"]);
}

#[tokio::test]
async fn a_new_number_is_asked_after_at_once_and_a_known_one_in_its_turn() {
    let shop = shop_with_order().await;
    let by_hand = json!({"tracking_number": "777777", "carrier": "manual"});
    shop.post("/v1/orders/1/shipments", by_hand).await;
    assert!(shop.asked_after().is_empty());
    let body = json!({"tracking_number": UPS});
    shop.post("/v1/orders/1/shipments", body.clone()).await;
    shop.post("/v1/orders/1/shipments", body).await;
    assert_eq!(shop.asked_after(), [format!("ups {UPS}")]);
    shop.patch(
        "/v1/orders/1/shipments/1",
        json!({"tracking_number": OTHER_UPS, "carrier": "ups"}),
    )
    .await;
    shop.post(
        "/v1/orders",
        json!({"id": "2", "shipments": [{"tracking_number": UPS}, {"tracking_number": OTHER_UPS}]}),
    )
    .await;
    assert_eq!(
        shop.asked_after()[1..],
        [
            format!("ups {OTHER_UPS}"),
            format!("ups {UPS}"),
            format!("ups {OTHER_UPS}")
        ]
    );
}

#[tokio::test]
async fn a_shipment_is_taken_in_although_no_poll_can_be_queued() {
    let shop = shop_with_order().await;
    shop.queue_goes_down();
    let added = shop
        .post("/v1/orders/1/shipments", json!({"tracking_number": UPS}))
        .await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
}

#[tokio::test]
async fn the_same_shipment_again_is_the_same_and_its_number_otherwise_is_refused() {
    let shop = shop_with_order().await;
    let body = json!({"tracking_number": UPS});
    shop.post("/v1/orders/1/shipments", body.clone()).await;
    let again = shop.post("/v1/orders/1/shipments", body).await;
    assert_eq!(again.status, StatusCode::OK);
    let other = json!({"tracking_number": UPS, "carrier": "manual", "carrier_name": "Acme"});
    let refused = shop.post("/v1/orders/1/shipments", other).await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "shipment_exists")
    );
    assert_eq!(shop.shipments("1").await, [format!("1 ups {UPS} pending")]);
}

#[tokio::test]
async fn shipments_added_at_the_same_time_get_numbers_of_their_own() {
    let shop = shop_with_order().await;
    let path = "/v1/orders/1/shipments";
    let (one, two, three) = tokio::join!(
        shop.post(
            path,
            json!({"tracking_number": "1111", "carrier": "manual"})
        ),
        shop.post(
            path,
            json!({"tracking_number": "2222", "carrier": "manual"})
        ),
        shop.post(
            path,
            json!({"tracking_number": "3333", "carrier": "manual"})
        ),
    );
    for added in [one, two, three] {
        assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    }
    let mut numbers: Vec<u16> = shop
        .stored("1")
        .await
        .unwrap()
        .shipments
        .iter()
        .map(|shipment| shipment.shipment.0)
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3]);
}

#[tokio::test]
async fn as_many_shipments_at_once_as_a_shop_packs_are_all_added() {
    let shop = shop_with_order().await;
    let added = join_all((0..20).map(|n| {
        let shipment = json!({"tracking_number": (1000 + n).to_string(), "carrier": "manual"});
        shop.post("/v1/orders/1/shipments", shipment)
    }));
    for added in added.await {
        assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    }
    assert_eq!(shop.shipments("1").await.len(), 20);
}

#[tokio::test]
async fn as_many_corrections_at_once_are_all_made() {
    let shop = shop_with_order().await;
    let shipment = json!({"tracking_number": UPS, "carrier": "ups"});
    shop.post("/v1/orders/1/shipments", shipment).await;
    let changed = join_all((0..20).map(async |n| {
        let path = "/v1/orders/1/shipments/1";
        let change = json!({"items": [{"title": format!("Boot {n}")}]});
        // A key makes a transaction of it, which is in the way of others in its own way.
        let key = format!("k-{n}");
        let headers = if n % 2 == 0 {
            vec![("idempotency-key", key.as_str())]
        } else {
            Vec::new()
        };
        shop.call(Method::PATCH, path, &headers, change.to_string())
            .await
    }));
    for changed in changed.await {
        assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    }
    let version = shop.stored("1").await.unwrap().shipments[0].version;
    assert_eq!(version, 21, "each of them was written");
}

#[tokio::test]
async fn a_carrier_that_we_do_not_know_is_followed_by_hand() {
    let shop = shop_with_order().await;
    let added = shop
        .post(
            "/v1/orders/1/shipments",
            json!({"tracking_number": "AC-77", "carrier": "manual", "carrier_name": "Acme Express",
                   "tracking_url": "https://acme-express.example/t/AC77"}),
        )
        .await;
    assert_eq!(added.status, StatusCode::CREATED, "{:?}", added.body);
    assert_eq!(added.body["carrier_name"], "Acme Express");
    assert_eq!(
        added.body["tracking_url"],
        "https://acme-express.example/t/AC77"
    );
    assert_eq!(added.body.get("polled_every"), None);
}

#[tokio::test]
async fn a_number_that_was_wrong_is_corrected_and_the_shipment_begins_anew() {
    let shop = shop_with_order().await;
    shop.post("/v1/orders/1/shipments", json!({"tracking_number": UPS}))
        .await;
    let path = "/v1/orders/1/shipments/1";
    let body = json!({"tracking_number": OTHER_UPS});
    let changed = shop.patch(path, body.clone()).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    assert_eq!(changed.body["tracking_number"], OTHER_UPS);
    assert_eq!(changed.body["former_numbers"], json!([UPS]));
    let version = shop.stored("1").await.unwrap().shipments[0].version;
    let again = shop.patch(path, body).await;
    assert_eq!(again.body, changed.body);
    assert_eq!(
        shop.stored("1").await.unwrap().shipments[0].version,
        version
    );
    // A late repetition of the first call does not bring the wrong number back.
    let late = shop
        .post("/v1/orders/1/shipments", json!({"tracking_number": UPS}))
        .await;
    assert_eq!(late.code(), "shipment_exists");
}

#[tokio::test]
async fn carrier_and_number_are_judged_together() {
    let shop = shop_with_order().await;
    shop.post("/v1/orders/1/shipments", json!({"tracking_number": UPS}))
        .await;
    shop.post(
        "/v1/orders/1/shipments",
        json!({"tracking_number": "777777", "carrier": "manual"}),
    )
    .await;
    for (n, body, expected) in [
        (
            1,
            json!({"tracking_number": "1Z410E7W0392751592"}),
            "tracking_number: wrong_check_digit",
        ),
        (1, json!({"carrier": "acme"}), "carrier: unknown_carrier"),
        (
            1,
            json!({"carrier_name": "Acme"}),
            "carrier_name: only_for_manual",
        ),
        (
            1,
            json!({"tracking_number": "SANDBOX-STRAIGHT-0001"}),
            "tracking_number: sandbox_not_allowed",
        ),
        (1, json!({}), "tracking_number: nothing_to_change"),
        (
            1,
            json!({"tracking_number": 5}),
            "tracking_number: wrong_type",
        ),
        (
            1,
            json!({"tracking_number": "777777", "carrier": "manual"}),
            "tracking_number: shipment_exists",
        ),
    ] {
        let refused = shop
            .patch(&format!("/v1/orders/1/shipments/{n}"), body.clone())
            .await;
        assert_eq!(refused.faults(), [expected], "{body}");
    }
    let changed = shop
        .patch(
            "/v1/orders/1/shipments/2",
            json!({"carrier": "ups", "tracking_number": OTHER_UPS}),
        )
        .await;
    assert_eq!(changed.body["carrier"], "ups", "{:?}", changed.body);
    let changed = shop
        .patch(
            "/v1/orders/1/shipments/2",
            json!({"carrier": "manual", "carrier_name": "Acme"}),
        )
        .await;
    assert_eq!(changed.body["carrier_name"], "Acme", "{:?}", changed.body);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let shop = shop_with_order().await;
    let body = json!({"tracking_number": UPS});
    assert_eq!(
        shop.post("/v1/orders/2/shipments", body.clone())
            .await
            .code(),
        "order_not_found"
    );
    for n in ["1", "0", "x", "65536", "-1"] {
        let path = format!("/v1/orders/1/shipments/{n}");
        assert_eq!(
            shop.patch(&path, body.clone()).await.code(),
            "shipment_not_found",
            "{n}"
        );
        assert_eq!(shop.get(&path).await.code(), "shipment_not_found", "{n}");
    }
}

#[tokio::test]
async fn a_repeated_key_adds_no_second_shipment() {
    let shop = shop_with_order().await;
    let body = json!({"tracking_number": UPS});
    let first = shop
        .post_once("/v1/orders/1/shipments", "k", body.clone())
        .await;
    let again = shop
        .post_once("/v1/orders/1/shipments", "k", body.clone())
        .await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.headers["idempotency-replayed"], "true");
    assert_eq!(first.body, again.body);
    // The same key on another route is another request.
    let other = shop
        .post_once("/v1/orders/1/status", "k", json!({"stage": "processing"}))
        .await;
    assert_eq!(other.code(), "idempotency_key_reused");
}

#[tokio::test]
async fn a_number_of_an_unknown_form_is_taken_with_a_warning() {
    let shop = shop_with_order().await;
    for (number, carrier, warned) in [
        ("HELLO", "ups", true),
        ("SANDBOXSTRAIGHT844059", "ups", true),
        (UPS, "ups", false),
        ("HELLO2", "manual", false),
        ("HELLO3", "17track", false),
    ] {
        let shipment = json!({"tracking_number": number, "carrier": carrier});
        let added = shop.post("/v1/orders/1/shipments", shipment).await;
        let warnings = warnings(&added.body);
        let mut expected = Vec::new();
        if warned {
            expected.push("tracking_number unknown_form");
        }
        if number.starts_with("SANDBOX") {
            expected.push("tracking_number test_number");
        }
        assert_eq!(warnings, expected, "{number} {carrier}: {:?}", added.body);
    }
    let order = json!({"id": "2", "shipments": [{"tracking_number": "HELLO", "carrier": "ups"}]});
    let placed = shop.post("/v1/orders", order).await;
    assert_eq!(
        warnings(&placed.body),
        ["shipments[0].tracking_number unknown_form"]
    );
    let path = "/v1/orders/1/shipments/3";
    let changed = shop.patch(path, json!({"tracking_number": "HELLO4"})).await;
    assert_eq!(warnings(&changed.body), ["tracking_number unknown_form"]);
    let title = json!({"items": [{"title": "Boots"}]});
    let changed = shop.patch(path, title).await;
    assert!(warnings(&changed.body).is_empty());
}

/// What was warned of, as `field code`.
fn warnings(body: &Value) -> Vec<String> {
    let warnings = body["warnings"].as_array().into_iter().flatten();
    warnings
        .map(|warning| {
            let text = |name: &str| warning[name].as_str().unwrap_or("?").to_owned();
            format!("{} {}", text("field"), text("code"))
        })
        .collect()
}
