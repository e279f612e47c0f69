//! Answers already given, so that the same request gets the same answer.

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::id::ShopId;
use serde::{Deserialize, Serialize};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        codec::{decode_item, encode_item, number_value, text_value},
        keys,
        schema::IDEMPOTENCY,
        table::{PutCondition, Table},
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

/// An answer, as it was given, or where it can be read again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredAnswer {
    /// HTTP status.
    pub status: u16,
    /// Body; of an answer that was too large to be kept, what it was about.
    pub body: String,
    /// Whether `body` only says what the answer was about. An item of `DynamoDB` has at
    /// most 400 KB, which the answer about an order may exceed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_reference: bool,
}

/// Proof of a request that was carried out, stored together with what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestReceipt {
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
pub enum KnownRequest {
    /// Nothing: carry it out.
    Fresh,
    /// It was carried out: answer the same.
    Replay(StoredAnswer),
    /// The key was used for something else.
    Mismatch,
}

#[derive(Serialize, Deserialize)]
struct StoredRequest {
    body_hash: String,
    #[serde(flatten)]
    answer: StoredAnswer,
    expires: i64,
}

impl IdempotencyStore {
    /// The table that `POSTHORN_IDEMPOTENCY` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(IDEMPOTENCY.variable)?),
        })
    }

    /// What is known of a shop's request with this key and content. The table
    /// may keep an answer for days past its time; it does not count then.
    pub async fn find_request(
        &self,
        shop: &ShopId,
        key: &str,
        body_hash: &str,
        now: Timestamp,
    ) -> Result<KnownRequest, ServiceError> {
        let item = self
            .table
            .get_item([("pk", keys::receipt_key(shop, key))], true, || {
                format!("look for a request of {shop}")
            })
            .await?;
        let Some(item) = item else {
            return Ok(KnownRequest::Fresh);
        };
        let stored: StoredRequest = decode_item(item, "an answer given before")?;
        Ok(if stored.expires <= now.as_second() {
            KnownRequest::Fresh
        } else if stored.body_hash == body_hash {
            KnownRequest::Replay(stored.answer)
        } else {
            KnownRequest::Mismatch
        })
    }

    pub(crate) fn put_receipt(&self, receipt: &RequestReceipt) -> Result<PutIn<'_>, ServiceError> {
        let stored = StoredRequest {
            body_hash: receipt.body_hash.clone(),
            answer: receipt.answer.clone(),
            expires: (receipt.at + REMEMBERED).as_second(),
        };
        let pk = text_value(keys::receipt_key(&receipt.shop, &receipt.key));
        Ok(PutIn {
            table: &self.table.name,
            item: encode_item(&stored, [("pk", pk)])?,
            condition: Some(PutCondition {
                expression: "attribute_not_exists(pk) OR expires <= :now",
                values: vec![(":now", number_value(receipt.at.as_second()))],
            }),
            tells_old: false,
        })
    }
}
