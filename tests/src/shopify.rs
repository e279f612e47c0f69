//! A Shopify shop that sends its webhooks, signed as Shopify signs them.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha2::Sha256;

/// `X-Shopify-Hmac-Sha256` of a raw body.
pub fn signature(secret: &str, body: &str) -> String {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    mac.update(body.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// Who buys in a test: no real person, and distinct from every other test's buyer.
#[derive(Debug, Clone)]
pub struct Buyer {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Where mail goes.
    pub email: String,
    /// Where texts go, E.164.
    pub phone: String,
    /// Street, which only the shop needs.
    pub street: String,
}

/// An `orders/create` body, shaped as Shopify's 2025 API sends it.
pub fn order(id: u64, name: &str, buyer: &Buyer) -> Value {
    let address = json!({
        "first_name": buyer.first_name, "last_name": buyer.last_name,
        "name": format!("{} {}", buyer.first_name, buyer.last_name),
        "address1": buyer.street, "address2": null, "company": null,
        "city": "Rochester", "province": "New York", "province_code": "NY", "zip": "14604",
        "country": "United States", "country_code": "US", "phone": buyer.phone,
        "latitude": null, "longitude": null,
    });
    json!({
        "id": id, "admin_graphql_api_id": format!("gid://shopify/Order/{id}"),
        "name": name, "order_number": 1001, "number": 1, "test": false,
        "email": buyer.email, "contact_email": buyer.email, "phone": buyer.phone,
        "created_at": hours_ago(20), "processed_at": hours_ago(20),
        "updated_at": hours_ago(20), "cancelled_at": null, "closed_at": null,
        "confirmed": true, "currency": "USD", "total_price": "84.90", "customer_locale": "en-US",
        "financial_status": "paid", "fulfillment_status": null, "note": null, "tags": "",
        "buyer_accepts_marketing": false, "source_name": "web",
        "line_items": [
            {"id": 466_157_049_000_u64, "title": "Walking boots", "name": "Walking boots - 42", "sku": "WB-42",
             "quantity": 1, "price": "79.90", "requires_shipping": true, "fulfillable_quantity": 1, "grams": 900},
            {"id": 466_157_050_000_u64, "title": "Laces", "name": "Laces", "sku": "LC-1",
             "quantity": 2, "price": "2.50", "requires_shipping": true, "fulfillable_quantity": 2, "grams": 20}
        ],
        "shipping_address": address, "billing_address": address,
        "customer": {
            "id": 207_119_551_000_u64, "email": buyer.email, "phone": buyer.phone,
            "first_name": buyer.first_name, "last_name": buyer.last_name, "state": "enabled",
            "sms_marketing_consent": {"state": "subscribed", "opt_in_level": "single_opt_in"},
            "email_marketing_consent": {"state": "not_subscribed"}
        },
        "shipping_lines": [{"title": "UPS Ground", "code": "03", "price": "5.00", "source": "ups"}],
        "fulfillments": [], "refunds": [], "discount_codes": [], "note_attributes": [],
    })
}

/// A `fulfillments/create` or `fulfillments/update` body for a shipment.
pub fn fulfillment(id: u64, order: u64, company: &str, number: &str) -> Value {
    json!({
        "id": id, "order_id": order, "status": "success", "name": "#1001.1", "service": "manual",
        "created_at": hours_ago(15), "updated_at": hours_ago(15),
        "tracking_company": company, "tracking_number": number, "tracking_numbers": [number],
        "tracking_url": format!("https://www.ups.com/track?tracknum={number}"),
        "tracking_urls": [format!("https://www.ups.com/track?tracknum={number}")],
        "shipment_status": null, "location_id": 905_684_977, "receipt": {},
        "line_items": [
            {"id": 466_157_049_000_u64, "title": "Walking boots", "quantity": 1, "requires_shipping": true},
            {"id": 466_157_050_000_u64, "title": "Laces", "quantity": 2, "requires_shipping": true}
        ],
    })
}

/// A time as Shopify writes it. What a shop did long ago no customer is told of any more.
fn hours_ago(hours: i64) -> String {
    let at = crate::world::now() - jiff::SignedDuration::from_hours(hours);
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
