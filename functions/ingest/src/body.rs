//! The bodies that shops send, as they stand on the wire.
//!
//! [`crate::parse`] turns them into domain types; nothing else reads them.

use crate::field::{Field, FieldChange, JsonType, UnknownFields};
use serde::Deserialize;
use utoipa::ToSchema;

macro_rules! object_kinds {
    ($($body:ident),+) => { $( impl JsonType for $body { const EXPECTED: &'static str = "an object"; } )+ };
}
object_kinds!(
    OrderBody,
    CustomerBody,
    ConsentBody,
    ContactPatch,
    ItemBody,
    ShipmentBody,
    ShipmentPatch,
    ReportBody,
    EventBody,
    StatusBody
);

/// An order to be followed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewOrder)]
pub(crate) struct OrderBody {
    /// The shop's own id of the order: letters, digits and `- _ . : /`.
    #[schema(value_type = String, required = true, max_length = 64, example = "1001")]
    pub(crate) id: Field<String>,
    /// What the customer calls it; the id, if not given.
    #[schema(value_type = Option<String>, max_length = 64, example = "#1001")]
    pub(crate) number: Field<String>,
    /// When it was placed; now, if not given.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T09:30:00+01:00")]
    pub(crate) placed_at: Field<String>,
    /// The day that the shop promised.
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-26")]
    pub(crate) promised: Field<String>,
    /// The customer's language, BCP 47; the shop's, if not given.
    #[schema(value_type = Option<String>, max_length = 35, example = "en-GB")]
    pub(crate) locale: Field<String>,
    /// Whether it is a test: only then may the sandbox carrier carry it.
    /// Always true while the shop is in test mode.
    #[schema(value_type = Option<bool>, example = false)]
    pub(crate) test: Field<bool>,
    /// The customer's contact. Without it the order has its page and no message is sent.
    #[schema(value_type = Option<CustomerBody>)]
    pub(crate) customer: Field<CustomerBody>,
    /// What was bought.
    #[schema(value_type = Option<Vec<ItemBody>>, max_items = 200)]
    pub(crate) items: Field<Vec<Field<ItemBody>>>,
    /// Its shipments, if it has any yet.
    #[schema(value_type = Option<Vec<ShipmentBody>>, max_items = 40)]
    pub(crate) shipments: Field<Vec<Field<ShipmentBody>>>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// Who bought it and how to reach them.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Customer)]
pub(crate) struct CustomerBody {
    /// How to address them.
    #[schema(value_type = Option<String>, max_length = 200, example = "Alex Example")]
    pub(crate) name: Field<String>,
    /// Where mail goes.
    /// One that cannot be used is warned of, and the order is followed.
    #[schema(value_type = Option<String>, example = "alex@shopper.example")]
    pub(crate) email: Field<String>,
    /// Where texts go: international, or national of `country` (the shop's, if not given).
    /// One that cannot be used is warned of, and the order is followed.
    #[schema(value_type = Option<String>, example = "+44 7911 123456")]
    pub(crate) phone: Field<String>,
    /// Country of the delivery address, ISO 3166-1 alpha-2.
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, example = "GB")]
    pub(crate) country: Field<String>,
    /// Postcode of the delivery address; opens the order on the public page.
    #[schema(value_type = Option<String>, max_length = 20, example = "SW1A 2AA")]
    pub(crate) postcode: Field<String>,
    /// State, province or region of the delivery address, by its code or name:
    /// in a country of several time zones it tells which.
    #[schema(value_type = Option<String>, max_length = 100, example = "England")]
    pub(crate) region: Field<String>,
    /// IANA time zone; derived from the address or the telephone number, if not given.
    #[schema(value_type = Option<String>, max_length = 64, example = "Europe/London")]
    pub(crate) time_zone: Field<String>,
    /// What they agreed to.
    #[schema(value_type = Option<ConsentBody>)]
    pub(crate) consent: Field<ConsentBody>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// What to change about who bought an order; what is not given stays as it is, and
/// `null` erases it.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = CustomerChange)]
pub(crate) struct ContactPatch {
    /// How to address them.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 200, example = "Alex Example")]
    pub(crate) name: FieldChange<String>,
    /// Where mail goes.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "alex@shopper.example")]
    pub(crate) email: FieldChange<String>,
    /// Where texts go: international, or national of `country` (the shop's, if not given).
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "+44 7911 123456")]
    pub(crate) phone: FieldChange<String>,
    /// Country of the delivery address, ISO 3166-1 alpha-2.
    #[serde(default)]
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, example = "GB")]
    pub(crate) country: FieldChange<String>,
    /// Postcode of the delivery address.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 20, example = "SW1A 2AA")]
    pub(crate) postcode: FieldChange<String>,
    /// State, province or region of the delivery address.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 100)]
    pub(crate) region: FieldChange<String>,
    /// IANA time zone.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 64, example = "Europe/London")]
    pub(crate) time_zone: FieldChange<String>,
    /// What they agree to now. What was agreed and is taken back holds at once: what
    /// waits to be sent on that channel is not sent any more.
    #[schema(value_type = Option<ConsentBody>)]
    pub(crate) consent: Field<ConsentBody>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// What a customer agreed to.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = Consent)]
pub(crate) struct ConsentBody {
    /// Mail about this order; true, if not given.
    #[schema(value_type = Option<bool>, example = true)]
    pub(crate) email: Field<bool>,
    /// Texts about this order; false, if not given.
    #[schema(value_type = Option<bool>, example = true)]
    pub(crate) sms: Field<bool>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// One line of an order or a shipment.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewItem)]
pub(crate) struct ItemBody {
    /// The shop's id of the line.
    #[schema(value_type = Option<String>, max_length = 64, example = "line-1")]
    pub(crate) id: Field<String>,
    /// What it is called.
    #[schema(value_type = String, required = true, max_length = 200, example = "Walking boots")]
    pub(crate) title: Field<String>,
    /// How many; 1, if not given.
    #[schema(value_type = Option<u32>, minimum = 1, maximum = 100_000, example = 1)]
    pub(crate) quantity: Field<u32>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// A shipment to be followed.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewShipment)]
pub(crate) struct ShipmentBody {
    /// The carrier's number; spaces and hyphens do not matter. Without it `carrier` is
    /// required, and the number can be added later.
    #[schema(value_type = Option<String>, max_length = 64, example = "1Z 999 AA1 01 2345 6784")]
    pub(crate) tracking_number: Field<String>,
    /// Id of the carrier. If absent, the number's format decides; if several carriers
    /// match, they are polled in turn. `manual` for a carrier that Posthorn cannot
    /// poll.
    #[schema(value_type = Option<String>, max_length = 32, example = "ups")]
    pub(crate) carrier: Field<String>,
    /// What customers call the carrier; for `manual` only.
    #[schema(value_type = Option<String>, max_length = 80)]
    pub(crate) carrier_name: Field<String>,
    /// The carrier's own page of the shipment, https; for `manual` only.
    #[schema(value_type = Option<String>, format = "uri", max_length = 500)]
    pub(crate) tracking_url: Field<String>,
    /// The carrier's division or product, as `express`, where numbers of several
    /// look alike; the carrier is asked with it.
    #[schema(value_type = Option<String>, max_length = 40, example = "express")]
    pub(crate) service: Field<String>,
    /// The day it was sent: carriers reuse numbers, and some ask for it.
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-22")]
    pub(crate) shipped_on: Field<String>,
    /// What is in it.
    #[schema(value_type = Option<Vec<ItemBody>>, max_items = 200)]
    pub(crate) items: Field<Vec<Field<ItemBody>>>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// What to change about a shipment; what is not given stays as it is.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ShipmentChange)]
pub(crate) struct ShipmentPatch {
    /// The right number; the customer hears of it. Without `carrier` the
    /// carrier is told from the new number.
    #[schema(value_type = Option<String>, max_length = 64, example = "1Z999AA10123456784")]
    pub(crate) tracking_number: Field<String>,
    /// The right carrier; no other is polled from then on.
    #[schema(value_type = Option<String>, max_length = 32, example = "ups")]
    pub(crate) carrier: Field<String>,
    /// What customers call the carrier; for `manual` only.
    #[schema(value_type = Option<String>, max_length = 80)]
    pub(crate) carrier_name: Field<String>,
    /// The carrier's own page of the shipment, https; for `manual` only.
    #[schema(value_type = Option<String>, format = "uri", max_length = 500)]
    pub(crate) tracking_url: Field<String>,
    /// The carrier's division or product, as `express`, where numbers of several
    /// look alike; the carrier is asked with it.
    #[schema(value_type = Option<String>, max_length = 40, example = "express")]
    pub(crate) service: Field<String>,
    /// The day it was sent: carriers reuse numbers, and some ask for it.
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-22")]
    pub(crate) shipped_on: Field<String>,
    /// What is in it.
    #[schema(value_type = Option<Vec<ItemBody>>, max_items = 200)]
    pub(crate) items: Field<Vec<Field<ItemBody>>>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// A report by staff or a supplier about a shipment: events, a date of delivery or both.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewReport)]
pub(crate) struct ReportBody {
    /// Who says so: `staff` or `supplier`; `staff`, if not given.
    #[schema(value_type = Option<String>, example = "supplier")]
    pub(crate) source: Field<String>,
    /// What customers may call the supplier.
    #[schema(value_type = Option<String>, max_length = 60, example = "Acme Logistics")]
    pub(crate) supplier: Field<String>,
    /// Whether the statuses override everything that is known up to their
    /// time, from any source; for `staff` only.
    #[schema(value_type = Option<bool>, example = false)]
    pub(crate) correction: Field<bool>,
    /// What happened, in any order.
    #[schema(value_type = Option<Vec<EventBody>>, max_items = 50)]
    pub(crate) events: Field<Vec<Field<EventBody>>>,
    /// When it is expected: a date, two with a slash between, or a day with its
    /// hours, as `2026-11-26T10:00/14:00`.
    #[schema(value_type = Option<String>, example = "2026-11-26")]
    pub(crate) eta: Field<String>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// Something that happened to a shipment: with a status, a text or both.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewEvent)]
pub(crate) struct EventBody {
    /// When, on the clock where it happened: a date, a local time, or one with
    /// its offset.
    #[schema(value_type = String, required = true, example = "2026-11-22T08:12:00+01:00")]
    pub(crate) at: Field<String>,
    /// A status, with its reason if known, as `in_transit` or
    /// `attempt_failed.not_home`, or a delay, as `delayed.weather`. Without it
    /// `text` is a note.
    #[schema(value_type = Option<String>, example = "in_transit.departure_scan")]
    pub(crate) status: Field<String>,
    /// City or depot. Never a street: the public page shows it.
    #[schema(value_type = Option<String>, max_length = 60, example = "Leipzig")]
    pub(crate) city: Field<String>,
    /// State or province.
    #[schema(value_type = Option<String>, max_length = 60, example = "SN")]
    pub(crate) region: Field<String>,
    /// Country, ISO 3166-1 alpha-2.
    #[schema(value_type = Option<String>, min_length = 2, max_length = 2, example = "DE")]
    pub(crate) country: Field<String>,
    /// In words. Customers see those of a note that staff reports, as they are.
    #[schema(value_type = Option<String>, max_length = 200, example = "Left our warehouse")]
    pub(crate) text: Field<String>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}

/// A stage that a shop or its ERP sets.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = NewStage)]
pub(crate) struct StatusBody {
    /// `new`, `processing`, `payment_confirmed`, `in_warehouse`, `cancelled`,
    /// `returning`, `returned` or `delivered`; the others follow from the shipments.
    #[schema(value_type = String, required = true, example = "in_warehouse")]
    pub(crate) stage: Field<String>,
    /// What to tell the customer about it: why and when.
    #[schema(value_type = Option<String>, max_length = 1000, example = "Packed by hand, leaves tonight.")]
    pub(crate) comment: Field<String>,
    /// When it came about; now, if not given.
    #[schema(value_type = Option<String>, format = DateTime, example = "2026-11-22T11:00:00+01:00")]
    pub(crate) at: Field<String>,
    /// What else was there.
    #[serde(flatten)]
    #[schema(ignore)]
    pub(crate) unknown: UnknownFields,
}
