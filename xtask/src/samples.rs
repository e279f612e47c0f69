//! What the sample events in `tests/events/` name, so that they succeed on the
//! local stack: a shop of their own, its key, an order and its tracking link.
//! The key is published, and is made nowhere but on this machine.

use crate::{aws::Emulator, paths::Paths};
use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::fs;

/// Shop of the sample events, so that a developer's own orders are not in their way.
pub(crate) const SHOP: &str = "samples";

/// Where the samples are made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Samples<'a> {
    /// Where the events lie.
    pub(crate) paths: &'a Paths,
    /// The local stack.
    pub(crate) emulator: &'a Emulator,
    /// Name of the table of shops' settings and keys.
    pub(crate) settings: &'a str,
    /// Name of the table of orders.
    pub(crate) orders: &'a str,
    /// Name of the function that takes orders in.
    pub(crate) ingest: &'a str,
}

impl Samples<'_> {
    /// Makes what is not there.
    pub(crate) fn create_samples(&self) -> anyhow::Result<()> {
        let event = read_event(self.paths, "ingest-order")?;
        self.allow_key(event_key(&event).context("the event ingest-order has no key")?)?;
        let body: Value = serde_json::from_str(event["body"].as_str().unwrap_or_default())
            .context("the event ingest-order has no order")?;
        let id = body["id"].as_str().unwrap_or_default();
        self.create_sample(id, &event)?;
        self.link_sample(id)?;
        let status = self::read_event(self.paths, "ingest-status")?;
        let path = status["pathParameters"]["proxy"].as_str();
        let id = path.and_then(|path| path.split('/').nth(1));
        let id = id.context("the event ingest-status names no order")?;
        self.create_sample(id, &waiting_order(id, event, body))
    }

    /// Lets the key sign in.
    fn allow_key(&self, key: &str) -> anyhow::Result<()> {
        let item = json!({
            "pk": {"S": format!("KEY#{}", hex::encode(Sha256::digest(key)))}, "sk": {"S": "KEY"},
            "shop": {"S": SHOP}, "label": {"S": "sample events"},
            "created_at": {"S": "2026-11-22T10:15:00Z"},
        });
        let put = json!({"TableName": self.settings, "Item": item});
        self.emulator.call_dynamodb("PutItem", &put)?;
        Ok(())
    }

    /// Makes the order `id` of the event, if it is not there.
    fn create_sample(&self, id: &str, event: &Value) -> anyhow::Result<()> {
        if self.find_order(id)?.get("Item").is_some() {
            return Ok(());
        }
        let answer = self.emulator.invoke_function(self.ingest, event)?;
        if !matches!(answer["statusCode"].as_u64(), Some(200..300)) {
            bail!("{} refused the sample order {id}: {answer}", self.ingest);
        }
        Ok(())
    }

    /// Gives the order the link that the event of `track` asks for.
    fn link_sample(&self, id: &str) -> anyhow::Result<()> {
        let event = read_event(self.paths, "track-page")?;
        let token = &event["pathParameters"]["token"];
        if self.find_order(id)?["Item"]["token"]["S"] == *token {
            return Ok(());
        }
        // With a new version, because `poll` may be writing the order at this moment.
        let update = json!({
            "TableName": self.orders, "Key": item_key(id),
            "UpdateExpression": "SET #token = :token ADD #version :one",
            "ExpressionAttributeNames": {"#token": "token", "#version": "version"},
            "ExpressionAttributeValues": {":token": {"S": token}, ":one": {"N": "1"}},
        });
        self.emulator.call_dynamodb("UpdateItem", &update)?;
        Ok(())
    }

    fn find_order(&self, id: &str) -> anyhow::Result<Value> {
        let get = json!({"TableName": self.orders, "Key": item_key(id)});
        self.emulator.call_dynamodb("GetItem", &get)
    }
}

/// An order like the one in `event`, whose goods have not left: the shop may
/// still say what becomes of it.
fn waiting_order(id: &str, mut event: Value, mut order: Value) -> Value {
    order["id"] = json!(id);
    order["number"] = json!(format!("#{id}"));
    if let Some(order) = order.as_object_mut() {
        order.remove("shipments");
    }
    if let Some(headers) = event["headers"].as_object_mut() {
        headers.remove("idempotency-key");
    }
    event["body"] = json!(order.to_string());
    event
}

fn item_key(id: &str) -> Value {
    json!({"pk": {"S": format!("ORDER#{SHOP}#{id}")}, "sk": {"S": "ORDER"}})
}

fn read_event(paths: &Paths, name: &str) -> anyhow::Result<Value> {
    let file = paths.root.join(format!("tests/events/{name}.json"));
    let text =
        fs::read_to_string(&file).with_context(|| format!("cannot read {}", file.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is not JSON", file.display()))
}

fn event_key(event: &Value) -> Option<&str> {
    event["headers"]["authorization"]
        .as_str()?
        .strip_prefix("Bearer ")
}
