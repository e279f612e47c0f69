//! The function in its surroundings: an embedded DynamoDB, a parameter store and a
//! queue, each of which may be down.

use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use http::{HeaderMap, HeaderName, Method, Request, StatusCode};
use jiff::{SignedDuration, Timestamp};
use lambda_http::tower::ServiceExt as _;
use posthorn_domain::{
    id::{CarrierId, OrderId, OrderKey, ShipmentIndex, ShopId},
    journey::{self, NewShipment},
    shipment::{QueryDetails, Shipment},
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config,
    store::{intake::Intake, orders::RecordOutcome, schedule::ScheduleStore, schema::TABLES},
    testing::{Dynamo, answering},
};
use receive::{PushReceivedAt, Receive};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

pub(crate) const NUMBER: &str = "1Z9X9E030300010015";
/// What carriers prove themselves with.
pub(crate) const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// The key with which 17TRACK is asked.
pub(crate) const KEY: &str = "E2F2B9B0C7A84D0D8B9D8C4C2A1F3E5D";

/// What is down, what was sent to the queue, and what the parameter store holds.
#[derive(Debug, Default)]
struct State {
    tables_are_down: bool,
    secrets_are_down: bool,
    queue_is_down: bool,
    queued: Vec<Value>,
    delays: Vec<u64>,
    parameters: HashMap<String, String>,
}

pub(crate) struct World {
    pub(crate) receive: Receive,
    intake: Intake,
    schedule: ScheduleStore,
    state: Arc<Mutex<State>>,
    now: Timestamp,
    dynamo: Dynamo,
}

/// What the sender was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl World {
    pub(crate) async fn start() -> Self {
        let dynamo = Dynamo::start().await;
        let state = Arc::default();
        let aws = dynamo.aws_through(surroundings(&state));
        let tables = TABLES.iter().map(|table| (table.variable, table.name));
        let others = [
            ("POSTHORN_POLL_QUEUE", "https://sqs.example/poll"),
            ("POSTHORN_PARAMETERS", "/posthorn/test"),
        ];
        let config = Config::with_settings("Receive", tables.chain(others));
        let world = Self {
            receive: Receive::new(&aws, &config).unwrap(),
            intake: Intake::new(&dynamo.aws(), &config).unwrap(),
            schedule: ScheduleStore::new(&dynamo.aws(), &config).unwrap(),
            state,
            now: "2026-11-22T15:00:00Z".parse().unwrap(),
            dynamo,
        };
        let secret = json!({"webhook_secret": SECRET});
        world.set_secrets("ups", &secret);
        world.set_secrets("cdek", &secret);
        world.set_secrets("17track", &json!({"webhook_secret": KEY}));
        world
    }

    /// Sets the secrets of a carrier's webhook.
    pub(crate) fn set_secrets(&self, carrier: &str, secrets: &Value) {
        let name = format!("/posthorn/test/webhooks/{carrier}");
        let mut state = self.state.lock().unwrap();
        state.parameters.insert(name, secrets.to_string());
    }

    /// A shipment that was asked after before, so that pushes find it.
    pub(crate) async fn pushed(&self, carrier: &str, number: &str) -> OrderKey {
        self.pushed_in("1001", carrier, number).await
    }

    /// The same of an order.
    pub(crate) async fn pushed_in(&self, order: &str, carrier: &str, number: &str) -> OrderKey {
        let order = OrderKey {
            shop: ShopId::parse("acme").unwrap(),
            order: OrderId::parse(order).unwrap(),
        };
        let announced = NewShipment {
            carrier: CarrierId::parse(carrier).unwrap(),
            carrier_name: None,
            tracking_number: TrackingNumber::parse(number).ok(),
            tracking_url: None,
            items: Vec::new(),
            eta: None,
            origins: Vec::new(),
            query_details: QueryDetails::default(),
        };
        let registered_at = "2026-11-22T08:00:00Z".parse().unwrap();
        let mut shipment = journey::register_shipment(ShipmentIndex(1), announced, registered_at);
        shipment.is_pushed = true;
        shipment.response_hash = Some("the-last-answer".to_owned());
        shipment.version = 2;
        let added = self.intake.add_shipments(&order, &[shipment], None).await;
        added.unwrap();
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

    /// Where the sweep looks, as `ups 15m`.
    pub(crate) async fn cohorts(&self) -> Vec<String> {
        let schedule = self.schedule.load_schedule().await.unwrap();
        let cohorts = schedule.cohorts.keys();
        cohorts
            .map(|(carrier, cadence)| format!("{carrier} {cadence}"))
            .collect()
    }

    /// UPS posts a body.
    pub(crate) async fn ups(&self, body: &str) -> Answer {
        self.push("/v1/push/ups", &[("credential", SECRET)], body)
            .await
    }

    /// Posts a body.
    pub(crate) async fn push(
        &self,
        path: &str,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> Answer {
        let mut request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .extension(PushReceivedAt(self.now))
            .body(lambda_http::Body::Text(body.to_owned()))
            .unwrap();
        for (name, value) in headers {
            let name = HeaderName::from_static(name);
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        let service = self.receive.clone().service();
        let response = service.oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    /// So many seconds pass.
    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn tables_go_down(&self) {
        self.state.lock().unwrap().tables_are_down = true;
    }

    pub(crate) fn tables_come_back(&self) {
        self.state.lock().unwrap().tables_are_down = false;
    }

    pub(crate) fn secrets_go_down(&self) {
        self.state.lock().unwrap().secrets_are_down = true;
    }

    pub(crate) fn queue_goes_down(&self) {
        self.state.lock().unwrap().queue_is_down = true;
    }

    pub(crate) fn queue_comes_back(&self) {
        self.state.lock().unwrap().queue_is_down = false;
    }

    /// For how many seconds each message to `poll` is hidden.
    pub(crate) fn delays(&self) -> Vec<u64> {
        self.state.lock().unwrap().delays.clone()
    }

    /// What `poll` was told to ask after, as `cdek 110…`.
    pub(crate) fn asked_after(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        let shipments = state.queued.iter().flat_map(|message| {
            let carrier = message["carrier"].as_str().unwrap();
            let shipments = message["shipments"].as_array().unwrap();
            shipments.iter().map(move |shipment| {
                format!(
                    "{carrier} {}",
                    shipment["tracking_number"].as_str().unwrap()
                )
            })
        });
        shipments.collect()
    }
}

/// A Track Alert of 22 November with this code at this time, five hours behind UTC.
pub(crate) fn alert(code: &str, time: &str) -> String {
    let kind = if code == "FS" { "D" } else { "I" };
    json!({
        "trackingNumber": NUMBER,
        "localActivityDate": "20261122", "localActivityTime": time,
        "activityLocation": {"city": "Rochester", "stateProvince": "NY", "postalCode": "", "country": "US"},
        "activityStatus": {"type": kind, "code": code, "description": code, "descriptionCode": ""},
        "gmtOffset": "-05.00",
    })
    .to_string()
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

fn surroundings(state: &Arc<Mutex<State>>) -> SharedHttpClient {
    let state = Arc::clone(state);
    answering(move |operation, body| {
        let mut state = state.lock().unwrap();
        match operation {
            "AmazonSSM.GetParameter" if state.secrets_are_down => {
                Some((400, json!({"__type": "AccessDeniedException"})))
            }
            "AmazonSSM.GetParameter" => {
                let name = body["Name"].as_str().unwrap();
                Some(match state.parameters.get(name) {
                    Some(value) => (200, json!({"Parameter": {"Name": name, "Value": value}})),
                    None => (400, json!({"__type": "ParameterNotFound"})),
                })
            }
            "AmazonSQS.SendMessageBatch" if state.queue_is_down => Some((
                400,
                json!({"__type": "AWS.SimpleQueueService.NonExistentQueue"}),
            )),
            "AmazonSQS.SendMessageBatch" => {
                let entries = body["Entries"].as_array().unwrap();
                let sent = entries.iter().map(|entry| {
                    state
                        .delays
                        .push(entry["DelaySeconds"].as_u64().unwrap_or(0));
                    let text = entry["MessageBody"].as_str().unwrap();
                    state.queued.push(serde_json::from_str(text).unwrap());
                    json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""})
                });
                let sent: Vec<Value> = sent.collect();
                Some((200, json!({"Successful": sent, "Failed": []})))
            }
            _ if state.tables_are_down => Some((400, json!({"__type": "AccessDeniedException"}))),
            _ => None,
        }
    })
}
