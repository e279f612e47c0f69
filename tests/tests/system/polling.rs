//! Asking carriers costs nothing while nothing changes, and no minute is lost.

use posthorn_tests::{World, ups::Scan, wait, world::now};
use reqwest::Method;
use serde_json::{Value, json};

fn rows<'a>(usage: &'a Value, list: &str) -> Vec<&'a Value> {
    usage[list]
        .as_array()
        .map(|rows| rows.iter().collect())
        .unwrap_or_default()
}

#[tokio::test]
async fn an_unchanged_poll_writes_nothing_and_reads_no_table() {
    let world = World::new("unchanged").await;
    let (_, number) = world.shipped().await;
    world.scanned(&number, Scan::Origin, 90, "Rochester");
    world.poll().await;
    let asked = world.ups.asked(&number);
    world
        .stack
        .control(Method::DELETE, "usage", None)
        .await
        .unwrap();
    world.poll().await;
    assert!(
        world.ups.asked(&number) > asked,
        "the carrier was not asked again"
    );
    let usage = world
        .stack
        .control(Method::GET, "usage", None)
        .await
        .unwrap();
    let by_poll: Vec<&Value> = rows(&usage, "dynamodb")
        .into_iter()
        .filter(|row| row["function"].as_str().unwrap_or_default() == world.stack.physical("Poll"))
        .collect();
    assert!(
        by_poll.is_empty(),
        "an unchanged poll touched a table: {by_poll:?}"
    );
    let woken = rows(&usage, "functions").into_iter().any(|row| {
        row["function"].as_str().unwrap_or_default() == world.stack.physical("Evaluate")
    });
    assert!(!woken, "an unchanged poll woke evaluate: {usage}");
    world.finish().await;
}

#[tokio::test]
async fn a_missed_minute_is_caught_up() {
    let world = World::new("missed").await;
    let body = json!({
        "id": "M-1", "customer": {"email": world.buyer.email},
        "shipments": [{"tracking_number": format!("SANDBOX-STRAIGHT-{}", world.serial), "carrier": "sandbox"}],
    });
    let (status, answer) = world.call(Method::POST, "/v1/orders", Some(&body)).await;
    assert!(status.is_success(), "{answer}");
    // The sandbox is asked each minute, whatever the slot: the next sweep on
    // the schedule must reach it although nobody swept since the last.
    world
        .stack
        .invoke(
            "Sweep",
            &json!({"time": (now() + jiff::SignedDuration::from_mins(3)).to_string()}),
        )
        .await
        .unwrap();
    wait::until("the sandbox parcel to be known", || async {
        let order = world.order("M-1").await;
        Ok((order["shipments"][0]["status"] != json!("pending")).then_some(()))
    })
    .await;
    world.finish().await;
}
