//! Orders and their shipments: who reads and moves them.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentIndex, TrackingToken},
    order::Order,
    shipment::Shipment,
    tracking_number::TrackingNumber,
};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{ServiceError, ServiceErrorKind},
    store::{
        codec::{
            StoredItem, decode_item, decode_shipment, encode_item, encode_shipment, text_of,
            text_value,
        },
        keys::{self, Cohort},
        lenient, poll_targets,
        schema::{BY_NUMBER, BY_TOKEN, ORDERS},
        table::{PutCondition, PutOutcome, Table},
    },
};

/// Shipments under one number: shops of an installation that send the same shipment,
/// and older shipments where a carrier has used the number again.
const MOST_UNDER_A_NUMBER: i32 = 25;

/// The Orders table. It knows nothing of whom an order belongs to.
#[derive(Debug, Clone)]
pub struct OrderStore {
    pub(crate) table: Table,
    shards: u32,
}

/// An order with its shipments, as they stood at one read.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderWithShipments {
    /// The order.
    pub order: Order,
    /// Its shipments, by number.
    pub shipments: Vec<Shipment>,
    /// Sort keys of stored shipments that cannot be read. They were logged and counted.
    pub unreadable: Vec<String>,
}

impl OrderWithShipments {
    /// The number of the next shipment.
    pub fn next_shipment(&self) -> ShipmentIndex {
        let readable = self.shipments.iter().map(|shipment| shipment.shipment);
        let unreadable = self.unreadable.iter();
        let unreadable = unreadable.filter_map(|sk| keys::parse_shipment(sk));
        let last = readable.chain(unreadable).map(|number| number.0).max();
        ShipmentIndex(last.unwrap_or_default().saturating_add(1))
    }

    /// Fails unless all shipments could be read. For decisions that depend on every
    /// shipment: whether one is new, where the order stands.
    pub fn require_readable(&self) -> Result<(), ServiceError> {
        match self.unreadable.first() {
            None => Ok(()),
            Some(sk) => Err(self.unreadable_error(sk)),
        }
    }

    /// Fails if the shipment with this number is stored but cannot be read: it is not
    /// missing.
    pub fn require_shipment(&self, number: ShipmentIndex) -> Result<(), ServiceError> {
        let sk = keys::shipment_key(number);
        if self.unreadable.contains(&sk) {
            return Err(self.unreadable_error(&sk));
        }
        Ok(())
    }

    fn unreadable_error(&self, sk: &str) -> ServiceError {
        let doing = format!("read {sk} of order {}", self.order.key);
        ServiceError::new(ServiceErrorKind::Unreadable, doing)
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordOutcome {
    /// It is written; also if it was before and only the answer was lost.
    Written,
    /// Another writer was first: read again and decide anew.
    Conflict,
}

impl OrderStore {
    /// The table that `POSTHORN_ORDERS` names. `POSTHORN_POLL_SHARDS` may only
    /// ever grow: shipments in a shard beyond it are not asked after.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(ORDERS.variable)?),
            shards: config.parsed_or("POSTHORN_POLL_SHARDS", "a whole number", 1_u32)?,
        })
    }

    /// Into how many parts a cohort is cut.
    pub fn cohort_shards(&self) -> u32 {
        self.shards.max(1)
    }

    /// Loads an order with its shipments, in one read. A shipment that cannot be read
    /// does not take the others with it.
    pub async fn load_order(
        &self,
        key: &OrderKey,
    ) -> Result<Option<OrderWithShipments>, ServiceError> {
        let items = self
            .table
            .query_partition(keys::order_key(key), || format!("load order {key}"))
            .await?;
        let (mut order, mut shipments, mut unreadable) = (None::<Order>, Vec::new(), Vec::new());
        for item in items {
            let sk = text_of(&item, "sk");
            if sk == keys::ORDER {
                order = Some(decode_item(item, &format!("order {key}"))?);
            } else if sk.starts_with(keys::SHIPMENT_PREFIX) {
                let sk = sk.to_owned();
                match decode_shipment(item, &format!("{sk} of order {key}")) {
                    Ok(shipment) => shipments.push(shipment),
                    Err(error) => {
                        let field = error.unreadable_field().unwrap_or_default();
                        lenient::report_item("shipment", &format!("{key} {sk}"), field);
                        unreadable.push(sk);
                    }
                }
            }
        }
        Ok(order.map(|order| OrderWithShipments {
            order: Order {
                has_unreadable_shipments: !unreadable.is_empty(),
                ..order
            },
            shipments,
            unreadable,
        }))
    }

    /// One shipment.
    pub async fn load_shipment(
        &self,
        key: &OrderKey,
        number: ShipmentIndex,
    ) -> Result<Option<Shipment>, ServiceError> {
        let item = self
            .table
            .get_item(
                [
                    ("pk", keys::order_key(key)),
                    ("sk", keys::shipment_key(number)),
                ],
                true,
                || format!("load shipment {number} of order {key}"),
            )
            .await?;
        item.map(|item| decode_shipment(item, &format!("shipment {number} of order {key}")))
            .transpose()
    }

    /// The order of a tracking link. The index follows the table within a
    /// second or so.
    pub async fn by_token(&self, token: &TrackingToken) -> Result<Option<OrderKey>, ServiceError> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_TOKEN.name)
            .key_condition_expression("#token = :token")
            .expression_attribute_names("#token", BY_TOKEN.hash)
            .expression_attribute_values(":token", text_value(token.as_str()))
            .limit(1)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk("find an order by its link", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let Some(item) = answer.items.unwrap_or_default().pop() else {
            return Ok(None);
        };
        keys::parse_order(text_of(&item, "pk"))
            .map(Some)
            .ok_or_else(|| ServiceError::new(ServiceErrorKind::Unreadable, "read a key of ByToken"))
    }

    /// The shipments that a carrier may tell of under this number: mostly one, and
    /// none whose carrier was not known to push. The index follows the table
    /// within a second or so.
    pub async fn by_number(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
    ) -> Result<Vec<(OrderKey, ShipmentIndex)>, ServiceError> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_NUMBER.name)
            .key_condition_expression("#number = :number")
            .expression_attribute_names("#number", BY_NUMBER.hash)
            .expression_attribute_values(":number", text_value(keys::number_key(carrier, number)))
            .limit(MOST_UNDER_A_NUMBER)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk("find shipments by their number", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let shipment = |entry: &StoredItem| {
            let order = keys::parse_order(text_of(entry, "pk"))?;
            Some((order, keys::parse_shipment(text_of(entry, "sk"))?))
        };
        answer
            .items
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                shipment(entry).ok_or_else(|| {
                    ServiceError::new(ServiceErrorKind::Unreadable, "read a key of ByNumber")
                })
            })
            .collect()
    }

    /// Writes a shipment over the version that it was made from: one write, which
    /// also moves it in the index. The stream tells the rest of the system.
    pub async fn record_shipment(
        &self,
        key: &OrderKey,
        shipment: &Shipment,
        expected_version: u64,
    ) -> Result<RecordOutcome, ServiceError> {
        let item = self.shipment_item(key, shipment)?;
        let doing = || format!("record shipment {} of order {key}", shipment.shipment);
        let condition = PutCondition::if_version(expected_version);
        match self.table.put_if(item, condition, doing).await? {
            PutOutcome::Written => Ok(RecordOutcome::Written),
            PutOutcome::Refused(None) => Ok(RecordOutcome::Conflict),
            PutOutcome::Refused(Some(there)) => {
                let there = decode_shipment(there, "the shipment that is there")?;
                Ok(RecordOutcome::written_if(there == *shipment))
            }
        }
    }

    /// Writes an order over the version that it was made from.
    pub async fn set_stage(
        &self,
        order: &Order,
        expected_version: u64,
    ) -> Result<RecordOutcome, ServiceError> {
        let item = order_item(order)?;
        let doing = || format!("move order {}", order.key);
        let condition = PutCondition::if_version(expected_version);
        match self.table.put_if(item, condition, doing).await? {
            PutOutcome::Written => Ok(RecordOutcome::Written),
            PutOutcome::Refused(None) => Ok(RecordOutcome::Conflict),
            PutOutcome::Refused(Some(there)) => {
                let there: Order = decode_item(there, "the order that is there")?;
                Ok(RecordOutcome::written_if(there == *order))
            }
        }
    }

    /// The item of a shipment, with the place at which it is asked after.
    pub(crate) fn shipment_item(
        &self,
        key: &OrderKey,
        shipment: &Shipment,
    ) -> Result<StoredItem, ServiceError> {
        let cohort = poll_targets::poll_cadence(shipment).map(|cadence| {
            let number = shipment.shipment;
            Cohort::for_shipment(
                key,
                number,
                shipment.provider(),
                cadence,
                self.cohort_shards(),
            )
        });
        let mut item = encode_shipment(key, shipment, cohort.as_ref())?;
        if shipment.is_pushed
            && let Some(number) = &shipment.tracking_number
        {
            let number = keys::number_key(shipment.provider(), number);
            item.insert(BY_NUMBER.hash.to_owned(), text_value(number));
        }
        Ok(item)
    }
}

impl RecordOutcome {
    pub(crate) const fn written_if(is_ours: bool) -> Self {
        if is_ours {
            Self::Written
        } else {
            Self::Conflict
        }
    }
}

/// The item of an order. Its token is an attribute as it is, which the index
/// `ByToken` is made of.
pub(crate) fn order_item(order: &Order) -> Result<StoredItem, ServiceError> {
    encode_item(
        order,
        [
            ("pk", text_value(keys::order_key(&order.key))),
            ("sk", text_value(keys::ORDER)),
        ],
    )
}
