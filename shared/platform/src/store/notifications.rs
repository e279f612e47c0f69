//! The ledger of messages: what was sent or not sent, and why.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use jiff::{SignedDuration, Timestamp, Unit, tz::TimeZone};
use posthorn_domain::{
    id::OrderKey,
    notification::{Notification, NotificationId, NotificationState},
    notification_type::Channel,
};
use tracing::error;

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{ServiceError, ServiceErrorKind},
    metric::{self, Metric},
    store::{
        codec::{StoredItem, decode_item, encode_item, number_value, text_of, text_value},
        keys, lenient,
        pagination::{self, IndexPosition, ResultPage},
        schema::{BY_DUE, BY_TEXT, NOTIFICATIONS},
        table::{PutCondition, PutOutcome, Table},
    },
};

/// How long the ledger remembers.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The Notifications table.
#[derive(Debug, Clone)]
pub struct NotificationStore {
    table: Table,
}

/// What became of a write to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogWrite {
    /// It is written; also if it was before and only the answer was lost. A
    /// claim is won.
    Written,
    /// Another writer was first, and this is what stands there now.
    Conflict(Box<Notification>),
}

impl NotificationStore {
    /// The table that `POSTHORN_NOTIFICATIONS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(NOTIFICATIONS.variable)?),
        })
    }

    /// Every message of an order, as they stand at this moment.
    pub async fn load_log(&self, order: &OrderKey) -> Result<Vec<Notification>, ServiceError> {
        let items = self
            .table
            .query_partition(keys::order_key(order), || {
                format!("load the messages of order {order}")
            })
            .await?;
        let mut log = Vec::with_capacity(items.len());
        for item in items {
            let sk = text_of(&item, "sk").to_owned();
            // One that cannot be read must not keep the order from all others:
            // a write over it fails, so it is not sent anew.
            match decode_item(item, &format!("a message of order {order}")) {
                Ok(notification) => log.push(notification),
                Err(error) => {
                    let field = error.unreadable_field().unwrap_or_default();
                    lenient::report_item("notification", &format!("{order} {sk}"), field);
                }
            }
        }
        Ok(log)
    }

    /// One message.
    pub async fn get_notification(
        &self,
        order: &OrderKey,
        id: &NotificationId,
    ) -> Result<Option<Notification>, ServiceError> {
        let key = [
            ("pk", keys::order_key(order)),
            ("sk", keys::notification_key(id)),
        ];
        let item = self
            .table
            .get_item(key, true, || format!("load message {id}"))
            .await?;
        item.map(|item| decode_item(item, &format!("message {id}")))
            .transpose()
    }

    /// Writes a message over the state it was made from, `before`: none if it is
    /// new. This is how one is claimed, too.
    ///
    /// One conditional write. If it is refused by what it has written itself,
    /// because the answer was lost and the SDK has asked again, it says
    /// [`LogWrite::Written`]: a claim is known again by its random token.
    pub async fn put_notification(
        &self,
        notification: &Notification,
        before: Option<&Notification>,
    ) -> Result<LogWrite, ServiceError> {
        let condition = before.map_or_else(PutCondition::if_absent, unchanged_since);
        let doing = || format!("write message {}", notification.id);
        match self
            .table
            .put_if(encode_notification(notification)?, condition, doing)
            .await?
        {
            PutOutcome::Written => Ok(LogWrite::Written),
            PutOutcome::Refused(Some(there)) => {
                let there: Notification = decode_item(there, "the message that is there")?;
                Ok(if there == *notification {
                    LogWrite::Written
                } else {
                    LogWrite::Conflict(Box::new(there))
                })
            }
            // It was there when `before` was read, and has expired since.
            PutOutcome::Refused(None) => {
                Err(ServiceError::new(ServiceErrorKind::Contended, doing()))
            }
        }
    }

    /// Messages that are due in the minute of `minute`, after a place, some `most` of
    /// them: deferred ones whose time has come and those of unknown fate that are to
    /// be settled.
    ///
    /// An entry that cannot be read is counted and left out: it must not keep
    /// the sweep from all others for ever.
    pub async fn list_due(
        &self,
        minute: Timestamp,
        after: Option<&IndexPosition>,
        most: i32,
    ) -> Result<ResultPage<(OrderKey, NotificationId), IndexPosition>, ServiceError> {
        let bucket = minute_of(minute);
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_DUE.name)
            .key_condition_expression("due = :due")
            .expression_attribute_values(":due", text_value(bucket.clone()))
            .set_exclusive_start_key(after.and_then(|after| after.start_key(BY_DUE.hash, &bucket)))
            .limit(most.max(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| {
                ServiceError::from_sdk(format!("query the messages due {bucket}"), error)
            })?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut items = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let order = keys::parse_order(text_of(&item, "pk"));
            let Some(key) = order.zip(keys::parse_notification(text_of(&item, "sk"))) else {
                error!(minute = bucket, "Cannot read an entry of ByDue in {bucket}");
                let index = BY_DUE.name;
                metric::emit_metric(Metric::UnreadableEntry { index });
                continue;
            };
            items.push(key);
        }
        Ok(ResultPage {
            items,
            next: pagination::next_place(answer.last_evaluated_key, 0),
        })
    }

    /// The text that SNS gave this id.
    pub async fn text_by_id(
        &self,
        provider_id: &str,
    ) -> Result<Vec<(OrderKey, NotificationId)>, ServiceError> {
        self.list_texts(keys::sent_text(provider_id)).await
    }

    /// The texts of unknown fate to numbers that look like this masked.
    pub async fn unknown_texts(
        &self,
        masked: &str,
    ) -> Result<Vec<(OrderKey, NotificationId)>, ServiceError> {
        self.list_texts(keys::unknown_text(masked)).await
    }

    async fn list_texts(
        &self,
        key: String,
    ) -> Result<Vec<(OrderKey, NotificationId)>, ServiceError> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_TEXT.name)
            .key_condition_expression("#hash = :key")
            .expression_attribute_names("#hash", BY_TEXT.hash)
            .expression_attribute_values(":key", text_value(key))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk("query texts", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut found = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let order = keys::parse_order(text_of(&item, "pk"));
            let Some(entry) = order.zip(keys::parse_notification(text_of(&item, "sk"))) else {
                error!("Cannot read an entry of ByText");
                let index = BY_TEXT.name;
                metric::emit_metric(Metric::UnreadableEntry { index });
                continue;
            };
            found.push(entry);
        }
        Ok(found)
    }
}

/// Holds as long as no other writer has moved the message since it was `before`: each
/// move adds to its history or to its refusals, which are not written if none.
fn unchanged_since(before: &Notification) -> PutCondition {
    let mut values = vec![
        (":moves", number_value(before.history.len())),
        (":attempts", number_value(before.attempts)),
    ];
    let expression = if before.refusals == 0 {
        "size(history) = :moves AND attempts = :attempts AND attribute_not_exists(refusals)"
    } else {
        values.push((":refusals", number_value(before.refusals)));
        "size(history) = :moves AND attempts = :attempts AND refusals = :refusals"
    };
    PutCondition { expression, values }
}

fn encode_notification(notification: &Notification) -> Result<StoredItem, ServiceError> {
    let mut item = encode_item(
        notification,
        [
            ("pk", text_value(keys::order_key(&notification.order))),
            ("sk", text_value(keys::notification_key(&notification.id))),
            (
                "expires",
                number_value((notification.created_at + REMEMBERED).as_second()),
            ),
        ],
    )?;
    if let Some(due) = notification.due_at() {
        item.insert(BY_DUE.hash.to_owned(), text_value(first_minute_from(due)?));
    }
    if let Some(key) = text_key(notification) {
        item.insert(BY_TEXT.hash.to_owned(), text_value(key));
    }
    Ok(item)
}

/// By what a text is found that its provider may still tell of.
fn text_key(notification: &Notification) -> Option<String> {
    match (&notification.state, notification.channel) {
        (NotificationState::Sent { provider_id, .. }, Channel::Sms) => {
            (!provider_id.is_empty()).then(|| keys::sent_text(provider_id))
        }
        (NotificationState::Unknown { .. }, Channel::Sms) => {
            Some(keys::unknown_text(&notification.recipient))
        }
        _ => None,
    }
}

/// The first minute that begins at or after `at`: a minute is swept as it
/// begins, and what is due within it would come early.
fn first_minute_from(at: Timestamp) -> Result<String, ServiceError> {
    let options = jiff::TimestampRound::new()
        .smallest(Unit::Minute)
        .mode(jiff::RoundMode::Ceil);
    let minute = at
        .round(options)
        .map_err(|error| ServiceError::from_unreadable("round a time to the minute", error))?;
    Ok(minute_of(minute))
}

/// The name of a minute: `2026-11-22T10:15Z`.
fn minute_of(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC)
        .strftime("%Y-%m-%dT%H:%MZ")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_due_in_the_first_minute_that_begins_after_its_time() {
        for (at, minute) in [
            ("2026-11-22T10:15:00Z", "2026-11-22T10:15Z"),
            ("2026-11-22T10:15:00.001Z", "2026-11-22T10:16Z"),
            ("2026-11-22T23:59:30Z", "2026-11-23T00:00Z"),
        ] {
            assert_eq!(first_minute_from(at.parse().unwrap()).unwrap(), minute);
        }
    }
}
