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
    error::{ServiceError, ServiceErrorKind},
    store::{
        codec::{StoredItem, decode_item, decode_shipment, number_value},
        contacts::{ContactStore, contact_item},
        idempotency::{IdempotencyStore, RequestReceipt},
        orders::{OrderStore, OrderWithShipments, order_item},
        table::{PutCondition, PutOutcome},
        transaction::{ConditionResult, PutIn, Transacted},
    },
};

/// The tables that `ingest` writes: orders, contacts and answers.
///
/// With a [`RequestReceipt`] a change and the answer to it are written together or
/// not at all, which costs two units an item instead of one; without, a single
/// item is a plain conditional put.
#[derive(Debug, Clone)]
pub struct Intake {
    /// Orders and their shipments.
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
    /// Shipments that it came with.
    pub shipments: Vec<Shipment>,
}

/// What became of a new order.
#[derive(Debug, Clone, PartialEq)]
pub enum Created {
    /// It is written; also if it was before and only the answer was lost.
    New,
    /// The shop has an order with this id; here it is.
    Exists(Box<OrderWithShipments>),
    /// Another request with the same `Idempotency-Key` came first: look it up.
    KeyInUse,
}

/// What became of a change that a shop submitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Submitted {
    /// It is written; also if it was before and only the answer was lost.
    Written,
    /// Another writer was first: read again and decide anew.
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

    /// Writes a new order, whose it is and its shipments: all or nothing.
    pub async fn create_order(
        &self,
        new: &NewOrder,
        receipt: Option<&RequestReceipt>,
    ) -> Result<Created, ServiceError> {
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
        let refused = match self.submit_puts(puts, receipt, doing).await? {
            SubmitOutcome::Written => return Ok(Created::New),
            SubmitOutcome::KeyInUse => return Ok(Created::KeyInUse),
            SubmitOutcome::Refused(refused) => refused,
        };
        if let Some(order) = refused.into_iter().next().flatten() {
            let StoredToken { token } = decode_item(order, "the order that is there")?;
            // A token has 128 random bits: only this request can have written it.
            if token == new.order.token {
                return Ok(Created::New);
            }
        }
        match self.orders.load_order(key).await? {
            Some(view) => Ok(Created::Exists(Box::new(view))),
            // Shipments without their order: only erasure in this moment does that.
            None => Err(ServiceError::new(ServiceErrorKind::Contended, doing())),
        }
    }

    /// Adds shipments to an order. Their numbers must be free; if one is taken by
    /// now, that is a conflict.
    ///
    /// The order's own item is not touched: its shipments are those that lie
    /// beside it, and its stage follows from them.
    pub async fn add_shipments(
        &self,
        key: &OrderKey,
        shipments: &[Shipment],
        receipt: Option<&RequestReceipt>,
    ) -> Result<Submitted, ServiceError> {
        let mut puts = Vec::with_capacity(shipments.len() + 1);
        for shipment in shipments {
            puts.push(self.put_new(self.orders.shipment_item(key, shipment)?));
        }
        let doing = || format!("add shipments to order {key}");
        let outcome = self.submit_puts(puts, receipt, doing).await?;
        outcome.into_submitted(|there| {
            let there = decode_shipment(there, "the shipment that is there")?;
            Ok(shipments.contains(&there))
        })
    }

    /// Writes a shipment that the shop corrected over the version it was made from.
    pub async fn change_shipment(
        &self,
        key: &OrderKey,
        shipment: &Shipment,
        expected_version: u64,
        receipt: Option<&RequestReceipt>,
    ) -> Result<Submitted, ServiceError> {
        let item = self.orders.shipment_item(key, shipment)?;
        let puts = vec![self.put_over(item, expected_version)];
        let doing = || format!("change shipment {} of order {key}", shipment.shipment);
        let outcome = self.submit_puts(puts, receipt, doing).await?;
        outcome.into_submitted(|there| {
            Ok(decode_shipment(there, "the shipment that is there")? == *shipment)
        })
    }

    /// Writes an order that the shop moved over the version it was made from.
    pub async fn set_stage(
        &self,
        order: &Order,
        expected_version: u64,
        receipt: Option<&RequestReceipt>,
    ) -> Result<Submitted, ServiceError> {
        let puts = vec![self.put_over(order_item(order)?, expected_version)];
        let doing = || format!("move order {}", order.key);
        let outcome = self.submit_puts(puts, receipt, doing).await?;
        outcome.into_submitted(|there| {
            Ok(decode_item::<Order>(there, "the order that is there")? == *order)
        })
    }

    /// Says whose an order is, in place of the contact of version `before`.
    pub async fn replace_contact(
        &self,
        key: &OrderKey,
        contact: &Contact,
        before: u64,
        receipt: Option<&RequestReceipt>,
    ) -> Result<Submitted, ServiceError> {
        let mut item = contact_item(key, contact)?;
        item.insert("version".to_owned(), number_value(before + 1));
        let puts = vec![PutIn {
            table: &self.contacts.table.name,
            item,
            condition: Some(PutCondition::version_if_any(before)),
            tells_old: false,
        }];
        let doing = || format!("write the contact of order {key}");
        let outcome = self.submit_puts(puts, receipt, doing).await?;
        outcome.into_submitted(|_| Ok(false))
    }

    fn put_new(&self, item: StoredItem) -> PutIn<'_> {
        PutIn {
            table: &self.orders.table.name,
            item,
            condition: Some(PutCondition::if_absent()),
            tells_old: true,
        }
    }

    fn put_over(&self, item: StoredItem, expected_version: u64) -> PutIn<'_> {
        PutIn {
            condition: Some(PutCondition::if_version(expected_version)),
            ..self.put_new(item)
        }
    }

    /// Writes `puts` and the receipt; `puts` alone, if there is but one, plainly.
    async fn submit_puts(
        &self,
        mut puts: Vec<PutIn<'_>>,
        receipt: Option<&RequestReceipt>,
        doing: impl Fn() -> String,
    ) -> Result<SubmitOutcome, ServiceError> {
        if receipt.is_none()
            && puts.len() == 1
            && let Some(put) = puts.pop()
        {
            return self.put_plainly(put, doing).await;
        }
        let n_puts = puts.len();
        if let Some(receipt) = receipt {
            puts.push(self.idempotency.put_receipt(receipt)?);
        }
        match self.orders.table.write_transaction(puts, doing).await? {
            Transacted::Written => Ok(SubmitOutcome::Written),
            Transacted::Refused(mut reasons) => {
                let of_receipt = reasons.split_off(n_puts.min(reasons.len()));
                if reasons.iter().all(ConditionResult::is_held)
                    && !of_receipt.iter().all(ConditionResult::is_held)
                {
                    return Ok(SubmitOutcome::KeyInUse);
                }
                Ok(SubmitOutcome::Refused(
                    reasons
                        .into_iter()
                        .map(ConditionResult::into_there)
                        .collect(),
                ))
            }
        }
    }

    async fn put_plainly(
        &self,
        put: PutIn<'_>,
        doing: impl Fn() -> String,
    ) -> Result<SubmitOutcome, ServiceError> {
        let table = self.orders.table.with_name(put.table);
        let Some(condition) = put.condition else {
            table.put_item(put.item, doing).await?;
            return Ok(SubmitOutcome::Written);
        };
        match table.put_if(put.item, condition, doing).await? {
            PutOutcome::Written => Ok(SubmitOutcome::Written),
            PutOutcome::Refused(there) => Ok(SubmitOutcome::Refused(vec![there])),
        }
    }
}

#[derive(Deserialize)]
struct StoredToken {
    token: TrackingToken,
}

enum SubmitOutcome {
    Written,
    KeyInUse,
    /// Per put: what is there where its condition failed.
    Refused(Vec<Option<StoredItem>>),
}

impl SubmitOutcome {
    /// A refusal by what we have written ourselves is none: our first answer
    /// was lost and the SDK has asked again.
    fn into_submitted(
        self,
        is_ours: impl Fn(StoredItem) -> Result<bool, ServiceError>,
    ) -> Result<Submitted, ServiceError> {
        let there = match self {
            Self::Written => return Ok(Submitted::Written),
            Self::KeyInUse => return Ok(Submitted::KeyInUse),
            Self::Refused(there) => there,
        };
        let n_puts = there.len();
        let there: Vec<StoredItem> = there.into_iter().flatten().collect();
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
