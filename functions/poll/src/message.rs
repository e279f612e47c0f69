//! A message of the poll queue: shipments of one carrier that are to be asked after.

use std::{collections::BTreeMap, time::Duration};

use posthorn_carriers::{
    QueryHints, TrackingQuery,
    quota::{Disposition, errand},
};
use posthorn_domain::{
    cadence::{Cadence, MANUAL},
    id::CarrierId,
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    metric::{self, Metric},
    store::poll_targets::PollTarget,
};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use tracing::error;

/// Shipments of one carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PollMessage {
    /// Whom to ask.
    pub(crate) carrier: CarrierId,
    /// About what.
    #[serde(deserialize_with = "deserialize_readable")]
    pub(crate) shipments: Vec<PollTarget>,
    /// Tickets of questions that were asked before, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tickets: BTreeMap<TrackingNumber, String>,
    /// How often these shipments have gone back to the queue.
    #[serde(default)]
    pub(crate) returns: u8,
    /// How often in a row the carrier gave no answer; with any this is a probe.
    #[serde(default)]
    pub(crate) consecutive_failures: u32,
    /// Whether the carrier itself has hinted that there is something to be told.
    #[serde(default)]
    pub(crate) is_hinted: bool,
}

/// Those shipments that can be read: one that cannot takes no other with it. It is
/// counted, and comes again when its slot does.
fn deserialize_readable<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<PollTarget>, D::Error> {
    let shipments = Vec::<Value>::deserialize(deserializer)?;
    let read = |shipment: Value| {
        let order = format!("{}/{}", shipment["shop"], shipment["order"]);
        serde_path_to_error::deserialize(shipment)
            .inspect_err(|fault: &serde_path_to_error::Error<serde_json::Error>| {
                // The reader's own words may repeat what it read; the path does not.
                let field = fault.path().to_string();
                error!(
                    order,
                    field, "Cannot read `{field}` of a shipment of {order} to be asked after"
                );
                let item = "poll message";
                metric::emit_metric(Metric::UnreadableField {
                    item,
                    field: &field,
                });
            })
            .ok()
    };
    Ok(shipments.into_iter().filter_map(read).collect())
}

impl PollMessage {
    /// The same as messages of one shipment each.
    pub(crate) fn one_by_one(&self) -> Vec<Self> {
        let alone = |shipment: &PollTarget| {
            let number = &shipment.tracking_number;
            let ticket = self.tickets.get_key_value(number);
            Self {
                shipments: vec![shipment.clone()],
                tickets: ticket
                    .map(|(number, ticket)| (number.clone(), ticket.clone()))
                    .into_iter()
                    .collect(),
                ..self.clone()
            }
        };
        self.shipments.iter().map(alone).collect()
    }

    /// The numbers to ask after, each once: two orders may name the same. The
    /// most urgent come first, for a quota may not do for all.
    pub(crate) fn tracking_queries(&self) -> Vec<TrackingQuery> {
        let mut wanted = BTreeMap::<&TrackingNumber, (Cadence, TrackingQuery)>::new();
        for shipment in &self.shipments {
            wanted
                .entry(&shipment.tracking_number)
                .and_modify(|(cadence, wanted)| {
                    *cadence = shipment.cadence.min(*cadence);
                    wanted.registered_at = wanted.registered_at.min(shipment.registered_at);
                })
                .or_insert_with(|| {
                    let number = shipment.tracking_number.clone();
                    let wanted = TrackingQuery {
                        ticket: self.tickets.get(&number).cloned(),
                        details: query_details(shipment),
                        ..TrackingQuery::new(number, shipment.registered_at)
                    };
                    (shipment.cadence, wanted)
                });
        }
        let mut wanted: Vec<(Cadence, TrackingQuery)> = wanted.into_values().collect();
        wanted.sort_by_key(|(cadence, _)| *cadence);
        wanted.into_iter().map(|(_, wanted)| wanted).collect()
    }
}

/// What the question says besides the number. Postcode and telephone stay out:
/// `poll` cannot read contacts (docs/adr/0016-second-source.md).
pub(crate) fn query_details(shipment: &PollTarget) -> QueryHints {
    let is_named = shipment.provider.is_some() && shipment.carrier.as_str() != MANUAL;
    let named = is_named.then(|| shipment.carrier.clone());
    QueryHints {
        carrier: named.or_else(|| shipment.query_details.carrier.clone()),
        service: shipment.query_details.service.clone(),
        shipped_on: shipment.query_details.shipped_on,
        ..QueryHints::default()
    }
}

/// What goes back to the queue, and for how long it rests there.
#[derive(Debug, Default)]
pub(crate) struct RequeuedShipments {
    shipments: Vec<PollTarget>,
    tickets: BTreeMap<TrackingNumber, String>,
    delay: Duration,
    n_left: usize,
}

impl RequeuedShipments {
    /// Adds a shipment that is to be asked after again, after `delay` at the earliest.
    pub(crate) fn requeue(
        &mut self,
        shipment: PollTarget,
        delay: Duration,
        ticket: Option<String>,
    ) {
        if let Some(ticket) = ticket {
            self.tickets
                .insert(shipment.tracking_number.clone(), ticket);
        }
        self.shipments.push(shipment);
        self.delay = errand::queued_for(self.delay.max(delay));
    }

    /// The same of a shipment that has no answer before, as its fate wants it.
    pub(crate) fn requeue_failed(
        &mut self,
        shipment: &PollTarget,
        fate: Disposition,
        message: &PollMessage,
    ) {
        match fate {
            Disposition::Settled => {}
            Disposition::NextTurn => self.n_left += 1,
            Disposition::Back(delay) => {
                let ticket = message.tickets.get(&shipment.tracking_number).cloned();
                self.requeue(shipment.clone(), delay, ticket);
            }
        }
    }

    /// How many shipments there are, and how many wait for their next slot.
    pub(crate) fn len(&self) -> (usize, usize) {
        (self.shipments.len(), self.n_left)
    }

    /// The message to send, and after which delay; none if nothing is left or
    /// what is left has been back too often.
    pub(crate) fn into_message(self, message: &PollMessage) -> Option<(PollMessage, Duration)> {
        if self.shipments.is_empty() || !errand::may_return(message.returns) {
            return None;
        }
        let rest = PollMessage {
            carrier: message.carrier.clone(),
            shipments: self.shipments,
            tickets: self.tickets,
            returns: message.returns + 1,
            consecutive_failures: 0,
            is_hinted: message.is_hinted,
        };
        Some((rest, self.delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_question_says_what_the_shop_said_and_an_aggregator_hears_of_the_carrier() {
        let wanted = |more: serde_json::Value| {
            let mut shipment = json!({
                "shop": "acme", "order": "1", "shipment": 1, "carrier": "ups",
                "tracking_number": "77889900", "registered_at": "2026-11-22T10:00:00Z",
                "changed_at": "2026-11-22T10:00:00Z", "reason": "pending.no_info", "cadence": "8h",
                "query_details": {"service": "express", "shipped_on": "2026-11-20"},
            });
            let fields = shipment.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            let message = json!({"carrier": "17track", "shipments": [shipment]});
            let message: PollMessage = serde_json::from_value(message).unwrap();
            message.tracking_queries().remove(0).details
        };
        let own = wanted(json!({}));
        assert_eq!(own.carrier, None);
        assert_eq!(own.service.as_deref(), Some("express"));
        assert_eq!(
            own.shipped_on.map(|day| day.to_string()).as_deref(),
            Some("2026-11-20")
        );
        assert_eq!((own.postal_code, own.phone_suffix), (None, None));
        let through = wanted(json!({"provider": "17track"}));
        assert_eq!(through.carrier, CarrierId::parse("ups").ok());
        let by_hand = json!({"provider": "17track", "carrier": "manual", "query_details": {"carrier": "evri"}});
        assert_eq!(wanted(by_hand).carrier, CarrierId::parse("evri").ok());
        assert_eq!(
            wanted(json!({"provider": "17track", "carrier": "manual"})).carrier,
            None
        );
    }
}
