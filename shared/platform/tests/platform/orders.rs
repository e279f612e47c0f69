//! Orders and shipments: written once, whatever else is written and whatever is lost.

use crate::sample::{
    answered, carrier, contact, intake, journey, key, moved, new_order, new_shipment, now, order,
    receipt, shop, unlucky_intake,
};
use futures::future::join;
use jiff::SignedDuration;
use posthorn_domain::{
    id::{OrderId, ShipmentIndex, TrackingToken},
    journey::ask_with,
    reported_status::ReportedStatus,
    source::{Source, SourceHistory},
    stage::OrderStage,
    status::Reason,
};
use posthorn_platform::{
    Config,
    store::{
        idempotency::KnownRequest,
        intake::{Created, NewOrder, Submitted},
        keys::Cohort,
        orders::{OrderStore, OrderWithShipments, RecordOutcome},
        poll_targets::PollTarget,
    },
    testing::Dynamo,
};

#[tokio::test]
async fn an_order_is_read_as_it_was_written() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let mut shipment = new_shipment(2);
    shipment.scans = journey();
    shipment.other_sources = vec![SourceHistory {
        source: Source::from_supplier(Some("Acme Logistics".to_owned())),
        last_report_at: now(),
        scans: journey(),
        statements: vec![ReportedStatus {
            after: journey().last().map(|scan| scan.time),
            reason: Reason::DeliveredGeneric,
            at: None,
        }],
        corrections: Vec::new(),
    }];
    let new = NewOrder {
        shipments: vec![new_shipment(1), shipment],
        ..new_order()
    };
    let created = store.create_order(&new, Some(&receipt("k"))).await.unwrap();
    assert_eq!(created, Created::New);
    let view = store.orders.load_order(&key()).await.unwrap().unwrap();
    assert_eq!(view.next_shipment(), ShipmentIndex(3));
    let alone = store.orders.load_shipment(&key(), ShipmentIndex(2)).await;
    assert_eq!(alone.unwrap().as_ref(), new.shipments.last());
    let NewOrder {
        order, shipments, ..
    } = new;
    let unreadable = Vec::new();
    assert_eq!(
        view,
        OrderWithShipments {
            order,
            shipments,
            unreadable
        }
    );
    assert_eq!(
        store.contacts.get_contact(&key()).await.unwrap(),
        Some(contact())
    );
}

#[tokio::test]
async fn a_shipment_is_due_with_the_provider_in_its_carriers_place() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let mut shipment = ask_with(new_shipment(1), Some(carrier("17track")), now());
    shipment.query_details.service = Some("express".to_owned());
    let shipments = std::slice::from_ref(&shipment);
    store.add_shipments(&key(), shipments, None).await.unwrap();
    let due = async |asked: &str| {
        let cadence = shipment.cadence.unwrap();
        let cohort = Cohort::for_shipment(&key(), shipment.shipment, &carrier(asked), cadence, 1);
        store
            .orders
            .list_due(&cohort, None, 100)
            .await
            .unwrap()
            .items
    };
    assert_eq!(due("ups").await, []);
    let found = due("17track").await;
    assert_eq!(
        found,
        Vec::from_iter(PollTarget::from_shipment(&key(), &shipment))
    );
    assert_eq!(found[0].whom_to_ask(), &carrier("17track"));
    assert_eq!(found[0].carrier, carrier("ups"));
}

#[tokio::test]
async fn an_order_that_was_not_posted_is_not_there() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    assert_eq!(store.orders.load_order(&key()).await.unwrap(), None);
    let shipment = store.orders.load_shipment(&key(), ShipmentIndex(1)).await;
    assert_eq!(shipment.unwrap(), None);
}

#[tokio::test]
async fn of_two_creators_one_creates_and_the_other_finds_it() {
    let dynamo = Dynamo::start().await;
    let (one, two) = (intake(&dynamo), intake(&dynamo));
    let mut other = new_order();
    other.order.token = TrackingToken::from_random([7; 16]);
    let ours = new_order();
    let (first, second) = join(
        one.create_order(&ours, None),
        two.create_order(&other, None),
    )
    .await;
    let mut outcomes = [first.unwrap(), second.unwrap()];
    outcomes.sort_by_key(|outcome| *outcome != Created::New);
    let [Created::New, Created::Exists(view)] = &outcomes else {
        panic!("{outcomes:?}");
    };
    let there = one.orders.load_order(&key()).await.unwrap();
    assert_eq!(there.as_ref(), Some(&**view));
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_still_a_new_one() {
    let alone = NewOrder {
        contact: None,
        ..new_order()
    };
    for (new, operation) in [(new_order(), "TransactWriteItems"), (alone, "PutItem")] {
        let dynamo = Dynamo::start().await;
        let store = unlucky_intake(&dynamo, operation);
        let created = store.create_order(&new, None).await.unwrap();
        assert_eq!(created, Created::New, "{operation}");
    }
}

#[tokio::test]
async fn an_order_is_found_by_its_link_and_by_no_other() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    store.create_order(&new_order(), None).await.unwrap();
    let token = order().token;
    assert_eq!(store.orders.by_token(&token).await.unwrap(), Some(key()));
    let other = TrackingToken::from_random([1; 16]);
    assert_eq!(store.orders.by_token(&other).await.unwrap(), None);
}

#[tokio::test]
async fn a_second_request_with_the_same_key_is_told_so_and_writes_nothing() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let receipt = receipt("k");
    store
        .create_order(&new_order(), Some(&receipt))
        .await
        .unwrap();
    let mut other = new_order();
    other.order.key.order = OrderId::parse("1002").unwrap();
    let outcome = store.create_order(&other, Some(&receipt)).await.unwrap();
    assert_eq!(outcome, Created::KeyInUse);
    let there = store.orders.load_order(&other.order.key).await.unwrap();
    assert_eq!(there, None);
}

#[tokio::test]
async fn a_request_is_answered_again_for_a_day_and_only_if_it_is_the_same() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let find = async |body, at| {
        let known = store.idempotency.find_request(&shop(), "k", body, at).await;
        known.unwrap()
    };
    assert_eq!(find("hash", now()).await, KnownRequest::Fresh);
    let receipt = receipt("k");
    store
        .create_order(&new_order(), Some(&receipt))
        .await
        .unwrap();
    assert_eq!(
        find("hash", now()).await,
        KnownRequest::Replay(receipt.answer)
    );
    assert_eq!(find("other", now()).await, KnownRequest::Mismatch);
    let a_day_later = now() + SignedDuration::from_hours(24);
    assert_eq!(find("other", a_day_later).await, KnownRequest::Fresh);
}

#[tokio::test]
async fn two_shipments_cannot_have_the_same_number() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    store.create_order(&new_order(), None).await.unwrap();
    let add = async |shipments: &[_]| {
        let added = store.add_shipments(&key(), shipments, None).await;
        added.unwrap()
    };
    assert_eq!(add(&[new_shipment(1)]).await, Submitted::Written);
    let mut other = new_shipment(1);
    other.service = Some("UPS Ground".to_owned());
    assert_eq!(add(std::slice::from_ref(&other)).await, Submitted::Conflict);
    assert_eq!(add(&[new_shipment(2), other]).await, Submitted::Conflict);
    let view = store.orders.load_order(&key()).await.unwrap().unwrap();
    assert_eq!(view.shipments, [new_shipment(1)]);
}

#[tokio::test]
async fn a_shipment_whose_answer_was_lost_is_still_added() {
    let dynamo = Dynamo::start().await;
    let store = unlucky_intake(&dynamo, "PutItem");
    let added = store.add_shipments(&key(), &[new_shipment(1)], None).await;
    assert_eq!(added.unwrap(), Submitted::Written);
}

#[tokio::test]
async fn of_two_pollers_one_records_and_the_other_reads_again() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let (key, shipment) = (key(), new_shipment(1));
    let shipments = std::slice::from_ref(&shipment);
    store.add_shipments(&key, shipments, None).await.unwrap();
    let (one, two) = (answered(&shipment, "one"), answered(&shipment, "two"));
    let (first, second) = join(
        store.orders.record_shipment(&key, &one, 1),
        store.orders.record_shipment(&key, &two, 1),
    )
    .await;
    let outcomes = [first.unwrap(), second.unwrap()];
    assert!(outcomes.contains(&RecordOutcome::Written), "{outcomes:?}");
    assert!(outcomes.contains(&RecordOutcome::Conflict), "{outcomes:?}");
}

#[tokio::test]
async fn a_lost_answer_to_a_write_is_no_conflict() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let (key, shipment) = (key(), new_shipment(1));
    store.create_order(&new_order(), None).await.unwrap();
    let shipments = std::slice::from_ref(&shipment);
    store.add_shipments(&key, shipments, None).await.unwrap();

    let unlucky = || unlucky_intake(&dynamo, "PutItem").orders;
    let news = answered(&shipment, "news");
    let recorded = unlucky().record_shipment(&key, &news, 1).await.unwrap();
    assert_eq!(recorded, RecordOutcome::Written);
    let next = moved(&order(), OrderStage::HandedToCarrier);
    let staged = unlucky().set_stage(&next, 1).await.unwrap();
    assert_eq!(staged, RecordOutcome::Written);

    let unlucky = unlucky_intake(&dynamo, "TransactWriteItems");
    let corrected = answered(&news, "corrected");
    let receipt = receipt("k");
    let submitted = unlucky.change_shipment(&key, &corrected, 2, Some(&receipt));
    assert_eq!(submitted.await.unwrap(), Submitted::Written);
}

#[tokio::test]
async fn a_shipment_or_order_that_is_not_there_is_not_written() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let recorded = store
        .orders
        .record_shipment(&key(), &new_shipment(1), 1)
        .await;
    assert_eq!(recorded.unwrap(), RecordOutcome::Conflict);
    let staged = store.orders.set_stage(&order(), 1).await;
    assert_eq!(staged.unwrap(), RecordOutcome::Conflict);
}

#[tokio::test]
async fn a_stage_and_its_answer_are_written_together_or_not_at_all() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    store.create_order(&new_order(), None).await.unwrap();
    let next = moved(&order(), OrderStage::HandedToCarrier);
    let receipt = receipt("k");
    let stale = store.set_stage(&next, 7, Some(&receipt)).await.unwrap();
    assert_eq!(stale, Submitted::Conflict);
    let known = store
        .idempotency
        .find_request(&shop(), "k", "hash", now())
        .await;
    assert_eq!(known.unwrap(), KnownRequest::Fresh);
    let written = store.set_stage(&next, 1, Some(&receipt)).await.unwrap();
    assert_eq!(written, Submitted::Written);
    let view = store.orders.load_order(&key()).await.unwrap().unwrap();
    assert_eq!(view.order, next);
}

#[tokio::test]
async fn a_missing_table_is_named_before_anything_is_read() {
    let dynamo = Dynamo::start().await;
    let config = Config::with_settings("Track", []);
    let error = OrderStore::new(&dynamo.aws(), &config).unwrap_err();
    assert_eq!(
        error.to_string(),
        "POSTHORN_ORDERS is not set (see `Track` in infra/template.yaml)"
    );
}
