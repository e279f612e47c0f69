//! The ledger of messages: what was sent or not sent, and why.

use aws_sdk_dynamodb::types::ReturnConsumedCapacity;
use jiff::{SignedDuration, Timestamp, Unit, tz::TimeZone};
use posthorn_domain::{
    id::OrderKey,
    moment::Channel,
    notice::{Notice, NoticeId, NoticeState},
};
use tracing::error;

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{Error, ErrorKind},
    metric::{self, Metric},
    store::{
        codec::{Item, decode, encode, number, text, text_of},
        keys,
        page::{self, Page, Place},
        schema::{BY_DUE, BY_TEXT, NOTICES},
        table::{Condition, PutOutcome, Table},
    },
};

/// How long the ledger remembers.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(400 * 24);

/// The Notices table.
#[derive(Debug, Clone)]
pub struct NoticeStore {
    table: Table,
}

/// What became of a write to the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is written; also if it was before and only the answer was lost. A
    /// claim is won.
    Written,
    /// Somebody else wrote first, and this is what stands there now.
    Conflict(Box<Notice>),
}

impl NoticeStore {
    /// The table that `POSTHORN_NOTICES` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(NOTICES.variable)?),
        })
    }

    /// Every message of an order, as they stand at this moment.
    pub async fn ledger(&self, order: &OrderKey) -> Result<Vec<Notice>, Error> {
        let (mut ledger, mut start) = (Vec::new(), None);
        loop {
            let answer = self
                .table
                .client
                .query()
                .table_name(&self.table.name)
                .key_condition_expression("pk = :pk")
                .expression_attribute_values(":pk", text(keys::order(order)))
                .consistent_read(true)
                .set_exclusive_start_key(start)
                .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
                .send()
                .await
                .map_err(|error| {
                    Error::sdk(format!("load the messages of order {order}"), error)
                })?;
            self.table.meter.was_read(answer.consumed_capacity());
            for item in answer.items.unwrap_or_default() {
                // One that cannot be read must not keep the order from all others:
                // a write over it fails, so it is not sent anew.
                match decode(item, &format!("a message of order {order}")) {
                    Ok(notice) => ledger.push(notice),
                    Err(unreadable) => {
                        error!(%order, error = %unreadable, "Cannot read a message of {order}");
                        let (item, field) = ("notification", "");
                        metric::emit(Metric::UnreadableField { item, field });
                    }
                }
            }
            start = answer.last_evaluated_key.filter(|last| !last.is_empty());
            if start.is_none() {
                return Ok(ledger);
            }
        }
    }

    /// One message.
    pub async fn get(&self, order: &OrderKey, id: &NoticeId) -> Result<Option<Notice>, Error> {
        let key = [("pk", keys::order(order)), ("sk", keys::notice(id))];
        let item = self
            .table
            .get(key, true, || format!("load message {id}"))
            .await?;
        item.map(|item| decode(item, &format!("message {id}")))
            .transpose()
    }

    /// Writes a message over the state it was made from, `before`: none if it is
    /// new. This is how one is claimed, too.
    ///
    /// One conditional write. If it is refused by what it has written itself,
    /// because the answer was lost and the SDK has asked again, it says
    /// [`Put::Written`]: a claim is known again by its random token.
    pub async fn put(&self, notice: &Notice, before: Option<&Notice>) -> Result<Put, Error> {
        let condition = before.map_or_else(Condition::absent, unchanged);
        let doing = || format!("write message {}", notice.id);
        match self.table.put_if(item(notice)?, condition, doing).await? {
            PutOutcome::Written => Ok(Put::Written),
            PutOutcome::Refused(Some(there)) => {
                let there: Notice = decode(there, "the message that is there")?;
                Ok(if there == *notice {
                    Put::Written
                } else {
                    Put::Conflict(Box::new(there))
                })
            }
            // It was there when `before` was read, and has expired since.
            PutOutcome::Refused(None) => Err(Error::new(ErrorKind::Contended, doing())),
        }
    }

    /// Messages that are due in the minute of `minute`, after a place, some `most` of
    /// them: deferred ones whose time has come and those of unknown fate that are to
    /// be settled.
    ///
    /// An entry that cannot be read is counted and left out: it must not keep
    /// the sweep from all others for ever.
    pub async fn due(
        &self,
        minute: Timestamp,
        after: Option<&Place>,
        most: i32,
    ) -> Result<Page<(OrderKey, NoticeId), Place>, Error> {
        let bucket = minute_of(minute);
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_DUE.name)
            .key_condition_expression("due = :due")
            .expression_attribute_values(":due", text(bucket.clone()))
            .set_exclusive_start_key(after.and_then(|after| after.key(BY_DUE.hash, &bucket)))
            .limit(most.max(1))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk(format!("query the messages due {bucket}"), error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut items = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let order = keys::parse_order(text_of(&item, "pk"));
            let Some(key) = order.zip(keys::parse_notice(text_of(&item, "sk"))) else {
                error!(minute = bucket, "Cannot read an entry of ByDue in {bucket}");
                let index = BY_DUE.name;
                metric::emit(Metric::UnreadableEntry { index });
                continue;
            };
            items.push(key);
        }
        Ok(Page {
            items,
            next: page::next_place(answer.last_evaluated_key, 0),
        })
    }

    /// The text that SNS gave this id.
    pub async fn text_by_id(&self, provider_id: &str) -> Result<Vec<(OrderKey, NoticeId)>, Error> {
        self.texts(keys::sent_text(provider_id)).await
    }

    /// The texts of unknown fate to numbers that look like this masked.
    pub async fn unknown_texts(&self, masked: &str) -> Result<Vec<(OrderKey, NoticeId)>, Error> {
        self.texts(keys::unknown_text(masked)).await
    }

    async fn texts(&self, key: String) -> Result<Vec<(OrderKey, NoticeId)>, Error> {
        let answer = self
            .table
            .client
            .query()
            .table_name(&self.table.name)
            .index_name(BY_TEXT.name)
            .key_condition_expression("#hash = :key")
            .expression_attribute_names("#hash", BY_TEXT.hash)
            .expression_attribute_values(":key", text(key))
            .return_consumed_capacity(ReturnConsumedCapacity::Indexes)
            .send()
            .await
            .map_err(|error| Error::sdk("query texts", error))?;
        self.table.meter.was_read(answer.consumed_capacity());
        let mut found = Vec::new();
        for item in answer.items.unwrap_or_default() {
            let order = keys::parse_order(text_of(&item, "pk"));
            let Some(entry) = order.zip(keys::parse_notice(text_of(&item, "sk"))) else {
                error!("Cannot read an entry of ByText");
                let index = BY_TEXT.name;
                metric::emit(Metric::UnreadableEntry { index });
                continue;
            };
            found.push(entry);
        }
        Ok(found)
    }
}

/// Holds as long as nobody has moved the message since it was `before`: each
/// move adds to its history or to its refusals, which are not written if none.
fn unchanged(before: &Notice) -> Condition {
    let mut values = vec![
        (":moves", number(before.history.len())),
        (":attempts", number(before.attempts)),
    ];
    let expression = if before.refusals == 0 {
        "size(history) = :moves AND attempts = :attempts AND attribute_not_exists(refusals)"
    } else {
        values.push((":refusals", number(before.refusals)));
        "size(history) = :moves AND attempts = :attempts AND refusals = :refusals"
    };
    Condition { expression, values }
}

fn item(notice: &Notice) -> Result<Item, Error> {
    let mut item = encode(
        notice,
        [
            ("pk", text(keys::order(&notice.order))),
            ("sk", text(keys::notice(&notice.id))),
            (
                "expires",
                number((notice.created_at + REMEMBERED).as_second()),
            ),
        ],
    )?;
    if let Some(due) = notice.due_at() {
        item.insert(BY_DUE.hash.to_owned(), text(first_minute_from(due)?));
    }
    if let Some(key) = text_key(notice) {
        item.insert(BY_TEXT.hash.to_owned(), text(key));
    }
    Ok(item)
}

/// By what a text is found that its provider may still tell of.
fn text_key(notice: &Notice) -> Option<String> {
    match (&notice.state, notice.channel) {
        (NoticeState::Sent { provider_id, .. }, Channel::Sms) => {
            (!provider_id.is_empty()).then(|| keys::sent_text(provider_id))
        }
        (NoticeState::Unknown { .. }, Channel::Sms) => Some(keys::unknown_text(&notice.recipient)),
        _ => None,
    }
}

/// The first minute that begins at or after `at`: a minute is swept as it
/// begins, and what is due within it would come early.
fn first_minute_from(at: Timestamp) -> Result<String, Error> {
    let options = jiff::TimestampRound::new()
        .smallest(Unit::Minute)
        .mode(jiff::RoundMode::Ceil);
    let minute = at
        .round(options)
        .map_err(|error| Error::unreadable("round a time to the minute", error))?;
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
