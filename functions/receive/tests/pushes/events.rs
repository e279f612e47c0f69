//! Whatever event comes, a sender gets an answer.

use crate::world::World;
use lambda_http::{Context, LambdaEvent};
use posthorn_platform::{http_event, testing::http_events};
use proptest::{
    prelude::*,
    test_runner::{Config, TestRunner},
};
use tower::ServiceExt as _;

#[test]
fn whatever_event_comes_is_answered_and_is_no_failure_of_ours() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let world = runtime.block_on(World::start());
    let paths: &[&str] = &[
        "/v1/push/ups",
        "/v1/push/usps",
        "/v1/push/17track",
        "/v1/push/cdek/secret",
        "/v1/push/unknown",
    ];
    let mut runner = TestRunner::new(Config {
        cases: 400,
        failure_persistence: None,
        ..Config::default()
    });
    runner
        .run(&http_events(paths), |event| {
            let service = http_event::service(world.receive.clone().service());
            let event = LambdaEvent::new(event, Context::default());
            let answer = runtime.block_on(service.oneshot(event)).unwrap();
            let answer = serde_json::to_value(answer).unwrap();
            let status = answer["statusCode"].as_u64().unwrap();
            prop_assert!((200..500).contains(&status), "{answer}");
            Ok(())
        })
        .unwrap();
}
