//! The key to a carrier: credentials, and where the carrier is.

use crate::profile::CarrierProfile;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, fmt};
use url::{Host, Url};

/// The credentials and settings of an installation at one carrier. Its `Debug`
/// shows names, never values.
#[derive(Clone)]
pub struct CarrierAccess {
    base_url: String,
    fields: BTreeMap<String, SecretString>,
    fingerprint: [u8; 16],
}

/// Why credentials cannot be used. No message repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// Not a JSON object of texts.
    #[error("expected a JSON object whose values are texts")]
    Shape,
    /// A field that the carrier needs.
    #[error("`{field}` is missing ({help})")]
    Missing {
        /// The field.
        field: &'static str,
        /// Where to find it.
        help: &'static str,
    },
    /// A secret of the webhook among the credentials, where `receive` does not see it.
    #[error("`{0}` belongs in the parameter of the webhook, beside that of the credentials")]
    Misplaced(&'static str),
    /// `base_url` is not usable.
    #[error("`base_url` must be https, or http to this machine, without query and credentials")]
    BaseUrl,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Value {
    Text(String),
    Number(serde_json::Number),
    Flag(bool),
}

impl CarrierAccess {
    /// Reads the JSON of the parameter with a carrier's credentials.
    pub fn parse(profile: &CarrierProfile, json: &str) -> Result<Self, AccessError> {
        let values = parse_texts(json)?;
        let mut of_webhook = profile
            .credentials
            .iter()
            .filter(|field| field.is_of_webhook);
        match of_webhook.find(|field| values.contains_key(field.name)) {
            Some(field) => Err(AccessError::Misplaced(field.name)),
            None => Self::new(profile, values),
        }
    }

    /// The secrets of a carrier's webhook alone, from the JSON of their parameter: enough
    /// to verify a push, not enough to ask.
    pub fn of_webhook(profile: &CarrierProfile, json: Option<&str>) -> Result<Self, AccessError> {
        let values = json.map(parse_texts).transpose()?.unwrap_or_default();
        let profile = CarrierProfile {
            credentials: &[],
            ..*profile
        };
        Self::new(&profile, values)
    }

    /// The credentials together with the secrets of the webhook, which a subscription
    /// names.
    pub fn with_webhook(self, profile: &CarrierProfile, json: &str) -> Result<Self, AccessError> {
        let of_webhook = Self::of_webhook(profile, Some(json))?;
        let is_of_webhook = |name: &str| {
            let mut fields = profile.credentials.iter();
            fields.any(|field| field.is_of_webhook && field.name == name)
        };
        let mut fields = self.fields;
        let secrets = of_webhook.fields.into_iter();
        fields.extend(secrets.filter(|(name, _)| is_of_webhook(name)));
        Ok(Self { fields, ..self })
    }

    /// Credentials from names and values.
    pub fn new(
        profile: &CarrierProfile,
        values: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, AccessError> {
        let mut hash = Sha256::new();
        let mut base_url = profile.base_url.to_owned();
        let mut fields = BTreeMap::new();
        for (name, value) in values {
            if value.is_empty() {
                continue;
            }
            for part in [&name, &value] {
                hash.update(part.len().to_le_bytes());
                hash.update(part);
            }
            if name == "base_url" {
                base_url = checked_base_url(&value)?;
            } else {
                fields.insert(name, SecretString::from(value));
            }
        }
        if let Some(field) = profile
            .credentials
            .iter()
            .find(|field| field.is_required && !fields.contains_key(field.name))
        {
            return Err(AccessError::Missing {
                field: field.name,
                help: field.help,
            });
        }
        let mut fingerprint = [0; 16];
        fingerprint.copy_from_slice(&hash.finalize()[..16]);
        Ok(Self {
            base_url,
            fields,
            fingerprint,
        })
    }

    /// Where the carrier is, without a trailing slash.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The value of a field; empty if it is not there.
    pub fn get_field(&self, name: &str) -> &str {
        self.fields
            .get(name)
            .map_or("", |value| value.expose_secret())
    }

    /// Tells credentials apart without showing them.
    pub const fn credential_fingerprint(&self) -> [u8; 16] {
        self.fingerprint
    }
}

/// The fields of a parameter as texts.
fn parse_texts(json: &str) -> Result<BTreeMap<String, String>, AccessError> {
    let values: BTreeMap<String, Value> =
        serde_json::from_str(json).map_err(|_| AccessError::Shape)?;
    let text = |value| match value {
        Value::Text(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        Value::Flag(flag) => flag.to_string(),
    };
    Ok(values
        .into_iter()
        .map(|(name, value)| (name, text(value)))
        .collect())
}

impl fmt::Debug for CarrierAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("base_url", &self.base_url)
            .field("fields", &self.fields.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// Credentials travel with each request, so only TLS, or a carrier that a test
/// runs on this machine.
fn checked_base_url(text: &str) -> Result<String, AccessError> {
    let url = Url::parse(text).map_err(|_| AccessError::BaseUrl)?;
    let is_loopback = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(AccessError::BaseUrl),
    };
    let is_safe = url.scheme() == "https" || (url.scheme() == "http" && is_loopback);
    let is_plain = url.query().is_none()
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    if is_safe && is_plain {
        Ok(url.as_str().trim_end_matches('/').to_owned())
    } else {
        Err(AccessError::BaseUrl)
    }
}
