//! What a shop submits, written in one transaction with the answer to it.

use posthorn_domain::{
    contact::Contact,
    id::{OrderKey, TrackingToken},
    order::Order,
    shipment::Shipment,
};
use serde::Deserialize;

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{Error, ErrorKind},
    store::{
        codec::{Item, decode, decode_shipment, number},
        contacts::{ContactStore, contact_item},
        idempotency::{IdempotencyStore, Receipt},
        orders::{OrderStore, OrderView, order_item},
        table::{Condition, PutOutcome},
        transaction::{Held, PutIn, Transacted},
    },
};

/// The tables that `ingest` writes: orders, contacts and answers.
///
/// With a [`Receipt`] a change and the answer to it are written together or
/// not at all, which costs two units an item instead of one; without, a single
/// item is a plain conditional put.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Orders and their parcels.
    pub orders: OrderStore,
    /// Whose they are.
    pub contacts: ContactStore,
    /// Answers already given.
    pub idempotency: IdempotencyStore,
}

/// An order that is not yet known.
#[derive(Debug, Clone, PartialEq)]
pub struct NewOrder {
    /// The order.
    pub order: Order,
    /// Whose it is, if the shop tells.
    pub contact: Option<Contact>,
    /// Parcels that it came with.
    pub shipments: Vec<Shipment>,
}

/// What became of a new order.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// It is written; also if it was before and only the answer was lost.
    New,
    /// The shop has an order with this id; here it is.
    Exists(Box<OrderView>),
    /// Another request with the same `Idempotency-Key` came first: look it up.
    KeyInUse,
}

/// What became of a change that a shop submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It is written; also if it was before and only the answer was lost.
    Written,
    /// Somebody else wrote first: read again and decide anew.
    Conflict,
    /// Another request with the same `Idempotency-Key` came first: look it up.
    KeyInUse,
}

impl Intake {
    /// The tables that the function's settings name.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            orders: OrderStore::new(aws, config)?,
            contacts: ContactStore::new(aws, config)?,
            idempotency: IdempotencyStore::new(aws, config)?,
        })
    }

    /// Writes a new order, whose it is and its parcels: all or nothing.
    pub async fn create(
        &self,
        new: &NewOrder,
        receipt: Option<&Receipt>,
    ) -> Result<Created, Error> {
        let key = &new.order.key;
        let mut puts = vec![self.put_new(order_item(&new.order)?)];
        for shipment in &new.shipments {
            puts.push(self.put_new(self.orders.shipment_item(key, shipment)?));
        }
        if let Some(contact) = &new.contact {
            puts.push(PutIn {
                table: &self.contacts.table.name,
                item: contact_item(key, contact)?,
                condition: None,
                tells_old: false,
            });
        }
        let doing = || format!("create order {key}");
        let refused = match self.submit(puts, receipt, doing).await? {
            Outcome::Written => return Ok(Created::New),
            Outcome::KeyInUse => return Ok(Created::KeyInUse),
            Outcome::Refused(refused) => refused,
        };
        if let Some(order) = refused.into_iter().next().flatten() {
            let Token { token } = decode(order, "the order that is there")?;
            // A token has 128 random bits: whoever wrote it was us.
            if token == new.order.token {
                return Ok(Created::New);
            }
        }
        match self.orders.load(key).await? {
            Some(view) => Ok(Created::Exists(Box::new(view))),
            // Parcels without their order: only erasure in this moment does that.
            None => Err(Error::new(ErrorKind::Contended, doing())),
        }
    }

    /// Adds parcels to an order. Their numbers must be free; if one is taken by
    /// now, that is a conflict.
    ///
    /// The order's own item is not touched: its parcels are those that lie
    /// beside it, and its stage follows from them.
    pub async fn add_shipments(
        &self,
        key: &OrderKey,
        shipments: &[Shipment],
        receipt: Option<&Receipt>,
    ) -> Result<Submitted, Error> {
        let mut puts = Vec::with_capacity(shipments.len() + 1);
        for shipment in shipments {
            puts.push(self.put_new(self.orders.shipment_item(key, shipment)?));
        }
        let doing = || format!("add parcels to order {key}");
        let outcome = self.submit(puts, receipt, doing).await?;
        outcome.submitted(|there| {
            let there = decode_shipment(there, "the parcel that is there")?;
            Ok(shipments.contains(&there))
        })
    }

    /// Writes a parcel that the shop corrected over the version it was made from.
    pub async fn change_shipment(
        &self,
        key: &OrderKey,
        shipment: &Shipment,
        expected_version: u64,
        receipt: Option<&Receipt>,
    ) -> Result<Submitted, Error> {
        let item = self.orders.shipment_item(key, shipment)?;
        let puts = vec![self.put_over(item, expected_version)];
        let doing = || format!("change parcel {} of order {key}", shipment.shipment);
        let outcome = self.submit(puts, receipt, doing).await?;
        outcome
            .submitted(|there| Ok(decode_shipment(there, "the parcel that is there")? == *shipment))
    }

    /// Writes an order that the shop moved over the version it was made from.
    pub async fn set_stage(
        &self,
        order: &Order,
        expected_version: u64,
        receipt: Option<&Receipt>,
    ) -> Result<Submitted, Error> {
        let puts = vec![self.put_over(order_item(order)?, expected_version)];
        let doing = || format!("move order {}", order.key);
        let outcome = self.submit(puts, receipt, doing).await?;
        outcome.submitted(|there| Ok(decode::<Order>(there, "the order that is there")? == *order))
    }

    /// Says whose an order is, in place of the contact of version `before`.
    pub async fn replace_contact(
        &self,
        key: &OrderKey,
        contact: &Contact,
        before: u64,
        receipt: Option<&Receipt>,
    ) -> Result<Submitted, Error> {
        let mut item = contact_item(key, contact)?;
        item.insert("version".to_owned(), number(before + 1));
        let puts = vec![PutIn {
            table: &self.contacts.table.name,
            item,
            condition: Some(Condition::version_if_any(before)),
            tells_old: false,
        }];
        let doing = || format!("write the contact of order {key}");
        let outcome = self.submit(puts, receipt, doing).await?;
        outcome.submitted(|_| Ok(false))
    }

    fn put_new(&self, item: Item) -> PutIn<'_> {
        PutIn {
            table: &self.orders.table.name,
            item,
            condition: Some(Condition::absent()),
            tells_old: true,
        }
    }

    fn put_over(&self, item: Item, expected_version: u64) -> PutIn<'_> {
        PutIn {
            condition: Some(Condition::version(expected_version)),
            ..self.put_new(item)
        }
    }

    /// Writes `puts` and the receipt; `puts` alone, if there is but one, plainly.
    async fn submit(
        &self,
        mut puts: Vec<PutIn<'_>>,
        receipt: Option<&Receipt>,
        doing: impl Fn() -> String,
    ) -> Result<Outcome, Error> {
        if receipt.is_none()
            && puts.len() == 1
            && let Some(put) = puts.pop()
        {
            return self.put_plainly(put, doing).await;
        }
        let n_puts = puts.len();
        if let Some(receipt) = receipt {
            puts.push(self.idempotency.put(receipt)?);
        }
        match self.orders.table.transact(puts, doing).await? {
            Transacted::Written => Ok(Outcome::Written),
            Transacted::Refused(mut reasons) => {
                let of_receipt = reasons.split_off(n_puts.min(reasons.len()));
                if reasons.iter().all(Held::is_held) && !of_receipt.iter().all(Held::is_held) {
                    return Ok(Outcome::KeyInUse);
                }
                Ok(Outcome::Refused(
                    reasons.into_iter().map(Held::into_there).collect(),
                ))
            }
        }
    }

    async fn put_plainly(
        &self,
        put: PutIn<'_>,
        doing: impl Fn() -> String,
    ) -> Result<Outcome, Error> {
        let table = self.orders.table.named(put.table);
        let Some(condition) = put.condition else {
            table.put(put.item, doing).await?;
            return Ok(Outcome::Written);
        };
        match table.put_if(put.item, condition, doing).await? {
            PutOutcome::Written => Ok(Outcome::Written),
            PutOutcome::Refused(there) => Ok(Outcome::Refused(vec![there])),
        }
    }
}

#[derive(Deserialize)]
struct Token {
    token: TrackingToken,
}

enum Outcome {
    Written,
    KeyInUse,
    /// Per put: what is there where its condition failed.
    Refused(Vec<Option<Item>>),
}

impl Outcome {
    /// A refusal by what we have written ourselves is none: our first answer
    /// was lost and the SDK has asked again.
    fn submitted(self, is_ours: impl Fn(Item) -> Result<bool, Error>) -> Result<Submitted, Error> {
        let there = match self {
            Self::Written => return Ok(Submitted::Written),
            Self::KeyInUse => return Ok(Submitted::KeyInUse),
            Self::Refused(there) => there,
        };
        let n_puts = there.len();
        let there: Vec<Item> = there.into_iter().flatten().collect();
        let is_all = n_puts > 0 && there.len() == n_puts;
        for item in there {
            if !is_ours(item)? {
                return Ok(Submitted::Conflict);
            }
        }
        Ok(if is_all {
            Submitted::Written
        } else {
            Submitted::Conflict
        })
    }
}
