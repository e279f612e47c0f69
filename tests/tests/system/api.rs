//! The API as a storefront meets it.

use posthorn_tests::{World, shopify};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn fields(problem: &Value) -> Vec<&str> {
    problem["errors"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|error| error["field"].as_str())
        .collect()
}

#[tokio::test]
async fn the_same_idempotency_key_twice_is_one_order() {
    let world = World::new("idempotent").await;
    let body = json!({"id": "I-1", "customer": {"email": world.buyer.email}});
    let headers = [("idempotency-key", "a-key-of-the-shop")];
    let (first, order) = world
        .call_with(Method::POST, "/v1/orders", Some(&body), &headers)
        .await;
    let (second, again) = world
        .call_with(Method::POST, "/v1/orders", Some(&body), &headers)
        .await;
    assert_eq!(
        (first, second),
        (StatusCode::CREATED, StatusCode::CREATED),
        "{again}"
    );
    assert_eq!(order, again);
    let other = json!({"id": "I-2", "customer": {"email": world.buyer.email}});
    let (status, problem) = world
        .call_with(Method::POST, "/v1/orders", Some(&other), &headers)
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    assert_eq!(problem["code"], json!("idempotency_key_reused"));
    world.settle().await;
    assert_eq!(world.mails().await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn every_bad_field_is_named_at_once() {
    let world = World::new("bad-fields").await;
    let body = json!({
        "id": "has a space", "customer": {"email": "no-address", "phone": "12", "country": "Narnia"},
        "items": [{"title": "Boots", "quantity": -1}],
        "shipments": [{"tracking_number": "1Z9X9E030000000000", "carrier": "acme"}],
    });
    let (status, problem) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{problem}");
    let named = fields(&problem);
    for field in [
        "id",
        "customer.country",
        "items[0].quantity",
        "shipments[0].carrier",
    ] {
        assert!(named.contains(&field), "{field} is not named: {problem}");
    }
    // An address that cannot be used refuses no order: it is warned of instead.
    for field in ["customer.email", "customer.phone"] {
        assert!(!named.contains(&field), "{field} is refused: {problem}");
    }
    assert!(
        !problem.to_string().contains("no-address"),
        "the problem repeats what was sent: {problem}"
    );
    world.finish().await;
}

#[tokio::test]
async fn what_is_no_json_or_too_much_of_it_is_refused_with_a_reason() {
    let world = World::new("no-json").await;
    let url = format!("{}/v1/orders", world.stack.api);
    for (body, expected) in [
        ("{\"id\": ".to_owned(), StatusCode::BAD_REQUEST),
        ("[]".to_owned(), StatusCode::UNPROCESSABLE_ENTITY),
        (
            format!("{{\"id\":\"{}\"}}", "x".repeat(300 * 1024)),
            StatusCode::PAYLOAD_TOO_LARGE,
        ),
    ] {
        let answer = world
            .stack
            .http
            .post(&url)
            .bearer_auth(&world.key)
            .header("content-type", "application/json")
            .body(body)
            .send()
            .await
            .unwrap();
        let kind = answer.headers()["content-type"]
            .to_str()
            .unwrap()
            .to_owned();
        assert_eq!(
            (answer.status(), kind.as_str()),
            (expected, "application/problem+json")
        );
    }
    let answer = world
        .stack
        .http
        .post(&url)
        .bearer_auth("ph_wrong")
        .json(&json!({"id": "X"}))
        .send()
        .await
        .unwrap();
    assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
    world.finish().await;
}

#[tokio::test]
async fn a_webhook_with_a_wrong_signature_is_refused() {
    let world = World::new("wrong-signature").await;
    let body = shopify::order(42, "#42", &world.buyer).to_string();
    let signature = shopify::signature("another secret", &body);
    assert_eq!(
        world
            .shopify_raw("orders/create", "w1", body, &signature)
            .await,
        StatusCode::UNAUTHORIZED
    );
    let (status, _) = world.call(Method::GET, "/v1/orders/42", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    world.finish().await;
}

#[tokio::test]
async fn no_shop_sees_the_orders_of_another() {
    let (one, other) = (World::new("one").await, World::new("other").await);
    let (status, answer) = one
        .call(Method::POST, "/v1/orders", Some(&json!({"id": "mine"})))
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    let (status, _) = other.call(Method::GET, "/v1/orders/mine", None).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    one.finish().await;
    other.finish().await;
}

#[tokio::test]
async fn an_unknown_link_gets_a_friendly_page() {
    let world = World::new("unknown-link").await;
    for token in ["AAAAAAAAAAAAAAAAAAAAAA", "not-a-token!", "x"] {
        let answer = world
            .stack
            .http
            .get(format!("{}/t/{token}", world.stack.api))
            .send()
            .await
            .unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{token}");
        assert!(answer.text().await.unwrap().contains("<html"), "{token}");
    }
    world.finish().await;
}
