//! What the webhooks of every storefront of the list are held to, with the
//! deliveries that were recorded of it.

use crate::{
    shop::{Answer, Shop},
    storefront::shop,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use posthorn_storefronts::{Profile, STOREFRONTS};
use std::{collections::BTreeMap, fs, path::Path};

const FIXTURES: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../shared/storefronts/fixtures"
);

/// A recorded delivery.
struct Recorded {
    profile: &'static Profile,
    name: String,
    headers: HeaderMap,
    body: String,
}

impl Recorded {
    async fn send_to(&self, shop: &Shop) -> Answer {
        let path = format!("/v1/webhooks/{}/acme", self.profile.id);
        let body = self.body.clone().into_bytes();
        shop.send(Method::POST, &path, self.headers.clone(), body)
            .await
    }

    fn with(mut self, names: &'static [&'static str], value: Option<&str>) -> Self {
        for name in names {
            self.headers.remove(*name);
        }
        if let Some(value) = value {
            let name = HeaderName::from_static(names[0]);
            self.headers
                .insert(name, HeaderValue::from_str(value).unwrap());
        }
        self
    }
}

fn load(profile: &'static Profile) -> BTreeMap<String, Recorded> {
    let files = fs::read_dir(Path::new(FIXTURES).join(profile.id)).unwrap();
    let recorded = files.map(|file| {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let (head, body) = text.split_once("\n\n").unwrap();
        let headers = head.lines().map(|line| {
            let (name, value) = line.split_once(": ").unwrap();
            let name = HeaderName::try_from(name).unwrap();
            (name, HeaderValue::from_str(value).unwrap())
        });
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let recorded = Recorded {
            profile,
            name: name.clone(),
            headers: headers.collect(),
            body: body.to_owned(),
        };
        (name, recorded)
    });
    recorded.collect()
}

fn all() -> impl Iterator<Item = Recorded> {
    let profiles = STOREFRONTS.iter().map(|storefront| storefront.profile());
    profiles.flat_map(|profile| load(profile).into_values())
}

#[tokio::test]
async fn a_wrong_signature_and_none_are_refused_and_write_nothing() {
    let shop = shop().await;
    for recorded in all() {
        let signature = recorded.profile.headers.signature;
        let name = recorded.name.clone();
        let unsigned = recorded.with(signature, None);
        let wrong = "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=";
        let first = unsigned.send_to(&shop).await;
        let second = unsigned.with(signature, Some(wrong)).send_to(&shop).await;
        for answer in [first, second] {
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
            assert_eq!(answer.code(), "wrong_signature", "{name}");
        }
    }
    for recorded in all() {
        let first = recorded.send_to(&shop).await;
        let outcome = first.body["outcome"].as_str().unwrap_or_default();
        assert_ne!(outcome, "duplicate", "{}", recorded.name);
    }
}

#[tokio::test]
async fn a_delivery_that_comes_twice_is_taken_over_once() {
    for recorded in all() {
        let shop = shop().await;
        let (first, second) = (recorded.send_to(&shop).await, recorded.send_to(&shop).await);
        let outcome = |answer: &Answer| answer.body["outcome"].as_str().map(str::to_owned);
        let name = &recorded.name;
        if outcome(&second).as_deref() == Some("duplicate") {
            continue;
        }
        // What writes nothing may be looked at again.
        assert_ne!(outcome(&first).as_deref(), Some("recorded"), "{name}");
        assert_eq!(first.status, second.status, "{name}");
        assert_eq!(first.body, second.body, "{name}");
    }
}

#[tokio::test]
async fn an_order_of_each_storefront_is_followed() {
    for storefront in STOREFRONTS {
        let shop = shop().await;
        let mut n_recorded = 0;
        for recorded in load(storefront.profile()).into_values() {
            let answer = recorded.send_to(&shop).await;
            n_recorded += usize::from(answer.body["outcome"] == "recorded");
        }
        assert!(n_recorded > 0, "{}", storefront.profile().id);
    }
}

#[tokio::test]
async fn a_topic_that_is_not_needed_is_answered_and_ignored() {
    let shop = shop().await;
    for recorded in all() {
        let name = recorded.name.clone();
        let topic = recorded.profile.headers.topic;
        let answer = recorded
            .with(topic, Some("other/topic"))
            .send_to(&shop)
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{name}");
        assert_eq!(answer.body["outcome"], "ignored", "{name}");
    }
}

#[tokio::test]
async fn a_storefront_that_is_not_listed_has_no_route() {
    let shop = shop().await;
    for recorded in all() {
        let body = recorded.body.clone().into_bytes();
        let path = "/v1/webhooks/other/acme";
        let answer = shop
            .send(Method::POST, path, recorded.headers.clone(), body)
            .await;
        assert_eq!(answer.code(), "route_not_found", "{}", recorded.name);
    }
}
