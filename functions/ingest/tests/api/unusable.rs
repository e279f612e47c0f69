//! Orders whose addresses cannot be used, and what else is taken with a warning.

use crate::shop::Shop;
use http::StatusCode;
use posthorn_domain::{notification_type::Channel, settings::Settings};
use serde_json::{Value, json};

fn placed(email: &str, phone: Option<&str>) -> Value {
    json!({
        "id": 9080, "name": "#9080", "email": email, "contact_email": email, "phone": phone,
        "created_at": "2026-11-22T09:00:00Z", "updated_at": "2026-11-22T09:00:01Z",
        "customer_locale": "en-US", "test": false, "source_name": "web",
        "financial_status": "paid", "fulfillment_status": null,
        "line_items": [
            {"id": 1, "name": "Boots", "quantity": 1, "current_quantity": 1, "requires_shipping": true}
        ],
        "shipping_address": {"name": "Ann Example", "zip": "14604", "country_code": "US", "phone": null},
        "customer": null, "fulfillments": []
    })
}

#[tokio::test]
async fn a_storefronts_order_is_followed_and_keeps_which_address_cannot_be_used() {
    for (email, phone, expected, unusable) in [
        (
            "try..this..0511@docomo.ne.jp",
            None,
            Some("\"try..this..0511\"@docomo.ne.jp"),
            vec![],
        ),
        ("two..dots@example.com", None, None, vec![Channel::Email]),
        (
            "ann@shopper.example",
            Some("+1 585-200-0001 ext. 12345"),
            Some("ann@shopper.example"),
            vec![Channel::Sms],
        ),
    ] {
        let shop = Shop::open().await;
        let order = placed(email, phone);
        let answer = shop.deliver("orders/create", "event-1", 0, &order).await;
        assert_eq!(answer.body["outcome"], "recorded", "{:?}", answer.body);
        let contact = shop
            .contacts
            .get_contact(&shop.order_key("9080"))
            .await
            .unwrap();
        let contact = contact.expect("the order has a contact");
        assert_eq!(
            contact
                .email
                .as_ref()
                .map(posthorn_domain::contact::EmailAddress::as_str),
            expected
        );
        assert_eq!(contact.unusable, unusable, "{email}");
    }
}

#[tokio::test]
async fn an_order_is_followed_though_no_message_can_be_sent_to_an_address() {
    let shop = Shop::open().await;
    for (index, (customer, expected, channel)) in [
        (
            json!({"phone": "+19005551234"}),
            ("customer.phone: invalid_phone", "premium-rate"),
            "sms",
        ),
        (
            json!({"email": "\u{fc}@b.example"}),
            ("customer.email: invalid_email", "before the @"),
            "email",
        ),
        (
            json!({"email": "ann@shopper.example", "phone": "+1 585-200-0001 ext. 12345"}),
            ("customer.phone: invalid_phone", "extension"),
            "sms",
        ),
        (
            json!({"email": "ann at home", "phone": "+12125550123"}),
            ("customer.email: invalid_email", "e-mail address"),
            "email",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let id = format!("order-{index}");
        let order = json!({"id": id, "customer": customer});
        let taken = shop.post("/v1/orders", order).await;
        assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
        assert_eq!(taken.warned(), [expected.0]);
        let detail = taken.body["warnings"][0]["detail"].as_str().unwrap();
        assert!(detail.contains(expected.1), "{detail}");
        assert!(taken.body["warnings"][0]["expected"].is_string());
        let ledger = shop.get(&format!("/v1/orders/{id}/notifications")).await;
        let unreachable = ledger.body["unreachable"].as_array().unwrap();
        assert!(
            unreachable
                .iter()
                .any(|entry| entry["channel"] == channel && entry["reason"] == "no_usable_address"),
            "{unreachable:?}"
        );
    }
    // A blank field of a form is no address.
    let blank = json!({"id": "blank", "customer": {"email": " ", "phone": ""}});
    let taken = shop.post("/v1/orders", blank).await;
    assert_eq!(taken.body.get("warnings"), None);
}

#[tokio::test]
async fn what_is_doubtful_about_an_order_is_told_in_the_answer() {
    let shop = Shop::in_installation(&Settings::default(), "fedex").await;
    let order = json!({
        "id": "1", "locale": "tlh",
        "customer": {"email": "try..this..0511@docomo.ne.jp"},
        "shipments": [
            {"tracking_number": "1Z5R89390357567127", "carrier": "ups"},
            {"tracking_number": "SANDBOX-STRAIGHT-0001", "carrier": "manual", "carrier_name": "Acme"},
            {"tracking_number": "986578788855", "carrier": "fedex"},
        ]
    });
    let taken = shop.post("/v1/orders", order).await;
    assert_eq!(taken.status, StatusCode::CREATED, "{:?}", taken.body);
    assert_eq!(
        taken.warned(),
        [
            "locale: unknown_language",
            "shipments[0].carrier: carrier_not_in_use",
            "shipments[1].tracking_number: test_number",
        ]
    );
    let shipment = json!({"tracking_number": "1Z410E7W0392751591", "carrier": "ups"});
    let added = shop.post("/v1/orders/1/shipments", shipment).await;
    assert_eq!(added.warned(), ["carrier: carrier_not_in_use"]);
}
