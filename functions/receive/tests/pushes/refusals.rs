//! What is refused, and how: a problem, with a status that the sender acts upon.

use crate::world::{NUMBER, SECRET, World, alert};
use http::{StatusCode, header};
use posthorn_domain::status::Reason;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{method, path},
};

#[tokio::test]
async fn a_wrong_credential_changes_nothing() {
    let world = World::start().await;
    let order = world.pushed("ups", NUMBER).await;
    let body = alert("FS", "115004");
    for sent in [&[][..], &[("credential", "guessed")], &[("sign", SECRET)]] {
        let answer = world.push("/v1/push/ups", sent, &body).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
        assert_eq!(answer.body["code"], "wrong_signature");
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "application/problem+json"
        );
    }
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
}

#[tokio::test]
async fn a_carrier_whose_secret_is_not_set_is_not_believed() {
    let world = World::start().await;
    for carrier in ["usps", "easypost"] {
        let answer = world
            .push(&format!("/v1/push/{carrier}"), &[("x-hmac", "AA==")], "{}")
            .await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{carrier}");
    }
}

#[tokio::test]
async fn who_does_not_push_is_not_found() {
    let world = World::start().await;
    for carrier in ["unheard", "sandbox", "fedex", "UPS", "%20"] {
        let answer = world.push(&format!("/v1/push/{carrier}"), &[], "{}").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{carrier}");
        assert_eq!(answer.body["code"], "unknown_carrier", "{carrier}");
    }
    let answer = world.push("/v1/push", &[], "{}").await;
    assert_eq!(answer.body["code"], "route_not_found");
}

#[tokio::test]
async fn a_body_may_have_256_kilobytes() {
    let world = World::start().await;
    let sent = [("credential", SECRET)];
    let fits = " ".repeat(256 * 1024);
    let answer = world.push("/v1/push/ups", &sent, &fits).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = world.push("/v1/push/ups", &sent, &format!("{fits} ")).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(answer.body["code"], "body_too_large");
}

#[tokio::test]
async fn what_cannot_be_recorded_is_to_be_sent_again() {
    let world = World::start().await;
    let order = world.pushed("ups", NUMBER).await;
    world.tables_go_down();
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.body["code"], "unavailable");
    assert!(answer.headers.contains_key(header::RETRY_AFTER));
    world.tables_come_back();
    assert_eq!(world.shipment(&order).await.reason, Reason::NoInfo);
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn while_the_secrets_are_away_it_is_to_be_sent_again() {
    let world = World::start().await;
    world.secrets_go_down();
    let answer = world.ups(&alert("OT", "091519")).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}

/// A key made for this test; its other half signed below by `openssl dgst -sha256 -sign`.
const SIGNING_KEYS: &str = r#"{"keys":[{"kty":"RSA","kid":"k-1","use":"sig","alg":"RS256","n":"kID24_KELOAodRuiWWRQwiudRKFWr25IMqlzrlSyr0cavab7dKcpwNfEqU4XPGsK4v1e-koZWIk3bMQBPGynu_CiiG4NpbIx3_XIFHrn0WPnr2vO2Ovd7F_TRZB7Sat_xsvFrz4JhSPuHxBIN_5i8EmJy92Pagw7gT0LRgknT3kLUzExC6IAgafUTJ5MDSzErqyqV0F0UOzYM0XpFndlVuxfoRYdn9Jvob-vCqOcivYqyInfruMHe8SM4TuO6IcGPMJxSM0Te09UBSlAbcn7K1rnp-Mv_rvG9QlpwnA-gsHj1R2aNg3vltLfccW1OAv6m_ung8BkvA3l1UBmYUDonQ","e":"AQAB"}]}"#;
const SIGNED_NUMBER: &str = "1Z9X9E030300010302";
const SIGNED_BODY: &str = r#"{"resource_url":"https://api.shipengine.com/v1/tracking","resource_type":"API_TRACK","data":{"tracking_number":"1Z9X9E030300010302","carrier_code":"ups","status_code":"IT","status_description":"In Transit","events":[{"occurred_at":"2026-11-22T14:30:00Z","carrier_occurred_at":"2026-11-22T09:30:00Z","description":"Departed","city_locality":"Rochester","state_province":"NY","country_code":"US","event_code":"DP","status_code":"IT"}]}}"#;
const SIGNED: [(&str, &str); 3] = [
    ("x-shipengine-rsa-sha256-key-id", "k-1"),
    (
        "x-shipengine-rsa-sha256-signature",
        "S6fAXbKwHLQXEhMu2CHf7cOmKwW/K11wlKeRPi6ZnILlXmGzwWHhQQcZAUGwchSFem1HDFRBYLGDwbIIsXkQcxOgMNt1T7nRrq36mTpxxT8gYRSS/wJVVKvgMHeKuWhH43Dl0XBqFB9oHteoXZAo8dTyUR9atv8mrjeI6X6+nPiMucGxMEGJOB2QLASyBVUL/2W1LZJSvc/OPN8ydZTnNJJ6WPVaiFMu4SD4z/NgSQo5/+6m3oASlCFM5Pnfhg4U0tml7t7niMzLPMUQDJaE0en6Ghc0MPJ2YBnX+2fBkYsf32K73Qb1OWqUOZV3BjBDm9iHzd3pZpc8b+r2hR5kgw==",
    ),
    ("x-shipengine-timestamp", "2026-11-22T14:59:00Z"),
];

const SIGNATURE: [(&str, &str); 3] = [
    ("x-shipengine-rsa-sha256-key-id", "k-1"),
    ("x-shipengine-rsa-sha256-signature", "AAAA"),
    ("x-shipengine-timestamp", "2026-11-22T14:59:00Z"),
];

async fn shipengine(world: &World, keys: ResponseTemplate) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(path("/jwks"))
        .respond_with(keys)
        .mount(&server)
        .await;
    world.set_secrets(
        "shipengine",
        &serde_json::json!({"api_key": "k", "base_url": server.uri()}),
    );
    server
}

#[tokio::test]
async fn keys_are_fetched_once_however_often_a_caller_names_one_that_is_none() {
    let world = World::start().await;
    let keys = ResponseTemplate::new(200).set_body_json(serde_json::json!({"keys": []}));
    let server = shipengine(&world, keys).await;
    let answer = world.push("/v1/push/shipengine", &SIGNATURE, "{}").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    // The sender may have published it since: that is to be seen in a minute. It
    // is no failure of ours either way, for any caller can raise the alarm on those.
    for _ in 0..4 {
        let answer = world.push("/v1/push/shipengine", &SIGNATURE, "{}").await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.body["code"], "not_yet_proven");
        assert_eq!(answer.headers[header::RETRY_AFTER], "60");
    }
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_push_that_came_while_the_keys_were_away_is_not_refused_for_good() {
    let mut world = World::start().await;
    let order = world.pushed("shipengine", SIGNED_NUMBER).await;
    let keys = ResponseTemplate::new(200).set_body_string(SIGNING_KEYS);
    let server = shipengine(&world, keys).await;
    Mock::given(path("/jwks"))
        .respond_with(ResponseTemplate::new(503))
        .up_to_n_times(1)
        .with_priority(1)
        .mount(&server)
        .await;
    for status in [
        StatusCode::SERVICE_UNAVAILABLE,
        StatusCode::TOO_MANY_REQUESTS,
    ] {
        let answer = world
            .push("/v1/push/shipengine", &SIGNED, SIGNED_BODY)
            .await;
        assert_eq!(answer.status, status);
    }
    world.wait(60);
    let answer = world
        .push("/v1/push/shipengine", &SIGNED, SIGNED_BODY)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
    let shipment = world.shipment(&order).await;
    assert_eq!(shipment.reason, Reason::Moving);
}

#[tokio::test]
async fn a_stale_push_is_refused_before_keys_are_fetched() {
    let world = World::start().await;
    let keys = ResponseTemplate::new(200).set_body_json(serde_json::json!({"keys": []}));
    let server = shipengine(&world, keys).await;
    let mut stale = SIGNATURE;
    stale[2].1 = "2026-11-22T14:54:59Z";
    let answer = world.push("/v1/push/shipengine", &stale, "{}").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(server.received_requests().await.unwrap().is_empty());
}

#[tokio::test]
async fn while_the_keys_are_away_it_is_to_be_sent_again() {
    let world = World::start().await;
    let _server = shipengine(&world, ResponseTemplate::new(503)).await;
    let answer = world.push("/v1/push/shipengine", &SIGNATURE, "{}").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
}
