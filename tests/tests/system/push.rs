//! Carriers that tell by themselves.

use posthorn_tests::{World, seventeen_track, ups::Scan};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// An order with a shipment that is followed through 17TRACK and has been scanned once.
async fn followed(world: &World) -> (String, String) {
    let access =
        json!({"key": seventeen_track::KEY, "base_url": format!("http://{}", world.stack.ups)});
    world
        .stack
        .secret("carriers/17track", &access)
        .await
        .expect("credentials can be stored");
    // `receive` may read this one alone; 17TRACK signs with its access key.
    let secret = json!({"webhook_secret": seventeen_track::KEY});
    world
        .stack
        .secret("webhooks/17track", &secret)
        .await
        .expect("the secret of a webhook can be stored");
    let (order, number) = (format!("P-{}", world.serial), world.ups_number(7));
    world.scanned(&number, Scan::Origin, 120, "Rochester");
    let body = json!({
        "id": order, "customer": {"email": world.buyer.email, "consent": {"email": true}},
        "shipments": [{"tracking_number": number, "carrier": "17track"}],
    });
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    world.settle().await;
    // The first news come by asking; from then on the number is known.
    world.poll().await;
    assert_eq!(
        world.order(&order).await["shipments"][0]["status"],
        json!("picked_up")
    );
    (order, number)
}

/// Posts to a carrier's address.
async fn post(world: &World, path: &str, body: &str, signature: &str) -> (StatusCode, Value) {
    let answer = world
        .stack
        .http
        .post(format!("{}/v1/push/{path}", world.stack.api))
        .header("content-type", "application/json")
        .header("sign", signature)
        .body(body.to_owned())
        .send()
        .await
        .expect("the API answers");
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn a_signed_push_moves_the_shipment_and_is_told_once() {
    let world = World::new("push").await;
    let (order, number) = followed(&world).await;
    world.scanned(&number, Scan::OutForDelivery, 5, "Rochester");
    let (body, signature) = seventeen_track::push(&world.ups, &number);
    for expected in ["recorded", "unchanged", "unchanged"] {
        let (status, answer) = post(&world, "17track", &body, &signature).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        assert_eq!(answer, json!({"outcome": expected}));
        world.settle().await;
    }
    let told = world.order(&order).await;
    assert_eq!(told["shipments"][0]["status"], json!("out_for_delivery"));
    // The next answer says the same.
    world.poll().await;
    let mails = world.told(&order).await;
    let of_today = mails
        .iter()
        .filter(|moment| *moment == "email out_for_delivery");
    assert_eq!(of_today.count(), 1, "{mails:?}");
    world.finish().await;
}

#[tokio::test]
async fn a_push_without_a_signature_changes_nothing() {
    let world = World::new("push-forged").await;
    let (order, number) = followed(&world).await;
    world.scanned(&number, Scan::Delivered, 5, "Rochester");
    let (body, signature) = seventeen_track::push(&world.ups, &number);
    let bent = body.replace("Rochester", "Rochesteq");
    for (path, body, signature, expected, code) in [
        (
            "17track",
            &body,
            "00",
            StatusCode::UNAUTHORIZED,
            "wrong_signature",
        ),
        (
            "17track",
            &bent,
            &*signature,
            StatusCode::UNAUTHORIZED,
            "wrong_signature",
        ),
        (
            "cdek/guessed",
            &body,
            "",
            StatusCode::UNAUTHORIZED,
            "wrong_signature",
        ),
        (
            "unheard",
            &body,
            &*signature,
            StatusCode::NOT_FOUND,
            "unknown_carrier",
        ),
    ] {
        let (status, problem) = post(&world, path, body, signature).await;
        assert_eq!(status, expected, "{path}: {problem}");
        assert_eq!(problem["code"], json!(code), "{path}");
    }
    world.settle().await;
    let told = world.order(&order).await;
    assert_eq!(told["shipments"][0]["status"], json!("picked_up"));
    world.finish().await;
}
