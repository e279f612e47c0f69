//! A message of the poll queue: parcels of one carrier that are to be asked after.

use std::{collections::BTreeMap, time::Duration};

use posthorn_carriers::{Hints, Wanted};
use posthorn_domain::{cadence::MANUAL, id::CarrierId, tracking_number::TrackingNumber};
use posthorn_platform::store::due::DueParcel;
use serde::{Deserialize, Serialize};

/// How often parcels may go back to the queue; then the next sweep brings them.
const MOST_RETURNS: u8 = 3;

/// The longest that SQS hides a message.
const LONGEST_DELAY: Duration = Duration::from_mins(15);

/// Parcels of one carrier.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Message {
    /// Whom to ask.
    pub(crate) carrier: CarrierId,
    /// About what.
    pub(crate) parcels: Vec<DueParcel>,
    /// Tickets of questions that were asked before, by number.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) tickets: BTreeMap<TrackingNumber, String>,
    /// How often these parcels have gone back to the queue.
    #[serde(default)]
    pub(crate) returns: u8,
}

impl Message {
    /// The numbers to ask after, each once: two orders may name the same.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let mut wanted = BTreeMap::<&TrackingNumber, Wanted>::new();
        for parcel in &self.parcels {
            wanted
                .entry(&parcel.tracking_number)
                .and_modify(|wanted| {
                    wanted.registered_at = wanted.registered_at.min(parcel.registered_at);
                })
                .or_insert_with(|| Wanted {
                    ticket: self.tickets.get(&parcel.tracking_number).cloned(),
                    hints: hints(parcel),
                    ..Wanted::new(parcel.tracking_number.clone(), parcel.registered_at)
                });
        }
        wanted.into_values().collect()
    }
}

/// What the question says besides the number. Postcode and telephone stay out:
/// whoever polls cannot read contacts (docs/adr/0016-second-source.md).
fn hints(parcel: &DueParcel) -> Hints {
    let is_named = parcel.asked.is_some() && parcel.carrier.as_str() != MANUAL;
    let named = is_named.then(|| parcel.carrier.clone());
    Hints {
        carrier: named.or_else(|| parcel.hints.carrier.clone()),
        service: parcel.hints.service.clone(),
        shipped_on: parcel.hints.shipped_on,
        ..Hints::default()
    }
}

/// What goes back to the queue, and for how long it rests there.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    parcels: Vec<DueParcel>,
    tickets: BTreeMap<TrackingNumber, String>,
    delay: Duration,
}

impl Rest {
    /// Adds a parcel that is to be asked after again, after `delay` at the earliest.
    pub(crate) fn add(&mut self, parcel: DueParcel, delay: Duration, ticket: Option<String>) {
        if let Some(ticket) = ticket {
            self.tickets.insert(parcel.tracking_number.clone(), ticket);
        }
        self.parcels.push(parcel);
        self.delay = self.delay.max(delay).min(LONGEST_DELAY);
    }

    /// How many parcels.
    pub(crate) fn len(&self) -> usize {
        self.parcels.len()
    }

    /// The message to send, and after which delay; none if nothing is left or
    /// what is left has been back too often.
    pub(crate) fn into_message(self, message: &Message) -> Option<(Message, Duration)> {
        if self.parcels.is_empty() || message.returns >= MOST_RETURNS {
            return None;
        }
        let rest = Message {
            carrier: message.carrier.clone(),
            parcels: self.parcels,
            tickets: self.tickets,
            returns: message.returns + 1,
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
            let mut parcel = json!({
                "shop": "acme", "order": "1", "shipment": 1, "carrier": "ups",
                "tracking_number": "77889900", "registered_at": "2026-11-22T10:00:00Z",
                "changed_at": "2026-11-22T10:00:00Z", "reason": "pending.no_info", "cadence": "8h",
                "hints": {"service": "express", "shipped_on": "2026-11-20"},
            });
            let fields = parcel.as_object_mut().unwrap();
            fields.extend(more.as_object().unwrap().clone());
            let message = json!({"carrier": "17track", "parcels": [parcel]});
            let message: Message = serde_json::from_value(message).unwrap();
            message.wanted().remove(0).hints
        };
        let own = wanted(json!({}));
        assert_eq!(own.carrier, None);
        assert_eq!(own.service.as_deref(), Some("express"));
        assert_eq!(
            own.shipped_on.map(|day| day.to_string()).as_deref(),
            Some("2026-11-20")
        );
        assert_eq!((own.postal_code, own.phone_suffix), (None, None));
        let through = wanted(json!({"asked": "17track"}));
        assert_eq!(through.carrier, CarrierId::parse("ups").ok());
        let by_hand =
            json!({"asked": "17track", "carrier": "manual", "hints": {"carrier": "evri"}});
        assert_eq!(wanted(by_hand).carrier, CarrierId::parse("evri").ok());
        assert_eq!(
            wanted(json!({"asked": "17track", "carrier": "manual"})).carrier,
            None
        );
    }
}
