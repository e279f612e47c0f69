//! Whether a push comes from whom it says: over the raw bytes, in constant time,
//! before anything of it is believed.
//!
//! The secret is the field `webhook_secret` of the parameter of the carrier's webhook:
//! what the shop chose, or what the sender gave it. A sender that publishes keys signs
//! with one of its own.

mod jwks;

pub use jwks::Jwks;

use crate::{
    access::CarrierAccess,
    profile::{CarrierProfile, Encoding, SignedContent, Verifier},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use icu_normalizer::DecomposingNormalizerBorrowed;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::{collections::BTreeMap, time::Duration};
use subtle::ConstantTimeEq as _;

/// The field with the secret of a carrier's pushes, in the parameter of its webhook.
pub const SECRET: &str = "webhook_secret";

/// The most signatures in one header: of a secret and of the one before it.
const MOST_SIGNATURES: usize = 4;

/// A push as it came.
#[derive(Debug, Clone, Copy)]
pub struct PushRequest<'a> {
    /// Its headers.
    pub headers: &'a HeaderMap,
    /// What stood behind the carrier in the path; empty if nothing did.
    pub token: &'a str,
    /// Its bytes.
    pub body: &'a [u8],
}

/// How far a push may be believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authenticity {
    /// What it says comes from the carrier.
    Verified,
    /// The sender knows the address: reason enough to ask the carrier.
    Unverified,
}

/// Why a push is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PushRefusal {
    /// No secret is set.
    #[error("no `webhook_secret` is set")]
    NotSetUp,
    /// It proves nothing.
    #[error("it is not signed")]
    Unsigned,
    /// The signature is another than that of these bytes.
    #[error("the signature is wrong")]
    Wrong,
    /// It was signed too long ago, or in the future.
    #[error("it was signed at another time")]
    Stale,
    /// It is signed with a key that the sender may have published since.
    #[error("it is signed with an unknown key")]
    UnknownKey,
}

impl PushRefusal {
    /// The reason as a word, for logs and metrics.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::NotSetUp => "not_set_up",
            Self::Unsigned => "unsigned",
            Self::Wrong => "wrong",
            Self::Stale => "stale",
            Self::UnknownKey => "unknown_key",
        }
    }
}

/// Whether an installation with these credentials can tell a carrier's push from
/// any other sender's: only then are its shipments kept to be found by their numbers.
pub fn is_on(profile: &CarrierProfile, access: &CarrierAccess) -> bool {
    profile.push.is_some_and(|push| match push.verifier {
        Verifier::RsaSha256Jwks { .. } => true,
        Verifier::SecretPathOrSignature { field, .. } => {
            !(access.get_field(SECRET).is_empty() && access.get_field(field).is_empty())
        }
        _ => !access.get_field(SECRET).is_empty(),
    })
}

/// Whether `push` comes from the carrier. `keys` are those that it publishes, as
/// far as they are known; only [`Verifier::RsaSha256Jwks`] looks at them.
pub fn verify_push(
    profile: &CarrierProfile,
    access: &CarrierAccess,
    keys: &Jwks,
    push: PushRequest<'_>,
    now: Timestamp,
) -> Result<Authenticity, PushRefusal> {
    let verifier = profile.push.ok_or(PushRefusal::NotSetUp)?.verifier;
    let secret = access.get_field(SECRET);
    if !is_on(profile, access) {
        return Err(PushRefusal::NotSetUp);
    }
    let header = |name: &str| header_value(push.headers, name).ok_or(PushRefusal::Unsigned);
    let is_genuine = match verifier {
        Verifier::HmacSha256 {
            header: name,
            encoding,
            signed,
        } => {
            let signature = decode_signature(header(name)?, encoding).ok_or(PushRefusal::Wrong)?;
            let text = signed_bytes(signed, push).ok_or(PushRefusal::Wrong)?;
            is_hmac(secret, &text, &signature)
        }
        Verifier::Sha256Suffix {
            header: name,
            separator,
        } => {
            let signature =
                decode_signature(header(name)?, Encoding::Hex("")).ok_or(PushRefusal::Wrong)?;
            let digest = Sha256::new()
                .chain_update(push.body)
                .chain_update([separator])
                .chain_update(secret)
                .finalize();
            bool::from(digest.as_slice().ct_eq(&signature))
        }
        Verifier::RsaSha256Jwks {
            key_id,
            signature,
            timestamp,
            max_skew,
        } => {
            let (key_id, timestamp) = (header(key_id)?, header(timestamp)?);
            let signature =
                decode_signature(header(signature)?, Encoding::Base64).ok_or(PushRefusal::Wrong)?;
            if !is_recent(timestamp, max_skew, now) {
                return Err(PushRefusal::Stale);
            }
            let text = [timestamp.as_bytes(), b".", push.body].concat();
            keys.verify_signature(key_id, &text, &signature)
                .ok_or(PushRefusal::UnknownKey)?
        }
        Verifier::SharedHeader(name) => is_same(header(name)?, secret),
        Verifier::SecretPath => return by_path(secret, push),
        Verifier::SecretPathOrSignature {
            header: name,
            field,
            max_skew,
        } => match (header(name), access.get_field(field)) {
            (Ok(signature), key) if !key.is_empty() => {
                is_timed_hmac(key, signature, push, max_skew, now)?
            }
            _ => return by_path(secret, push),
        },
    };
    if is_genuine {
        Ok(Authenticity::Verified)
    } else {
        Err(PushRefusal::Wrong)
    }
}

/// What a secret in the address is worth.
fn by_path(secret: &str, push: PushRequest<'_>) -> Result<Authenticity, PushRefusal> {
    if secret.is_empty() {
        Err(PushRefusal::NotSetUp)
    } else if push.token.is_empty() {
        Err(PushRefusal::Unsigned)
    } else if is_same(push.token, secret) {
        Ok(Authenticity::Unverified)
    } else {
        Err(PushRefusal::Wrong)
    }
}

/// Whether one of the signatures of `t=…,v1=…,v1=…` is that of the body at that
/// time. All are tried, so that the duration does not tell which.
fn is_timed_hmac(
    key: &str,
    header: &str,
    push: PushRequest<'_>,
    max_skew: Duration,
    now: Timestamp,
) -> Result<bool, PushRefusal> {
    let parts = || {
        header
            .split(',')
            .filter_map(|part| part.trim().split_once('='))
    };
    let mut times = parts().filter(|(name, _)| *name == "t");
    let (Some((_, time)), None) = (times.next(), times.next()) else {
        return Err(PushRefusal::Wrong);
    };
    if !is_recent(time, max_skew, now) {
        return Err(PushRefusal::Stale);
    }
    let text = [time.as_bytes(), b".", push.body].concat();
    let signatures = parts()
        .filter(|(name, _)| *name == "v1")
        .take(MOST_SIGNATURES)
        .filter_map(|(_, signature)| hex::decode(signature).ok());
    Ok(signatures.fold(false, |is_genuine, signature| {
        is_genuine | is_hmac(key, &text, &signature)
    }))
}

fn header_value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let text = headers.get(name)?.to_str().ok()?.trim();
    (!text.is_empty()).then_some(text)
}

fn decode_signature(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    match encoding {
        Encoding::Base64 => STANDARD.decode(text).ok(),
        Encoding::Hex(prefix) => hex::decode(text.strip_prefix(prefix)?).ok(),
    }
}

/// The bytes that a signature covers; none if the body has no such field.
fn signed_bytes(signed: SignedContent, push: PushRequest<'_>) -> Option<Vec<u8>> {
    let fields = |names: &[&str]| -> Option<Vec<u8>> {
        let body: BTreeMap<String, Value> = serde_json::from_slice(push.body).ok()?;
        let texts = names.iter().map(|name| body.get(*name)?.as_str());
        Some(texts.collect::<Option<Vec<_>>>()?.concat().into_bytes())
    };
    match signed {
        SignedContent::Body => Some(push.body.to_vec()),
        SignedContent::Fields(names) => fields(names),
        SignedContent::HeaderAndField(name, field) => {
            let mut text = header_value(push.headers, name)?.as_bytes().to_vec();
            text.extend(fields(&[field])?);
            Some(text)
        }
    }
}

/// Whether `signature` is that of `text`.
fn is_hmac(secret: &str, text: &[u8], signature: &[u8]) -> bool {
    let holds = |key: &[u8]| {
        Hmac::<Sha256>::new_from_slice(key)
            .is_ok_and(|mac| mac.chain_update(text).verify_slice(signature).is_ok())
    };
    // EasyPost decomposes a secret (NFKD) before it is a key, others take it as it
    // is; of one in ASCII both make the same.
    let decomposed = DecomposingNormalizerBorrowed::new_nfkd().normalize(secret);
    holds(secret.as_bytes()) | holds(decomposed.as_bytes())
}

/// Compares without telling how much is right; of hashes, so that not even the
/// length shows.
fn is_same(told: &str, secret: &str) -> bool {
    let (told, secret) = (Sha256::digest(told), Sha256::digest(secret));
    told.as_slice().ct_eq(secret.as_slice()).into()
}

/// Whether a time, as RFC 3339 or in seconds since 1970, is near enough.
fn is_recent(text: &str, max_skew: Duration, now: Timestamp) -> bool {
    let at = text.parse::<Timestamp>().ok().or_else(|| {
        let seconds = text.parse().ok()?;
        Timestamp::from_second(seconds).ok()
    });
    let Ok(max_skew) = SignedDuration::try_from(max_skew) else {
        return false;
    };
    at.is_some_and(|at| now.duration_since(at).abs() <= max_skew)
}
