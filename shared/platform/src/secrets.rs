//! Credentials and secrets, from the parameter store, for a few minutes each.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use aws_sdk_ssm::{Client, operation::get_parameter::GetParameterError};
use jiff::{SignedDuration, Timestamp};
use posthorn_domain::id::{CarrierId, ShopId};
use secrecy::SecretString;

use crate::{aws::Aws, error::ServiceError};

/// How long a secret is taken for the present one.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// How long it is remembered that there is none: shorter, because the operator may
/// be waiting for the one that was just set.
const ABSENT: SignedDuration = SignedDuration::from_secs(30);
/// How long an old secret still serves while the parameter store is away.
const STALE: SignedDuration = SignedDuration::from_hours(1);

/// The secrets of this installation, under one prefix in the parameter store.
#[derive(Debug, Clone)]
pub struct Secrets {
    client: Client,
    prefix: String,
    cache: Arc<Mutex<HashMap<String, CachedSecret>>>,
}

#[derive(Debug, Clone)]
struct CachedSecret {
    secret: Option<SecretString>,
    read_at: Timestamp,
}

impl Secrets {
    /// The secrets under `prefix`, as `/posthorn/prod`.
    pub fn new(aws: &Aws, prefix: &str) -> Self {
        Self {
            client: aws.ssm_client(),
            prefix: prefix.trim_end_matches('/').to_owned(),
            cache: Arc::default(),
        }
    }

    /// The credentials for a carrier's API, as JSON; none if they are not set.
    pub async fn carrier_credentials(
        &self,
        carrier: &CarrierId,
        now: Timestamp,
    ) -> Result<Option<SecretString>, ServiceError> {
        self.get_secret(&format!("carriers/{carrier}"), now).await
    }

    /// The secrets of a carrier's webhook, as JSON; none if none are set.
    pub async fn webhook_secrets(
        &self,
        carrier: &CarrierId,
        now: Timestamp,
    ) -> Result<Option<SecretString>, ServiceError> {
        self.get_secret(&format!("webhooks/{carrier}"), now).await
    }

    /// The secret with which `storefront` signs a shop's webhooks.
    pub async fn storefront(
        &self,
        shop: &ShopId,
        storefront: &str,
        now: Timestamp,
    ) -> Result<Option<SecretString>, ServiceError> {
        self.get_secret(&format!("shops/{shop}/{storefront}"), now)
            .await
    }

    /// The secret called `name` under the prefix, no older than five minutes;
    /// up to an hour old if the parameter store does not answer.
    pub async fn get_secret(
        &self,
        name: &str,
        now: Timestamp,
    ) -> Result<Option<SecretString>, ServiceError> {
        let known = self.cached_secret(name);
        if let Some(known) = known.as_ref().filter(|known| known.is_fresh(now)) {
            return Ok(known.secret.clone());
        }
        match self.read_secret(name).await {
            Ok(secret) => {
                self.cache_secret(name, secret.clone(), now);
                Ok(secret)
            }
            Err(error) => match known {
                Some(known) if known.may_serve(now) => Ok(known.secret),
                _ => Err(error),
            },
        }
    }

    /// Forgets `name`, so that it is read anew: a carrier has refused it, and
    /// it may have been changed.
    pub fn forget_secret(&self, name: &str) {
        self.lock_cache().remove(name);
    }

    async fn read_secret(&self, name: &str) -> Result<Option<SecretString>, ServiceError> {
        let answer = self
            .client
            .get_parameter()
            .name(format!("{}/{name}", self.prefix))
            .with_decryption(true)
            .send()
            .await;
        match answer {
            Ok(answer) => Ok(answer
                .parameter
                .and_then(|parameter| parameter.value)
                .map(SecretString::from)),
            Err(error)
                if error
                    .as_service_error()
                    .is_some_and(GetParameterError::is_parameter_not_found) =>
            {
                Ok(None)
            }
            Err(error) => Err(ServiceError::from_sdk(
                format!("read the secret {name}"),
                error,
            )),
        }
    }

    fn cached_secret(&self, name: &str) -> Option<CachedSecret> {
        self.lock_cache().get(name).cloned()
    }

    fn cache_secret(&self, name: &str, secret: Option<SecretString>, now: Timestamp) {
        let cached = CachedSecret {
            secret,
            read_at: now,
        };
        let mut cache = self.lock_cache();
        sweep_out(&mut cache, now);
        cache.insert(name.to_owned(), cached);
    }

    fn lock_cache(&self) -> std::sync::MutexGuard<'_, HashMap<String, CachedSecret>> {
        self.cache.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Forgets what serves no more: a function lives for hours, and its callers
/// name shops as they like.
fn sweep_out(cache: &mut HashMap<String, CachedSecret>, now: Timestamp) {
    cache.retain(|_, known| known.is_fresh(now) || known.may_serve(now));
}

impl CachedSecret {
    fn is_fresh(&self, now: Timestamp) -> bool {
        let lifetime = if self.secret.is_some() { FRESH } else { ABSENT };
        now.duration_since(self.read_at) < lifetime
    }

    fn may_serve(&self, now: Timestamp) -> bool {
        self.secret.is_some() && now.duration_since(self.read_at) < STALE
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_serves_no_more_is_not_kept() {
        let at = |minutes| Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes);
        let cached = |secret: Option<&str>, minutes| CachedSecret {
            secret: secret.map(|secret| secret.to_owned().into()),
            read_at: at(minutes),
        };
        let mut cache = HashMap::from([
            ("shops/unknown/shopify".to_owned(), cached(None, 0)),
            ("carriers/ups".to_owned(), cached(Some("hush"), 0)),
            ("carriers/dhl".to_owned(), cached(Some("hush"), 30)),
        ]);
        sweep_out(&mut cache, at(30));
        assert_eq!(cache.len(), 2);
        sweep_out(&mut cache, at(60));
        assert_eq!(cache.len(), 1);
    }
}
