//! Shopify's orders and fulfilments, as far as we read them.
//!
//! A storefront cannot be told to correct a field: what is not as expected is
//! left out, and only what nothing can be done without is asked for. Bodies
//! come bare in webhooks and wrapped (`{"order": …}`) in the REST API.

use crate::wire::{deserialize_id, deserialize_lenient, deserialize_list};
use serde::Deserialize;

/// An order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Order {
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) contact_email: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) phone: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) created_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) updated_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) processed_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) cancelled_at: Option<String>,
    /// When it was archived: nothing more is to be done.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) closed_at: Option<String>,
    /// Where it was sold: `web`, `pos`, the id of an app.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) source_name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) financial_status: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) fulfillment_status: Option<String>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) shipping_lines: Vec<ShippingLine>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) customer_locale: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) test: Option<bool>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) line_items: Vec<LineItem>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) shipping_address: Option<Address>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) billing_address: Option<Address>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) customer: Option<Customer>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) fulfillments: Vec<Fulfillment>,
}

/// A fulfilment: one or more shipments that left together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Fulfillment {
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) id: Option<String>,
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) order_id: Option<String>,
    /// The order's name, a dot and a serial: `#1001.1`.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) created_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) updated_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) tracking_company: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) tracking_number: Option<String>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) tracking_numbers: Vec<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) tracking_url: Option<String>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) tracking_urls: Vec<String>,
    #[serde(deserialize_with = "deserialize_list")]
    pub(super) line_items: Vec<LineItem>,
    /// Where it stands by Shopify's word, in the words of its fulfilment events.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) shipment_status: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) destination: Option<Address>,
}

/// Something that happened to a fulfilment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct FulfillmentEvent {
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) fulfillment_id: Option<String>,
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) order_id: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) status: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) happened_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) created_at: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) message: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) city: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) province: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) country: Option<String>,
}

/// How an order is to be delivered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct ShippingLine {
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) title: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) code: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) delivery_category: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) is_removed: Option<bool>,
}

/// A line of an order or a fulfilment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct LineItem {
    #[serde(deserialize_with = "deserialize_id")]
    pub(super) id: Option<String>,
    /// Product and variant.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) title: Option<String>,
    /// In an order what was bought, in a fulfilment what lies in its shipments.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) quantity: Option<u32>,
    /// What is left of it in the order after removals and refunds.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) current_quantity: Option<u32>,
    /// Not so for tips, gift cards, insurance and all else that no shipment holds.
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) requires_shipping: Option<bool>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) gift_card: Option<bool>,
}

impl LineItem {
    /// Whether it travels in a shipment.
    pub(super) fn is_shipped(&self) -> bool {
        let is_gift_card = self.gift_card.unwrap_or_default();
        self.requires_shipping.unwrap_or(!is_gift_card)
    }
}

/// A postal address; the street is never read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Address {
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) first_name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) last_name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) phone: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) country_code: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) zip: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) province_code: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) province: Option<String>,
}

/// Who bought it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Customer {
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) first_name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) last_name: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) email: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) phone: Option<String>,
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) sms_marketing_consent: Option<MarketingConsent>,
}

/// What they agreed to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct MarketingConsent {
    #[serde(deserialize_with = "deserialize_lenient")]
    pub(super) state: Option<String>,
}
