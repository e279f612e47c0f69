//! When numbers were asked after because of a hint, so that a burst
//! of hints does not become a burst of questions.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{id::CarrierId, tracking_number::TrackingNumber};
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        codec::{decode_item, encode_item, number_value, text_value},
        keys,
        schema::IDEMPOTENCY,
        table::{PutCondition, PutOutcome, Table},
    },
};

/// How long a turn is remembered at least; what is older than the gap does not count.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(1);

/// The items `PUSH_TRIGGER#<carrier>#<number>` of the Idempotency table.
#[derive(Debug, Clone)]
pub struct PollDebounce {
    table: Table,
}

/// What a hint leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PollPermit {
    /// The carrier is to be asked now.
    Now,
    /// It was asked a moment ago, perhaps before what this hint is about: it is to
    /// be asked once more, then.
    Later(Timestamp),
    /// It will be asked anyway, after what this hint is about.
    Taken,
}

/// When a number is asked after, in milliseconds: in the past, or yet to come.
#[derive(Debug, Serialize, Deserialize)]
struct StoredPollTime {
    asked_at: i64,
    expires: i64,
}

impl PollDebounce {
    /// The table that `POSTHORN_IDEMPOTENCY` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(IDEMPOTENCY.variable)?),
        })
    }

    /// Takes a turn for `number`, so that turns are `gap` apart. It costs a write;
    /// two where it is for later.
    pub async fn take_permit(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
        gap: SignedDuration,
        now: Timestamp,
    ) -> Result<PollPermit, ServiceError> {
        let free = PutCondition {
            expression: "attribute_not_exists(pk) OR asked_at <= :long_ago",
            values: vec![(":long_ago", number_value((now - gap).as_millisecond()))],
        };
        let found = match self.put_poll_time(carrier, number, now, free).await? {
            PutOutcome::Written => return Ok(PollPermit::Now),
            PutOutcome::Refused(found) => found.unwrap_or_default(),
        };
        // Of a turn that cannot be read nothing is known but that it passes.
        let Ok(StoredPollTime { asked_at, .. }) =
            decode_item(found, "when a number was asked after")
        else {
            return Ok(PollPermit::Now);
        };
        let last = Timestamp::from_millisecond(asked_at).unwrap_or(now);
        if last > now {
            return Ok(PollPermit::Taken);
        }
        let unchanged = PutCondition {
            expression: "asked_at = :last",
            values: vec![(":last", number_value(asked_at))],
        };
        let next = last + gap;
        Ok(
            match self.put_poll_time(carrier, number, next, unchanged).await? {
                PutOutcome::Written => PollPermit::Later(next),
                // Another process was faster: its turn is after this hint as well.
                PutOutcome::Refused(_) => PollPermit::Taken,
            },
        )
    }

    /// Gives a turn back that came to nothing.
    pub async fn give_back(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
    ) -> Result<(), ServiceError> {
        let key = [("pk", keys::poll_debounce_key(carrier, number))];
        let doing = || format!("give back a turn of {carrier}");
        self.table.delete_item(key, doing).await
    }

    async fn put_poll_time(
        &self,
        carrier: &CarrierId,
        number: &TrackingNumber,
        asked_at: Timestamp,
        condition: PutCondition,
    ) -> Result<PutOutcome, ServiceError> {
        let stored = StoredPollTime {
            asked_at: asked_at.as_millisecond(),
            expires: (asked_at + REMEMBERED).as_second(),
        };
        let item = encode_item(
            &stored,
            [("pk", text_value(keys::poll_debounce_key(carrier, number)))],
        )?;
        let doing = || format!("take a turn of {carrier}");
        self.table.put_if(item, condition, doing).await
    }
}
