//! A Lambda batch, record by record: one bad record fails alone.

use std::{
    collections::HashMap,
    fmt,
    future::Future,
    panic::AssertUnwindSafe,
    sync::atomic::{AtomicBool, Ordering},
};

use aws_lambda_events::{
    sqs::{SqsBatchResponse, SqsEvent, SqsMessage},
    streams::{DynamoDbBatchItemFailure, DynamoDbEventResponse},
};
use futures::{FutureExt as _, StreamExt as _, future::join_all, stream};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::time::{Instant, timeout_at};
use tracing::{error, warn};

use crate::{
    error::{ServiceError, ServiceErrorKind},
    metric::{self, Metric},
    queue::{Queue, is_about_content},
    store::stream::StreamRecord,
};

/// Keys of a stream's batch whose records are processed at once. Each holds a
/// connection to the table and to the bus.
const LANES: usize = 8;

/// Hands each message of a queue's batch to `handle`, all at once, and reports
/// those that failed, which SQS then shows again until it moves them to the
/// dead-letter queue.
///
/// A body that is no `T` and a panic are failures of their message, not of the
/// batch.
pub async fn process_queue<T, F, W>(event: SqsEvent, handle: F) -> SqsBatchResponse
where
    T: DeserializeOwned,
    F: Fn(T) -> W,
    W: Future<Output = anyhow::Result<()>>,
{
    let handle = &handle;
    let results = join_all(event.records.into_iter().map(|message| async move {
        let id = message.message_id.clone().unwrap_or_default();
        let result = AssertUnwindSafe(process_message(message, handle))
            .catch_unwind()
            .await;
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

async fn process_message<T, F, W>(message: SqsMessage, handle: &F) -> anyhow::Result<()>
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
pub enum RecordError {
    /// It may pass later: it and what comes after it is tried again.
    Later(anyhow::Error),
    /// It can never pass: it goes into quarantine and the others go on.
    Never(anyhow::Error),
}

impl From<ServiceError> for RecordError {
    /// Only what cannot be read can never pass: a request that AWS refuses is
    /// the fault of the deployment, not of the record.
    fn from(error: ServiceError) -> Self {
        match error.kind {
            ServiceErrorKind::Unreadable => Self::Never(error.into()),
            ServiceErrorKind::Throttled
            | ServiceErrorKind::Unreachable
            | ServiceErrorKind::Contended
            | ServiceErrorKind::Refused => Self::Later(error.into()),
        }
    }
}

impl fmt::Display for RecordError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Later(error) | Self::Never(error) => write!(f, "{error:#}"),
        }
    }
}

/// Hands the records of a stream's batch to `handle`: those of one partition key in
/// their order, those of different keys beside each other.
///
/// What may pass later ends its key's part of the batch: the first position that is
/// not done is reported, and Lambda comes back with it and all that follow it. Some
/// of these are done then, and `handle` must not mind them coming again. The same
/// becomes of what is not done when time is up, `until`.
///
/// What can never pass, be it
/// unreadable, refused or the cause of a panic, goes with its images into
/// `quarantine`, because Lambda's own on-failure destination keeps only a
/// pointer into a stream that forgets after a day.
///
/// A message in quarantine has the form of an event (`{"Records": […]}`), so
/// that it can be handed to the function again as it is.
pub async fn process_stream<F, W>(
    function: &'static str,
    event: StreamEvent,
    quarantine: &Queue,
    until: Option<Instant>,
    handle: F,
) -> DynamoDbEventResponse
where
    F: Fn(StreamRecord) -> W,
    W: Future<Output = Result<(), RecordError>>,
{
    let lanes = partition_lanes(&event.records);
    let done: Vec<AtomicBool> = event
        .records
        .iter()
        .map(|_| AtomicBool::new(false))
        .collect();
    let work = stream::iter(lanes).for_each_concurrent(LANES, async |lane| {
        for index in lane {
            let raw = &event.records[index];
            if let Err(failure) = process_or_quarantine(function, raw, quarantine, &handle).await {
                let position = sequence_number(raw);
                let failure = format!("{failure:#}");
                warn!(
                    record = position,
                    error = failure,
                    "Will try record {position} again"
                );
                break;
            }
            done[index].store(true, Ordering::Relaxed);
        }
    });
    let is_in_time = if let Some(until) = until {
        timeout_at(until, work).await.is_ok()
    } else {
        work.await;
        true
    };
    let is_undone = |done: &AtomicBool| !done.load(Ordering::Relaxed);
    let mut response = DynamoDbEventResponse::default();
    if let Some(first) = done.iter().position(is_undone) {
        let position = sequence_number(&event.records[first]);
        if !is_in_time {
            warn!(
                record = position,
                "There was no time left for record {position} and what follows it"
            );
        }
        response.batch_item_failures.push(batch_failure(position));
    }
    response
}

/// The positions of records by the partition key of their item: the order of one
/// key's changes is kept.
fn partition_lanes(records: &[Value]) -> Vec<Vec<usize>> {
    let mut lanes: Vec<Vec<usize>> = Vec::new();
    let mut known = HashMap::new();
    for (index, raw) in records.iter().enumerate() {
        let key = raw.pointer("/dynamodb/Keys/pk/S").and_then(Value::as_str);
        let lane = *known.entry(key).or_insert(lanes.len());
        match lanes.get_mut(lane) {
            Some(lane) => lane.push(index),
            None => lanes.push(vec![index]),
        }
    }
    lanes
}

/// Processes a record, or puts it into quarantine; an error says that neither was
/// possible.
async fn process_or_quarantine<F, W>(
    function: &'static str,
    raw: &Value,
    quarantine: &Queue,
    handle: &F,
) -> anyhow::Result<()>
where
    F: Fn(StreamRecord) -> W,
    W: Future<Output = Result<(), RecordError>>,
{
    match try_record(raw, handle).await {
        Ok(()) => Ok(()),
        Err(RecordError::Later(failure)) => Err(failure),
        Err(RecordError::Never(failure)) => {
            quarantine_record(function, quarantine, raw.clone(), &failure).await
        }
    }
}

async fn try_record<F, W>(raw: &Value, handle: &F) -> Result<(), RecordError>
where
    F: Fn(StreamRecord) -> W,
    W: Future<Output = Result<(), RecordError>>,
{
    let record = StreamRecord::parse_record(raw)?;
    AssertUnwindSafe(handle(record))
        .catch_unwind()
        .await
        .unwrap_or_else(|_| Err(RecordError::Never(anyhow::anyhow!("panicked"))))
}

/// Puts a record into quarantine; without its images, the older one first, where
/// the queue does not take it with them.
async fn quarantine_record(
    function: &'static str,
    quarantine: &Queue,
    mut raw: Value,
    failure: &anyhow::Error,
) -> anyhow::Result<()> {
    let position = sequence_number(&raw);
    let reason = format!("{failure:#}");
    let mut images = ["OldImage", "NewImage"].into_iter();
    loop {
        let message = json!({"function": function, "reason": reason, "Records": [raw]});
        match quarantine.send(&message).await {
            Ok(()) => break,
            Err(error) if is_about_content(&error) => {
                let Some(image) = images.next() else {
                    return Err(error.into());
                };
                if let Some(Value::Object(change)) = raw.get_mut("dynamodb") {
                    change.remove(image);
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    error!(
        record = position,
        error = reason,
        "Put record {position} into quarantine"
    );
    metric::emit_metric(Metric::Quarantined { function });
    Ok(())
}

fn batch_failure(position: String) -> DynamoDbBatchItemFailure {
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
