//! What is answered about a shipment.

use super::{ItemAnswer, list_items};
use crate::{
    idempotency::{AnswerBody, AnswerSubject},
    parse::still_possible,
    problem::FieldError,
};
use jiff::{
    Timestamp,
    civil::{Date, Time},
};
use posthorn_domain::{
    cadence::Cadence,
    candidates::CarrierCandidate,
    condition::ShipmentCondition,
    eta::Eta,
    journey::reconcile::{self, SourcedScan},
    scan::ScanMeaning,
    settings::Settings,
    shipment::Shipment,
    source::{Source, SourceKind},
    status::Actor,
    time::ScanTime,
};
use serde::Serialize;
use utoipa::ToSchema;

/// A shipment as it stands.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Shipment)]
pub(crate) struct ShipmentAnswer {
    /// Which shipment of the order, counted from 1.
    #[schema(example = 1)]
    number: u16,
    /// Id of the carrier; while there are `candidates`, of the one that is asked now.
    #[schema(example = "ups")]
    carrier: String,
    /// Who may carry it, the likeliest first, while only the number tells; absent
    /// once the carrier is certain: one of them knew the number, or it was given.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    candidates: Vec<CandidateAnswer>,
    /// What people call the carrier.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "UPS")]
    carrier_name: Option<String>,
    /// The carrier's number; absent if the shipment was sent without tracking.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "1Z999AA10123456784")]
    tracking_number: Option<String>,
    /// Numbers it had before they were corrected, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    former_numbers: Vec<String>,
    /// The carrier's own page of the shipment.
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
    status_since: Option<ScanTime>,
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
    /// The day it was sent, if the shop said.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date, example = "2026-11-22")]
    shipped_on: Option<Date>,
    /// Its events, oldest first, of all sources; what two sources report
    /// stands here once, in the words of the one that is trusted more.
    events: Vec<EventAnswer>,
    /// Who told what: its carrier first, if it told anything.
    sources: Vec<SourceAnswer>,
    /// The aggregator that is asked in the carrier's place.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "17track")]
    provider: Option<String>,
    /// How often the carrier is polled; absent once polling has ended.
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

/// A shipment as it stands, by itself.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ShipmentResult {
    /// The shop's own id of the order.
    #[schema(example = "1001")]
    pub(crate) order: String,
    /// The shipment.
    #[serde(flatten)]
    pub(crate) shipment: ShipmentAnswer,
    /// What of the request was ignored, or is doubtful.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) warnings: Vec<FieldError>,
}

/// A carrier that may have given the number.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Candidate)]
struct CandidateAnswer {
    /// Its id.
    #[schema(example = "fedex")]
    carrier: String,
    /// How sure the number makes it, in percent; 0 of an aggregator, who may know
    /// any number.
    #[schema(example = 62)]
    confidence: u8,
}

/// A circumstance that does not move the shipment.
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

/// When a shipment is expected, on the recipient's wall clock.
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
    /// Who says so: `store`, `statistics`, `staff`, `supplier`, `aggregator` or `carrier`.
    #[schema(example = "carrier")]
    source: &'static str,
}

/// A source of reports about a shipment.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Source)]
struct SourceAnswer {
    /// The id of a carrier or an aggregator, what a supplier is called, or the kind.
    #[schema(example = "17track")]
    source: String,
    /// `carrier`, `aggregator`, `staff`, `supplier` or `store`.
    #[schema(example = "aggregator")]
    kind: &'static str,
    /// When it last told anything new.
    #[schema(value_type = String, format = DateTime)]
    last_report_at: Timestamp,
    /// The status of the shipment by this source alone, if it reports one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "in_transit")]
    status: Option<&'static str>,
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
    /// Who tells it, as in `sources`.
    #[schema(example = "ups")]
    source: String,
    /// Whether it was said against what was known.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    correction: bool,
    /// The carrier's code.
    #[serde(skip_serializing_if = "String::is_empty")]
    code: String,
    /// The text of who tells it.
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

impl ShipmentAnswer {
    /// The answer about `shipment` of a shop with these settings.
    pub(crate) fn new(shipment: &Shipment, settings: &Settings) -> Self {
        let carrier = posthorn_carriers::carrier_view(shipment, settings);
        Self {
            number: shipment.shipment.0,
            carrier: shipment.carrier.to_string(),
            candidates: still_possible(shipment)
                .iter()
                .map(CandidateAnswer::from)
                .collect(),
            carrier_name: Some(carrier.name).filter(|name| !name.is_empty()),
            tracking_number: shipment.tracking_number.as_ref().map(ToString::to_string),
            former_numbers: shipment
                .former_numbers
                .iter()
                .map(ToString::to_string)
                .collect(),
            tracking_url: carrier.url,
            status: shipment.current_status().as_str(),
            reason: shipment.reason.as_str(),
            status_since: shipment.status_since,
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
            items: list_items(&shipment.items),
            shipped_on: shipment.query_details.shipped_on,
            events: reconcile::merged_history(shipment)
                .into_iter()
                .map(|heard| EventAnswer::new(heard, shipment))
                .collect(),
            sources: list_sources(shipment),
            provider: shipment.provider.as_ref().map(ToString::to_string),
            polled_every: shipment.cadence.map(Cadence::as_str),
            registered_at: shipment.registered_at,
            changed_at: shipment.changed_at,
        }
    }
}

impl AnswerBody for ShipmentResult {
    fn subject(&self) -> AnswerSubject {
        AnswerSubject {
            order: self.order.clone(),
            shipment: Some(self.shipment.number),
        }
    }
}

impl From<&CarrierCandidate> for CandidateAnswer {
    fn from(candidate: &CarrierCandidate) -> Self {
        Self {
            carrier: candidate.carrier.to_string(),
            confidence: candidate.confidence,
        }
    }
}

impl From<&ShipmentCondition> for ConditionAnswer {
    fn from(condition: &ShipmentCondition) -> Self {
        let (kind, reason, since) = match condition {
            ShipmentCondition::Delayed { reason, since } => {
                ("delayed", Some(reason.as_str()), *since)
            }
            ShipmentCondition::Stalled { since } => ("stalled", None, *since),
            ShipmentCondition::EtaMissed { since, .. } => ("eta_missed", None, *since),
            ShipmentCondition::ActionRequired { who, since } => {
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

/// Who tells of `shipment`.
fn list_sources(shipment: &Shipment) -> Vec<SourceAnswer> {
    let answer = |source: Option<&Source>, last_report_at| SourceAnswer {
        source: source_name(source, shipment),
        kind: source
            .map_or(SourceKind::Carrier, |source| source.kind)
            .as_str(),
        last_report_at,
        status: reconcile::standing_by(shipment, source).map(|reason| reason.to_status().as_str()),
    };
    let own = shipment.carrier_heard_at();
    let others = shipment.other_sources.iter();
    own.map(|at| answer(None, at))
        .into_iter()
        .chain(others.map(|telling| answer(Some(&telling.source), telling.last_report_at)))
        .collect()
}

/// What a source is called; none is the shipment's own carrier.
fn source_name(source: Option<&Source>, shipment: &Shipment) -> String {
    match source {
        None => shipment.carrier.to_string(),
        Some(Source {
            name: Some(name), ..
        }) => name.clone(),
        Some(Source { kind, name: None }) => kind.to_string(),
    }
}

impl EventAnswer {
    fn new(heard: SourcedScan<'_>, shipment: &Shipment) -> Self {
        let scan = heard.scan;
        Self {
            at: scan.time,
            source: source_name(heard.source, shipment),
            correction: heard.is_correction,
            reason: match scan.meaning {
                ScanMeaning::Status(reason) => Some(reason.as_str()),
                ScanMeaning::Delay(reason) => Some(reason.as_str()),
                ScanMeaning::Note | ScanMeaning::Unknown | ScanMeaning::Withdrawn => None,
            },
            code: scan.code.clone(),
            text: scan.text.clone(),
            city: scan.place.city.clone(),
            region: scan.place.region.clone(),
            country: scan.place.country.clone(),
        }
    }
}
