//! What a delivery says, in no storefront's words.
//!
//! Addresses, numbers, links and countries are still texts as the storefront has
//! them: `ingest` parses them for all storefronts with the readers of its API.

use jiff::Timestamp;
use posthorn_domain::{
    id::OrderId,
    order::{DeliveryMethod, OrderItem},
    scan::Scan,
};
use serde::Serialize;

/// What a storefront's delivery says.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum StorefrontEvent {
    /// An order was placed.
    OrderPlaced(Box<StorefrontOrder>),
    /// An order was changed, paid, completed or cancelled.
    OrderChanged(Box<StorefrontOrder>),
    /// A fulfilment was made, changed or cancelled.
    FulfillmentChanged {
        /// Its order.
        order: OrderId,
        /// The fulfilment.
        fulfillment: Box<StorefrontFulfillment>,
    },
    /// A fulfilment is somewhere else by now.
    FulfillmentProgressed {
        /// Its order.
        order: OrderId,
        /// The fulfilment's id.
        reference: String,
        /// Where it is. None if that says nothing of a shipment.
        progress: Option<Box<Scan>>,
    },
}

/// An order of a storefront.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StorefrontOrder {
    /// Its id.
    pub id: OrderId,
    /// Its number, by which the customer knows it.
    pub number: Option<String>,
    /// When it may have been placed: the earliest credible time counts.
    pub placed_at: Vec<Timestamp>,
    /// When this was so, by the signed body.
    pub as_of: Option<Timestamp>,
    /// The customer's language.
    pub locale: Option<String>,
    /// Whether it is a test.
    pub is_test: bool,
    /// Its customer.
    pub contact: StorefrontContact,
    /// What is to be delivered; of a cancelled order, what was bought.
    pub items: Vec<OrderItem>,
    /// How it reaches its customer.
    pub delivery_method: DeliveryMethod,
    /// Whether it is cancelled.
    pub cancellation: Option<Cancellation>,
    /// Whether it is paid.
    pub is_paid: bool,
    /// Whether the storefront has nothing more to do about it.
    pub is_done: bool,
    /// Its fulfilments.
    pub fulfillments: Vec<StorefrontFulfillment>,
}

/// How a storefront says that an order is cancelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Cancellation {
    /// It says so, with a time if that can be read.
    Stated(Option<Timestamp>),
    /// It follows from what became of the lines and the payment.
    Inferred,
}

/// The customer of an order, as far as a storefront knows. Of several texts for the
/// same the first that can be used counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct StorefrontContact {
    /// Their name.
    pub name: Option<String>,
    /// Mail addresses.
    pub emails: Vec<String>,
    /// Telephone numbers; first the one to which texts may go.
    pub phones: Vec<String>,
    /// Postcode of the delivery address.
    pub postcode: Option<String>,
    /// Region of the delivery address, by its code or name.
    pub region: Option<String>,
    /// Countries of the delivery address, or else of the billing address.
    pub countries: Vec<String>,
    /// Whether they agreed to texts.
    pub has_sms_consent: bool,
}

/// A fulfilment: lines of an order that leave together, in one shipment or several.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StorefrontFulfillment {
    /// Its id.
    pub reference: String,
    /// The number of its order, if it says so.
    pub order_number: Option<String>,
    /// When it was made, as the storefront wrote it.
    pub created_at: Option<String>,
    /// When this was so, by the signed body.
    pub as_of: Option<Timestamp>,
    /// How far the shop is with it.
    pub status: FulfillmentStatus,
    /// The carrier, as the shop calls it.
    pub carrier_name: Option<String>,
    /// What the fields for tracking numbers hold: free text, with no number, one or
    /// several in each.
    pub tracking_texts: Vec<String>,
    /// The shop's links to the carrier's pages.
    pub tracking_urls: Vec<String>,
    /// What it sends.
    pub items: Vec<OrderItem>,
    /// Where it is by the storefront's word.
    pub progress: Option<Box<Scan>>,
    /// Its recipient, where the order is not known.
    pub contact: StorefrontContact,
}

/// How far a shop is with a fulfilment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum FulfillmentStatus {
    /// It is still to be packed.
    Open,
    /// It was sent or handed out.
    Done,
    /// It was taken back.
    Cancelled,
}
