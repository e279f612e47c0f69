//! The few things that every store does with its table.

use std::{collections::HashMap, sync::Arc};

use aws_sdk_dynamodb::{
    Client,
    operation::{get_item::GetItemOutput, put_item::PutItemError},
    types::{AttributeValue, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure},
};

use crate::{
    aws::Aws,
    error::ServiceError,
    store::{
        codec::{StoredItem, number_value, text_value},
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
pub(crate) struct PutCondition {
    pub(crate) expression: &'static str,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
}

/// What became of a conditional put.
#[derive(Debug)]
pub(crate) enum PutOutcome {
    Written,
    /// The condition did not hold; here is what is there, if anything.
    Refused(Option<StoredItem>),
}

impl PutCondition {
    pub(crate) const fn if_absent() -> Self {
        Self {
            expression: "attribute_not_exists(pk)",
            values: Vec::new(),
        }
    }

    pub(crate) fn if_version(expected: u64) -> Self {
        Self {
            expression: "version = :expected",
            values: vec![(":expected", number_value(expected))],
        }
    }

    /// The same, where an item that was never replaced has no version and counts as 0.
    pub(crate) fn version_if_any(expected: u64) -> Self {
        if expected > 0 {
            return Self::if_version(expected);
        }
        Self {
            expression: "attribute_not_exists(version)",
            values: Vec::new(),
        }
    }

    pub(crate) fn expression_values(self) -> Option<HashMap<String, AttributeValue>> {
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
            client: aws.dynamodb_client(),
            name,
            meter: Arc::clone(aws.capacity_meter()),
        }
    }

    /// Returns all items of the partition `pk`, read consistently; `doing` names the
    /// attempt in an error.
    pub(crate) async fn query_partition(
        &self,
        pk: String,
        doing: impl Fn() -> String,
    ) -> Result<Vec<StoredItem>, ServiceError> {
        let pk = AttributeValue::S(pk);
        let (mut items, mut start) = (Vec::new(), None);
        loop {
            let answer = self
                .client
                .query()
                .table_name(&self.name)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", pk.clone())
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(|error| ServiceError::from_sdk(doing(), error))?;
            self.meter.was_read(answer.consumed_capacity());
            items.extend(answer.items.unwrap_or_default());
            start = answer.last_evaluated_key.filter(|last| !last.is_empty());
            if start.is_none() {
                return Ok(items);
            }
        }
    }

    /// The item at a key; `doing` names the attempt in an error.
    pub(crate) async fn get_item(
        &self,
        key: impl IntoIterator<Item = (&'static str, String)>,
        is_consistent: bool,
        doing: impl FnOnce() -> String,
    ) -> Result<Option<StoredItem>, ServiceError> {
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
            .map_err(|error| ServiceError::from_sdk(doing(), error))?;
        self.meter.was_read(consumed_capacity.as_ref());
        Ok(item)
    }

    /// Writes an item, whatever was there.
    pub(crate) async fn put_item(
        &self,
        item: StoredItem,
        doing: impl FnOnce() -> String,
    ) -> Result<(), ServiceError> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk(doing(), error))?;
        self.meter.count_write(answer.consumed_capacity());
        Ok(())
    }

    /// Writes an item if `condition` holds for what is there.
    pub(crate) async fn put_if(
        &self,
        item: StoredItem,
        condition: PutCondition,
        doing: impl FnOnce() -> String,
    ) -> Result<PutOutcome, ServiceError> {
        let answer = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item))
            .condition_expression(condition.expression)
            .set_expression_attribute_values(condition.expression_values())
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                self.meter.count_write(answer.consumed_capacity());
                Ok(PutOutcome::Written)
            }
            Err(error) => match error.as_service_error() {
                Some(PutItemError::ConditionalCheckFailedException(refused)) => {
                    Ok(PutOutcome::Refused(refused.item.clone()))
                }
                _ => Err(ServiceError::from_sdk(doing(), error)),
            },
        }
    }

    /// Removes an item, if it is there.
    pub(crate) async fn delete_item(
        &self,
        key: impl IntoIterator<Item = (&'static str, String)>,
        doing: impl FnOnce() -> String,
    ) -> Result<(), ServiceError> {
        let answer = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(item_key(key)))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk(doing(), error))?;
        self.meter.count_write(answer.consumed_capacity());
        Ok(())
    }

    /// Another table, reached the same way.
    pub(crate) fn with_name(&self, name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..self.clone()
        }
    }
}

fn item_key(key: impl IntoIterator<Item = (&'static str, String)>) -> StoredItem {
    key.into_iter()
        .map(|(name, value)| (name.to_owned(), text_value(value)))
        .collect()
}
