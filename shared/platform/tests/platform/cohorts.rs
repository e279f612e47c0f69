//! Which shipments are due: found through the index, and only those.

use crate::sample::{answered, carrier, intake, key, new_shipment};
use posthorn_domain::{cadence::Cadence, id::ShipmentIndex};
use posthorn_platform::{
    store::{intake::Submitted, keys::Cohort, poll_targets::PollTarget},
    testing::Dynamo,
};

#[tokio::test]
async fn a_shipment_is_found_in_its_cohort_until_it_is_not_polled_any_more() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let shipment = new_shipment(1);
    let shipments = std::slice::from_ref(&shipment);
    store.add_shipments(&key(), shipments, None).await.unwrap();
    let due = async |cadence| {
        let cohort = Cohort::for_shipment(&key(), ShipmentIndex(1), &carrier("ups"), cadence, 1);
        store
            .orders
            .list_due(&cohort, None, 100)
            .await
            .unwrap()
            .items
    };
    let entry = |shipment| PollTarget::from_shipment(&key(), shipment).unwrap();
    assert_eq!(due(Cadence::EightHours).await, [entry(&shipment)]);

    let mut hourly = answered(&shipment, "moving");
    hourly.cadence = Some(Cadence::Hour);
    store
        .orders
        .record_shipment(&key(), &hourly, 1)
        .await
        .unwrap();
    assert_eq!(due(Cadence::EightHours).await, []);
    assert_eq!(due(Cadence::Hour).await, [entry(&hourly)]);

    let mut done = answered(&hourly, "done");
    done.cadence = None;
    store
        .orders
        .record_shipment(&key(), &done, 2)
        .await
        .unwrap();
    assert_eq!(due(Cadence::Hour).await, []);
    assert_eq!(store.orders.every_due(None).await.unwrap().items, []);
}

#[tokio::test]
async fn a_shipment_that_is_moved_by_hand_is_never_due() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let mut shipment = new_shipment(1);
    shipment.carrier = carrier("manual");
    let added = store.add_shipments(&key(), &[shipment], None).await;
    assert_eq!(added.unwrap(), Submitted::Written);
    assert_eq!(store.orders.every_due(None).await.unwrap().items, []);
}

#[tokio::test]
async fn an_index_is_read_page_by_page_to_its_end() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    // Entries of some four kilobytes each, so that they do not fit the
    // megabyte of one answer.
    let mut expected = Vec::new();
    for batch in 0..20_u16 {
        let shipments: Vec<_> = (1..=20)
            .map(|n| answered(&new_shipment(batch * 20 + n), &"x".repeat(4000)))
            .collect();
        expected.extend(shipments.iter().map(|shipment| shipment.shipment));
        store.add_shipments(&key(), &shipments, None).await.unwrap();
    }
    let (mut found, mut n_pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = store.orders.every_due(after).await.unwrap();
        found.extend(page.items.iter().map(|shipment| shipment.shipment));
        n_pages += 1;
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    found.sort_unstable();
    assert!(n_pages > 1, "{n_pages} page");
    assert_eq!(found, expected);
}

#[test]
fn a_message_to_poll_is_read_as_it_was_written() {
    let shipment = PollTarget::from_shipment(&key(), &new_shipment(1)).unwrap();
    let message = serde_json::to_value(&shipment).unwrap();
    assert_eq!(message["shop"], "acme");
    assert_eq!(message["order"], "1001");
    let read: PollTarget = serde_json::from_value(message).unwrap();
    assert_eq!(read, shipment);
}

#[tokio::test]
async fn a_slot_is_read_from_place_to_place_and_the_census_counts_all() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let shipments: Vec<_> = (1..=20).map(new_shipment).collect();
    store.add_shipments(&key(), &shipments, None).await.unwrap();
    let page = store.orders.count_targets(None).await.unwrap();
    assert_eq!(page.items, [((carrier("ups"), Cadence::EightHours), 20)]);
    let all = store.orders.every_due(None).await.unwrap().items;
    let mut found = 0;
    for slot in 0..480 {
        let cohort = Cohort {
            carrier: carrier("ups"),
            cadence: Cadence::EightHours,
            slot,
            shard: 0,
        };
        let mut after = None;
        loop {
            let page = store
                .orders
                .list_due(&cohort, after.as_ref(), 1)
                .await
                .unwrap();
            found += page.items.len();
            for target in &page.items {
                assert!(all.contains(target));
                assert_eq!(
                    Some(target.index_position(1)),
                    page.next.clone().or(Some(target.index_position(1)))
                );
            }
            after = page.next;
            if after.is_none() {
                break;
            }
        }
    }
    assert_eq!(found, 20);
}
