//! The key that links in mails are signed with: made once per installation, by
//! the first mail that needs it.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::sync::{Arc, OnceLock};

use crate::{
    aws::Aws,
    config::{Config, ConfigError},
    error::{Error, ErrorKind},
    store::{
        codec::{decode, encode, text},
        keys, schema,
        table::{Condition, PutOutcome, Table},
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
struct Stored {
    key: String,
}

impl LinkKeyStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.required(schema::SETTINGS.variable)?),
            known: Arc::default(),
        })
    }

    /// The key; none if no mail has needed one yet.
    pub async fn key(&self) -> Result<Option<LinkKey>, Error> {
        if let Some(known) = self.known.get() {
            return Ok(Some(known.clone()));
        }
        let item = self
            .table
            .get(item_key(), true, || "load the key of links".to_owned())
            .await?;
        item.map(|item| self.read(item)).transpose()
    }

    /// The key, which is made if there is none.
    pub async fn key_or_new(&self) -> Result<LinkKey, Error> {
        if let Some(key) = self.key().await? {
            return Ok(key);
        }
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes)
            .map_err(|_| Error::new(ErrorKind::Unreachable, "draw a key of links"))?;
        let stored = Stored {
            key: STANDARD.encode(bytes),
        };
        let item = encode(&stored, item_key().map(|(name, value)| (name, text(value))))?;
        let doing = || "write the key of links".to_owned();
        let put = self.table.put_if(item, Condition::absent(), doing).await?;
        match put {
            PutOutcome::Written => Ok(self.remember(LinkKey(bytes))),
            // Another worker was faster: its key is the key.
            PutOutcome::Refused(Some(item)) => self.read(item),
            PutOutcome::Refused(None) => Err(unreadable()),
        }
    }

    fn read(&self, item: crate::store::codec::Item) -> Result<LinkKey, Error> {
        let Stored { key } = decode(item, "the key of links")?;
        let bytes = STANDARD.decode(key).map_err(|_| unreadable())?;
        let bytes = bytes.try_into().map_err(|_| unreadable())?;
        Ok(self.remember(LinkKey(bytes)))
    }

    fn remember(&self, key: LinkKey) -> LinkKey {
        self.known.get_or_init(|| key).clone()
    }
}

fn unreadable() -> Error {
    Error::unreadable("read the key of links", "expected 32 bytes in base64")
}

fn item_key() -> [(&'static str, String); 2] {
    [("pk", keys::LINKS.to_owned()), ("sk", keys::KEY.to_owned())]
}
