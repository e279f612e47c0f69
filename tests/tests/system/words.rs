//! What a customer reads, and how they stop reading it.

use posthorn_tests::{World, wait};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// An order of the buyer, with more in it.
async fn placed(world: &World, id: &str, more: Value) -> Value {
    let mut order = json!({
        "id": id, "number": format!("#{id}"),
        "customer": {"name": "😀🌸 Zoë", "email": world.buyer.email},
    });
    for (name, value) in more.as_object().into_iter().flatten() {
        order[name] = value.clone();
    }
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&order)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    world.settle().await;
    answer
}

#[tokio::test]
async fn one_click_in_a_mail_stops_the_mails() {
    let world = World::new("click").await;
    placed(&world, "C-1", json!({})).await;
    let mails = world.mails().await;
    let [mail] = mails.as_slice() else {
        panic!("{mails:?}");
    };
    assert!(mail.text.contains("Hi Zoë,"), "{}", mail.text);
    let link = mail
        .text
        .lines()
        .find_map(|line| line.strip_prefix("Stop these emails: "))
        .expect("a link that stops the mails");
    let seen = world.stack.http.get(link).send().await.expect("a page");
    assert_eq!(seen.status(), StatusCode::OK);
    let click = world
        .stack
        .http
        .post(link)
        .body("List-Unsubscribe=One-Click")
        .send();
    assert_eq!(click.await.expect("an answer").status(), StatusCode::OK);
    let (status, answer) = world
        .call(
            Method::POST,
            "/v1/orders/C-1/status",
            Some(&json!({"stage": "processing"})),
        )
        .await;
    assert!(status.is_success(), "{answer}");
    wait::until("the next mail to be suppressed", || async {
        let notifications = world.notifications("C-1").await;
        let suppressed = notifications
            .iter()
            .any(|notification| notification["reason"] == json!("address_suppressed"));
        Ok(suppressed.then_some(()))
    })
    .await;
    assert_eq!(world.mails().await.len(), 1);
    world.finish().await;
}

#[tokio::test]
async fn a_carrier_that_cannot_be_polled_is_linked_and_promises_nothing() {
    let world = World::new("manual").await;
    let page = "https://track.localcourier.example/77889900123";
    let sent = json!({
        "tracking_number": "77889900123", "carrier": "manual", "carrier_name": "Other",
        "tracking_url": page,
    });
    let order = placed(
        &world,
        "M-1",
        json!({"shipments": [sent], "promised": "2020-01-03"}),
    )
    .await;
    let shipment = &order["shipments"][0];
    assert!(shipment["carrier_name"].is_null(), "{shipment}");
    let mails = world.mails().await;
    let mail = mails
        .iter()
        .find(|mail| mail.subject.contains("ready for"))
        .unwrap_or_else(|| panic!("a mail about the parcel: {mails:?}"));
    let seen = world.page(&order).await;
    for text in [&mail.subject, &mail.text, &mail.html, &seen] {
        assert!(
            !text.contains("Manual") && !text.contains("Other"),
            "{text}"
        );
    }
    assert!(mail.text.contains("ready for the carrier"), "{}", mail.text);
    assert!(mail.text.contains(page), "{}", mail.text);
    assert!(!mail.text.contains("We will tell you"), "{}", mail.text);
    // Its day is long past, and no report will ever come: that is said.
    for text in [&mail.text, &seen] {
        assert!(
            text.contains("Was expected on Friday, 3 January 2020"),
            "{text}"
        );
    }
    world.finish().await;
}
