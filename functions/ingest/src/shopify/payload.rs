//! Shopify's orders and fulfilments, as far as we read them.
//!
//! A storefront cannot be told to correct a field: what is not as expected is
//! left out, and only what nothing can be done without is asked for. Bodies
//! come bare in webhooks and wrapped (`{"order": …}`) in the REST API.

use serde::{Deserialize, Deserializer, de::DeserializeOwned};
use serde_json::Value;

/// An order.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Order {
    #[serde(deserialize_with = "id")]
    pub(crate) id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) email: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) contact_email: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) phone: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) created_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) updated_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) processed_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) cancelled_at: Option<String>,
    /// When it was archived: nothing more is to be done.
    #[serde(deserialize_with = "lenient")]
    pub(crate) closed_at: Option<String>,
    /// Where it was sold: `web`, `pos`, the id of an app.
    #[serde(deserialize_with = "lenient")]
    pub(crate) source_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) financial_status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) fulfillment_status: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) shipping_lines: Vec<ShippingLine>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) customer_locale: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) test: Option<bool>,
    #[serde(deserialize_with = "list")]
    pub(crate) line_items: Vec<LineItem>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) shipping_address: Option<Address>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) billing_address: Option<Address>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) customer: Option<Customer>,
    #[serde(deserialize_with = "list")]
    pub(crate) fulfillments: Vec<Fulfillment>,
}

/// A fulfilment: one or more parcels that left together.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Fulfillment {
    #[serde(deserialize_with = "id")]
    pub(crate) id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub(crate) order_id: Option<String>,
    /// The order's name, a dot and a serial: `#1001.1`.
    #[serde(deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) created_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) updated_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) tracking_company: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) tracking_number: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) tracking_numbers: Vec<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) tracking_url: Option<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) tracking_urls: Vec<String>,
    #[serde(deserialize_with = "list")]
    pub(crate) line_items: Vec<LineItem>,
    /// Where it stands by Shopify's word, in the words of its fulfilment events.
    #[serde(deserialize_with = "lenient")]
    pub(crate) shipment_status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) email: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) destination: Option<Address>,
}

/// Something that happened to a fulfilment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct FulfillmentEvent {
    #[serde(deserialize_with = "id")]
    pub(crate) fulfillment_id: Option<String>,
    #[serde(deserialize_with = "id")]
    pub(crate) order_id: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) status: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) happened_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) created_at: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) message: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) city: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) province: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) country: Option<String>,
}

/// How an order is to be delivered.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ShippingLine {
    #[serde(deserialize_with = "lenient")]
    pub(crate) title: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) delivery_category: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) is_removed: Option<bool>,
}

/// A line of an order or a fulfilment.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct LineItem {
    #[serde(deserialize_with = "id")]
    pub(crate) id: Option<String>,
    /// Product and variant.
    #[serde(deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) title: Option<String>,
    /// In an order what was bought, in a fulfilment what lies in its parcels.
    #[serde(deserialize_with = "lenient")]
    pub(crate) quantity: Option<u32>,
    /// What is left of it in the order after removals and refunds.
    #[serde(deserialize_with = "lenient")]
    pub(crate) current_quantity: Option<u32>,
    /// Not so for tips, gift cards, insurance and all else that no parcel holds.
    #[serde(deserialize_with = "lenient")]
    pub(crate) requires_shipping: Option<bool>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) gift_card: Option<bool>,
}

impl LineItem {
    /// Whether it travels in a shipment.
    pub(crate) fn is_shipped(&self) -> bool {
        let is_gift_card = self.gift_card.unwrap_or_default();
        self.requires_shipping.unwrap_or(!is_gift_card)
    }
}

/// A postal address; the street is never read.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Address {
    #[serde(deserialize_with = "lenient")]
    pub(crate) name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) first_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) last_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) phone: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) country_code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) zip: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) province_code: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) province: Option<String>,
}

/// Who bought it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Customer {
    #[serde(deserialize_with = "lenient")]
    pub(crate) first_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) last_name: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) email: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) phone: Option<String>,
    #[serde(deserialize_with = "lenient")]
    pub(crate) sms_marketing_consent: Option<MarketingConsent>,
}

/// What they agreed to.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct MarketingConsent {
    #[serde(deserialize_with = "lenient")]
    pub(crate) state: Option<String>,
}

/// Why a signed body cannot be read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PayloadError {
    /// It is no JSON, or no object.
    #[error("is not a JSON object (line {line}, column {column})")]
    Json {
        /// Where reading stopped.
        line: usize,
        /// Where in the line.
        column: usize,
    },
    /// It has no id by which to find anything.
    #[error("has no `{0}`")]
    Missing(&'static str),
}

/// Reads a body, bare or wrapped in an object with the one field `wrapper`.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8], wrapper: &str) -> Result<T, PayloadError> {
    let unreadable = |error: &serde_json::Error| PayloadError::Json {
        line: error.line(),
        column: error.column(),
    };
    let mut value: Value = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    if let Some(object) = value.as_object_mut()
        && let Some(inner @ Value::Object(_)) = object.get_mut(wrapper)
        && inner.is_object()
    {
        value = inner.take();
    }
    if !value.is_object() {
        return Err(PayloadError::Json { line: 1, column: 1 });
    }
    serde_json::from_value(value).map_err(|error| unreadable(&error))
}

/// A field of another type than expected is left out.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).ok())
}

/// Elements of another type than expected are left out, and so is what is no array.
fn list<'de, D: Deserializer<'de>, T: DeserializeOwned>(
    deserializer: D,
) -> Result<Vec<T>, D::Error> {
    let Value::Array(elements) = Value::deserialize(deserializer)? else {
        return Ok(Vec::new());
    };
    Ok(elements
        .into_iter()
        .filter_map(|element| serde_json::from_value(element).ok())
        .collect())
}

/// Ids exceed 2^53: they are read as integers and kept as text.
fn id<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::Number(number) => number
            .as_u64()
            .filter(|id| *id > 0)
            .map(|id| id.to_string()),
        Value::String(text) if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) => {
            Some(text)
        }
        _ => None,
    })
}
