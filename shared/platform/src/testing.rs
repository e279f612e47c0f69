//! An embedded DynamoDB with Posthorn's tables, and a wire to it, for tests.

mod events;
mod tables;
mod wire;

use std::{net::SocketAddr, time::Duration};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use dynoxide::Database;
use serde_json::{Value, json};
use tokio::net::TcpListener;

pub use events::http_events;
pub use tables::Tables;
pub use wire::{answering, losing_an_answer, response, wire};

use crate::{
    aws::Aws,
    config::Config,
    store::{
        codec::text_value,
        schema::{IndexSchema, TABLES, TableSchema},
    },
};

/// A DynamoDB of its own for one test: on loopback, in memory, gone with the test.
#[derive(Debug)]
pub struct Dynamo {
    address: SocketAddr,
}

impl Dynamo {
    /// Starts it and makes the tables, each under its logical name.
    pub async fn start() -> Self {
        let database = Database::memory().expect("SQLite opens in memory");
        for table in &TABLES {
            let request = serde_json::from_value(definition(table)).expect("a table definition");
            database.create_table(request).expect("a table is made");
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(dynoxide::server::serve_on(listener, database));
        Self { address }
    }

    /// Clients that reach it.
    pub fn aws(&self) -> Aws {
        self.aws_through(aws_smithy_http_client::Builder::new().build_http())
    }

    /// Clients that reach it through an HTTP client of the test's own, which
    /// may lose answers.
    pub fn aws_through(&self, http: SharedHttpClient) -> Aws {
        Aws::new(sdk(&format!("http://{}", self.address), http))
    }

    /// Sets one attribute of an item that is there, for example to what no program of
    /// ours writes.
    pub async fn set_text(&self, table: &str, [pk, sk]: [&str; 2], attribute: &str, text: &str) {
        self.set(table, [pk, sk], attribute, text_value(text)).await;
    }

    /// The same with a value of any type.
    pub async fn set(
        &self,
        table: &str,
        [pk, sk]: [&str; 2],
        attribute: &str,
        value: AttributeValue,
    ) {
        let update = self.aws().dynamodb_client().update_item().table_name(table);
        let update = update.key("pk", text_value(pk)).key("sk", text_value(sk));
        let update = update
            .update_expression("SET #attribute = :value")
            .condition_expression("attribute_exists(pk)")
            .expression_attribute_names("#attribute", attribute)
            .expression_attribute_values(":value", value);
        update.send().await.expect("the item is there");
    }

    /// An item as it lies in a table, in the JSON of streams. `sk` is empty where the
    /// table has no sort key.
    pub async fn item(&self, table: &str, pk: &str, sk: &str) -> Option<Value> {
        let request = self.aws().dynamodb_client().get_item().table_name(table);
        let mut request = request.key("pk", text_value(pk));
        if !sk.is_empty() {
            request = request.key("sk", text_value(sk));
        }
        let item = request.send().await.expect("the table is there").item?;
        let item = serde_dynamo::Item::from(item);
        Some(serde_json::to_value(item).expect("an item is JSON"))
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

fn sdk(endpoint: &str, http: SharedHttpClient) -> SdkConfig {
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
            "test", "test", None, None, "test",
        )))
        .retry_config(RetryConfig::standard().with_initial_backoff(Duration::from_millis(1)))
        .endpoint_url(endpoint)
        .http_client(http)
        .build()
}

/// The settings of a function whose tables have their logical names.
pub fn config() -> Config {
    let tables = TABLES.iter().map(|table| (table.variable, table.name));
    Config::with_settings("Test", tables)
}

/// A table as `CreateTable` takes it.
pub fn definition(table: &TableSchema) -> Value {
    let mut keys = vec![json!({"AttributeName": "pk", "KeyType": "HASH"})];
    let mut attributes = vec!["pk"];
    if table.has_sort_key {
        keys.push(json!({"AttributeName": "sk", "KeyType": "RANGE"}));
        attributes.push("sk");
    }
    for index in table.indexes {
        attributes.push(index.hash);
        attributes.extend(index.range);
    }
    attributes.sort_unstable();
    attributes.dedup();
    let mut definition = json!({
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": keys,
        "AttributeDefinitions": attributes
            .iter()
            .map(|name| json!({"AttributeName": name, "AttributeType": "S"}))
            .collect::<Vec<Value>>(),
    });
    if !table.indexes.is_empty() {
        definition["GlobalSecondaryIndexes"] = table.indexes.iter().map(index).collect();
    }
    if table.has_stream {
        definition["StreamSpecification"] =
            json!({"StreamEnabled": true, "StreamViewType": "NEW_AND_OLD_IMAGES"});
    }
    definition
}

fn index(index: &IndexSchema) -> Value {
    let mut keys = vec![json!({"AttributeName": index.hash, "KeyType": "HASH"})];
    if let Some(range) = index.range {
        keys.push(json!({"AttributeName": range, "KeyType": "RANGE"}));
    }
    let projection = if index.includes.is_empty() {
        json!({"ProjectionType": "KEYS_ONLY"})
    } else {
        json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": index.includes})
    };
    json!({"IndexName": index.name, "KeySchema": keys, "Projection": projection})
}
