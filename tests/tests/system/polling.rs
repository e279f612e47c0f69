//! Asking carriers costs nothing while nothing changes, and no minute is lost.

use jiff::SignedDuration;
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

async fn sweep(world: &World, minute: jiff::Timestamp) {
    world
        .stack
        .invoke("Sweep", &json!({"time": minute.to_string()}))
        .await
        .expect("sweep runs");
}

#[tokio::test]
async fn missed_minutes_are_caught_up() {
    let world = World::new("missed").await;
    let (_, number) = world.shipped().await;
    world.scanned(&number, Scan::OutForDelivery, 5, "Rochester");
    world.poll().await;
    // Out for delivery means each quarter of an hour, in a minute that only the
    // shipment's name decides. After this minute no sweep runs for all fifteen.
    sweep(&world, now()).await;
    world.settle().await;
    let asked = world.ups.asked(&number);
    sweep(&world, now() + SignedDuration::from_mins(15)).await;
    wait::until("the parcel to be asked after", || async {
        Ok((world.ups.asked(&number) > asked).then_some(()))
    })
    .await;
    world.settle().await;
    assert_eq!(
        world.ups.asked(&number),
        asked + 1,
        "it was asked after more than once in a period"
    );
    world.finish().await;
}
