//! The rules that hold for all.

use crate::fixtures::{load, load_all};
use http::HeaderName;
use jiff::SignedDuration;
use posthorn_storefronts::{Delivery, Profile, STOREFRONTS};
use std::collections::HashSet;

const SECRET: &[u8] = b"hush";

#[test]
fn every_topic_has_a_fixture_that_says_something() {
    for storefront in STOREFRONTS {
        let (profile, fixtures) = (storefront.profile(), load(*storefront));
        assert!(!profile.topics.is_empty(), "{}", profile.id);
        for topic in profile.topics {
            let mut of_topic = fixtures
                .iter()
                .filter(|fixture| fixture.delivery().topic == topic.name);
            let is_read =
                of_topic.any(|fixture| matches!(fixture.read(&fixture.body), Ok(Some(_))));
            assert!(is_read, "no fixture of {} {}", profile.id, topic.name);
            assert!(!topic.purpose.is_empty(), "{} {}", profile.id, topic.name);
        }
    }
}

#[test]
fn every_delivery_is_read_as_before() {
    for fixture in load_all() {
        let event = fixture.read(&fixture.body).unwrap();
        insta::with_settings!({snapshot_suffix => fixture.name.replace('/', "_")}, {
            insta::assert_yaml_snapshot!(event);
        });
    }
}

#[test]
fn a_signature_holds_for_the_same_bytes_and_secret_only() {
    for fixture in load_all() {
        let (storefront, name) = (fixture.storefront, &fixture.name);
        let body = fixture.body.as_bytes();
        assert!(
            storefront.verify_signature(&fixture.headers, body, SECRET),
            "{name}"
        );
        for secret in [&b"Hush"[..], b"hush ", b""] {
            assert!(
                !storefront.verify_signature(&fixture.headers, body, secret),
                "{name}"
            );
        }
        let mut other = body.to_vec();
        other.push(b' ');
        assert!(
            !storefront.verify_signature(&fixture.headers, &other, SECRET),
            "{name}"
        );
    }
}

#[test]
fn an_unsigned_delivery_is_refused() {
    for fixture in load_all() {
        let names = storefront_signatures(&fixture);
        let body = fixture.body.as_bytes();
        let mut headers = fixture.headers.clone();
        for name in names {
            headers.remove(*name);
        }
        assert!(!fixture.storefront.verify_signature(&headers, body, SECRET));
        for garbage in ["", "not base64!", "AAAA", "aGVsbG8="] {
            for name in names {
                headers.insert(HeaderName::from_static(name), garbage.parse().unwrap());
            }
            assert!(
                !fixture.storefront.verify_signature(&headers, body, SECRET),
                "{garbage}"
            );
        }
    }
}

fn storefront_signatures(fixture: &crate::fixtures::Fixture) -> &'static [&'static str] {
    fixture.storefront.profile().headers.signature
}

fn has_topic(profile: &Profile, topic: &str) -> bool {
    profile.topics.iter().any(|known| known.name == topic)
}

#[test]
fn a_topic_that_is_not_listed_says_nothing_and_one_that_is_listed_is_read() {
    for fixture in load_all() {
        let storefront = fixture.storefront;
        assert!(has_topic(storefront.profile(), &fixture.delivery().topic));
        for topic in ["", "orders", "shop/redact", "ORDERS/CREATE "] {
            let delivery = Delivery {
                topic: topic.to_owned(),
                ..fixture.delivery()
            };
            assert!(!has_topic(storefront.profile(), topic));
            let read = storefront.read_delivery(&delivery, fixture.body.as_bytes());
            assert_eq!(read, Ok(None), "{topic:?} in {}", fixture.name);
        }
    }
}

#[test]
fn an_event_has_the_same_key_each_time_and_no_other_has_it() {
    for fixture in load_all() {
        let (profile, name) = (fixture.storefront.profile(), &fixture.name);
        let delivery = fixture.delivery();
        let key = delivery.repetition_key(profile);
        assert_eq!(key, fixture.delivery().repetition_key(profile), "{name}");
        // Apart from the keys of the API, which contain no space.
        assert!(key.starts_with(&format!("{} ", profile.id)), "{name}");
        let other_topic = Delivery {
            topic: "other".to_owned(),
            ..delivery.clone()
        };
        assert_ne!(key, other_topic.repetition_key(profile), "{name}");
        // Without its header the body tells a repetition.
        let mut headers = fixture.headers.clone();
        for header in profile.headers.event_id {
            headers.remove(*header);
        }
        let read = |body: &str| Delivery::read_headers(&profile.headers, &headers, body.as_bytes());
        assert_eq!(read(&fixture.body), read(&fixture.body), "{name}");
        let other = read(&format!("{} ", fixture.body));
        assert_ne!(read(&fixture.body).event_id, other.event_id, "{name}");
    }
}

#[test]
fn a_delivery_that_is_older_than_its_storefront_would_send_is_out_of_time() {
    for fixture in load_all() {
        let (profile, delivery) = (fixture.storefront.profile(), fixture.delivery());
        let Some(at) = delivery.triggered_at else {
            assert!(profile.headers.triggered_at.is_empty(), "{}", fixture.name);
            continue;
        };
        let late = at + profile.max_age;
        let second = SignedDuration::from_secs(1);
        assert!(!delivery.is_out_of_time(profile, late));
        assert!(delivery.is_out_of_time(profile, late + second));
    }
}

#[test]
fn a_body_that_cannot_be_read_is_said_to_be_so() {
    for fixture in load_all() {
        for body in [
            "",
            "{",
            "[]",
            "null",
            "1",
            "\"text\"",
            "{}",
            "{\"id\":null}",
        ] {
            let read = fixture.read(body);
            let error = read.expect_err(&format!("{body} in {}", fixture.name));
            let said = error.to_string();
            assert!(
                said.starts_with("is not") || said.starts_with("has no"),
                "{said}"
            );
        }
    }
}

#[test]
fn ids_are_unique_and_headers_are_written_as_they_are_compared() {
    let mut ids = HashSet::new();
    for storefront in STOREFRONTS {
        let profile = storefront.profile();
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        assert!(ids.insert(profile.id) && profile.id.chars().all(is_plain));
        assert!(!profile.name.is_empty() && profile.max_age.is_positive());
        let names = &profile.headers;
        for required in [names.signature, names.topic, names.event_id] {
            assert!(!required.is_empty(), "{}", profile.id);
        }
        let all = [
            names.signature,
            names.topic,
            names.event_id,
            names.triggered_at,
        ];
        for name in all.into_iter().flatten() {
            // Panics unless it is a header's name in lower case.
            assert_eq!(HeaderName::from_static(name).as_str(), *name);
        }
        for topic in profile.topics {
            assert_eq!(topic.name, topic.name.to_lowercase(), "{}", profile.id);
        }
    }
}
