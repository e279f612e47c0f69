//! What is answered about a parcel.

use super::{ItemAnswer, items};
use crate::{carrier, problem::FieldError};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use posthorn_carriers::Carrier;
use posthorn_domain::{
    cadence::Cadence,
    condition::Condition,
    eta::Eta,
    scan::{Meaning, Scan},
    shipment::Shipment,
    status::Actor,
    time::ScanTime,
};
use serde::Serialize;
use utoipa::ToSchema;

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
    from_time: Option<Time>,
    /// End of the window.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "14:00:00")]
    to_time: Option<Time>,
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

impl From<&Shipment> for ShipmentAnswer {
    fn from(shipment: &Shipment) -> Self {
        let profile = posthorn_carriers::find(&shipment.carrier).map(Carrier::profile);
        let is_manual = shipment.carrier.as_str() == carrier::MANUAL;
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
