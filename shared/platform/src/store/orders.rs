//! Orders and their parcels: who reads and moves them.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use posthorn_domain::{
    id::{CarrierId, OrderKey, ShipmentNumber, TrackingToken},
    order::Order,
    shipment::Shipment,
    tracking_number::TrackingNumber,
};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{Error, ErrorKind},
    store::{
        codec::{Item, decode, decode_shipment, encode, encode_shipment, text, text_of},
        due,
        keys::{self, Cohort},
        schema::{BY_NUMBER, BY_TOKEN, ORDERS},
        table::{Condition, PutOutcome, Table},
    },
};

/// Parcels under one number: shops of an installation that send the same parcel,
/// and older parcels where a carrier has used the number again.
const MOST_UNDER_A_NUMBER: i32 = 25;

/// The Orders table. It knows nothing of whom an order belongs to.
#[derive(Debug, Clone)]
pub struct OrderStore {
    pub(crate) table: Table,
    shards: u32,
}

/// An order with its parcels, as they stood at one read.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderView {
    /// The order.
    pub order: Order,
    /// Its parcels, by number.
    pub shipments: Vec<Shipment>,
}

impl OrderView {
    /// The number of the next parcel.
    pub fn next_shipment(&self) -> ShipmentNumber {
        let last = self.shipments.iter().map(|shipment| shipment.shipment.0);
        ShipmentNumber(last.max().unwrap_or_default().saturating_add(1))
    }
}

/// What became of a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recorded {
    /// It is written; also if it was before and only the answer was lost.
    Written,
    /// Somebody else wrote first: read again and decide anew.
    Conflict,
}

impl OrderStore {
    /// The table that `POSTHORN_ORDERS` names. `POSTHORN_POLL_SHARDS` may only
    /// ever grow: parcels in a shard beyond it are not asked after.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(ORDERS.variable)?),
            shards: config.parsed_or("POSTHORN_POLL_SHARDS", "a whole number", 1_u32)?,
        })
    }

    /// Into how many parts a cohort is cut.
    pub fn shards(&self) -> u32 {
        self.shards.max(1)
    }

    /// An order with its parcels, in one read.
    pub async fn load(&self, key: &OrderKey) -> Result<Option<OrderView>, Error> {
        let (mut order, mut shipments, mut start) = (None, Vec::new(), None);
        loop {
            let answer = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(keys::order(key)))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(|error| Error::sdk(format!("load order {key}"), error))?;
            self.table.meter.was_read(answer.consumed_capacity());
            for item in answer.items.unwrap_or_default() {
                let sk = text_of(&item, "sk");
                if sk == keys::ORDER {
                    order = Some(decode(item, &format!("order {key}"))?);
                } else if sk.starts_with(keys::SHIPMENT_PREFIX) {
                    shipments.push(decode_shipment(item, &format!("a parcel of order {key}"))?);
                }
            }
            start = answer.last_evaluated_key.filter(|last| !last.is_empty());
            if start.is_none() {
                return Ok(order.map(|order| OrderView { order, shipments }));
            }
        }
    }

    /// One parcel.
    pub async fn shipment(
        &self,
        key: &OrderKey,
        number: ShipmentNumber,
    ) -> Result<Option<Shipment>, Error> {
        let item = self
            .table
            .get(
                [("pk", keys::order(key)), ("sk", keys::shipment(number))],
                true,
                || format!("load parcel {number} of order {key}"),
            )
            .await?;
        item.map(|item| decode_shipment(item, &format!("parcel {number} of order {key}")))
            .transpose()
    }

    /// The order of a tracking link. The index follows the table within a
    /// second or so.
    pub async fn by_token(&self, token: &TrackingToken) -> Result<Option<OrderKey>, Error> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_TOKEN.name)
            .key_condition_expression("#token = :token")
            .expression_attribute_names("#token", BY_TOKEN.hash)
            .expression_attribute_values(":token", text(token.as_str()))
            .limit(1)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk("find an order by its link", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let Some(item) = answer.items.unwrap_or_default().pop() else {
            return Ok(None);
        };
        keys::parse_order(text_of(&item, "pk"))
            .map(Some)
            .ok_or_else(|| Error::new(ErrorKind::Unreadable, "read a key of ByToken"))
    }

    /// The parcels that a carrier may tell of under this number: mostly one, and
    /// none whose carrier was not known to push. The index follows the table
    /// within a second or so.
    pub async fn by_number(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
    ) -> Result<Vec<(OrderKey, ShipmentNumber)>, Error> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_NUMBER.name)
            .key_condition_expression("#number = :number")
            .expression_attribute_names("#number", BY_NUMBER.hash)
            .expression_attribute_values(":number", text(keys::number(carrier, number)))
            .limit(MOST_UNDER_A_NUMBER)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk("find parcels by their number", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let parcel = |entry: &Item| {
            let order = keys::parse_order(text_of(entry, "pk"))?;
            Some((order, keys::parse_shipment(text_of(entry, "sk"))?))
        };
        answer
            .items
            .unwrap_or_default()
            .iter()
            .map(|entry| {
                parcel(entry)
                    .ok_or_else(|| Error::new(ErrorKind::Unreadable, "read a key of ByNumber"))
            })
            .collect()
    }

    /// Writes a parcel over the version that it was made from: one write, which
    /// also moves it in the index. The stream tells the rest of the system.
    pub async fn record(
        &self,
        key: &OrderKey,
        shipment: &Shipment,
        expected_version: u64,
    ) -> Result<Recorded, Error> {
        let item = self.shipment_item(key, shipment)?;
        let doing = || format!("record parcel {} of order {key}", shipment.shipment);
        let condition = Condition::version(expected_version);
        match self.table.put_if(item, condition, doing).await? {
            PutOutcome::Written => Ok(Recorded::Written),
            PutOutcome::Refused(None) => Ok(Recorded::Conflict),
            PutOutcome::Refused(Some(there)) => {
                let there = decode_shipment(there, "the parcel that is there")?;
                Ok(Recorded::written_if(there == *shipment))
            }
        }
    }

    /// Writes an order over the version that it was made from.
    pub async fn set_stage(&self, order: &Order, expected_version: u64) -> Result<Recorded, Error> {
        let item = order_item(order)?;
        let doing = || format!("move order {}", order.key);
        let condition = Condition::version(expected_version);
        match self.table.put_if(item, condition, doing).await? {
            PutOutcome::Written => Ok(Recorded::Written),
            PutOutcome::Refused(None) => Ok(Recorded::Conflict),
            PutOutcome::Refused(Some(there)) => {
                let there: Order = decode(there, "the order that is there")?;
                Ok(Recorded::written_if(there == *order))
            }
        }
    }

    /// The item of a parcel, with the place at which it is asked after.
    pub(crate) fn shipment_item(&self, key: &OrderKey, shipment: &Shipment) -> Result<Item, Error> {
        let cohort = due::polled(shipment).map(|cadence| {
            let number = shipment.shipment;
            Cohort::of(key, number, shipment.whom_to_ask(), cadence, self.shards())
        });
        let mut item = encode_shipment(key, shipment, cohort.as_ref())?;
        if shipment.is_pushed
            && let Some(number) = &shipment.tracking_number
        {
            let number = keys::number(shipment.whom_to_ask(), number);
            item.insert(BY_NUMBER.hash.to_owned(), text(number));
        }
        Ok(item)
    }
}

impl Recorded {
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
pub(crate) fn order_item(order: &Order) -> Result<Item, Error> {
    encode(
        order,
        [
            ("pk", text(keys::order(&order.key))),
            ("sk", text(keys::ORDER)),
        ],
    )
}
