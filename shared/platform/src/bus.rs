//! Facts go on the bus.

use aws_sdk_eventbridge::{
    Client,
    primitives::DateTime,
    types::{PutEventsRequestEntry, PutEventsResultEntry},
};
use posthorn_domain::fact::Fact;
use tokio::time::sleep;
use tracing::warn;

use crate::{
    aws::Aws,
    error::{ServiceError, ServiceErrorKind},
    queue::{body_of, chunk_items, is_about_content, retry_pauses},
};

/// Who says it: the `source` of every event.
pub const SOURCE: &str = "posthorn";

const BATCH: usize = 10;
/// `PutEvents` takes 256 KB; the rest is for what else counts.
const BATCH_BYTES: usize = 240 * 1024;

/// The bus that facts go on.
#[derive(Debug, Clone)]
pub struct Bus {
    client: Client,
    name: String,
}

/// Facts that the bus did not take; the others are on it.
#[derive(Debug, thiserror::Error)]
#[error("could not publish {} of {total} facts", ids.len())]
pub struct Unpublished {
    /// Ids of the facts that are not on the bus.
    pub ids: Vec<String>,
    total: usize,
    /// Why the last of them is not.
    pub source: ServiceError,
}

struct BusEntry<'a> {
    fact: &'a Fact,
    detail: String,
}

/// What became of an attempt, beside what was published.
#[derive(Default)]
struct PublishAttempt<'a> {
    /// To be tried again.
    left: Vec<&'a BusEntry<'a>>,
    /// Never to be taken.
    refused: Vec<&'a BusEntry<'a>>,
    /// Why, as the bus says it.
    code: String,
}

impl Bus {
    /// The bus called `name`.
    pub fn new(aws: &Aws, name: impl Into<String>) -> Self {
        Self {
            client: aws.eventbridge_client(),
            name: name.into(),
        }
    }

    /// Publishes `facts`, in requests as large as the bus allows. What it did
    /// not take is tried again with growing pauses. Their ids are derived, so
    /// publishing some of them twice is harmless.
    pub async fn publish_facts(&self, facts: &[Fact]) -> Result<(), Unpublished> {
        let unpublished = |ids, source| Unpublished {
            ids,
            total: facts.len(),
            source,
        };
        let mut entries = Vec::with_capacity(facts.len());
        for fact in facts {
            let detail = body_of(fact).map_err(|error| {
                let ids = facts.iter().map(|fact| fact.id.clone()).collect();
                unpublished(ids, error)
            })?;
            entries.push(BusEntry { fact, detail });
        }
        let mut left = Vec::new();
        let mut reason: Option<ServiceError> = None;
        for chunk in chunk_items(&entries, |entry| entry.detail.len(), BATCH, BATCH_BYTES) {
            for (ids, error) in self.publish_chunk(chunk).await {
                left.extend(ids);
                // What may pass later comes first: all are published again then.
                let is_better = |known: &ServiceError| known.kind == ServiceErrorKind::Unreadable;
                if reason.as_ref().is_none_or(is_better) {
                    reason = Some(error);
                }
            }
        }
        match reason {
            None => Ok(()),
            Some(error) => Err(unpublished(left, error)),
        }
    }

    /// Publishes a request's worth of facts; gives those that are not on the bus,
    /// and why.
    async fn publish_chunk(&self, entries: &[BusEntry<'_>]) -> Vec<(Vec<String>, ServiceError)> {
        let ids = |entries: &[&BusEntry<'_>]| -> Vec<String> {
            let ids = entries.iter().map(|entry| entry.fact.id.clone());
            ids.collect()
        };
        let mut pending: Vec<&BusEntry<'_>> = entries.iter().collect();
        let mut unpublished = Vec::new();
        let mut pauses = retry_pauses();
        loop {
            let attempt = match self.attempt_apart(&pending).await {
                Ok(attempt) => attempt,
                Err(error) => {
                    unpublished.push((ids(&pending), error));
                    return unpublished;
                }
            };
            if !attempt.refused.is_empty() {
                let doing = format!("publish facts that the bus refuses ({})", attempt.code);
                let error = ServiceError::new(ServiceErrorKind::Unreadable, doing);
                unpublished.push((ids(&attempt.refused), error));
            }
            pending = attempt.left;
            if pending.is_empty() {
                return unpublished;
            }
            let code = attempt.code;
            let Some(pause) = pauses.next() else {
                let doing = format!("publish facts ({code})");
                unpublished.push((
                    ids(&pending),
                    ServiceError::new(ServiceErrorKind::Throttled, doing),
                ));
                return unpublished;
            };
            warn!(
                n_facts = pending.len(),
                code, "The bus did not take all facts"
            );
            sleep(pause).await;
        }
    }

    /// Attempts all that is `pending`; where the whole request is refused because of
    /// what is in it, in halves, until the guilty one is alone.
    async fn attempt_apart<'a>(
        &self,
        pending: &[&'a BusEntry<'a>],
    ) -> Result<PublishAttempt<'a>, ServiceError> {
        let mut all = PublishAttempt::default();
        let mut parts = vec![pending];
        while let Some(part) = parts.pop() {
            match self.try_publish(part).await {
                Ok(attempt) => {
                    all.left.extend(attempt.left);
                    all.refused.extend(attempt.refused);
                    if !attempt.code.is_empty() {
                        all.code = attempt.code;
                    }
                }
                Err(error) if is_about_content(&error) => match part {
                    [guilty] => {
                        error
                            .aws_code()
                            .unwrap_or_default()
                            .clone_into(&mut all.code);
                        all.refused.push(guilty);
                    }
                    many => {
                        let (one, other) = many.split_at(many.len() / 2);
                        parts.extend([other, one]);
                    }
                },
                Err(error) => return Err(error),
            }
        }
        Ok(all)
    }

    /// Publishes those `pending`; returns those that the bus did not take.
    async fn try_publish<'a>(
        &self,
        pending: &[&'a BusEntry<'a>],
    ) -> Result<PublishAttempt<'a>, ServiceError> {
        let requests = pending
            .iter()
            .map(|entry| self.build_entry(entry))
            .collect();
        let answer = self
            .client
            .put_events()
            .set_entries(Some(requests))
            .send()
            .await
            .map_err(|error| ServiceError::from_sdk("publish facts", error))?;
        let results = answer.entries();
        let mut attempt = PublishAttempt::default();
        for (index, entry) in pending.iter().enumerate() {
            let result = results.get(index);
            match result.and_then(PutEventsResultEntry::error_code) {
                None => {}
                Some(code) => {
                    code.clone_into(&mut attempt.code);
                    if matches!(code, "MalformedDetail" | "InvalidArgument") {
                        attempt.refused.push(entry);
                    } else {
                        attempt.left.push(entry);
                    }
                }
            }
        }
        Ok(attempt)
    }

    fn build_entry(&self, entry: &BusEntry<'_>) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(entry.fact.event.detail_type())
            .detail(&entry.detail)
            .time(DateTime::from_millis(entry.fact.at.as_millisecond()))
            .build()
    }
}
