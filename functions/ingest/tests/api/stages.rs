//! Stages that a shop sets.

use crate::shop::Shop;
use http::StatusCode;
use serde_json::json;

async fn shop_with_order() -> Shop {
    let shop = Shop::open().await;
    shop.post("/v1/orders", json!({"id": "1"})).await;
    shop
}

#[tokio::test]
async fn a_stage_goes_into_the_history_with_its_comment() {
    let shop = shop_with_order().await;
    let body = json!({"stage": "in_warehouse", "comment": "Packed.\nLeaves tonight.", "at": "2026-11-22T09:00:00Z"});
    let moved = shop.post("/v1/orders/1/status", body.clone()).await;
    assert_eq!(moved.status, StatusCode::OK, "{:?}", moved.body);
    insta::with_settings!({sort_maps => true}, {
        insta::assert_json_snapshot!(moved.body);
    });
    let version = shop.stored("1").await.unwrap().order.version;
    let again = shop.post("/v1/orders/1/status", body).await;
    assert_eq!(again.body, moved.body);
    assert_eq!(shop.stored("1").await.unwrap().order.version, version);
    let same = shop
        .post("/v1/orders/1/status", json!({"stage": "in_warehouse"}))
        .await;
    assert_eq!(same.status, StatusCode::OK);
    assert_eq!(shop.stored("1").await.unwrap().order.version, version);
}

#[tokio::test]
async fn a_comment_has_the_lines_that_a_text_area_sends() {
    let shop = shop_with_order().await;
    let body = json!({"stage": "in_warehouse", "comment": "Packed.\r\nLeaves\ttonight.\rBye.\r\n"});
    let moved = shop.post("/v1/orders/1/status", body).await;
    let comment = &moved.body["stage_history"][1]["comment"];
    assert_eq!(
        comment, "Packed.\nLeaves tonight.\nBye.",
        "{:?}",
        moved.body
    );
}

#[tokio::test]
async fn a_stage_that_cannot_be_set_is_refused_with_those_that_can() {
    let shop = shop_with_order().await;
    for (body, expected) in [
        (json!({"stage": "in_transit"}), "stage: stage_not_settable"),
        (json!({"stage": "lost"}), "stage: unknown_stage"),
        (json!({"stage": 3}), "stage: wrong_type"),
        (json!({}), "stage: required"),
        (
            json!({"stage": "processing", "comment": "x".repeat(1001)}),
            "comment: invalid_length",
        ),
        (
            json!({"stage": "processing", "at": "soon"}),
            "at: invalid_timestamp",
        ),
        (
            json!({"stage": "processing", "at": "2027-01-01T00:00:00Z"}),
            "at: invalid_timestamp",
        ),
    ] {
        let refused = shop.post("/v1/orders/1/status", body.clone()).await;
        assert_eq!(refused.faults(), [expected], "{body}");
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    assert_eq!(
        shop.post("/v1/orders/2/status", json!({"stage": "processing"}))
            .await
            .code(),
        "order_not_found"
    );
}

#[tokio::test]
async fn an_order_that_is_over_stays_over() {
    let shop = shop_with_order().await;
    shop.post("/v1/orders/1/status", json!({"stage": "cancelled"}))
        .await;
    let refused = shop
        .post("/v1/orders/1/status", json!({"stage": "processing"}))
        .await;
    assert_eq!(
        (refused.status, refused.code()),
        (StatusCode::CONFLICT, "stage_conflict")
    );
}

#[tokio::test]
async fn as_many_comments_at_once_are_all_kept() {
    let shop = shop_with_order().await;
    let moved = futures::future::join_all((0..20).map(|n| {
        let body = json!({"stage": "in_warehouse", "comment": format!("Step {n}")});
        shop.post("/v1/orders/1/status", body)
    }));
    for moved in moved.await {
        assert_eq!(moved.status, StatusCode::OK, "{:?}", moved.body);
    }
    let order = shop.stored("1").await.unwrap().order;
    assert_eq!(order.stages.len(), 21);
}
