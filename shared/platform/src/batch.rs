//! A Lambda batch, record by record: one bad record fails alone.

use std::{fmt, future::Future, panic::AssertUnwindSafe};

use aws_lambda_events::{
    sqs::{SqsBatchResponse, SqsEvent, SqsMessage},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use futures::{FutureExt as _, future::join_all};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tracing::{error, warn};

use crate::{
    error::{Error, ErrorKind},
    metric::{self, Metric},
    queue::Queue,
    store::stream::Record,
};

/// Hands each message of a queue's batch to `handle`, all at once, and reports
/// those that failed, which SQS then shows again until it moves them to the
/// dead-letter queue.
///
/// A body that is no `T` and a panic are failures of their message, not of the
/// batch.
pub async fn queue<T, F, W>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    T: DeserializeOwned,
    F: Fn(T) -> W,
    W: Future<Output = anyhow::Result<()>>,
{
    let handle = &handle;
    let results = join_all(event.records.into_iter().map(|message| async move {
        let id = message.message_id.clone().unwrap_or_default();
        let result = AssertUnwindSafe(one(message, handle)).catch_unwind().await;
        let failure = match result {
            Ok(Ok(())) => return None,
            Ok(Err(failure)) => format!("{failure:#}"),
            Err(_) => "panicked".to_owned(),
        };
        warn!(
            message.id = id,
            error = failure,
            "Could not process message {id}"
        );
        Some(id)
    }))
    .await;
    let mut response = SqsBatchResponse::default();
    response.set_failures(results.into_iter().flatten().collect::<Vec<String>>());
    response
}

async fn one<T, F, W>(message: SqsMessage, handle: &F) -> anyhow::Result<()>
where
    T: DeserializeOwned,
    F: Fn(T) -> W,
    W: Future<Output = anyhow::Result<()>>,
{
    let body = message.body.unwrap_or_default();
    let mut reader = serde_json::Deserializer::from_str(&body);
    // The parser's own words may repeat what it read; the path does not.
    let content = serde_path_to_error::deserialize(&mut reader)
        .map_err(|error| anyhow::anyhow!("unreadable body at `{}`", error.path()))?;
    handle(content).await
}

/// A batch of a table's stream, whose records are read one by one: a malformed
/// one must not take the others with it.
#[derive(Debug, Deserialize)]
pub struct StreamEvent {
    /// The records as Lambda hands them over.
    #[serde(rename = "Records")]
    pub records: Vec<Value>,
}

/// Why a record of a stream was not processed.
#[derive(Debug)]
pub enum Refusal {
    /// It may pass later: it and what comes after it is tried again.
    Later(anyhow::Error),
    /// It can never pass: it goes into quarantine and the others go on.
    Never(anyhow::Error),
}

impl From<Error> for Refusal {
    /// Only what cannot be read can never pass: a request that AWS refuses is
    /// the fault of the deployment, not of the record.
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::Unreadable => Self::Never(error.into()),
            ErrorKind::Throttled
            | ErrorKind::Unreachable
            | ErrorKind::Contended
            | ErrorKind::Refused => Self::Later(error.into()),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(error) | Self::Never(error) => write!(f, "{error:#}"),
        }
    }
}

/// Hands each record of a stream's batch to `handle`, in order.
///
/// What may pass later ends the batch: its sequence number is reported, and
/// Lambda comes back with it and the rest. What can never pass, be it
/// unreadable, refused or the cause of a panic, goes with its images into
/// `quarantine`, because Lambda's own on-failure destination keeps only a
/// pointer into a stream that forgets after a day.
///
/// A message in quarantine has the form of an event (`{"Records": […]}`), so
/// that it can be handed to the function again as it is.
pub async fn stream<F, W>(
    function: &'static str,
    event: StreamEvent,
    quarantine: &Queue,
    handle: F,
) -> DynamoDbEventResponse
where
    F: Fn(Record) -> W,
    W: Future<Output = Result<(), Refusal>>,
{
    let mut response = DynamoDbEventResponse::default();
    for raw in event.records {
        let position = sequence_number(&raw);
        let Err(refusal) = attempt(&raw, &handle).await else {
            continue;
        };
        let stop = match refusal {
            Refusal::Later(failure) => Some(failure),
            Refusal::Never(failure) => isolate(function, quarantine, raw, &failure).await.err(),
        };
        if let Some(failure) = stop {
            let failure = format!("{failure:#}");
            warn!(
                record = position,
                error = failure,
                "Will try record {position} again"
            );
            response.batch_item_failures.push(failed(position));
            break;
        }
    }
    response
}

async fn attempt<F, W>(raw: &Value, handle: &F) -> Result<(), Refusal>
where
    F: Fn(Record) -> W,
    W: Future<Output = Result<(), Refusal>>,
{
    let record = Record::read(raw)?;
    AssertUnwindSafe(handle(record))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(Refusal::Never(anyhow::anyhow!("panicked"))))
}

async fn isolate(
    function: &'static str,
    quarantine: &Queue,
    raw: Value,
    failure: &anyhow::Error,
) -> anyhow::Result<()> {
    let position = sequence_number(&raw);
    let reason = format!("{failure:#}");
    let message = json!({"function": function, "reason": reason, "Records": [raw]});
    quarantine.send(&message).await?;
    error!(
        record = position,
        error = reason,
        "Put record {position} into quarantine"
    );
    metric::emit(Metric::Quarantined { function });
    Ok(())
}

fn failed(position: String) -> DynamoDbBatchItemFailure {
    let mut failure = DynamoDbBatchItemFailure::default();
    failure.item_identifier = Some(position);
    failure
}

fn sequence_number(raw: &Value) -> String {
    raw.pointer("/dynamodb/SequenceNumber")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
