//! Orders of a storefront whose addresses cannot be used.

use crate::shop::Shop;
use posthorn_domain::moment::Channel;
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
        let contact = shop.contacts.get(&shop.order_key("9080")).await.unwrap();
        let contact = contact.expect("the order has a contact");
        assert_eq!(contact.email.as_ref().map(|it| it.as_str()), expected);
        assert_eq!(contact.unusable, unusable, "{email}");
    }
}
