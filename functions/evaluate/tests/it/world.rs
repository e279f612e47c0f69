//! A table with an order, a bus that may fail, a quarantine queue.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use evaluate::Evaluate;
use lambda_runtime::{Context, LambdaEvent};
use posthorn_domain::{order::Order, stage::StageSource, status::Reason};
use posthorn_platform::{
    Config,
    batch::StreamEvent,
    store::{
        intake::{Intake, NewOrder, Submitted},
        orders::{OrderStore, RecordOutcome},
        schema::ORDERS,
    },
    testing::{self, Dynamo},
};
use serde_json::Value;

use crate::{
    sample::{key, new_shipment, order, placed_at},
    wire::{Inner, Wire},
};

pub(crate) struct World {
    dynamo: Dynamo,
    wire: Wire,
    evaluate: Evaluate,
    orders: OrderStore,
}

impl World {
    /// An order with a shipment that is on its way.
    pub(crate) async fn new() -> Self {
        let dynamo = Dynamo::start().await;
        let wire = Wire(Arc::new(Inner {
            published: Mutex::default(),
            quarantined: Mutex::default(),
            n_table_requests: AtomicUsize::default(),
            n_put_events: AtomicUsize::default(),
            fails_from: Mutex::default(),
            refuses: Mutex::default(),
            intruder: Mutex::default(),
        }));
        let config = Config::with_settings(
            "Evaluate",
            [
                (ORDERS.variable, ORDERS.name),
                ("POSTHORN_BUS", "bus"),
                (
                    "POSTHORN_QUARANTINE_QUEUE",
                    "https://sqs.example/quarantine",
                ),
            ],
        );
        let aws = dynamo.aws_through(wire.client());
        let intake = Intake::new(&dynamo.aws(), &testing::config()).unwrap();
        let new = NewOrder {
            order: order(),
            contact: None,
            shipments: vec![new_shipment(Reason::Moving, 1)],
        };
        intake.create_order(&new, None).await.unwrap();
        Self {
            evaluate: Evaluate::new(&aws, &config).unwrap(),
            orders: OrderStore::new(&dynamo.aws(), &testing::config()).unwrap(),
            dynamo,
            wire,
        }
    }

    /// Writes that the shipment has come to `reason`.
    pub(crate) async fn record_shipment(&self, reason: Reason) {
        let recorded = self
            .orders
            .record_shipment(&key(), &new_shipment(reason, 2), 1)
            .await
            .unwrap();
        assert_eq!(recorded, RecordOutcome::Written);
    }

    /// Stores a second shipment that cannot be read.
    pub(crate) async fn add_unreadable_shipment(&self) {
        let mut second = new_shipment(Reason::Moving, 1);
        second.shipment = posthorn_domain::id::ShipmentIndex(2);
        let intake = Intake::new(&self.dynamo.aws(), &testing::config()).unwrap();
        let added = intake.add_shipments(&key(), &[second], None).await.unwrap();
        assert_eq!(added, Submitted::Written);
        self.dynamo
            .set_text(
                ORDERS.name,
                ["ORDER#acme#1001", "SHIPMENT#0002"],
                "reason",
                "beamed up",
            )
            .await;
    }

    /// Hands a batch over; the sequence numbers that came back.
    pub(crate) async fn evaluate(&self, records: Vec<Value>) -> Vec<String> {
        let event = LambdaEvent::new(StreamEvent { records }, Context::default());
        let response = self.evaluate.handle(event).await.unwrap();
        let failures = response.batch_item_failures.into_iter();
        failures
            .filter_map(|failure| failure.item_identifier)
            .collect()
    }

    /// What is on the bus.
    pub(crate) fn facts(&self) -> Vec<Value> {
        self.wire.0.published.lock().unwrap().clone()
    }

    /// What lies in quarantine.
    pub(crate) fn quarantined(&self) -> Vec<Value> {
        self.wire.0.quarantined.lock().unwrap().clone()
    }

    pub(crate) fn n_table_requests(&self) -> usize {
        self.wire.0.n_table_requests.load(Ordering::Relaxed)
    }

    /// Lets the bus fail from its nth call on.
    pub(crate) fn let_bus_fail_from(&self, nth: usize) {
        *self.wire.0.fails_from.lock().unwrap() = Some(nth);
    }

    /// From now on the bus refuses facts that hold this, for what they say.
    pub(crate) fn let_bus_refuse(&self, text: &str) {
        *self.wire.0.refuses.lock().unwrap() = Some(text.to_owned());
    }

    pub(crate) fn heal_bus(&self) {
        *self.wire.0.fails_from.lock().unwrap() = None;
    }

    /// Lets the shop write a comment between our reading and our writing.
    pub(crate) async fn write_concurrently(&self) {
        let mut order = self.order().await;
        order
            .set_stage(
                order.stage,
                StageSource::Shop,
                Some("hurry".to_owned()),
                placed_at(),
            )
            .unwrap();
        *self.wire.0.intruder.lock().unwrap() = Some((self.orders.clone(), order));
    }

    pub(crate) async fn order(&self) -> Order {
        self.orders.load_order(&key()).await.unwrap().unwrap().order
    }

    /// The order's item as it lies in the table.
    pub(crate) async fn order_image(&self) -> Value {
        let item = self
            .dynamo
            .item(ORDERS.name, "ORDER#acme#1001", "ORDER")
            .await;
        item.unwrap()
    }
}
