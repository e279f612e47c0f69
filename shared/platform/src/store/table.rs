//! The few things that every store does with its table.

use std::{collections::HashMap, sync::Arc, time::Duration};

use aws_sdk_dynamodb::{
    Client,
    operation::{
        get_item::GetItemOutput, put_item::PutItemError,
        transact_write_items::TransactWriteItemsError,
    },
    types::{
        AttributeValue, Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure,
        TransactWriteItem,
    },
};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::time::sleep;

use crate::{
    aws::Aws,
    error::{Error, ErrorKind},
    store::{
        codec::{Item, number, text},
        meter::Meter,
    },
};

/// A table, by name, and the client to reach it.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) client: Client,
    pub(crate) name: String,
    pub(crate) meter: Arc<Meter>,
}

/// A condition on the item that a put would replace.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) expression: &'static str,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

/// What became of a conditional put.
#[derive(Debug)]
pub(crate) enum PutOutcome {
    Written,
    /// The condition did not hold; here is what is there, if anything.
    Refused(Option<Item>),
}

/// A put within a transaction.
#[derive(Debug)]
pub(crate) struct PutIn<'a> {
    pub(crate) table: &'a str,
    pub(crate) item: Item,
    pub(crate) condition: Option<Condition>,
    /// Whether the answer may tell what is there when the condition fails.
    pub(crate) tells_old: bool,
}

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Transacted {
    Written,
    /// At least one condition did not hold; one entry per put.
    Refused(Vec<Held>),
}

/// Whether the condition of a put held.
#[derive(Debug)]
pub(crate) enum Held {
    Yes,
    /// Here is what is there, if anything and if the put wants to know.
    No(Option<Item>),
}

impl Held {
    pub(crate) const fn is_held(&self) -> bool {
        matches!(self, Self::Yes)
    }

    pub(crate) fn into_there(self) -> Option<Item> {
        match self {
            Self::Yes => None,
            Self::No(there) => there,
        }
    }
}

impl Condition {
    pub(crate) const fn absent() -> Self {
        Self {
            expression: "attribute_not_exists(pk)",
            values: Vec::new(),
        }
    }

    pub(crate) fn version(expected: u64) -> Self {
        Self {
            expression: "version = :expected",
            values: vec![(":expected", number(expected))],
        }
    }

    fn values(self) -> Option<HashMap<String, AttributeValue>> {
        let values: HashMap<String, AttributeValue> = self
            .values
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        (!values.is_empty()).then_some(values)
    }
}

impl Table {
    pub(crate) fn new(aws: &Aws, name: String) -> Self {
        Self {
            client: aws.dynamodb(),
            name,
            meter: Arc::clone(aws.meter()),
        }
    }

    /// The item at a key; `doing` names the attempt in an error.
    pub(crate) async fn get(
        &self,
        key: impl IntoIterator<Item = (&'static str, String)>,
        is_consistent: bool,
        doing: impl FnOnce() -> String,
    ) -> Result<Option<Item>, Error> {
        let GetItemOutput {
            item,
            consumed_capacity,
            ..
        } = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(item_key(key)))
            .consistent_read(is_consistent)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk(doing(), error))?;
        self.meter.was_read(consumed_capacity.as_ref());
        Ok(item)
    }

    /// Writes an item, whatever was there.
    pub(crate) async fn put(
        &self,
        item: Item,
        doing: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk(doing(), error))?;
        self.meter.wrote(answer.consumed_capacity());
        Ok(())
    }

    /// Writes an item if `condition` holds for what is there.
    pub(crate) async fn put_if(
        &self,
        item: Item,
        condition: Condition,
        doing: impl FnOnce() -> String,
    ) -> Result<PutOutcome, Error> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_values(condition.values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                self.meter.wrote(answer.consumed_capacity());
                Ok(PutOutcome::Written)
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(PutOutcome::Refused(refused.item.clone()))
                }
                _ => Err(Error::sdk(doing(), error)),
            },
        }
    }

    /// Removes an item, if it is there.
    pub(crate) async fn delete(
        &self,
        key: impl IntoIterator<Item = (&'static str, String)>,
        doing: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(item_key(key)))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk(doing(), error))?;
        self.meter.wrote(answer.consumed_capacity());
        Ok(())
    }

    /// Another table, reached the same way.
    pub(crate) fn named(&self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self.clone()
        }
    }

    /// Writes all of `puts` or none. The SDK gives the request a token, so one
    /// whose answer was lost is not carried out twice.
    pub(crate) async fn transact(
        &self,
        puts: Vec<PutIn<'_>>,
        doing: impl Fn() -> String,
    ) -> Result<Transacted, Error> {
        let items = puts
            .into_iter()
            .map(|put| put.into_request(&doing))
            .collect::<Result<Vec<TransactWriteItem>, Error>>()?;
        let mut pauses = ExponentialBuilder::default()
            .with_min_delay(Duration::from_millis(20))
            .with_max_times(4)
            .with_jitter()
            .build();
        loop {
            let error = match self.transact_once(items.clone(), &doing).await {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            match pauses.next() {
                Some(pause) if error.kind == ErrorKind::Contended => sleep(pause).await,
                _ => return Err(error),
            }
        }
    }

    async fn transact_once(
        &self,
        items: Vec<TransactWriteItem>,
        doing: &impl Fn() -> String,
    ) -> Result<Transacted, Error> {
        let answer = self
            .client
            .transact_write_items()
            .set_transact_items(Some(items))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        let error = match answer {
            Ok(answer) => {
                for capacity in answer.consumed_capacity() {
                    self.meter.wrote(Some(capacity));
                }
                return Ok(Transacted::Written);
            }
            Err(error) => error,
        };
        let reasons = error
            .as_service_error()
            .and_then(|error| match error {
                TransactWriteItemsError::TransactionCanceledException(canceled) => {
                    Some(canceled.cancellation_reasons())
                }
                _ => None,
            })
            .unwrap_or_default();
        let is = |code: &str| reasons.iter().any(|reason| reason.code() == Some(code));
        if is("ConditionalCheckFailed") {
            let refused = reasons
                .iter()
                .map(|reason| match reason.code() {
                    Some("ConditionalCheckFailed") => Held::No(reason.item.clone()),
                    _ => Held::Yes,
                })
                .collect();
            return Ok(Transacted::Refused(refused));
        }
        if is("ValidationError") || is("ItemCollectionSizeLimitExceeded") {
            return Err(Error::new(ErrorKind::Refused, doing()));
        }
        Err(Error::sdk(doing(), error))
    }
}

impl PutIn<'_> {
    fn into_request(self, doing: &impl Fn() -> String) -> Result<TransactWriteItem, Error> {
        let put = Put::builder()
            .table_name(self.table)
            .set_item(Some(self.item))
            .set_condition_expression(
                self.condition
                    .as_ref()
                    .map(|condition| condition.expression.to_owned()),
            )
            .set_expression_attribute_values(self.condition.and_then(Condition::values))
            .set_return_values_on_condition_check_failure(
                self.tells_old
                    .then_some(ReturnValuesOnConditionCheckFailure::AllOld),
            )
            .build()
            .map_err(|error| Error::unreadable(doing(), error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}

fn item_key(key: impl IntoIterator<Item = (&'static str, String)>) -> Item {
    key.into_iter()
        .map(|(name, value)| (name.to_owned(), text(value)))
        .collect()
}
