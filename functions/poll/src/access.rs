//! The keys to the carriers.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;
use posthorn_carriers::{Carrier, CarrierAccess, CarrierError};
use posthorn_domain::id::CarrierId;
use posthorn_platform::{Aws, Config, config::ConfigError, secrets::Secrets};
use secrecy::ExposeSecret as _;
use tracing::warn;

/// Credentials from the parameter store; the sandbox's pace from the environment.
#[derive(Debug)]
pub(crate) struct CarrierCredentials {
    secrets: Secrets,
    prefix: String,
    sandbox_pace: f64,
    /// Carriers of whom it was said that there is no usable key.
    missed: Mutex<HashSet<CarrierId>>,
}

impl CarrierCredentials {
    pub(crate) fn new(aws: &Aws, config: &Config) -> Result<Self, ConfigError> {
        let prefix = config.require_setting("POSTHORN_PARAMETERS")?;
        Ok(Self {
            secrets: Secrets::new(aws, &prefix),
            prefix,
            sandbox_pace: config.parsed_or("POSTHORN_SANDBOX_PACE", "a number", 1.0)?,
            missed: Mutex::default(),
        })
    }

    /// The key to `carrier`, or why there is none, which comes to the same as being
    /// refused. A carrier that needs none is not looked up.
    pub(crate) async fn load_access(
        &self,
        carrier: &dyn Carrier,
        now: Timestamp,
    ) -> anyhow::Result<Result<CarrierAccess, CarrierError>> {
        let (profile, id) = (carrier.carrier_profile(), carrier.id());
        if !profile.credentials.iter().any(|field| field.is_required) {
            let pace = ("pace".to_owned(), self.sandbox_pace.to_string());
            return Ok(Ok(CarrierAccess::new(profile, [pace])?));
        }
        let parameter = self.parameter_name(&id);
        let Some(secret) = self.secrets.carrier_credentials(&id, now).await? else {
            return Ok(Err(CarrierError::unauthorized_access(format!(
                "no credentials for {id}: put them at {parameter}, see docs/CARRIERS.md"
            ))));
        };
        let access = CarrierAccess::parse(profile, secret.expose_secret());
        let access = match access {
            Ok(access) => Ok(self.with_webhook(access, carrier, now).await?),
            Err(reason) => Err(reason),
        };
        if access.is_ok() {
            self.missed_carriers().remove(&id);
        }
        Ok(access
            .map_err(|reason| CarrierError::unauthorized_access(format!("{parameter}: {reason}"))))
    }

    /// The same with the secrets of the carrier's webhook, if there are any: a
    /// subscription names them. Unusable ones stop no polling.
    async fn with_webhook(
        &self,
        access: CarrierAccess,
        carrier: &dyn Carrier,
        now: Timestamp,
    ) -> anyhow::Result<CarrierAccess> {
        let (profile, id) = (carrier.carrier_profile(), carrier.id());
        if !profile.credentials.iter().any(|field| field.is_of_webhook) {
            return Ok(access);
        }
        let Some(secret) = self.secrets.webhook_secrets(&id, now).await? else {
            return Ok(access);
        };
        match access.clone().with_webhook(profile, secret.expose_secret()) {
            Ok(access) => Ok(access),
            Err(reason) => {
                warn!(carrier = %id, %reason, "Set the parameter webhooks/{id}: {reason}");
                Ok(access)
            }
        }
    }

    /// Whether it is news that there is no usable key to `carrier`, which
    /// is noted now.
    pub(crate) fn is_newly_missed(&self, carrier: &CarrierId) -> bool {
        self.missed_carriers().insert(carrier.clone())
    }

    fn missed_carriers(&self) -> MutexGuard<'_, HashSet<CarrierId>> {
        self.missed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The name of the parameter with a carrier's credentials.
    pub(crate) fn parameter_name(&self, carrier: &CarrierId) -> String {
        format!("{}/carriers/{carrier}", self.prefix.trim_end_matches('/'))
    }

    /// Reads the parameter anew next time: it may have been corrected.
    pub(crate) fn forget_credentials(&self, carrier: &CarrierId) {
        self.secrets.forget_secret(&format!("carriers/{carrier}"));
        self.secrets.forget_secret(&format!("webhooks/{carrier}"));
    }
}
