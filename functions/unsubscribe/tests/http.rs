//! The function over HTTP, on an embedded DynamoDB.

use axum::body::{Body, to_bytes};
use http::{Method, Request, StatusCode};
use lambda_http::{Context, LambdaEvent};
use posthorn_domain::{id::ShopId, notification_type::Channel, settings::Settings};
use posthorn_platform::{
    http_event,
    store::{contacts::ContactStore, link_key::LinkKeyStore, settings::SettingsStore},
    testing::{Dynamo, config, http_events},
    unsubscribe::Unsubscribe,
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tower::ServiceExt as _;
use unsubscribe::Unsubscriber;

const ANNA: &str = "anna@customer.example";

struct World {
    unsubscribe: Unsubscriber,
    contacts: ContactStore,
    keys: LinkKeyStore,
    shop: ShopId,
    _dynamo: Dynamo,
}

async fn world() -> World {
    let dynamo = Dynamo::start().await;
    let (aws, config) = (dynamo.aws(), config());
    let shop = ShopId::parse("acme").expect("a shop");
    let settings = Settings {
        name: "Acme <Shoes>".to_owned(),
        ..Settings::default()
    };
    let store = SettingsStore::new(&aws, &config).expect("tables");
    store
        .put_settings(&shop, &settings)
        .await
        .expect("settings");
    World {
        unsubscribe: Unsubscriber::new(&aws, &config).expect("tables"),
        contacts: ContactStore::new(&aws, &config).expect("tables"),
        keys: LinkKeyStore::new(&aws, &config).expect("tables"),
        shop,
        _dynamo: dynamo,
    }
}

impl World {
    async fn link(&self) -> String {
        let key = self.keys.key_or_new().await.expect("a key");
        let link = Unsubscribe::from_mails(&self.shop, ANNA).sign_link(&key);
        format!("/u/{link}")
    }

    async fn ask(&self, method: Method, path: &str, body: &'static str) -> (StatusCode, String) {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .body(Body::from(body))
            .expect("a request");
        let response = self.unsubscribe.clone().router().oneshot(request).await;
        let (parts, body) = response.expect("an answer").into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        (
            parts.status,
            String::from_utf8(body.to_vec()).expect("text"),
        )
    }

    async fn is_suppressed(&self, channel: Channel, address: &str) -> bool {
        let entry = self.contacts.find_suppression(&self.shop, channel, address);
        entry.await.expect("an answer").is_some()
    }
}

#[tokio::test]
async fn one_click_of_a_mail_program_stops_the_mails() {
    let world = world().await;
    let link = world.link().await;
    let (status, page) = world
        .ask(Method::POST, &link, "List-Unsubscribe=One-Click")
        .await;
    assert_eq!(status, StatusCode::OK);
    assert!(page.contains("<h1>Done</h1>"), "{page}");
    assert!(
        world
            .is_suppressed(Channel::Email, "Anna@Customer.Example")
            .await
    );
    assert!(!world.is_suppressed(Channel::Sms, ANNA).await);
    assert!(
        !world
            .is_suppressed(Channel::Email, "ben@customer.example")
            .await
    );
    let again = world.ask(Method::POST, &link, "").await;
    assert_eq!(again.0, StatusCode::OK);
}

#[tokio::test]
async fn who_only_looks_is_asked_and_nothing_changes() {
    let world = world().await;
    let link = world.link().await;
    for method in [Method::GET, Method::HEAD] {
        let (status, page) = world.ask(method.clone(), &link, "").await;
        assert_eq!(status, StatusCode::OK);
        if method == Method::GET {
            assert!(page.contains("<form method=\"post\"><button"), "{page}");
            assert!(page.contains("Acme &lt;Shoes&gt;"), "{page}");
            assert!(
                !page.contains("<script") && !page.contains("anna"),
                "{page}"
            );
        }
    }
    assert!(!world.is_suppressed(Channel::Email, ANNA).await);
}

#[tokio::test]
async fn a_link_that_is_none_of_ours_changes_nothing() {
    let world = world().await;
    let before_any_mail = world.ask(Method::POST, "/u/YWNtZQ.AAAA.AAAA", "").await;
    assert_eq!(before_any_mail.0, StatusCode::NOT_FOUND);
    let link = world.link().await;
    for path in [
        format!("{link}A"),
        "/u/x".to_owned(),
        "/u/%ff".to_owned(),
        "/u/".to_owned(),
    ] {
        for method in [Method::GET, Method::POST] {
            let (status, _) = world.ask(method, &path, "").await;
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert!(!world.is_suppressed(Channel::Email, ANNA).await);
}

#[test]
fn whatever_event_comes_is_answered_and_is_no_failure_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let world = runtime.block_on(world());
    let mut runner = TestRunner::new(Config {
        cases: 200,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&http_events(&["/u/abc", "/u/", "/u/YQ.YQ.YQ"]), |event| {
            let service = http_event::service(world.unsubscribe.clone().router());
            let event = LambdaEvent::new(event, Context::default());
            let answer = runtime.block_on(service.oneshot(event)).expect("an answer");
            let answer = serde_json::to_value(answer).expect("JSON");
            let status = answer["statusCode"].as_u64().expect("a status");
            prop_assert!((200..500).contains(&status), "{answer}");
            Ok(())
        })
        .expect("an answer to each");
}

#[tokio::test]
async fn the_key_of_links_is_made_once() {
    let world = world().await;
    let first = world.keys.key_or_new().await.expect("a key");
    assert_eq!(world.keys.key_or_new().await.expect("a key"), first);
    assert_eq!(world.keys.get_key().await.expect("an answer"), Some(first));
}
