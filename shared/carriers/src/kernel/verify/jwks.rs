//! The keys that a sender publishes.

use aws_lc_rs::signature::{RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::Deserialize;
use std::fmt;

/// A set of RSA keys, as RFC 7517 writes them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Jwks {
    keys: Vec<Key>,
}

#[derive(Clone, PartialEq, Eq)]
struct Key {
    id: String,
    modulus: Vec<u8>,
    exponent: Vec<u8>,
}

#[derive(Deserialize)]
struct Set {
    #[serde(default)]
    keys: Vec<Published>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Published {
    kty: String,
    kid: String,
    n: String,
    e: String,
}

impl Jwks {
    /// Reads a set; keys of other kinds are left out. None if it is no set.
    pub fn parse(json: &[u8]) -> Option<Self> {
        let set: Set = serde_json::from_slice(json).ok()?;
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let keys = set
            .keys
            .into_iter()
            .filter(|key| key.kty == "RSA")
            .filter_map(|key| {
                Some(Key {
                    modulus: decode(&key.n)?,
                    exponent: decode(&key.e)?,
                    id: key.kid,
                })
            })
            .collect();
        Some(Self { keys })
    }

    /// Whether `signature` (RSA PKCS #1 v1.5 with SHA-256) is that of `text` by
    /// the key `id`; none if there is no such key.
    pub(super) fn verify_signature(&self, id: &str, text: &[u8], signature: &[u8]) -> Option<bool> {
        let key = self.keys.iter().find(|key| key.id == id)?;
        let key = RsaPublicKeyComponents {
            n: &key.modulus,
            e: &key.exponent,
        };
        let verified = key.verify(&RSA_PKCS1_2048_8192_SHA256, text, signature);
        Some(verified.is_ok())
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids = self.keys.iter().map(|key| &key.id);
        f.debug_set().entries(ids).finish()
    }
}
