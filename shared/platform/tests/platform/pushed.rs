//! Shipments that their carrier may tell of by itself are found by their number.

use crate::sample::{carrier, intake, key, new_shipment, now};
use posthorn_domain::{
    id::{CarrierId, ShipmentIndex},
    journey,
    shipment::Shipment,
    tracking_number::TrackingNumber,
};
use posthorn_platform::testing::Dynamo;

#[tokio::test]
async fn a_pushed_shipment_is_found_by_its_number_and_no_other() {
    let dynamo = Dynamo::start().await;
    let tables = intake(&dynamo);
    let mut pushed = new_shipment(1);
    pushed.is_pushed = true;
    let silent = new_shipment(2);
    let both = [pushed.clone(), silent.clone()];
    tables.add_shipments(&key(), &both, None).await.unwrap();
    let find = async |carrier: &CarrierId, shipment: &Shipment| {
        let number = shipment.tracking_number.as_ref().unwrap();
        tables.orders.by_number(carrier, number).await.unwrap()
    };
    let ups = carrier("ups");
    assert_eq!(find(&ups, &pushed).await, [(key(), ShipmentIndex(1))]);
    assert_eq!(find(&ups, &silent).await, []);
    assert_eq!(find(&carrier("usps"), &pushed).await, []);
    // A corrected number is another shipment's.
    let number = TrackingNumber::parse("1Z999AA10123456789").unwrap();
    let next = journey::correct_number(&pushed, ups.clone(), Some(number), now());
    let recorded = tables
        .orders
        .record_shipment(&key(), &next, pushed.version)
        .await;
    recorded.unwrap();
    assert_eq!(find(&ups, &pushed).await, []);
    assert_eq!(find(&ups, &next).await, []);
}
