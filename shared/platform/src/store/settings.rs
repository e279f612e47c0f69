//! API keys and settings of shops.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use jiff::{SignedDuration, Timestamp};
use posthorn_domain::{id::ShopId, settings::Settings};
use serde::{Deserialize, Serialize};
use tracing::warn;

use crate::{
    api_key::ApiKeyHash,
    aws::Aws,
    config::{Config, ConfigError},
    error::ServiceError,
    store::{
        codec::{decode_item, encode_item, text_value},
        keys,
        lenient::{self, Readable},
        schema,
        table::Table,
    },
};

/// How long what was read is taken for the present state: a revoked key works
/// so much longer in a function that knows it.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// The Settings table, remembered for a minute.
#[derive(Debug, Clone)]
pub struct SettingsStore {
    table: Table,
    keys: SettingsCache<ApiKeyHash, ShopId>,
    settings: SettingsCache<ShopId, Arc<Settings>>,
}

/// An API key in the table; of the key itself only the hash is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyEntry {
    /// Whose.
    pub shop: ShopId,
    /// What people call it.
    pub label: String,
    /// Since when.
    pub created_at: Timestamp,
}

/// All of a [`KeyEntry`] that a request needs.
#[derive(Deserialize)]
struct KeyGrant {
    shop: ShopId,
}

impl SettingsStore {
    /// The table that `POSTHORN_SETTINGS` names.
    pub fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        Ok(Self {
            table: Table::new(aws, config.require_setting(schema::SETTINGS.variable)?),
            keys: SettingsCache::default(),
            settings: SettingsCache::default(),
        })
    }

    /// The shop that an API key signs in. An unknown key is asked for each time.
    pub async fn shop_of_key(
        &self,
        hash: &ApiKeyHash,
        now: Timestamp,
    ) -> Result<Option<ShopId>, ServiceError> {
        if let Some(shop) = self.keys.get_fresh(hash, now) {
            return Ok(Some(shop));
        }
        let item = self
            .table
            .get_item(api_key(hash), false, || "look up an API key".to_owned())
            .await?;
        let Some(item) = item else {
            return Ok(None);
        };
        // What else stands in the entry is for people.
        let KeyGrant { shop } = decode_item(item, "an API key")?;
        self.keys.put_fresh(hash.clone(), shop.clone(), now);
        Ok(Some(shop))
    }

    /// Lets a key sign in.
    pub async fn put_key(&self, hash: &ApiKeyHash, entry: &KeyEntry) -> Result<(), ServiceError> {
        let keys = api_key(hash).map(|(name, value)| (name, text_value(value)));
        let doing = || format!("write an API key of {}", entry.shop);
        self.table.put_item(encode_item(entry, keys)?, doing).await
    }

    /// Lets a key sign in no more.
    pub async fn revoke_key(&self, hash: &ApiKeyHash) -> Result<(), ServiceError> {
        self.table
            .delete_item(api_key(hash), || "revoke an API key".to_owned())
            .await
    }

    /// A shop's settings; the defaults, if it has set none, and in the place of
    /// each field that cannot be read: settings are written by hand.
    pub async fn load_settings(
        &self,
        shop: &ShopId,
        now: Timestamp,
    ) -> Result<Arc<Settings>, ServiceError> {
        let settings = self.find_settings(shop, now).await?;
        Ok(settings.unwrap_or_default())
    }

    /// Whether there is such a shop: one that has settings. A shop that is not
    /// there is asked for each time.
    pub async fn is_known(&self, shop: &ShopId, now: Timestamp) -> Result<bool, ServiceError> {
        Ok(self.find_settings(shop, now).await?.is_some())
    }

    async fn find_settings(
        &self,
        shop: &ShopId,
        now: Timestamp,
    ) -> Result<Option<Arc<Settings>>, ServiceError> {
        if let Some(settings) = self.settings.get_fresh(shop, now) {
            return Ok(Some(settings));
        }
        let item = self
            .table
            .get_item(settings_key(shop), false, || {
                format!("load the settings of {shop}")
            })
            .await?;
        let Some(item) = item else {
            return Ok(None);
        };
        let item = lenient::clean_texts(item.into());
        let Readable {
            value: settings,
            left_out,
        } = lenient::decode_leniently::<Settings>(item, &format!("the settings of {shop}"))?;
        lenient::log_left_out("settings", shop.as_str(), &left_out);
        for (name, error) in settings.unusable_settings() {
            warn!(%shop, "The setting {name} of {shop} is not used: {error}");
        }
        let settings = Arc::new(settings);
        self.settings
            .put_fresh(shop.clone(), Arc::clone(&settings), now);
        Ok(Some(settings))
    }

    /// Writes a shop's settings.
    pub async fn put_settings(
        &self,
        shop: &ShopId,
        settings: &Settings,
    ) -> Result<(), ServiceError> {
        let keys = settings_key(shop).map(|(name, value)| (name, text_value(value)));
        let doing = || format!("write the settings of {shop}");
        self.table
            .put_item(encode_item(settings, keys)?, doing)
            .await
    }
}

fn api_key(hash: &ApiKeyHash) -> [(&'static str, String); 2] {
    [
        ("pk", format!("KEY#{}", hash.as_str())),
        ("sk", keys::KEY.to_owned()),
    ]
}

fn settings_key(shop: &ShopId) -> [(&'static str, String); 2] {
    [
        ("pk", keys::shop_key(shop)),
        ("sk", keys::SETTINGS.to_owned()),
    ]
}

/// What was read lately.
#[derive(Debug)]
struct SettingsCache<K, V>(Arc<Mutex<HashMap<K, (V, Timestamp)>>>);

impl<K, V> Default for SettingsCache<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Clone for SettingsCache<K, V> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Eq + Hash, V: Clone> SettingsCache<K, V> {
    fn get_fresh(&self, key: &K, now: Timestamp) -> Option<V> {
        let cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (value, read_at) = cache.get(key)?;
        (now.duration_since(*read_at) < FRESH).then(|| value.clone())
    }

    fn put_fresh(&self, key: K, value: V, now: Timestamp) {
        let mut cache = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Keeps it small in a function that lives for hours and serves many.
        cache.retain(|_, (_, read_at)| now.duration_since(*read_at) < FRESH);
        cache.insert(key, (value, now));
    }
}
