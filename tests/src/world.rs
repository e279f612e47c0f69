//! A shop of its own on the deployed stack, with one buyer.

mod ending;

use crate::{
    inbox::{self, Mail, Sms},
    page, shopify,
    shopify::Buyer,
    stack::Stack,
    ups::{self, Scan, Ups},
    wait,
};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use tokio::sync::OnceCell;

static UPS: OnceCell<Ups> = OnceCell::const_new();
static SERIAL: AtomicU32 = AtomicU32::new(1);

/// A shop on the deployed stack: its key, its buyer and what reaches them.
#[derive(Debug)]
pub struct World {
    /// The deployed stack.
    pub stack: Stack,
    /// The carrier.
    pub ups: Ups,
    /// The shop's id.
    pub shop: String,
    /// The shop's API key.
    pub key: String,
    /// The secret with which its Shopify signs.
    pub secret: String,
    /// Who buys.
    pub buyer: Buyer,
    /// A number that no other test of this run has.
    pub serial: u32,
    finished: AtomicBool,
}

impl World {
    /// A new shop called after the test.
    pub async fn new(name: &str) -> Self {
        Self::with_settings(name, json!({})).await
    }

    /// A new shop with `settings` on top of a test's usual ones.
    pub async fn with_settings(name: &str, settings: Value) -> Self {
        // Connections belong to the runtime of a test, so each test has its own.
        let stack = Stack::connect().await.expect("the stack is up");
        // What a test that failed has left behind is not for this one.
        ending::forget_faults(&stack).await;
        let ups = UPS.get_or_init(|| open(&stack)).await.clone();
        let serial = SERIAL.fetch_add(1, Ordering::Relaxed);
        let run = jiff_seconds() % 1_000_000;
        let shop = format!("{name}-{run}-{serial}");
        let key = format!(
            "ph_{}",
            URL_SAFE_NO_PAD.encode(Sha256::digest(format!("key of {shop}")))
        );
        let secret = format!(
            "shpss_{}",
            hex::encode(&Sha256::digest(format!("secret of {shop}"))[..16])
        );
        let world = Self {
            stack,
            ups,
            buyer: Buyer {
                first_name: format!("Philomena{serial}"),
                last_name: "Quillfeather".to_owned(),
                email: format!("philomena.{run}.{serial}@quillfeather.example"),
                phone: format!(
                    "+1585{:07}",
                    2_000_000
                        + (u64::try_from(run).unwrap_or_default() * 37 + u64::from(serial))
                            % 7_999_999
                ),
                street: format!("{serial}7 Larkspur Passage"),
            },
            shop,
            key,
            secret,
            serial: u32::try_from(run).unwrap_or_default() * 100 + serial,
            finished: AtomicBool::new(false),
        };
        world
            .register(settings)
            .await
            .expect("the shop can be set up");
        world
    }

    async fn register(&self, settings: Value) -> anyhow::Result<()> {
        let hash = hex::encode(Sha256::digest(&self.key));
        let now = jiff::Timestamp::from_second(i64::from(jiff_seconds()))?.to_string();
        self.put("Settings", &json!({"pk": format!("KEY#{hash}"), "sk": "KEY", "shop": self.shop, "label": "test", "created_at": now}))
            .await?;
        let mut shop = json!({
            "pk": format!("SHOP#{}", self.shop), "sk": "SETTINGS",
            "name": "Larkspur Boots", "from_email": "Larkspur Boots <orders@larkspur.example>",
            "support": "help@larkspur.example", "country": "US", "time_zone": "America/New_York",
            "quiet_hours": null, "test_mode": true, "notification_types": { "in_transit": ["email"] },
            "caps": {"before_handover_per_minute": 100, "in_delivery_per_hour": 100, "minutes_apart": 0},
        });
        for (name, value) in settings.as_object().into_iter().flatten() {
            shop[name] = value.clone();
        }
        self.put("Settings", &shop).await?;
        self.stack
            .secret(&format!("shops/{}/shopify", self.shop), &json!(self.secret))
            .await
    }

    /// Writes an item as an operator would.
    pub async fn put(&self, table: &str, item: &Value) -> anyhow::Result<()> {
        let item = item.as_object().expect("an item is an object");
        let item = item
            .iter()
            .map(|(name, value)| (name.clone(), attribute(value)))
            .collect();
        self.stack
            .dynamodb
            .put_item()
            .table_name(self.stack.physical(table))
            .set_item(Some(item))
            .send()
            .await?;
        Ok(())
    }

    /// A request to the API with the shop's key.
    pub async fn call(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
    ) -> (StatusCode, Value) {
        self.call_with(method, path, body, &[]).await
    }

    /// The same with more headers.
    pub async fn call_with(
        &self,
        method: Method,
        path: &str,
        body: Option<&Value>,
        headers: &[(&str, &str)],
    ) -> (StatusCode, Value) {
        let mut request = self
            .stack
            .http
            .request(method, format!("{}{path}", self.stack.api))
            .bearer_auth(&self.key);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(body) = body {
            request = request.json(body);
        }
        let answer = request.send().await.expect("the API answers");
        let status = answer.status();
        let text = answer.text().await.expect("the answer can be read");
        (
            status,
            serde_json::from_str(&text).unwrap_or(Value::String(text)),
        )
    }

    /// The order as the API tells it.
    pub async fn order(&self, id: &str) -> Value {
        let (status, order) = self
            .call(Method::GET, &format!("/v1/orders/{id}"), None)
            .await;
        assert_eq!(status, StatusCode::OK, "{order}");
        order
    }

    /// The decisions about messages as the API tells them.
    pub async fn notifications(&self, id: &str) -> Vec<Value> {
        let (status, answer) = self
            .call(Method::GET, &format!("/v1/orders/{id}/notifications"), None)
            .await;
        assert_eq!(status, StatusCode::OK, "{answer}");
        answer["notifications"]
            .as_array()
            .expect("a list of notifications")
            .clone()
    }

    /// Shopify delivers a webhook; the event id tells deliveries of the same event.
    pub async fn shopify(&self, topic: &str, event: &str, body: &Value) -> StatusCode {
        let body = body.to_string();
        let signature = shopify::signature(&self.secret, &body);
        self.shopify_raw(topic, event, body, &signature).await
    }

    /// The same with a body and a signature as given.
    pub async fn shopify_raw(
        &self,
        topic: &str,
        event: &str,
        body: String,
        signature: &str,
    ) -> StatusCode {
        let url = format!("{}/v1/webhooks/shopify/{}", self.stack.api, self.shop);
        let now = jiff::Timestamp::from_second(i64::from(jiff_seconds())).expect("now is a time");
        let answer = self
            .stack
            .http
            .post(url)
            .header("content-type", "application/json")
            .header("x-shopify-topic", topic)
            .header("x-shopify-shop-domain", "larkspur.myshopify.example")
            .header("x-shopify-api-version", "2025-10")
            .header("x-shopify-webhook-id", format!("webhook-{event}"))
            .header("x-shopify-event-id", event)
            .header("x-shopify-triggered-at", now.to_string())
            .header("x-shopify-hmac-sha256", signature)
            .body(body)
            .send()
            .await
            .expect("the API answers");
        answer.status()
    }

    /// What the tracking page says, as a reader sees it.
    pub async fn page(&self, order: &Value) -> String {
        let link = order["tracking_url"]
            .as_str()
            .expect("an order has a tracking link");
        let answer = self
            .stack
            .http
            .get(link)
            .send()
            .await
            .expect("the page answers");
        assert_eq!(answer.status(), StatusCode::OK, "{link}");
        page::text_of(&answer.text().await.expect("the page can be read"))
    }

    /// Asks the carriers about every active shipment now, and waits for the consequences.
    pub async fn poll(&self) {
        self.stack
            .invoke("Sweep", &json!({"everything": true}))
            .await
            .expect("sweep runs");
        self.settle().await;
    }

    /// Waits until streams, bus and queues have come to rest.
    pub async fn settle(&self) {
        wait::until("the stack to come to rest", || async {
            let pending = self.stack.control(Method::GET, "pending", None).await?;
            Ok((pending["quiet_for_ms"].as_u64().unwrap_or(0) >= 250).then_some(()))
        })
        .await;
    }

    /// Lets messages that wait for another try come at once.
    pub async fn hurry(&self) {
        self.stack
            .control(Method::POST, "hurry", Some(json!({})))
            .await
            .expect("the launcher answers");
    }

    /// Every mail that reached the buyer.
    pub async fn mails(&self) -> Vec<Mail> {
        inbox::mails(&self.stack, &self.buyer.email)
            .await
            .expect("the inbox answers")
    }

    /// Every text message that reached the buyer.
    pub async fn texts(&self) -> Vec<Sms> {
        inbox::texts(&self.stack, &self.buyer.phone)
            .await
            .expect("the inbox answers")
    }

    /// The moments of which the buyer was told, in order, as `email shipped`.
    /// The channels of one moment go their ways at once: here in their alphabet.
    pub async fn told(&self, order: &str) -> Vec<String> {
        let mut sent: Vec<(String, String, String)> = self
            .notifications(order)
            .await
            .iter()
            .filter(|notification| {
                matches!(notification["state"].as_str(), Some("sent" | "delivered"))
            })
            .map(|notification| {
                let text = |field: &str| notification[field].as_str().unwrap_or("?").to_owned();
                (
                    text("created_at"),
                    text("notification_type"),
                    text("channel"),
                )
            })
            .collect();
        sent.sort();
        let mut moments = Vec::new();
        for (_, moment, _) in &sent {
            if !moments.contains(moment) {
                moments.push(moment.clone());
            }
        }
        sent.sort_by_key(|(_, moment, channel)| {
            let place = moments.iter().position(|known| known == moment);
            (place, channel.clone())
        });
        sent.into_iter()
            .map(|(_, moment, channel)| format!("{channel} {moment}"))
            .collect()
    }

    /// A UPS number that no other test of this run has.
    pub fn ups_number(&self, parcel: u32) -> String {
        ups::number(self.serial * 10 + parcel)
    }

    /// An order placed at Shopify and fulfilled with UPS, as its two webhooks
    /// tell; gives the order's id and the shipment's number.
    pub async fn shipped(&self) -> (String, String) {
        let order = 5_000_000_000_000 + u64::from(self.serial);
        let number = self.ups_number(1);
        let placed = shopify::order(order, "#1001", &self.buyer);
        assert_eq!(
            self.shopify("orders/create", &format!("created-{order}"), &placed)
                .await,
            StatusCode::OK
        );
        self.settle().await;
        let fulfilled = shopify::fulfillment(order + 1, order, "UPS", &number);
        assert_eq!(
            self.shopify(
                "fulfillments/create",
                &format!("shipped-{order}"),
                &fulfilled
            )
            .await,
            StatusCode::OK
        );
        self.settle().await;
        (order.to_string(), number)
    }

    /// The carrier scanned the shipment so many minutes ago.
    pub fn scanned(&self, number: &str, scan: Scan, minutes_ago: i64, city: &'static str) {
        let at = now() - jiff::SignedDuration::from_mins(minutes_ago);
        self.ups.scan(number, scan, at, city);
    }

    /// Injects a fault between functions and AWS, as the launcher's rules say.
    pub async fn fault(&self, rule: &Value) {
        self.stack
            .control(Method::POST, "faults", Some(rule.clone()))
            .await
            .expect("the launcher takes the rule");
    }
}

/// Serves UPS for the whole run and tells the stack where it is.
async fn open(stack: &Stack) -> Ups {
    let ups = Ups::serve(stack.ups).expect("the fake UPS can listen");
    let access = json!({"client_id": "a-client", "client_secret": "a-client-secret-of-the-test", "base_url": format!("http://{}", stack.ups)});
    stack
        .secret("carriers/ups", &access)
        .await
        .expect("credentials can be stored");
    stack
        .verify("larkspur.example")
        .await
        .expect("the sender can be verified");
    ups
}

/// What the clock says.
#[expect(clippy::disallowed_methods, reason = "a test is at the rim")]
pub fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

fn jiff_seconds() -> i32 {
    i32::try_from(now().as_second()).unwrap_or_default()
}

/// JSON as a DynamoDB attribute.
fn attribute(value: &Value) -> AttributeValue {
    match value {
        Value::Null => AttributeValue::Null(true),
        Value::Bool(flag) => AttributeValue::Bool(*flag),
        Value::Number(number) => AttributeValue::N(number.to_string()),
        Value::String(text) => AttributeValue::S(text.clone()),
        Value::Array(list) => AttributeValue::L(list.iter().map(attribute).collect()),
        Value::Object(map) => AttributeValue::M(
            map.iter()
                .map(|(name, value)| (name.clone(), attribute(value)))
                .collect(),
        ),
    }
}
