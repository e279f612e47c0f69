//! From a record of the stream to facts on the bus, an order that follows its
//! shipments, and records that cannot be read.

use crate::{
    sample::{changed, inserted, order_item, shipment_item, types},
    world::World,
};
use posthorn_domain::{
    stage::{OrderStage, StageSource},
    status::Reason,
};
use serde_json::{Value, json};

#[tokio::test]
async fn a_scan_that_moves_the_shipment_is_told_and_moves_the_order() {
    let world = World::new().await;
    world.record_shipment(Reason::Today).await;
    let record = changed(
        "1",
        &shipment_item(Reason::Moving, 1),
        &shipment_item(Reason::Today, 2),
    );
    assert_eq!(world.evaluate(vec![record]).await, Vec::<String>::new());
    let facts = world.facts();
    assert_eq!(types(&facts), ["ShipmentStatusChanged"]);
    let order = world.order().await;
    assert_eq!(order.stage, OrderStage::OutForDelivery);
    assert_eq!(order.moved_by(), StageSource::Shipments);
}

#[tokio::test]
async fn the_order_s_own_record_gives_the_order_s_fact() {
    let world = World::new().await;
    world.record_shipment(Reason::DeliveredGeneric).await;
    let before = world.order_image().await;
    let record = changed(
        "1",
        &shipment_item(Reason::Moving, 1),
        &shipment_item(Reason::DeliveredGeneric, 2),
    );
    world.evaluate(vec![record]).await;
    let record = changed("2", &before, &world.order_image().await);
    world.evaluate(vec![record]).await;
    let facts = world.facts();
    assert_eq!(
        types(&facts),
        ["ShipmentStatusChanged", "OrderStageChanged"]
    );
    assert_eq!(facts[1]["stage"], "delivered");
    assert_eq!(facts[1]["by"], "shipments");
}

#[tokio::test]
async fn a_record_that_comes_twice_gives_the_same_facts_and_no_second_write() {
    let world = World::new().await;
    world.record_shipment(Reason::Today).await;
    let record = || {
        changed(
            "1",
            &shipment_item(Reason::Moving, 1),
            &shipment_item(Reason::Today, 2),
        )
    };
    world.evaluate(vec![record()]).await;
    let version = world.order().await.version;
    world.evaluate(vec![record()]).await;
    let facts = world.facts();
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[0], facts[1]);
    assert_eq!(world.order().await.version, version);
}

#[tokio::test]
async fn a_change_without_news_reads_and_publishes_nothing() {
    let world = World::new().await;
    let old = shipment_item(Reason::Moving, 1);
    let mut new = shipment_item(Reason::Moving, 2);
    new["response_hash"] = json!({ "S": "another hash" });
    world.evaluate(vec![changed("1", &old, &new)]).await;
    assert!(world.facts().is_empty());
    assert_eq!(world.n_table_requests(), 0);
}

#[tokio::test]
async fn an_order_of_which_less_is_still_bought_stands_where_its_shipments_say() {
    let world = World::new().await;
    let mut old = order_item();
    old["items"] = json!({ "L": [{ "M": { "title": { "S": "Hat" }, "quantity": { "N": "1" } } }] });
    world
        .evaluate(vec![changed("1", &old, &order_item())])
        .await;
    assert_eq!(world.order().await.stage, OrderStage::InTransit);
}

#[tokio::test]
async fn an_item_that_is_gone_is_no_news() {
    let world = World::new().await;
    let mut record = inserted("1", &order_item());
    record["eventName"] = json!("REMOVE");
    record["dynamodb"]["OldImage"] = record["dynamodb"]["NewImage"].take();
    world.evaluate(vec![record]).await;
    assert!(world.facts().is_empty());
    assert!(world.quarantined().is_empty());
}

#[tokio::test]
async fn an_unreadable_record_goes_into_quarantine_with_its_image_and_the_others_go_on() {
    let world = World::new().await;
    let mut poison = inserted("2", &order_item());
    poison["dynamodb"]["NewImage"]["stage"] = json!({ "S": "beamed up" });
    let records = vec![
        inserted("1", &order_item()),
        poison.clone(),
        json!({ "eventName": "INSERT", "dynamodb": { "SequenceNumber": "3" } }),
        changed(
            "4",
            &shipment_item(Reason::Moving, 1),
            &shipment_item(Reason::Today, 2),
        ),
    ];
    assert_eq!(world.evaluate(records).await, Vec::<String>::new());
    let facts = world.facts();
    assert_eq!(
        types(&facts),
        ["OrderStageChanged", "ShipmentStatusChanged"]
    );
    let quarantined = world.quarantined();
    assert_eq!(quarantined.len(), 2);
    assert_eq!(quarantined[0]["Records"], json!([poison]));
}

#[tokio::test]
async fn what_lies_in_quarantine_can_be_evaluated_as_it_is_once_the_fault_is_mended() {
    let world = World::new().await;
    let mut poison = inserted("2", &order_item());
    poison["dynamodb"]["NewImage"]["stage"] = json!({ "S": "beamed up" });
    world.evaluate(vec![poison]).await;
    let mut event = world.quarantined().remove(0);
    event["Records"][0]["dynamodb"]["NewImage"]["stage"] = json!({ "S": "new" });
    let records: Vec<Value> = event["Records"].as_array().unwrap().clone();
    world.evaluate(records).await;
    assert_eq!(types(&world.facts()), ["OrderStageChanged"]);
}

#[tokio::test]
async fn a_bus_that_fails_stops_the_batch_at_its_record_and_nothing_is_lost() {
    let world = World::new().await;
    let records = || {
        vec![
            inserted("1", &order_item()),
            changed(
                "2",
                &shipment_item(Reason::Moving, 1),
                &shipment_item(Reason::Today, 2),
            ),
            inserted("3", &order_item()),
        ]
    };
    world.let_bus_fail_from(1);
    assert_eq!(world.evaluate(records()).await, ["2"]);
    assert_eq!(types(&world.facts()), ["OrderStageChanged"]);
    assert!(world.quarantined().is_empty());
    world.heal_bus();
    assert_eq!(
        world.evaluate(records()[1..].to_vec()).await,
        Vec::<String>::new()
    );
    assert_eq!(
        types(&world.facts()),
        [
            "OrderStageChanged",
            "ShipmentStatusChanged",
            "OrderStageChanged"
        ]
    );
}

#[tokio::test]
async fn a_fact_that_the_bus_will_never_take_goes_into_quarantine_and_the_others_are_published() {
    let world = World::new().await;
    world.let_bus_refuse("OrderStageChanged");
    let poison = inserted("1", &order_item());
    let records = vec![
        poison.clone(),
        changed(
            "2",
            &shipment_item(Reason::Moving, 1),
            &shipment_item(Reason::Today, 2),
        ),
    ];
    assert_eq!(world.evaluate(records).await, Vec::<String>::new());
    assert_eq!(types(&world.facts()), ["ShipmentStatusChanged"]);
    assert_eq!(world.quarantined()[0]["Records"], json!([poison]));
}

#[tokio::test]
async fn a_fact_that_the_bus_will_never_take_does_not_keep_the_stage_back() {
    let world = World::new().await;
    world.record_shipment(Reason::Today).await;
    world.let_bus_refuse("ShipmentStatusChanged");
    let record = changed(
        "1",
        &shipment_item(Reason::Moving, 1),
        &shipment_item(Reason::Today, 2),
    );
    assert_eq!(
        world.evaluate(vec![record.clone()]).await,
        Vec::<String>::new()
    );
    assert_eq!(world.quarantined()[0]["Records"], json!([record]));
    assert_eq!(world.order().await.stage, OrderStage::OutForDelivery);
}

#[tokio::test]
async fn an_order_that_is_written_concurrently_is_read_again() {
    let world = World::new().await;
    world.record_shipment(Reason::Today).await;
    world.write_concurrently().await;
    let record = changed(
        "1",
        &shipment_item(Reason::Moving, 1),
        &shipment_item(Reason::Today, 2),
    );
    assert_eq!(world.evaluate(vec![record]).await, Vec::<String>::new());
    let order = world.order().await;
    assert_eq!(order.stage, OrderStage::OutForDelivery);
    assert_eq!(order.shop_comment(), None);
    assert!(
        order
            .stages
            .iter()
            .any(|change| change.comment.as_deref() == Some("hurry"))
    );
}

/// As after an outage: all changes are read when the shipment has arrived.
#[tokio::test]
async fn changes_that_are_read_late_leave_the_steps_in_between_in_the_history() {
    let reasons = [
        Reason::Moving,
        Reason::Today,
        Reason::Ready,
        Reason::DeliveredGeneric,
    ];
    let world = World::new().await;
    world.record_shipment(Reason::DeliveredGeneric).await;
    let records: Vec<Value> = (1_u64..)
        .zip(reasons.windows(2))
        .map(|(n, pair)| {
            // What is stored by now has the version 2, or a later one.
            let version = |reason| {
                if reason == Reason::DeliveredGeneric {
                    2
                } else {
                    1
                }
            };
            let mut record = changed(
                &n.to_string(),
                &shipment_item(pair[0], version(pair[0])),
                &shipment_item(pair[1], version(pair[1])),
            );
            let at = &mut record["dynamodb"]["ApproximateCreationDateTime"];
            *at = json!(at.as_u64().unwrap() + n);
            record
        })
        .collect();
    for _ in 0..2 {
        world.evaluate(records.clone()).await;
        let order = world.order().await;
        let stages: Vec<OrderStage> = order.stages.iter().map(|change| change.stage).collect();
        let expected = [
            OrderStage::New,
            OrderStage::OutForDelivery,
            OrderStage::AvailableForPickup,
            OrderStage::Delivered,
        ];
        assert_eq!(stages, expected, "and once more they change nothing");
    }
}

#[tokio::test]
async fn an_order_with_an_unreadable_shipment_stays_where_it_is_and_its_facts_are_told() {
    let world = World::new().await;
    world.record_shipment(Reason::DeliveredGeneric).await;
    world.add_unreadable_shipment().await;
    let stage = world.order().await.stage;
    let record = changed(
        "1",
        &shipment_item(Reason::Moving, 1),
        &shipment_item(Reason::DeliveredGeneric, 2),
    );
    assert_eq!(world.evaluate(vec![record]).await, Vec::<String>::new());
    assert_eq!(types(&world.facts()), ["ShipmentStatusChanged"]);
    assert_eq!(world.order().await.stage, stage);
    assert_eq!(world.quarantined().len(), 1);
}
