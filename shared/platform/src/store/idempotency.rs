//! Answers already given, so that the same request gets the same answer.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::id::ShopId;
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::Error,
    store::{
        codec::{decode, encode, number, text},
        keys,
        schema::IDEMPOTENCY,
        table::{Condition, Table},
        transaction::PutIn,
    },
};

/// How long an answer is remembered.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(24);

/// The Idempotency table. Answers are written by [`crate::store::intake`], in
/// the transaction of what they answer.
#[derive(Debug, Clone)]
pub struct IdempotencyStore {
    table: Table,
}

/// An answer, as it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body.
    pub body: String,
}

/// Proof of a request that was carried out, stored together with what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Whose request.
    pub shop: ShopId,
    /// Its `Idempotency-Key`.
    pub key: String,
    /// Hash of what it asked for.
    pub body_hash: String,
    /// What it was answered.
    pub answer: StoredAnswer,
    /// When.
    pub at: Timestamp,
}

/// What is known of a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Nothing: carry it out.
    Fresh,
    /// It was carried out: answer the same.
    Replay(StoredAnswer),
    /// The key was used for something else.
    Mismatch,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    body_hash: String,
    #[serde(flatten)]
    answer: StoredAnswer,
    expires: i64,
}

impl IdempotencyStore {
    /// The table that `POSTHORN_IDEMPOTENCY` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(IDEMPOTENCY.variable)?),
        })
    }

    /// What is known of a shop's request with this key and content. The table
    /// may keep an answer for days past its time; it does not count then.
    pub async fn find(
        &self,
        shop: &ShopId,
        key: &str,
        body_hash: &str,
        now: Timestamp,
    ) -> Result<Known, Error> {
        let item = self
            .table
            .get([("pk", keys::receipt(shop, key))], true, || {
                format!("look for a request of {shop}")
            })
            .await?;
        let Some(item) = item else {
            return Ok(Known::Fresh);
        };
        let stored: Stored = decode(item, "an answer given before")?;
        Ok(if stored.expires <= now.as_second() {
            Known::Fresh
        } else if stored.body_hash == body_hash {
            Known::Replay(stored.answer)
        } else {
            Known::Mismatch
        })
    }

    pub(crate) fn put(&self, receipt: &Receipt) -> Result<PutIn<'_>, Error> {
        let stored = Stored {
            body_hash: receipt.body_hash.clone(),
            answer: receipt.answer.clone(),
            expires: (receipt.at + REMEMBERED).as_second(),
        };
        let pk = text(keys::receipt(&receipt.shop, &receipt.key));
        Ok(PutIn {
            table: &self.table.name,
            item: encode(&stored, [("pk", pk)])?,
            condition: Some(Condition {
                expression: "attribute_not_exists(pk) OR expires <= :now",
                values: vec![(":now", number(receipt.at.as_second()))],
            }),
            tells_old: false,
        })
    }
}
