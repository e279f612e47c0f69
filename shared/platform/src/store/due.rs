//! Which parcels are to be asked after.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use jiff::Timestamp;
use posthorn_domain::{
    cadence::{self, Cadence},
    candidates::{Candidates, Denial},
    condition::Condition,
    eta::Eta,
    id::{CarrierId, OrderKey, ShipmentNumber},
    journey::Glance,
    report::Alias,
    shipment::{Hints, Shipment},
    status::Reason,
    tracking_number::TrackingNumber,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind},
    metric::{self, Metric},
    store::{
        codec::{Item, decode, text, text_of},
        keys::{self, Cohort},
        orders::OrderStore,
        page::{self, Cursor, Page, Place},
        schema::BY_COHORT,
    },
};

/// A parcel to be asked after, with all that an unchanged answer needs: what
/// the sweep reads from the index and the poll gets in its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DueParcel {
    /// Whose: `shop` and `order`.
    #[serde(flatten)]
    pub order: OrderKey,
    /// Which parcel of the order.
    pub shipment: ShipmentNumber,
    /// Who carries it.
    pub carrier: CarrierId,
    /// The aggregator that is asked in the carrier's place, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked: Option<CarrierId>,
    /// What the question says besides the number.
    #[serde(default, skip_serializing_if = "Hints::is_empty")]
    pub hints: Hints,
    /// Who else may carry it, while nobody has known its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Candidates>,
    /// About what.
    pub tracking_number: TrackingNumber,
    /// Hash of the last answer: the same again changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// When we learned the number.
    pub registered_at: Timestamp,
    /// When we last learned anything new: silence is measured from here.
    pub changed_at: Timestamp,
    /// Until when its carrier has promised to tell of it by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscribed_until: Option<Timestamp>,
    /// Where it stands.
    pub reason: Reason,
    /// When it is expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eta: Option<Eta>,
    /// Whether it goes back to the sender.
    #[serde(default)]
    pub is_return: bool,
    /// How often it is asked after.
    pub cadence: Cadence,
    /// What is laid over its status already, so that it is not laid twice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Condition>,
    /// Other numbers of the same parcel: hints for the carrier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
}

impl DueParcel {
    /// The parcel as one to be asked after now; none if nobody is to ask.
    pub fn of(order: &OrderKey, shipment: &Shipment) -> Option<Self> {
        let cadence = polled(shipment)?;
        let tracking_number = shipment.tracking_number.clone()?;
        Some(Self {
            order: order.clone(),
            shipment: shipment.shipment,
            carrier: shipment.carrier.clone(),
            asked: shipment.asked.clone(),
            hints: shipment.hints.clone(),
            candidates: shipment.candidates.clone(),
            tracking_number,
            answer: shipment.answer.clone(),
            registered_at: shipment.registered_at,
            changed_at: shipment.changed_at,
            subscribed_until: shipment.subscribed_until,
            reason: shipment.reason,
            eta: shipment.eta,
            is_return: shipment.is_return,
            cadence,
            conditions: shipment.conditions.clone(),
            aliases: shipment.aliases.clone(),
        })
    }

    /// Whom to ask.
    pub fn whom_to_ask(&self) -> &CarrierId {
        self.asked.as_ref().unwrap_or(&self.carrier)
    }

    /// Whether the next candidate is to be asked once the present one has said no.
    pub fn is_passed_on(&self, denial: Denial, now: Timestamp) -> bool {
        let candidates = self.candidates.as_ref();
        let is_open = !self.reason.status().is_final();
        is_open && candidates.is_some_and(|all| all.after(denial, now).is_some())
    }

    /// Its place among the parcels of its slot, where each slot has so many parts.
    pub fn place(&self, shards: u32) -> Place {
        Place {
            shard: keys::shard(&self.order, self.shipment, shards),
            pk: keys::order(&self.order),
            sk: keys::shipment(self.shipment),
        }
    }

    /// What an unchanged poll knows of it.
    pub fn glance(&self) -> Glance {
        Glance {
            carrier: self.carrier.clone(),
            asked: self.asked.clone(),
            reason: self.reason,
            eta: self.eta,
            conditions: self.conditions.clone(),
            is_return: self.is_return,
            registered_at: self.registered_at,
            changed_at: self.changed_at,
            subscribed_until: self.subscribed_until,
        }
    }
}

/// How often `shipment` is asked after, if at all.
pub(crate) fn polled(shipment: &Shipment) -> Option<Cadence> {
    let is_asked = !shipment.is_untracked() && cadence::is_asked(&Glance::from(shipment));
    shipment.cadence.filter(|_| is_asked)
}

/// The parcel of an entry, whose key tells the order.
fn parcel(mut entry: Item) -> Result<DueParcel, Error> {
    let order = keys::parse_order(text_of(&entry, "pk"))
        .ok_or_else(|| Error::new(ErrorKind::Unreadable, "read a key of ByCohort"))?;
    entry.insert("shop".to_owned(), text(order.shop.as_str()));
    entry.insert("order".to_owned(), text(order.order.as_str()));
    decode(entry, &format!("a parcel of order {order} in ByCohort"))
}

impl OrderStore {
    /// The parcels of a cohort after a place, some `most` of them, from the index:
    /// no table is read.
    pub async fn due(
        &self,
        cohort: &Cohort,
        after: Option<&Place>,
        most: i32,
    ) -> Result<Page<DueParcel, Place>, Error> {
        let name = cohort.to_string();
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_COHORT.name)
            .key_condition_expression("cohort = :cohort")
            .expression_attribute_values(":cohort", text(name.clone()))
            .set_exclusive_start_key(after.and_then(|after| after.key(BY_COHORT.hash, &name)))
            .limit(most.max(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk(format!("query cohort {cohort}"), error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        Ok(Page {
            items: readable(answer.items.unwrap_or_default()),
            next: page::next_place(answer.last_evaluated_key, cohort.shard),
        })
    }

    /// Every parcel that is asked after at all, whenever it is due.
    pub async fn every_due(&self, after: Option<Cursor>) -> Result<Page<DueParcel>, Error> {
        let answer = self
            .table
            .client
            .scan()
            .table_name(&self.table.name)
            .index_name(BY_COHORT.name)
            .set_exclusive_start_key(after.map(Cursor::into_key))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk("scan ByCohort", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        Ok(Page {
            items: readable(answer.items.unwrap_or_default()),
            next: page::next(answer.last_evaluated_key),
        })
    }

    /// How many parcels of which carriers are in the index at which cadences, page
    /// by page: what the sweep must know of, whatever its own bookkeeping says.
    pub async fn census(
        &self,
        after: Option<Cursor>,
    ) -> Result<Page<((CarrierId, Cadence), u64)>, Error> {
        let answer = self
            .table
            .client
            .scan()
            .table_name(&self.table.name)
            .index_name(BY_COHORT.name)
            .projection_expression(BY_COHORT.hash)
            .set_exclusive_start_key(after.map(Cursor::into_key))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk("count the parcels in ByCohort", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut found = BTreeMap::new();
        for item in answer.items.unwrap_or_default() {
            if let Some(cohort) = keys::parse_cohort(text_of(&item, BY_COHORT.hash)) {
                *found.entry(cohort).or_default() += 1;
            }
        }
        Ok(Page {
            items: found.into_iter().collect(),
            next: page::next(answer.last_evaluated_key),
        })
    }
}

/// Those that can be read. An entry that cannot must not keep the sweep from
/// all others of its minute for ever; it is counted.
fn readable(items: Vec<Item>) -> Vec<DueParcel> {
    items
        .into_iter()
        .filter_map(|item| {
            parcel(item)
                .inspect_err(|error| {
                    tracing::error!(%error, "Cannot read an entry of ByCohort");
                    metric::emit(Metric::UnreadableEntry {
                        index: BY_COHORT.name,
                    });
                })
                .ok()
        })
        .collect()
}
