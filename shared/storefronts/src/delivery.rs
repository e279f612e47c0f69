//! One delivery of a webhook: its headers, and whether it was signed.

use crate::storefront::{HeaderNames, Profile};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};

/// How far a storefront's clock and ours may be apart.
const MAX_SKEW: SignedDuration = SignedDuration::from_mins(10);

/// What the headers of a delivery say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// What happened, in lower case: `fulfillments/update`.
    pub topic: String,
    /// The same for each try and each subscription; a hash of the body where the header is missing.
    pub event_id: String,
    /// When it happened in the shop. The signature does not cover it, so it
    /// counts only where the body gives no time.
    pub triggered_at: Option<Timestamp>,
}

impl Delivery {
    /// Reads the headers of a delivery whose signature was verified.
    pub fn read_headers(names: &HeaderNames, headers: &HeaderMap, body: &[u8]) -> Self {
        let event_id = first_header(headers, names.event_id)
            .filter(|id| id.len() <= 128 && id.bytes().all(|b| b.is_ascii_graphic()))
            .map_or_else(|| hex::encode(Sha256::digest(body)), str::to_owned);
        Self {
            topic: first_header(headers, names.topic)
                .unwrap_or_default()
                .to_ascii_lowercase(),
            event_id,
            triggered_at: first_header(headers, names.triggered_at)
                .and_then(|text| text.parse().ok()),
        }
    }

    /// Returns whether the delivery says of itself that it is older than its
    /// storefront would deliver, or not yet due: a copy that is sent again.
    pub fn is_out_of_time(&self, profile: &Profile, now: Timestamp) -> bool {
        self.triggered_at.is_some_and(|at| {
            let age = now.duration_since(at);
            age > profile.max_age || age < -MAX_SKEW
        })
    }

    /// Returns the key under which a repetition is found. One action in the shop gives
    /// several topics one event id, so the topic is part of it. The spaces keep it apart
    /// from each `Idempotency-Key` of the API, which contains none.
    pub fn repetition_key(&self, profile: &Profile) -> String {
        format!("{} {} {}", profile.id, self.topic, self.event_id)
    }
}

/// Returns whether one of the headers `names` holds the HMAC-SHA256 of `body` in
/// base64, made with `secret`.
pub fn is_signed_by_hmac_sha256(
    headers: &HeaderMap,
    names: &[&str],
    body: &[u8],
    secret: &[u8],
) -> bool {
    let Some(signature) = first_header(headers, names).and_then(|text| STANDARD.decode(text).ok())
    else {
        return false;
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else {
        return false;
    };
    mac.update(body);
    mac.verify_slice(&signature).is_ok()
}

/// Returns the value of the first of `names` that was sent with one.
fn first_header<'a>(headers: &'a HeaderMap, names: &[&str]) -> Option<&'a str> {
    names
        .iter()
        .filter_map(|name| headers.get(*name)?.to_str().ok())
        .map(str::trim)
        .find(|text| !text.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::STOREFRONTS;

    const BODY: &[u8] = br#"{"id":820982911946154508}"#;
    const SECRET: &[u8] = b"hush";

    /// The one of whose deliveries these examples are.
    fn shopify() -> &'static Profile {
        STOREFRONTS
            .iter()
            .map(|storefront| storefront.profile())
            .find(|profile| profile.id == "shopify")
            .unwrap()
    }

    fn read(headers: &HeaderMap, body: &[u8]) -> Delivery {
        Delivery::read_headers(&shopify().headers, headers, body)
    }

    fn is_signed(headers: &HeaderMap, body: &[u8], secret: &[u8]) -> bool {
        is_signed_by_hmac_sha256(headers, shopify().headers.signature, body, secret)
    }

    fn signed(name: &'static str, secret: &[u8], body: &[u8]) -> HeaderMap {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).unwrap();
        mac.update(body);
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        HeaderMap::from_iter([(
            http::HeaderName::from_static(name),
            signature.parse().unwrap(),
        )])
    }

    #[test]
    fn a_signature_holds_for_the_same_bytes_and_secret_only() {
        for name in ["x-shopify-hmac-sha256", "shopify-hmac-sha256"] {
            let headers = signed(name, SECRET, BODY);
            assert!(is_signed(&headers, BODY, SECRET));
            assert!(!is_signed(
                &headers,
                b"{\"id\":820982911946154508} ",
                SECRET
            ));
            assert!(!is_signed(&headers, BODY, b"other"));
        }
    }

    #[test]
    fn the_signature_is_base64_of_hmac_sha256_as_shopify_makes_it() {
        // printf '{"id":820982911946154508}' | openssl dgst -sha256 -hmac hush -binary | base64
        let headers = HeaderMap::from_iter([(
            http::HeaderName::from_static("x-shopify-hmac-sha256"),
            "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I="
                .parse()
                .unwrap(),
        )]);
        assert!(is_signed(&headers, BODY, SECRET));
    }

    #[test]
    fn a_missing_or_garbled_signature_does_not_hold() {
        assert!(!is_signed(&HeaderMap::new(), BODY, SECRET));
        for garbage in ["", "not base64!", "AAAA", "aGVsbG8="] {
            let headers = HeaderMap::from_iter([(
                http::HeaderName::from_static("x-shopify-hmac-sha256"),
                garbage.parse().unwrap(),
            )]);
            assert!(!is_signed(&headers, BODY, SECRET), "{garbage}");
        }
    }

    #[test]
    fn the_headers_are_read_with_and_without_their_prefix() {
        let at = "2026-11-22T10:00:00.123456789Z";
        for prefix in ["x-", ""] {
            let mut headers = HeaderMap::new();
            for (name, value) in [
                ("topic", "orders/create"),
                ("event-id", "e-1"),
                ("triggered-at", at),
            ] {
                let name = format!("{prefix}shopify-{name}");
                headers.insert(
                    http::HeaderName::try_from(name).unwrap(),
                    value.parse().unwrap(),
                );
            }
            let delivery = read(&headers, BODY);
            assert_eq!(
                delivery.repetition_key(shopify()),
                "shopify orders/create e-1"
            );
            assert_eq!(delivery.triggered_at, Some(at.parse().unwrap()));
        }
    }

    #[test]
    fn a_delivery_is_taken_for_a_day_and_not_before_its_time() {
        let at: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        let delivery = Delivery {
            topic: String::new(),
            event_id: String::new(),
            triggered_at: Some(at),
        };
        for (minutes, expected) in [
            (0, false),
            (4 * 60, false),
            (24 * 60, false),
            (24 * 60 + 1, true),
            (-10, false),
            (-11, true),
        ] {
            let now = at + SignedDuration::from_mins(minutes);
            assert_eq!(
                delivery.is_out_of_time(shopify(), now),
                expected,
                "{minutes}"
            );
        }
        let without = Delivery {
            triggered_at: None,
            ..delivery
        };
        assert!(!without.is_out_of_time(shopify(), at));
    }

    #[test]
    fn without_an_event_id_the_body_tells_a_repetition() {
        let once = read(&HeaderMap::new(), BODY);
        assert_eq!(once, read(&HeaderMap::new(), BODY));
        assert_ne!(once.event_id, read(&HeaderMap::new(), b"{}").event_id);
    }
}
