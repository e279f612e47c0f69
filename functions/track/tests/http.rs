//! The function over HTTP, on an embedded DynamoDB.

#[cfg(test)]
mod fixture;

use axum::body::{Body, to_bytes};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use fixture::{TOKEN, order, parcel};
use http::{HeaderMap, Method, Request, StatusCode};
use lambda_http::{Context, LambdaEvent};
use posthorn_domain::{
    cadence::Cadence,
    contact::Contact,
    id::{CarrierId, ShopId},
};
use posthorn_platform::{
    clock, http_event,
    store::{
        intake::{Intake, NewOrder},
        schedule::{ScheduleStore, SweepProgress},
        settings::SettingsStore,
    },
    testing::{Dynamo, config, http_events},
};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tower::ServiceExt as _;
use track::Track;

/// The function, with one order in its table and the customer beside it.
struct World {
    track: Track,
    dynamo: Dynamo,
}

struct Seen {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

async fn world() -> World {
    world_with(parcel(1, "in_transit.moving")).await
}

async fn world_with(parcel: Value) -> World {
    let dynamo = Dynamo::start().await;
    let (aws, config) = (dynamo.aws(), config());
    let situation = order("in_transit", vec![parcel]);
    let (order, shipments) = situation.read();
    let contact: Contact = serde_json::from_value(json!({
        "name": "Anna Schmidt", "email": "anna@customer.example", "phone": "+14155550123",
        "postcode": "10001-7777",
    }))
    .expect("a contact");
    let intake = Intake::new(&aws, &config).expect("tables");
    let new = NewOrder {
        order,
        contact: Some(contact),
        shipments,
    };
    intake.create_order(&new, None).await.expect("an order");
    let shop = ShopId::parse("acme").expect("a shop");
    let settings = SettingsStore::new(&aws, &config).expect("tables");
    settings
        .put_settings(&shop, &situation.settings)
        .await
        .expect("settings");
    World {
        track: Track::new(&aws, &config).expect("tables"),
        dynamo,
    }
}

impl World {
    async fn ask(&self, method: Method, path: &str, accept: &str) -> Seen {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept", accept);
        let request = request.body(Body::empty()).expect("a request");
        let response = self
            .track
            .clone()
            .router()
            .oneshot(request)
            .await
            .expect("an answer");
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Seen {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    async fn get(&self, path: &str) -> Seen {
        self.ask(Method::GET, path, "text/html").await
    }
}

#[tokio::test]
async fn a_link_shows_its_order_and_nothing_of_the_customer() {
    let world = world().await;
    for accept in ["text/html", "application/json"] {
        let seen = world.ask(Method::GET, &format!("/t/{TOKEN}"), accept).await;
        assert_eq!(seen.status, StatusCode::OK);
        assert!(seen.body.contains("#1001") && seen.body.contains("Acme Shoes"));
        for private in [
            "Anna",
            "Schmidt",
            "anna@",
            "4155550123",
            "10001-7777",
            TOKEN,
        ] {
            assert!(!seen.body.contains(private), "{private}");
        }
    }
}

#[tokio::test]
async fn a_shipment_that_cannot_be_read_takes_neither_the_page_nor_makes_the_order_complete() {
    let world = world_with(parcel(1, "delivered.generic")).await;
    let intake = Intake::new(&world.dynamo.aws(), &config()).expect("tables");
    let situation = order("in_transit", vec![parcel(2, "in_transit.moving")]);
    let (order, shipments) = situation.read();
    let added = intake.add_shipments(&order.key, &shipments, None).await;
    added.expect("a second shipment");
    let spoiled = [
        &format!("ORDER#{}#{}", order.key.shop, order.key.order),
        "SHIPMENT#0002",
    ];
    world
        .dynamo
        .set_text("Orders", spoiled, "reason", "beamed up")
        .await;
    let path = format!("/t/{TOKEN}");
    let seen = world.ask(Method::GET, &path, "application/json").await;
    assert_eq!(seen.status, StatusCode::OK, "{}", seen.body);
    let page: Value = serde_json::from_str(&seen.body).expect("JSON");
    assert_eq!(page["stage"], "in_transit", "{page}");
    assert_eq!(world.get(&path).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_page_says_when_the_carrier_was_asked_as_far_as_the_sweep_tells() {
    let mut asked = parcel(1, "in_transit.moving");
    asked["cadence"] = json!("1h");
    asked["registered_at"] = json!("2025-11-23T10:00:00Z");
    asked["changed_at"] = json!("2025-11-23T10:00:00Z");
    let world = world_with(asked).await;
    let path = format!("/t/{TOKEN}");
    // Until the sweep has been there, only what the carrier told is known.
    let first = world.get(&path).await.body;
    assert!(
        first.contains("Checked with UPS on Sunday, 23 November"),
        "{first}"
    );
    let schedule = ScheduleStore::new(&world.dynamo.aws(), &config()).expect("a table");
    let (ups, now) = (CarrierId::parse("ups").expect("an id"), clock::now());
    let known = schedule.ensure_cohort(&ups, Cadence::Hour, now).await;
    known.expect("a cohort");
    let none = schedule.load_schedule().await.unwrap();
    let advanced = schedule
        .advance_watermark(&none, now, &SweepProgress::default())
        .await;
    advanced.expect("a watermark");
    let swept = world.get(&path).await.body;
    assert!(swept.contains("Checked with UPS"), "{swept}");
    assert!(!swept.contains("Sunday, 23 November at"), "{swept}");
}

#[tokio::test]
async fn the_page_is_locked_down_and_its_style_sheet_is_the_one_that_is_allowed() {
    let seen = world().await.get(&format!("/t/{TOKEN}")).await;
    let header = |name: &str| seen.headers[name].to_str().unwrap();
    assert_eq!(header("content-type"), "text/html; charset=utf-8");
    assert_eq!(header("cache-control"), "private, max-age=60");
    assert_eq!(header("referrer-policy"), "no-referrer");
    assert_eq!(header("x-content-type-options"), "nosniff");
    assert_eq!(header("x-robots-tag"), "noindex, nofollow");
    assert_eq!(header("strict-transport-security"), "max-age=31536000");
    let style = seen
        .body
        .split("<style>")
        .nth(1)
        .and_then(|rest| rest.split("</style>").next())
        .unwrap();
    let hash = STANDARD.encode(Sha256::digest(style));
    let policy = header("content-security-policy");
    assert!(
        policy.contains(&format!("style-src 'sha256-{hash}'")),
        "{policy}"
    );
    assert!(
        policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
}

#[tokio::test]
async fn a_link_that_leads_nowhere_looks_like_one_that_cannot_be() {
    let world = world().await;
    let unknown = world.get("/t/AAAAAAAAAAAAAAAAAAAAAA").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(
        unknown.body.contains("We can&#x27;t find this order")
            || unknown.body.contains("We can't find this order")
    );
    for path in [
        "/t/%3Cscript%3E",
        "/t/short",
        "/t/%ff%fe",
        "/t/",
        "/",
        "/t/a/b",
    ] {
        let seen = world.get(path).await;
        assert_eq!(seen.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(seen.body, unknown.body, "{path}");
    }
    let long = format!("/t/{}", "A".repeat(5000));
    assert_eq!(world.get(&long).await.body, unknown.body);
}

#[tokio::test]
async fn head_answers_as_get_without_a_body() {
    let world = world().await;
    let seen = world.ask(Method::HEAD, &format!("/t/{TOKEN}"), "*/*").await;
    assert_eq!((seen.status, seen.body.as_str()), (StatusCode::OK, ""));
    assert!(seen.headers.contains_key("content-security-policy"));
}

#[tokio::test]
async fn programs_get_facts() {
    let world = world().await;
    let seen = world
        .ask(Method::GET, &format!("/t/{TOKEN}"), "application/json")
        .await;
    assert_eq!(seen.headers["content-type"], "application/json");
    let facts: serde_json::Value = serde_json::from_str(&seen.body).unwrap();
    assert_eq!(facts["stage"], "in_transit");
    let parcel = &facts["shipments"][0];
    assert_eq!(parcel["carrier"], "UPS");
    assert_eq!(
        parcel["tracking_url"]
            .as_str()
            .map(|url| url.contains("1Z999AA10123456781")),
        Some(true)
    );
    let missing = world
        .ask(Method::GET, "/t/AAAAAAAAAAAAAAAAAAAAAA", "application/json")
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    assert_eq!(missing.body, r#"{"code":"not_found"}"#);
}

#[tokio::test]
async fn a_table_that_fails_ends_in_a_friendly_page() {
    let dynamo = Dynamo::start().await;
    let broken = posthorn_platform::Config::with_settings(
        "Track",
        [
            ("POSTHORN_ORDERS", "NoSuchTable"),
            ("POSTHORN_SETTINGS", "Settings"),
        ],
    );
    let world = World {
        track: Track::new(&dynamo.aws(), &broken).unwrap(),
        dynamo,
    };
    let seen = world.get(&format!("/t/{TOKEN}")).await;
    assert_eq!(seen.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert!(
        seen.body.contains("Sorry, that did not work"),
        "{}",
        seen.body
    );
    assert_eq!(seen.headers["cache-control"], "no-store");
}

#[tokio::test]
async fn the_page_does_not_name_a_carrier_that_is_a_guess() {
    let mut guess = parcel(1, "pending.no_info");
    guess["scans"] = json!([]);
    guess["cadence"] = json!("8h");
    guess["candidates"] = json!({
        "ranked": [{"carrier": "ups", "confidence": 65}, {"carrier": "fedex", "confidence": 62}],
        "turn": 0, "rounds": 0, "since": "2026-11-23T10:00:00Z",
    });
    for (confidence, is_named) in [(65, false), (95, true)] {
        guess["candidates"]["ranked"][0]["confidence"] = json!(confidence);
        let page = world_with(guess.clone())
            .await
            .get(&format!("/t/{TOKEN}"))
            .await
            .body;
        assert!(page.contains("1Z999AA10123456781"), "{page}");
        assert_eq!(page.contains("UPS"), is_named, "{page}");
        assert_eq!(page.contains("ups.com"), is_named, "{page}");
        assert!(!page.contains("Checked with"), "{page}");
    }
}

#[test]
fn whatever_event_comes_is_answered_and_is_no_failure_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    let world = runtime.block_on(world());
    let paths: &[&str] = &["/t/abc", "/t/", "/t/Jx3vWmQp0aTz5bLk8nRcYA"];
    let mut runner = TestRunner::new(Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&http_events(paths), |event| {
            let service = http_event::service(world.track.clone().router());
            let event = LambdaEvent::new(event, Context::default());
            let answer = runtime.block_on(service.oneshot(event)).expect("an answer");
            let answer = serde_json::to_value(answer).expect("JSON");
            let status = answer["statusCode"].as_u64().expect("a status");
            prop_assert!((200..500).contains(&status), "{answer}");
            Ok(())
        })
        .expect("an answer to each");
}
