//! What surrounds the function: an embedded DynamoDB, and a parameter store and
//! a queue that answer what the test says.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use jiff::Timestamp;
use lambda_runtime::{Context, LambdaEvent};
use poll::Poll;
use posthorn_domain::{
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId},
    journey::{self, NewShipment},
    shipment::{QueryDetails, Shipment},
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config, clock,
    store::{
        intake::Intake,
        orders::RecordOutcome,
        poll_targets::PollTarget,
        schedule::{Backoff, ScheduleStore},
        schema::TABLES,
    },
    testing::{Dynamo, answering},
};
use serde_json::{Value, json};

/// What was sent to AWS, and what the parameter store holds.
#[derive(Debug, Clone, Default)]
pub(crate) struct Gateway(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    dynamodb_calls: usize,
    queued: Vec<Value>,
    /// What the queue never takes.
    guilty: Option<String>,
    parameters: HashMap<String, String>,
}

/// The function in its surroundings.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) gateway: Gateway,
    pub(crate) intake: Intake,
    pub(crate) schedule: ScheduleStore,
    poll: Poll,
    dynamo: Dynamo,
}

impl World {
    pub(crate) async fn start() -> Self {
        let dynamo = Dynamo::start().await;
        let gateway = Gateway::default();
        let tables = TABLES.iter().map(|table| (table.variable, table.name));
        let others = [
            ("POSTHORN_POLL_QUEUE", "http://127.0.0.1/queue/poll"),
            ("POSTHORN_PARAMETERS", "/posthorn/test"),
            ("POSTHORN_SANDBOX_PACE", "3600"),
            ("POSTHORN_PUSH_URL", "https://api.example.com/v1/push"),
        ];
        let config = Config::with_settings("Test", tables.chain(others));
        let aws = dynamo.aws_through(gateway.client());
        Self {
            intake: Intake::new(&dynamo.aws(), &config).unwrap(),
            schedule: ScheduleStore::new(&dynamo.aws(), &config).unwrap(),
            poll: Poll::new(&aws, &config).unwrap(),
            gateway,
            dynamo,
        }
    }

    /// Registers a shipment of an order of its own.
    pub(crate) async fn register(&self, carrier: &str, number: &str, at: Timestamp) -> OrderKey {
        self.register_in(number, carrier, number, at).await
    }

    /// The same of a certain order.
    pub(crate) async fn register_in(
        &self,
        id: &str,
        carrier: &str,
        number: &str,
        at: Timestamp,
    ) -> OrderKey {
        let order = order(id);
        let announced = NewShipment {
            carrier: CarrierId::parse(carrier).unwrap(),
            carrier_name: None,
            query_details: QueryDetails::default(),
            tracking_number: TrackingNumber::parse(number).ok(),
            tracking_url: None,
            items: Vec::new(),
            eta: None,
            origins: Vec::new(),
        };
        let shipment = journey::register_shipment(ShipmentIndex(1), announced, at);
        self.intake
            .add_shipments(&order, &[shipment], None)
            .await
            .unwrap();
        order
    }

    pub(crate) async fn shipment(&self, order: &OrderKey) -> Shipment {
        let shipment = self
            .intake
            .orders
            .load_shipment(order, ShipmentIndex(1))
            .await;
        shipment.unwrap().unwrap()
    }

    /// From now on what is stored of the shipment cannot be read.
    pub(crate) async fn spoil(&self, order: &OrderKey) {
        let update = self.dynamo.aws().dynamodb_client().update_item();
        let text = |text: String| AttributeValue::S(text);
        let update = update
            .table_name("Orders")
            .key("pk", text(format!("ORDER#{}#{}", order.shop, order.order)))
            .key("sk", text("SHIPMENT#0001".to_owned()))
            .update_expression("SET registered_at = :odd")
            .expression_attribute_values(":odd", text("yesterday".to_owned()));
        update.send().await.unwrap();
    }

    /// A concurrent writer writes the shipment.
    pub(crate) async fn overwrite(&self, order: &OrderKey, shipment: &Shipment) {
        let expected = shipment.version - 1;
        let recorded = self
            .intake
            .orders
            .record_shipment(order, shipment, expected)
            .await;
        assert_eq!(recorded.unwrap(), RecordOutcome::Written);
    }

    /// The message that `sweep` sends about these shipments as they stand.
    pub(crate) async fn message(&self, orders: &[OrderKey]) -> Value {
        let mut shipments = Vec::new();
        for order in orders {
            shipments.push(PollTarget::from_shipment(order, &self.shipment(order).await).unwrap());
        }
        json!({"carrier": shipments[0].whom_to_ask(), "shipments": shipments})
    }

    /// Runs the function on messages; the ids of those that failed: 0, 1, …
    pub(crate) async fn poll(&self, messages: &[Value]) -> Vec<String> {
        self.poll_until(messages, 0).await
    }

    /// The same in an invocation that ends at `deadline`, in milliseconds.
    pub(crate) async fn poll_until(&self, messages: &[Value], deadline: u64) -> Vec<String> {
        let records: Vec<Value> = messages
            .iter()
            .enumerate()
            .map(|(index, message)| json!({"messageId": index.to_string(), "body": message.to_string()}))
            .collect();
        let event = serde_json::from_value(json!({"Records": records})).unwrap();
        let mut context = Context::default();
        context.deadline = deadline;
        let answer = self
            .poll
            .handle(LambdaEvent::new(event, context))
            .await
            .unwrap();
        let failures = answer.batch_item_failures.into_iter();
        failures.map(|failure| failure.item_identifier).collect()
    }

    /// A carrier's pause is over.
    pub(crate) async fn end_pause(&self, carrier: &str, consecutive_failures: u32) {
        let carrier = CarrierId::parse(carrier).unwrap();
        let until = hours_ago(1);
        let pause = Backoff {
            until,
            consecutive_failures,
        };
        self.schedule.back_off(&carrier, &pause).await.unwrap();
    }

    /// Polls one shipment as it stands.
    pub(crate) async fn poll_one(&self, order: &OrderKey) -> Vec<String> {
        let message = self.message(std::slice::from_ref(order)).await;
        self.poll(&[message]).await
    }
}

impl Gateway {
    /// A client that answers for the parameter store and the queue, and has the
    /// rest carried out.
    fn client(&self) -> SharedHttpClient {
        let gateway = self.clone();
        answering(move |operation, body| {
            let mut state = gateway.0.lock().unwrap();
            match operation {
                "AmazonSSM.GetParameter" => {
                    let name = body["Name"].as_str().unwrap();
                    Some(match state.parameters.get(name) {
                        Some(value) => (200, json!({"Parameter": {"Name": name, "Value": value}})),
                        None => (400, json!({"__type": "ParameterNotFound"})),
                    })
                }
                "AmazonSQS.SendMessageBatch" => {
                    let mut failed = Vec::new();
                    for entry in body["Entries"].as_array().unwrap() {
                        let message = entry["MessageBody"].as_str().unwrap();
                        let guilty = state.guilty.as_ref();
                        if guilty.is_some_and(|guilty| message.contains(guilty)) {
                            let code = "InvalidMessageContents";
                            failed.push(
                                json!({"Id": entry["Id"], "SenderFault": true, "Code": code}),
                            );
                        } else {
                            state.queued.push(entry.clone());
                        }
                    }
                    Some((200, json!({"Successful": [], "Failed": failed})))
                }
                _ => {
                    state.dynamodb_calls += 1;
                    None
                }
            }
        })
    }

    /// From now on the queue takes no message that holds this.
    pub(crate) fn never_take(&self, guilty: &str) {
        self.0.lock().unwrap().guilty = Some(guilty.to_owned());
    }

    /// Sets a carrier's credentials.
    pub(crate) fn set_credentials(&self, carrier: &str, credentials: &Value) {
        let name = format!("/posthorn/test/carriers/{carrier}");
        let mut state = self.0.lock().unwrap();
        state.parameters.insert(name, credentials.to_string());
    }

    /// Sets the secret of a carrier's webhook.
    pub(crate) fn set_webhook_secret(&self, carrier: &str) {
        let name = format!("/posthorn/test/webhooks/{carrier}");
        let secret = json!({"webhook_secret": "0123456789abcdef0123456789abcdef"});
        let mut state = self.0.lock().unwrap();
        state.parameters.insert(name, secret.to_string());
    }

    /// How often the function has called DynamoDB so far.
    pub(crate) fn dynamodb_calls(&self) -> usize {
        self.0.lock().unwrap().dynamodb_calls
    }

    /// What went back to the queue, with its delay in seconds.
    pub(crate) fn queued(&self) -> Vec<(Value, u64)> {
        let state = self.0.lock().unwrap();
        let message = |sent: &Value| {
            let body = serde_json::from_str(sent["MessageBody"].as_str().unwrap()).unwrap();
            (body, sent["DelaySeconds"].as_u64().unwrap())
        };
        state.queued.iter().map(message).collect()
    }
}

pub(crate) fn order(id: &str) -> OrderKey {
    OrderKey {
        shop: ShopId::parse("acme").unwrap(),
        order: OrderId::parse(id).unwrap(),
    }
}

/// A time so many hours ago, in whole seconds.
pub(crate) fn hours_ago(hours: i64) -> Timestamp {
    let now = Timestamp::from_second(clock::now().as_second()).unwrap();
    now - jiff::SignedDuration::from_hours(hours)
}
