//! Stored items that cannot be read do not take their neighbours with them.

use crate::sample::{contact, intake, key, new_order, new_shipment};
use aws_sdk_dynamodb::types::AttributeValue;
use posthorn_domain::{
    contact::{Consent, Contact},
    id::ShipmentIndex,
    notification_type::Channel,
    rollup,
};
use posthorn_platform::{
    ServiceErrorKind,
    store::intake::{Intake, NewOrder},
    testing::Dynamo,
};

async fn order_with_two(dynamo: &Dynamo) -> Intake {
    let store = intake(dynamo);
    let new = NewOrder {
        shipments: vec![new_shipment(1), new_shipment(2)],
        ..new_order()
    };
    store.create_order(&new, None).await.unwrap();
    store
}

#[tokio::test]
async fn a_shipment_that_cannot_be_read_does_not_take_the_others_with_it() {
    let dynamo = Dynamo::start().await;
    let store = order_with_two(&dynamo).await;
    let word = AttributeValue::S("beamed up".to_owned());
    dynamo
        .set(
            "Orders",
            ["ORDER#acme#1001", "SHIPMENT#0002"],
            "reason",
            word,
        )
        .await;
    let view = store.orders.load_order(&key()).await.unwrap().unwrap();
    assert_eq!(view.shipments, [new_shipment(1)]);
    assert_eq!(view.unreadable, ["SHIPMENT#0002"]);
    assert_eq!(view.next_shipment(), ShipmentIndex(3));
    assert_eq!(rollup::roll_up(&view.order, &view.shipments), None);
    let error = view.require_readable().unwrap_err();
    assert_eq!(error.kind, ServiceErrorKind::Unreadable);
    assert!(error.to_string().contains("SHIPMENT#0002"), "{error}");
    assert!(view.require_shipment(ShipmentIndex(1)).is_ok());
    assert!(view.require_shipment(ShipmentIndex(2)).is_err());
}

#[tokio::test]
async fn scans_that_cannot_be_unpacked_do_not_either() {
    let dynamo = Dynamo::start().await;
    let store = order_with_two(&dynamo).await;
    let bytes = AttributeValue::B(vec![0xFF; 8].into());
    dynamo
        .set(
            "Orders",
            ["ORDER#acme#1001", "SHIPMENT#0001"],
            "scans",
            bytes,
        )
        .await;
    let view = store.orders.load_order(&key()).await.unwrap().unwrap();
    assert_eq!(view.shipments, [new_shipment(2)]);
    assert_eq!(view.unreadable, ["SHIPMENT#0001"]);
}

#[tokio::test]
async fn consent_that_cannot_be_read_is_a_refusal_and_the_rest_of_the_contact_is_read() {
    let dynamo = Dynamo::start().await;
    let refused = Contact {
        consent: Consent {
            email: false,
            sms: false,
        },
        ..contact()
    };
    for (field, value) in [
        ("consent", AttributeValue::S("yes".to_owned())),
        ("consent", AttributeValue::M([].into())),
    ] {
        let store = order_with_two(&dynamo).await;
        store
            .contacts
            .put_contact(&key(), &contact())
            .await
            .unwrap();
        dynamo
            .set("Contacts", ["ORDER#acme#1001", "CONTACT"], field, value)
            .await;
        let read = store.contacts.get_contact(&key()).await.unwrap();
        assert_eq!(read, Some(refused.clone()));
        let to_replace = store.contacts.load_contact(&key()).await;
        assert_eq!(to_replace.unwrap_err().kind, ServiceErrorKind::Unreadable);
    }
}

#[tokio::test]
async fn an_address_that_cannot_be_read_is_unusable_and_not_missing() {
    let dynamo = Dynamo::start().await;
    let store = order_with_two(&dynamo).await;
    let number = AttributeValue::N("7".to_owned());
    dynamo
        .set("Contacts", ["ORDER#acme#1001", "CONTACT"], "email", number)
        .await;
    let read = store.contacts.get_contact(&key()).await.unwrap().unwrap();
    assert_eq!((read.email, read.consent), (None, contact().consent));
    assert_eq!(read.unusable, [Channel::Email]);
}
