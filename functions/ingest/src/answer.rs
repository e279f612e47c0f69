//! What the API answers: orders, parcels and the ledger of messages.

use crate::problem::FieldError;
use jiff::{Timestamp, civil::Date};
use posthorn_carriers::Carrier;
use posthorn_domain::{
    cadence::Cadence,
    condition::Condition,
    contact::{Contact, EmailAddress, PhoneNumber},
    eta::Eta,
    order::Order,
    scan::{Meaning, Scan},
    shipment::Shipment,
    status::Actor,
    time::ScanTime,
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
    /// The customer's page; whoever has the link sees it.
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
    /// Whether it is a test.
    test: bool,
    /// Whom to tell, masked; absent if the order came without.
    #[serde(skip_serializing_if = "Option::is_none")]
    customer: Option<CustomerAnswer>,
    /// What was bought.
    items: Vec<ItemAnswer>,
    /// Its parcels.
    shipments: Vec<ShipmentAnswer>,
    /// When the customer placed it.
    #[schema(value_type = String, format = DateTime)]
    placed_at: Timestamp,
    /// When we first heard of it.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// What of the request was ignored.
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
    #[schema(example = "parcels")]
    by: &'static str,
    /// What the shop said to the customer about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    comment: Option<String>,
}

/// Whom to tell, masked: enough to recognise, not enough to write to.
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

/// One line of an order or a parcel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Item)]
struct ItemAnswer {
    /// The shop's id of the line.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "line-1")]
    id: Option<String>,
    /// What it is called.
    #[schema(example = "Walking boots")]
    title: String,
    /// How many.
    #[schema(example = 1)]
    quantity: u32,
}

/// A parcel as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Shipment)]
pub(crate) struct ShipmentAnswer {
    /// Which parcel of the order, counted from 1.
    #[schema(example = 1)]
    number: u16,
    /// Id of the carrier.
    #[schema(example = "ups")]
    carrier: String,
    /// What people call the carrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UPS")]
    carrier_name: Option<String>,
    /// The carrier's number.
    #[schema(example = "1Z999AA10123456784")]
    tracking_number: String,
    /// Numbers it had before they were corrected, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former_numbers: Vec<String>,
    /// The carrier's own page of the parcel.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(format = "uri")]
    tracking_url: Option<String>,
    /// Where it stands: one of fourteen statuses.
    #[schema(example = "in_transit")]
    status: &'static str,
    /// Why: the status, a dot and the reason.
    #[schema(example = "in_transit.departure_scan")]
    reason: &'static str,
    /// Since when, as the carrier says it: a date, a local time, or one with its offset.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "2026-11-23T07:12:00-05:00")]
    since: Option<ScanTime>,
    /// Who must act before it moves on: `customer` or `staff`.
    #[serde(skip_serializing_if = "Option::is_none")]
    action_required: Option<&'static str>,
    /// What is laid over its status: `delayed`, `stalled`, `eta_missed`, `action_required`.
    conditions: Vec<ConditionAnswer>,
    /// When it is expected, as last said.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta: Option<EtaAnswer>,
    /// When it was expected at first.
    #[serde(skip_serializing_if = "Option::is_none")]
    eta_first: Option<EtaAnswer>,
    /// Whether it goes back to the sender.
    is_return: bool,
    /// The carrier's product.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UPS Ground")]
    service: Option<String>,
    /// What is in it, if the shop said.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    items: Vec<ItemAnswer>,
    /// Its scans, oldest first.
    events: Vec<EventAnswer>,
    /// How often the carrier is asked; absent once nobody needs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "3h")]
    polled_every: Option<&'static str>,
    /// When we learned the number.
    #[schema(value_type = String, format = DateTime)]
    registered_at: Timestamp,
    /// When we last learned anything new.
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
}

/// A parcel as it stands, by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentResult {
    /// The shop's own id of the order.
    #[schema(example = "1001")]
    pub(crate) order: String,
    /// The parcel.
    #[serde(flatten)]
    pub(crate) shipment: ShipmentAnswer,
    /// What of the request was ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<FieldError>,
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
    /// What of the request was ignored.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    warnings: Vec<FieldError>,
}

/// A circumstance that does not move the parcel.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Condition)]
struct ConditionAnswer {
    /// `delayed`, `stalled`, `eta_missed` or `action_required`.
    #[schema(example = "delayed")]
    kind: &'static str,
    /// Why, or who must act.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "delayed.weather")]
    reason: Option<&'static str>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

/// When a parcel is expected, on the recipient's wall clock.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Eta)]
struct EtaAnswer {
    /// The first day.
    #[schema(value_type = String, format = Date, example = "2026-11-26")]
    from: Date,
    /// The last day.
    #[schema(value_type = String, format = Date, example = "2026-11-26")]
    to: Date,
    /// Begin of the window within a single day.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "10:00:00")]
    from_time: Option<jiff::civil::Time>,
    /// End of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "14:00:00")]
    to_time: Option<jiff::civil::Time>,
    /// Who says so: `store`, `statistics` or `carrier`.
    #[schema(example = "carrier")]
    source: &'static str,
}

/// One scan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Event)]
struct EventAnswer {
    /// When, as the carrier says it.
    #[schema(value_type = String, example = "2026-11-23T07:12:00-05:00")]
    at: ScanTime,
    /// What it says in our words, as `in_transit.departure_scan` or
    /// `delayed.weather`; absent where we have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "in_transit.departure_scan")]
    reason: Option<&'static str>,
    /// The carrier's code.
    #[serde(skip_serializing_if = "String::is_empty")]
    code: String,
    /// The carrier's text.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    /// City or depot.
    #[serde(skip_serializing_if = "Option::is_none")]
    city: Option<String>,
    /// State or province.
    #[serde(skip_serializing_if = "Option::is_none")]
    region: Option<String>,
    /// Country.
    #[serde(skip_serializing_if = "Option::is_none")]
    country: Option<String>,
}

impl OrderAnswer {
    /// The answer about `order`; `link` is the customer's page.
    pub(crate) fn new(
        order: &Order,
        link: String,
        contact: Option<&Contact>,
        shipments: &[Shipment],
        warnings: Vec<FieldError>,
    ) -> Self {
        Self {
            id: order.key.order.to_string(),
            number: order.number.clone(),
            stage: order.stage.as_str(),
            step: order.stage.step(),
            stage_history: stages(order),
            tracking_url: link,
            promised: order.promised,
            locale: order.locale.clone(),
            test: order.is_test,
            customer: contact.map(CustomerAnswer::from),
            items: items(&order.items),
            shipments: shipments.iter().map(ShipmentAnswer::from).collect(),
            placed_at: order.placed_at,
            created_at: order.created_at,
            warnings,
        }
    }
}

impl StageResult {
    /// The answer about where `order` stands.
    pub(crate) fn new(order: &Order, warnings: Vec<FieldError>) -> Self {
        Self {
            id: order.key.order.to_string(),
            stage: order.stage.as_str(),
            step: order.stage.step(),
            stage_history: stages(order),
            warnings,
        }
    }
}

fn stages(order: &Order) -> Vec<StageAnswer> {
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
            phone: contact.phone.as_ref().map(PhoneNumber::masked),
            consent: ConsentAnswer {
                email: contact.consent.email,
                sms: contact.consent.sms,
            },
        }
    }
}

impl From<&Shipment> for ShipmentAnswer {
    fn from(shipment: &Shipment) -> Self {
        let profile = posthorn_carriers::find(&shipment.carrier).map(Carrier::profile);
        let is_manual = shipment.carrier.as_str() == crate::carrier::MANUAL;
        Self {
            number: shipment.shipment.0,
            carrier: shipment.carrier.to_string(),
            carrier_name: shipment.carrier_name.clone().or_else(|| {
                profile
                    .filter(|_| !is_manual)
                    .map(|profile| profile.name.to_owned())
            }),
            tracking_number: shipment.tracking_number.to_string(),
            former_numbers: shipment
                .former_numbers
                .iter()
                .map(ToString::to_string)
                .collect(),
            tracking_url: shipment.tracking_url.clone().or_else(|| {
                profile.and_then(|profile| profile.tracking_page(&shipment.tracking_number))
            }),
            status: shipment.status().as_str(),
            reason: shipment.reason.as_str(),
            since: shipment.since,
            action_required: shipment.reason.action_required().map(Actor::as_str),
            conditions: shipment
                .conditions
                .iter()
                .map(ConditionAnswer::from)
                .collect(),
            eta: shipment.eta.as_ref().map(EtaAnswer::from),
            eta_first: shipment.eta_first.as_ref().map(EtaAnswer::from),
            is_return: shipment.is_return,
            service: shipment.service.clone(),
            items: items(&shipment.items),
            events: shipment.scans.iter().map(EventAnswer::from).collect(),
            polled_every: shipment.cadence.map(Cadence::as_str),
            registered_at: shipment.registered_at,
            changed_at: shipment.changed_at,
        }
    }
}

impl From<&Condition> for ConditionAnswer {
    fn from(condition: &Condition) -> Self {
        let (kind, reason, since) = match condition {
            Condition::Delayed { reason, since } => ("delayed", Some(reason.as_str()), *since),
            Condition::Stalled { since } => ("stalled", None, *since),
            Condition::EtaMissed { since, .. } => ("eta_missed", None, *since),
            Condition::ActionRequired { who, since } => {
                ("action_required", Some(who.as_str()), *since)
            }
        };
        Self {
            kind,
            reason,
            since,
        }
    }
}

impl From<&Eta> for EtaAnswer {
    fn from(eta: &Eta) -> Self {
        Self {
            from: eta.from,
            to: eta.to,
            from_time: eta.window.map(|(from, _)| from),
            to_time: eta.window.map(|(_, to)| to),
            source: eta.source.as_str(),
        }
    }
}

impl From<&Scan> for EventAnswer {
    fn from(scan: &Scan) -> Self {
        Self {
            at: scan.time,
            reason: match scan.meaning {
                Meaning::Status(reason) => Some(reason.as_str()),
                Meaning::Delay(reason) => Some(reason.as_str()),
                Meaning::Note | Meaning::Unknown => None,
            },
            code: scan.code.clone(),
            text: scan.text.clone(),
            city: scan.place.city.clone(),
            region: scan.place.region.clone(),
            country: scan.place.country.clone(),
        }
    }
}

fn items(items: &[posthorn_domain::order::Item]) -> Vec<ItemAnswer> {
    items
        .iter()
        .map(|item| ItemAnswer {
            id: item.id.clone(),
            title: item.title.clone(),
            quantity: item.quantity,
        })
        .collect()
}
