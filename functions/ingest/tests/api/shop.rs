//! A shop of an installation of its own, and what it sends.

use aws_smithy_runtime_api::client::http::SharedHttpClient;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, Method, Request, StatusCode};
use ingest::{Ingest, ReceivedAt};
use jiff::{SignedDuration, Timestamp};
use lambda_http::tower::ServiceExt as _;
use posthorn_domain::{
    id::{OrderId, OrderKey, ShopId},
    settings::Settings,
    tracking_number::TrackingNumber,
};
use posthorn_platform::{
    Config, api_key,
    secrets::Secrets,
    store::{
        contacts::ContactStore,
        orders::{OrderStore, OrderWithShipments},
        schedule::ScheduleStore,
        schema::TABLES,
        settings::{KeyEntry, SettingsStore},
    },
    testing::{Dynamo, answering},
};
use posthorn_storefronts::{STOREFRONTS, Storefront};
use secrecy::ExposeSecret as _;
use serde_json::{Value, json};
use sha2::Sha256;
use std::sync::{Arc, Mutex};

const SECRET: &str = "hush";

/// A shop and its way to the API.
pub(crate) struct Shop {
    pub(crate) ingest: Ingest,
    settings: SettingsStore,
    pub(crate) orders: OrderStore,
    pub(crate) contacts: ContactStore,
    schedule: ScheduleStore,
    pub(crate) id: ShopId,
    pub(crate) key: String,
    pub(crate) now: Timestamp,
    queue: Arc<Mutex<QueueState>>,
    pub(crate) dynamo: Dynamo,
}

/// The queue to `poll`, and which parameters were asked for.
#[derive(Debug, Default)]
struct QueueState {
    is_down: bool,
    messages: Vec<Value>,
    parameters: Vec<String>,
}

/// What the API answered.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

impl Answer {
    /// The codes of the fields that a problem names: `customer.email: invalid_email`.
    pub(crate) fn faults(&self) -> Vec<String> {
        self.body["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                let text = |name: &str| error[name].as_str().unwrap_or("?").to_owned();
                format!("{}: {}", text("field"), text("code"))
            })
            .collect()
    }

    /// What was warned of: `customer.email: invalid_email`.
    pub(crate) fn warned(&self) -> Vec<String> {
        self.body["warnings"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|warning| {
                let text = |name: &str| warning[name].as_str().unwrap_or("?").to_owned();
                format!("{}: {}", text("field"), text("code"))
            })
            .collect()
    }

    /// The body without the tracking link, which is another each time.
    pub(crate) fn without_link(&self) -> Value {
        let mut body = self.body.clone();
        body["tracking_url"] = json!("[link]");
        body
    }

    pub(crate) fn code(&self) -> &str {
        self.body["code"].as_str().unwrap_or("(none)")
    }
}

impl Shop {
    pub(crate) async fn open() -> Self {
        Self::with(&Settings::default()).await
    }

    pub(crate) async fn with(settings: &Settings) -> Self {
        Self::in_installation(settings, "").await
    }

    /// A shop of an installation that has credentials of the carriers `in_use`.
    pub(crate) async fn in_installation(settings: &Settings, in_use: &str) -> Self {
        let dynamo = Dynamo::start().await;
        let queue = Arc::default();
        let aws = dynamo.aws_through(surroundings(&queue));
        let secrets = Secrets::new(&aws, "/posthorn/test");
        let mut entries: Vec<(&str, &str)> = TABLES
            .iter()
            .map(|table| (table.variable, table.name))
            .collect();
        entries.push(("POSTHORN_TRACK_URL", "https://track.shop.example/"));
        entries.push(("POSTHORN_POLL_QUEUE", "https://sqs.example/poll"));
        entries.push(("POSTHORN_CARRIERS", in_use));
        let config = Config::with_settings("Ingest", entries);
        let store = SettingsStore::new(&aws, &config).unwrap();
        let id = ShopId::parse("acme").unwrap();
        store.put_settings(&id, settings).await.unwrap();
        let mut shop = Self {
            ingest: Ingest::new(&aws, &config, secrets).unwrap(),
            settings: store,
            orders: OrderStore::new(&aws, &config).unwrap(),
            contacts: ContactStore::new(&aws, &config).unwrap(),
            schedule: ScheduleStore::new(&aws, &config).unwrap(),
            id: id.clone(),
            key: String::new(),
            now: "2026-11-22T10:00:00Z".parse().unwrap(),
            queue,
            dynamo,
        };
        shop.key = shop.new_key(&id).await;
        shop
    }

    /// A further key, perhaps of another shop of the same installation.
    pub(crate) async fn new_key(&self, shop: &ShopId) -> String {
        let (key, hash) = api_key::generate_key().unwrap();
        let entry = KeyEntry {
            shop: shop.clone(),
            label: "test".to_owned(),
            created_at: self.now,
        };
        self.settings.put_key(&hash, &entry).await.unwrap();
        key.expose_secret().to_owned()
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> Answer {
        self.call(Method::POST, path, &[], body.to_string()).await
    }

    pub(crate) async fn post_once(&self, path: &str, key: &str, body: Value) -> Answer {
        let headers = [("idempotency-key", key)];
        self.call(Method::POST, path, &headers, body.to_string())
            .await
    }

    pub(crate) async fn patch(&self, path: &str, body: Value) -> Answer {
        self.call(Method::PATCH, path, &[], body.to_string()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], String::new()).await
    }

    /// A call with the shop's key and a JSON body, unless `headers` say otherwise.
    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Vec<u8>>,
    ) -> Answer {
        let authorization = format!("Bearer {}", self.key);
        let mut all = HeaderMap::new();
        for (name, value) in [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
        ]
        .iter()
        .chain(headers)
        {
            let name = http::HeaderName::try_from(*name).unwrap();
            all.insert(name, value.parse().unwrap());
        }
        self.send(method, path, all, body.into()).await
    }

    /// A webhook of Shopify's about what was so at `minute`, signed.
    pub(crate) async fn deliver(
        &self,
        topic: &str,
        event: &str,
        minute: i64,
        body: &Value,
    ) -> Answer {
        let at = self.now + SignedDuration::from_mins(minute);
        let mut body = body.clone();
        if body.get("updated_at").is_some() {
            body["updated_at"] = json!(at.to_string());
        }
        self.deliver_as_it_is(topic, event, minute, &body).await
    }

    /// The same with the body's own time: `minute` is what the header says.
    pub(crate) async fn deliver_as_it_is(
        &self,
        topic: &str,
        event: &str,
        minute: i64,
        body: &Value,
    ) -> Answer {
        let at = self.now + SignedDuration::from_mins(minute);
        let body = body.to_string();
        let headers = HeaderMap::from_iter(
            [
                ("x-shopify-topic", topic.to_owned()),
                ("x-shopify-event-id", event.to_owned()),
                ("x-shopify-triggered-at", at.to_string()),
                ("x-shopify-hmac-sha256", signature(SECRET, body.as_bytes())),
            ]
            .map(|(name, value)| (http::HeaderName::from_static(name), value.parse().unwrap())),
        );
        let path = "/v1/webhooks/shopify/acme";
        self.send(Method::POST, path, headers, body.into_bytes())
            .await
    }

    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        body: Vec<u8>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .extension(ReceivedAt(self.now))
            .body(lambda_http::Body::Binary(body))
            .unwrap();
        *request.headers_mut() = headers;
        let response = self
            .ingest
            .clone()
            .service()
            .oneshot(request)
            .await
            .unwrap();
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: serde_json::from_slice(&bytes).unwrap_or(Value::Null),
        }
    }

    pub(crate) fn order_key(&self, id: &str) -> OrderKey {
        OrderKey {
            shop: self.id.clone(),
            order: OrderId::parse(id).unwrap(),
        }
    }

    /// What the table holds of an order.
    pub(crate) async fn stored(&self, id: &str) -> Option<OrderWithShipments> {
        self.orders.load_order(&self.order_key(id)).await.unwrap()
    }

    /// Where the sweep looks, as `ups 8h`.
    pub(crate) async fn cohorts(&self) -> Vec<String> {
        let schedule = self.schedule.load_schedule().await.unwrap();
        let cohorts = schedule.cohorts.keys();
        cohorts
            .map(|(carrier, cadence)| format!("{carrier} {cadence}"))
            .collect()
    }

    /// Lets the queue to `poll` refuse everything.
    pub(crate) fn queue_goes_down(&self) {
        self.queue.lock().unwrap().is_down = true;
    }

    /// Which parameters the parameter store was asked for.
    pub(crate) fn parameters_read(&self) -> Vec<String> {
        self.queue.lock().unwrap().parameters.clone()
    }

    /// What `poll` was told to ask after, as `ups 1Z…`.
    pub(crate) fn asked_after(&self) -> Vec<String> {
        let queue = self.queue.lock().unwrap();
        let shipments = queue.messages.iter().flat_map(|message| {
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

    /// The shipments as `1 ups 1Z… pending`.
    pub(crate) async fn shipments(&self, id: &str) -> Vec<String> {
        let view = self.stored(id).await.expect("the order is there");
        view.shipments
            .iter()
            .map(|shipment| {
                let (n, carrier) = (shipment.shipment, &shipment.carrier);
                let number = shipment.tracking_number.as_ref();
                let number = number.map_or("(untracked)", TrackingNumber::as_str);
                format!("{n} {carrier} {number} {}", shipment.current_status())
            })
            .collect()
    }
}

/// Base64 of HMAC-SHA256, as Shopify signs.
pub(crate) fn signature(secret: &str, body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(body);
    STANDARD.encode(mac.finalize().into_bytes())
}

/// What the surroundings answer: a parameter store that knows the Shopify secret
/// of the shop `acme`, and a queue, if it is up.
fn surroundings(queue: &Arc<Mutex<QueueState>>) -> SharedHttpClient {
    let queue = Arc::clone(queue);
    answering(move |operation, body| match operation {
        "AmazonSSM.GetParameter" => {
            let name = body["Name"].as_str().unwrap();
            queue.lock().unwrap().parameters.push(name.to_owned());
            let is_storefront = |storefront: &&dyn Storefront| {
                name.ends_with(&format!("/shops/acme/{}", storefront.profile().id))
            };
            Some(if STOREFRONTS.iter().any(is_storefront) {
                let found = json!({"Name": name, "Value": SECRET, "Type": "SecureString"});
                (200, json!({"Parameter": found}))
            } else {
                (400, json!({"__type": "ParameterNotFound"}))
            })
        }
        "AmazonSQS.SendMessageBatch" => {
            let mut queue = queue.lock().unwrap();
            if queue.is_down {
                return Some((
                    400,
                    json!({"__type": "AWS.SimpleQueueService.NonExistentQueue"}),
                ));
            }
            let entries = body["Entries"].as_array().unwrap();
            let sent = entries.iter().map(|entry| {
                let message = serde_json::from_str(entry["MessageBody"].as_str().unwrap()).unwrap();
                queue.messages.push(message);
                json!({"Id": entry["Id"], "MessageId": "m", "MD5OfMessageBody": ""})
            });
            let sent: Vec<Value> = sent.collect();
            Some((200, json!({"Successful": sent, "Failed": []})))
        }
        _ => None,
    })
}
