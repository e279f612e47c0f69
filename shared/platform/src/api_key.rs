//! What a shop signs in with: `ph_` and 256 random bits.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use secrecy::SecretString;
use sha2::{Digest as _, Sha256};

const PREFIX: &str = "ph_";

/// SHA-256 of an API key in hexadecimal: what is stored and looked up. The key
/// has 256 random bits, so a fast hash is enough, and looking a hash up tells
/// nothing about other keys by its timing.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApiKeyHash(String);

impl ApiKeyHash {
    /// The hash of `key` as a caller sent it; none if no API key looks like it.
    pub fn from_key(key: &str) -> Option<Self> {
        let bits = URL_SAFE_NO_PAD.decode(key.strip_prefix(PREFIX)?).ok()?;
        (bits.len() == 32).then(|| Self(hex::encode(Sha256::digest(key))))
    }

    /// 64 hexadecimal digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Makes a new key: the key itself, to be shown once, and its hash, to be stored.
pub fn generate_key() -> Result<(SecretString, ApiKeyHash), getrandom::Error> {
    let mut bits = [0; 32];
    getrandom::fill(&mut bits)?;
    let key = format!("{PREFIX}{}", URL_SAFE_NO_PAD.encode(bits));
    let hash = ApiKeyHash(hex::encode(Sha256::digest(&key)));
    Ok((SecretString::from(key), hash))
}

#[cfg(test)]
mod tests {
    use super::*;
    use secrecy::ExposeSecret as _;

    #[test]
    fn a_new_key_is_found_again_by_its_hash() {
        let (key, hash) = generate_key().unwrap();
        assert_eq!(key.expose_secret().len(), 46);
        assert_eq!(ApiKeyHash::from_key(key.expose_secret()), Some(hash));
    }

    #[test]
    fn two_keys_are_never_the_same() {
        assert_ne!(generate_key().unwrap().1, generate_key().unwrap().1);
    }

    #[test]
    fn what_is_no_key_is_not_even_looked_up() {
        for text in [
            "",
            "ph_",
            "ph_short",
            "sk_aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert_eq!(ApiKeyHash::from_key(text), None, "{text}");
        }
    }
}
