//! An unsigned push is only a reason to ask.

use crate::world::{SECRET, World};
use http::StatusCode;
use posthorn_domain::{cadence::Cadence, status::Reason};
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
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn a_delivery_that_is_taken_back_has_the_carrier_asked_once_more() {
    let world = World::start().await;
    let order = world.pushed("cdek", NUMBER).await;
    let mut delivered = world.shipment(&order).await;
    delivered.reason = Reason::DeliveredGeneric;
    delivered.cadence = Some(Cadence::Day);
    delivered.version += 1;
    world.overwrite(&order, &delivered).await;
    let path = format!("/v1/push/cdek/{SECRET}");
    let taken_back = hook().replace("\"is_return\"", "\"deleted\":true,\"is_return\"");
    let answer = world.push(&path, &[], &taken_back).await;
    assert_eq!(answer.body, json!({"outcome": "asked"}));
    assert_eq!(world.asked_after(), [format!("cdek {NUMBER}")]);
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
    world.queue_comes_back();
    let answer = world.push(&path, &[], &hook()).await;
    assert_eq!(answer.body, json!({"outcome": "asked"}));
    assert_eq!(world.delays(), [0]);
}

#[tokio::test]
async fn a_burst_of_hooks_is_two_questions_whatever_the_number_of_shipments() {
    let mut world = World::start().await;
    world.pushed("cdek", NUMBER).await;
    world.pushed_in("second", "cdek", NUMBER).await;
    let path = format!("/v1/push/cdek/{SECRET}");
    for _ in 0..20 {
        let answer = world.push(&path, &[], &hook()).await;
        assert_eq!(answer.body, json!({"outcome": "asked"}));
        world.wait(6);
    }
    // One message for both shipments at once, and one for what came after it.
    assert_eq!(world.delays(), [0, 894]);
    assert_eq!(world.asked_after(), vec![format!("cdek {NUMBER}"); 4]);
    // A quarter of an hour after that it is as it was in the beginning.
    world.wait(30 * 60);
    world.push(&path, &[], &hook()).await;
    assert_eq!(world.delays(), [0, 894, 0]);
}

#[tokio::test]
async fn a_hook_about_an_unknown_shipment_costs_no_turn() {
    let world = World::start().await;
    let path = format!("/v1/push/cdek/{SECRET}");
    let answer = world.push(&path, &[], &hook()).await;
    assert_eq!(answer.body, json!({"outcome": "unknown"}));
    world.pushed("cdek", NUMBER).await;
    world.push(&path, &[], &hook()).await;
    assert_eq!(world.delays(), [0]);
}

#[tokio::test]
async fn a_push_of_shippo_is_a_hint_until_it_is_signed() {
    let world = World::start().await;
    let number = "9400111899223344556677";
    let order = world.pushed("shippo", number).await;
    let shippo = json!({"webhook_secret": SECRET, "signature_secret": SECRET});
    world.set_secrets("shippo", &shippo);
    let body = r#"{"event":"track_updated","data":{"carrier":"usps","tracking_number":"9400111899223344556677","tracking_status":{"status":"DELIVERED","status_date":"2026-11-22T14:50:00Z"}}}"#;
    let path = format!("/v1/push/shippo/{SECRET}");
    let answer = world.push(&path, &[], body).await;
    assert_eq!(answer.body, json!({"outcome": "asked"}));
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
    // Made with Python's hmac: signed a minute ago.
    let signature =
        "t=1795359540,v1=c68663be55f8e85763ea2373be9f71d8cf3e78f42eaaa7e9ba3708ec39e26923";
    let signed = [("shippo-auth-signature", signature)];
    let answer = world.push(&path, &signed, body).await;
    assert_eq!(answer.body, json!({"outcome": "recorded"}));
    assert_eq!(
        world.shipment(&order).await.reason,
        Reason::DeliveredGeneric
    );
}
