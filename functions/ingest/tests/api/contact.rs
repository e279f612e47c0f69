//! The customer of an order, corrected.

use crate::shop::{Answer, Shop};
use futures::future::join_all;
use http::{Method, StatusCode};
use serde_json::{Value, json};

const CONTACT: &str = "/v1/orders/1/contact";

async fn shop() -> Shop {
    let shop = Shop::open().await;
    let taken = shop.post("/v1/orders", order()).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
    shop
}

fn order() -> Value {
    json!({"id": "1", "customer": {
        "name": "Ann Example", "email": "ann@shopper.example", "phone": "+12125550123",
        "country": "US", "consent": {"sms": true}
    }})
}

#[tokio::test]
async fn an_address_is_corrected_and_the_rest_stays() {
    let shop = shop().await;
    let body = json!({"email": "new@shopper.example", "name": null});
    let changed = shop.patch(CONTACT, body.clone()).await;
    assert_eq!(changed.status, StatusCode::OK, "{:?}", changed.body);
    let contact = shop
        .contacts
        .get_contact(&shop.order_key("1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(contact.email.unwrap().as_str(), "new@shopper.example");
    assert_eq!(contact.phone.unwrap().as_str(), "+12125550123");
    assert_eq!((contact.name, contact.consent.sms), (None, true));
    // The same again, and the order as it was posted, change nothing.
    assert_eq!(shop.patch(CONTACT, body).await.body, changed.body);
    let posted = shop.post("/v1/orders", order()).await;
    assert_eq!(posted.status, StatusCode::OK, "{:?}", posted.body);
    let contact = shop
        .contacts
        .get_contact(&shop.order_key("1"))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(contact.email.unwrap().as_str(), "new@shopper.example");
}

#[tokio::test]
async fn consent_is_withdrawn_per_channel_and_addresses_are_erased_by_null() {
    let shop = shop().await;
    let changed = shop
        .patch(CONTACT, json!({"consent": {"sms": false}}))
        .await;
    let consent = json!({"email": true, "sms": false});
    assert_eq!(changed.body["customer"]["consent"], consent);
    let changed = shop
        .patch(CONTACT, json!({"phone": null, "email": null}))
        .await;
    assert_eq!(changed.body["customer"], json!({"consent": consent}));
}

#[tokio::test]
async fn what_is_wrong_is_named_and_what_cannot_be_used_is_warned_of() {
    let shop = shop().await;
    for (body, expected) in [
        (json!({}), vec![": nothing_to_change"]),
        (json!({"colour": 1}), vec![": nothing_to_change"]),
        (
            json!({"country": "UK", "email": 5}),
            vec!["country: invalid_country", "email: wrong_type"],
        ),
        (
            json!({"consent": {"sms": "no"}}),
            vec!["consent.sms: wrong_type"],
        ),
    ] {
        let refused = shop.patch(CONTACT, body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(refused.faults(), expected);
    }
    let warned = shop
        .patch(CONTACT, json!({"phone": "+1 212 555 0123 x5"}))
        .await;
    assert_eq!(warned.status, StatusCode::OK);
    assert_eq!(warned.warned(), ["phone: invalid_phone"]);
    let missing = shop
        .patch("/v1/orders/2/contact", json!({"name": "A"}))
        .await;
    assert_eq!(missing.code(), "order_not_found");
}

#[tokio::test]
async fn corrections_at_once_are_all_kept() {
    let shop = shop().await;
    for (n, key) in [None, Some("idempotency-key")].into_iter().enumerate() {
        let body = json!({"name": "Ann", "consent": {"sms": true, "email": true}});
        assert_eq!(shop.patch(CONTACT, body).await.status, StatusCode::OK);
        let corrections = [
            json!({"consent": {"sms": false}}),
            json!({"phone": format!("+1212555012{n}")}),
            json!({"email": format!("new{n}@shopper.example")}),
            json!({"name": format!("Bea {n}")}),
        ];
        let calls = corrections.iter().enumerate().map(async |(index, body)| {
            let value = format!("{n}-{index}");
            let headers: Vec<_> = key.map(|key| (key, value.as_str())).into_iter().collect();
            let body = body.to_string();
            shop.call(Method::PATCH, CONTACT, &headers, body).await
        });
        for answer in join_all(calls).await {
            assert_eq!(answer.status, StatusCode::OK, "{:?}", answer.body);
        }
        let contact = shop
            .contacts
            .get_contact(&shop.order_key("1"))
            .await
            .unwrap();
        let contact = contact.unwrap();
        assert!(!contact.consent.sms, "who wants no texts gets none");
        assert_eq!(contact.phone.unwrap().as_str(), format!("+1212555012{n}"));
        let email = contact.email.unwrap();
        assert_eq!(email.as_str(), format!("new{n}@shopper.example"));
        assert_eq!(contact.name, Some(format!("Bea {n}")));
    }
}

#[tokio::test]
async fn the_same_request_at_once_is_answered_the_same() {
    let shop = shop().await;
    let shipment = json!({"tracking_number": "1Z5R89390357567127"}).to_string();
    let order = json!({"id": "2", "customer": {"email": "a@shopper.example"}}).to_string();
    let contact = json!({"name": "Bea"}).to_string();
    for (method, path, body) in [
        (Method::POST, "/v1/orders", order),
        (Method::POST, "/v1/orders/1/shipments", shipment),
        (Method::PATCH, CONTACT, contact),
    ] {
        let headers = [("idempotency-key", path)];
        let calls = (0..8).map(|_| shop.call(method.clone(), path, &headers, body.clone()));
        let answers: Vec<Answer> = join_all(calls).await;
        for answer in &answers {
            assert_eq!(answer.status, answers[0].status, "{path}");
            assert_eq!(answer.body, answers[0].body, "{path}");
        }
    }
}
