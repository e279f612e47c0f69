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
    error::{Error, ErrorKind},
    queue::{chunks, pauses},
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
    pub source: Error,
}

struct Entry<'a> {
    fact: &'a Fact,
    detail: String,
}

impl Bus {
    /// The bus called `name`.
    pub fn new(aws: &Aws, name: impl Into<String>) -> Self {
        Self {
            client: aws.eventbridge(),
            name: name.into(),
        }
    }

    /// Publishes `facts`, in requests as large as the bus allows. What it did
    /// not take is tried again with growing pauses. Their ids are derived, so
    /// publishing some of them twice is harmless.
    pub async fn publish(&self, facts: &[Fact]) -> Result<(), Unpublished> {
        let unpublished = |ids, source| Unpublished {
            ids,
            total: facts.len(),
            source,
        };
        let mut entries = Vec::with_capacity(facts.len());
        for fact in facts {
            let detail = serde_json::to_string(fact).map_err(|error| {
                let ids = facts.iter().map(|fact| fact.id.clone()).collect();
                unpublished(ids, Error::unreadable("write a fact", error))
            })?;
            entries.push(Entry { fact, detail });
        }
        let mut left = Vec::new();
        let mut reason = None;
        for chunk in chunks(&entries, |entry| entry.detail.len(), BATCH, BATCH_BYTES) {
            if let Err((ids, error)) = self.publish_chunk(chunk).await {
                left.extend(ids);
                reason = Some(error);
            }
        }
        match reason {
            None => Ok(()),
            Some(error) => Err(unpublished(left, error)),
        }
    }

    async fn publish_chunk(&self, entries: &[Entry<'_>]) -> Result<(), (Vec<String>, Error)> {
        let mut pending: Vec<&Entry<'_>> = entries.iter().collect();
        let mut pauses = pauses();
        loop {
            let ids = |pending: &[&Entry<'_>]| {
                pending.iter().map(|entry| entry.fact.id.clone()).collect()
            };
            let (left, code) = match self.attempt(&pending).await {
                Ok(refused) => refused,
                Err(error) => return Err((ids(&pending), error)),
            };
            pending = left;
            if pending.is_empty() {
                return Ok(());
            }
            let Some(pause) = pauses.next() else {
                let doing = format!("publish facts ({code})");
                return Err((ids(&pending), Error::new(ErrorKind::Throttled, doing)));
            };
            warn!(
                n_facts = pending.len(),
                code, "The bus did not take all facts"
            );
            sleep(pause).await;
        }
    }

    /// Publishes those `pending`; returns those that the bus did not take, and why.
    async fn attempt<'a>(
        &self,
        pending: &[&'a Entry<'a>],
    ) -> Result<(Vec<&'a Entry<'a>>, String), Error> {
        let requests = pending.iter().map(|entry| self.request(entry)).collect();
        let answer = self
            .client
            .put_events()
            .set_entries(Some(requests))
            .send()
            .await
            .map_err(|error| Error::sdk("publish facts", error))?;
        let results = answer.entries();
        let code_of = |index: usize| {
            results
                .get(index)
                .and_then(PutEventsResultEntry::error_code)
        };
        let code = (0..pending.len()).find_map(code_of).unwrap_or_default();
        let left = pending
            .iter()
            .enumerate()
            .filter(|(index, _)| code_of(*index).is_some())
            .map(|(_, entry)| *entry)
            .collect();
        Ok((left, code.to_owned()))
    }

    fn request(&self, entry: &Entry<'_>) -> PutEventsRequestEntry {
        PutEventsRequestEntry::builder()
            .event_bus_name(&self.name)
            .source(SOURCE)
            .detail_type(entry.fact.event.name())
            .detail(&entry.detail)
            .time(DateTime::from_millis(entry.fact.at.as_millisecond()))
            .build()
    }
}
