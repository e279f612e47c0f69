//! Sends to a queue, all of it or with an error.

use std::time::Duration;

use aws_sdk_sqs::{Client, types::SendMessageBatchRequestEntry};
use backon::{BackoffBuilder as _, ExponentialBuilder};
use serde::Serialize;
use tokio::time::sleep;

use crate::{
    aws::Aws,
    error::{Error, ErrorKind},
};

/// Most messages that SQS takes in one request.
const BATCH: usize = 10;
/// Most bytes that one request may hold.
const BATCH_BYTES: usize = 256 * 1024;

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
            client: aws.sqs(),
            url: url.into(),
            delay: Duration::ZERO,
        }
    }

    /// The same queue, where each message is hidden for `delay`; SQS knows
    /// whole seconds up to fifteen minutes.
    #[must_use]
    pub fn delayed(&self, delay: Duration) -> Self {
        Self {
            delay,
            ..self.clone()
        }
    }

    /// Sends one message.
    pub async fn send(&self, message: &impl Serialize) -> Result<(), Error> {
        let body = body_of(message)?;
        self.client
            .send_message()
            .queue_url(&self.url)
            .message_body(body)
            .delay_seconds(self.delay_seconds())
            .send()
            .await
            .map(drop)
            .map_err(|error| Error::sdk("send to a queue", error))
    }

    /// Sends all `messages`, in requests as large as SQS allows. What it did
    /// not take is tried again with growing pauses; an error says that some
    /// are left over. A caller that is run again may then send some twice.
    pub async fn send_batch<T: Serialize>(&self, messages: &[T]) -> Result<(), Error> {
        let bodies = messages
            .iter()
            .map(body_of)
            .collect::<Result<Vec<String>, Error>>()?;
        for chunk in chunks(&bodies, String::len, BATCH, BATCH_BYTES) {
            self.send_chunk(chunk).await?;
        }
        Ok(())
    }

    /// Sends all `messages`, a batch request at a time, each hidden a little longer
    /// than the one before it and the last for just under `over`: what is due
    /// together need not come together. One request's worth comes at once.
    pub async fn send_batch_over<T: Serialize>(
        &self,
        messages: &[T],
        over: Duration,
    ) -> Result<(), Error> {
        let n_parts = u32::try_from(messages.len().div_ceil(BATCH)).unwrap_or(u32::MAX);
        for (index, part) in (0..n_parts).zip(messages.chunks(BATCH)) {
            let delay = over.mul_f64(f64::from(index) / f64::from(n_parts));
            self.delayed(delay).send_batch(part).await?;
        }
        Ok(())
    }

    async fn send_chunk(&self, bodies: &[String]) -> Result<(), Error> {
        let mut pending: Vec<usize> = (0..bodies.len()).collect();
        let mut pauses = pauses();
        loop {
            pending = self.attempt(bodies, &pending).await?;
            if pending.is_empty() {
                return Ok(());
            }
            let Some(pause) = pauses.next() else {
                let doing = format!(
                    "send {} of {} messages to a queue",
                    pending.len(),
                    bodies.len()
                );
                return Err(Error::new(ErrorKind::Throttled, doing));
            };
            sleep(pause).await;
        }
    }

    /// Sends those `pending`; returns those that SQS did not take.
    async fn attempt(&self, bodies: &[String], pending: &[usize]) -> Result<Vec<usize>, Error> {
        let mut entries = Vec::with_capacity(pending.len());
        for index in pending {
            let entry = SendMessageBatchRequestEntry::builder()
                .id(index.to_string())
                .message_body(&bodies[*index])
                .delay_seconds(self.delay_seconds())
                .build()
                .map_err(|error| Error::unreadable("make a batch of messages", error))?;
            entries.push(entry);
        }
        let answer = self
            .client
            .send_message_batch()
            .queue_url(&self.url)
            .set_entries(Some(entries))
            .send()
            .await
            .map_err(|error| Error::sdk("send a batch to a queue", error))?;
        if let Some(failure) = answer
            .failed()
            .iter()
            .find(|failure| failure.sender_fault())
        {
            let doing = format!("send a batch to a queue ({})", failure.code());
            return Err(Error::new(ErrorKind::Refused, doing));
        }
        let is_left = |index: &usize| {
            let id = index.to_string();
            answer.failed().iter().any(|failure| failure.id() == id)
        };
        Ok(pending.iter().copied().filter(is_left).collect())
    }

    fn delay_seconds(&self) -> i32 {
        i32::try_from(self.delay.as_secs().min(900)).unwrap_or(900)
    }
}

fn body_of(message: &impl Serialize) -> Result<String, Error> {
    serde_json::to_string(message).map_err(|error| Error::unreadable("write a message", error))
}

/// The pauses between attempts at what a batch request left over.
pub(crate) fn pauses() -> impl Iterator<Item = Duration> {
    ExponentialBuilder::default()
        .with_min_delay(Duration::from_millis(50))
        .with_max_delay(Duration::from_secs(1))
        .with_max_times(4)
        .with_jitter()
        .build()
}

/// Cuts `items` into runs of at most `most` items and `bytes` bytes; an item
/// larger than that is alone in its run.
pub(crate) fn chunks<T>(
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
            let chunks: Vec<&[usize]> = chunks(&sizes, |size| *size, 10, 100).collect();
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
        let chunks: Vec<&[usize]> = chunks(&sizes, |size| *size, 10, 100).collect();
        assert_eq!(chunks, [&[1][..], &[500], &[1]]);
    }
}
