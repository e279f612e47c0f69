//! A carrier that answers nonsense or not now, and then recovers.

use posthorn_tests::{
    World,
    ups::{Mood, Scan},
};
use serde_json::json;

#[tokio::test]
async fn nonsense_of_the_carrier_keeps_the_last_good_state() {
    let world = World::new("nonsense").await;
    let (order, number) = world.shipped().await;
    world.scanned(&number, Scan::Origin, 90, "Rochester");
    world.poll().await;
    for mood in [
        Mood::Html,
        Mood::Nothing,
        Mood::Status(404),
        Mood::Status(500),
    ] {
        world.ups.feel(&number, mood);
        let asked = world.ups.asked(&number);
        world
            .stack
            .invoke("Sweep", &json!({"everything": true}))
            .await
            .unwrap();
        posthorn_tests::wait::until("the carrier to be asked", || async {
            Ok((world.ups.asked(&number) > asked).then_some(()))
        })
        .await;
        let told = world.order(&order).await;
        assert_eq!(
            told["shipments"][0]["status"],
            json!("picked_up"),
            "{mood:?}: {told}"
        );
    }
    world.ups.feel(&number, Mood::Well);
    world.scanned(&number, Scan::OutForDelivery, 5, "Rochester");
    world
        .stack
        .invoke("Sweep", &json!({"everything": true}))
        .await
        .unwrap();
    posthorn_tests::wait::until("the parcel to be out for delivery", || async {
        let told = world.order(&order).await;
        Ok((told["shipments"][0]["status"] == json!("out_for_delivery")).then_some(()))
    })
    .await;
    world.finish().await;
}

#[tokio::test]
async fn a_carrier_that_is_asked_too_much_is_asked_again_when_it_says() {
    let world = World::new("too-much").await;
    let (order, number) = world.shipped().await;
    world.scanned(&number, Scan::Origin, 90, "Rochester");
    world.poll().await;
    world.scanned(&number, Scan::OutForDelivery, 5, "Rochester");
    world.ups.feel(&number, Mood::RateLimited(2));
    let asked = world.ups.asked(&number);
    world.poll().await;
    assert_eq!(
        world.ups.asked(&number),
        asked + 1,
        "who says when to come back is not asked before"
    );
    let told = world.order(&order).await;
    assert_eq!(told["shipments"][0]["status"], json!("picked_up"), "{told}");
    let logs = world.stack.logs().await.unwrap();
    assert!(logs.contains("rate_limited"), "the refusal was not counted");
    world.ups.feel(&number, Mood::Well);
    // No sweep runs: what was refused comes back by itself.
    posthorn_tests::wait::until("the parcel to be out for delivery", || async {
        let told = world.order(&order).await;
        Ok((told["shipments"][0]["status"] == json!("out_for_delivery")).then_some(()))
    })
    .await;
    world.finish().await;
}

#[tokio::test]
async fn a_code_that_no_table_has_keeps_the_status_and_is_counted() {
    let world = World::new("unheard").await;
    let (order, number) = world.shipped().await;
    world.scanned(&number, Scan::Origin, 90, "Rochester");
    world.scanned(&number, Scan::Unheard, 30, "Rochester");
    world.poll().await;
    let told = world.order(&order).await;
    assert_eq!(told["shipments"][0]["status"], json!("picked_up"), "{told}");
    let logs = world.stack.logs().await.unwrap();
    assert!(
        logs.contains("UnknownCarrierCode") && logs.contains("QZ9"),
        "the code was not counted"
    );
    world.finish().await;
}
