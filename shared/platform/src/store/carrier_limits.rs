//! What was taken out of a carrier's quotas, shared by all who ask it.

use aws_sdk_dynamodb::types::AttributeValue;
use posthorn_domain::id::CarrierId;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        codec::{number_value, text_value},
        keys,
        lenient::{self, Readable},
        schema::SETTINGS,
        table::Table,
        update::Update,
    },
};

/// The items `SWEEP`/`LIMITS#<carrier>` of the Settings table: one for each
/// carrier that counts, since an installation has one credential for each.
#[derive(Debug, Clone)]
pub struct LimitStore {
    table: Table,
}

/// A state as it was read. It is replaced only if no other writer has done so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The state.
    pub state: T,
    /// How often it has been written.
    pub version: u64,
}

#[derive(Deserialize)]
struct StoredLimits<T> {
    #[serde(default)]
    ledger: T,
    #[serde(default)]
    version: u64,
}

impl LimitStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(SETTINGS.variable)?),
        })
    }

    /// Reads the state of a carrier; an empty one if there is none, and without
    /// those parts that cannot be read: else the carrier would not be asked any more.
    pub async fn load_limits<T>(&self, carrier: &CarrierId) -> Result<Versioned<T>, ServiceError>
    where
        T: DeserializeOwned + Default,
    {
        let key = [
            ("pk", keys::SWEEP.to_owned()),
            ("sk", keys::limits_key(carrier)),
        ];
        let doing = || format!("load the limits of {carrier}");
        let Some(item) = self.table.get_item(key, true, doing).await? else {
            return Ok(Versioned::default());
        };
        let Readable {
            value: StoredLimits { ledger, version },
            left_out,
        } = lenient::decode_leniently(item, &format!("the limits of {carrier}"))?;
        lenient::log_left_out("limits", carrier.as_str(), &left_out);
        Ok(Versioned {
            state: ledger,
            version,
        })
    }

    /// Writes `next` over what was read as version `before`; false if another writer
    /// else has written it since. So is an answer that was lost on the way: it
    /// counts twice then, which breaks no limit.
    pub async fn replace_limits<T: Serialize + Sync>(
        &self,
        carrier: &CarrierId,
        next: &T,
        before: u64,
    ) -> Result<bool, ServiceError> {
        let ledger: AttributeValue = serde_dynamo::to_attribute_value(next)
            .map_err(|error| ServiceError::from_unreadable("write limits", error))?;
        let key = [
            ("pk", keys::SWEEP.to_owned()),
            ("sk", keys::limits_key(carrier)),
        ];
        let condition = match before {
            // Also in the place of a version that is none.
            0 => "NOT attribute_type(version, :number)",
            _ => "version = :before",
        };
        let mut update = Update::new(
            &self.table,
            key,
            "SET ledger = :ledger, version = :next",
            condition,
        )
        .with_value(":ledger", ledger)
        .with_value(":next", number_value(before + 1));
        update = match before {
            0 => update.with_value(":number", text_value("N")),
            _ => update.with_value(":before", number_value(before)),
        };
        update.run_update("take out of a quota").await
    }
}
