//! The keys that senders publish: fetched when first needed, and anew when a push
//! is signed with one that is not among them.

use jiff::{SignedDuration, Timestamp};
use posthorn_carriers::verify::Jwks;
use posthorn_domain::id::CarrierId;
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// A key that its sender took back is believed no longer than this.
const FRESH: SignedDuration = SignedDuration::from_hours(24);

/// Any caller can name a key that does not exist; the sender is not to suffer for it.
const PAUSE: SignedDuration = SignedDuration::from_mins(1);

/// The keys of all senders, as far as this process knows them.
#[derive(Debug, Default)]
pub(crate) struct KeyRing {
    senders: Mutex<HashMap<CarrierId, PushSender>>,
}

#[derive(Debug, Default)]
struct PushSender {
    keys: Option<(Jwks, Timestamp)>,
    asked_at: Option<Timestamp>,
}

impl KeyRing {
    /// The keys of a sender, if any are known and not too old; else none at all.
    pub(crate) fn fresh_keys(&self, carrier: &CarrierId, now: Timestamp) -> Jwks {
        let is_fresh = |at: Timestamp| now.duration_since(at) < FRESH;
        self.lock_senders()
            .get(carrier)
            .and_then(|sender| sender.keys.as_ref())
            .filter(|(_, at)| is_fresh(*at))
            .map(|(keys, _)| keys.clone())
            .unwrap_or_default()
    }

    /// Whether the sender may be asked for its keys now; if so, that counts.
    pub(crate) fn may_ask(&self, carrier: &CarrierId, now: Timestamp) -> bool {
        let mut senders = self.lock_senders();
        let sender = senders.entry(carrier.clone()).or_default();
        let may_ask = sender
            .asked_at
            .is_none_or(|at| now.duration_since(at) >= PAUSE);
        if may_ask {
            sender.asked_at = Some(now);
        }
        may_ask
    }

    /// Keeps what the sender publishes.
    pub(crate) fn keep_keys(&self, carrier: &CarrierId, keys: Jwks, now: Timestamp) {
        self.lock_senders().entry(carrier.clone()).or_default().keys = Some((keys, now));
    }

    fn lock_senders(&self) -> MutexGuard<'_, HashMap<CarrierId, PushSender>> {
        self.senders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: &[u8] = br#"{"keys":[{"kty":"RSA","kid":"k","n":"AQAB","e":"AQAB"}]}"#;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + 60 * minute).unwrap()
    }

    #[test]
    fn a_sender_is_asked_once_a_minute_at_most() {
        let (ring, carrier) = (KeyRing::default(), CarrierId::parse("acme").unwrap());
        assert!(ring.may_ask(&carrier, at(0)));
        assert!(!ring.may_ask(&carrier, at(0)));
        assert!(ring.may_ask(&carrier, at(1)));
        let other = CarrierId::parse("other").unwrap();
        assert!(ring.may_ask(&other, at(1)));
    }

    #[test]
    fn keys_are_believed_for_a_day() {
        let (ring, carrier) = (KeyRing::default(), CarrierId::parse("acme").unwrap());
        assert_eq!(ring.fresh_keys(&carrier, at(0)), Jwks::default());
        let keys = Jwks::parse(KEYS).unwrap();
        ring.keep_keys(&carrier, keys.clone(), at(0));
        assert_eq!(ring.fresh_keys(&carrier, at(24 * 60 - 1)), keys);
        assert_eq!(ring.fresh_keys(&carrier, at(24 * 60)), Jwks::default());
    }
}
