//! A table with an order, a bus that may fail, a quarantine queue.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicUsize, Ordering},
};

use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use evaluate::Evaluate;
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId, TrackingToken},
    order::{Order, StageChange},
    shipment::Shipment,
    stage::{OrderStage, StageSource},
    status::Reason,
};
use posthorn_platform::{
    Config,
    batch::StreamEvent,
    store::{
        intake::{Intake, NewOrder},
        orders::{OrderStore, Recorded},
        schema::ORDERS,
    },
    testing::{self, Dynamo},
};
use serde_json::{Value, json};

pub(crate) struct World {
    dynamo: Dynamo,
    wire: Wire,
    evaluate: Evaluate,
    orders: OrderStore,
}

#[derive(Debug, Clone)]
struct Wire(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    table: SharedHttpClient,
    published: Mutex<Vec<Value>>,
    quarantined: Mutex<Vec<Value>>,
    n_table_requests: AtomicUsize,
    n_put_events: AtomicUsize,
    /// From which `PutEvents` on the bus fails.
    fails_from: Mutex<Option<usize>>,
    /// What somebody else writes right before the next write of ours.
    intruder: Mutex<Option<(OrderStore, Order)>>,
}

#[derive(Debug)]
struct Connector {
    wire: Wire,
    table: SharedHttpConnector,
}

pub(crate) fn key() -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse("1001").unwrap(),
    }
}

fn placed_at() -> Timestamp {
    "2026-11-22T10:00:00Z".parse().unwrap()
}

fn order() -> Order {
    Order {
        key: key(),
        number: "#1001".to_owned(),
        token: TrackingToken::from_random([7; 16]),
        stage: OrderStage::New,
        stages: vec![StageChange {
            stage: OrderStage::New,
            at: placed_at(),
            by: StageSource::Shop,
            comment: None,
        }],
        items: Vec::new(),
        promised: None,
        locale: "en".to_owned(),
        is_test: false,
        parcels: 1,
        placed_at: placed_at(),
        created_at: placed_at(),
        version: 1,
    }
}

fn parcel(reason: Reason, version: u64) -> Shipment {
    let json = json!({
        "shipment": 1,
        "carrier": "ups",
        "tracking_number": "1Z999AA10123456784",
        "reason": reason,
        "since": "2026-11-22T09:00:00+01:00",
        "registered_at": placed_at(),
        "changed_at": placed_at(),
        "version": version,
    });
    serde_json::from_value(json).unwrap()
}

/// An image as the stream has it.
fn image(value: &impl serde::Serialize, sk: &str) -> Value {
    let item: serde_dynamo::Item = serde_dynamo::to_item(value).unwrap();
    let mut image = serde_json::to_value(item).unwrap();
    image["pk"] = json!({ "S": "ORDER#acme#1001" });
    image["sk"] = json!({ "S": sk });
    image
}

pub(crate) fn order_item() -> Value {
    image(&order(), "ORDER")
}

pub(crate) fn parcel_item(reason: Reason, version: u64) -> Value {
    image(&parcel(reason, version), "SHIPMENT#0001")
}

/// The record of a new item.
pub(crate) fn inserted(sequence_number: &str, new: &Value) -> Value {
    json!({
        "awsRegion": "eu-central-1",
        "eventID": "e",
        "eventName": "INSERT",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "ApproximateCreationDateTime": 1_795_341_600,
            "Keys": { "pk": new["pk"], "sk": new["sk"] },
            "NewImage": new,
            "SequenceNumber": sequence_number,
            "SizeBytes": 1,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    })
}

/// The record of a changed item.
pub(crate) fn changed(sequence_number: &str, old: &Value, new: &Value) -> Value {
    let mut record = inserted(sequence_number, new);
    record["eventName"] = json!("MODIFY");
    record["dynamodb"]["OldImage"] = old.clone();
    record
}

pub(crate) fn types(facts: &[Value]) -> Vec<&str> {
    facts
        .iter()
        .map(|fact| fact["type"].as_str().unwrap())
        .collect()
}

impl World {
    /// An order with a parcel that is on its way.
    pub(crate) async fn new() -> Self {
        let dynamo = Dynamo::start().await;
        let wire = Wire(Arc::new(Inner {
            table: aws_smithy_http_client::Builder::new().build_http(),
            published: Mutex::default(),
            quarantined: Mutex::default(),
            n_table_requests: AtomicUsize::default(),
            n_put_events: AtomicUsize::default(),
            fails_from: Mutex::default(),
            intruder: Mutex::default(),
        }));
        let config = Config::fixed(
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
        let aws = dynamo.aws_through(SharedHttpClient::new(wire.clone()));
        let intake = Intake::new(&dynamo.aws(), &testing::config()).unwrap();
        let new = NewOrder {
            order: order(),
            contact: None,
            shipments: vec![parcel(Reason::Moving, 1)],
        };
        intake.create(&new, None).await.unwrap();
        Self {
            evaluate: Evaluate::new(&aws, &config).unwrap(),
            orders: OrderStore::new(&dynamo.aws(), &testing::config()).unwrap(),
            dynamo,
            wire,
        }
    }

    /// Writes that the parcel has come to `reason`.
    pub(crate) async fn record_parcel(&self, reason: Reason) {
        let recorded = self
            .orders
            .record(&key(), &parcel(reason, 2), 1)
            .await
            .unwrap();
        assert_eq!(recorded, Recorded::Written);
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

    pub(crate) fn heal_bus(&self) {
        *self.wire.0.fails_from.lock().unwrap() = None;
    }

    /// Lets the shop write a comment between our reading and our writing.
    pub(crate) async fn let_somebody_else_write_first(&self) {
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
        self.orders.load(&key()).await.unwrap().unwrap().order
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

impl Wire {
    fn publish(&self, body: &Value) -> HttpResponse {
        let nth = self.0.n_put_events.fetch_add(1, Ordering::Relaxed);
        if self
            .0
            .fails_from
            .lock()
            .unwrap()
            .is_some_and(|from| nth >= from)
        {
            return answer(500, &json!({ "__type": "InternalException" }));
        }
        let entries = body["Entries"].as_array().unwrap();
        let mut published = self.0.published.lock().unwrap();
        for entry in entries {
            assert_eq!(entry["Source"], "posthorn");
            let fact: Value = serde_json::from_str(entry["Detail"].as_str().unwrap()).unwrap();
            assert_eq!(entry["DetailType"], fact["type"]);
            published.push(fact);
        }
        let results: Vec<Value> = entries.iter().map(|_| json!({ "EventId": "e" })).collect();
        answer(200, &json!({ "FailedEntryCount": 0, "Entries": results }))
    }

    fn quarantine(&self, body: &Value) -> HttpResponse {
        let message: Value = serde_json::from_str(body["MessageBody"].as_str().unwrap()).unwrap();
        self.0.quarantined.lock().unwrap().push(message);
        answer(200, &json!({ "MessageId": "m", "MD5OfMessageBody": "" }))
    }
}

fn answer(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body.to_string()))
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(Connector {
            wire: self.clone(),
            table: self.0.table.http_connector(settings, components),
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (wire, table) = (self.wire.clone(), self.table.clone());
        HttpConnectorFuture::new(async move {
            let target = request
                .headers()
                .get("x-amz-target")
                .unwrap_or_default()
                .to_owned();
            let json = || serde_json::from_slice(request.body().bytes().unwrap()).unwrap();
            match target.as_str() {
                "AWSEvents.PutEvents" => Ok(wire.publish(&json())),
                "AmazonSQS.SendMessage" => Ok(wire.quarantine(&json())),
                _ => {
                    wire.0.n_table_requests.fetch_add(1, Ordering::Relaxed);
                    let intruder = wire
                        .0
                        .intruder
                        .lock()
                        .unwrap()
                        .take_if(|_| target.ends_with("PutItem"));
                    if let Some((orders, order)) = intruder {
                        orders.set_stage(&order, order.version - 1).await.unwrap();
                    }
                    table.call(request).await
                }
            }
        })
    }
}
