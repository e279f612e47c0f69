//! The key that links in mails are signed with: made once per installation, by
//! the first mail that needs it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{ServiceError, ServiceErrorKind},
    store::{
        codec::{decode_item, encode_item, text_value},
        keys, schema,
        table::{PutCondition, PutOutcome, Table},
    },
    unsubscribe::LinkKey,
};

/// The item `LINKS` / `KEY` of the Settings table, remembered for good: it does
/// not change.
#[derive(Debug, Clone)]
pub struct LinkKeyStore {
    table: Table,
    known: Arc<OnceLock<LinkKey>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct StoredLinkKey {
    key: String,
}

impl LinkKeyStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(schema::SETTINGS.variable)?),
            known: Arc::default(),
        })
    }

    /// The key; none if no mail has needed one yet.
    pub async fn get_key(&self) -> Result<Option<LinkKey>, ServiceError> {
        if let Some(known) = self.known.get() {
            return Ok(Some(known.clone()));
        }
        let item = self
            .table
            .get_item(item_key(), true, || "load the key of links".to_owned())
            .await?;
        item.map(|item| self.read_key(item)).transpose()
    }

    /// The key, which is made if there is none.
    pub async fn key_or_new(&self) -> Result<LinkKey, ServiceError> {
        if let Some(key) = self.get_key().await? {
            return Ok(key);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|_| ServiceError::new(ServiceErrorKind::Unreachable, "draw a key of links"))?;
        let stored = StoredLinkKey {
            key: STANDARD.encode(bytes),
        };
        let item = encode_item(
            &stored,
            item_key().map(|(name, value)| (name, text_value(value))),
        )?;
        let doing = || "write the key of links".to_owned();
        let put = self
            .table
            .put_if(item, PutCondition::if_absent(), doing)
            .await?;
        match put {
            PutOutcome::Written => Ok(self.cache_key(LinkKey(bytes))),
            // Another worker was faster: its key is the key.
            PutOutcome::Refused(Some(item)) => self.read_key(item),
            PutOutcome::Refused(None) => Err(unreadable_key()),
        }
    }

    fn read_key(&self, item: crate::store::codec::StoredItem) -> Result<LinkKey, ServiceError> {
        let StoredLinkKey { key } = decode_item(item, "the key of links")?;
        let bytes = STANDARD.decode(key).map_err(|_| unreadable_key())?;
        let bytes = bytes.try_into().map_err(|_| unreadable_key())?;
        Ok(self.cache_key(LinkKey(bytes)))
    }

    fn cache_key(&self, key: LinkKey) -> LinkKey {
        self.known.get_or_init(|| key).clone()
    }
}

fn unreadable_key() -> ServiceError {
    ServiceError::from_unreadable("read the key of links", "expected 32 bytes in base64")
}

fn item_key() -> [(&'static str, String); 2] {
    [("pk", keys::LINKS.to_owned()), ("sk", keys::KEY.to_owned())]
}
