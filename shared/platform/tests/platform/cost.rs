//! What things cost, in request units: the design promises it.

use crate::sample::{
    answered, carrier, intake, journey, key, moved, new_order, new_shipment, notification, now,
    order, receipt,
};
use posthorn_domain::{
    cadence::Cadence,
    id::ShipmentIndex,
    notification::{NotificationEntry, NotificationState},
    scan::{Scan, ScanMeaning},
    shipment::Shipment,
    stage::OrderStage,
};
use posthorn_platform::{
    Aws,
    store::{
        intake::{Intake, NewOrder},
        keys::Cohort,
        meter::Consumed,
        notifications::NotificationStore,
    },
    testing::{self, Dynamo},
};
use serde_json::json;

/// What `work` costs: write units of tables and of indexes.
async fn writes(aws: &Aws, work: impl Future<Output = ()>) -> (u64, u64) {
    let before = aws.capacity_meter().read_units();
    work.await;
    let after = aws.capacity_meter().read_units();
    (
        after.table_writes - before.table_writes,
        after.index_writes - before.index_writes,
    )
}

fn tables(dynamo: &Dynamo) -> (Aws, Intake) {
    let aws = dynamo.aws();
    let intake = Intake::new(&aws, &testing::config()).unwrap();
    (aws, intake)
}

#[tokio::test]
async fn an_unchanged_poll_writes_nothing_and_reads_no_table() {
    let dynamo = Dynamo::start().await;
    let added = intake(&dynamo)
        .add_shipments(&key(), &[new_shipment(1)], None)
        .await;
    added.unwrap();
    let (aws, tables) = tables(&dynamo);
    let cohort = Cohort::for_shipment(
        &key(),
        ShipmentIndex(1),
        &carrier("ups"),
        Cadence::EightHours,
        1,
    );
    let due = tables
        .orders
        .list_due(&cohort, None, 100)
        .await
        .unwrap()
        .items;
    assert_eq!(due.len(), 1);
    let expected = Consumed {
        index_reads: 0.5,
        ..Consumed::default()
    };
    assert_eq!(aws.capacity_meter().read_units(), expected);
}

#[tokio::test]
async fn a_poll_with_news_is_one_write_of_the_table_and_one_of_the_index() {
    let dynamo = Dynamo::start().await;
    let (aws, tables) = tables(&dynamo);
    let shipment = new_shipment(1);
    let shipments = std::slice::from_ref(&shipment);
    tables.add_shipments(&key(), shipments, None).await.unwrap();
    let record = async |shipment: &Shipment| {
        let work = async {
            let expected = shipment.version - 1;
            let recorded = tables
                .orders
                .record_shipment(&key(), shipment, expected)
                .await;
            recorded.unwrap();
        };
        writes(&aws, work).await
    };
    let news = answered(&shipment, "news");
    assert_eq!(record(&news).await, (1, 1));
    // Another key of the index: one entry goes, one comes.
    let mut faster = answered(&news, "faster");
    faster.cadence = Some(Cadence::Hour);
    assert_eq!(record(&faster).await, (1, 2));
    let mut done = answered(&faster, "done");
    done.cadence = None;
    assert_eq!(record(&done).await, (1, 1));
}

#[tokio::test]
async fn an_order_costs_one_unit_an_item_alone_and_two_in_a_transaction() {
    let alone = NewOrder {
        contact: None,
        ..new_order()
    };
    let with_shipment = NewOrder {
        shipments: vec![new_shipment(1)],
        ..new_order()
    };
    for (new, receipt, of_tables, of_indexes) in [
        (alone, None, 1, 1),
        (new_order(), None, 4, 1),
        (new_order(), Some(receipt("k")), 6, 1),
        (with_shipment, Some(receipt("k")), 8, 2),
    ] {
        let dynamo = Dynamo::start().await;
        let (aws, tables) = tables(&dynamo);
        let work = async {
            tables.create_order(&new, receipt.as_ref()).await.unwrap();
        };
        assert_eq!(writes(&aws, work).await, (of_tables, of_indexes));
    }
}

#[tokio::test]
async fn a_shipment_is_added_by_a_single_write() {
    let dynamo = Dynamo::start().await;
    let (aws, tables) = tables(&dynamo);
    let work = async {
        let added = tables.add_shipments(&key(), &[new_shipment(1)], None).await;
        added.unwrap();
    };
    assert_eq!(writes(&aws, work).await, (1, 1));
}

#[tokio::test]
async fn to_be_found_by_its_number_costs_a_shipment_one_unit_in_its_life() {
    let dynamo = Dynamo::start().await;
    let (aws, tables) = tables(&dynamo);
    let shipment = new_shipment(1);
    let shipments = std::slice::from_ref(&shipment);
    tables.add_shipments(&key(), shipments, None).await.unwrap();
    let record = async |shipment: &Shipment| {
        let work = async {
            let expected = shipment.version - 1;
            let recorded = tables
                .orders
                .record_shipment(&key(), shipment, expected)
                .await;
            recorded.unwrap();
        };
        writes(&aws, work).await
    };
    let mut pushed = answered(&shipment, "news");
    pushed.is_pushed = true;
    assert_eq!(record(&pushed).await, (1, 2));
    assert_eq!(record(&answered(&pushed, "more")).await, (1, 1));
}

/// The shipment after `scan`, with all that a carrier tells.
fn scanned(shipment: &Shipment, scan: Scan) -> Shipment {
    let mut next = answered(shipment, "0123456789abcdef0123456789abcdef");
    if let ScanMeaning::Status(reason) = scan.meaning {
        next.reason = reason;
    }
    let eta = json!({"from": "2026-11-23", "to": "2026-11-23", "source": "carrier"});
    next.eta = serde_json::from_value(eta).unwrap();
    next.eta_first = next.eta;
    next.status_since = Some(scan.time);
    next.service = Some("UPS Ground".to_owned());
    next.changed_at = now();
    next.scans.push(scan);
    next
}

#[tokio::test]
async fn every_write_of_a_usual_life_is_one_unit_of_its_table() {
    let dynamo = Dynamo::start().await;
    let (aws, tables) = tables(&dynamo);
    let work = async {
        let mut shipment = new_shipment(1);
        let shipments = std::slice::from_ref(&shipment);
        tables.add_shipments(&key(), shipments, None).await.unwrap();
        for scan in journey() {
            let before = shipment.version;
            shipment = scanned(&shipment, scan);
            tables
                .orders
                .record_shipment(&key(), &shipment, before)
                .await
                .unwrap();
        }
    };
    assert_eq!(writes(&aws, work).await.0, 9);

    let mut order = order();
    let new = new_order();
    tables.create_order(&new, None).await.unwrap();
    let work = async {
        for stage in [
            OrderStage::HandedToCarrier,
            OrderStage::InTransit,
            OrderStage::OutForDelivery,
            OrderStage::Delivered,
        ] {
            let before = order.version;
            order = moved(&order, stage);
            tables.orders.set_stage(&order, before).await.unwrap();
        }
    };
    assert_eq!(writes(&aws, work).await, (4, 0));
}

#[tokio::test]
async fn a_message_that_is_claimed_and_sent_is_two_writes() {
    let dynamo = Dynamo::start().await;
    let aws = dynamo.aws();
    let store = NotificationStore::new(&aws, &testing::config()).unwrap();
    let claimed = notification();
    let mut sent = claimed.clone();
    sent.state = NotificationState::Sent {
        provider_id: "0100019aa6e3c7d4-5b8fd1c7-2f6e-4d4b-9f5c-0d9a4f1c2b3a-000000".to_owned(),
        at: now(),
    };
    sent.history.push(NotificationEntry {
        at: now(),
        what: "sent".to_owned(),
    });
    let work = async {
        store.put_notification(&claimed, None).await.unwrap();
        store.put_notification(&sent, Some(&claimed)).await.unwrap();
    };
    assert_eq!(writes(&aws, work).await, (2, 0));
}
