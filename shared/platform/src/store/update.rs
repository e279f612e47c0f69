//! A conditional change of some attributes of an item.

use std::collections::HashMap;

use aws_sdk_dynamodb::{
    operation::update_item::UpdateItemError,
    types::{AttributeValue, ReturnConsumedCapacity},
};

use crate::{
    error::ServiceError,
    store::{codec::text_value, table::Table},
};

/// A change that is to be made if a condition holds.
#[derive(Debug)]
pub(crate) struct Update<'a> {
    table: &'a Table,
    key: [(&'static str, String); 2],
    expression: &'static str,
    condition: &'static str,
    names: Option<HashMap<String, String>>,
    values: HashMap<String, AttributeValue>,
}

impl<'a> Update<'a> {
    pub(crate) fn new(
        table: &'a Table,
        key: [(&'static str, impl Into<String>); 2],
        expression: &'static str,
        condition: &'static str,
    ) -> Self {
        Self {
            table,
            key: key.map(|(name, value)| (name, value.into())),
            expression,
            condition,
            names: None,
            values: HashMap::new(),
        }
    }

    pub(crate) fn with_name(mut self, placeholder: &'static str, name: String) -> Self {
        let names = self.names.get_or_insert_default();
        names.insert(placeholder.to_owned(), name);
        self
    }

    pub(crate) fn with_value(mut self, placeholder: &'static str, value: AttributeValue) -> Self {
        self.values.insert(placeholder.to_owned(), value);
        self
    }

    /// Makes the change; whether the condition held.
    pub(crate) async fn run_update(self, doing: &'static str) -> Result<bool, ServiceError> {
        let key = self
            .key
            .map(|(name, value)| (name.to_owned(), text_value(value)))
            .into();
        let answer = self
            .table
            .client
            .update_item()
            .table_name(&self.table.name)
            .set_key(Some(key))
            .update_expression(self.expression)
            .condition_expression(self.condition)
            .set_expression_attribute_names(self.names)
            .set_expression_attribute_values(Some(self.values))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await;
        match answer {
            Ok(answer) => {
                self.table.meter.count_write(answer.consumed_capacity());
                Ok(true)
            }
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(UpdateItemError::is_conditional_check_failed_exception) =>
            {
                Ok(false)
            }
            Err(error) => Err(ServiceError::from_sdk(doing, error)),
        }
    }
}
