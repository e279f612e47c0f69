//! An order's whole life, from a Shopify webhook to the front door.

use posthorn_tests::{World, shopify, ups::Scan, world::now};
use reqwest::{Method, StatusCode};
use serde_json::json;

/// Walks a shipment of the order to the door and checks after each step that API
/// and page tell the same.
async fn walk(world: &World, order: &str, number: &str) {
    let steps = [
        (
            Scan::Label,
            700,
            "Rochester",
            "info_received",
            "handed_to_carrier",
        ),
        (
            Scan::Origin,
            600,
            "Rochester",
            "picked_up",
            "handed_to_carrier",
        ),
        (Scan::Departed, 500, "Rochester", "in_transit", "in_transit"),
        (Scan::Arrived, 400, "Syracuse", "in_transit", "in_transit"),
        (
            // Not an hour ago: after midnight that would be another day, and no news.
            Scan::OutForDelivery,
            5,
            "Syracuse",
            "out_for_delivery",
            "out_for_delivery",
        ),
        (Scan::Delivered, 1, "Syracuse", "delivered", "delivered"),
    ];
    for (scan, minutes_ago, city, status, stage) in steps {
        world.scanned(number, scan, minutes_ago, city);
        world.poll().await;
        let told = world.order(order).await;
        assert_eq!(
            told["shipments"][0]["status"],
            json!(status),
            "after {scan:?}: {told}"
        );
        assert_eq!(told["stage"], json!(stage), "after {scan:?}: {told}");
        let page = world.page(&told).await;
        assert!(
            page.contains(&words(stage)),
            "after {scan:?} the page says: {page}"
        );
        for personal in [
            &world.buyer.first_name,
            &world.buyer.last_name,
            &world.buyer.email,
            &world.buyer.street,
        ] {
            assert!(
                !page.contains(personal.as_str()),
                "the page shows {personal}"
            );
        }
    }
}

/// What the page must say in so many words.
fn words(stage: &str) -> String {
    match stage {
        "handed_to_carrier" => "UPS",
        "in_transit" => "On its way",
        "out_for_delivery" => "Out for delivery",
        _ => "Delivered",
    }
    .to_owned()
}

/// What a customer with mail and texts hears of such a life.
const HEARD: [&str; 8] = [
    "email order_received",
    "email shipped",
    "sms shipped",
    "email in_transit",
    "email out_for_delivery",
    "sms out_for_delivery",
    "email delivered",
    "",
];

fn heard() -> Vec<String> {
    HEARD
        .iter()
        .filter(|line| !line.is_empty())
        .map(|line| (*line).to_owned())
        .collect()
}

#[tokio::test]
async fn an_order_is_followed_from_the_webhook_to_the_front_door() {
    let world = World::new("lifetime").await;
    let (order, number) = world.shipped().await;
    world.ups.expect_on(
        &number,
        jiff::tz::Offset::UTC
            .to_datetime(now())
            .date()
            .tomorrow()
            .unwrap(),
    );
    walk(&world, &order, &number).await;

    assert_eq!(world.told(&order).await, heard());
    let mails = world.mails().await;
    assert_eq!(
        mails.len(),
        5,
        "{:?}",
        mails.iter().map(|mail| &mail.subject).collect::<Vec<_>>()
    );
    assert_eq!(world.texts().await.len(), 2);
    let link = world.order(&order).await["tracking_url"]
        .as_str()
        .unwrap()
        .to_owned();
    for mail in &mails {
        assert!(
            mail.text.contains(&link) && mail.html.contains(&link),
            "no link in `{}`",
            mail.subject
        );
    }
    for text in world.texts().await {
        assert!(text.text.contains(&link), "no link in `{}`", text.text);
    }
    world.finish().await;
}

#[tokio::test]
async fn every_event_delivered_twice_and_scans_out_of_order_change_nothing() {
    let world = World::new("repeats").await;
    world.deliver_twice().await;
    let order = 5_000_000_000_000 + u64::from(world.serial);
    let number = world.ups_number(1);
    let placed = shopify::order(order, "#1002", &world.buyer);
    let fulfilled = shopify::fulfillment(order + 1, order, "UPS", &number);
    for _ in 0..2 {
        assert_eq!(
            world
                .shopify("orders/create", &format!("c{order}"), &placed)
                .await,
            StatusCode::OK
        );
    }
    for event in ["create", "create", "update"] {
        let status = world
            .shopify(
                &format!("fulfillments/{event}"),
                &format!("{event}{order}"),
                &fulfilled,
            )
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    world.settle().await;
    // The carrier tells the newest first and remembers older scans later.
    let order = order.to_string();
    for (scan, minutes_ago) in [
        (Scan::Departed, 500),
        (Scan::Label, 700),
        (Scan::OutForDelivery, 5),
        (Scan::Origin, 600),
    ] {
        world.scanned(&number, scan, minutes_ago, "Syracuse");
        world.poll().await;
        world.poll().await;
    }
    world.scanned(&number, Scan::Delivered, 1, "Syracuse");
    world.poll().await;
    world.scanned(&number, Scan::Arrived, 300, "Syracuse");
    world.poll().await;

    // What the bus delivers twice is for `dispatch` what its queue delivers twice.
    assert_eq!(
        world.repeated().await,
        ["Dispatch", "Evaluate", "Feedback", "Poll"]
    );
    let told = world.order(&order).await;
    assert_eq!(told["stage"], json!("delivered"), "{told}");
    assert_eq!(told["shipments"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(world.told(&order).await, heard());
    assert_eq!(world.mails().await.len(), 5);
    assert_eq!(world.texts().await.len(), 2);
    world.finish().await;
}

#[tokio::test]
async fn a_shipment_first_seen_when_delivered_is_told_once() {
    let world = World::new("first-seen").await;
    let number = world.ups_number(1);
    for (scan, minutes_ago) in [
        (Scan::Origin, 600),
        (Scan::OutForDelivery, 60),
        (Scan::Delivered, 5),
    ] {
        world.scanned(&number, scan, minutes_ago, "Rochester");
    }
    let body = json!({
        "id": "A-1", "number": "#A-1",
        "customer": {"name": world.buyer.first_name, "email": world.buyer.email},
        "shipments": [{"tracking_number": number}],
    });
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    world.settle().await;
    // It was asked after at once. What the shop itself said may have gone out
    // before the carrier's answer came.
    let of_the_journey = |told: Vec<String>| -> Vec<String> {
        let by_shop = ["email order_received", "email shipped"];
        told.into_iter()
            .filter(|line| !by_shop.contains(&line.as_str()))
            .collect()
    };
    assert_eq!(of_the_journey(world.told("A-1").await), ["email delivered"]);
    let n_mails = world.mails().await.len();
    world.poll().await;
    assert_eq!(world.mails().await.len(), n_mails);
    world.finish().await;
}

#[tokio::test]
async fn a_corrected_number_is_told_again() {
    let world = World::new("renumbered").await;
    let (order, _) = world.shipped().await;
    let corrected = world.ups_number(2);
    let body = json!({"tracking_number": corrected});
    let (status, answer) = world
        .call(
            Method::PATCH,
            &format!("/v1/orders/{order}/shipments/1"),
            Some(&body),
        )
        .await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    world.settle().await;
    assert!(
        world
            .told(&order)
            .await
            .contains(&"email tracking_number_changed".to_owned())
    );
    let last = world.mails().await.pop().unwrap();
    assert!(last.text.contains(&corrected), "{}", last.text);
    world.scanned(&corrected, Scan::Origin, 10, "Rochester");
    world.poll().await;
    assert_eq!(
        world.order(&order).await["shipments"][0]["status"],
        json!("picked_up")
    );
    world.finish().await;
}

#[tokio::test]
async fn stages_that_the_shop_sets_reach_the_customer_with_its_comment() {
    let world = World::new("stages").await;
    let customer = json!({"name": world.buyer.first_name, "email": world.buyer.email, "phone": world.buyer.phone, "consent": {"sms": true}});
    let (status, answer) = world
        .call(
            Method::POST,
            "/v1/orders",
            Some(&json!({"id": "S/1", "number": "#S1", "customer": customer})),
        )
        .await;
    assert_eq!(status, StatusCode::CREATED, "{answer}");
    for stage in [
        "processing",
        "payment_confirmed",
        "in_warehouse",
        "cancelled",
    ] {
        let body = json!({"stage": stage, "comment": format!("A word about {stage}.")});
        let (status, answer) = world
            .call(Method::POST, "/v1/orders/S%2F1/status", Some(&body))
            .await;
        assert!(status.is_success(), "{status} {answer}");
        world.settle().await;
    }
    let told = world.order("S%2F1").await;
    assert_eq!(told["stage"], json!("cancelled"), "{told}");
    let page = world.page(&told).await;
    assert!(page.contains("A word about cancelled."), "{page}");
    let heard = world.told("S%2F1").await;
    assert!(heard.contains(&"email processing".to_owned()), "{heard:?}");
    assert!(
        heard.contains(&"sms payment_confirmed".to_owned()),
        "{heard:?}"
    );
    assert!(heard.contains(&"email cancelled".to_owned()), "{heard:?}");
    world.finish().await;
}
