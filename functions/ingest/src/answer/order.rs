//! What is answered about an order.

use super::{ItemAnswer, ShipmentAnswer, list_items};
use crate::{
    idempotency::{AnswerBody, AnswerSubject},
    problem::FieldError,
};
use jiff::{Timestamp, civil::Date};
use posthorn_domain::{
    contact::{Contact, EmailAddress, PhoneNumber},
    order::Order,
};
use serde::Serialize;
use utoipa::ToSchema;

/// An order as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Order)]
pub(crate) struct OrderAnswer {
    /// The shop's own id of the order.
    #[schema(example = "1001")]
    id: String,
    /// What the customer calls it.
    #[schema(example = "#1001")]
    number: String,
    /// Where it stands.
    #[schema(example = "in_transit")]
    stage: &'static str,
    /// The step on a progress bar of seven; none where the order left the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 5)]
    step: Option<u8>,
    /// How it got there, oldest first.
    stage_history: Vec<StageAnswer>,
    /// The customer's page; the link alone opens it.
    #[schema(
        format = "uri",
        example = "https://track.shop.example/t/Jx3vWmQp0aTz5bLk8nRcYA"
    )]
    tracking_url: String,
    /// The day that the shop promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    promised: Option<Date>,
    /// The customer's language.
    #[schema(example = "en-GB")]
    locale: String,
    /// How it reaches the customer: `shipping`, `local_delivery`, `pickup`, `retail`
    /// (sold over the counter) or `digital`.
    #[schema(example = "shipping")]
    delivery_method: &'static str,
    /// Whether it is a test.
    test: bool,
    /// The customer's contact, masked; absent if the order has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerAnswer>,
    /// What was bought.
    items: Vec<ItemAnswer>,
    /// Its shipments.
    shipments: Vec<ShipmentAnswer>,
    /// When the customer placed it.
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    /// When we first heard of it.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What of the request was ignored, or is doubtful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

/// A step in the life of an order.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = StageChange)]
struct StageAnswer {
    /// The stage it came to.
    #[schema(example = "handed_to_carrier")]
    stage: &'static str,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `shop`, or `parcels` where it follows from them.
    #[schema(example = "shipments")]
    by: &'static str,
    /// What the shop said to the customer about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// The customer's contact, masked: enough to recognise, not enough to write to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MaskedCustomer)]
struct CustomerAnswer {
    /// Where mail goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "a***@s***.example")]
    email: Option<String>,
    /// Where texts go.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "+44…56")]
    phone: Option<String>,
    /// What they agreed to.
    consent: ConsentAnswer,
}

/// What a customer agreed to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = GivenConsent)]
struct ConsentAnswer {
    /// Mail about this order.
    email: bool,
    /// Texts about this order.
    sms: bool,
}

/// Where an order stands.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct StageResult {
    /// The shop's own id of the order.
    #[schema(example = "1001")]
    id: String,
    /// Where it stands.
    #[schema(example = "in_warehouse")]
    stage: &'static str,
    /// The step on a progress bar of seven; none where the order left the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = 3)]
    step: Option<u8>,
    /// How it got there, oldest first.
    stage_history: Vec<StageAnswer>,
    /// What of the request was ignored, or is doubtful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

impl OrderAnswer {
    /// The answer about `order`; `link` is the customer's page.
    pub(crate) fn new(
        order: &Order,
        link: String,
        contact: Option<&Contact>,
        shipments: Vec<ShipmentAnswer>,
        warnings: Vec<FieldError>,
    ) -> Self {
        Self {
            id: order.key.order.to_string(),
            number: order.number.clone(),
            stage: order.stage.as_str(),
            step: order.stage.progress_step(),
            stage_history: list_stages(order),
            tracking_url: link,
            promised: order.promised,
            locale: order.locale.clone(),
            delivery_method: order.delivery_method.as_str(),
            test: order.is_test,
            customer: contact.map(CustomerAnswer::from),
            items: list_items(&order.items),
            shipments,
            placed_at: order.placed_at,
            created_at: order.created_at,
            warnings,
        }
    }
}

impl AnswerBody for OrderAnswer {
    fn subject(&self) -> AnswerSubject {
        AnswerSubject {
            order: self.id.clone(),
            shipment: None,
        }
    }
}

/// Its fields are some of those of the order.
impl AnswerBody for StageResult {
    fn subject(&self) -> AnswerSubject {
        AnswerSubject {
            order: self.id.clone(),
            shipment: None,
        }
    }
}

impl StageResult {
    /// The answer about where `order` stands.
    pub(crate) fn new(order: &Order, warnings: Vec<FieldError>) -> Self {
        Self {
            id: order.key.order.to_string(),
            stage: order.stage.as_str(),
            step: order.stage.progress_step(),
            stage_history: list_stages(order),
            warnings,
        }
    }
}

fn list_stages(order: &Order) -> Vec<StageAnswer> {
    order
        .stages
        .iter()
        .map(|change| StageAnswer {
            stage: change.stage.as_str(),
            at: change.at,
            by: change.by.as_str(),
            comment: change.comment.clone(),
        })
        .collect()
}

impl From<&Contact> for CustomerAnswer {
    fn from(contact: &Contact) -> Self {
        Self {
            email: contact.email.as_ref().map(EmailAddress::masked),
            phone: contact.phone.as_ref().map(PhoneNumber::to_masked),
            consent: ConsentAnswer {
                email: contact.consent.email,
                sms: contact.consent.sms,
            },
        }
    }
}
