//! What nobody signs is only a reason to ask.

use crate::world::{SECRET, World};
use http::StatusCode;
use posthorn_domain::status::Reason;
use serde_json::json;

const NUMBER: &str = "1106321645";

fn hook() -> String {
    json!({
        "type": "ORDER_STATUS", "date_time": "2026-11-22T10:14:00+0000", "uuid": "u-1",
        "attributes": {
            "is_return": false, "cdek_number": NUMBER, "code": "DELIVERED", "status_code": "4",
            "status_date_time": "2026-11-22T10:13:00+0000", "city_name": "Novosibirsk",
        },
    })
    .to_string()
}

#[tokio::test]
async fn a_hook_of_cdek_has_the_carrier_asked_and_is_not_believed() {
    let world = World::start().await;
    let order = world.pushed("cdek", NUMBER).await;
    let path = format!("/v1/push/cdek/{SECRET}");
    let answer = world.push(&path, &[], &hook()).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, json!({"outcome": "asked"}));
    assert_eq!(world.asked_after(), [format!("cdek {NUMBER}")]);
    assert_eq!(world.parcel(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn an_address_that_is_guessed_is_refused() {
    let world = World::start().await;
    world.pushed("cdek", NUMBER).await;
    for path in [
        "/v1/push/cdek",
        "/v1/push/cdek/guessed",
        "/v1/push/cdek/0123",
    ] {
        let answer = world.push(path, &[], &hook()).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
    }
    assert!(world.asked_after().is_empty());
}

#[tokio::test]
async fn a_hint_that_cannot_be_passed_on_is_to_be_sent_again() {
    let world = World::start().await;
    world.pushed("cdek", NUMBER).await;
    world.queue_goes_down();
    let path = format!("/v1/push/cdek/{SECRET}");
    let answer = world.push(&path, &[], &hook()).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
