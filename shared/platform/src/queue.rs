//! Sends to a queue: all that it can ever take, or an error.

use std::time::Duration;

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use futures::{StreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;
use tokio::time::sleep;
use tracing::error;

use crate::{
    aws::Aws,
    error::{ServiceError, ServiceErrorKind},
    metric::{self, Metric},
};

/// Most messages that SQS takes in one request.
const BATCH: usize = 10;
/// Most bytes that one request may hold.
const BATCH_BYTES: usize = 256 * 1024;

/// Requests under way at once.
const REQUESTS: usize = 4;

/// A queue to send to.
#[derive(Debug, Clone)]
pub struct Queue {
    client: Client,
    url: String,
    delay: Duration,
}

impl Queue {
    /// The queue at `url`.
    pub fn new(aws: &Aws, url: impl Into<String>) -> Self {
        Self {
            client: aws.sqs_client(),
            url: url.into(),
            delay: Duration::ZERO,
        }
    }

    /// The same queue, where each message is hidden for `delay`; SQS knows
    /// whole seconds up to fifteen minutes.
    #[must_use]
    pub fn with_delay(&self, delay: Duration) -> Self {
        Self {
            delay,
            ..self.clone()
        }
    }

    /// Sends one message.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), ServiceError> {
        let body = body_of(message)?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(self.delay_seconds())
            .send()
            .await
            .map(drop)
            .map_err(|error| ServiceError::from_sdk("send to a queue", error))
    }

    /// Sends all `messages`, in requests as large as SQS allows, and returns the
    /// positions of those that SQS will never take: each is counted and its orders
    /// are logged, and it keeps no other from being sent. What SQS did not take for
    /// a reason of its own is tried again with growing pauses; an error says that
    /// some are left over. A caller that is run again may then send some twice.
    pub async fn send_batch<T: Serialize>(
        &self,
        messages: &[T],
    ) -> Result<Vec<usize>, ServiceError> {
        let mut bodies = Vec::with_capacity(messages.len());
        let mut refused = Vec::new();
        for (index, message) in messages.iter().enumerate() {
            match body_of(message) {
                Ok(body) => bodies.push(QueueBody { index, body }),
                Err(error) => {
                    error!(%error, "Left a message out that cannot be written");
                    refused.push(index);
                }
            }
        }
        let chunks = chunk_items(&bodies, |body| body.body.len(), BATCH, BATCH_BYTES);
        let requests: Vec<_> = chunks.map(|chunk| self.send_chunk(chunk)).collect();
        // All of them, also where one has failed.
        let sent: Vec<Result<Vec<usize>, ServiceError>> =
            stream::iter(requests).buffered(REQUESTS).collect().await;
        for sent in sent {
            refused.extend(sent?);
        }
        Ok(refused)
    }

    /// Sends all `messages`, a batch request at a time, each hidden a little longer
    /// than the one before it and the last for just under `over`: what is due
    /// together need not come together. One request's worth comes at once.
    pub async fn send_batch_over<T: Serialize>(
        &self,
        messages: &[T],
        over: Duration,
    ) -> Result<(), ServiceError> {
        let n_parts = u32::try_from(messages.len().div_ceil(BATCH)).unwrap_or(u32::MAX);
        let parts = (0..n_parts).zip(messages.chunks(BATCH));
        let requests: Vec<_> = parts
            .map(|(index, part)| {
                let delay = over.mul_f64(f64::from(index) / f64::from(n_parts));
                let queue = self.with_delay(delay);
                async move { queue.send_batch(part).await }
            })
            .collect();
        let sent: Vec<Result<Vec<usize>, ServiceError>> =
            stream::iter(requests).buffered(REQUESTS).collect().await;
        sent.into_iter().try_for_each(|sent| sent.map(drop))
    }

    async fn send_chunk(&self, bodies: &[QueueBody]) -> Result<Vec<usize>, ServiceError> {
        let mut pending: Vec<&QueueBody> = bodies.iter().collect();
        let mut refused = Vec::new();
        let mut pauses = retry_pauses();
        loop {
            let QueueOutcome {
                left,
                refused: never_taken,
                mut blamed,
            } = self.attempt_apart(&pending).await?;
            for (body, code) in never_taken {
                self.leave_out(body, &code);
                refused.push(body.index);
            }
            pending = left;
            if pending.is_empty() {
                return Ok(refused);
            }
            if let Some(pause) = pauses.next() {
                sleep(pause).await;
                continue;
            }
            // The queue works, for it took others: what it keeps on blaming on these,
            // by a code that is not known, must not hold all up for ever. Where it took
            // none, the fault may be the queue's, and nothing is left out.
            if bodies.len() == pending.len() + refused.len() {
                blamed.clear();
            }
            for (body, code) in &blamed {
                self.leave_out(body, code);
                refused.push(body.index);
            }
            let n_left = pending.len() - blamed.len();
            if n_left == 0 {
                return Ok(refused);
            }
            let doing = format!("send {n_left} of {} messages to a queue", bodies.len());
            return Err(ServiceError::new(ServiceErrorKind::Throttled, doing));
        }
    }

    /// Attempts all that is `pending`; where SQS refuses the whole request because
    /// of what is in it, in halves, until the guilty one is alone.
    async fn attempt_apart<'a>(
        &self,
        pending: &[&'a QueueBody],
    ) -> Result<QueueOutcome<'a>, ServiceError> {
        let mut outcome = QueueOutcome::default();
        let mut parts = vec![pending];
        while let Some(part) = parts.pop() {
            match self.try_send(part).await {
                Ok(next) => {
                    outcome.left.extend(next.left);
                    outcome.refused.extend(next.refused);
                    outcome.blamed.extend(next.blamed);
                }
                Err(error) if is_about_content(&error) => match part {
                    [guilty] => {
                        let code = error.aws_code().unwrap_or_default().to_owned();
                        outcome.refused.push((guilty, code));
                    }
                    many => {
                        let (one, other) = many.split_at(many.len() / 2);
                        parts.extend([other, one]);
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(outcome)
    }

    /// Sends those `pending`; returns those that SQS did not take.
    async fn try_send<'a>(
        &self,
        pending: &[&'a QueueBody],
    ) -> Result<QueueOutcome<'a>, ServiceError> {
        let mut entries = Vec::with_capacity(pending.len());
        for QueueBody { index, body } in pending {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(body)
                .delay_seconds(self.delay_seconds())
                .build()
                .map_err(|error| {
                    ServiceError::from_unreadable("make a batch of messages", error)
                })?;
            entries.push(entry);
        }
        let answer = self
            .client
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk("send a batch to a queue", error))?;
        let mut outcome = QueueOutcome::default();
        for body in pending {
            let id = body.index.to_string();
            match answer.failed().iter().find(|failed| failed.id() == id) {
                Some(failed) if failed.sender_fault() && is_content_code(failed.code()) => {
                    outcome.refused.push((body, failed.code().to_owned()));
                }
                Some(failed) => {
                    if failed.sender_fault() && !may_pass(failed.code()) {
                        outcome.blamed.push((body, failed.code().to_owned()));
                    }
                    outcome.left.push(body);
                }
                None => {}
            }
        }
        Ok(outcome)
    }

    fn leave_out(&self, body: &QueueBody, code: &str) {
        let queue = self.url.rsplit('/').next().unwrap_or_default();
        let orders = orders_in(&body.body);
        error!(
            queue,
            code, orders, "Left a message out that {queue} will never take, about {orders}: {code}"
        );
        metric::emit_metric(Metric::UnsendableMessage { queue });
    }

    fn delay_seconds(&self) -> i32 {
        i32::try_from(self.delay.as_secs().min(900)).unwrap_or(900)
    }
}

/// A message as it is sent, and which one of those that were given it is.
#[derive(Debug)]
struct QueueBody {
    index: usize,
    body: String,
}

/// What became of an attempt, beside what was sent.
#[derive(Debug, Default)]
struct QueueOutcome<'a> {
    /// To be tried again.
    left: Vec<&'a QueueBody>,
    /// Never to be taken, and by which code of SQS.
    refused: Vec<(&'a QueueBody, String)>,
    /// Those of `left` that SQS blames on their sender by a code that is not known.
    blamed: Vec<(&'a QueueBody, String)>,
}

/// Whether SQS or EventBridge refuses a request because of what is in it, and not
/// because of who sends it or where to.
pub(crate) fn is_about_content(error: &ServiceError) -> bool {
    error.aws_code().is_some_and(is_content_code)
}

fn is_content_code(code: &str) -> bool {
    let code = code.rsplit('.').next().unwrap_or_default();
    matches!(
        code,
        "InvalidMessageContents"
            | "BatchRequestTooLong"
            | "InvalidParameterValue"
            | "InvalidAttributeValue"
            | "ValidationException"
    )
}

/// Whether a code stands for what may pass although SQS blames it on the sender: a
/// throttle, a permission or a key that the queue may use again later.
/// Codes: the error list of `SendMessage` in the API reference of SQS.
fn may_pass(code: &str) -> bool {
    let code = code.rsplit('.').next().unwrap_or_default();
    code.starts_with("Kms")
        || code.contains("Throttl")
        || code.contains("Denied")
        || matches!(code, "OverLimit" | "QueueDoesNotExist" | "NonExistentQueue")
}

/// The message as JSON. SQS refuses U+FFFE and U+FFFF, which stand in JSON as well
/// by their numbers.
pub(crate) fn body_of(message: &impl Serialize) -> Result<String, ServiceError> {
    let body = serde_json::to_string(message)
        .map_err(|error| ServiceError::from_unreadable("write a message", error))?;
    Ok(if body.contains(['\u{FFFE}', '\u{FFFF}']) {
        body.replace('\u{FFFE}', "\\ufffe")
            .replace('\u{FFFF}', "\\uffff")
    } else {
        body
    })
}

/// The orders that a message names, for the log.
fn orders_in(body: &str) -> String {
    fn collect_orders(value: &Value, orders: &mut Vec<String>) {
        match value {
            Value::Object(fields) => {
                if let (Some(Value::String(shop)), Some(Value::String(order))) =
                    (fields.get("shop"), fields.get("order"))
                {
                    orders.push(format!("{shop}/{order}"));
                }
                fields
                    .values()
                    .for_each(|value| collect_orders(value, orders));
            }
            Value::Array(values) => values
                .iter()
                .for_each(|value| collect_orders(value, orders)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut orders = Vec::new();
    collect_orders(&serde_json::from_str(body).unwrap_or_default(), &mut orders);
    orders.join(", ")
}

/// The pauses between attempts at what a batch request left over.
pub(crate) fn retry_pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_max_times(4)
        .with_jitter()
        .build()
}

/// Cuts `items` into runs of at most `most` items and `bytes` bytes; an item
/// larger than that is alone in its run.
pub(crate) fn chunk_items<T>(
    items: &[T],
    size: impl Fn(&T) -> usize,
    most: usize,
    bytes: usize,
) -> impl Iterator<Item = &[T]> {
    let mut rest = items;
    std::iter::from_fn(move || {
        let mut total = 0;
        let fitting = rest
            .iter()
            .take(most)
            .take_while(|item| {
                total += size(item);
                total <= bytes
            })
            .count();
        let (chunk, later) = rest.split_at_checked(fitting.max(1))?;
        rest = later;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn chunks_hold_everything_in_order_and_keep_the_limits(sizes in prop::collection::vec(0_usize..50, 0..60)) {
            let chunks: Vec<&[usize]> = chunk_items(&sizes, |size| *size, 10, 100).collect();
            prop_assert_eq!(chunks.concat(), sizes.clone());
            for chunk in chunks {
                prop_assert!((1..=10).contains(&chunk.len()));
                prop_assert!(chunk.iter().sum::<usize>() <= 100);
            }
        }
    }

    #[test]
    fn what_is_too_large_for_any_chunk_is_alone_in_its_own() {
        let sizes = [1, 500, 1];
        let chunks: Vec<&[usize]> = chunk_items(&sizes, |size| *size, 10, 100).collect();
        assert_eq!(chunks, [&[1][..], &[500], &[1]]);
    }
}
