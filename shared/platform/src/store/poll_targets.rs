//! Which shipments are to be asked after.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use jiff::Timestamp;
use posthorn_domain::{
    cadence::{self, Cadence},
    candidates::{Candidates, Denial},
    condition::ShipmentCondition,
    eta::Eta,
    id::{CarrierId, OrderKey, ShipmentIndex},
    journey::PollState,
    report::Alias,
    shipment::{QueryDetails, Shipment},
    status::Reason,
    tracking_number::TrackingNumber,
};
use serde::{Deserialize, Serialize};

use crate::{
    error::{ServiceError, ServiceErrorKind},
    metric::{self, Metric},
    store::{
        codec::{StoredItem, decode_item, text_of, text_value},
        keys::{self, Cohort},
        orders::OrderStore,
        pagination::{self, Cursor, IndexPosition, ResultPage},
        schema::BY_COHORT,
    },
};

/// A shipment to be asked after, with all that an unchanged answer needs: what
/// the sweep reads from the index and the poll gets in its message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PollTarget {
    /// Whose: `shop` and `order`.
    #[serde(flatten)]
    pub order: OrderKey,
    /// Which shipment of the order.
    pub shipment: ShipmentIndex,
    /// Who carries it.
    pub carrier: CarrierId,
    /// The aggregator that is asked in the carrier's place, if one is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider: Option<CarrierId>,
    /// What the question says besides the number.
    #[serde(default, skip_serializing_if = "QueryDetails::is_empty")]
    pub query_details: QueryDetails,
    /// Who else may carry it, while no carrier has known its number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<Candidates>,
    /// About what.
    pub tracking_number: TrackingNumber,
    /// Hash of the last answer: the same again changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub response_hash: Option<String>,
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
    pub conditions: Vec<ShipmentCondition>,
    /// Other numbers of the same shipment: hints for the carrier.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<Alias>,
}

impl PollTarget {
    /// The shipment as one to be polled now; none if it is not to be polled.
    pub fn from_shipment(order: &OrderKey, shipment: &Shipment) -> Option<Self> {
        let cadence = poll_cadence(shipment)?;
        let tracking_number = shipment.tracking_number.clone()?;
        Some(Self {
            order: order.clone(),
            shipment: shipment.shipment,
            carrier: shipment.carrier.clone(),
            provider: shipment.provider.clone(),
            query_details: shipment.query_details.clone(),
            candidates: shipment.candidates.clone(),
            tracking_number,
            response_hash: shipment.response_hash.clone(),
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
        self.provider.as_ref().unwrap_or(&self.carrier)
    }

    /// Whether the next candidate is to be asked once the present one has said no.
    pub fn is_passed_on(&self, denial: Denial, now: Timestamp) -> bool {
        let candidates = self.candidates.as_ref();
        let is_open = !self.reason.to_status().is_final();
        is_open && candidates.is_some_and(|all| all.reject_current(denial, now).is_some())
    }

    /// Its place among the shipments of its slot, where each slot has so many parts.
    pub fn index_position(&self, shards: u32) -> IndexPosition {
        IndexPosition {
            shard: keys::shard_index(&self.order, self.shipment, shards),
            pk: keys::order_key(&self.order),
            sk: keys::shipment_key(self.shipment),
        }
    }

    /// What an unchanged poll knows of it.
    pub fn poll_state(&self) -> PollState {
        PollState {
            carrier: self.carrier.clone(),
            provider: self.provider.clone(),
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
pub(crate) fn poll_cadence(shipment: &Shipment) -> Option<Cadence> {
    let is_asked = !shipment.is_untracked() && cadence::is_asked(&PollState::from(shipment));
    shipment.cadence.filter(|_| is_asked)
}

/// The shipment of an entry, whose key tells the order.
fn decode_target(mut entry: StoredItem) -> Result<PollTarget, ServiceError> {
    let order = keys::parse_order(text_of(&entry, "pk"))
        .ok_or_else(|| ServiceError::new(ServiceErrorKind::Unreadable, "read a key of ByCohort"))?;
    entry.insert("shop".to_owned(), text_value(order.shop.as_str()));
    entry.insert("order".to_owned(), text_value(order.order.as_str()));
    decode_item(entry, &format!("a shipment of order {order} in ByCohort"))
}

impl OrderStore {
    /// The shipments of a cohort after a place, some `most` of them, from the index:
    /// no table is read.
    pub async fn list_due(
        &self,
        cohort: &Cohort,
        after: Option<&IndexPosition>,
        most: i32,
    ) -> Result<ResultPage<PollTarget, IndexPosition>, ServiceError> {
        let name = cohort.to_string();
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_COHORT.name)
            .key_condition_expression("cohort = :cohort")
            .expression_attribute_values(":cohort", text_value(name.clone()))
            .set_exclusive_start_key(after.and_then(|after| after.start_key(BY_COHORT.hash, &name)))
            .limit(most.max(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk(format!("query cohort {cohort}"), error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        Ok(ResultPage {
            items: readable_targets(answer.items.unwrap_or_default()),
            next: pagination::next_place(answer.last_evaluated_key, cohort.shard),
        })
    }

    /// Every shipment that is asked after at all, whenever it is due.
    pub async fn every_due(
        &self,
        after: Option<Cursor>,
    ) -> Result<ResultPage<PollTarget>, ServiceError> {
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
            .map_err(|error| ServiceError::from_sdk("scan ByCohort", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        Ok(ResultPage {
            items: readable_targets(answer.items.unwrap_or_default()),
            next: pagination::next_cursor(answer.last_evaluated_key),
        })
    }

    /// How many shipments of which carriers are in the index at which cadences, page
    /// by page: what the sweep must know of, whatever its own bookkeeping says.
    pub async fn count_targets(
        &self,
        after: Option<Cursor>,
    ) -> Result<ResultPage<((CarrierId, Cadence), u64)>, ServiceError> {
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
            .map_err(|error| ServiceError::from_sdk("count the shipments in ByCohort", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut found = BTreeMap::new();
        for item in answer.items.unwrap_or_default() {
            if let Some(cohort) = keys::parse_cohort(text_of(&item, BY_COHORT.hash)) {
                *found.entry(cohort).or_default() += 1;
            }
        }
        Ok(ResultPage {
            items: found.into_iter().collect(),
            next: pagination::next_cursor(answer.last_evaluated_key),
        })
    }
}

/// Those that can be read. An entry that cannot must not keep the sweep from
/// all others of its minute for ever; it is counted.
fn readable_targets(items: Vec<StoredItem>) -> Vec<PollTarget> {
    items
        .into_iter()
        .filter_map(|item| {
            decode_target(item)
                .inspect_err(|error| {
                    tracing::error!(%error, "Cannot read an entry of ByCohort");
                    metric::emit_metric(Metric::UnreadableEntry {
                        index: BY_COHORT.name,
                    });
                })
                .ok()
        })
        .collect()
}
