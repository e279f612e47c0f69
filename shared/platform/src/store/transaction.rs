//! Several puts as one: all of them or none.

use std::time::Duration;

use aws_sdk_dynamodb::{
    operation::transact_write_items::TransactWriteItemsError,
    types::{Put, ReturnConsumedCapacity, ReturnValuesOnConditionCheckFailure, TransactWriteItem},
};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use tokio::time::sleep;

use crate::{
    error::{ServiceError, ServiceErrorKind},
    store::{
        codec::StoredItem,
        table::{PutCondition, Table},
    },
};

/// A put within a transaction.
#[derive(Debug)]
pub(crate) struct PutIn<'a> {
    pub(crate) table: &'a str,
    pub(crate) item: StoredItem,
    pub(crate) condition: Option<PutCondition>,
    /// Whether the answer may tell what is there when the condition fails.
    pub(crate) tells_old: bool,
}

/// What became of a transaction.
#[derive(Debug)]
pub(crate) enum Transacted {
    Written,
    /// At least one condition did not hold; one entry per put.
    Refused(Vec<ConditionResult>),
}

/// Whether the condition of a put held.
#[derive(Debug)]
pub(crate) enum ConditionResult {
    Yes,
    /// Here is what is there, if anything and if the put wants to know.
    No(Option<StoredItem>),
}

impl ConditionResult {
    pub(crate) const fn is_held(&self) -> bool {
        matches!(self, Self::Yes)
    }

    pub(crate) fn into_there(self) -> Option<StoredItem> {
        match self {
            Self::Yes => None,
            Self::No(there) => there,
        }
    }
}

impl Table {
    /// Writes all of `puts` or none. The SDK gives the request a token, so one
    /// whose answer was lost is not carried out twice.
    pub(crate) async fn write_transaction(
        &self,
        puts: Vec<PutIn<'_>>,
        doing: impl Fn() -> String,
    ) -> Result<Transacted, ServiceError> {
        let items = puts
            .into_iter()
            .map(|put| put.into_request(&doing))
            .collect::<Result<Vec<TransactWriteItem>, ServiceError>>()?;
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
                Some(pause) if error.kind == ServiceErrorKind::Contended => sleep(pause).await,
                _ => return Err(error),
            }
        }
    }

    async fn transact_once(
        &self,
        items: Vec<TransactWriteItem>,
        doing: &impl Fn() -> String,
    ) -> Result<Transacted, ServiceError> {
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
                    self.meter.count_write(Some(capacity));
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
                    Some("ConditionalCheckFailed") => ConditionResult::No(reason.item.clone()),
                    _ => ConditionResult::Yes,
                })
                .collect();
            return Ok(Transacted::Refused(refused));
        }
        if is("ValidationError") || is("ItemCollectionSizeLimitExceeded") {
            return Err(ServiceError::new(ServiceErrorKind::Refused, doing()));
        }
        Err(ServiceError::from_sdk(doing(), error))
    }
}

impl PutIn<'_> {
    fn into_request(self, doing: &impl Fn() -> String) -> Result<TransactWriteItem, ServiceError> {
        let put = Put::builder()
            .table_name(self.table)
            .set_item(Some(self.item))
            .set_condition_expression(
                self.condition
                    .as_ref()
                    .map(|condition| condition.expression.to_owned()),
            )
            .set_expression_attribute_values(
                self.condition.and_then(PutCondition::expression_values),
            )
            .set_return_values_on_condition_check_failure(
                self.tells_old
                    .then_some(ReturnValuesOnConditionCheckFailure::AllOld),
            )
            .build()
            .map_err(|error| ServiceError::from_unreadable(doing(), error))?;
        Ok(TransactWriteItem::builder().put(put).build())
    }
}
