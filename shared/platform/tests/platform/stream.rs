//! What is written comes back from the stream as the change that it was.

use crate::sample::{answered, intake, journey, key, new_order, new_shipment, order};
use posthorn_domain::transition::ItemChange;
use posthorn_platform::{
    store::stream::{StreamChange, StreamRecord},
    testing::Dynamo,
};
use serde_json::{Value, json};

/// The item with this sort key as a stream's image.
async fn image(dynamo: &Dynamo, sk: &str) -> Value {
    let item = dynamo.item("Orders", "ORDER#acme#1001", sk).await;
    item.unwrap_or_else(|| panic!("no item {sk}"))
}

fn record(name: &str, sk: &str, old: Option<&Value>, new: Option<&Value>) -> Value {
    let mut change = json!({
        "ApproximateCreationDateTime": 1_795_342_530.5,
        "Keys": {"pk": {"S": "ORDER#acme#1001"}, "sk": {"S": sk}},
        "SequenceNumber": "100", "SizeBytes": 1, "StreamViewType": "NEW_AND_OLD_IMAGES",
    });
    if let Some(old) = old {
        change["OldImage"] = old.clone();
    }
    if let Some(new) = new {
        change["NewImage"] = new.clone();
    }
    json!({"eventID": "1", "eventName": name, "dynamodb": change})
}

#[tokio::test]
async fn a_new_order_is_a_change_without_a_before() {
    let dynamo = Dynamo::start().await;
    intake(&dynamo)
        .create_order(&new_order(), None)
        .await
        .unwrap();
    let new = image(&dynamo, "ORDER").await;
    let read = StreamRecord::parse_record(&record("INSERT", "ORDER", None, Some(&new))).unwrap();
    assert_eq!(read.at.as_millisecond(), 1_795_342_530_500);
    let new = Box::new(order());
    let change = ItemChange::Order { old: None, new };
    assert_eq!(read.news, StreamChange::Change(change));
}

#[tokio::test]
async fn a_shipment_comes_with_its_scans_before_and_after() {
    let dynamo = Dynamo::start().await;
    let store = intake(&dynamo);
    let (key, sk) = (key(), "SHIPMENT#0001");
    let mut before = new_shipment(1);
    before.scans = journey()[..3].to_vec();
    let shipments = std::slice::from_ref(&before);
    store.add_shipments(&key, shipments, None).await.unwrap();
    let old = image(&dynamo, sk).await;
    let mut after = answered(&before, "news");
    after.scans = journey();
    store.orders.record_shipment(&key, &after, 1).await.unwrap();
    let new = image(&dynamo, sk).await;
    let read = StreamRecord::parse_record(&record("MODIFY", sk, Some(&old), Some(&new))).unwrap();
    let change = ItemChange::Shipment {
        order: key,
        old: Some(Box::new(before)),
        new: Box::new(after),
    };
    assert_eq!(read.news, StreamChange::Change(change));
}

#[test]
fn a_shipment_written_by_hand_may_have_its_scans_as_a_list() {
    let mut shipment = new_shipment(1);
    shipment.scans = journey();
    let image: serde_dynamo::Item = serde_dynamo::to_item(&shipment).unwrap();
    let image = serde_json::to_value(image).unwrap();
    let read =
        StreamRecord::parse_record(&record("INSERT", "SHIPMENT#0001", None, Some(&image))).unwrap();
    let change = ItemChange::Shipment {
        order: key(),
        old: None,
        new: Box::new(shipment),
    };
    assert_eq!(read.news, StreamChange::Change(change));
}

#[tokio::test]
async fn what_is_gone_or_of_another_kind_is_not_ours() {
    let dynamo = Dynamo::start().await;
    intake(&dynamo)
        .create_order(&new_order(), None)
        .await
        .unwrap();
    let item = image(&dynamo, "ORDER").await;
    for raw in [
        record("REMOVE", "ORDER", Some(&item), None),
        record("INSERT", "SOMETHING", None, Some(&item)),
    ] {
        assert_eq!(
            StreamRecord::parse_record(&raw).unwrap().news,
            StreamChange::NotOurs
        );
    }
}

#[test]
fn an_image_that_cannot_be_read_is_named_but_not_repeated() {
    for image in [
        json!({"shop": {"S": "acme"}, "order": {"S": "ann@example.com?"}}),
        json!({"version": {"S": "ann@example.com"}}),
    ] {
        let record = record("INSERT", "ORDER", None, Some(&image));
        let error = anyhow::Error::from(StreamRecord::parse_record(&record).unwrap_err());
        let error = format!("{error:#}");
        let place = "could not read the new image of order acme/1001: unreadable";
        assert!(error.starts_with(place), "{error}");
        assert!(!error.contains("ann"), "{error}");
    }
}

#[test]
fn a_record_without_keys_is_unreadable() {
    assert!(StreamRecord::parse_record(&json!({"eventName": "INSERT"})).is_err());
}
